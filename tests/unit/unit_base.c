/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/address.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/port.h"
#include "base/text.h"
#include "base/vocab.h"

static void
foreign_bytes_become_printable_ascii(void **state)
{
	static const char HOSTILE[] = "\x1b[31mred\n\tfake: line\xff\0end";
	char field[64];

	(void)state;
	dmp_text_printable(field, sizeof field, HOSTILE, sizeof HOSTILE - 1);
	assert_string_equal(field, ".[31mred fake: line..end");
}

static void
printable_text_is_cut_and_terminated(void **state)
{
	char field[4];

	(void)state;
	dmp_text_printable(field, sizeof field, "abcdef", 6);
	assert_string_equal(field, "abc");
	dmp_text_printable(field, 1, "abcdef", 6);
	assert_string_equal(field, "");
}

static void
safe_text_has_no_character_that_breaks_a_trap_handler(void **state)
{
	char field[64];

	(void)state;
	dmp_text_safe(field, sizeof field, "a \"b\" 'c' `d` %n |e| $f \\g");
	assert_null(strpbrk(field, "\"'`%|$\\"));
}

static void
numbers_are_strict(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_true(dmp_text_number("65535", 1, 65535, &value));
	assert_int_equal(value, 65535);
	assert_false(dmp_text_number("", 0, 9, &value));
	assert_false(dmp_text_number(" 1", 0, 9, &value));
	assert_false(dmp_text_number("+1", 0, 9, &value));
	assert_false(dmp_text_number("0x1", 0, 9, &value));
	assert_false(dmp_text_number("65536", 1, 65535, &value));
	assert_false(dmp_text_number("18446744073709551616", 0, UINT64_MAX, &value));
	assert_true(dmp_text_number("18446744073709551615", 0, UINT64_MAX, &value));
}

static void
a_text_buffer_grows_and_is_reused(void **state)
{
	struct dmp_text t = {0};

	(void)state;
	assert_string_equal(dmp_text_get(&t), "");
	for (int i = 0; i < 1000; i++)
		dmp_text_printf(&t, "%d,", i);
	assert_int_equal(t.size, 3890);
	dmp_text_clear(&t);
	dmp_text_append(&t, "x");
	assert_string_equal(dmp_text_get(&t), "x");
	dmp_text_done(&t);
}

static void
words_are_whole(void **state)
{
	(void)state;
	assert_true(dmp_text_has_word("dma client", "client"));
	assert_false(dmp_text_has_word("dma clients", "client"));
	assert_false(dmp_text_has_word("", "dma"));
}

static void
times_are_printed_and_parsed_as_iso_8601(void **state)
{
	static const char *const BAD[] = {"", "2026-11-22", "2026-13-01T00:00Z",
	    "2026-11-31T00:00Z", "2026-11-22T24:00Z", "2026-11-22T14:03:35",
	    "2026-11-22 14:03:35Z", "2026-11-22T14:03:35Zx"};
	char text[DMP_TIME_TEXT];

	(void)state;
	dmp_clock_text(1795356215000, text);
	assert_string_equal(text, "2026-11-22T14:03:35Z");
	assert_true(dmp_clock_parse(text) == 1795356215000);
	assert_true(dmp_clock_parse("2024-02-29T12:00Z") == 1709208000000);
	dmp_clock_text(0, text);
	assert_string_equal(text, "");
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		assert_true(dmp_clock_parse(BAD[i]) == -1);
}

static void
addresses_are_literals_or_nothing(void **state)
{
	static const char *const GOOD[] = {"192.0.2.1", "2001:db8::1", "::1"};
	static const char *const BAD[] = {
	    "", "256.1.1.1", "1.2.3", "host", "192.0.2.1%lo", "2001:db8::1::2"};
	struct dmp_address a;
	char text[DMP_ADDRESS_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
		assert_true(dmp_address_parse(GOOD[i], &a));
		dmp_address_text(&a, text);
		assert_string_equal(text, GOOD[i]);
	}
	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		assert_false(dmp_address_parse(BAD[i], &a));
}

static void
addresses_survive_a_socket_address(void **state)
{
	struct sockaddr_storage socket;
	struct dmp_address a;
	struct dmp_address b;
	uint16_t port;

	(void)state;
	assert_true(dmp_address_parse("2001:db8::1", &a));
	assert_int_equal(
	    dmp_address_to_socket(&a, 9042, &socket), sizeof(struct sockaddr_in6));
	assert_true(
	    dmp_address_from_socket((const struct sockaddr *)&socket, &b, &port));
	assert_true(dmp_address_equal(&a, &b));
	assert_int_equal(port, 9042);
}

static void
every_vocabulary_finds_its_own_labels(void **state)
{
	const char *label;
	int number;
	int found;

	(void)state;
	for (int v = 0; v < DMP_VOCAB_COUNT; v++) {
		unsigned n = 0;

		while (dmp_vocab_at((enum dmp_vocab)v, n, &number, &label)) {
			assert_true(number >= 1);
			assert_true(dmp_vocab_find((enum dmp_vocab)v, label, &found));
			assert_int_equal(found, number);
			assert_string_equal(
			    dmp_vocab_text((enum dmp_vocab)v, number), label);
			n++;
		}
		assert_true(n >= 3);
		assert_string_equal(dmp_vocab_text((enum dmp_vocab)v, 999), "unknown");
	}
}

static void
every_reason_has_code_sentence_and_owner(void **state)
{
	const char *label;
	int number;

	(void)state;
	for (unsigned i = 0; dmp_vocab_at(DMP_VOCAB_REASON, i, &number, &label); i++) {
		enum dmp_reason reason = (enum dmp_reason)number;

		assert_true(strlen(dmp_reason_code(reason)) > 0);
		assert_true(strlen(dmp_reason_sentence(reason)) > 5);
		assert_true(strlen(dmp_reason_owner(reason)) > 0);
		assert_true(strlen(label) < 64);
		assert_true((unsigned)number == i + 1); /* appended, never renumbered */
	}
}

