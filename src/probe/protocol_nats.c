/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client port of a NATS server.  Nothing is asked: the server greets.  PING or
 * CONNECT would be logged as an authorisation violation where authorisation is on.
 *
 * A full server sends an error right behind its greeting: therefore the short linger.
 * Where TLS is required, the handshake is completed: a server logs a connection that
 * leaves before that, and logs nothing of one that leaves after it.
 */
#include <string.h>

#include "base/text.h"
#include "probe/nats_talk.h"
#include "probe/protocols.h"

#define LINGER_MS 50
#define REPLY_MS  2000

struct nats {
	struct dmp_nats_info info;
	bool begun;   /* something like INFO is coming */
	bool greeted; /* info is filled in */
};

static void
nats_finish(struct dmp_talk *talk, const struct dmp_nats_info *info)
{
	if (info->lame_duck)
		dmp_talk_finish(talk, DMP_REASON_SERVICE_UNWELL,
		    "NATS %s is about to stop (lame duck mode)", info->version);
	else
		dmp_talk_finish(talk, DMP_REASON_ANSWERED, "NATS %s answers%s%s%s",
		    info->version,
		    info->auth_required ? ", authorisation required" : "",
		    info->tls_required ? ", TLS required" : "",
		    info->tls_verify ? ", client certificate required" : "");
}

/* The greeting is over: is there TLS to be made? */
static void
nats_settle(struct dmp_talk *talk, const struct dmp_nats_info *info)
{
	enum dmp_probe_tls tls = dmp_talk_spec(talk)->tls;
	bool required = info->tls_required && tls != DMP_PROBE_TLS_NO;
	bool wanted = info->tls_available && tls == DMP_PROBE_TLS_YES;

	if (dmp_talk_is_tls(talk))
		nats_finish(talk, info);
	else if (required || wanted)
		dmp_talk_start_tls(talk);
	else if (tls == DMP_PROBE_TLS_YES)
		dmp_talk_finish(talk, DMP_REASON_TLS_NOT_TLS,
		    "NATS %s answers and offers no TLS", info->version);
	else
		nats_finish(talk, info);
}

/* Behind the greeting: "-ERR 'maximum connections exceeded'", or nothing. */
static size_t
nats_error(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	static const char ERROR[] = "-ERR ";
	const size_t prefix = sizeof ERROR - 1;
	const uint8_t *end;
	char words[DMP_NATS_TEXT];

	if (memcmp(data, ERROR, size < prefix ? size : prefix) != 0)
		return size;
	end = memchr(data, '\n', size);
	if (!end)
		return 0;
	dmp_text_printable(
	    words, sizeof words, data + prefix, (size_t)(end - data) - prefix);
	dmp_talk_finish(
	    talk, DMP_REASON_SERVICE_UNWELL, "NATS turns clients away: %s", words);
	return size;
}

static void
nats_open(struct dmp_talk *talk)
{
	struct nats *nats = dmp_talk_state(talk);

	if (!dmp_talk_is_tls(talk))
		dmp_talk_wait(talk, DMP_NATS_SILENCE_MS);
	else if (nats->greeted)
		nats_finish(talk, &nats->info);
}

static size_t
nats_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct nats *nats = dmp_talk_state(talk);
	size_t used = 0;

	if (!nats->greeted) {
		nats->begun = true;
		if (dmp_nats_greeting(talk, data, size, &nats->info, &used) !=
		    DMP_NATS_INFO)
			return 0;
		nats->greeted = true;
		dmp_talk_wait(talk, LINGER_MS);
	}
	return used < size ? used + nats_error(talk, data + used, size - used) : used;
}

static void
nats_quiet(struct dmp_talk *talk)
{
	const struct nats *nats = dmp_talk_state(talk);
	bool may_be_tls =
	    !dmp_talk_is_tls(talk) && dmp_talk_spec(talk)->tls != DMP_PROBE_TLS_NO;

	if (nats->greeted)
		nats_settle(talk, &nats->info);
	else if (!nats->begun && may_be_tls)
		dmp_talk_start_tls(talk);
}

static void
nats_closed(struct dmp_talk *talk)
{
	const struct nats *nats = dmp_talk_state(talk);

	if (nats->greeted)
		dmp_talk_finish(talk, DMP_REASON_SERVICE_UNWELL,
		    "NATS %s greets and does not go on", nats->info.version);
	else if (nats->begun)
		dmp_nats_finish_cut(talk);
}

const struct dmp_protocol dmp_protocol_nats = {
    .name = "NATS",
    .reply_ms = REPLY_MS,
    .tls = DMP_TALK_UPGRADE,
    .service = DMP_SERVICE_NATS_CLIENT,
    .state_size = sizeof(struct nats),
    .open = nats_open,
    .input = nats_input,
    .closed = nats_closed,
    .quiet = nats_quiet,
};
