/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/engine_box.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/resolve.h"
#include "support/plan_sample.h"
#include "support/probe_run.h"

enum { EVENTS_MAX = 2048, TCP_SYN_SENT_STATE = 2, DESCRIPTORS = 1024 };

static int64_t
box_mono_us(void *arg)
{
	(void)arg;
	return dmp_clock_mono_us(dmp_clock_system());
}

static int64_t
box_dns_mono_us(void *arg)
{
	const struct engine_box *box = arg;

	return box_mono_us(NULL) + box->dns_step_ms * 1000;
}

static int64_t
box_wall_ms(void *arg)
{
	const struct engine_box *box = arg;

	return dmp_clock_wall_ms(dmp_clock_system()) + box->wall_step_ms;
}

int64_t
engine_box_now_ms(void)
{
	return dmp_clock_mono_ms(dmp_clock_system());
}

int
engine_box_setup(void **state)
{
	struct engine_box *box = calloc(1, sizeof *box);
	void *log = NULL;

	assert_non_null(box);
	assert_int_equal(box_setup(&log), 0);
	box->log = log;
	box->clock = (struct dmp_clock){box_mono_us, box_wall_ms, box};
	box->dns_clock = (struct dmp_clock){box_dns_mono_us, box_wall_ms, box};
	box->base = event_base_new();
	assert_non_null(box->base);
	*state = box;
	return 0;
}

int
engine_box_teardown(void **state)
{
	struct engine_box *box = *state;
	void *log = box->log;

	engine_box_stop(box);
	event_base_free(box->base);
	(void)box_teardown(&log);
	free(box);
	return 0;
}

static void
box_on_released(const struct dmp_eventlog_progress *progress, void *arg)
{
	struct engine_box *box = arg;

	box->released = progress->released;
	box->failing = progress->failing;
}

static void
box_on_changed(const char *key, enum dmp_state from, enum dmp_state to,
    const char *detail, void *arg)
{
	struct engine_box *box = arg;

	assert_int_not_equal(from, to);
	assert_string_not_equal(detail, "");
	box->changes++;
	dmp_text_copy(box->changed_key, sizeof box->changed_key, key);
	box->changed_to = to;
}

void
engine_box_start(struct engine_box *box)
{
	struct dmp_saved_port *saved = NULL;
	size_t n_saved = 0;
	struct dmp_engine_config config = {
	    .base = box->base,
	    .clock = &box->clock,
	    .run_dir = box->log->run,
	    .max_in_flight = 512,
	    .seed = 20261122,
	    .released = box_on_released,
	    .changed = box_on_changed,
	    .arg = box,
	};

	box_open(box->log, 0);
	assert_int_equal(
	    dmp_resolver_new(box->base, &box->dns_clock, box->dns, &box->resolver),
	    DMP_OK);
	config.log = box->log->log;
	config.resolver = box->resolver;
	config.epoch = box->log->start.epoch;
	config.oldest_event = box->log->start.oldest_sequence;
	config.last_event = box->log->start.last_sequence;
	assert_int_equal(
	    dmp_eventlog_saved_ports(box->log->log, &saved, &n_saved), DMP_OK);
	assert_int_equal(
	    dmp_engine_new(&config, &box->log->problems, saved, n_saved, &box->engine),
	    DMP_OK);
	free(saved);
}

void
engine_box_stop(struct engine_box *box)
{
	dmp_board_reader_close(box->board);
	box->board = NULL;
	dmp_engine_free(box->engine);
	box->engine = NULL;
	dmp_resolver_free(box->resolver);
	box->resolver = NULL;
	box_close(box->log);
}

struct dmp_engine_setup *
engine_box_prepare(struct engine_box *box, const struct dmp_text *content)
{
	struct dmp_text document = {0};
	struct dmp_engine_setup *setup = NULL;
	struct dmp_plan *plan;

	dmp_text_printf(&document,
	    "<site xmlns='urn:dmports:site:1' name='Box'>\n%s</site>\n",
	    dmp_text_get(content));
	plan = plan_sample(dmp_text_get(&document));
	dmp_text_done(&document);
	assert_int_equal(dmp_engine_prepare(box->log->log, plan, &setup), DMP_OK);
	return setup;
}

