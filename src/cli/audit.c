/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/audit.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/encoding.h"

enum {
	AUDIT_FIELDS = 64,
	AUDIT_LINE = 16 * 1024,
	AUDIT_OPENS = 65536 /* more is no list of a host */
};

/* The titles that are looked for. */
enum audit_column {
	AUDIT_PROTOCOL = 0,
	AUDIT_LOCAL_PORT,
	AUDIT_DIRECTION,
	AUDIT_ACTION,
	AUDIT_ENABLED,
	AUDIT_REMOTE,
	AUDIT_NAME,
	AUDIT_COLUMNS
};

static const char *const AUDIT_TITLES[AUDIT_COLUMNS] = {"Protocol", "LocalPort",
    "Direction", "Action", "Enabled", "RemoteAddress", "DisplayName"};

struct audit_reader {
	struct dmp_audit audit;
	size_t capacity;
	int column[AUDIT_COLUMNS]; /* position of the title, -1 = not there */
	char *fields[AUDIT_FIELDS];
	size_t n_fields;
	enum dmp_status status;
};

static void
audit_add(struct audit_reader *r, const struct dmp_audit_open *open)
{
	struct dmp_audit_open *opens;

	if (r->audit.n_opens == AUDIT_OPENS) {
		r->status = DMP_ETOOBIG;
		return;
	}
	opens = dmp_array_grow(
	    r->audit.opens, r->audit.n_opens, &r->capacity, sizeof *opens);
	if (!opens) {
		r->status = DMP_ENOMEM;
		return;
	}
	r->audit.opens = opens;
	r->audit.opens[r->audit.n_opens++] = *open;
}

/* ---- ss -lntu ---- */

/* Blank-separated fields, cut in place. */
static void
audit_split_blanks(struct audit_reader *r, char *line)
{
	char *p = line;

	r->n_fields = 0;
	while (r->n_fields < AUDIT_FIELDS) {
		p += strspn(p, " \t");
		if (*p == '\0')
			return;
		r->fields[r->n_fields++] = p;
		p += strcspn(p, " \t");
		if (*p != '\0')
			*p++ = '\0';
	}
}

static bool
audit_is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]", 5) == 0 ||
	       strncmp(address, "[::ffff:127.", 12) == 0;
}

/* "tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*" */
static void
audit_take_socket(struct audit_reader *r, char *line)
{
	struct dmp_audit_open open = {.is_anybody = true};
	const char *colon;
	uint64_t port;

	audit_split_blanks(r, line);
	if (r->n_fields < 6 ||
	    (strcmp(r->fields[0], "tcp") != 0 && strcmp(r->fields[0], "udp") != 0)) {
		r->audit.n_skipped++;
		return;
	}
	colon = strrchr(r->fields[4], ':');
	if (!colon || !dmp_text_number(colon + 1, 1, UINT16_MAX, &port) ||
	    audit_is_loopback(r->fields[4])) {
		r->audit.n_skipped++;
		return;
	}
	open.transport = r->fields[0][0] == 't' ? DMP_TRANSPORT_TCP : DMP_TRANSPORT_UDP;
	open.first = (uint16_t)port;
	open.last = (uint16_t)port;
	dmp_text_printable(
	    open.what, sizeof open.what, r->fields[4], strlen(r->fields[4]));
	audit_add(r, &open);
}

/* ---- CSV ---- */

/* Fields of one record (RFC 4180), cut in place; no line breaks inside fields. */
static void
audit_split_csv(struct audit_reader *r, char *p)
{
	r->n_fields = 0;
	for (;;) {
		char *out = p;
		bool is_quoted = *p == '"';

		if (r->n_fields == AUDIT_FIELDS)
			return;
		r->fields[r->n_fields++] = p;
		p += is_quoted;
		while (*p && (is_quoted ? *p != '"' || p[1] == '"' : *p != ',')) {
			p += is_quoted && *p == '"';
			*out++ = *p++;
		}
		p += strcspn(p, ",");
		if (*p == '\0') {
			*out = '\0';
			return;
		}
		*out = '\0';
		p++;
	}
}

static bool
audit_read_titles(struct audit_reader *r, char *line)
{
	audit_split_csv(r, line);
	for (int column = 0; column < AUDIT_COLUMNS; column++) {
		r->column[column] = -1;
		for (size_t i = 0; i < r->n_fields; i++) {
			if (strcasecmp(r->fields[i], AUDIT_TITLES[column]) == 0)
				r->column[column] = (int)i;
		}
	}
	return r->column[AUDIT_PROTOCOL] >= 0 && r->column[AUDIT_LOCAL_PORT] >= 0;
}

/* "" for a column that is not there. */
static const char *
audit_field(const struct audit_reader *r, enum audit_column column)
{
	int at = r->column[column];

	return at >= 0 && (size_t)at < r->n_fields ? r->fields[at] : "";
}

static bool
audit_is(const char *field, const char *word)
{
	return field[0] == '\0' || strcasecmp(field, word) == 0;
}

static bool
audit_transport(const char *protocol, enum dmp_transport *ret_transport)
{
	static const struct {
		const char *word;
		enum dmp_transport transport;
	} WORDS[] = {
	    {"TCP", DMP_TRANSPORT_TCP},
	    {"6", DMP_TRANSPORT_TCP},
	    {"UDP", DMP_TRANSPORT_UDP},
	    {"17", DMP_TRANSPORT_UDP},
	    {"Any", DMP_TRANSPORT_NONE},
	};

	for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
		if (strcasecmp(protocol, WORDS[i].word) == 0) {
			*ret_transport = WORDS[i].transport;
			return true;
		}
	}
	return false;
}

