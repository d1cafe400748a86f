/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/ber.h"

/* Read the tag and the length at the front; the content must be in the window. */
static bool
ber_header(struct dmp_ber *w, uint8_t *ret_tag, size_t *ret_size)
{
	size_t size;
	size_t head = 2;

	if (w->n < head)
		return false;
	size = w->p[1];
	if (size & 0x80) {
		size_t octets = size & 0x7f;

		if (octets < 1 || octets > 4 || w->n < head + octets)
			return false;
		size = 0;
		for (size_t i = 0; i < octets; i++)
			size = size << 8 | w->p[head + i];
		head += octets;
	}
	if (size > w->n - head)
		return false;
	*ret_tag = w->p[0];
	*ret_size = size;
	w->p += head;
	w->n -= head;
	return true;
}

bool
dmp_ber_any(struct dmp_ber *w, uint8_t *ret_tag, struct dmp_ber *ret_content)
{
	size_t size;

	if (!ber_header(w, ret_tag, &size))
		return false;
	*ret_content = (struct dmp_ber){w->p, size};
	w->p += size;
	w->n -= size;
	return true;
}

bool
dmp_ber_take(struct dmp_ber *w, uint8_t tag, struct dmp_ber *ret_content)
{
	uint8_t found;

	return dmp_ber_any(w, &found, ret_content) && found == tag;
}

bool
dmp_ber_number(struct dmp_ber *w, uint32_t *ret_number)
{
	struct dmp_ber content;
	uint32_t number = 0;

	if (!dmp_ber_take(w, DMP_BER_INTEGER, &content) || content.n < 1 ||
	    content.n > 4 || content.p[0] & 0x80)
		return false;
	for (size_t i = 0; i < content.n; i++)
		number = number << 8 | content.p[i];
	*ret_number = number;
	return true;
}
