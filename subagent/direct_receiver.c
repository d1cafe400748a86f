/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: the path leads to a socket (direct_path.h), the sender builds and reads
 * messages on it (snmp_sender.h), the delivery says what is next and when
 * (delivery.h).  Heartbeats and tests are no events: they have an exchange of their own
 * beside the delivery, one at a time, given up after three attempts.
 */
#include "subagent/direct_receiver.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "subagent/direct_path.h"
#include "subagent/receiver.h"
#include "subagent/receiver_board.h"
#include "subagent/snmp_sender.h"

enum {
	FIRST_MS = 500, /* patience with an answer, doubling up to */
	LAST_MS = 10000,
	UNREACHABLE = 3, /* late answers in a row */
	AFRESH = 6,      /* so many, and a version 3 session is begun again */
	EXTRA_TRIES = 3,
	READ_MAX = 64, /* messages per turn: floods are not for us to drink up */
	SEND_MAX = 64
};

/* Tickets of delivery and extra share one number space. */
#define EXTRA_BIT UINT32_C(0x80000000)

static const struct dmpd_delivery_limits INFORM_LIMITS = {
    .window = 1, .retry_ms = FIRST_MS, .retry_max_ms = LAST_MS};
static const struct dmpd_delivery_limits TRAP_LIMITS = {
    .window = 8, .rate = 200, .retry_ms = FIRST_MS, .retry_max_ms = LAST_MS};

/* A heartbeat or a test under way. */
struct direct_extra {
	bool is_test;
	unsigned tries;      /* 0: there is none */
	uint32_t ticket;     /* of the last attempt */
	uint32_t request_id; /* of all */
	int64_t begin_us;
	int64_t due_ms; /* its answer, or the next attempt */
	bool is_waiting;
};

struct dmpd_direct {
	struct dmpd_receiver core;
	const struct dmpd_direct_world *world;
	const struct dmp_board_receiver *plan;
	const struct dmpd_receiver_secret *secret;
	struct dmpd_path *path;
	struct dmpd_sender *sender; /* NULL while the path is not ready */
	int64_t open_due_ms;        /* INT64_MAX: what is configured cannot work */
	int64_t answer_due_ms;      /* INT64_MAX: no inform is under way */
	uint32_t ticket;            /* of the inform or trap under way, 0 = none */
	uint32_t last_extra;
	struct direct_extra extra;
	struct dmpd_receiver_test test;
	bool is_silent;       /* a heartbeat was not acknowledged */
	bool is_restarting;   /* close the sender when nothing is in its hands */
	unsigned restarts_at; /* refusals at the last restart */
	int64_t now_ms;       /* of the turn */
	char refusal[DMP_TROUBLE_TEXT]; /* the receiver's or the system's word */
	char said[DMP_TROUBLE_TEXT];    /* in the log */
};

uint32_t
dmpd_direct_request_id(uint32_t epoch, uint32_t sequence)
{
	/* An odd factor: different sequences stay different. */
	uint32_t id = sequence * UINT32_C(2654435769) ^ epoch * UINT32_C(40503);

	id &= INT32_MAX;
	return id ? id : 1;
}

enum dmp_status
dmpd_direct_new(const struct dmpd_direct_world *world,
    const struct dmp_board_receiver *plan, const struct dmpd_receiver_secret *secret,
    struct dmpd_direct **ret_direct)
{
	struct dmpd_direct *direct = calloc(1, sizeof *direct);
	enum dmp_status status;

	if (!direct)
		return DMP_ENOMEM;
	status = dmpd_path_new(world->resolver, plan, &direct->path);
	if (status != DMP_OK) {
		free(direct);
		return status;
	}
	direct->world = world;
	direct->plan = plan;
	direct->secret = secret;
	direct->open_due_ms = INT64_MIN;
	direct->answer_due_ms = INT64_MAX;
	dmpd_receiver_init(&direct->core, "notifier",
	    plan->kind == DMP_RECEIVER_INFORM ? &INFORM_LIMITS : &TRAP_LIMITS,
	    world->store);
	*ret_direct = direct;
	return DMP_OK;
}

