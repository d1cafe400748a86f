/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/nats_talk.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

#define SAYS_TEXT 48

static bool
nats_contains(const uint8_t *data, size_t size, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; length <= size && i <= size - length; i++)
		if (memcmp(data + i, text, length) == 0)
			return true;
	return false;
}

static enum dmp_nats_port
nats_expected_port(const struct dmp_probe_spec *spec)
{
	return spec->kind == DMP_PROBE_NATS_ROUTE ? DMP_NATS_PORT_ROUTE
	                                          : DMP_NATS_PORT_CLIENT;
}

/* Is the complete line the one that we want?  Otherwise the talk is finished. */
static bool
nats_accept(struct dmp_talk *talk, const struct dmp_nats_info *info,
    const uint8_t *line, size_t size)
{
	const struct dmp_probe_spec *spec = dmp_talk_spec(talk);
	enum dmp_nats_port wanted = nats_expected_port(spec);
	char identity[DMP_NATS_IDENTITY];

	dmp_nats_identity(info, identity);
	dmp_talk_identity(talk, "%s", identity);
	if (info->port != wanted)
		dmp_talk_finish(talk, DMP_REASON_WRONG_SERVICE,
		    "this is the NATS %s port, not the NATS %s port",
		    dmp_nats_port_text(info->port), dmp_nats_port_text(wanted));
	else if (spec->expect && !nats_contains(line, size, spec->expect))
		dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
		    "NATS %s answers, without the text \"%s\"", info->version,
		    spec->expect);
	else
		return true;
	return false;
}

enum dmp_nats_line
dmp_nats_greeting(struct dmp_talk *talk, const uint8_t *data, size_t size,
    struct dmp_nats_info *ret_info, size_t *ret_size)
{
	struct dmp_nats_info info;
	size_t line_size;
	enum dmp_nats_line line = dmp_nats_info_parse(data, size, &info, &line_size);

	switch (line) {
	case DMP_NATS_MORE:
		break;
	case DMP_NATS_INFO:
		if (!nats_accept(talk, &info, data, line_size))
			return DMP_NATS_OTHER;
		*ret_info = info;
		*ret_size = line_size;
		break;
	case DMP_NATS_MALFORMED:
		dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
		    "the INFO of a NATS server, but malformed");
		break;
	case DMP_NATS_OTHER:
		dmp_talk_finish_wrong(talk);
		break;
	}
	return line;
}

void
dmp_nats_finish_cut(struct dmp_talk *talk)
{
	dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
	    "the beginning of the INFO of a NATS server, never its end");
}

/* Where text (lower case) begins in the body, in any case; NULL = not there. */
static const char *
nats_body_find(const char *body, const char *text)
{
	for (; *body; body++)
		if (strncasecmp(body, text, strlen(text)) == 0)
			return body;
	return NULL;
}

/* The words a person would recognise the service by: the title of a page, else the
 * first line of a plain text. */
static void
nats_http_says(const struct dmp_http *http, char field[SAYS_TEXT])
{
	static const char TITLE[] = "<title>";
	const char *body = (const char *)http->body;
	const char *title = nats_body_find(body, TITLE);

	field[0] = '\0';
	if (title) {
		title += sizeof TITLE - 1;
		dmp_text_printable(field, SAYS_TEXT, title, strcspn(title, "<"));
	} else if (strncasecmp(http->fields[DMP_HTTP_CONTENT_TYPE], "text/plain", 10) ==
	           0) {
		body += strspn(body, " \r\n");
		dmp_text_printable(field, SAYS_TEXT, body, strcspn(body, "\r\n"));
	}
}

void
dmp_nats_finish_http(
    struct dmp_talk *talk, const struct dmp_http *http, const char *wanted)
{
	const struct dmp_probe_spec *spec = dmp_talk_spec(talk);
	const char *server = http->fields[DMP_HTTP_SERVER];
	const char *hint = spec->hint ? spec->hint : "";
	char says[SAYS_TEXT];

	nats_http_says(http, says);
	dmp_talk_finish(talk, DMP_REASON_WRONG_SERVICE,
	    "HTTP %d%s%s%s%s%s answers, not %s%s%s%s", http->status,
	    server[0] ? ", Server: " : "", server, says[0] ? ", \"" : "", says,
	    says[0] ? "\"," : "", wanted, hint[0] ? " (" : "", hint,
	    hint[0] ? ")" : "");
}
