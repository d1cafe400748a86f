/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/fake_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/hex.h"

enum { FAKE_INPUT = 4096 };

const struct dmp_probe_spec *
dmp_talk_spec(const struct dmp_talk *talk)
{
	return &talk->spec;
}

void *
dmp_talk_state(struct dmp_talk *talk)
{
	return talk->state;
}

uint16_t
dmp_talk_local_port(const struct dmp_talk *talk)
{
	return talk->local_port;
}

bool
dmp_talk_is_tls(const struct dmp_talk *talk)
{
	return talk->is_tls;
}

const char *
dmp_talk_alpn(const struct dmp_talk *talk)
{
	return talk->alpn ? talk->alpn : "";
}

void
dmp_talk_send(struct dmp_talk *talk, const void *data, size_t size)
{
	assert_true(size <= sizeof talk->sent - talk->sent_size);
	memcpy(talk->sent + talk->sent_size, data, size);
	talk->sent_size += size;
}

void
dmp_talk_wait(struct dmp_talk *talk, uint32_t wait_ms)
{
	talk->wait_ms = wait_ms;
}

void
dmp_talk_identity(struct dmp_talk *talk, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(talk->identity, sizeof talk->identity, format, arguments);
	va_end(arguments);
}

void
dmp_talk_cassandra(struct dmp_talk *talk, enum dmp_probe_cassandra cassandra)
{
	talk->cassandra = cassandra;
}

void
dmp_talk_finish(struct dmp_talk *talk, enum dmp_reason reason, const char *format, ...)
{
	va_list arguments;

	assert_false(talk->finished);
	talk->finished = true;
	talk->reason = reason;
	va_start(arguments, format);
	(void)vsnprintf(talk->detail, sizeof talk->detail, format, arguments);
	va_end(arguments);
}

void
dmp_talk_finish_wrong(struct dmp_talk *talk)
{
	assert_false(talk->finished);
	talk->finished = true;
	talk->wrong = true;
}

void
fake_talk_open(struct dmp_talk *talk, const struct dmp_protocol *protocol)
{
	assert_true(protocol->state_size <= sizeof talk->state);
	talk->protocol = protocol;
	protocol->open(talk);
}

void
fake_talk_hex(struct dmp_talk *talk, const char *hex)
{
	uint8_t data[FAKE_INPUT];
	size_t size = test_hex(hex, data, sizeof data);

	if (size > 0)
		(void)talk->protocol->input(talk, data, size);
}

void
fake_talk_text(struct dmp_talk *talk, const char *text)
{
	(void)talk->protocol->input(talk, (const uint8_t *)text, strlen(text));
}

void
fake_talk_drip(struct dmp_talk *talk, const char *hex)
{
	uint8_t data[FAKE_INPUT];
	size_t size = test_hex(hex, data, sizeof data);

	for (size_t i = 1; i <= size && !talk->finished; i++)
		assert_int_equal(talk->protocol->input(talk, data, i), 0);
}
