/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the reply of a .NET Remoting TCP channel. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "probe/remoting_wire.h"

#define UNTOUCHED 0x5a5a

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_remoting_reply reply = {.status = UNTOUCHED};
	struct dmp_remoting_reply again;
	enum dmp_remoting_progress progress = dmp_remoting_parse(data, size, &reply);

	(void)dmp_remoting_is_binary(data, size);
	if (progress != DMP_REMOTING_REPLY) {
		assert(reply.status == UNTOUCHED);
		if (size > 0 && progress == DMP_REMOTING_MORE)
			assert(dmp_remoting_parse(data, size - 1, &again) ==
			       DMP_REMOTING_MORE);
		return 0;
	}
	assert(reply.header_size >= 12 && reply.header_size <= size);
	assert(reply.content <= INT32_MAX);
	assert(reply.fault == (reply.status != 0));
	assert(memchr(reply.phrase, '\0', sizeof reply.phrase));
	/* The headers alone say the same. */
	assert(
	    dmp_remoting_parse(data, reply.header_size, &again) == DMP_REMOTING_REPLY);
	return 0;
}
