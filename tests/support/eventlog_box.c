/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/eventlog_box.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { PATIENCE_MS = 60000 };

int
box_setup(void **state)
{
	struct box *box = calloc(1, sizeof *box);

	assert_non_null(box);
	dmp_text_copy(box->root, sizeof box->root, "/tmp/dmp-eventlog-XXXXXX");
	assert_non_null(mkdtemp(box->root));
	dmp_text_format(box->state, sizeof box->state, "%s/state", box->root);
	dmp_text_format(box->run, sizeof box->run, "%s/run", box->root);
	assert_int_equal(mkdir(box->run, 0750), 0);
	*state = box;
	return 0;
}

static void
remove_files(const char *directory)
{
	DIR *d = opendir(directory);
	const struct dirent *entry;
	char path[512];

	while (d && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		dmp_text_format(path, sizeof path, "%s/%s", directory, entry->d_name);
		(void)unlink(path);
	}
	if (d)
		(void)closedir(d);
	(void)rmdir(directory);
}

int
box_teardown(void **state)
{
	struct box *box = *state;

	box_close(box);
	remove_files(box->state);
	remove_files(box->run);
	remove_files(box->root);
	free(box);
	return 0;
}

void
box_open(struct box *box, uint32_t retain)
{
	struct dmp_text errors = {0};
	enum dmp_status status = dmp_eventlog_open(box->state, box->run, retain,
	    &box->log, &box->start, &box->problems, &errors);

	if (status != DMP_OK)
		print_message("%s", dmp_text_get(&errors));
	dmp_text_done(&errors);
	assert_int_equal(status, DMP_OK);
}

void
box_close(struct box *box)
{
	dmp_eventlog_close(box->log, 5000);
	box->log = NULL;
	dmp_problem_done(&box->problems);
}

uint32_t
box_post(struct box *box, const char *key, enum dmp_event_type type)
{
	struct dmp_event event = {.type = type,
	    .source = "site/vantage",
	    .message = "what happened",
	    .state = DMP_STATE_DOWN,
	    .previous_state = DMP_STATE_UP,
	    .severity = DMP_SEVERITY_CRITICAL,
	    .reason = DMP_REASON_REFUSED,
	    .level = DMP_LEVEL_REQUIRED,
	    .host_name = "dma1",
	    .address = "192.0.2.11",
	    .service = "nats-client",
	    .transport = DMP_TRANSPORT_TCP,
	    .port = 4222,
	    .port_index = 7,
	    .time_ms = 1700000000123,
	    .host_index = 3};

	dmp_text_copy(event.key, sizeof event.key, key);
	assert_int_equal(dmp_eventlog_post(box->log, &event), DMP_OK);
	return event.sequence;
}

enum wanted { COMMITTED, RELEASED, LOST, FAILING, WORKING };

static bool
holds(const struct dmp_eventlog_progress *p, enum wanted wanted, uint32_t number)
{
	switch (wanted) {
	case COMMITTED:
		return p->committed >= number;
	case RELEASED:
		return p->released >= number;
	case LOST:
		return p->lost >= number;
	case FAILING:
		return p->failing;
	case WORKING:
		return !p->failing;
	}
	return false;
}

/* Waits on the descriptor, so it also proves that the descriptor tells. */
static struct dmp_eventlog_progress
wait_for(struct box *box, enum wanted wanted, uint32_t sequence)
{
	int64_t end = dmp_clock_mono_ms(dmp_clock_system()) + PATIENCE_MS;
	struct dmp_eventlog_progress progress;

	for (;;) {
		struct pollfd fd = {.fd = dmp_eventlog_fd(box->log), .events = POLLIN};
		int64_t left = end - dmp_clock_mono_ms(dmp_clock_system());

		dmp_eventlog_collect(box->log, &progress);
		if (holds(&progress, wanted, sequence))
			return progress;
		assert_true(left > 0);
		(void)poll(&fd, 1, (int)left);
	}
}

struct dmp_eventlog_progress
box_wait_committed(struct box *box, uint32_t sequence)
{
	return wait_for(box, COMMITTED, sequence);
}

struct dmp_eventlog_progress
box_wait_released(struct box *box, uint32_t sequence)
{
	return wait_for(box, RELEASED, sequence);
}

struct dmp_eventlog_progress
box_wait_lost(struct box *box, uint32_t lost)
{
	return wait_for(box, LOST, lost);
}

struct dmp_eventlog_progress
box_wait_failing(struct box *box, bool failing)
{
	return wait_for(box, failing ? FAILING : WORKING, 0);
}

const char *
box_path(const struct box *box, const char *name, char path[128])
{
	dmp_text_format(path, 128, "%s/%s", box->state, name);
	return path;
}
