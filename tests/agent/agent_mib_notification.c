/* SPDX-License-Identifier: BSD-2-Clause */
/* What event notifications carry, and that the largest fits one Ethernet frame. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "subagent/mib_table.h"
#include "support/mib_world.h"

/* An IPv4 frame of 1500 bytes less IP and UDP headers. */
enum { FRAME = 1472 };

/* The greatest sizes of texts that the MIB allows, by varbind; 0 = a number. */
static const size_t TEXT_SIZES[DMPD_EVENT_VARBINDS + 1] = {
    [2] = 63,  /* Source */
    [3] = 95,  /* Key */
    [4] = 255, /* Message */
    [10] = 63, /* HostName */
    [11] = 45, /* Address */
    [12] = 31, /* Service */
    [16] = 24, /* Time */
    [17] = 15, /* StateText */
    [18] = 15, /* SeverityText */
    [19] = 63, /* ReasonText */
};

/* --- sizes in BER, RFC 3417 8 --- */

static size_t
ber_tlv(size_t content)
{
	size_t length = content < 128 ? 1 : content < 256 ? 2 : 3;

	return 1 + length + content;
}

static size_t
ber_unsigned(uint32_t number)
{
	size_t content = 1;

	/* One byte more when the top bit would say that it is negative. */
	while (content < 5 && number >> (8 * content - 1) != 0)
		content++;
	return ber_tlv(content);
}

static size_t
ber_oid(const uint32_t *oid, size_t len)
{
	size_t content = 1; /* the first two sub-identifiers */

	for (size_t i = 2; i < len; i++) {
		content++;
		for (uint32_t rest = oid[i] >> 7; rest != 0; rest >>= 7)
			content++;
	}
	return ber_tlv(content);
}

static size_t
ber_value(const struct dmpd_value *value)
{
	if (value->type == DMPD_OCTETS)
		return ber_tlv(value->size);
	return ber_unsigned((uint32_t)value->number);
}

#define ROOT 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7741, 1

static size_t
event_varbinds_size(const struct dmp_event *event)
{
	const uint32_t uptime[] = {1, 3, 6, 1, 2, 1, 1, 3, 0};
	const uint32_t trap[] = {1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0};
	const uint32_t type[] = {ROOT, 0, 20};
	const uint32_t agent[] = {1, 3, 6, 1, 3, 1057, 1};
	const size_t v4 = 15; /* "255.255.255.255" */
	size_t size = ber_tlv(ber_oid(uptime, 9) + ber_unsigned(UINT32_MAX)) +
	              ber_tlv(ber_oid(trap, 11) + ber_oid(type, 13)) +
	              ber_tlv(ber_oid(agent, 7) + ber_tlv(v4));

	for (unsigned k = 1; k <= DMPD_EVENT_VARBINDS; k++) {
		const uint32_t oid[] = {ROOT, 1, 9, k, 0};
		struct dmpd_value value;

		dmpd_mib_event_varbind(event, k, &value);
		if (value.type == DMPD_OCTETS)
			value.size = TEXT_SIZES[k];
		size += ber_tlv(ber_oid(oid, 15) + ber_value(&value));
	}
	return size;
}

static size_t
pdu_size(const struct dmp_event *event)
{
	return ber_tlv(ber_unsigned(INT32_MAX) /* request-id */
	               + ber_unsigned(0) + ber_unsigned(0) +
	               ber_tlv(event_varbinds_size(event)));
}

static void
largest_v2c_notification_fits_a_frame(void **state)
{
	const size_t community = 64;
	struct dmp_event event;
	size_t size;

	(void)state;
	mib_world_longest_event(&event);
	size = ber_tlv(ber_unsigned(1) + ber_tlv(community) + pdu_size(&event));
	print_message("v2c: %zu bytes\n", size);
	assert_true(size <= FRAME);
}

/* With the longest engine ID and user name, in the default context.
 * RFC 3412 6, RFC 3414 2.4; SHA-512 authenticates with 48 bytes (RFC 7860 4.2.2) and
 * privacy adds a salt of 8; DES, not AES, would pad. */
