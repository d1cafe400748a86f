/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any answer to any protocol, without sockets: this stands in for talk.c.  The input is
 * the number of the protocol, its circumstances (the bits below), how many bytes come
 * at once, and the bytes.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exchange.h"
#include "probe/protocols.h"

enum {
	IS_TLS = 1,
	IS_DEEP = 2,
	IS_HEAVY = 4,
	IS_NEW = 8,
	IS_QUIET = 16,
	HAS_EXPECT = 32
};

/* In the order that the corpus counts in. */
static const struct dmp_protocol *const PROTOCOLS[] = {
    &dmp_protocol_telnet,
    &dmp_protocol_thrift,
    &dmp_protocol_internode,
    &dmp_protocol_internode_tls,
    &dmp_protocol_cql,
    &dmp_protocol_cql_tls,
    &dmp_protocol_jmx,
    &dmp_protocol_search_node,
    &dmp_protocol_search_http,
    &dmp_protocol_nats,
    &dmp_protocol_nats_route,
    &dmp_protocol_nats_monitor,
    &dmp_protocol_nats_account,
    &dmp_protocol_remoting,
    &dmp_protocol_dataminer_http,
    &dmp_protocol_dataminer_https,
    &dmp_protocol_grpc,
    &dmp_protocol_cloud_endpoint,
    &dmp_protocol_http,
    &dmp_protocol_https,
    &dmp_protocol_tls,
    &dmp_protocol_exchange,
};

struct dmp_talk {
	const struct dmp_protocol *protocol;
	struct dmp_probe_spec spec;
	bool is_tls;
	bool upgrade;
	bool finished;
	uint32_t wait_ms;
	_Alignas(max_align_t) uint8_t state[DMP_TALK_STATE];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

bool
dmp_talk_is_tls(const struct dmp_talk *talk)
{
	return talk->is_tls;
}

uint16_t
dmp_talk_local_port(const struct dmp_talk *talk)
{
	(void)talk;
	return 43002;
}

const char *
dmp_talk_alpn(const struct dmp_talk *talk)
{
	return talk->is_tls ? "h2" : "";
}

const char *
dmp_talk_tls_version(const struct dmp_talk *talk)
{
	return talk->is_tls ? "TLSv1.3" : "";
}

void
dmp_talk_tls_subject(const struct dmp_talk *talk, char subject[DMP_SUBJECT_TEXT])
{
	(void)talk;
	subject[0] = '\0';
}

bool
dmp_talk_asked_certificate(const struct dmp_talk *talk)
{
	return talk->is_tls;
}

void
dmp_talk_send(struct dmp_talk *talk, const void *data, size_t size)
{
	assert(!talk->finished && data && size > 0);
}

void
dmp_talk_wait(struct dmp_talk *talk, uint32_t wait_ms)
{
	talk->wait_ms = wait_ms;
}

/* It begins when the input is done with. */
void
dmp_talk_start_tls(struct dmp_talk *talk)
{
	assert(!talk->is_tls);
	talk->upgrade = true;
}

static void DMP_PRINTF(1, 0) fuzz_text(const char *format, va_list arguments)
{
	char text[DMP_DETAIL_TEXT];

	(void)vsnprintf(text, sizeof text, format, arguments);
}

void
dmp_talk_identity(struct dmp_talk *talk, const char *format, ...)
{
	va_list arguments;

	assert(!talk->finished);
	va_start(arguments, format);
	fuzz_text(format, arguments);
	va_end(arguments);
}

void
dmp_talk_cassandra(struct dmp_talk *talk, enum dmp_probe_cassandra cassandra)
{
	talk->spec.cassandra = cassandra;
}

void
dmp_talk_finish(struct dmp_talk *talk, enum dmp_reason reason, const char *format, ...)
{
	va_list arguments;

	assert(!talk->finished && reason != DMP_REASON_NONE);
	talk->finished = true;
	va_start(arguments, format);
	fuzz_text(format, arguments);
	va_end(arguments);
}

void
dmp_talk_finish_wrong(struct dmp_talk *talk)
{
	assert(!talk->finished);
	talk->finished = true;
}

static void
fuzz_begin(struct dmp_talk *talk)
{
	if (!talk->finished && talk->protocol->open)
		talk->protocol->open(talk);
}

static void
fuzz_secure(struct dmp_talk *talk)
{
	if (talk->finished || !talk->upgrade)
		return;
	talk->upgrade = false;
	talk->is_tls = true;
	fuzz_begin(talk);
}

/* What was received and not consumed, alone on the heap; returns how much is left. */
static size_t
fuzz_feed(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	while (size > 0 && !talk->finished && !talk->upgrade && talk->protocol->input) {
		uint8_t *copy = malloc(size);
		size_t used;

		assert(copy);
		memcpy(copy, data, size);
		used = talk->protocol->input(talk, copy, size);
		free(copy);
		assert(used <= size);
		if (used == 0)
			break;
		data += used;
		size -= used;
	}
	return size;
}

static void
fuzz_run(struct dmp_talk *talk, const uint8_t *data, size_t size, size_t step)
{
	size_t kept = 0;

	for (size_t at = 0; at < size && !talk->finished;) {
		size_t n = size - at < step ? size - at : step;

		at += n;
		kept = fuzz_feed(talk, data + at - n - kept, n + kept);
		fuzz_secure(talk);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct dmp_exchange exchange;
	struct dmp_exchange_source source = {.send = "EHLO x\\r\\n", .expect = "250"};
	struct dmp_exchange_fault fault;
	struct dmp_talk *talk;

	if (size < 3 || data[0] >= sizeof PROTOCOLS / sizeof PROTOCOLS[0] ||
	    data[2] == 0)
		return 0;
	if (exchange.n_steps == 0)
		(void)dmp_exchange_add(&exchange, &source, &fault);
	talk = calloc(1, sizeof *talk);
	assert(talk && exchange.n_steps == 1);
	talk->protocol = PROTOCOLS[data[0]];
	assert(talk->protocol->state_size <= sizeof talk->state);
	talk->is_tls = (data[1] & IS_TLS) != 0;
	talk->spec = (struct dmp_probe_spec){
	    .host = "localhost",
	    .port = 1,
	    .depth = data[1] & IS_DEEP ? DMP_PROBE_DEEP : DMP_PROBE_IDENTIFY,
	    .heavy = (data[1] & IS_HEAVY) != 0,
	    .cassandra = data[1] & IS_NEW ? DMP_PROBE_CASSANDRA_NEW
	                                  : DMP_PROBE_CASSANDRA_UNKNOWN,
	    .expect = data[1] & HAS_EXPECT ? "lucene" : NULL,
	    .exchange = &exchange,
	};
	fuzz_begin(talk);
	fuzz_run(talk, data + 3, size - 3, data[2]);
	if (data[1] & IS_QUIET && talk->wait_ms > 0 && !talk->finished &&
	    talk->protocol->quiet)
		talk->protocol->quiet(talk);
	fuzz_secure(talk);
	if (!talk->finished && talk->protocol->closed)
		talk->protocol->closed(talk);
	free(talk);
	return 0;
}
