/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe.h - one attempt on one port: a spec goes in, exactly one result comes out.
 *
 * How it works: dmp_probe_start() never blocks and never calls back before it returns.
 * Later, from the event loop, the done function is called once with an outcome, a
 * reason and facts, and the probe is freed after it returns.  dmp_probe_cancel() frees
 * a probe without a callback.  One deadline covers the whole attempt.  A probe holds at
 * most two descriptors per address; callers cap the number in flight.
 */
#ifndef DMP_PROBE_H
#define DMP_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/vocab.h"

struct dmp_exchange;
struct dmp_probe;
struct dmp_trust;
struct event_base;

#define DMP_PROBE_ADDRESSES 4
#define DMP_DETAIL_TEXT     256
#define DMP_IDENTITY_TEXT   128
#define DMP_SUBJECT_TEXT    128

/* DEEP asks a further question where a protocol has one, else the same as IDENTIFY. */
enum dmp_probe_depth { DMP_PROBE_CONNECT_ONLY = 0, DMP_PROBE_IDENTIFY, DMP_PROBE_DEEP };
enum dmp_probe_tls { DMP_PROBE_TLS_AUTO = 0, DMP_PROBE_TLS_NO, DMP_PROBE_TLS_YES };
enum dmp_probe_close { DMP_PROBE_CLOSE_RST = 0, DMP_PROBE_CLOSE_FIN };

/* What the CQL of a Cassandra node tells of its release.  It decides how the node's
 * internode port is asked; that port cannot be asked for it. */
enum dmp_probe_cassandra {
	DMP_PROBE_CASSANDRA_UNKNOWN = 0,
	DMP_PROBE_CASSANDRA_OLD, /* to 4.1 */
	DMP_PROBE_CASSANDRA_NEW  /* from 5.0, or not known better */
};

/* What to do.  Copied by start: nothing is borrowed but the strings, which must live
 * until done or cancel. */
struct dmp_probe_spec {
	enum dmp_probe_kind kind;
	enum dmp_probe_depth depth;
	enum dmp_transport transport;
	uint16_t port;
	/* Tried in order: a further one 250 ms after the former or at its failure (RFC
	 * 8305 5); the first that connects wins, the first one's failure is the reason
	 * when none does. */
	struct dmp_address addresses[DMP_PROBE_ADDRESSES];
	size_t n_addresses;
	const char *host; /* as the user wrote it: SNI, Host header, name check */
	uint32_t connect_timeout_ms;
	uint32_t reply_timeout_ms; /* after the connect; the whole: sum of both */
	enum dmp_probe_close close;
	/* For identify.  NULL or "" = the protocol's own. */
	const char *path;    /* HTTP */
	const char *expect;  /* text that must occur in the answer */
	const char *ca_file; /* PEM, instead of the system's trust store */
	/* Borrowed; NULL: that one is read for this attempt alone. */
	struct dmp_trust *trust;
	const char *hint; /* known issue, told with WRONG_SERVICE */
	/* EXCHANGE: what to say and to hear; borrowed like the strings. */
	const struct dmp_exchange *exchange;
	/* SNMP: ask for the description of the system, too; a secret.  SNMP_TRAP: what
	 * an inform goes with. */
	const char *community;
	bool inform; /* SNMP_TRAP: send an inform when the heavy part is due */
	/* CASSANDRA_INTERNODE: what the CQL of the same host has told last. */
	enum dmp_probe_cassandra cassandra;
	enum dmp_probe_tls tls;
	bool prefer_tls; /* AUTO: the mode that worked last time */
	bool heavy;      /* the expensive part is due, too */
	/* UDP: this target has answered before, so silence is TIMEOUT, not NO_REPLY. */
	bool has_answered;
};

/* How far the best attempt got: diagnosis, kept apart from the verdict. */
enum dmp_progress {
	DMP_PROGRESS_NONE = 0,  /* nothing came back */
	DMP_PROGRESS_REACHED,   /* the target itself said no (RST, port unreachable) */
	DMP_PROGRESS_CONNECTED, /* SYN-ACK */
	DMP_PROGRESS_ANSWERED   /* application bytes */
};

struct dmp_probe_result {
	enum dmp_outcome outcome; /* always that of reason */
	enum dmp_reason reason;
	enum dmp_progress progress;
	struct dmp_address address; /* the one that decided; none when there was none */
	uint32_t
	    latency_us; /* SYN to SYN-ACK, or request to reply; 0 = none, real >= 1 */
	uint32_t
	    answer_us; /* over TCP, request to first byte of the answer; 0 = none */
	char detail[DMP_DETAIL_TEXT];       /* one printable ASCII sentence */
	char identity[DMP_IDENTITY_TEXT];   /* what answered, with its version; "" =
	                                       unknown */
	enum dmp_probe_cassandra cassandra; /* told by CQL */
	bool used_tls;                      /* the answer, or a refusal, came in TLS */
	int32_t tls_days_left;              /* INT32_MAX = no certificate seen */
	char tls_subject[DMP_SUBJECT_TEXT];
};

/* May start other probes; must not cancel this one. */
typedef void dmp_probe_done_fn(const struct dmp_probe_result *result, void *arg);

/* Begin an attempt.  Even our own failures (no descriptor, no route ...) arrive by
 * done, as LOCAL_* reasons; only DMP_ENOMEM and DMP_EINVAL (no address, unknown kind,
 * no time) are returned.  The deadline of a TCP connect is connect_timeout_ms; that of
 * a UDP question is reply_timeout_ms, or connect_timeout_ms when that is 0.  UDP asks
 * the same whatever the depth. */
enum dmp_status dmp_probe_start(struct event_base *base, const struct dmp_clock *clock,
    const struct dmp_probe_spec *spec, dmp_probe_done_fn *done, void *arg,
    struct dmp_probe **ret_probe) DMP_CHECK_RESULT;

/* Stop and free, without calling done.  NULL is allowed. */
void dmp_probe_cancel(struct dmp_probe *probe);

/* Is there a proof for this kind in this release?  (Otherwise identify means connect.)
 */
bool dmp_probe_can_identify(enum dmp_probe_kind kind);

#endif
