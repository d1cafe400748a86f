/* SPDX-License-Identifier: BSD-2-Clause */
/* text.h - bounded text: an append-only buffer with a sticky error, safe copies, strict
 * numbers, and the one function that makes foreign bytes fit to show. */
#ifndef DMP_TEXT_H
#define DMP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Zero-initialise to start.  After an error every append is a no-op: check once. */
struct dmp_text {
	char *data; /* NUL-terminated, or NULL while empty */
	size_t size;
	size_t capacity;
	enum dmp_status status;
};

void dmp_text_append(struct dmp_text *t, const char *s);
void dmp_text_append_bytes(struct dmp_text *t, const char *s, size_t n);
void dmp_text_printf(struct dmp_text *t, const char *format, ...) DMP_PRINTF(2, 3);

/* The text so far, never NULL.  Borrowed until the next change. */
const char *dmp_text_get(const struct dmp_text *t);

/* Drop the content and keep the memory. */
void dmp_text_clear(struct dmp_text *t);

/* Free the memory; t may be used again. */
void dmp_text_done(struct dmp_text *t);

/* Copy s into a field of size bytes, cut if longer, always terminated.  size >= 1. */
void dmp_text_copy(char *field, size_t size, const char *s);

/* printf into a field of size bytes, cut if longer, always terminated. */
void dmp_text_format(char *field, size_t size, const char *format, ...)
    DMP_PRINTF(3, 4);

/* Copy n foreign bytes as printable ASCII: every other byte becomes '.', runs of white
 * space become one blank, and what does not fit is cut.  Always terminated. */
void dmp_text_printable(char *field, size_t size, const void *bytes, size_t n);

/* The same for text that travels in a notification: the characters that break trap
 * handlers (quotes % | $ and controls) are replaced (dmpNotifyMessage). */
void dmp_text_safe(char *field, size_t size, const char *s);

/* Parse a whole decimal string without sign, blanks or leading '+', min..max. */
bool dmp_text_number(const char *s, uint64_t min, uint64_t max, uint64_t *ret_value);

/* True when list, words separated by blanks, contains word. */
bool dmp_text_has_word(const char *list, const char *word);

#endif
