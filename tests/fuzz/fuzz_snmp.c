/* SPDX-License-Identifier: BSD-2-Clause */
/* Any datagram as the answer to an SNMPv3 discovery, or to a GET with a community; and
 * as a discovery that dmports listen gets. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "probe/path.h"
#include "probe/snmp_wire.h"

/* The msgID of the captured reports in the corpus. */
#define MSG_ID 0x4a69

/* That of the captured response. */
#define REQUEST_ID 0x01020304

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_response(const uint8_t *data, size_t size)
{
	struct dmp_snmp_system system;
	char text[128];

	if (dmp_snmp_parse_response(data, size, REQUEST_ID, &system) !=
	    DMP_SNMP_RESPONDED)
		return;
	dmp_snmp_system_text(&system, text, sizeof text);
	assert(text[0] != '\0');
	for (const char *p = text; *p; p++)
		assert(*p >= ' ' && *p <= '~');
}

/* What is answered is small, and never larger by much than what was asked. */
static void
fuzz_discovery(const uint8_t *data, size_t size)
{
	uint8_t report[DMP_PATH_REPORT_MAX];
	size_t n = dmp_path_report(data, size, report);

	assert(n <= sizeof report);
	assert(n == 0 || n <= 8 * size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_snmp_engine engine = {.id_size = SIZE_MAX};
	enum dmp_snmp_reply reply = dmp_snmp_parse(data, size, MSG_ID, &engine);
	char text[128];

	fuzz_response(data, size);
	fuzz_discovery(data, size);
	if (reply != DMP_SNMP_DISCOVERED) {
		assert(engine.id_size == SIZE_MAX);
		return 0;
	}
	assert(engine.id_size >= 5 && engine.id_size <= DMP_SNMP_ENGINE_ID_MAX);
	dmp_snmp_engine_text(&engine, text, sizeof text);
	assert(strncmp(text, "SNMPv3 engine ", 14) == 0);
	return 0;
}
