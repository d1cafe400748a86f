/* SPDX-License-Identifier: BSD-2-Clause */
/* What a host has open, read from the lists of its own tools. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/audit.h"

#define SS     "Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n"
#define TITLES "\"DisplayName\",\"Protocol\",\"LocalPort\",\"RemoteAddress\"\r\n"

static struct dmp_audit
audit_of(const char *text)
{
	struct dmp_text error = {0};
	struct dmp_audit audit = {0};

	assert_int_equal(dmp_audit_parse(text, strlen(text), &audit, &error), DMP_OK);
	assert_int_equal(error.size, 0);
	return audit;
}

static void
assert_open(const struct dmp_audit *audit, size_t i, enum dmp_transport transport,
    unsigned first, unsigned last)
{
	assert_true(i < audit->n_opens);
	assert_int_equal(audit->opens[i].transport, transport);
	assert_int_equal(audit->opens[i].first, first);
	assert_int_equal(audit->opens[i].last, last);
}

static void
ss_lists_what_listens_but_not_on_loopback(void **state)
{
	struct dmp_audit audit = audit_of(
	    SS "udp   UNCONN 0 0      0.0.0.0:162   0.0.0.0:*\n"
	       "tcp   LISTEN 0 128  127.0.0.1:25    0.0.0.0:*\n"
	       "tcp   LISTEN 0 128      [::1]:25       [::]:*\n"
	       "tcp   LISTEN 0 128 192.0.2.11:8004  0.0.0.0:*\n"
	       "tcp   LISTEN 0 128          *:9042        *:* users:((\"java\"))\n");

	(void)state;
	assert_true(audit.is_listeners);
	assert_int_equal(audit.n_opens, 3);
	assert_int_equal(audit.n_skipped, 2);
	assert_open(&audit, 0, DMP_TRANSPORT_UDP, 162, 162);
	assert_open(&audit, 1, DMP_TRANSPORT_TCP, 8004, 8004);
	assert_open(&audit, 2, DMP_TRANSPORT_TCP, 9042, 9042);
	assert_string_equal(audit.opens[1].what, "192.0.2.11:8004");
	assert_true(dmp_audit_admits(&audit, &audit.opens[1], "198.51.100.1"));
	dmp_audit_done(&audit);
}

static void
ss_may_leave_its_titles_out_and_name_interfaces(void **state)
{
	struct dmp_audit audit =
	    audit_of("udp UNCONN 0 0   127.0.0.53%lo:53   0.0.0.0:*\n"
	             "udp UNCONN 0 0 0.0.0.0%eth0:67      0.0.0.0:*\n"
	             "tcp LISTEN 0 128 [fe80::1]%eth0:443    [::]:*\n"
	             "tcp LISTEN 0 128 [::ffff:127.0.0.1]:80     *:*\n");

	(void)state;
	assert_true(audit.is_listeners);
	assert_int_equal(audit.n_opens, 2);
	assert_int_equal(audit.n_skipped, 2);
	assert_open(&audit, 0, DMP_TRANSPORT_UDP, 67, 67);
	assert_open(&audit, 1, DMP_TRANSPORT_TCP, 443, 443);
	dmp_audit_done(&audit);
	/* A TCP and a UDP line alone, too. */
	audit = audit_of("tcp LISTEN 0 128 0.0.0.0:9042 0.0.0.0:*\n");
	assert_open(&audit, 0, DMP_TRANSPORT_TCP, 9042, 9042);
	dmp_audit_done(&audit);
}

