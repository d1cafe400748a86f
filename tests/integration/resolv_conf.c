/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A changed /etc/resolv.conf is followed, also by questions that are under way.  Runs
 * in a network and mount namespace of its own, where port 53 and that file are ours;
 * exit code 77 = skipped.
 */
#include <event2/event.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "probe/resolve.h"
#include "support/fake_dns.h"
#include "support/probe_run.h"

#define SKIPPED       77
#define CONFIGURATION "/etc/resolv.conf"

static char configuration[] = "/tmp/dmports-resolv-XXXXXX";

struct world {
	struct event_base *base;
	int64_t now_us;
	int calls;
	struct dmp_resolve_result result;
};

static int64_t
world_mono(void *arg)
{
	struct world *world = arg;

	return world->now_us;
}

static void
world_answer(const struct dmp_resolve_result *result, void *arg)
{
	struct world *world = arg;

	world->result = *result;
	world->calls++;
	event_base_loopbreak(world->base);
}

/* Rewrite the file in place: it is what the mount shows.  age_s makes its time differ
 * from any other version's. */
static void
configure(const char *server, long age_s)
{
	FILE *file = fopen(CONFIGURATION, "w");
	struct timespec times[2] = {{.tv_sec = age_s}, {.tv_sec = age_s}};

	assert_non_null(file);
	assert_true(fprintf(file, "nameserver %s\n", server) > 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(utimensat(AT_FDCWD, CONFIGURATION, times, 0), 0);
}

static bool
look_up(struct dmp_resolver *resolver, struct world *world, const char *name)
{
	struct dmp_lookup *lookup = NULL;

	assert_int_equal(dmp_resolver_lookup(resolver, name, DMP_RESOLVE_4,
	                     world_answer, world, &world->result, &lookup),
	    DMP_OK);
	return lookup == NULL;
}

static void
assert_answer(struct world *world, int calls, const char *address)
{
	char text[DMP_ADDRESS_TEXT];

	while (world->calls < calls)
		assert_int_equal(event_base_dispatch(world->base), 0);
	assert_int_equal(world->result.reason, DMP_REASON_NONE);
	dmp_address_text(&world->result.addresses[0], text);
	assert_string_equal(text, address);
}

static void
changed_configuration_is_followed_by_old_and_new_questions(void **state)
{
	struct world world = {.base = event_base_new(), .now_us = 1000000};
	struct dmp_clock clock = {.mono_us = world_mono, .arg = &world};
	struct fake_dns *first = fake_dns_new_at(world.base, "127.0.0.1");
	struct fake_dns *second = fake_dns_new_at(world.base, "127.0.0.2");
	struct dmp_resolver *resolver;

	(void)state;
	configure("127.0.0.1", 1000);
	fake_dns_addresses(first, "192.0.2.1", "");
	fake_dns_addresses(second, "192.0.2.2", "");
	assert_int_equal(dmp_resolver_new(world.base, &clock, NULL, &resolver), DMP_OK);
	assert_false(look_up(resolver, &world, "one.test"));
	assert_answer(&world, 1, "192.0.2.1");

	fake_dns_rcode(first, -1);
	assert_false(look_up(resolver, &world, "two.test"));
	configure("127.0.0.2", 2000);
	world.now_us += 500000; /* too soon to look at the file again */
	assert_true(look_up(resolver, &world, "one.test"));
	assert_int_equal(fake_dns_questions(second), 0);
	world.now_us += 600000;
	assert_false(look_up(resolver, &world, "three.test"));
	assert_answer(&world, 3, "192.0.2.2");
	assert_true(fake_dns_questions(second) >= 2);
	assert_true(look_up(resolver, &world, "two.test"));
	assert_answer(&world, 3, "192.0.2.2");

	dmp_resolver_free(resolver);
	fake_dns_free(first);
	fake_dns_free(second);
	event_base_free(world.base);
}

static bool
loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

	if (fd >= 0)
		(void)close(fd);
	return up;
}

static bool
own_namespaces(void)
{
	return unshare(CLONE_NEWNET | CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount(configuration, CONFIGURATION, NULL, MS_BIND, NULL) == 0 &&
	       loopback_up();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
	        changed_configuration_is_followed_by_old_and_new_questions),
	};
	int fd = mkstemp(configuration);
	int failed = SKIPPED;

	if (fd < 0)
		return 1;
	(void)close(fd);
	if (own_namespaces())
		failed = cmocka_run_group_tests(tests, NULL, NULL);
	else
		puts("SKIP: no namespaces, or no " CONFIGURATION " to mount over");
	(void)unlink(configuration);
	return failed;
}
