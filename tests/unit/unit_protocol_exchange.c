/* SPDX-License-Identifier: BSD-2-Clause */
/* What an exchange makes of answers, with a talk that only records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/exchange.h"
#include "probe/protocols.h"
#include "support/fake_talk.h"
#include "support/hex.h"

/* "220 ", then QUIT and "221". */
static struct dmp_exchange
smtp(void)
{
	static const struct dmp_exchange_source STEPS[] = {
	    {.name = "greeting", .expect = "220 "},
	    {.name = "QUIT", .send = "QUIT\\r\\n", .expect = "221"},
	};
	struct dmp_exchange exchange = {.service = "SMTP"};
	struct dmp_exchange_fault fault;

	for (size_t i = 0; i < 2; i++)
		assert_true(dmp_exchange_add(&exchange, &STEPS[i], &fault));
	return exchange;
}

static struct dmp_exchange
binary(const char *service, const struct dmp_exchange_source *source)
{
	struct dmp_exchange exchange = {.n_steps = 0};
	struct dmp_exchange_fault fault;

	strncpy(exchange.service, service, sizeof exchange.service - 1);
	assert_true(dmp_exchange_add(&exchange, source, &fault));
	return exchange;
}

static void
begin(struct dmp_talk *talk, const struct dmp_exchange *exchange)
{
	*talk = (struct dmp_talk){.spec.exchange = exchange};
	fake_talk_open(talk, &dmp_protocol_exchange);
}

/* Hand over what is not consumed, as the real talk does. */
static size_t
hear(struct dmp_talk *talk, const char *text)
{
	size_t size = strlen(text);
	size_t used = 0;
	size_t n;

	do {
		n = talk->protocol->input(
		    talk, (const uint8_t *)text + used, size - used);
		used += n;
	} while (n > 0 && used < size && !talk->finished);
	return used;
}

static void
steps_follow_each_other_to_the_end(void **state)
{
	struct dmp_exchange exchange = smtp();
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	assert_int_equal(talk.sent_size, 0);
	assert_int_equal(hear(&talk, "220 mail.example ESMTP\r\n"), 24);
	assert_false(talk.finished);
	assert_int_equal(talk.sent_size, 6);
	assert_memory_equal(talk.sent, "QUIT\r\n", 6);
	(void)hear(&talk, "221 bye\r\n");
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
	assert_string_equal(talk.identity, "SMTP: 220 mail.example ESMTP");
}

static void
next_step_waits_for_the_end_of_the_line(void **state)
{
	struct dmp_exchange exchange = smtp();
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	assert_int_equal(hear(&talk, "220 mail"), 0);
	assert_int_equal(talk.sent_size, 0);
	assert_true(talk.wait_ms > 0);
	assert_int_equal(hear(&talk, "220 mail.example\n"), 17);
	assert_int_equal(talk.sent_size, 6);
	assert_int_equal(talk.wait_ms, 0);
}

static void
line_that_does_not_end_is_passed_over_later(void **state)
{
	struct dmp_exchange exchange = smtp();
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	assert_int_equal(hear(&talk, "220 mail"), 0);
	talk.protocol->quiet(&talk);
	assert_int_equal(talk.sent_size, 6);
	(void)hear(&talk, "220 mail221 bye\r\n");
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
	assert_string_equal(talk.identity, "SMTP: 220 mail");
}

static void
other_service_in_the_first_answer_is_named(void **state)
{
	struct dmp_exchange exchange = smtp();
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	talk.spec.hint = "known issue";
	(void)hear(&talk, "SSH-2.0-OpenSSH_9.2\r\n");
	assert_int_equal(talk.reason, DMP_REASON_WRONG_SERVICE);
	assert_non_null(strstr(talk.detail, "SSH"));
	assert_non_null(strstr(talk.detail, ", not SMTP; known issue"));
}

static void
unknown_answer_is_a_bad_one(void **state)
{
	struct dmp_exchange exchange = smtp();
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	(void)hear(&talk, "421 too busy\r\n");
	assert_int_equal(talk.reason, DMP_REASON_BAD_ANSWER);
	assert_string_equal(talk.detail,
	    "not what SMTP should answer (greeting); it begins with \"421 too busy\"");
}

/* "220-" is SMTP, too: it is no other service. */
static void
same_service_with_another_answer_is_no_other_service(void **state)
{
	struct dmp_exchange exchange = smtp();
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	(void)hear(&talk, "220-mail.example\r\n");
	assert_int_equal(talk.reason, DMP_REASON_BAD_ANSWER);
}

static void
known_service_is_not_another_one_in_a_later_step(void **state)
{
	struct dmp_exchange exchange = smtp();
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	(void)hear(&talk, "220 mail\r\n");
	(void)hear(&talk, "SSH-2.0-x\r\n");
	assert_int_equal(talk.reason, DMP_REASON_BAD_ANSWER);
	assert_non_null(strstr(talk.detail, "QUIT"));
}