void
engine_box_apply(struct engine_box *box, struct dmp_text *content)
{
	struct dmp_text errors = {0};
	struct dmp_engine_setup *setup = engine_box_prepare(box, content);

	dmp_text_done(content);
	assert_int_equal(dmp_engine_apply(box->engine, setup, &errors), DMP_OK);
	assert_string_equal(dmp_text_get(&errors), "");
}

void
engine_box_turn(struct engine_box *box)
{
	static const struct timeval SOON = {.tv_usec = 10000};

	(void)event_base_loopexit(box->base, &SOON);
	(void)event_base_loop(box->base, EVLOOP_ONCE);
	dmp_engine_beat(box->engine);
}

void
engine_box_run(struct engine_box *box, uint32_t ms)
{
	int64_t end_ms = engine_box_now_ms() + ms;

	while (engine_box_now_ms() < end_ms)
		engine_box_turn(box);
}

/* --- what is seen from outside --- */

static struct dmp_board_reader *
box_board(struct engine_box *box)
{
	if (!box->board)
		assert_int_equal(
		    dmp_board_reader_open(box->log->run, &box->board), DMP_OK);
	(void)dmp_board_refresh(box->board);
	return box->board;
}

static const struct dmp_board_port *
box_find_row(struct engine_box *box, const char *key, uint32_t *ret_row)
{
	const struct dmp_board_reader *board = box_board(box);

	for (uint32_t i = 0; i < dmp_board_rows(board, DMP_BOARD_PORT); i++) {
		const struct dmp_board_port *row =
		    dmp_board_plan(board, DMP_BOARD_PORT, i);

		if (strcmp(row->key, key) == 0) {
			*ret_row = i;
			return row;
		}
	}
	return NULL;
}

bool
engine_box_has_port(struct engine_box *box, const char *key)
{
	uint32_t row;

	return box_find_row(box, key, &row) != NULL;
}

uint32_t
engine_box_index(struct engine_box *box, const char *key)
{
	uint32_t row = 0;
	const struct dmp_board_port *port = box_find_row(box, key, &row);

	assert_non_null(port);
	return port->index;
}

struct dmp_board_port_live
engine_box_port(struct engine_box *box, const char *key)
{
	struct dmp_board_port_live live;
	uint32_t row = 0;

	assert_non_null(box_find_row(box, key, &row));
	assert_true(dmp_board_live(box->board, DMP_BOARD_PORT, row, &live));
	return live;
}

struct dmp_board_system_live
engine_box_system(struct engine_box *box)
{
	struct dmp_board_system_live live;

	assert_true(dmp_board_live(box_board(box), DMP_BOARD_SYSTEM, 0, &live));
	return live;
}

static size_t
box_find_events(const struct engine_box *box, enum dmp_event_type type, const char *key,
    struct dmp_event *ret_last)
{
	struct dmp_event *events = calloc(EVENTS_MAX, sizeof *events);
	struct dmp_eventlog_reader *reader = NULL;
	size_t n = 0;
	size_t found = 0;

	assert_non_null(events);
	assert_int_equal(dmp_eventlog_reader_open(box->log->state, &reader), DMP_OK);
	assert_int_equal(dmp_eventlog_read(reader, 0, events, EVENTS_MAX, &n), DMP_OK);
	assert_true(n < EVENTS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (events[i].type != type || (key && strcmp(events[i].key, key) != 0))
			continue;
		found++;
		if (ret_last)
			*ret_last = events[i];
	}
	dmp_eventlog_reader_close(reader);
	free(events);
	return found;
}

size_t
engine_box_events(
    const struct engine_box *box, enum dmp_event_type type, const char *key)
{
	return box_find_events(box, type, key, NULL);
}

struct dmp_event
engine_box_event(
    const struct engine_box *box, enum dmp_event_type type, const char *key)
{
	struct dmp_event event = {0};

	assert_true(box_find_events(box, type, key, &event) > 0);
	return event;
}

/* --- sites --- */

void
engine_box_policy(struct dmp_text *content, const char *interval)
{
	dmp_text_printf(content,
	    "<policy interval='%s' fast='50ms' slow='1s' timeout='300ms' fall='2' "
	    "rise='2' depth='connect' close='fin'/>\n",
	    interval);
}