void
dmpd_direct_free(struct dmpd_direct *direct)
{
	if (!direct)
		return;
	dmpd_sender_free(direct->sender);
	dmpd_path_free(direct->path);
	dmpd_receiver_done(&direct->core);
	free(direct);
}

void
dmpd_direct_follow(struct dmpd_direct *direct, const struct dmp_board_system *system)
{
	char address[DMP_NAME_TEXT];

	dmpd_receiver_address(direct->plan, address);
	dmpd_receiver_follow(&direct->core, direct->plan, system, address);
}

/* --- answers --- */

static void
direct_finish_extra(struct dmpd_direct *direct, enum dmp_receiver_test result)
{
	struct direct_extra *extra = &direct->extra;

	if (extra->is_test) {
		direct->test.result = result;
		direct->test.answer_us =
		    (uint32_t)(dmp_clock_mono_us(dmp_clock_system()) - extra->begin_us);
	}
	direct->is_silent = result == DMP_TEST_FAILED;
	*extra = (struct direct_extra){0};
}

static void
direct_answer_extra(struct dmpd_direct *direct, enum dmpd_answer answer)
{
	struct direct_extra *extra = &direct->extra;

	extra->is_waiting = false;
	extra->ticket = 0;
	if (answer == DMPD_ANSWER_TAKEN)
		direct_finish_extra(direct, direct->plan->kind == DMP_RECEIVER_INFORM
		                                ? DMP_TEST_ACKNOWLEDGED
		                                : DMP_TEST_HANDED_OVER);
	else if (answer != DMPD_ANSWER_LATE || extra->tries >= EXTRA_TRIES)
		direct_finish_extra(direct, DMP_TEST_FAILED);
}

/* What is wrong, in the receiver's or the system's words; a late answer is called
 * trouble only when it is the third. */
static void
direct_note(struct dmpd_direct *direct, enum dmpd_answer answer, const char *why)
{
	switch (answer) {
	case DMPD_ANSWER_TAKEN:
		direct->refusal[0] = '\0';
		direct->restarts_at = 0;
		return;
	case DMPD_ANSWER_LATE:
		return;
	case DMPD_ANSWER_UNKNOWN_ENGINE:
		/* One that was not configured is asked for again. */
		direct->is_restarting = !direct->plan->engine_id[0];
		if (direct->is_restarting)
			return;
		break;
	case DMPD_ANSWER_REFUSED:
	case DMPD_ANSWER_UNSENT:
		break;
	}
	dmp_text_printable(direct->refusal, sizeof direct->refusal, why, strlen(why));
}

static void
direct_on_answer(void *arg, uint32_t ticket, enum dmpd_answer answer, const char *why)
{
	struct dmpd_direct *direct = arg;
	struct dmpd_delivery *delivery = direct->core.delivery;

	if (ticket != (ticket & EXTRA_BIT ? direct->extra.ticket : direct->ticket))
		return;
	direct_note(direct, answer, why);
	if (ticket & EXTRA_BIT) {
		direct_answer_extra(direct, answer);
		return;
	}
	direct->ticket = 0;
	direct->answer_due_ms = INT64_MAX;
	if (answer == DMPD_ANSWER_TAKEN) {
		direct->is_silent = false;
		dmpd_delivery_acknowledge(delivery, ticket, direct->now_ms);
	} else {
		dmpd_delivery_refuse(delivery, ticket, direct->now_ms);
	}
}

/* --- the sender --- */

static void
direct_close(struct dmpd_direct *direct)
{
	dmpd_sender_free(direct->sender);
	direct->sender = NULL;
	direct->is_restarting = false;
	direct->ticket = 0;
	direct->answer_due_ms = INT64_MAX;
	if (direct->extra.is_waiting) {
		direct->extra.is_waiting = false;
		direct->extra.due_ms = direct->now_ms;
	}
	if (direct->core.delivery)
		dmpd_delivery_reset(direct->core.delivery);
	dmpd_path_reset(direct->path);
}

