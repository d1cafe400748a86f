/* SPDX-License-Identifier: BSD-2-Clause */
/* What errno and ICMP mean, row by row. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probe/errno_reason.h"

#define ROWS(a) (sizeof(a) / sizeof((a)[0]))

struct number_row {
	int number;
	enum dmp_reason reason;
};

static void
check_numbers(enum dmp_error_time time, const struct number_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct dmp_net_error error = {.number = rows[i].number, .time = time};
		char text[80] = "";

		assert_int_equal(dmp_error_reason(&error), rows[i].reason);
		dmp_error_text(&error, text, sizeof text);
		assert_string_not_equal(text, "");
	}
}

static void
error_of_the_call_itself_is_about_this_machine(void **state)
{
	static const struct number_row ROWS_AT_ONCE[] = {
	    {ENETUNREACH, DMP_REASON_NO_ROUTE},
	    {EHOSTUNREACH, DMP_REASON_NO_ROUTE},
	    {EINVAL, DMP_REASON_NO_ROUTE},
	    {EAFNOSUPPORT, DMP_REASON_NO_ROUTE},
	    {EACCES, DMP_REASON_LOCAL_FIREWALL},
	    {EPERM, DMP_REASON_LOCAL_FIREWALL},
	    {EADDRNOTAVAIL, DMP_REASON_LOCAL_PORTS},
	    {EMFILE, DMP_REASON_LOCAL_LIMIT},
	    {ENFILE, DMP_REASON_LOCAL_LIMIT},
	    {ENOBUFS, DMP_REASON_LOCAL_LIMIT},
	    {ENOMEM, DMP_REASON_LOCAL_LIMIT},
	    {ECONNREFUSED, DMP_REASON_REFUSED},
	    {EILSEQ, DMP_REASON_LOCAL_ERROR},
	};

	(void)state;
	check_numbers(DMP_ERROR_AT_ONCE, ROWS_AT_ONCE, ROWS(ROWS_AT_ONCE));
}

static void
later_error_is_about_the_network(void **state)
{
	static const struct number_row ROWS_LATER[] = {
	    {ECONNREFUSED, DMP_REASON_REFUSED},
	    {EHOSTUNREACH, DMP_REASON_HOST_UNREACHABLE},
	    {EHOSTDOWN, DMP_REASON_HOST_UNREACHABLE},
	    {ENETUNREACH, DMP_REASON_NET_UNREACHABLE},
	    {ENOPROTOOPT, DMP_REASON_PROTOCOL_UNREACHABLE},
	    {ETIMEDOUT, DMP_REASON_TIMEOUT},
	    {EACCES, DMP_REASON_ADMIN_PROHIBITED},
	    {EPERM, DMP_REASON_LOCAL_FIREWALL},
	    {ENOBUFS, DMP_REASON_LOCAL_LIMIT},
	    {EILSEQ, DMP_REASON_LOCAL_ERROR},
	};

	(void)state;
	check_numbers(DMP_ERROR_LATER, ROWS_LATER, ROWS(ROWS_LATER));
}

struct icmp_case {
	const char *offender;
	uint8_t type;
	uint8_t code;
	enum dmp_reason reason;
};

static void
icmp_decides_over_errno(void **state)
{
	static const struct icmp_case CASES[] = {
	    {"192.0.2.1", 3, 0, DMP_REASON_NET_UNREACHABLE},
	    {"192.0.2.1", 3, 1, DMP_REASON_HOST_UNREACHABLE},
	    {"192.0.2.1", 3, 2, DMP_REASON_PROTOCOL_UNREACHABLE},
	    {"192.0.2.1", 3, 3, DMP_REASON_REFUSED},
	    {"192.0.2.1", 3, 9, DMP_REASON_ADMIN_PROHIBITED},
	    {"192.0.2.1", 3, 10, DMP_REASON_ADMIN_PROHIBITED},
	    {"192.0.2.1", 3, 13, DMP_REASON_ADMIN_PROHIBITED},
	    {"192.0.2.1", 11, 0, DMP_REASON_NET_UNREACHABLE},
	    {"2001:db8::1", 1, 0, DMP_REASON_NET_UNREACHABLE},
	    {"2001:db8::1", 1, 1, DMP_REASON_ADMIN_PROHIBITED},
	    {"2001:db8::1", 1, 3, DMP_REASON_HOST_UNREACHABLE},
	    {"2001:db8::1", 1, 4, DMP_REASON_REFUSED},
	    {"2001:db8::1", 4, 1, DMP_REASON_PROTOCOL_UNREACHABLE},
	    {"192.0.2.1", 200, 7, DMP_REASON_TIMEOUT}, /* unknown: errno's word */
	};

	(void)state;
	for (size_t i = 0; i < ROWS(CASES); i++) {
		struct dmp_net_error error = {.number = ETIMEDOUT,
		    .time = DMP_ERROR_LATER,
		    .has_icmp = true,
		    .icmp_type = CASES[i].type,
		    .icmp_code = CASES[i].code};
		char text[128];

		assert_true(dmp_address_parse(CASES[i].offender, &error.offender));
		assert_int_equal(dmp_error_reason(&error), CASES[i].reason);
		dmp_error_text(&error, text, sizeof text);
		assert_non_null(strstr(text, CASES[i].offender));
	}
}

static void
reject_by_ourselves_is_the_local_firewall(void **state)
{
	struct dmp_net_error error = {.number = ECONNREFUSED,
	    .time = DMP_ERROR_LATER,
	    .has_icmp = true,
	    .from_us = true,
	    .icmp_type = 3,
	    .icmp_code = 3};

	(void)state;
	assert_true(dmp_address_parse("192.0.2.7", &error.offender));
	assert_int_equal(dmp_error_reason(&error), DMP_REASON_LOCAL_FIREWALL);
	error.from_target = true; /* we asked ourselves: a closed port */
	assert_int_equal(dmp_error_reason(&error), DMP_REASON_REFUSED);
}

static void
unreachable_from_ourselves_is_a_silent_neighbour(void **state)
{
	struct dmp_net_error error = {.number = EHOSTUNREACH,
	    .time = DMP_ERROR_LATER,
	    .has_icmp = true,
	    .from_us = true,
	    .icmp_type = 3,
	    .icmp_code = 1};
	char text[128];

	(void)state;
	assert_true(dmp_address_parse("192.0.2.7", &error.offender));
	assert_int_equal(dmp_error_reason(&error), DMP_REASON_HOST_UNREACHABLE);
	dmp_error_text(&error, text, sizeof text);
	assert_non_null(strstr(text, "ARP"));
}

static void
no_error_is_no_reason(void **state)
{
	struct dmp_net_error error = {0};

	(void)state;
	assert_int_equal(dmp_error_reason(&error), DMP_REASON_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(error_of_the_call_itself_is_about_this_machine),
	    cmocka_unit_test(later_error_is_about_the_network),
	    cmocka_unit_test(icmp_decides_over_errno),
	    cmocka_unit_test(reject_by_ourselves_is_the_local_firewall),
	    cmocka_unit_test(unreachable_from_ourselves_is_a_silent_neighbour),
	    cmocka_unit_test(no_error_is_no_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
