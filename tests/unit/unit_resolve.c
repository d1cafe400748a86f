/* SPDX-License-Identifier: BSD-2-Clause */
/* Names to addresses: distinct errors, TTL, stale answers, cancelling. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "probe/resolve_cache.h"
#include "support/fake_dns.h"
#include "support/probe_run.h"

struct world {
	struct event_base *base;
	struct fake_dns *dns;
	struct dmp_resolver *resolver;
	struct dmp_clock clock;
	int64_t now_us;
	struct dmp_resolve_result result;
	int calls;
};

static int64_t
world_mono(void *arg)
{
	struct world *world = arg;

	return world->now_us;
}

static int
setup(void **state)
{
	struct world *world = calloc(1, sizeof *world);

	world->base = event_base_new();
	world->dns = fake_dns_new(world->base);
	world->now_us = 1000000;
	world->clock = (struct dmp_clock){.mono_us = world_mono, .arg = world};
	assert_int_equal(dmp_resolver_new(world->base, &world->clock,
	                     fake_dns_server(world->dns), &world->resolver),
	    DMP_OK);
	*state = world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	dmp_resolver_free(world->resolver);
	fake_dns_free(world->dns);
	event_base_free(world->base);
	free(world);
	return 0;
}

static void
world_answer(const struct dmp_resolve_result *result, void *arg)
{
	struct world *world = arg;

	world->result = *result;
	world->calls++;
	event_base_loopbreak(world->base);
}

/* Look name up, and run the loop when the answer is not at hand. */
static const struct dmp_resolve_result *
look_up(struct world *world, const char *name, enum dmp_resolve_family family)
{
	struct dmp_lookup *lookup = NULL;

	world->calls = 0;
	assert_int_equal(dmp_resolver_lookup(world->resolver, name, family,
	                     world_answer, world, &world->result, &lookup),
	    DMP_OK);
	if (lookup) {
		assert_int_equal(world->calls, 0);
		(void)event_base_dispatch(world->base);
		assert_int_equal(world->calls, 1);
	}
	return &world->result;
}

/* Run the loop until no question is under way. */
static void
settle(struct world *world)
{
	struct timeval tv = {.tv_usec = 50000};

	event_base_loopexit(world->base, &tv);
	(void)event_base_dispatch(world->base);
}

static void
assert_address(const struct dmp_resolve_result *result, size_t i, const char *text)
{
	char found[DMP_ADDRESS_TEXT];

	assert_int_equal(result->reason, DMP_REASON_NONE);
	assert_true(i < result->n_addresses);
	dmp_address_text(&result->addresses[i], found);
	assert_string_equal(found, text);
}

static void
literal_is_answered_at_once_without_a_question(void **state)
{
	struct world *world = *state;

	assert_address(look_up(world, "192.0.2.1", DMP_RESOLVE_ANY), 0, "192.0.2.1");
	assert_address(look_up(world, "2001:db8::1", DMP_RESOLVE_6), 0, "2001:db8::1");
	assert_int_equal(world->calls, 0);
	assert_int_equal(
	    look_up(world, "192.0.2.1", DMP_RESOLVE_6)->reason, DMP_REASON_DNS_NO_NAME);
	assert_int_equal(fake_dns_questions(world->dns), 0);
}

static void
impossible_name_does_not_exist(void **state)
{
	static const char *const NAMES[] = {"", "256.1.1.1", "1.2.3", "a:b", "::g"};
	struct world *world = *state;
	char name[300];

	for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
		assert_int_equal(look_up(world, NAMES[i], DMP_RESOLVE_ANY)->reason,
		    DMP_REASON_DNS_NO_NAME);
	memset(name, 'a', sizeof name);
	name[sizeof name - 1] = '\0';
	assert_int_equal(
	    look_up(world, name, DMP_RESOLVE_ANY)->reason, DMP_REASON_DNS_NO_NAME);
	assert_int_equal(look_up(world, "bad..name", DMP_RESOLVE_ANY)->reason,
	    DMP_REASON_DNS_NO_NAME);
	assert_int_equal(fake_dns_questions(world->dns), 0);
}

