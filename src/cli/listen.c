/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listen.c - dmports listen: stand in for the services of a host that are not there
 * yet, so that the network path to them can be proven.
 *
 * How it works: every planned port of the host is bound, by TCP and UDP, at the host's
 * own addresses.  Over TCP each connection gets one line and is closed; over UDP an
 * SNMPv3 discovery is answered (probe/path.h).  Nothing that is received is interpreted
 * beyond that.  At the end the report says for each port who was expected, who came,
 * and who did not.
 */
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/port.h"
#include "cli/cli.h"
#include "cli/listen_peers.h"
#include "probe/path.h"

enum {
	LISTEN_BACKLOG = 64,
	LISTEN_CONNECTIONS = 256, /* at a time */
	LISTEN_PATIENCE_S = 5,    /* for the peer's end */
	LISTEN_ADDRESSES = DMP_SITE_ADDRESSES,
	LISTEN_DATAGRAM = 2048
};

/* One planned port: who is expected, who has come. */
struct listen_port {
	struct listen *listen;
	uint16_t number;
	enum dmp_transport transport;
	const char *requirement; /* the first one's key */
	struct dmp_listen_peers peers;
	uint32_t n_contacts;
	struct evconnlistener *tcp[LISTEN_ADDRESSES];
	struct event *udp[LISTEN_ADDRESSES];
	size_t n_bound;
	char trouble[128]; /* why it is not bound everywhere, "" = it is */
};

struct listen {
	struct dmp_cli *cli;
	struct dmp_plan *plan;
	struct dmp_matrix *matrix;
	size_t host;
	struct event_base *base;
	struct listen_port *ports;
	size_t n_ports;
	struct dmp_address addresses[LISTEN_ADDRESSES];
	size_t n_addresses;
	struct bufferevent *connections[LISTEN_CONNECTIONS];
	size_t n_connections;
};

/* ---- what to listen on ---- */

static struct listen_port *
listen_find(struct listen *l, const struct dmp_flow *flow)
{
	for (size_t i = 0; i < l->n_ports; i++) {
		if (l->ports[i].number == flow->number &&
		    l->ports[i].transport == flow->transport)
			return &l->ports[i];
	}
	return NULL;
}

static bool
listen_is_planned(const struct listen *l, const struct dmp_flow *flow)
{
	return flow->to == l->host && flow->number != 0 &&
	       flow->transport != DMP_TRANSPORT_NONE &&
	       flow->applies != DMP_APPLIES_NO &&
	       (flow->level == DMP_LEVEL_REQUIRED || flow->level == DMP_LEVEL_OPTIONAL);
}

