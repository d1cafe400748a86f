/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for n more bytes and a NUL; false after an error. */
static bool
text_reserve(struct dmp_text *t, size_t n)
{
	size_t need;
	size_t capacity;
	char *data;

	if (t->status != DMP_OK)
		return false;
	if (n > SIZE_MAX / 4 || t->size > SIZE_MAX / 4) {
		t->status = DMP_ETOOBIG;
		return false;
	}
	need = t->size + n + 1;
	if (need <= t->capacity)
		return true;
	capacity = t->capacity ? t->capacity : 64;
	while (capacity < need)
		capacity *= 2;
	data = realloc(t->data, capacity);
	if (!data) {
		t->status = DMP_ENOMEM;
		return false;
	}
	t->data = data;
	t->capacity = capacity;
	return true;
}

void
dmp_text_append_bytes(struct dmp_text *t, const char *s, size_t n)
{
	if (!text_reserve(t, n))
		return;
	if (n > 0)
		memcpy(t->data + t->size, s, n);
	t->size += n;
	t->data[t->size] = '\0';
}

void
dmp_text_append(struct dmp_text *t, const char *s)
{
	dmp_text_append_bytes(t, s, strlen(s));
}

void
dmp_text_printf(struct dmp_text *t, const char *format, ...)
{
	va_list args;
	va_list again;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	if (n >= 0 && text_reserve(t, (size_t)n)) {
		(void)vsnprintf(t->data + t->size, (size_t)n + 1, format, again);
		t->size += (size_t)n;
	}
	va_end(again);
	va_end(args);
}

const char *
dmp_text_get(const struct dmp_text *t)
{
	return t->data ? t->data : "";
}

void
dmp_text_clear(struct dmp_text *t)
{
	t->size = 0;
	t->status = DMP_OK;
	if (t->data)
		t->data[0] = '\0';
}

void
dmp_text_done(struct dmp_text *t)
{
	free(t->data);
	*t = (struct dmp_text){0};
}

void
dmp_text_copy(char *field, size_t size, const char *s)
{
	size_t n = strlen(s);

	if (n > size - 1)
		n = size - 1;
	memcpy(field, s, n);
	field[n] = '\0';
}

void
dmp_text_format(char *field, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (vsnprintf(field, size, format, args) < 0)
		field[0] = '\0';
	va_end(args);
}

void
dmp_text_printable(char *field, size_t size, const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	size_t used = 0;
	bool blank = true; /* leading white space goes, too */

	for (size_t i = 0; i < n && used + 1 < size; i++) {
		bool white = p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r');

		if (white && blank)
			continue;
		blank = white;
		if (white)
			field[used++] = ' ';
		else
			field[used++] = p[i] > 0x20 && p[i] < 0x7f ? (char)p[i] : '.';
	}
	while (used > 0 && field[used - 1] == ' ')
		used--;
	field[used] = '\0';
}

void
dmp_text_safe(char *field, size_t size, const char *s)
{
	dmp_text_printable(field, size, s, strlen(s));
	for (char *p = field; *p; p++) {
		if (strchr("\"'`%|$\\", *p))
			*p = *p == '|' ? '/' : '.';
	}
}

bool
dmp_text_number(const char *s, uint64_t min, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned digit;

		if (*s < '0' || *s > '9')
			return false;
		digit = (unsigned)(*s - '0');
		if (value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	if (value < min || value > max)
		return false;
	*ret_value = value;
	return true;
}

bool
dmp_text_has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	while (*list) {
		size_t m = strcspn(list, " \t\r\n");

		if (m == n && n > 0 && memcmp(list, word, n) == 0)
			return true;
		list += m;
		list += strspn(list, " \t\r\n");
	}
	return false;
}
