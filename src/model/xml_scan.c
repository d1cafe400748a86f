/* SPDX-License-Identifier: BSD-2-Clause */
/* xml_scan.c - what has to be known of a document before libxml2 reads it. */
#include <stdbool.h>
#include <string.h>

#include "model/xml.h"

static bool
scan_begins(const char *p, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - p) >= n && memcmp(p, with, n) == 0;
}

/* Behind the next such text, or the end. */
static const char *
scan_past(const char *p, const char *end, const char *text)
{
	for (; p < end; p++) {
		if (scan_begins(p, end, text))
			return p + strlen(text);
	}
	return end;
}

/* The end of a tag, which begins at p; how many attributes it has. */
static const char *
scan_tag(const char *p, const char *end, size_t *ret_attributes)
{
	size_t n = 0;
	char quote = '\0';

	for (; p < end && (quote || *p != '>'); p++) {
		if (quote)
			quote = *p == quote ? '\0' : quote;
		else if (*p == '"' || *p == '\'')
			quote = *p;
		else if (*p == '=')
			n++;
	}
	*ret_attributes = n;
	return p;
}

static unsigned
scan_line(const char *data, const char *p)
{
	unsigned line = 1;

	for (; data < p; data++)
		line += *data == '\n';
	return line;
}

unsigned
dmp_xml_crowded_tag(const char *data, size_t size)
{
	static const struct {
		const char *begin;
		const char *end;
	} OTHERS[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};
	const char *end = data + size;
	const char *p = data;

	while (p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL) {
		const char *tag = p;
		size_t attributes = 0;

		for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0] && p == tag;
		     i++) {
			if (scan_begins(tag, end, OTHERS[i].begin))
				p = scan_past(
				    tag + strlen(OTHERS[i].begin), end, OTHERS[i].end);
		}
		if (p == tag)
			p = scan_tag(tag, end, &attributes);
		if (attributes > DMP_XML_ATTRIBUTES)
			return scan_line(data, tag);
	}
	return 0;
}