static int
listen_compare(const void *a, const void *b)
{
	const struct listen_port *x = a;
	const struct listen_port *y = b;

	if (x->transport != y->transport)
		return x->transport < y->transport ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static enum dmp_status
listen_collect(struct listen *l)
{
	enum dmp_status status = DMP_OK;

	l->ports = calloc(l->matrix->n_flows + 1, sizeof *l->ports);
	if (!l->ports)
		return DMP_ENOMEM;
	for (size_t i = 0; status == DMP_OK && i < l->matrix->n_flows; i++) {
		const struct dmp_flow *flow = &l->matrix->flows[i];
		struct listen_port *port;

		if (!listen_is_planned(l, flow))
			continue;
		port = listen_find(l, flow);
		if (!port) {
			port = &l->ports[l->n_ports++];
			port->listen = l;
			port->number = flow->number;
			port->transport = flow->transport;
			port->requirement =
			    l->plan->requirements[flow->requirement].key;
		}
		status = dmp_listen_expect(&port->peers, l->plan, flow);
	}
	if (l->n_ports > 1)
		qsort(l->ports, l->n_ports, sizeof *l->ports, listen_compare);
	return status;
}

/* The host's own addresses; with only a name, or --any, all of this machine. */
static void
listen_choose_addresses(struct listen *l)
{
	const struct dmp_plan_host *host = &l->plan->hosts[l->host];

	for (size_t i = 0; !l->cli->options.value[DMP_OPT_ANY] && i < host->n_addresses;
	     i++) {
		if (dmp_address_parse(
		        host->addresses[i], &l->addresses[l->n_addresses]))
			l->n_addresses++;
	}
	if (l->n_addresses == 0) {
		(void)dmp_address_parse("0.0.0.0", &l->addresses[0]);
		(void)dmp_address_parse("::", &l->addresses[1]);
		l->n_addresses = 2;
	}
}

/* ---- being asked ---- */

static void
listen_contact(struct listen_port *port, const struct sockaddr *from)
{
	struct listen *l = port->listen;
	struct dmp_address address;
	char text[DMP_ADDRESS_TEXT];
	char name[DMP_PORT_TEXT];
	uint16_t number;

	if (!dmp_address_from_socket(from, &address, &number))
		return;
	if (port->n_contacts < UINT32_MAX)
		port->n_contacts++;
	if (!dmp_listen_came(&port->peers, &address) ||
	    l->cli->options.value[DMP_OPT_QUIET])
		return;
	dmp_address_text(&address, text);
	dmp_port_text(port->transport, port->number, name);
	dmp_cli_error(
	    l->cli, "%s (%s): reached from %s", name, port->requirement, text);
}

static void
listen_on_end(struct bufferevent *bev, short what, void *arg)
{
	struct listen *l = arg;

	(void)what;
	for (size_t i = 0; i < l->n_connections; i++) {
		if (l->connections[i] == bev) {
			l->connections[i] = l->connections[--l->n_connections];
			break;
		}
	}
	bufferevent_free(bev);
}

/* Whatever the peer says is passed over. */
static void
listen_on_data(struct bufferevent *bev, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(bev);

	(void)arg;
	(void)evbuffer_drain(input, evbuffer_get_length(input));
}

/* The line is out: end our half, the peer ends the other. */
static void
listen_on_sent(struct bufferevent *bev, void *arg)
{
	(void)arg;
	(void)shutdown(bufferevent_getfd(bev), SHUT_WR);
}

static void
listen_on_connection(struct evconnlistener *listener, evutil_socket_t fd,
    struct sockaddr *from, int size, void *arg)
{
	static const struct timeval patience = {LISTEN_PATIENCE_S, 0};
	struct listen_port *port = arg;
	struct listen *l = port->listen;
	struct bufferevent *bev = NULL;
	char line[160];

	(void)listener;
	(void)size;
	listen_contact(port, from);
	if (l->n_connections < LISTEN_CONNECTIONS)
		bev = bufferevent_socket_new(l->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!bev) {
		(void)close(fd);
		return;
	}
	l->connections[l->n_connections++] = bev;
	dmp_text_format(line, sizeof line,
	    DMP_PATH_GREETING "%s %u/tcp (%s) is reachable, the service is not there "
	                      "yet\r\n",
	    l->plan->hosts[l->host].name, port->number, port->requirement);
	bufferevent_setcb(bev, listen_on_data, listen_on_sent, listen_on_end, l);
	(void)bufferevent_set_timeouts(bev, &patience, &patience);
	(void)bufferevent_write(bev, line, strlen(line));
	(void)bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static void
listen_on_datagram(evutil_socket_t fd, short what, void *arg)
{
	struct listen_port *port = arg;
	struct sockaddr_storage from;
	socklen_t from_size = sizeof from;
	uint8_t request[LISTEN_DATAGRAM];
	uint8_t report[DMP_PATH_REPORT_MAX];
	ssize_t n = recvfrom(
	    fd, request, sizeof request, 0, (struct sockaddr *)&from, &from_size);
	size_t size;

	(void)what;
	if (n < 0)
		return;
	listen_contact(port, (const struct sockaddr *)&from);
	size = dmp_path_report(request, (size_t)n, report);
	if (size > 0)
		(void)sendto(fd, report, size, MSG_NOSIGNAL,
		    (const struct sockaddr *)&from, from_size);
}

/* ---- binding ---- */

/* A socket that is bound and does not block; -1 with errno. */
static int
listen_socket(
    const struct listen_port *port, const struct sockaddr_storage *name, socklen_t size)
{
	bool is_tcp = port->transport == DMP_TRANSPORT_TCP;
	int type = (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = socket(name->ss_family, type, 0);
	int one = 1;
	int error;

	if (fd < 0)
		return -1;
	if ((is_tcp &&
	        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0) ||
	    (name->ss_family == AF_INET6 &&
	        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one) != 0) ||
	    bind(fd, (const struct sockaddr *)name, size) != 0) {
		error = errno;
		(void)close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static void
listen_trouble(struct listen_port *port, const struct dmp_address *address, int error)
{
	char text[DMP_ADDRESS_TEXT];
	const char *mend = error == EADDRINUSE ? ": something listens there already"
	                   : error == EACCES   ? ": ports below 1024 need root"
	                   : error == EADDRNOTAVAIL
	                       ? ": not an address of this machine; "
	                         "--any listens on all of them"
	                       : "";

	dmp_address_text(address, text);
	dmp_text_format(port->trouble, sizeof port->trouble, "%s: %s%s", text,
	    strerror(error), mend);
}

static void
listen_bind(struct listen_port *port, size_t i)
{
	struct listen *l = port->listen;
	const struct dmp_address *address = &l->addresses[i];
	struct sockaddr_storage name;
	socklen_t size = dmp_address_to_socket(address, port->number, &name);
	int fd = listen_socket(port, &name, size);

	if (fd < 0) {
		/* A machine without IPv6 has no "::" to offer. */
		if (errno != EAFNOSUPPORT)
			listen_trouble(port, address, errno);
		return;
	}
	if (port->transport == DMP_TRANSPORT_TCP)
		port->tcp[i] = evconnlistener_new(l->base, listen_on_connection, port,
		    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, LISTEN_BACKLOG, fd);
	else
		port->udp[i] = event_new(
		    l->base, fd, EV_READ | EV_PERSIST, listen_on_datagram, port);
	if (!port->tcp[i] && !(port->udp[i] && event_add(port->udp[i], NULL) == 0)) {
		listen_trouble(port, address, errno ? errno : ENOMEM);
		if (!port->udp[i])
			(void)close(fd);
		return;
	}
	port->n_bound++;
}

/* How many ports have at least one socket. */
static size_t
listen_bind_all(struct listen *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_ports; i++) {
		struct listen_port *port = &l->ports[i];
		char name[DMP_PORT_TEXT];

		for (size_t k = 0; k < l->n_addresses; k++)
			listen_bind(port, k);
		n += port->n_bound > 0;
		dmp_port_text(port->transport, port->number, name);
		if (port->trouble[0])
			dmp_cli_error(l->cli, "%s (%s) at %s", name, port->requirement,
			    port->trouble);
	}
	return n;
}

/* ---- the report ---- */

static const struct dmp_column listen_columns[] = {
    {"host", NULL, DMP_COLUMN_TEXT},
    {NULL, "PORT", DMP_COLUMN_TEXT},
    {"transport", NULL, DMP_COLUMN_TEXT},
    {"port", NULL, DMP_COLUMN_NUMBER},
    {"requirement", "REQUIREMENT", DMP_COLUMN_TEXT},
    {"listened", "LISTENED", DMP_COLUMN_TEXT},
    {"contacts", "CONTACTS", DMP_COLUMN_NUMBER},
    {"reached_from", "REACHED FROM", DMP_COLUMN_TEXT},
    {"expected", "EXPECTED", DMP_COLUMN_TEXT},
    {"missing", "MISSING", DMP_COLUMN_TEXT},
    {"trouble", NULL, DMP_COLUMN_TEXT},
};

enum { LISTEN_COLUMNS = sizeof listen_columns / sizeof *listen_columns };

static enum dmp_status
listen_row(
    const struct listen *l, struct dmp_writer *writer, const struct listen_port *p)
{
	bool is_bound = p->n_bound > 0;
	struct dmp_text seen = {0};
	struct dmp_text expected = {0};
	struct dmp_text missing = {0};
	enum dmp_status status;
	char port[DMP_PORT_TEXT];

	dmp_listen_seen_text(&p->peers, &seen);
	dmp_listen_expected_text(&p->peers, l->plan, &expected);
	dmp_listen_missing_text(&p->peers, l->plan, &missing);
	dmp_port_text(p->transport, p->number, port);
	const struct dmp_cell cells[LISTEN_COLUMNS] = {
	    {.text = l->plan->hosts[l->host].name},
	    {.text = port},
	    {.text = dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)p->transport)},
	    {.number = p->number, .present = true},
	    {.text = p->requirement},
	    {.text = is_bound ? "yes" : "no",
	        .colour = is_bound ? DMP_COLOUR_GREEN : DMP_COLOUR_YELLOW},
	    {.number = p->n_contacts, .present = true},
	    {.text = dmp_text_get(&seen)},
	    {.text = dmp_text_get(&expected)},
	    {.text = dmp_text_get(&missing), .colour = DMP_COLOUR_YELLOW},
	    {.text = p->trouble},
	};
	status = dmp_writer_row(writer, cells);
	dmp_text_done(&seen);
	dmp_text_done(&expected);
	dmp_text_done(&missing);
	return status;
}

static int
listen_report(const struct listen *l)
{
	struct dmp_writer *writer = NULL;
	enum dmp_status status =
	    dmp_cli_writer(l->cli, listen_columns, LISTEN_COLUMNS, &writer);

	for (size_t i = 0; status == DMP_OK && i < l->n_ports; i++)
		status = listen_row(l, writer, &l->ports[i]);
	return dmp_cli_printed(l->cli, dmp_writer_end(writer, status));
}

/* ---- the command ---- */

static void
listen_on_signal(evutil_socket_t fd, short what, void *arg)
{
	struct listen *l = arg;

	(void)fd;
	(void)what;
	(void)event_base_loopbreak(l->base);
}

static void
listen_say(const struct listen *l, size_t n_bound)
{
	if (!l->cli->options.value[DMP_OPT_QUIET])
		dmp_cli_error(l->cli,
		    "listening on %zu of %zu ports of %s; now run \"dmports check\" on "
		    "the "
		    "other side; Ctrl-C ends it with a report",
		    n_bound, l->n_ports, l->plan->hosts[l->host].name);
}

/* Until Ctrl-C, SIGTERM, or --for is over.  It is said when they would be heard. */
static enum dmp_status
listen_run(struct listen *l, size_t n_bound, int64_t for_ms)
{
	struct event *ends[] = {
	    evsignal_new(l->base, SIGINT, listen_on_signal, l),
	    evsignal_new(l->base, SIGTERM, listen_on_signal, l),
	    evtimer_new(l->base, listen_on_signal, l),
	};
	struct timeval time = {
	    .tv_sec = (time_t)(for_ms / 1000), .tv_usec = for_ms % 1000 * 1000};
	enum dmp_status status = DMP_OK;

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		bool is_timer = i == 2;

		if (!ends[i] || ((!is_timer || for_ms > 0) &&
		                    event_add(ends[i], is_timer ? &time : NULL) != 0))
			status = DMP_ENOMEM;
	}
	if (status == DMP_OK)
		listen_say(l, n_bound);
	if (status == DMP_OK && event_base_dispatch(l->base) != 0)
		status = DMP_EIO;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (ends[i])
			event_free(ends[i]);
	}
	return status;
}

