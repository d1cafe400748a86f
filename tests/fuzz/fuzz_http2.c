/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the answer to an HTTP/2 preface. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "probe/http2_wire.h"

#define UNTOUCHED 0x5a5a5a5au

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_http2_answer answer = {.max_streams = UNTOUCHED, .error = UNTOUCHED};
	struct dmp_http2_answer again;
	enum dmp_http2_progress progress = dmp_http2_parse(data, size, &answer);

	if (progress == DMP_HTTP2_MORE || progress == DMP_HTTP2_INVALID) {
		assert(answer.max_streams == UNTOUCHED && answer.error == UNTOUCHED);
		/* What is invalid stays so: the cut of a valid answer is never. */
		if (size > 0 && progress == DMP_HTTP2_MORE)
			assert(
			    dmp_http2_parse(data, size - 1, &again) == DMP_HTTP2_MORE);
		return 0;
	}
	assert(size >= 9);
	assert(memchr(answer.debug, '\0', sizeof answer.debug));
	assert(strlen(dmp_http2_error_text(answer.error)) > 0);
	return 0;
}
