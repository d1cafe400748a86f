/* SPDX-License-Identifier: BSD-2-Clause */
/* Any datagram as the answer of a time server. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "probe/ntp_wire.h"

/* That of the packets in the corpus. */
#define NONCE UINT64_C(0x0102030405060708)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_ntp_server server = {.stratum = 99};

	if (dmp_ntp_parse(data, size, NONCE, &server) != DMP_NTP_ANSWER) {
		assert(server.stratum == 99);
		return 0;
	}
	assert(size >= DMP_NTP_SIZE && server.stratum <= DMP_NTP_LOST);
	for (const char *p = server.reference; *p; p++)
		assert(*p >= ' ' && *p <= '~');
	return 0;
}