void
engine_box_service(struct dmp_text *content, char key, const char *address,
    uint16_t port, const char *attributes)
{
	dmp_text_printf(content,
	    "<host name='h%c' address='%s' roles='device'>"
	    "<port requirement='svc-%c' port='%u' %s/></host>\n"
	    "<requirement key='svc-%c' index='%d' title='Service' transport='tcp' "
	    "port='1' to='client' level='required' probe='connect'/>\n",
	    key, address, key, port, attributes, key, 10001 + key - 'a');
}

/* --- sockets --- */

int
engine_box_listen(uint16_t port, uint16_t *ret_port)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
	    .sin_port = htons(port),
	    .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof name;
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
	assert_int_equal(listen(fd, 512), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
	if (ret_port)
		*ret_port = ntohs(name.sin_port);
	return fd;
}

unsigned
engine_box_accept(int listener)
{
	unsigned n = 0;
	int fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0) {
		(void)close(fd);
		n++;
	}
	return n;
}

/* Connect until nobody answers any more; the one that waits is withdrawn. */
struct engine_box_stuck
engine_box_stuck_open(void)
{
	struct engine_box_stuck stuck = {.n = 1};
	struct sockaddr_in name = {
	    .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};

	stuck.fds[0] = bound_socket("127.0.0.1", SOCK_STREAM, 0, &stuck.port);
	name.sin_port = htons(stuck.port);
	for (;;) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		struct pollfd ready = {.fd = fd, .events = POLLOUT};

		assert_true(fd >= 0);
		(void)connect(fd, (struct sockaddr *)&name, sizeof name);
		if (poll(&ready, 1, 20) == 0) {
			(void)close(fd);
			return stuck;
		}
		assert_true(stuck.n < sizeof stuck.fds / sizeof stuck.fds[0]);
		stuck.fds[stuck.n++] = fd;
	}
}

void
engine_box_stuck_close(struct engine_box_stuck *stuck)
{
	for (size_t i = 0; i < stuck->n; i++)
		(void)close(stuck->fds[i]);
	stuck->n = 0;
}

enum { BOX_SEEN = 256 };

/* A field of /proc/net/tcp: ADDRESS:PORT in hex. */
static uint16_t
box_hex_port(const char *field)
{
	const char *colon = strchr(field, ':');

	assert_non_null(colon);
	return (uint16_t)strtoul(colon + 1, NULL, 16);
}

/* Is this the inode of a socket of ours?  Others may connect to the same number. */
static bool
box_is_ours(unsigned long inode)
{
	struct stat st;

	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_ino == inode)
			return true;
	}
	return false;
}

/* The start of the n-th word, from 0. */
static const char *
box_word(const char *line, unsigned n)
{
	line += strspn(line, " ");
	while (n-- > 0) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	return line;
}

static bool
box_has_port(const uint16_t *ports, unsigned n, uint16_t port)
{
	for (unsigned i = 0; i < n; i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* The list is read in pieces: while other sockets come and go it can have one twice.
 * Words: N: LOCAL:PORT REMOTE:PORT STATE QUEUES TIMER RETRIES USER TIMEOUT INODE. */
unsigned
engine_box_waiting(uint16_t port, uint16_t *ret_local)
{
	FILE *file = fopen("/proc/net/tcp", "re");
	uint16_t seen[BOX_SEEN];
	char line[256];
	unsigned n = 0;

	assert_non_null(file);
	assert_non_null(fgets(line, sizeof line, file)); /* the heading */
	while (n < BOX_SEEN && fgets(line, sizeof line, file)) {
		if (box_hex_port(box_word(line, 2)) != port ||
		    strtoul(box_word(line, 3), NULL, 16) != TCP_SYN_SENT_STATE ||
		    !box_is_ours(strtoul(box_word(line, 9), NULL, 10)))
			continue;
		seen[n] = box_hex_port(box_word(line, 1));
		if (!box_has_port(seen, n, seen[n]))
			n++;
	}
	if (ret_local && n > 0)
		*ret_local = seen[n - 1];
	(void)fclose(file);
	return n;
}