static void
raising_types_are_cleared_by_some_type(void **state)
{
	const char *label;
	int number;

	(void)state;
	for (unsigned i = 0; dmp_vocab_at(DMP_VOCAB_EVENT, i, &number, &label); i++) {
		bool cleared = false;
		int other;

		for (unsigned j = 0; dmp_vocab_at(DMP_VOCAB_EVENT, j, &other, &label);
		     j++)
			cleared |= dmp_event_clears(
			    (enum dmp_event_type)other, (enum dmp_event_type)number);
		assert_int_equal(
		    cleared, dmp_event_raises((enum dmp_event_type)number));
	}
}

static void
files_are_read_within_their_limit(void **state)
{
	char path[] = "/tmp/dmp-base-XXXXXX";
	char *data;
	size_t size;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "hello\n", 6), 6);
	assert_int_equal(close(fd), 0);
	assert_int_equal(dmp_file_read(path, 6, &data, &size), DMP_OK);
	assert_string_equal(data, "hello\n");
	free(data);
	assert_int_equal(dmp_file_read(path, 5, &data, &size), DMP_ETOOBIG);
	assert_int_equal(dmp_file_read("/nonexistent", 5, &data, &size), DMP_ENOENT);
	assert_int_equal(dmp_file_read("/dev/zero", 5, &data, &size), DMP_EINVAL);
	assert_int_equal(unlink(path), 0);
}

static void
secrets_that_others_can_read_are_refused(void **state)
{
	char path[] = "/tmp/dmp-base-XXXXXX";
	char *secret;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "s3cret\r\nmore\n", 13), 13);
	assert_int_equal(close(fd), 0);
	assert_int_equal(dmp_file_read_secret(path, &secret), DMP_OK);
	assert_string_equal(secret, "s3cret");
	free(secret);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(dmp_file_read_secret(path, &secret), DMP_EPERM);
	assert_int_equal(unlink(path), 0);
}

static void
an_array_keeps_its_items_when_it_grows(void **state)
{
	size_t capacity = 0;
	int *items = NULL;

	(void)state;
	for (int n = 0; n < 1000; n++) {
		items = dmp_array_grow(items, (size_t)n, &capacity, sizeof *items);
		assert_non_null(items);
		assert_in_range(capacity, n + 1, 2 * n + 16);
		items[n] = n;
	}
	for (int n = 0; n < 1000; n++)
		assert_int_equal(items[n], n);
	free(items);
}

static void
an_array_of_more_than_can_be_is_as_it_was(void **state)
{
	size_t capacity = 1;
	char *items = malloc(1);

	(void)state;
	assert_non_null(items);
	assert_null(dmp_array_grow(items, 1, &capacity, SIZE_MAX / 2 + 1));
	assert_int_equal(capacity, 1);
	free(items);
}

static void
a_port_is_written_with_its_transport(void **state)
{
	char text[DMP_PORT_TEXT];

	(void)state;
	dmp_port_text(DMP_TRANSPORT_TCP, 65535, text);
	assert_string_equal(text, "65535/tcp");
	dmp_port_text(DMP_TRANSPORT_UDP, 0, text);
	assert_string_equal(text, "any port/udp");
	dmp_port_text(DMP_TRANSPORT_NONE, 0, text);
	assert_string_equal(text, "ICMP");
}

static void
a_port_is_read_with_or_without_its_transport(void **state)
{
	static const char *const BAD[] = {"", "/", "/tcp", "0/tcp", "65536/udp", "1/",
	    "1/xtp", "1/none", "00000001/tcp", "1 /tcp", "-1", "tcp", "1/tcp/"};
	enum dmp_transport transport;
	uint16_t number;

	(void)state;
	assert_true(dmp_port_parse("9090/udp", &transport, &number));
	assert_int_equal(transport, DMP_TRANSPORT_UDP);
	assert_int_equal(number, 9090);
	assert_true(dmp_port_parse("65535", &transport, &number));
	assert_int_equal(transport, DMP_TRANSPORT_NONE);
	assert_int_equal(number, 65535);
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		if (dmp_port_parse(BAD[i], &transport, &number))
			fail_msg("accepted: %s", BAD[i]);
	}
	assert_int_equal(number, 65535);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_array_keeps_its_items_when_it_grows),
	    cmocka_unit_test(an_array_of_more_than_can_be_is_as_it_was),
	    cmocka_unit_test(a_port_is_written_with_its_transport),
	    cmocka_unit_test(a_port_is_read_with_or_without_its_transport),
	    cmocka_unit_test(foreign_bytes_become_printable_ascii),
	    cmocka_unit_test(printable_text_is_cut_and_terminated),
	    cmocka_unit_test(safe_text_has_no_character_that_breaks_a_trap_handler),
	    cmocka_unit_test(numbers_are_strict),
	    cmocka_unit_test(a_text_buffer_grows_and_is_reused),
	    cmocka_unit_test(words_are_whole),
	    cmocka_unit_test(times_are_printed_and_parsed_as_iso_8601),
	    cmocka_unit_test(addresses_are_literals_or_nothing),
	    cmocka_unit_test(addresses_survive_a_socket_address),
	    cmocka_unit_test(every_vocabulary_finds_its_own_labels),
	    cmocka_unit_test(every_reason_has_code_sentence_and_owner),
	    cmocka_unit_test(raising_types_are_cleared_by_some_type),
	    cmocka_unit_test(files_are_read_within_their_limit),
	    cmocka_unit_test(secrets_that_others_can_read_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