static int
listen_prepare(struct listen *l)
{
	int code = dmp_cli_host_matrix(
	    l->cli, "which host is this machine?", &l->plan, &l->host, &l->matrix);

	if (code != DMP_EXIT_FINE)
		return code;
	l->base = listen_collect(l) == DMP_OK ? event_base_new() : NULL;
	if (!l->base) {
		dmp_cli_error(l->cli, "cannot listen: %s", dmp_status_text(DMP_ENOMEM));
		return DMP_EXIT_FAILED;
	}
	listen_choose_addresses(l);
	return DMP_EXIT_FINE;
}

static int
listen_serve(struct listen *l, int64_t for_ms)
{
	size_t n = listen_bind_all(l);
	enum dmp_status status;

	if (n == 0) {
		dmp_cli_error(l->cli,
		    l->n_ports == 0 ? "nothing to listen on: no other host needs a "
		                      "port of this one (see: dmports plan --all)"
		                    : "none of the ports could be listened on");
		return DMP_EXIT_FAILED;
	}
	status = listen_run(l, n, for_ms);
	if (status == DMP_OK)
		return listen_report(l);
	dmp_cli_error(l->cli, "cannot listen: %s", dmp_status_text(status));
	return DMP_EXIT_FAILED;
}

static void
listen_done(struct listen *l)
{
	for (size_t i = 0; i < l->n_ports; i++) {
		for (size_t k = 0; k < LISTEN_ADDRESSES; k++) {
			struct event *udp = l->ports[i].udp[k];

			if (l->ports[i].tcp[k])
				evconnlistener_free(l->ports[i].tcp[k]);
			if (!udp)
				continue;
			(void)close(event_get_fd(udp));
			event_free(udp);
		}
		dmp_listen_peers_done(&l->ports[i].peers);
	}
	for (size_t i = 0; i < l->n_connections; i++)
		bufferevent_free(l->connections[i]);
	if (l->base)
		event_base_free(l->base);
	free(l->ports);
	dmp_matrix_free(l->matrix);
	dmp_plan_free(l->plan);
}

int
dmp_cli_listen(struct dmp_cli *cli)
{
	struct listen l = {.cli = cli};
	const char *time = cli->options.value[DMP_OPT_FOR];
	int64_t for_ms = 0;
	int code = DMP_EXIT_USAGE;

	if (time && (!dmp_cli_duration(time, &for_ms) || for_ms == 0))
		dmp_cli_error(
		    cli, "--for: got \"%s\", expected a time such as 10m", time);
	else
		code = listen_prepare(&l);
	if (code == DMP_EXIT_FINE)
		code = listen_serve(&l, for_ms);
	listen_done(&l);
	return code;
}
