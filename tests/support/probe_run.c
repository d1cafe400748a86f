/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/probe_run.h"

#include <dirent.h>
#include <event2/event.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

struct run {
	struct event_base *base;
	struct dmp_probe_result result;
	int calls;
};

static void
run_done(const struct dmp_probe_result *result, void *arg)
{
	struct run *run = arg;

	run->result = *result;
	run->calls++;
	event_base_loopbreak(run->base);
}

struct dmp_probe_result
probe_run(struct event_base *base, const struct dmp_probe_spec *spec)
{
	struct run run = {.base = base};
	struct dmp_probe *probe = NULL;

	assert_int_equal(
	    dmp_probe_start(base, dmp_clock_system(), spec, run_done, &run, &probe),
	    DMP_OK);
	assert_non_null(probe);
	assert_int_equal(run.calls, 0);
	(void)event_base_dispatch(base);
	assert_int_equal(run.calls, 1);
	assert_int_equal(run.result.outcome, dmp_reason_outcome(run.result.reason));
	assert_string_not_equal(run.result.detail, "");
	return run.result;
}

struct dmp_probe_spec
probe_spec(enum dmp_transport transport, const char *address, uint16_t port,
    uint32_t timeout_ms)
{
	struct dmp_probe_spec spec = {
	    .kind = transport == DMP_TRANSPORT_UDP ? DMP_PROBE_SNMP : DMP_PROBE_CONNECT,
	    .transport = transport,
	    .port = port,
	    .n_addresses = 1,
	    .host = address,
	    .connect_timeout_ms = timeout_ms,
	};

	assert_true(dmp_address_parse(address, &spec.addresses[0]));
	return spec;
}

static int
socket_at(const char *address, uint16_t port, int type)
{
	struct dmp_address a;
	struct sockaddr_storage name;
	socklen_t size;
	int fd;

	assert_true(dmp_address_parse(address, &a));
	size = dmp_address_to_socket(&a, port, &name);
	fd = socket(a.family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, size), 0);
	return fd;
}

int
bound_socket(const char *address, int type, int backlog, uint16_t *ret_port)
{
	struct dmp_address a;
	struct sockaddr_storage name;
	socklen_t size = sizeof name;
	int fd = socket_at(address, 0, type);

	if (type == SOCK_STREAM && backlog >= 0)
		assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
	assert_true(dmp_address_from_socket((struct sockaddr *)&name, &a, ret_port));
	return fd;
}

int
bound_udp_socket(const char *address, uint16_t port)
{
	return socket_at(address, port, SOCK_DGRAM);
}

uint16_t
closed_port(const char *address, int type)
{
	uint16_t port;
	int fd = bound_socket(address, type, -1, &port);

	close(fd);
	return port;
}

int
count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}