static void
name_gives_its_addresses(void **state)
{
	struct world *world = *state;
	const struct dmp_resolve_result *result;

	fake_dns_addresses(world->dns, "192.0.2.5", "2001:db8::5");
	result = look_up(world, "dma1.test", DMP_RESOLVE_4);
	assert_int_equal(result->n_addresses, 1);
	assert_address(result, 0, "192.0.2.5");
	assert_false(result->stale);
	assert_false(result->changed);
	result = look_up(world, "dma1.test", DMP_RESOLVE_6);
	assert_int_equal(result->n_addresses, 1);
	assert_address(result, 0, "2001:db8::5");
	assert_int_equal(look_up(world, "dma1.test", DMP_RESOLVE_ANY)->n_addresses, 2);
}

static void
families_take_turns(void **state)
{
	struct world *world = *state;
	const struct dmp_resolve_result *result;

	fake_dns_addresses(world->dns,
	    "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 192.0.2.5", "2001:db8::5");
	result = look_up(world, "many.test", DMP_RESOLVE_ANY);
	assert_int_equal(result->n_addresses, DMP_RESOLVE_ADDRESSES);
	assert_true(result->addresses[0].family == AF_INET6 ||
	            result->addresses[1].family == AF_INET6);
}

static void
errors_of_the_name_server_are_told_apart(void **state)
{
	struct world *world = *state;

	fake_dns_rcode(world->dns, 3);
	assert_int_equal(
	    look_up(world, "nx.test", DMP_RESOLVE_4)->reason, DMP_REASON_DNS_NO_NAME);
	fake_dns_rcode(world->dns, 2);
	assert_int_equal(look_up(world, "servfail.test", DMP_RESOLVE_4)->reason,
	    DMP_REASON_DNS_FAILED);
	fake_dns_rcode(world->dns, 5);
	assert_int_equal(look_up(world, "refused.test", DMP_RESOLVE_4)->reason,
	    DMP_REASON_DNS_FAILED);
	fake_dns_rcode(world->dns, 0);
	assert_int_equal(look_up(world, "nodata.test", DMP_RESOLVE_4)->reason,
	    DMP_REASON_DNS_NO_NAME);
}

static void
silent_name_server_is_a_timeout(void **state)
{
	struct world *world = *state;

	fake_dns_rcode(world->dns, -1);
	assert_int_equal(look_up(world, "silent.test", DMP_RESOLVE_4)->reason,
	    DMP_REASON_DNS_TIMEOUT);
	assert_int_equal(fake_dns_questions(world->dns), 2);
}

static void
next_server_answers_when_the_first_one_refuses(void **state)
{
	struct world *world = *state;
	struct fake_dns *second = fake_dns_new(world->base);
	struct dmp_resolver *former = world->resolver;
	char servers[80];

	dmp_text_format(servers, sizeof servers, "%s,%s", fake_dns_server(world->dns),
	    fake_dns_server(second));
	fake_dns_rcode(world->dns, 5);
	fake_dns_addresses(second, "192.0.2.9", "");
	assert_int_equal(
	    dmp_resolver_new(world->base, &world->clock, servers, &world->resolver),
	    DMP_OK);
	assert_address(look_up(world, "two.test", DMP_RESOLVE_4), 0, "192.0.2.9");
	fake_dns_rcode(second, 5);
	assert_int_equal(
	    look_up(world, "none.test", DMP_RESOLVE_4)->reason, DMP_REASON_DNS_FAILED);
	dmp_resolver_free(former);
	fake_dns_free(second);
}

