/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any text as a step of an exchange, and any bytes as its answer: the input is three
 * parts with a 0xff between them (send, expect as hexadecimal, answer).
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/exchange.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cut off the next part, as a string of its own. */
static char *
fuzz_part(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size ? memchr(*data, 0xff, *size) : NULL;
	size_t n = end ? (size_t)(end - *data) : *size;
	char *part = malloc(n + 1);

	assert(part);
	if (n > 0)
		memcpy(part, *data, n);
	part[n] = '\0';
	n += end ? 1 : 0;
	*data += n;
	*size -= n;
	return part;
}

/* What matches goes on to match, and what does not never will. */
static void
fuzz_answer(const struct dmp_exchange *exchange, const uint8_t *data, size_t size)
{
	enum dmp_exchange_match last = DMP_EXCHANGE_MORE;

	for (size_t n = 0; n <= size && n < 2048; n++) {
		enum dmp_exchange_match match =
		    dmp_exchange_compare(exchange, 0, data, n);

		assert(last == DMP_EXCHANGE_MORE || match == last);
		last = match;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *send = fuzz_part(&data, &size);
	char *expect = fuzz_part(&data, &size);
	struct dmp_exchange_source source = {.send = send, .expect_hex = expect};
	struct dmp_exchange exchange = {.n_steps = 0};
	struct dmp_exchange_fault fault;

	source.at = size > 0 ? data[0] % 8 : 0;
	source.within = size > 1 ? data[1] : 0;
	if (!dmp_exchange_add(&exchange, &source, &fault)) {
		assert(exchange.n_steps == 0 && exchange.n_bytes == 0);
	} else {
		assert(exchange.n_bytes <= DMP_EXCHANGE_BYTES);
		if (exchange.steps[0].expect_size > 0)
			fuzz_answer(&exchange, data, size);
	}
	free(send);
	free(expect);
	return 0;
}
