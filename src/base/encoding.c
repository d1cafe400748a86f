/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/encoding.h"

#include <stdint.h>
#include <string.h>

/* One code point as UTF-8; returns its length. */
static size_t
encoding_put(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

static uint32_t
encoding_unit(const unsigned char *p, bool is_big)
{
	return is_big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

/* Two bytes become at most three, four become four. */
static enum dmp_status
encoding_utf16(const unsigned char *p, size_t size, bool is_big, struct dmp_text *out)
{
	char bytes[4];

	if (size % 2 != 0)
		return DMP_EINVAL;
	for (size_t i = 0; i < size; i += 2) {
		uint32_t c = encoding_unit(p + i, is_big);

		if (c == 0 || (c >= 0xdc00 && c < 0xe000))
			return DMP_EINVAL;
		if (c >= 0xd800 && c < 0xdc00) {
			uint32_t low =
			    i + 2 < size ? encoding_unit(p + i + 2, is_big) : 0;

			if (low < 0xdc00 || low >= 0xe000)
				return DMP_EINVAL;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		dmp_text_append_bytes(out, bytes, encoding_put(c, bytes));
	}
	return out->status;
}

enum dmp_status
dmp_encoding_decode(const char *data, size_t size, struct dmp_text *out)
{
	const unsigned char *p = (const unsigned char *)data;
	size_t skip;

	if (size >= 2 && p[0] == 0xff && p[1] == 0xfe)
		return encoding_utf16(p + 2, size - 2, false, out);
	if (size >= 2 && p[0] == 0xfe && p[1] == 0xff)
		return encoding_utf16(p + 2, size - 2, true, out);
	if (memchr(data, '\0', size))
		return DMP_EINVAL;
	skip = size >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	dmp_text_append_bytes(out, data + skip, size - skip);
	return out->status;
}
