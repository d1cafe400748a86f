/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * delivery.h - which notification a receiver gets next, and how far it has come.
 *
 * Pure: no clock, no sockets, no storage.  How it works: events enter a window in
 * sequence order and leave it in sequence order.  The cursor is the highest sequence up
 * to which everything is acknowledged; the caller stores it.  A parcel is sent under a
 * ticket; a reply names the ticket.  When the connection is lost all tickets are void
 * and everything unacknowledged is sent again: a reply that comes late for an earlier
 * connection finds no ticket and changes nothing.  Losing the stored cursor's last
 * moments therefore means sending twice, never not at all.
 *
 * A gap in the sequence is a loss and becomes a parcel of its own, once.
 */
#ifndef DMPD_DELIVERY_H
#define DMPD_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "engine/event_record.h"

struct dmpd_delivery_limits {
	unsigned window;       /* parcels unacknowledged at once, >= 1 */
	unsigned rate;         /* parcels per second, 0 = unlimited */
	uint32_t retry_ms;     /* after a refusal */
	uint32_t retry_max_ms; /* not 0: the time from one attempt to the next begins
	                        * with retry_ms and doubles up to this, until something
	                        * is acknowledged */
};

/* What is sent: an event, or the news that first..last are lost. */
struct dmpd_parcel {
	uint32_t ticket;     /* never 0 */
	uint32_t lost_first; /* 0 = an event */
	uint32_t lost_last;
	bool is_repeated;       /* it was sent before */
	struct dmp_event event; /* unset when lost_first is set */
};

/* Totals wrap as Counter32 do.  Stored and read back by the caller. */
struct dmpd_delivery_totals {
	uint32_t sent;
	uint32_t acknowledged;
	uint32_t retries;   /* of those sent, not for the first time */
	uint32_t failures;  /* refusals and failed sends */
	uint32_t last_sent; /* sequence */
};

struct dmpd_delivery;

/* Start after cursor, going on with totals (NULL = zero). */
enum dmp_status dmpd_delivery_new(const struct dmpd_delivery_limits *limits,
    uint32_t cursor, const struct dmpd_delivery_totals *totals,
    struct dmpd_delivery **ret_delivery) DMP_CHECK_RESULT;
void dmpd_delivery_free(struct dmpd_delivery *delivery);

/* Is there room for one more event?  The next wanted is the first whose sequence is
 * above dmpd_delivery_position(). */
bool dmpd_delivery_has_room(const struct dmpd_delivery *delivery);
uint32_t dmpd_delivery_position(const struct dmpd_delivery *delivery);

/* What becomes of an event for this receiver. */
enum dmpd_delivery_want { DMPD_DELIVERY_SEND = 0, DMPD_DELIVERY_PASS };

/* Does an event pass the receiver's kinds (base/event_kind.h, 0 = all) and its least
 * severity (rank)?  What clears passes every severity: the receiver may have got the
 * raise, which is of the same kind. */
enum dmpd_delivery_want dmpd_delivery_filter(
    const struct dmp_event *event, unsigned min_rank, unsigned kinds);

/* Take the next event.  A gap before it is taken instead: offer the event again, its
 * place is the position still.  Needs room. */
void dmpd_delivery_offer(struct dmpd_delivery *delivery, const struct dmp_event *event,
    enum dmpd_delivery_want want);

/* The next parcel to be sent now, first come first; false when there is none, the rate
 * is used up or a refusal is waited out.  Borrowed until the next call of any of these
 * functions. */
bool dmpd_delivery_take(struct dmpd_delivery *delivery, int64_t now_ms,
    const struct dmpd_parcel **ret_parcel);

/* How long to wait for the acknowledgement of what take() just gave, before it is
 * refused for being late. */
uint32_t dmpd_delivery_patience_ms(const struct dmpd_delivery *delivery);

/* Refusals since the last acknowledgement. */
unsigned dmpd_delivery_refusals(const struct dmpd_delivery *delivery);

/* Milliseconds until take() may give one; -1 when nothing waits to be sent. */
int dmpd_delivery_wait_ms(const struct dmpd_delivery *delivery, int64_t now_ms);

/* The receiver has it, or refused it (or it could not be sent).  Unknown tickets are
 * ignored. */
void dmpd_delivery_acknowledge(
    struct dmpd_delivery *delivery, uint32_t ticket, int64_t now_ms);
void dmpd_delivery_refuse(
    struct dmpd_delivery *delivery, uint32_t ticket, int64_t now_ms);

/* The connection is lost: void all tickets and send again what is unacknowledged. */
void dmpd_delivery_reset(struct dmpd_delivery *delivery);

/* Everything up to here is acknowledged. */
uint32_t dmpd_delivery_cursor(const struct dmpd_delivery *delivery);

/* Nothing is in the window. */
bool dmpd_delivery_idle(const struct dmpd_delivery *delivery);

/* Monotonic stamp of the last acknowledgement, INT64_MIN = none yet. */
int64_t dmpd_delivery_acknowledged_ms(const struct dmpd_delivery *delivery);

const struct dmpd_delivery_totals *dmpd_delivery_totals(
    const struct dmpd_delivery *delivery);

#endif
