/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * notification.h - what a notification carries: its number and its objects.
 *
 * Pure: no PDU, no session.  Object OIDs are relative to dmpMIB, values come from the
 * getters of the tables.  Every receiver of every kind gets what is built here.
 */
#ifndef DMPD_NOTIFICATION_H
#define DMPD_NOTIFICATION_H

#include <stddef.h>
#include <stdint.h>

#include "subagent/mib_table.h"

/* dmpNotifications that are no events. */
#define DMPD_NOTIFY_EVENTS_LOST 18
#define DMPD_NOTIFY_HEARTBEAT   19

#define DMPD_OBJECT_OID_MAX 4 /* 1 (dmpObjects) group column 0 */

struct dmpd_object {
	uint32_t oid[DMPD_OBJECT_OID_MAX];
	struct dmpd_value value; /* text borrowed from what it was built of */
};

/* { dmpMIB 0 number } with its objects.  Large: keep one and use it again.  Never copy
 * one: values point into themselves. */
struct dmpd_notification {
	uint32_t number;
	size_t n;
	struct dmpd_object objects[DMPD_EVENT_VARBINDS];
};

void dmpd_notification_event(
    const struct dmp_event *event, struct dmpd_notification *ret_notification);

/* dmpEventsLost: what is told to one receiver about first..last. */
struct dmpd_loss {
	uint32_t first;
	uint32_t last;
	const char *source;
	const char *receiver;
};
void dmpd_notification_lost(
    const struct dmpd_loss *loss, struct dmpd_notification *ret_notification);

/* A test for one receiver: dmpHeartbeat, which raises no alarm anywhere, with two
 * objects more: a dmpNotifyMessage that begins with "test:", and the receiver's name.
 */
void dmpd_notification_test(struct dmpd_view *view, const char *receiver,
    struct dmpd_notification *ret_notification);

/* dmpHeartbeat, from the view as it is. */
void dmpd_notification_heartbeat(
    struct dmpd_view *view, struct dmpd_notification *ret_notification);

#endif