static void
rules_are_found_by_their_titles_in_any_order(void **state)
{
	struct dmp_audit audit =
	    audit_of("#TYPE Selected.Rule\r\n"
	             "\"LocalPort\",\"RemoteAddress\",\"Protocol\",\"DisplayName\"\r\n"
	             "\"4222 6222\",\"192.0.2.12\",\"TCP\",\"NATS, \"\"bus\"\"\"\r\n"
	             "\"162\",\"Any\",\"UDP\",\"traps\"\r\n");

	(void)state;
	assert_false(audit.is_listeners);
	assert_int_equal(audit.n_opens, 3);
	assert_open(&audit, 0, DMP_TRANSPORT_TCP, 4222, 4222);
	assert_open(&audit, 1, DMP_TRANSPORT_TCP, 6222, 6222);
	assert_false(audit.opens[0].is_anybody);
	assert_string_equal(audit.opens[0].what, "NATS, \"bus\"");
	assert_open(&audit, 2, DMP_TRANSPORT_UDP, 162, 162);
	assert_true(audit.opens[2].is_anybody);
	dmp_audit_done(&audit);
}

static void
ranges_and_protocol_numbers_are_understood(void **state)
{
	struct dmp_audit audit = audit_of(TITLES "a,6,5000-5010,Any\r\n"
	                                         "b,17,161,Any\r\n"
	                                         "c,Any,8004,Any\r\n"
	                                         "d,TCP,RPC,Any\r\n"
	                                         "e,TCP,70000,Any\r\n"
	                                         "f,TCP,10-5,Any\r\n"
	                                         "g,ICMPv4,8,Any\r\n");

	(void)state;
	assert_int_equal(audit.n_opens, 3);
	assert_int_equal(audit.n_skipped, 4);
	assert_open(&audit, 0, DMP_TRANSPORT_TCP, 5000, 5010);
	assert_open(&audit, 1, DMP_TRANSPORT_UDP, 161, 161);
	assert_open(&audit, 2, DMP_TRANSPORT_NONE, 8004, 8004);
	dmp_audit_done(&audit);
}

static void
rules_of_a_program_at_any_port_are_counted_and_not_judged(void **state)
{
	struct dmp_audit audit = audit_of(TITLES "a,TCP,Any,Any\r\n");

	(void)state;
	assert_int_equal(audit.n_opens, 0);
	assert_int_equal(audit.n_any, 1);
	dmp_audit_done(&audit);
}

