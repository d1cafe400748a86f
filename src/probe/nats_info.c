/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/nats_info.h"

#include <jansson.h>
#include <string.h>

#include "base/text.h"

static const char NATS_PREFIX[] = "INFO {";

/* The member's text made printable; false when it is absent, empty or no string. */
static bool
nats_text(const json_t *object, const char *name, char field[DMP_NATS_TEXT])
{
	const json_t *value = json_object_get(object, name);

	field[0] = '\0';
	if (!json_is_string(value))
		return false;
	dmp_text_printable(
	    field, DMP_NATS_TEXT, json_string_value(value), json_string_length(value));
	return field[0] != '\0';
}

static bool
nats_flag(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static bool
nats_has(const json_t *object, const char *name)
{
	return json_object_get(object, name) != NULL;
}

/* What each kind of port leaves out of its INFO, and what only it says.  Only clients
 * and leaf nodes get a client_id; a client's INFO may have a nonce, too. */
static enum dmp_nats_port
nats_port(const json_t *object)
{
	if (nats_has(object, "gateway"))
		return DMP_NATS_PORT_GATEWAY;
	if (!nats_has(object, "client_id"))
		return nats_has(object, "nonce") || nats_has(object, "lnoc")
		           ? DMP_NATS_PORT_ROUTE
		           : DMP_NATS_PORT_CLIENT;
	return nats_has(object, "leafnode_urls") || nats_has(object, "info_on_connect")
	           ? DMP_NATS_PORT_LEAF
	           : DMP_NATS_PORT_CLIENT;
}

/* Every NATS server says who it is and which version; the cluster is a text in INFO
 * and an object in the monitoring page. */
static bool
nats_read(const json_t *object, struct dmp_nats_info *ret_info)
{
	struct dmp_nats_info info = {
	    .port = nats_port(object),
	    .auth_required = nats_flag(object, "auth_required"),
	    .tls_required = nats_flag(object, "tls_required"),
	    .tls_available = nats_flag(object, "tls_available"),
	    .tls_verify = nats_flag(object, "tls_verify"),
	    .lame_duck = nats_flag(object, "ldm"),
	};
	const json_t *cluster = json_object_get(object, "cluster");
	char id[DMP_NATS_TEXT];

	if (!nats_text(object, "server_id", id) ||
	    !nats_text(object, "version", info.version))
		return false;
	if (nats_text(object, "server_name", info.server) &&
	    strcmp(info.server, id) == 0)
		info.server[0] = '\0';
	if (json_is_object(cluster))
		(void)nats_text(cluster, "name", info.cluster);
	else
		(void)nats_text(object, "cluster", info.cluster);
	*ret_info = info;
	return true;
}

/* The whole of data as a JSON object, or NULL.  The library bounds the nesting, and
 * data is bounded by what was read. */
static json_t *
nats_object(const uint8_t *data, size_t size)
{
	json_t *value =
	    json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);

	if (value && !json_is_object(value)) {
		json_decref(value);
		return NULL;
	}
	return value;
}

enum dmp_nats_line
dmp_nats_info_parse(
    const uint8_t *data, size_t size, struct dmp_nats_info *ret_info, size_t *ret_size)
{
	const size_t prefix = sizeof NATS_PREFIX - 1;
	const size_t brace = prefix - 1;
	const uint8_t *end;
	json_t *object;
	bool ok;

	if (memcmp(data, NATS_PREFIX, size < prefix ? size : prefix) != 0)
		return DMP_NATS_OTHER;
	end = memchr(data, '\n', size < DMP_NATS_LINE ? size : DMP_NATS_LINE);
	if (!end)
		return size < DMP_NATS_LINE ? DMP_NATS_MORE : DMP_NATS_MALFORMED;
	object = nats_object(data + brace, (size_t)(end - data) - brace);
	ok = object && nats_read(object, ret_info);
	json_decref(object);
	if (!ok)
		return DMP_NATS_MALFORMED;
	*ret_size = (size_t)(end - data) + 1;
	return DMP_NATS_INFO;
}

bool
dmp_nats_varz_parse(const uint8_t *data, size_t size, struct dmp_nats_info *ret_info)
{
	json_t *object = nats_object(data, size);
	bool ok = object && nats_has(object, "connections") &&
	          nats_has(object, "slow_consumers") && nats_read(object, ret_info);

	json_decref(object);
	return ok;
}

bool
dmp_nats_health_parse(
    const uint8_t *data, size_t size, bool *ret_healthy, char ret_words[DMP_NATS_TEXT])
{
	json_t *object = nats_object(data, size);
	char status[DMP_NATS_TEXT], error[DMP_NATS_TEXT];
	bool ok = object && nats_text(object, "status", status);
	bool healthy = ok && strcmp(status, "ok") == 0;

	ok = ok && (healthy || strcmp(status, "unavailable") == 0 ||
	               strcmp(status, "error") == 0);
	if (ok) {
		*ret_healthy = healthy;
		dmp_text_copy(ret_words, DMP_NATS_TEXT,
		    nats_text(object, "error", error) ? error : status);
	}
	json_decref(object);
	return ok;
}

void
dmp_nats_identity(const struct dmp_nats_info *info, char text[DMP_NATS_IDENTITY])
{
	dmp_text_format(text, DMP_NATS_IDENTITY, "NATS %s%s%s%s%s", info->version,
	    info->server[0] ? ", server " : "", info->server,
	    info->cluster[0] ? ", cluster " : "", info->cluster);
}

const char *
dmp_nats_port_text(enum dmp_nats_port port)
{
	static const char *const TEXTS[] = {"client", "route", "gateway", "leaf node"};

	return TEXTS[port];
}
