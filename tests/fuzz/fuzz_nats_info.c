/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the greeting of a NATS server, or as a page of its monitoring port. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "probe/nats_info.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_printable(const char *text, size_t limit)
{
	assert(memchr(text, '\0', limit));
	for (; *text; text++)
		assert(*text >= ' ' && *text <= '~');
}

static void
check_info(const struct dmp_nats_info *info)
{
	char text[DMP_NATS_IDENTITY];

	assert(info->version[0]);
	dmp_nats_identity(info, text);
	check_printable(text, sizeof text);
	assert(strncmp(text, "NATS ", 5) == 0);
	assert(dmp_nats_port_text(info->port)[0]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_nats_info info;
	char words[DMP_NATS_TEXT];
	size_t line_size = 0;
	bool healthy;

	switch (dmp_nats_info_parse(data, size, &info, &line_size)) {
	case DMP_NATS_INFO:
		assert(line_size <= size && line_size <= DMP_NATS_LINE);
		assert(data[line_size - 1] == '\n');
		check_info(&info);
		break;
	case DMP_NATS_MORE:
		assert(size < DMP_NATS_LINE);
		/* fall through */
	case DMP_NATS_MALFORMED:
	case DMP_NATS_OTHER:
		assert(line_size == 0);
	}
	if (dmp_nats_varz_parse(data, size, &info))
		check_info(&info);
	if (dmp_nats_health_parse(data, size, &healthy, words))
		check_printable(words, sizeof words);
	return 0;
}
