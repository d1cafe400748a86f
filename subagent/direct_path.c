/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/direct_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "subagent/receiver.h"

enum {
	RETRY_MS = 5000,    /* what the system or DNS refused */
	REFRESH_MS = 30000, /* names are looked up again */
	DISCOVER_MS = 500,  /* the first pause, doubling up to */
	DISCOVER_MAX_MS = 10000,
	DISCOVER_PATIENCE = 3, /* unanswered, before that is called trouble */
	READ_MAX = 16,         /* datagrams per turn */
	DATAGRAM_MAX = 2048
};

struct dmpd_path {
	const struct dmp_board_receiver *plan;
	struct dmp_resolver *resolver;
	struct dmp_lookup *lookup; /* NULL: none is under way */
	struct dmp_address address;
	struct dmp_address next; /* where it has moved to */
	int64_t lookup_due_ms;
	int fd;
	int64_t open_due_ms;
	struct dmp_snmp_engine engine; /* id_size 0: not known */
	bool is_configured;            /* its engine ID is */
	uint16_t message_id;
	unsigned asked; /* discovery datagrams without answer */
	int64_t ask_due_ms;
	int64_t now_ms; /* of the turn */
	char trouble[DMP_TROUBLE_TEXT];
};

/* --- the engine ID --- */

static unsigned
path_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return (unsigned)((c | 0x20) - 'a') + 10;
}

/* "0x" and pairs of digits; the site file's schema has checked them. */
static void
path_read_engine(struct dmpd_path *path)
{
	const char *text = path->plan->engine_id;
	size_t n = strlen(text);

	if (n < 4 || n > 2 + 2 * sizeof path->engine.id)
		return;
	for (size_t i = 2; i + 1 < n; i += 2)
		path->engine.id[path->engine.id_size++] =
		    (uint8_t)(path_digit(text[i]) << 4 | path_digit(text[i + 1]));
	path->is_configured = true;
}

static bool
path_needs_engine(const struct dmpd_path *path)
{
	return path->plan->version == 3 && path->plan->kind == DMP_RECEIVER_INFORM;
}

enum dmp_status
dmpd_path_new(struct dmp_resolver *resolver, const struct dmp_board_receiver *plan,
    struct dmpd_path **ret_path)
{
	struct dmpd_path *path = calloc(1, sizeof *path);

	if (!path)
		return DMP_ENOMEM;
	path->resolver = resolver;
	path->plan = plan;
	path->fd = -1;
	path->lookup_due_ms = INT64_MIN;
	path->open_due_ms = INT64_MIN;
	path->ask_due_ms = INT64_MIN;
	if (getrandom(&path->message_id, sizeof path->message_id, GRND_NONBLOCK) !=
	    (ssize_t)sizeof path->message_id)
		path->message_id = 0;
	if (path_needs_engine(path))
		path_read_engine(path);
	*ret_path = path;
	return DMP_OK;
}

static void
path_close(struct dmpd_path *path)
{
	if (path->fd >= 0)
		(void)close(path->fd);
	path->fd = -1;
}

void
dmpd_path_free(struct dmpd_path *path)
{
	if (!path)
		return;
	dmp_lookup_cancel(path->lookup);
	path_close(path);
	free(path);
}

/* --- its address --- */

static void
path_resolved(struct dmpd_path *path, const struct dmp_resolve_result *result)
{
	if (result->n_addresses > 0) {
		path->next = result->addresses[0];
		path->lookup_due_ms = path->now_ms + REFRESH_MS;
		if (path->address.family == 0)
			path->address = path->next;
		return;
	}
	path->lookup_due_ms = path->now_ms + RETRY_MS;
	if (path->address.family == 0)
		dmp_text_format(path->trouble, sizeof path->trouble, "%.60s: %s",
		    path->plan->address, dmp_reason_sentence(result->reason));
}

static void
path_on_lookup(const struct dmp_resolve_result *result, void *arg)
{
	struct dmpd_path *path = arg;

	path->lookup = NULL;
	path_resolved(path, result);
}

/* What it is sent from decides the family. */
static enum dmp_resolve_family
path_family(const struct dmpd_path *path)
{
	struct dmp_address source;

	if (!dmp_address_parse(path->plan->source, &source))
		return DMP_RESOLVE_ANY;
	return source.family == AF_INET ? DMP_RESOLVE_4 : DMP_RESOLVE_6;
}

static void
path_look_up(struct dmpd_path *path)
{
	struct dmp_resolve_result result;
	struct dmp_address literal;
	enum dmp_status status;

	if (dmp_address_parse(path->plan->address, &literal)) {
		path->address = literal;
		path->next = literal;
		path->lookup_due_ms = INT64_MAX;
		return;
	}
	status = dmp_resolver_lookup(path->resolver, path->plan->address,
	    path_family(path), path_on_lookup, path, &result, &path->lookup);
	if (status != DMP_OK)
		path->lookup_due_ms = path->now_ms + RETRY_MS;
	else if (!path->lookup)
		path_resolved(path, &result);
}

/* --- the socket --- */

