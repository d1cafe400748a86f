/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/eventlog_start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

static uint32_t
start_max(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t
start_add(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* May numbers up to the reserved mark have been seen, although the database does not
 * have them?  After an orderly stop the mark is exact. */
static bool
start_trusts_marks(const struct dmp_start_input *input)
{
	const struct dmp_marks *marks = &input->marks;

	if (input->facts.fresh || marks->clean)
		return true;
	return marks->volatile_sends && !(input->same_boot && input->volatile_mark > 0);
}

/* Nobody knows how far numbers were given: the marks are lost, and this is not the
 * first start. */
static bool
start_needs_margin(const struct dmp_start_input *input)
{
	if (input->found == DMP_MARKS_READ)
		return false;
	return input->found == DMP_MARKS_DAMAGED || !input->facts.fresh;
}

struct dmp_start_plan
dmp_start_decide(const struct dmp_start_input *input)
{
	const struct dmp_marks *marks = &input->marks;
	bool margin = start_needs_margin(input);
	uint32_t last = start_max(input->facts.last, input->volatile_mark);
	struct dmp_start_plan plan = {
	    .epoch = start_add(start_max(marks->epoch, input->facts.epoch), 1)};

	last = start_max(last, marks->floor);
	if (input->found == DMP_MARKS_READ && start_trusts_marks(input))
		last = start_max(last, marks->reserved);
	if (margin)
		last = start_add(last, DMP_START_SEQUENCE_MARGIN);
	plan.last = last;
	if (last > input->facts.last) {
		plan.skipped_first = start_add(input->facts.last, 1);
		plan.skipped_last = last;
	}
	for (size_t kind = 1; kind < DMP_MARKS_KINDS; kind++) {
		plan.index[kind] =
		    start_max(marks->index[kind], input->facts.index[kind]);
		if (margin)
			plan.index[kind] =
			    start_add(plan.index[kind], DMP_START_INDEX_MARGIN);
	}
	return plan;
}

void
dmp_start_boot(char boot[DMP_BOOT_TEXT])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	boot[0] = '\0';
	if (!file)
		return;
	if (!fgets(boot, DMP_BOOT_TEXT, file))
		boot[0] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
	(void)fclose(file);
}

uint32_t
dmp_start_read_volatile(const char *path)
{
	char *data = NULL;
	size_t size;
	uint64_t number = 0;

	if (dmp_file_read(path, 32, &data, &size) != DMP_OK)
		return 0;
	data[strcspn(data, "\n")] = '\0';
	if (!dmp_text_number(data, 1, UINT32_MAX, &number))
		number = 0;
	free(data);
	return (uint32_t)number;
}

enum dmp_status
dmp_start_write_volatile(const char *path, uint32_t sequence)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0640);
	char text[16];
	ssize_t n;

	if (fd < 0)
		return DMP_EIO;
	dmp_text_format(text, sizeof text, "%010u\n", sequence);
	do
		n = pwrite(fd, text, strlen(text), 0);
	while (n < 0 && errno == EINTR);
	(void)close(fd);
	return n == (ssize_t)strlen(text) ? DMP_OK : DMP_EIO;
}