static void
direct_open(struct dmpd_direct *direct)
{
	const struct dmp_board_receiver *plan = direct->plan;
	const struct dmpd_receiver_secret *secret = direct->secret;
	const char *why = "no more files can be opened";
	enum dmp_status status = DMP_EIO;
	struct dmpd_sender_config config = {
	    .fd = fcntl(dmpd_path_fd(direct->path), F_DUPFD_CLOEXEC, 0),
	    .is_inform = plan->kind == DMP_RECEIVER_INFORM,
	    .is_v3 = plan->version == 3,
	    .community = secret->community,
	    .user = plan->user,
	    .auth = plan->auth,
	    .auth_pass = secret->auth,
	    .priv = plan->priv,
	    .priv_pass = secret->priv,
	    .adapter = direct->world->adapter,
	    .answer = direct_on_answer,
	    .arg = direct,
	};

	config.engine_id = dmpd_path_engine(direct->path, &config.engine_id_size);
	direct->core.heartbeat_due_ms = direct->now_ms + direct->core.heartbeat_ms;
	if (config.fd >= 0)
		status = dmpd_sender_new(&config, &direct->sender, &why);
	if (status == DMP_OK)
		return;
	dmp_text_copy(direct->refusal, sizeof direct->refusal, why);
	direct->open_due_ms =
	    status == DMP_EINVAL ? INT64_MAX : direct->now_ms + LAST_MS;
}

/* A version 3 receiver that does not answer may have lost its clock or its engine ID:
 * then only a fresh start helps. */
static bool
direct_wants_restart(struct dmpd_direct *direct)
{
	unsigned refusals = dmpd_delivery_refusals(direct->core.delivery);

	if (direct->is_restarting)
		return true;
	if (direct->plan->version != 3 || direct->plan->kind != DMP_RECEIVER_INFORM ||
	    refusals < direct->restarts_at + AFRESH)
		return false;
	direct->restarts_at = refusals;
	return true;
}

/* Go on along the path.  True when there is a sender. */
static bool
direct_prepare(struct dmpd_direct *direct)
{
	if (direct->secret->trouble[0])
		return false;
	if (direct->sender &&
	    (dmpd_path_has_moved(direct->path) || direct_wants_restart(direct)))
		direct_close(direct);
	dmpd_path_turn(direct->path, direct->now_ms);
	if (!direct->sender && dmpd_path_is_ready(direct->path) &&
	    direct->now_ms >= direct->open_due_ms)
		direct_open(direct);
	return direct->sender != NULL;
}

/* --- sending --- */

static void
direct_send(struct dmpd_direct *direct, uint32_t ticket, uint32_t request_id,
    uint32_t timeout_ms)
{
	uint8_t address[4];
	bool has_address =
	    direct->plan->agent_address && dmpd_path_source(direct->path, address);
	const struct dmpd_sending sending = {
	    .notification = &direct->core.notification,
	    .ticket = ticket,
	    .request_id = request_id,
	    .timeout_ms = timeout_ms,
	    .uptime = (uint32_t)((direct->now_ms - direct->world->start_ms) / 10),
	    .address = has_address ? address : NULL,
	};

	dmpd_sender_send(direct->sender, &sending);
}

/* All that may go now: what is handed over at once makes room for the next. */
static void
direct_send_events(struct dmpd_direct *direct, struct dmpd_news *news)
{
	struct dmpd_receiver *core = &direct->core;
	const struct dmpd_parcel *parcel;

	for (int i = 0;
	     i < SEND_MAX && dmpd_receiver_next(core, direct->now_ms, &parcel); i++) {
		uint32_t patience_ms = dmpd_delivery_patience_ms(core->delivery);
		/* A loss belongs to no epoch. */
		uint32_t id = parcel->lost_first
		                  ? dmpd_direct_request_id(0, parcel->lost_last)
		                  : dmpd_direct_request_id(
		                        parcel->event.epoch, parcel->event.sequence);

		direct->ticket = parcel->ticket;
		direct->answer_due_ms = direct->now_ms + patience_ms;
		direct_send(direct, parcel->ticket, id, patience_ms);
		(void)dmpd_receiver_fetch(core, news);
	}
}