static int
path_make_socket(const struct dmpd_path *path)
{
	struct sockaddr_storage to;
	struct sockaddr_storage from;
	struct dmp_address source;
	socklen_t size = dmp_address_to_socket(&path->address, path->plan->port, &to);
	int error;
	int fd =
	    socket(path->address.family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (dmp_address_parse(path->plan->source, &source)) {
		socklen_t from_size = dmp_address_to_socket(&source, 0, &from);

		if (bind(fd, (const struct sockaddr *)&from, from_size) != 0)
			goto fail;
	}
	if (connect(fd, (const struct sockaddr *)&to, size) == 0)
		return fd;
fail:
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

static void
path_open(struct dmpd_path *path)
{
	path->fd = path_make_socket(path);
	if (path->fd >= 0) {
		path->trouble[0] = '\0';
		return;
	}
	path->open_due_ms = path->now_ms + RETRY_MS;
	dmp_text_format(path->trouble, sizeof path->trouble, "no way to send%s%s: %s",
	    path->plan->source[0] ? " from " : "", path->plan->source, strerror(errno));
}

/* --- discovery --- */

static void
path_ask(struct dmpd_path *path)
{
	uint8_t datagram[DMP_SNMP_DISCOVERY_SIZE];
	uint32_t pause_ms = DISCOVER_MS;

	for (unsigned i = 0; i < path->asked && pause_ms < DISCOVER_MAX_MS; i++)
		pause_ms *= 2;
	if (pause_ms > DISCOVER_MAX_MS)
		pause_ms = DISCOVER_MAX_MS;
	if (path->asked >= DISCOVER_PATIENCE)
		dmp_text_copy(path->trouble, sizeof path->trouble,
		    "it does not tell its engine ID: no answer");
	path->message_id = (uint16_t)(path->message_id + 1);
	if (path->message_id < DMP_SNMP_ID_MIN || path->message_id > DMP_SNMP_ID_MAX)
		path->message_id = DMP_SNMP_ID_MIN;
	dmp_snmp_discovery(path->message_id, path->message_id, datagram);
	(void)!send(path->fd, datagram, sizeof datagram, MSG_DONTWAIT | MSG_NOSIGNAL);
	path->ask_due_ms = path->now_ms + pause_ms;
	path->asked++;
}

static void
path_hear(struct dmpd_path *path)
{
	uint8_t datagram[DATAGRAM_MAX];

	for (int i = 0; i < READ_MAX && path->engine.id_size == 0; i++) {
		ssize_t n = recv(path->fd, datagram, sizeof datagram, MSG_DONTWAIT);

		if (n < 0 && errno != ECONNREFUSED)
			return;
		if (n > 0 && dmp_snmp_parse(datagram, (size_t)n, path->message_id,
		                 &path->engine) == DMP_SNMP_DISCOVERED) {
			path->asked = 0;
			path->trouble[0] = '\0';
		}
	}
}

void
dmpd_path_turn(struct dmpd_path *path, int64_t now_ms)
{
	path->now_ms = now_ms;
	if (!path->lookup && now_ms >= path->lookup_due_ms)
		path_look_up(path);
	if (path->address.family == 0)
		return;
	if (path->fd < 0 && now_ms >= path->open_due_ms)
		path_open(path);
	if (path->fd < 0 || !path_needs_engine(path) || path->engine.id_size > 0)
		return;
	path_hear(path);
	if (path->engine.id_size == 0 && now_ms >= path->ask_due_ms)
		path_ask(path);
}

bool
dmpd_path_is_ready(const struct dmpd_path *path)
{
	return path->fd >= 0 && (!path_needs_engine(path) || path->engine.id_size > 0);
}

bool
dmpd_path_has_moved(const struct dmpd_path *path)
{
	return path->address.family != 0 &&
	       !dmp_address_equal(&path->address, &path->next);
}

void
dmpd_path_reset(struct dmpd_path *path)
{
	path_close(path);
	path->address = path->next;
	path->open_due_ms = INT64_MIN;
	if (!path->is_configured)
		path->engine.id_size = 0;
}

int
dmpd_path_fd(const struct dmpd_path *path)
{
	return path->fd;
}

const uint8_t *
dmpd_path_engine(const struct dmpd_path *path, size_t *ret_size)
{
	*ret_size = path->engine.id_size;
	return path->engine.id;
}

bool
dmpd_path_source(const struct dmpd_path *path, uint8_t ret_address[4])
{
	struct sockaddr_storage name;
	socklen_t size = sizeof name;
	struct dmp_address address;
	uint16_t port;

	if (path->fd < 0 ||
	    getsockname(path->fd, (struct sockaddr *)&name, &size) != 0 ||
	    !dmp_address_from_socket((const struct sockaddr *)&name, &address, &port) ||
	    address.family != AF_INET)
		return false;
	memcpy(ret_address, address.bytes, 4);
	return true;
}

const char *
dmpd_path_trouble(const struct dmpd_path *path)
{
	return path->trouble;
}

int
dmpd_path_wait_ms(const struct dmpd_path *path, int64_t now_ms)
{
	int wait_ms = -1;

	if (!path->lookup && path->lookup_due_ms != INT64_MAX)
		wait_ms = dmpd_receiver_until(path->lookup_due_ms, now_ms);
	if (path->address.family == 0)
		return wait_ms;
	if (path->fd < 0)
		return dmpd_receiver_sooner(
		    wait_ms, dmpd_receiver_until(path->open_due_ms, now_ms));
	if (!dmpd_path_is_ready(path))
		wait_ms = dmpd_receiver_sooner(
		    wait_ms, dmpd_receiver_until(path->ask_due_ms, now_ms));
	return wait_ms;
}