static void
largest_v3_notification_fits_a_frame(void **state)
{
	const size_t engine = 32, user = 32, context = 0;
	struct dmp_event event;
	size_t header, security, scoped, size;

	(void)state;
	mib_world_longest_event(&event);
	header = ber_tlv(ber_unsigned(INT32_MAX) + ber_unsigned(65507) + ber_tlv(1) +
	                 ber_unsigned(3));
	security = ber_tlv(ber_tlv(ber_tlv(engine) + ber_unsigned(INT32_MAX) +
	                           ber_unsigned(INT32_MAX) + ber_tlv(user) +
	                           ber_tlv(48) + ber_tlv(8)));
	scoped = ber_tlv(ber_tlv(engine) + ber_tlv(context) + pdu_size(&event));
	size = ber_tlv(ber_unsigned(3) + header + security + ber_tlv(scoped));
	print_message("v3: %zu bytes\n", size);
	assert_true(size <= FRAME);
}

static void
no_text_is_longer_than_the_mib_allows(void **state)
{
	struct dmp_event event;

	(void)state;
	mib_world_longest_event(&event);
	for (unsigned k = 1; k <= DMPD_EVENT_VARBINDS; k++) {
		struct dmpd_value value;

		dmpd_mib_event_varbind(&event, k, &value);
		assert_int_equal(value.type == DMPD_OCTETS, TEXT_SIZES[k] != 0);
		assert_true(value.size <= TEXT_SIZES[k]);
	}
}

static void
words_of_all_members_fit_their_varbinds(void **state)
{
	static const struct {
		enum dmp_vocab vocab;
		unsigned k;
	} WORDS[] = {
	    {DMP_VOCAB_STATE, 17}, {DMP_VOCAB_SEVERITY, 18}, {DMP_VOCAB_REASON, 19}};

	(void)state;
	for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
		const char *label;
		int number;

		for (unsigned m = 0; dmp_vocab_at(WORDS[i].vocab, m, &number, &label);
		     m++)
			assert_true(strlen(label) <= TEXT_SIZES[WORDS[i].k]);
	}
}

static void
assert_same_value(const struct dmpd_value *varbind, const struct dmpd_value *column)
{
	assert_int_equal(varbind->type, column->type);
	assert_int_equal(varbind->number, column->number);
	if (column->type != DMPD_OCTETS)
		return;
	if (column->size == 0) {
		assert_int_equal(varbind->size, 1);
		assert_memory_equal(varbind->text, "-", 1);
		return;
	}
	assert_int_equal(varbind->size, column->size);
	assert_memory_equal(varbind->text, column->text, column->size);
}

static void
varbinds_are_the_columns_of_the_event(void **state)
{
	struct mib_world world;
	struct dmp_event longest;

	(void)state;
	mib_world_make(&world, 1);
	mib_world_longest_event(&longest);
	assert_int_equal(dmpd_event_ring_add(world.ring, &longest), DMP_OK);
	for (unsigned k = 1; k <= DMPD_EVENT_VARBINDS; k++) {
		const uint32_t indices[] = {1, longest.sequence};

		for (size_t i = 0; i < 2; i++) {
			const uint32_t oid[] = {7, 1, k + 1, indices[i]};
			struct dmpd_value column, varbind;

			assert_int_equal(
			    dmpd_mib_get(&world.view, oid, 4, &column), DMPD_FOUND);
			dmpd_mib_event_varbind(
			    dmpd_event_ring_at(world.ring, indices[i], true), k,
			    &varbind);
			assert_same_value(&varbind, &column);
		}
	}
	mib_world_done(&world);
}

static void
absent_texts_are_a_dash_in_notifications_only(void **state)
{
	struct mib_world world;
	struct dmpd_value value;
	const uint32_t host_name[] = {7, 1, 11, 1};

	(void)state;
	mib_world_make(&world, 1);
	assert_int_equal(dmpd_mib_get(&world.view, host_name, 4, &value), DMPD_FOUND);
	assert_int_equal(value.size, 0);
	dmpd_mib_event_varbind(dmpd_event_ring_at(world.ring, 1, true), 10, &value);
	assert_int_equal(value.size, 1);
	assert_memory_equal(value.text, "-", 1);
	mib_world_done(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(largest_v2c_notification_fits_a_frame),
	    cmocka_unit_test(largest_v3_notification_fits_a_frame),
	    cmocka_unit_test(no_text_is_longer_than_the_mib_allows),
	    cmocka_unit_test(words_of_all_members_fit_their_varbinds),
	    cmocka_unit_test(varbinds_are_the_columns_of_the_event),
	    cmocka_unit_test(absent_texts_are_a_dash_in_notifications_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
