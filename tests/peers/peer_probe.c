/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peer_probe KIND HOST ADDRESS PORT [name=value | word]... - one probe at depth
 * identify, for the drivers in this folder: prints the result as one line of JSON.
 *
 * names: path expect hint ca tls=auto|no|yes connect=MS reply=MS
 * words: heavy prefer-tls udp shallow (depth connect) deep fin cassandra-old
 *        cassandra-new
 */
#include <event2/event.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "probe/probe.h"

#define DEFAULT_CONNECT_MS 3200
#define DEFAULT_REPLY_MS   5000

struct peer_text {
	const char *name;
	size_t offset; /* of the const char * in the spec */
};

static const struct peer_text peer_texts[] = {
    {"path=", offsetof(struct dmp_probe_spec, path)},
    {"expect=", offsetof(struct dmp_probe_spec, expect)},
    {"hint=", offsetof(struct dmp_probe_spec, hint)},
    {"ca=", offsetof(struct dmp_probe_spec, ca_file)},
};

static const struct {
	const char *word;
	enum dmp_probe_tls tls;
} peer_tls[] = {
    {"tls=auto", DMP_PROBE_TLS_AUTO},
    {"tls=no", DMP_PROBE_TLS_NO},
    {"tls=yes", DMP_PROBE_TLS_YES},
};

static void
peer_print(const struct dmp_probe_result *result, void *arg)
{
	static const char *const outcomes[] = {"inconclusive", "ok", "fail"};
	static const char *const progresses[] = {
	    "none", "reached", "connected", "answered"};
	json_t *tls_days = result->tls_days_left == INT32_MAX
	                       ? json_null()
	                       : json_integer(result->tls_days_left);
	json_t *object = json_pack("{ss ss ss ss ss ss si sb so}", "reason",
	    dmp_vocab_text(DMP_VOCAB_REASON, (int)result->reason), "outcome",
	    outcomes[result->outcome], "progress", progresses[result->progress],
	    "identity", result->identity, "detail", result->detail, "tls_subject",
	    result->tls_subject, "latency_us", (int)result->latency_us, "used_tls",
	    (int)result->used_tls, "tls_days_left", tls_days);

	if (object)
		(void)json_dumpf(object, stdout, JSON_ENSURE_ASCII);
	(void)putchar('\n');
	*(bool *)arg = object != NULL;
	json_decref(object);
}

static bool
peer_text_option(const char *word, struct dmp_probe_spec *spec)
{
	for (size_t i = 0; i < sizeof peer_texts / sizeof *peer_texts; i++) {
		size_t length = strlen(peer_texts[i].name);

		if (strncmp(word, peer_texts[i].name, length) == 0) {
			const char *value = word + length;

			memcpy(
			    (char *)spec + peer_texts[i].offset, &value, sizeof value);
			return true;
		}
	}
	return false;
}

static bool
peer_tls_option(const char *word, struct dmp_probe_spec *spec)
{
	for (size_t i = 0; i < sizeof peer_tls / sizeof *peer_tls; i++)
		if (strcmp(word, peer_tls[i].word) == 0) {
			spec->tls = peer_tls[i].tls;
			return true;
		}
	return false;
}

static bool
peer_ms_option(const char *word, const char *name, uint32_t *ret_ms)
{
	size_t length = strlen(name);
	uint64_t ms;

	if (strncmp(word, name, length) != 0 ||
	    !dmp_text_number(word + length, 1, 60000, &ms))
		return false;
	*ret_ms = (uint32_t)ms;
	return true;
}

static bool
peer_option(const char *word, struct dmp_probe_spec *spec)
{
	if (strcmp(word, "heavy") == 0)
		spec->heavy = true;
	else if (strcmp(word, "prefer-tls") == 0)
		spec->prefer_tls = true;
	else if (strcmp(word, "udp") == 0)
		spec->transport = DMP_TRANSPORT_UDP;
	else if (strcmp(word, "shallow") == 0)
		spec->depth = DMP_PROBE_CONNECT_ONLY;
	else if (strcmp(word, "deep") == 0)
		spec->depth = DMP_PROBE_DEEP;
	else if (strcmp(word, "cassandra-old") == 0)
		spec->cassandra = DMP_PROBE_CASSANDRA_OLD;
	else if (strcmp(word, "cassandra-new") == 0)
		spec->cassandra = DMP_PROBE_CASSANDRA_NEW;
	else if (strcmp(word, "fin") == 0)
		spec->close = DMP_PROBE_CLOSE_FIN;
	else
		return peer_ms_option(word, "connect=", &spec->connect_timeout_ms) ||
		       peer_ms_option(word, "reply=", &spec->reply_timeout_ms) ||
		       peer_tls_option(word, spec) || peer_text_option(word, spec);
	return true;
}

static bool
peer_spec(int argc, char **argv, struct dmp_probe_spec *ret_spec)
{
	struct dmp_probe_spec spec = {.depth = DMP_PROBE_IDENTIFY,
	    .transport = DMP_TRANSPORT_TCP,
	    .n_addresses = 1,
	    .connect_timeout_ms = DEFAULT_CONNECT_MS,
	    .reply_timeout_ms = DEFAULT_REPLY_MS};
	uint64_t port;
	int kind;

	if (argc < 5 || !dmp_vocab_find(DMP_VOCAB_PROBE, argv[1], &kind) ||
	    !dmp_address_parse(argv[3], &spec.addresses[0]) ||
	    !dmp_text_number(argv[4], 1, UINT16_MAX, &port))
		return false;
	spec.kind = (enum dmp_probe_kind)kind;
	spec.host = argv[2];
	spec.port = (uint16_t)port;
	for (int i = 5; i < argc; i++)
		if (!peer_option(argv[i], &spec))
			return false;
	*ret_spec = spec;
	return true;
}

int
main(int argc, char **argv)
{
	struct event_base *base;
	struct dmp_probe_spec spec;
	struct dmp_probe *probe;
	bool printed = false;

	if (!peer_spec(argc, argv, &spec)) {
		fprintf(
		    stderr, "usage: peer_probe KIND HOST ADDRESS PORT [OPTION...]\n");
		return 2;
	}
	base = event_base_new();
	if (!base)
		return 1;
	if (dmp_probe_start(base, dmp_clock_system(), &spec, peer_print, &printed,
	        &probe) == DMP_OK)
		(void)event_base_dispatch(base);
	event_base_free(base);
	return printed ? 0 : 1;
}
