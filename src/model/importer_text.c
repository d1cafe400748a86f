/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of foreign files: declarations, and the forms that a harmless value may have. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
#include "base/encoding.h"
#include "model/importer_agent.h"
#include "model/site_value.h"

static const char SPACE[] = " \t\r\n";

bool
dmp_import_trim(const char *text, size_t n, char *field, size_t size)
{
	while (n > 0 && strchr(SPACE, *text)) {
		text++;
		n--;
	}
	while (n > 0 && strchr(SPACE, text[n - 1]))
		n--;
	if (n >= size)
		return false;
	memcpy(field, text, n);
	field[n] = '\0';
	return true;
}

bool
dmp_import_parse_bool(const char *text, enum dmp_tristate *ret_value)
{
	char word[8];

	if (!dmp_import_trim(text, strlen(text), word, sizeof word))
		return false;
	if (strcasecmp(word, "true") == 0 || strcmp(word, "1") == 0)
		*ret_value = DMP_YES;
	else if (strcasecmp(word, "false") == 0 || strcmp(word, "0") == 0)
		*ret_value = DMP_NO;
	else
		return false;
	return true;
}

bool
dmp_import_parse_port(const char *text, uint16_t *ret_port)
{
	char word[8];
	uint64_t value;

	if (!dmp_import_trim(text, strlen(text), word, sizeof word) ||
	    !dmp_text_number(word, 1, UINT16_MAX, &value))
		return false;
	*ret_port = (uint16_t)value;
	return true;
}

bool
dmp_import_is_local(const char *address)
{
	static const char *const WORDS[] = {
	    "localhost", ".", "(local)", "0.0.0.0", "::"};
	struct dmp_address parsed;

	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		if (strcasecmp(address, WORDS[i]) == 0)
			return true;
	}
	return dmp_address_parse(address, &parsed) && dmp_address_is_loopback(&parsed);
}

/* Take the scheme off; what it says about TLS. */
static const char *
endpoint_skip_scheme(const char *text, enum dmp_tristate *ret_tls)
{
	static const char *const PLAIN[] = {"http", "nats", NULL};
	static const char *const TLS[] = {"https", "tls", NULL};
	const char *end = strstr(text, "://");
	size_t n = end ? (size_t)(end - text) : 0;

	if (n == 0)
		return text;
	for (size_t i = 0; PLAIN[i]; i++) {
		if (strlen(PLAIN[i]) == n && strncasecmp(text, PLAIN[i], n) == 0)
			*ret_tls = DMP_NO;
	}
	for (size_t i = 0; TLS[i]; i++) {
		if (strlen(TLS[i]) == n && strncasecmp(text, TLS[i], n) == 0)
			*ret_tls = DMP_YES;
	}
	return end + 3;
}

static bool
endpoint_is_address(const char *text)
{
	return strcmp(text, ".") == 0 || strcasecmp(text, "(local)") == 0 ||
	       dmp_site_is_address(text);
}

/* The colon before the port; NULL without one, and in a bare IPv6 address. */
static char *
endpoint_colon(char *text)
{
	char *colon = strchr(text, ':');

	if (text[0] == '[') {
		char *bracket = strchr(text, ']');

		return bracket && bracket[1] == ':' ? bracket + 1 : NULL;
	}
	return colon && !strchr(colon + 1, ':') ? colon : NULL;
}

bool
dmp_import_parse_endpoint(const char *text, struct dmp_import_endpoint *ret_endpoint)
{
	struct dmp_import_endpoint endpoint = {.port = 0};
	char word[DMP_IMPORT_ITEM];
	struct dmp_address address;
	char canonical[DMP_ADDRESS_TEXT];
	char *host = word;
	const char *rest;
	char *colon;
	size_t n;

	if (!dmp_import_trim(text, strlen(text), word, sizeof word))
		return false;
	rest = endpoint_skip_scheme(word, &endpoint.tls);
	memmove(word, rest, strlen(rest) + 1);
	n = strcspn(word, "/?#");
	/* What is before such an "@" may be a password with a slash in it. */
	if (strchr(word + n, '@'))
		return false;
	word[n] = '\0';
	if (strrchr(word, '@'))
		host = strrchr(word, '@') + 1;
	colon = endpoint_colon(host);
	if (colon) {
		if (!dmp_import_parse_port(colon + 1, &endpoint.port))
			return false;
		*colon = '\0';
	}
	n = strlen(host);
	if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		host++;
	}
	if (strlen(host) >= sizeof endpoint.address || !endpoint_is_address(host))
		return false;
	dmp_text_copy(endpoint.address, sizeof endpoint.address, host);
	/* One spelling for each address: they are compared as text. */
	if (dmp_address_parse(host, &address)) {
		dmp_address_text(&address, canonical);
		dmp_text_copy(endpoint.address, sizeof endpoint.address, canonical);
	}
	*ret_endpoint = endpoint;
	return true;
}

bool
dmp_import_next_item(
    const char **cursor, const char *separators, char item[DMP_IMPORT_ITEM])
{
	const char *text = *cursor;
	size_t n;

	if (!text)
		return false;
	n = strcspn(text, separators);
	/* What is cut here is too long for whatever is looked for. */
	if (!dmp_import_trim(text, n, item, DMP_IMPORT_ITEM))
		dmp_text_copy(item, DMP_IMPORT_ITEM, text);
	*cursor = text[n] ? text + n + 1 : NULL;
	return true;
}

/* .NET writes encoding="utf-16" into files that are UTF-8, and what was UTF-16 is UTF-8
 * by now: blank the declaration, all else stays where it is. */
static void
blank_declaration(char *text)
{
	char *end;
	char *word;

	if (strncmp(text, "<?xml", 5) != 0)
		return;
	end = strstr(text, "?>");
	if (!end)
		return;
	for (word = text; word < end; word++) {
		if (strncasecmp(word, "utf-16", 6) == 0 ||
		    strncasecmp(word, "unicode", 7) == 0)
			break;
	}
	if (word >= end)
		return;
	for (char *p = text; p < end + 2; p++) {
		if (*p != '\n')
			*p = ' ';
	}
}

enum dmp_status
dmp_import_decode(const char *data, size_t size, char **ret_text, size_t *ret_size)
{
	struct dmp_text out = {0};
	enum dmp_status status = dmp_encoding_decode(data, size, &out);

	dmp_text_append(&out, "");
	if (status == DMP_OK)
		status = out.status;
	if (status != DMP_OK) {
		dmp_text_done(&out);
		return status;
	}
	blank_declaration(out.data);
	*ret_text = out.data;
	*ret_size = out.size;
	return DMP_OK;
}