static void
answer_is_kept_for_its_ttl(void **state)
{
	struct world *world = *state;

	fake_dns_ttl(world->dns, 30);
	fake_dns_addresses(world->dns, "192.0.2.5", "");
	(void)look_up(world, "DMA1.test", DMP_RESOLVE_4);
	world->now_us += 29 * 1000000;
	assert_address(look_up(world, "dma1.TEST", DMP_RESOLVE_4), 0, "192.0.2.5");
	assert_int_equal(world->calls, 0);
	assert_false(world->result.stale);
	assert_int_equal(fake_dns_questions(world->dns), 1);
}

static void
expired_answer_is_given_as_stale_and_refreshed(void **state)
{
	struct world *world = *state;

	fake_dns_ttl(world->dns, 30);
	fake_dns_addresses(world->dns, "192.0.2.5", "");
	(void)look_up(world, "dma1.test", DMP_RESOLVE_4);
	fake_dns_addresses(world->dns, "192.0.2.6", "");
	world->now_us += 31 * 1000000;
	assert_address(look_up(world, "dma1.test", DMP_RESOLVE_4), 0, "192.0.2.5");
	assert_int_equal(world->calls, 0);
	assert_true(world->result.stale);
	settle(world);
	assert_address(look_up(world, "dma1.test", DMP_RESOLVE_4), 0, "192.0.2.6");
	assert_false(world->result.stale);
	assert_true(world->result.changed);
	assert_false(look_up(world, "dma1.test", DMP_RESOLVE_4)->changed);
}

static void
dead_name_server_does_not_take_known_addresses_away(void **state)
{
	struct world *world = *state;

	fake_dns_ttl(world->dns, 30);
	fake_dns_addresses(world->dns, "192.0.2.5", "");
	(void)look_up(world, "dma1.test", DMP_RESOLVE_4);
	fake_dns_rcode(world->dns, 2);
	for (int i = 0; i < 3; i++) {
		world->now_us += 31 * 1000000;
		assert_address(
		    look_up(world, "dma1.test", DMP_RESOLVE_4), 0, "192.0.2.5");
		assert_true(world->result.stale);
		settle(world);
	}
	fake_dns_rcode(world->dns, 3);
	world->now_us += 31 * 1000000;
	(void)look_up(world, "dma1.test", DMP_RESOLVE_4);
	settle(world);
	assert_int_equal(
	    look_up(world, "dma1.test", DMP_RESOLVE_4)->reason, DMP_REASON_DNS_NO_NAME);
}

static void
rotating_answer_is_no_change(void **state)
{
	struct world *world = *state;

	fake_dns_ttl(world->dns, 30);
	fake_dns_addresses(world->dns, "192.0.2.5 192.0.2.6", "");
	(void)look_up(world, "lb.test", DMP_RESOLVE_4);
	fake_dns_addresses(world->dns, "192.0.2.6 192.0.2.5", "");
	world->now_us += 31 * 1000000;
	(void)look_up(world, "lb.test", DMP_RESOLVE_4);
	settle(world);
	assert_address(look_up(world, "lb.test", DMP_RESOLVE_4), 0, "192.0.2.5");
	assert_false(world->result.changed);
}

static void
failure_is_kept_for_a_few_seconds(void **state)
{
	struct world *world = *state;

	fake_dns_rcode(world->dns, 3);
	(void)look_up(world, "nx.test", DMP_RESOLVE_4);
	(void)look_up(world, "nx.test", DMP_RESOLVE_4);
	assert_int_equal(fake_dns_questions(world->dns), 1);
	fake_dns_rcode(world->dns, 0);
	fake_dns_addresses(world->dns, "192.0.2.5", "");
	world->now_us += 6 * 1000000;
	assert_address(look_up(world, "nx.test", DMP_RESOLVE_4), 0, "192.0.2.5");
}

