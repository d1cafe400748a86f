/* SPDX-License-Identifier: BSD-2-Clause */
/* Text of foreign files: encodings, and the forms that a harmless value may have. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/address.h"
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
	word[strcspn(word, "/?#")] = '\0';
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

/* One code point as UTF-8; returns its length. */
static size_t
utf8_put(uint32_t c, char *out)
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
utf16_unit(const unsigned char *p, bool is_big)
{
	return is_big ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

/* Two bytes become at most three, four become four. */
static enum dmp_status
utf16_decode(const unsigned char *p, size_t size, bool is_big, struct dmp_text *out)
{
	char bytes[4];

	if (size % 2 != 0)
		return DMP_EINVAL;
	for (size_t i = 0; i < size; i += 2) {
		uint32_t c = utf16_unit(p + i, is_big);

		if (c == 0 || (c >= 0xdc00 && c < 0xe000))
			return DMP_EINVAL;
		if (c >= 0xd800 && c < 0xdc00) {
			uint32_t low = i + 2 < size ? utf16_unit(p + i + 2, is_big) : 0;

			if (low < 0xdc00 || low >= 0xe000)
				return DMP_EINVAL;
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i += 2;
		}
		dmp_text_append_bytes(out, bytes, utf8_put(c, bytes));
	}
	return out->status;
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
	const unsigned char *p = (const unsigned char *)data;
	struct dmp_text out = {0};
	enum dmp_status status;

	if (size >= 2 && p[0] == 0xff && p[1] == 0xfe) {
		status = utf16_decode(p + 2, size - 2, false, &out);
	} else if (size >= 2 && p[0] == 0xfe && p[1] == 0xff) {
		status = utf16_decode(p + 2, size - 2, true, &out);
	} else {
		size_t skip = size >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

		if (memchr(data, '\0', size))
			return DMP_EINVAL;
		dmp_text_append_bytes(&out, data + skip, size - skip);
		status = out.status;
	}
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
