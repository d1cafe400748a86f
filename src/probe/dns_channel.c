/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/dns_channel.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

/* Needs fd_set and does not include it. */
#include <ares.h>

#define TRY_MS 1000
#define TRIES  2

struct dns_socket {
	LIST_ENTRY(dns_socket) link;
	struct dmp_dns_channel *channel;
	struct event *event;
	ares_socket_t fd;
};

struct dmp_dns_channel {
	struct event_base *base;
	struct event *timer;
	ares_channel ares;
	LIST_HEAD(, dns_socket) sockets;
};

struct dns_query {
	dmp_dns_answer_fn *answer;
	void *arg;
};

/* Everything that is not listed is a failure of the name server. */
static enum dmp_reason
dns_reason(int status)
{
	static const struct {
		int status;
		enum dmp_reason reason;
	} ROWS[] = {
	    {ARES_SUCCESS, DMP_REASON_NONE},
	    {ARES_ENODATA, DMP_REASON_DNS_NO_NAME},
	    {ARES_ENOTFOUND, DMP_REASON_DNS_NO_NAME},
	    {ARES_ENONAME, DMP_REASON_DNS_NO_NAME},
	    {ARES_EBADNAME, DMP_REASON_DNS_NO_NAME},
	    {ARES_ETIMEOUT, DMP_REASON_DNS_TIMEOUT},
	    {ARES_ENOMEM, DMP_REASON_LOCAL_LIMIT},
	};

	for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
		if (ROWS[i].status == status)
			return ROWS[i].reason;
	return DMP_REASON_DNS_FAILED;
}

/* c-ares says "connection refused" also when it could not get a socket; that is our
 * fault and must not count against the name server. */
static bool
dns_out_of_descriptors(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		(void)close(fd);
	return fd < 0 && (errno == EMFILE || errno == ENFILE);
}

/* Copy addresses in turn from both families, that of the first one first (RFC 8305
 * 4), so that a broken family never takes all the places. */
static void
dns_interleave(const struct ares_addrinfo_node *nodes, struct dmp_dns_answer *answer)
{
	const struct ares_addrinfo_node *turn[2] = {nodes, nodes};
	int want = nodes->ai_family;
	int other = want == AF_INET ? AF_INET6 : AF_INET;

	answer->ttl_s = UINT32_MAX;
	while (answer->n_addresses < DMP_RESOLVE_ADDRESSES && (turn[0] || turn[1])) {
		for (int i = 0; i < 2; i++) {
			int family = i == 0 ? want : other;
			uint16_t port;

			while (turn[i] && turn[i]->ai_family != family)
				turn[i] = turn[i]->ai_next;
			if (!turn[i] || answer->n_addresses == DMP_RESOLVE_ADDRESSES)
				continue;
			if (dmp_address_from_socket(turn[i]->ai_addr,
			        &answer->addresses[answer->n_addresses], &port))
				answer->n_addresses++;
			if (turn[i]->ai_ttl >= 0 &&
			    (uint32_t)turn[i]->ai_ttl < answer->ttl_s)
				answer->ttl_s = (uint32_t)turn[i]->ai_ttl;
			turn[i] = turn[i]->ai_next;
		}
	}
}

static void
dns_on_answer(void *arg, int status, int timeouts, struct ares_addrinfo *info)
{
	struct dns_query *query = arg;
	struct dmp_dns_answer answer = {
	    .reason = dns_reason(status),
	    .server_error = status == ARES_ESERVFAIL || status == ARES_EREFUSED ||
	                    status == ARES_ENOTIMP,
	    .abandoned = status == ARES_EDESTRUCTION || status == ARES_ECANCELLED,
	};

	(void)timeouts;
	if (status == ARES_ECONNREFUSED && dns_out_of_descriptors())
		answer.reason = DMP_REASON_LOCAL_LIMIT;
	if (info && info->nodes)
		dns_interleave(info->nodes, &answer);
	if (answer.reason == DMP_REASON_NONE && answer.n_addresses == 0)
		answer.reason = DMP_REASON_DNS_NO_NAME;
	ares_freeaddrinfo(info);
	query->answer(&answer, query->arg);
	free(query);
}

static void
dns_arm(struct dmp_dns_channel *channel)
{
	struct timeval tv;

	if (ares_timeout(channel->ares, NULL, &tv))
		(void)event_add(channel->timer, &tv);
	else
		(void)event_del(channel->timer);
}

static void
dns_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct dmp_dns_channel *channel = arg;

	(void)fd;
	(void)what;
	ares_process_fd(channel->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	dns_arm(channel);
}

