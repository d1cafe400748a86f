/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as an HTTP reply, at once and cut in two: both must say the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "probe/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct dmp_http *http)
{
	assert(http->body_size <= DMP_HTTP_BODY);
	assert(http->body[http->body_size] == 0);
	assert(http->status == 0 || (http->status >= 100 && http->status <= 599));
	assert((http->status != 0) == (http->progress == DMP_HTTP_HEADER ||
	                                  http->progress == DMP_HTTP_COMPLETE));
	for (size_t i = 0; i < DMP_HTTP_FIELDS; i++)
		for (const char *c = http->fields[i]; *c; c++)
			assert(*c >= 0x20 && *c < 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_http *whole = calloc(2, sizeof *whole);
	struct dmp_http *parts = whole + 1;
	size_t cut = size > 0 ? data[size - 1] % size : 0;

	if (!whole)
		return 0;
	(void)dmp_http_feed(whole, data, size);
	(void)dmp_http_feed(parts, data, cut);
	(void)dmp_http_feed(parts, data + cut, size - cut);
	check(whole);
	assert(whole->progress == parts->progress && whole->status == parts->status);
	assert(whole->body_size == parts->body_size);
	assert(memcmp(whole->body, parts->body, whole->body_size) == 0);
	assert(memcmp(whole->fields, parts->fields, sizeof whole->fields) == 0);
	assert(dmp_http_end(whole) != DMP_HTTP_MORE);
	check(whole);
	free(whole);
	return 0;
}
