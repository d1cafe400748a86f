/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static unsigned
hex_digit(char c)
{
	static const char DIGITS[] = "0123456789abcdef";
	const char *at = memchr(DIGITS, c, 16);

	assert_non_null(at);
	return (unsigned)(at - DIGITS);
}

size_t
test_hex(const char *hex, uint8_t *out, size_t size)
{
	size_t n = 0;

	while (*hex) {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		assert_true(n < size);
		out[n++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
		hex += 2;
	}
	return n;
}