static void
many_ask_one_question_is_sent(void **state)
{
	struct world *world = *state;
	struct dmp_lookup *lookups[5];

	fake_dns_addresses(world->dns, "192.0.2.5", "");
	for (int i = 0; i < 5; i++) {
		assert_int_equal(
		    dmp_resolver_lookup(world->resolver, "dma1.test", DMP_RESOLVE_4,
		        world_answer, world, &world->result, &lookups[i]),
		    DMP_OK);
		assert_non_null(lookups[i]);
	}
	dmp_lookup_cancel(lookups[2]);
	settle(world);
	settle(world);
	assert_int_equal(world->calls, 4);
	assert_int_equal(fake_dns_questions(world->dns), 1);
}

static void
free_with_questions_under_way_leaks_nothing(void **state)
{
	struct world *world = *state;
	int before = count_descriptors();
	struct dmp_resolver *resolver;
	struct dmp_lookup *lookup;

	fake_dns_rcode(world->dns, -1);
	assert_int_equal(dmp_resolver_new(world->base, &world->clock,
	                     fake_dns_server(world->dns), &resolver),
	    DMP_OK);
	assert_int_equal(dmp_resolver_lookup(resolver, "slow.test", DMP_RESOLVE_ANY,
	                     world_answer, world, &world->result, &lookup),
	    DMP_OK);
	assert_non_null(lookup);
	dmp_resolver_free(resolver);
	assert_int_equal(count_descriptors(), before);
	assert_int_equal(world->calls, 0);
	dmp_resolver_free(NULL);
	dmp_lookup_cancel(NULL);
}

static void
senseless_server_list_is_rejected(void **state)
{
	struct world *world = *state;
	struct dmp_resolver *resolver;

	assert_int_equal(
	    dmp_resolver_new(world->base, &world->clock, "not a server", &resolver),
	    DMP_EINVAL);
}

static void
full_cache_forgets_the_longest_unused_name(void **state)
{
	struct dmp_resolve_cache *cache = dmp_resolve_cache_new(2);
	struct dmp_known_name *pinned, *known;

	(void)state;
	pinned = dmp_resolve_cache_find(cache, "a", DMP_RESOLVE_4, 1);
	pinned->pins = 1;
	known = dmp_resolve_cache_find(cache, "b", DMP_RESOLVE_4, 2);
	known->fresh_until_us = 77;
	(void)dmp_resolve_cache_find(cache, "c", DMP_RESOLVE_4, 3);
	assert_ptr_equal(dmp_resolve_cache_find(cache, "a", DMP_RESOLVE_4, 4), pinned);
	known = dmp_resolve_cache_find(cache, "b", DMP_RESOLVE_4, 5);
	assert_int_equal(known->fresh_until_us, 0);
	known->pins = 1;
	assert_null(dmp_resolve_cache_find(cache, "d", DMP_RESOLVE_4, 6));
	dmp_resolve_cache_free(cache);
}

#define DNS_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    DNS_TEST(literal_is_answered_at_once_without_a_question),
	    DNS_TEST(impossible_name_does_not_exist),
	    DNS_TEST(name_gives_its_addresses),
	    DNS_TEST(families_take_turns),
	    DNS_TEST(errors_of_the_name_server_are_told_apart),
	    DNS_TEST(silent_name_server_is_a_timeout),
	    DNS_TEST(next_server_answers_when_the_first_one_refuses),
	    DNS_TEST(answer_is_kept_for_its_ttl),
	    DNS_TEST(expired_answer_is_given_as_stale_and_refreshed),
	    DNS_TEST(dead_name_server_does_not_take_known_addresses_away),
	    DNS_TEST(rotating_answer_is_no_change),
	    DNS_TEST(failure_is_kept_for_a_few_seconds),
	    DNS_TEST(many_ask_one_question_is_sent),
	    DNS_TEST(free_with_questions_under_way_leaks_nothing),
	    DNS_TEST(senseless_server_list_is_rejected),
	    cmocka_unit_test(full_cache_forgets_the_longest_unused_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