/* The socket may be closed, and s freed, while c-ares works on it. */
static void
dns_on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct dns_socket *s = arg;
	struct dmp_dns_channel *channel = s->channel;

	ares_process_fd(channel->ares, what & EV_READ ? fd : ARES_SOCKET_BAD,
	    what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	dns_arm(channel);
}

static void
dns_socket_free(struct dns_socket *s)
{
	LIST_REMOVE(s, link);
	if (s->event)
		event_free(s->event);
	free(s);
}

static struct dns_socket *
dns_socket_find(struct dmp_dns_channel *channel, ares_socket_t fd)
{
	struct dns_socket *s;

	LIST_FOREACH(s, &channel->sockets, link)
	if (s->fd == fd)
		return s;
	s = calloc(1, sizeof *s);
	if (!s)
		return NULL;
	s->channel = channel;
	s->fd = fd;
	LIST_INSERT_HEAD(&channel->sockets, s, link);
	return s;
}

/* Without memory for the event the query ends by its timeout. */
static void
dns_on_socket_state(void *data, ares_socket_t fd, int readable, int writable)
{
	struct dns_socket *s = dns_socket_find(data, fd);
	short events = EV_PERSIST;

	if (!s)
		return;
	if (!readable && !writable) {
		dns_socket_free(s);
		return;
	}
	if (readable)
		events |= EV_READ;
	if (writable)
		events |= EV_WRITE;
	if (s->event)
		event_free(s->event);
	s->event = event_new(s->channel->base, fd, events, dns_on_socket, s);
	if (s->event)
		(void)event_add(s->event, NULL);
}

/* The search list belongs to the system's configuration, not to servers given by
 * hand. */
static int
dns_ares_init(struct dmp_dns_channel *channel, const char *servers, int flags)
{
	char lookups[] = "fb";
	struct ares_options options = {.flags = flags,
	    .timeout = TRY_MS,
	    .tries = TRIES,
	    .lookups = lookups,
	    .sock_state_cb = dns_on_socket_state,
	    .sock_state_cb_data = channel};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
	           ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
	int status;

	if (servers)
		mask |= ARES_OPT_DOMAINS;
	status = ares_init_options(&channel->ares, &options, mask);
	if (status == ARES_SUCCESS && servers)
		status = ares_set_servers_ports_csv(channel->ares, servers);
	return status;
}

enum dmp_status
dmp_dns_channel_new(struct event_base *base, const char *servers,
    enum dmp_dns_errors errors, struct dmp_dns_channel **ret_channel)
{
	struct dmp_dns_channel *channel = calloc(1, sizeof *channel);
	int status;

	if (!channel)
		return DMP_ENOMEM;
	LIST_INIT(&channel->sockets);
	channel->base = base;
	status = ares_library_init(ARES_LIB_INIT_ALL);
	if (status != ARES_SUCCESS) {
		free(channel);
		return DMP_ENOMEM;
	}
	channel->timer = event_new(base, -1, 0, dns_on_timer, channel);
	if (channel->timer)
		status = dns_ares_init(channel, servers,
		    errors == DMP_DNS_REPORT ? ARES_FLAG_NOCHECKRESP : 0);
	if (!channel->timer || status != ARES_SUCCESS) {
		dmp_dns_channel_free(channel);
		return status == ARES_EBADSTR ? DMP_EINVAL : DMP_ENOMEM;
	}
	*ret_channel = channel;
	return DMP_OK;
}

void
dmp_dns_channel_free(struct dmp_dns_channel *channel)
{
	if (!channel)
		return;
	if (channel->ares)
		ares_destroy(channel->ares);
	while (!LIST_EMPTY(&channel->sockets))
		dns_socket_free(LIST_FIRST(&channel->sockets));
	if (channel->timer)
		event_free(channel->timer);
	free(channel);
	ares_library_cleanup();
}

void
dmp_dns_query(struct dmp_dns_channel *channel, const char *name,
    enum dmp_resolve_family family, dmp_dns_answer_fn *answer, void *arg)
{
	static const int FAMILIES[] = {
	    [DMP_RESOLVE_ANY] = AF_UNSPEC,
	    [DMP_RESOLVE_4] = AF_INET,
	    [DMP_RESOLVE_6] = AF_INET6,
	};
	struct ares_addrinfo_hints hints = {
	    .ai_family = FAMILIES[family], .ai_socktype = SOCK_STREAM};
	struct dns_query *query = malloc(sizeof *query);

	if (!query) {
		struct dmp_dns_answer none = {.reason = DMP_REASON_LOCAL_LIMIT};

		answer(&none, arg);
		return;
	}
	*query = (struct dns_query){.answer = answer, .arg = arg};
	ares_getaddrinfo(channel->ares, name, NULL, &hints, dns_on_answer, query);
	dns_arm(channel);
}