static void
direct_send_extra(struct dmpd_direct *direct)
{
	struct direct_extra *extra = &direct->extra;
	uint32_t timeout_ms = (uint32_t)FIRST_MS << extra->tries;

	direct->last_extra = (direct->last_extra + 1) & ~EXTRA_BIT;
	extra->ticket = direct->last_extra | EXTRA_BIT;
	extra->tries++;
	extra->is_waiting = true;
	extra->due_ms = direct->now_ms + timeout_ms;
	direct_send(direct, extra->ticket, extra->request_id, timeout_ms);
}

static void
direct_begin_extra(struct dmpd_direct *direct, bool is_test)
{
	int64_t now_us = dmp_clock_mono_us(dmp_clock_system());

	direct->extra = (struct direct_extra){.is_test = is_test,
	    .begin_us = now_us,
	    .request_id = dmpd_direct_request_id(
	        (uint32_t)now_us, (uint32_t)(now_us >> 32) + direct->plan->index)};
	direct_send_extra(direct);
}

/* Heartbeats that are to be repeated are built again: they show the present. */
static void
direct_turn_extra(struct dmpd_direct *direct, struct dmpd_view *view)
{
	struct direct_extra *extra = &direct->extra;

	if (extra->tries > 0) {
		/* It tells as much as a heartbeat. */
		if (direct->now_ms >= direct->core.heartbeat_due_ms)
			direct->core.heartbeat_due_ms =
			    direct->now_ms + direct->core.heartbeat_ms;
		if (extra->is_waiting || direct->now_ms < extra->due_ms)
			return;
		dmpd_mib_begin(view);
		if (extra->is_test)
			dmpd_notification_test(
			    view, direct->core.row.name, &direct->core.notification);
		else
			dmpd_notification_heartbeat(view, &direct->core.notification);
		direct_send_extra(direct);
	} else if (dmpd_receiver_beat(&direct->core, view, direct->now_ms)) {
		direct_begin_extra(direct, false);
	}
}

/* --- what is shown --- */

static const char *
direct_trouble(const struct dmpd_direct *direct)
{
	if (direct->secret->trouble[0])
		return direct->secret->trouble;
	if (direct->refusal[0])
		return direct->refusal;
	if (!direct->sender)
		return dmpd_path_trouble(direct->path);
	if (dmpd_sender_is_unheard(direct->sender) &&
	    direct->plan->kind == DMP_RECEIVER_TRAP)
		return "nobody listens there";
	if (dmpd_delivery_refusals(direct->core.delivery) >= UNREACHABLE ||
	    direct->is_silent)
		return "it does not answer";
	return "";
}

static enum dmpd_receiver_state
direct_state(const struct dmpd_direct *direct)
{
	if (direct->secret->trouble[0] || direct->refusal[0])
		return DMPD_RECEIVER_FAILING;
	if (direct_trouble(direct)[0])
		return DMPD_RECEIVER_UNREACHABLE;
	if (dmpd_delivery_refusals(direct->core.delivery) > 0)
		return DMPD_RECEIVER_FAILING;
	return dmpd_receiver_pending(&direct->core) > 0 || !direct->sender
	           ? DMPD_RECEIVER_WAITING
	           : DMPD_RECEIVER_OK;
}

/* Say trouble when it comes, changes and goes, and not with each attempt. */
static void
direct_say(struct dmpd_direct *direct)
{
	const char *trouble = direct_trouble(direct);
	const struct dmpd_receiver_row *row = &direct->core.row;

	if (strcmp(trouble, direct->said) == 0)
		return;
	/* Between two attempts nothing is known: that is no recovery. */
	if (!trouble[0] && !direct->sender)
		return;
	if (trouble[0])
		dmp_log(DMP_LOG_WARNING, "notifier", "receiver %s (%s): %s%s",
		    row->name, row->address, trouble,
		    direct->secret->trouble[0] ? "" : ", trying on");
	else
		dmp_log(DMP_LOG_NOTICE, "notifier",
		    "receiver %s (%s): fine again, %u events pending", row->name,
		    row->address, dmpd_receiver_pending(&direct->core));
	dmp_text_copy(direct->said, sizeof direct->said, trouble);
}

