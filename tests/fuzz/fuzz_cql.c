/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the answer to an OPTIONS, whole and cut. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "probe/cql_wire.h"

#define UNTOUCHED 4711

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_cql_answer answer = {.code = UNTOUCHED};
	enum dmp_cql_reply reply = dmp_cql_parse(data, size, &answer);
	enum dmp_cql_reply shorter;

	if (reply == DMP_CQL_SUPPORTED || reply == DMP_CQL_ERROR) {
		assert(answer.lowest <= answer.highest && answer.highest <= 9);
		assert((answer.lowest == 0) == (answer.highest == 0));
		assert(memchr(answer.cql_version, '\0', sizeof answer.cql_version));
		assert(memchr(answer.message, '\0', sizeof answer.message));
		assert(reply == DMP_CQL_ERROR || answer.message[0] == '\0');
	} else {
		assert(answer.code == UNTOUCHED);
	}
	/* What begins a frame never turns into garbage by being cut. */
	if (reply != DMP_CQL_GARBAGE && size > 0) {
		shorter = dmp_cql_parse(data, size / 2, &answer);
		assert(shorter != DMP_CQL_GARBAGE);
	}
	(void)dmp_cql_release(answer.cql_version);
	return 0;
}