static void
rules_are_open_to_addresses_networks_and_ranges(void **state)
{
	static const struct {
		const char *remote;
		const char *address;
		bool is_admitted;
	} CASES[] = {
	    {"Any", "192.0.2.1", true},
	    {"", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	    {"192.0.2.1 192.0.2.2", "192.0.2.2", true},
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.0/25", "192.0.2.127", true},
	    {"192.0.2.0/25", "192.0.2.128", false},
	    {"192.0.2.1/32", "192.0.2.0", false},
	    {"0.0.0.0/0", "192.0.2.1", true},
	    {"192.0.2.0/255.255.255.0", "192.0.2.9", true},
	    {"192.0.2.0/255.255.255.0", "192.0.3.9", false},
	    {"192.0.2.5-192.0.2.7", "192.0.2.5", true},
	    {"192.0.2.5-192.0.2.7", "192.0.2.7", true},
	    {"192.0.2.5-192.0.2.7", "192.0.2.4", false},
	    {"192.0.2.5-192.0.2.7", "192.0.2.8", false},
	    {"2001:db8::/32", "2001:db8:1::9", true},
	    {"2001:db8::/33", "2001:db8:8000::9", false},
	    {"2001:DB8:0::1", "2001:db8::1", true},
	    {"2001:db8::/32", "192.0.2.1", false},
	    {"192.0.2.0/24", "2001:db8::1", false},
	    {"LocalSubnet", "192.0.2.1", true},
	    {"192.0.2.0/x", "192.0.2.1", true},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		struct dmp_audit audit;

		dmp_text_format(text, sizeof text,
		    TITLES "z,TCP,1,203.0.113.1\r\na,TCP,2,%s\r\n", CASES[i].remote);
		audit = audit_of(text);
		assert_int_equal(audit.n_opens, 2);
		assert_false(dmp_audit_admits(&audit, &audit.opens[0], "192.0.2.1"));
		if (dmp_audit_admits(&audit, &audit.opens[1], CASES[i].address) !=
		    CASES[i].is_admitted)
			fail_msg("%s: %s", CASES[i].remote, CASES[i].address);
		dmp_audit_done(&audit);
	}
}

static void
a_long_list_of_ports_is_read_to_its_end(void **state)
{
	char text[8192] = TITLES "a,TCP,";
	struct dmp_audit audit;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		dmp_text_format(
		    text + strlen(text), sizeof text - strlen(text), "%u ", 10000 + i);
	audit = audit_of(text);
	assert_int_equal(audit.n_opens, 1000);
	assert_open(&audit, 999, DMP_TRANSPORT_TCP, 10999, 10999);
	dmp_audit_done(&audit);
}

static void
rules_that_are_off_or_block_or_go_out_do_not_open(void **state)
{
	struct dmp_audit audit =
	    audit_of("Protocol,LocalPort,Enabled,Action,Direction\n"
	             "TCP,1,False,Allow,Inbound\n"
	             "TCP,2,True,Block,Inbound\n"
	             "TCP,3,True,Allow,Outbound\n"
	             "TCP,4,True,Allow,Inbound\n");

	(void)state;
	assert_int_equal(audit.n_opens, 1);
	assert_open(&audit, 0, DMP_TRANSPORT_TCP, 4, 4);
	dmp_audit_done(&audit);
}

static void
powershell_may_write_utf_16(void **state)
{
	static const char TEXT[] = "Protocol,LocalPort\r\nTCP,8004\r\n";
	char little[2 * sizeof TEXT] = "\xff\xfe";
	char big[2 * sizeof TEXT] = "\xfe\xff";
	struct dmp_text error = {0};
	struct dmp_audit audit = {0};
	size_t n = sizeof TEXT - 1;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		little[2 + 2 * i] = TEXT[i];
		big[3 + 2 * i] = TEXT[i];
	}
	assert_int_equal(dmp_audit_parse(little, 2 + 2 * n, &audit, &error), DMP_OK);
	assert_open(&audit, 0, DMP_TRANSPORT_TCP, 8004, 8004);
	dmp_audit_done(&audit);
	assert_int_equal(dmp_audit_parse(big, 2 + 2 * n, &audit, &error), DMP_OK);
	assert_open(&audit, 0, DMP_TRANSPORT_TCP, 8004, 8004);
	dmp_audit_done(&audit);
}

static void
anything_else_is_refused_with_what_is_expected(void **state)
{
	struct dmp_text error = {0};
	struct dmp_audit audit = {0};

	(void)state;
	assert_int_equal(
	    dmp_audit_parse("Proto Local Address\n", 20, &audit, &error), DMP_EINVAL);
	assert_non_null(strstr(dmp_text_get(&error), "ss -lntu"));
	dmp_text_clear(&error);
	assert_int_equal(dmp_audit_parse("", 0, &audit, &error), DMP_EINVAL);
	assert_true(error.size > 0);
	dmp_text_done(&error);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ss_lists_what_listens_but_not_on_loopback),
	    cmocka_unit_test(ss_may_leave_its_titles_out_and_name_interfaces),
	    cmocka_unit_test(rules_are_found_by_their_titles_in_any_order),
	    cmocka_unit_test(ranges_and_protocol_numbers_are_understood),
	    cmocka_unit_test(rules_of_a_program_at_any_port_are_counted_and_not_judged),
	    cmocka_unit_test(rules_are_open_to_addresses_networks_and_ranges),
	    cmocka_unit_test(a_long_list_of_ports_is_read_to_its_end),
	    cmocka_unit_test(rules_that_are_off_or_block_or_go_out_do_not_open),
	    cmocka_unit_test(powershell_may_write_utf_16),
	    cmocka_unit_test(anything_else_is_refused_with_what_is_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