/* Answers that came, then those that did not come in time. */
static void
direct_hear(struct dmpd_direct *direct)
{
	for (int i = 0; i < READ_MAX && dmpd_sender_read(direct->sender); i++)
		;
	if (direct->now_ms > direct->answer_due_ms ||
	    (direct->extra.is_waiting && direct->now_ms > direct->extra.due_ms))
		dmpd_sender_expire(direct->sender);
}

void
dmpd_direct_turn(struct dmpd_direct *direct, const struct dmpd_direct_turn *turn)
{
	struct dmpd_receiver *core = &direct->core;

	direct->now_ms = turn->now_ms;
	if (direct->sender)
		direct_hear(direct);
	if (!dmpd_receiver_fetch(core, turn->news))
		return;
	if (direct_prepare(direct)) {
		direct_send_events(direct, turn->news);
		direct_turn_extra(direct, turn->view);
	}
	dmpd_receiver_show(core, direct_state(direct));
	direct_say(direct);
	dmpd_receiver_keep(core, turn->now_ms);
}

int
dmpd_direct_wait_ms(const struct dmpd_direct *direct, int64_t now_ms)
{
	int wait_ms =
	    dmpd_receiver_wait_ms(&direct->core, direct->sender != NULL, now_ms);

	if (!direct->secret->trouble[0])
		wait_ms = dmpd_receiver_sooner(
		    wait_ms, dmpd_path_wait_ms(direct->path, now_ms));
	if (!direct->sender && dmpd_path_is_ready(direct->path) &&
	    !direct->secret->trouble[0] && direct->open_due_ms != INT64_MAX)
		return dmpd_receiver_sooner(
		    wait_ms, dmpd_receiver_until(direct->open_due_ms, now_ms));
	if (!direct->sender)
		return wait_ms;
	if (direct->answer_due_ms != INT64_MAX)
		wait_ms = dmpd_receiver_sooner(
		    wait_ms, dmpd_receiver_until(direct->answer_due_ms + 1, now_ms));
	if (direct->extra.tries > 0)
		wait_ms = dmpd_receiver_sooner(
		    wait_ms, dmpd_receiver_until(direct->extra.due_ms + 1, now_ms));
	return wait_ms;
}

int
dmpd_direct_fd(const struct dmpd_direct *direct)
{
	return dmpd_path_fd(direct->path);
}

void
dmpd_direct_test(
    struct dmpd_direct *direct, const struct dmpd_direct_turn *turn, uint64_t number)
{
	direct->now_ms = turn->now_ms;
	direct->test =
	    (struct dmpd_receiver_test){.number = number, .result = DMP_TEST_WAITING};
	if (!direct->sender) {
		direct->test.result = DMP_TEST_FAILED;
		return;
	}
	dmpd_mib_begin(turn->view);
	dmpd_notification_test(
	    turn->view, direct->core.row.name, &direct->core.notification);
	direct_begin_extra(direct, true);
}

bool
dmpd_direct_is_drained(const struct dmpd_direct *direct)
{
	const struct dmpd_receiver *core = &direct->core;

	return !core->delivery || !direct->sender || direct_trouble(direct)[0] ||
	       (dmpd_delivery_idle(core->delivery) && dmpd_receiver_pending(core) == 0);
}

void
dmpd_direct_live(
    const struct dmpd_direct *direct, struct dmp_board_receiver_live *ret_live)
{
	const struct dmpd_receiver_row *row = &direct->core.row;

	dmpd_receiver_live(row, &direct->test, ret_live);
	if (!direct->core.delivery)
		ret_live->state = DMPD_RECEIVER_WAITING;
	else
		dmp_text_copy(ret_live->trouble, sizeof ret_live->trouble,
		    direct_trouble(direct));
}
