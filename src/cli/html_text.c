/* SPDX-License-Identifier: BSD-2-Clause */
/* html_text.c - text that goes into the page, made inert in one place. */
#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "cli/html_private.h"

/* What cannot stand in markup or has no business in it: the five characters that mean
 * something there become references, and whatever is no printable ASCII a dot. */
static void
html_escape(struct dmp_text *out, const char *s)
{
	static const struct {
		char character;
		const char *reference;
	} references[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"},
	    {'\'', "&#39;"}};
	enum { N = sizeof(references) / sizeof(references[0]) };

	for (; *s; s++) {
		size_t i = 0;

		while (i < N && references[i].character != *s)
			i++;
		if (i < N)
			dmp_text_append(out, references[i].reference);
		else if (*s < ' ' || *s > '~')
			dmp_text_append(out, ".");
		else
			dmp_text_append_bytes(out, s, 1);
	}
}

/* One conversion; returns its length in the format. */
static size_t
html_convert(struct dmp_text *out, const char *conversion, va_list *args)
{
	if (strncmp(conversion, "zu", 2) == 0) {
		dmp_text_printf(out, "%zu", va_arg(*args, size_t));
		return 2;
	}
	if (*conversion == 's')
		html_escape(out, va_arg(*args, const char *));
	else if (*conversion == 'd')
		dmp_text_printf(out, "%d", va_arg(*args, int));
	else if (*conversion == 'u')
		dmp_text_printf(out, "%u", va_arg(*args, unsigned));
	else {
		assert(*conversion == '%');
		dmp_text_append(out, "%");
	}
	return 1;
}

void
dmp_html_put(struct dmp_text *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	while (*format) {
		size_t n = strcspn(format, "%");

		dmp_text_append_bytes(out, format, n);
		format += n;
		if (*format)
			format += 1 + html_convert(out, format + 1, &args);
	}
	va_end(args);
}

void
dmp_html_put_time(struct dmp_text *out, int64_t wall_ms)
{
	char text[DMP_TIME_TEXT];

	dmp_clock_text(wall_ms, text);
	if (*text)
		dmp_html_put(out, "<time datetime=\"%s\">%s</time>", text, text);
}

unsigned
dmp_html_class(enum dmp_state state)
{
	bool is_known = state >= DMP_STATE_UNKNOWN && state <= DMP_STATE_NOT_APPLICABLE;

	return (unsigned)(is_known ? state : DMP_STATE_UNKNOWN);
}

void
dmp_html_put_state(struct dmp_text *out, enum dmp_state state)
{
	dmp_html_put(out, "<span class=\"s s%u\">%s</span>", dmp_html_class(state),
	    dmp_vocab_text(DMP_VOCAB_STATE, (int)dmp_html_class(state)));
}

void
dmp_html_put_count(struct dmp_text *out, size_t n, const char *noun)
{
	dmp_html_put(out, "%zu %s%s", n, noun, n == 1 ? "" : "s");
}

enum dmp_state
dmp_html_state(const struct dmp_report_row *row)
{
	return row->excused ? DMP_STATE_NOT_APPLICABLE : row->state;
}

const char *
dmp_html_finding(const struct dmp_report_row *row)
{
	const char *label = dmp_vocab_text(DMP_VOCAB_REASON, (int)row->reason);

	if (*row->detail && strcmp(row->detail, label) != 0)
		return row->detail;
	return dmp_reason_sentence(row->reason);
}

bool
dmp_html_is_problem(const struct dmp_report_row *row)
{
	return !row->excused && dmp_severity_rank(row->severity) > 0;
}