static void
end_of_the_connection_is_judged_by_what_came(void **state)
{
	struct dmp_exchange exchange = smtp();
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	talk.protocol->closed(&talk);
	assert_false(talk.finished); /* the talk says silent or closed early */
	(void)hear(&talk, "22");
	talk.protocol->closed(&talk);
	assert_int_equal(talk.reason, DMP_REASON_BAD_ANSWER);
	begin(&talk, &exchange);
	(void)hear(&talk, "220 mail\r\n");
	talk.protocol->closed(&talk);
	assert_int_equal(talk.reason, DMP_REASON_BAD_ANSWER);
	assert_string_equal(talk.detail, "SMTP answered and then no more (QUIT)");
	begin(&talk, &exchange);
	(void)hear(&talk, "220 mail\r\n");
	(void)hear(&talk, "221 bye");
	talk.protocol->closed(&talk);
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
}

static void
every_split_of_the_answers_ends_the_same(void **state)
{
	static const char ANSWER[] = "220 mail.example\r\n";
	struct dmp_exchange exchange = smtp();
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	for (size_t i = 1; i < sizeof ANSWER; i++) {
		assert_int_equal(talk.sent_size, 0);
		(void)talk.protocol->input(&talk, (const uint8_t *)ANSWER, i);
	}
	assert_int_equal(talk.sent_size, 6);
	assert_string_equal(talk.identity, "SMTP: 220 mail.example");
}

static void
text_among_bytes_names_the_service(void **state)
{
	struct dmp_exchange exchange = binary(
	    "MariaDB", &(struct dmp_exchange_source){.expect_hex = "?? ?? 00 00 0a"});
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	fake_talk_hex(&talk,
	    "64 00 00 00 0a 352e352e352d31302e31312e31392d4d617269614442 "
	    "00 07000000");
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
	assert_string_equal(talk.identity, "MariaDB: 5.5.5-10.11.19-MariaDB");
}

/* ERR 1129, host is blocked: the same service, in trouble. */
static void
error_of_the_service_is_no_other_service(void **state)
{
	struct dmp_exchange exchange = binary(
	    "MariaDB", &(struct dmp_exchange_source){.expect_hex = "?? ?? 00 00 0a"});
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	fake_talk_hex(&talk, "12 00 00 00 ff 6904 486f737420697320626c6f636b6564 21");
	assert_int_equal(talk.reason, DMP_REASON_BAD_ANSWER);
}

static void
bytes_without_text_leave_the_name_alone(void **state)
{
	struct dmp_exchange exchange = binary("SQL Server",
	    &(struct dmp_exchange_source){.send_hex = "12 01", .expect_hex = "04 01"});
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	assert_memory_equal(talk.sent, "\x12\x01", 2);
	fake_talk_hex(&talk, "04 01 00 25 00 00 01 00");
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
	assert_string_equal(talk.identity, "SQL Server");
}

static void
text_of_the_port_must_occur(void **state)
{
	struct dmp_exchange exchange = smtp();
	struct dmp_talk talk;

	(void)state;
	begin(&talk, &exchange);
	talk.spec.expect = "Postfix";
	(void)hear(&talk, "220 mail Exim\r\n");
	(void)hear(&talk, "221 bye\r\n");
	assert_int_equal(talk.reason, DMP_REASON_BAD_ANSWER);
	begin(&talk, &exchange);
	talk.spec.expect = "Postfix";
	(void)hear(&talk, "220 mail Postfix\r\n");
	(void)hear(&talk, "221 bye\r\n");
	assert_int_equal(talk.reason, DMP_REASON_ANSWERED);
}

static void
nothing_to_say_is_our_own_fault(void **state)
{
	struct dmp_talk talk;

	(void)state;
	begin(&talk, NULL);
	assert_int_equal(talk.reason, DMP_REASON_LOCAL_ERROR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(steps_follow_each_other_to_the_end),
	    cmocka_unit_test(next_step_waits_for_the_end_of_the_line),
	    cmocka_unit_test(line_that_does_not_end_is_passed_over_later),
	    cmocka_unit_test(other_service_in_the_first_answer_is_named),
	    cmocka_unit_test(unknown_answer_is_a_bad_one),
	    cmocka_unit_test(same_service_with_another_answer_is_no_other_service),
	    cmocka_unit_test(known_service_is_not_another_one_in_a_later_step),
	    cmocka_unit_test(end_of_the_connection_is_judged_by_what_came),
	    cmocka_unit_test(every_split_of_the_answers_ends_the_same),
	    cmocka_unit_test(text_among_bytes_names_the_service),
	    cmocka_unit_test(error_of_the_service_is_no_other_service),
	    cmocka_unit_test(bytes_without_text_leave_the_name_alone),
	    cmocka_unit_test(text_of_the_port_must_occur),
	    cmocka_unit_test(nothing_to_say_is_our_own_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
