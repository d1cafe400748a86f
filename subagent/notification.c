/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/notification.h"

#include <string.h>

#include "base/text.h"

enum {
	OBJECTS = 1, /* dmpObjects { dmpMIB 1 } */
	GROUP_SYSTEM = 1,
	GROUP_SUMMARY = 2,
	GROUP_NOTIFY = 9,
	NOTIFY_SOURCE = 2,
	NOTIFY_MESSAGE = 4,
	NOTIFY_LOST_FIRST = 20,
	NOTIFY_LOST_LAST = 21,
	NOTIFY_RECEIVER_NAME = 22
};

/* The scalars of dmpHeartbeat, in its order. */
static const struct {
	uint32_t group;
	uint32_t column;
} HEARTBEAT[] = {
    {GROUP_SUMMARY, 15}, /* dmpLastEvent */
    {GROUP_SYSTEM, 7},   /* dmpEpoch */
    {GROUP_SUMMARY, 1},  /* dmpStatus */
    {GROUP_SUMMARY, 5},  /* dmpRequiredPortsDown */
    {GROUP_SUMMARY, 19}, /* dmpEngineState */
    {GROUP_SYSTEM, 2},   /* dmpSiteName */
    {GROUP_SYSTEM, 4},   /* dmpVantageName */
};
_Static_assert(sizeof HEARTBEAT / sizeof *HEARTBEAT + 2 <= DMPD_EVENT_VARBINDS,
    "a notification has room for the heartbeat and what a test adds");

/* The next object, its name set, its value for the caller to fill. */
static struct dmpd_value *
notification_add(
    struct dmpd_notification *notification, uint32_t group, uint32_t column)
{
	struct dmpd_object *object = &notification->objects[notification->n++];

	object->oid[0] = OBJECTS;
	object->oid[1] = group;
	object->oid[2] = column;
	object->oid[3] = 0;
	return &object->value;
}

static void
notification_add_text(
    struct dmpd_notification *notification, uint32_t column, const char *text)
{
	struct dmpd_value *value = notification_add(notification, GROUP_NOTIFY, column);

	value->type = DMPD_OCTETS;
	dmp_text_safe(value->buffer, sizeof value->buffer, *text ? text : "-");
	value->text = value->buffer;
	value->size = strlen(value->buffer);
}

static void
notification_add_number(
    struct dmpd_notification *notification, uint32_t column, uint32_t number)
{
	struct dmpd_value *value = notification_add(notification, GROUP_NOTIFY, column);

	value->type = DMPD_UNSIGNED;
	value->number = number;
}

void
dmpd_notification_event(
    const struct dmp_event *event, struct dmpd_notification *ret_notification)
{
	ret_notification->number = (uint32_t)event->type;
	ret_notification->n = 0;
	for (unsigned k = 1; k <= DMPD_EVENT_VARBINDS; k++)
		dmpd_mib_event_varbind(
		    event, k, notification_add(ret_notification, GROUP_NOTIFY, k));
}

void
dmpd_notification_lost(
    const struct dmpd_loss *loss, struct dmpd_notification *ret_notification)
{
	char message[DMP_MESSAGE_TEXT];

	dmp_text_format(message, sizeof message,
	    "notifications %u to %u are lost; read dmpProblemTable to catch up",
	    loss->first, loss->last);
	ret_notification->number = DMPD_NOTIFY_EVENTS_LOST;
	ret_notification->n = 0;
	notification_add_text(ret_notification, NOTIFY_SOURCE, loss->source);
	notification_add_text(ret_notification, NOTIFY_MESSAGE, message);
	notification_add_number(ret_notification, NOTIFY_LOST_FIRST, loss->first);
	notification_add_number(ret_notification, NOTIFY_LOST_LAST, loss->last);
	notification_add_text(ret_notification, NOTIFY_RECEIVER_NAME, loss->receiver);
}

void
dmpd_notification_heartbeat(
    struct dmpd_view *view, struct dmpd_notification *ret_notification)
{
	ret_notification->number = DMPD_NOTIFY_HEARTBEAT;
	ret_notification->n = 0;
	for (size_t i = 0; i < sizeof HEARTBEAT / sizeof *HEARTBEAT; i++) {
		struct dmpd_value *value = notification_add(
		    ret_notification, HEARTBEAT[i].group, HEARTBEAT[i].column);

		if (dmpd_mib_scalar(view, HEARTBEAT[i].group, HEARTBEAT[i].column,
		        value) != DMPD_FOUND)
			ret_notification->n--;
	}
}

void
dmpd_notification_test(struct dmpd_view *view, const char *receiver,
    struct dmpd_notification *ret_notification)
{
	dmpd_notification_heartbeat(view, ret_notification);
	notification_add_text(ret_notification, NOTIFY_MESSAGE,
	    "test: sent on request, nothing is wrong");
	notification_add_text(ret_notification, NOTIFY_RECEIVER_NAME, receiver);
}
