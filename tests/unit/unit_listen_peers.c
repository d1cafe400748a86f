/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is expected at a port that is listened on, and who has come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/listen_peers.h"
#include "support/plan_sample.h"

#define HOSTS                                                                          \
	DMA(1)                                                                         \
	"<host name='two' address='192.0.2.50 2001:db8::50' roles='dma'/>"             \
	"<host name='named' address='dma.example' roles='dma'/>"

static void
expect(struct dmp_listen_peers *peers, const struct dmp_plan *plan, size_t host,
    unsigned roles)
{
	struct dmp_flow flow = {.from = host, .from_roles = roles};

	assert_int_equal(dmp_listen_expect(peers, plan, &flow), DMP_OK);
}

static bool
came(struct dmp_listen_peers *peers, const char *text)
{
	struct dmp_address address;

	assert_true(dmp_address_parse(text, &address));
	return dmp_listen_came(peers, &address);
}

static void
assert_lists(const struct dmp_listen_peers *peers, const struct dmp_plan *plan,
    const char *expected, const char *missing)
{
	struct dmp_text text = {0};

	dmp_listen_expected_text(peers, plan, &text);
	assert_string_equal(dmp_text_get(&text), expected);
	dmp_text_clear(&text);
	dmp_listen_missing_text(peers, plan, &text);
	assert_string_equal(dmp_text_get(&text), missing);
	dmp_text_done(&text);
}

static void
hosts_that_did_not_come_from_any_address_are_missing(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("", HOSTS));
	struct dmp_listen_peers peers = {0};

	(void)state;
	assert_lists(&peers, plan, "", "");
	for (size_t i = 0; i < 3; i++)
		expect(&peers, plan, i, 0);
	expect(&peers, plan, 0, 0);
	assert_lists(&peers, plan, "dma1 two named", "dma1 two");
	assert_true(came(&peers, "2001:db8::50"));
	assert_lists(&peers, plan, "dma1 two named", "dma1");
	assert_true(came(&peers, "192.0.2.11"));
	assert_lists(&peers, plan, "dma1 two named", "");
	dmp_listen_peers_done(&peers);
	dmp_plan_free(plan);
}

static void
machines_outside_are_expected_by_their_roles_and_never_missing(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("", HOSTS));
	struct dmp_listen_peers peers = {0};

	(void)state;
	expect(&peers, plan, DMP_FLOW_OUTSIDE, DMP_ROLE_CLIENT | DMP_ROLE_BROWSER);
	expect(&peers, plan, DMP_FLOW_OUTSIDE, DMP_ROLE_CLIENT);
	assert_lists(&peers, plan, "client browser", "");
	expect(&peers, plan, 1, 0);
	assert_lists(&peers, plan, "two client browser", "two");
	dmp_listen_peers_done(&peers);
	dmp_plan_free(plan);
}

static void
an_address_is_remembered_once_and_not_without_limit(void **state)
{
	struct dmp_plan *plan = plan_sample(SITE("", HOSTS));
	struct dmp_listen_peers peers = {0};
	struct dmp_text text = {0};
	char address[32];

	(void)state;
	expect(&peers, plan, 0, 0);
	assert_true(came(&peers, "192.0.2.1"));
	assert_false(came(&peers, "192.0.2.1"));
	assert_true(came(&peers, "2001:db8::1"));
	dmp_listen_seen_text(&peers, &text);
	assert_string_equal(dmp_text_get(&text), "192.0.2.1 2001:db8::1");
	for (unsigned i = 2; i < DMP_LISTEN_SEEN; i++) {
		dmp_text_format(
		    address, sizeof address, "10.0.%u.%u", i / 256, i % 256);
		assert_true(came(&peers, address));
	}
	assert_false(came(&peers, "192.0.2.2"));
	assert_int_equal(peers.n_seen, DMP_LISTEN_SEEN);
	/* It may be one of those who came later. */
	assert_lists(&peers, plan, "dma1", "");
	dmp_plan_free(plan);
	dmp_text_done(&text);
	dmp_listen_peers_done(&peers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hosts_that_did_not_come_from_any_address_are_missing),
	    cmocka_unit_test(
	        machines_outside_are_expected_by_their_roles_and_never_missing),
	    cmocka_unit_test(an_address_is_remembered_once_and_not_without_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
