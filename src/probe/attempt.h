/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attempt.h - inside the probe library: one address of one probe, and its driver.
 *
 * How it works: a probe owns an attempt per address.  probe.c decides when an attempt
 * starts, which one wins and when time is up; a driver knows what to do with the
 * socket.  A driver never ends a probe: it says what step was made.
 */
#ifndef DMP_ATTEMPT_H
#define DMP_ATTEMPT_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdint.h>

#include "probe/errno_reason.h"
#include "probe/probe.h"

#define DMP_ATTEMPT_STRAY 12 /* first bytes of a reply that nobody understands */
#define DMP_NEVER_US      INT64_MAX

struct dmp_attempt {
	struct dmp_probe *probe;
	struct event event;
	int64_t sent_us;  /* the SYN, or the first datagram */
	int64_t wake_us;  /* when the driver wants its wake function, or DMP_NEVER_US */
	int fd;           /* -1 = not begun, or over */
	uint64_t nonce;   /* UDP: what an answer must repeat */
	uint32_t half_us; /* UDP: when half of the answer came, 0 = not */
	uint8_t sends;    /* how often the question was sent */
	uint8_t stray_size;
	uint8_t stray[DMP_ATTEMPT_STRAY];
};

enum dmp_step {
	DMP_STEP_WAIT = 0,
	DMP_STEP_FAILED, /* *error is filled in */
	/* reason, progress, latency and texts of *result are filled in; *error tells
	 * whether the connection is already reset again */
	DMP_STEP_DONE
};

struct dmp_attempt_driver {
	short events; /* what to wait for */
	/* The whole attempt takes this long. */
	uint32_t (*total_ms)(const struct dmp_probe_spec *spec);
	enum dmp_step (*open)(struct dmp_attempt *a, struct dmp_net_error *error);
	enum dmp_step (*ready)(struct dmp_attempt *a, struct dmp_net_error *error,
	    struct dmp_probe_result *result);
	enum dmp_step (*wake)(struct dmp_attempt *a, struct dmp_net_error *error);
	/* The deadline has come: why? */
	void (*silence)(const struct dmp_attempt *a, struct dmp_probe_result *result);
	void (*close)(struct dmp_attempt *a);
};

extern const struct dmp_attempt_driver dmp_attempt_tcp;
extern const struct dmp_attempt_driver dmp_attempt_udp;

struct dmp_talk;

struct dmp_probe {
	struct event_base *base;
	const struct dmp_clock *clock;
	const struct dmp_attempt_driver *driver;
	dmp_probe_done_fn *done;
	void *arg;
	struct dmp_probe_spec spec;
	struct event timer;
	int64_t deadline_us;
	int64_t race_us;   /* when the next address may start beside the others */
	uint32_t total_ms; /* the deadline as it was asked for */
	uint8_t begun;     /* attempts[0 .. begun) were begun */
	uint8_t live;      /* of them, still open */
	bool identify;     /* a talk follows the connect */
	struct dmp_talk *talk;
	struct dmp_attempt *talker; /* the attempt whose connection the talk has */
	struct dmp_net_error first_error; /* why attempts[0] failed */
	struct dmp_attempt attempts[];    /* spec.n_addresses */
};

_Static_assert(
    sizeof(struct dmp_probe) + DMP_PROBE_ADDRESSES * sizeof(struct dmp_attempt) < 2048,
    "a probe in flight must stay small: thousands are");

/* The address that a speaks to. */
const struct dmp_address *dmp_attempt_address(const struct dmp_attempt *a);

/* Now, on the probe's clock. */
int64_t dmp_attempt_now_us(const struct dmp_attempt *a);

/* Microseconds from sent_us until now, at least 1. */
uint32_t dmp_attempt_elapsed_us(const struct dmp_attempt *a);

/* Open a connected or connecting socket to the address of a, with extended errors on;
 * 0 or EINPROGRESS, else errno and no descriptor is left.  tune, which may be NULL,
 * sets options before the connect. */
int dmp_attempt_connect(
    struct dmp_attempt *a, int type, void (*tune)(const struct dmp_attempt *a));

/* Take everything from the socket's error queue; what the newest ICMP message said is
 * added to *error.  False when the queue was empty. */
bool dmp_attempt_drain_errors(const struct dmp_attempt *a, struct dmp_net_error *error);

#endif