/* "443", "5000-5010"; names such as RPC are no port number. */
static bool
audit_ports(char *word, struct dmp_audit_open *open)
{
	char *dash = strchr(word, '-');
	uint64_t first;
	uint64_t last;

	if (dash)
		*dash = '\0';
	if (!dmp_text_number(word, 1, UINT16_MAX, &first))
		return false;
	last = first;
	if (dash && !dmp_text_number(dash + 1, first, UINT16_MAX, &last))
		return false;
	open->first = (uint16_t)first;
	open->last = (uint16_t)last;
	return true;
}

/* Does the rule let somebody in? */
static bool
audit_is_opening(const struct audit_reader *r, enum dmp_transport *ret_transport)
{
	return audit_is(audit_field(r, AUDIT_DIRECTION), "Inbound") &&
	       audit_is(audit_field(r, AUDIT_ACTION), "Allow") &&
	       audit_is(audit_field(r, AUDIT_ENABLED), "True") &&
	       audit_transport(audit_field(r, AUDIT_PROTOCOL), ret_transport);
}

/* Keep the peers of a rule; the ports of one line share them. */
static void
audit_keep_remote(struct audit_reader *r, struct dmp_audit_open *open)
{
	const char *remote = audit_field(r, AUDIT_REMOTE);

	open->is_anybody = audit_is(remote, "Any");
	if (open->is_anybody)
		return;
	open->remote = r->audit.remotes.size;
	dmp_text_append_bytes(&r->audit.remotes, remote, strlen(remote) + 1);
	if (r->audit.remotes.status != DMP_OK)
		r->status = r->audit.remotes.status;
}

static void
audit_take_rule(struct audit_reader *r, char *line)
{
	struct dmp_audit_open open = {0};
	const char *name;
	char *rest;
	bool any = false;

	audit_split_csv(r, line);
	name = audit_field(r, AUDIT_NAME);
	dmp_text_printable(open.what, sizeof open.what, name, strlen(name));
	if ((size_t)r->column[AUDIT_LOCAL_PORT] >= r->n_fields ||
	    !audit_is_opening(r, &open.transport)) {
		r->audit.n_skipped++;
		return;
	}
	audit_keep_remote(r, &open);
	rest = r->fields[r->column[AUDIT_LOCAL_PORT]];
	while (*rest) {
		char *word = rest + strspn(rest, DMP_AUDIT_SEPARATORS);
		size_t n = strcspn(word, DMP_AUDIT_SEPARATORS);

		rest = word + n;
		if (*rest)
			*rest++ = '\0';
		if (strcasecmp(word, "Any") == 0)
			r->audit.n_any++;
		if (n > 0 && audit_ports(word, &open)) {
			audit_add(r, &open);
			any = true;
		}
	}
	if (!any)
		r->audit.n_skipped++;
}

/* ---- lines ---- */

/* Does the first line begin what ss, with or without its titles, or Export-Csv writes?
 */
static bool
audit_begin(struct audit_reader *r, char *line)
{
	bool is_socket = strncmp(line, "tcp ", 4) == 0 || strncmp(line, "udp ", 4) == 0;

	r->audit.is_listeners = is_socket || strncmp(line, "Netid", 5) == 0;
	if (is_socket)
		audit_take_socket(r, line);
	return r->audit.is_listeners || audit_read_titles(r, line);
}

static void
audit_lines(struct audit_reader *r, char *data, struct dmp_text *error)
{
	bool has_begun = false;
	char *line = data;

	while (*line && r->status == DMP_OK) {
		size_t n = strcspn(line, "\r\n");
		char *next = line + n + (line[n] != '\0');

		line[n] = '\0';
		if (n > AUDIT_LINE)
			r->status = DMP_ETOOBIG;
		else if (n == 0 || line[0] == '#')
			; /* PowerShell 5 begins with #TYPE */
		else if (has_begun && r->audit.is_listeners)
			audit_take_socket(r, line);
		else if (has_begun)
			audit_take_rule(r, line);
		else if (audit_begin(r, line))
			has_begun = true;
		else
			break;
		line = next;
	}
	if (has_begun || r->status != DMP_OK)
		return;
	r->status = DMP_EINVAL;
	dmp_text_append(error,
	    "expected the output of \"ss -lntu\", or a CSV file of firewall rules with "
	    "the titles Protocol and LocalPort in its first line");
}

enum dmp_status
dmp_audit_parse(
    const char *data, size_t size, struct dmp_audit *ret_audit, struct dmp_text *error)
{
	struct audit_reader r = {0};
	struct dmp_text text = {0};

	r.status = dmp_encoding_decode(data, size, &text);
	dmp_text_append(&text, "");
	if (r.status == DMP_OK)
		r.status = text.status;
	if (r.status == DMP_OK)
		audit_lines(&r, text.data, error);
	else if (r.status == DMP_EINVAL)
		dmp_text_append(error, "this is no text in UTF-8 or UTF-16");
	dmp_text_done(&text);
	if (r.status == DMP_ETOOBIG)
		dmp_text_append(error, "too long for a list of the ports of one host");
	if (r.status != DMP_OK) {
		dmp_audit_done(&r.audit);
		return r.status;
	}
	*ret_audit = r.audit;
	return DMP_OK;
}

void
dmp_audit_done(struct dmp_audit *audit)
{
	free(audit->opens);
	dmp_text_done(&audit->remotes);
	*audit = (struct dmp_audit){0};
}
