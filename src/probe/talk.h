/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * talk.h - inside the probe library: a conversation with a TCP service that connected.
 *
 * How it works: when the connect of a probe at depth identify succeeds, talk.c takes
 * the descriptor over, makes TLS where the protocol wants it, and drives the protocol's
 * functions until one of them calls dmp_talk_finish() - or the deadline, a closed
 * connection or a limit ends it.  The protocol never sees sockets, TLS or timers; it
 * sees bytes.  The first DMP_TALK_TAP raw bytes (below TLS) are kept for classify.h.
 *
 * Limits: DMP_TALK_INPUT bytes are read, nothing from the wire sizes an allocation. The
 * end: what was received first counts, then end of file, then the error number.  TLS is
 * closed with close_notify and one turn of the loop; plain connections are drained and
 * reset, or closed in order where the protocol says so (polite_close).  The process
 * must ignore SIGPIPE.
 */
#ifndef DMP_TALK_H
#define DMP_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/vocab.h"
#include "probe/classify.h"
#include "probe/probe.h"

#define DMP_TALK_INPUT (64u * 1024) /* bytes of a reply that we look at */
#define DMP_TALK_TAP   512
#define DMP_TALK_STATE (16u * 1024) /* room for a struct dmp_http */

struct dmp_talk;

enum dmp_talk_tls {
	DMP_TALK_PLAIN = 0, /* never TLS */
	DMP_TALK_TLS,       /* always TLS, from the first byte */
	DMP_TALK_EITHER,    /* as spec.tls says; unset: the remembered mode, else plain;
	                       one retry in the other mode, in the same attempt, when
	                       the answer shows that the mode is wrong */
	DMP_TALK_UPGRADE    /* plain first; the protocol calls dmp_talk_start_tls() */
};

/* A protocol is one const instance, in its own file. */
struct dmp_protocol {
	const char *name;  /* for texts: "CQL", "NATS" */
	uint32_t reply_ms; /* allowance after the connect */
	enum dmp_talk_tls tls;
	const char *alpn;  /* offered protocols, comma separated, NULL = none */
	bool polite_close; /* FIN instead of RST */
	size_t state_size; /* of the protocol's own memory: zeroed, <= DMP_TALK_STATE */
	/* What classify.h calls this service: an answer of this kind that is cut or
	 * malformed is BAD_ANSWER, not WRONG_SERVICE. */
	enum dmp_service service;
	/* The connection (and TLS) stands: send the request.  Also called again after a
	 * retry in the other mode, with the state zeroed again, and after
	 * dmp_talk_start_tls() succeeded, with the state as it was. */
	void (*open)(struct dmp_talk *talk);
	/* data[0..size): everything received so far and not consumed.  Returns how many
	 * bytes it is done with; or finishes the talk.  Called again with the rest
	 * when it took some.  NULL: whatever comes is passed over. */
	size_t (*input)(struct dmp_talk *talk, const uint8_t *data, size_t size);
	/* No more will come, after everything went through input(): the peer has closed
	 * or reset, or an answer was begun and the time or DMP_TALK_INPUT is over.
	 * NULL, or without a finish: CLOSED_EARLY (or CONNECTION_RESET) when nothing
	 * was received, else WRONG_SERVICE or BAD_ANSWER as classify.h reads the first
	 * bytes.  Nothing at all until the deadline is SILENT, without a call. */
	void (*closed)(struct dmp_talk *talk);
	/* The time set with dmp_talk_wait() is over. */
	void (*quiet)(struct dmp_talk *talk);
};

/* The protocol of a kind, NULL when this release has no proof for it. */
const struct dmp_protocol *dmp_protocol_of(enum dmp_probe_kind kind);

/* --- for protocols --- */

const struct dmp_probe_spec *dmp_talk_spec(const struct dmp_talk *talk);
void *dmp_talk_state(struct dmp_talk *talk); /* state_size zeroed bytes */
bool dmp_talk_is_tls(const struct dmp_talk *talk);
uint16_t dmp_talk_local_port(const struct dmp_talk *talk);
const char *dmp_talk_alpn(const struct dmp_talk *talk);        /* selected, "" = none */
const char *dmp_talk_tls_version(const struct dmp_talk *talk); /* "TLSv1.3", "" */
void dmp_talk_tls_subject(const struct dmp_talk *talk, char subject[DMP_SUBJECT_TEXT]);

/* Did the peer ask for a client certificate?  With TLS 1.3 it may still refuse us for
 * having none. */
bool dmp_talk_asked_certificate(const struct dmp_talk *talk);

/* Queue bytes to be sent. */
void dmp_talk_send(struct dmp_talk *talk, const void *data, size_t size);

/* Ask for quiet() after so many milliseconds without end; 0 cancels. */
void dmp_talk_wait(struct dmp_talk *talk, uint32_t wait_ms);

/* Begin TLS on the connection as it is (UPGRADE); open() is called when it stands. */
void dmp_talk_start_tls(struct dmp_talk *talk);

/* What answered, with its version.  Any bytes: made printable and cut. */
void dmp_talk_identity(struct dmp_talk *talk, const char *format, ...) DMP_PRINTF(2, 3);

/* What CQL has told of the node's release. */
void dmp_talk_cassandra(struct dmp_talk *talk, enum dmp_probe_cassandra cassandra);

/* End with this reason and sentence (made printable, cut).  A certificate finding
 * replaces ANSWERED, OPEN and IDENTITY_WEAK.  No function of the protocol is called
 * afterwards. */
void dmp_talk_finish(struct dmp_talk *talk, enum dmp_reason reason, const char *format,
    ...) DMP_PRINTF(3, 4);

/* End because the bytes are not this protocol: WRONG_SERVICE with the name that
 * classify.h finds and spec.hint; BAD_ANSWER when it finds none. */
void dmp_talk_finish_wrong(struct dmp_talk *talk);

#endif
