/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/probe.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/exchange.h"
#include "probe/attempt.h"
#include "probe/talk_run.h"

#define RACE_US  250000 /* RFC 8305 5: the delay between attempts */
#define SLACK_US 500    /* a timer that fires this early is on time */

static const struct dmp_probe_result NO_RESULT = {
    .reason = DMP_REASON_NONE, .tls_days_left = INT32_MAX};

static bool
probe_kind_known(enum dmp_probe_kind kind)
{
#define PROBE_CASE(name, ...) case DMP_PROBE_##name:
	switch (kind) {
		DMP_PROBE_TABLE(PROBE_CASE)
		return true;
	}
#undef PROBE_CASE
	return false;
}

bool
dmp_probe_can_identify(enum dmp_probe_kind kind)
{
	return dmp_probe_is_datagram(kind) || dmp_protocol_of(kind) != NULL;
}

/* Is more than a connection wanted, and known how? */
static bool
probe_identifies(const struct dmp_probe_spec *spec)
{
	if (spec->depth == DMP_PROBE_CONNECT_ONLY || !dmp_protocol_of(spec->kind))
		return false;
	return !spec->exchange || !spec->exchange->heavy || spec->heavy;
}

static const struct dmp_attempt_driver *
probe_driver(const struct dmp_probe_spec *spec)
{
	if (!probe_kind_known(spec->kind))
		return NULL;
	if (spec->transport == DMP_TRANSPORT_TCP)
		return &dmp_attempt_tcp;
	return spec->transport == DMP_TRANSPORT_UDP ? &dmp_attempt_udp : NULL;
}

static bool
probe_addresses_valid(const struct dmp_probe_spec *spec)
{
	if (spec->n_addresses < 1 || spec->n_addresses > DMP_PROBE_ADDRESSES)
		return false;
	for (size_t i = 0; i < spec->n_addresses; i++)
		if (spec->addresses[i].family != AF_INET &&
		    spec->addresses[i].family != AF_INET6)
			return false;
	return true;
}

static void
attempt_stop(struct dmp_attempt *a)
{
	if (a->fd < 0)
		return;
	(void)event_del(&a->event);
	a->probe->driver->close(a);
	a->fd = -1;
	a->probe->live--;
}

static void
probe_close(struct dmp_probe *probe)
{
	for (uint8_t i = 0; i < probe->begun; i++)
		attempt_stop(&probe->attempts[i]);
	(void)event_del(&probe->timer);
	dmp_talk_free(probe->talk);
	probe->talk = NULL;
}

/* The one place where a probe ends; it frees the probe. */
static void
probe_finish(struct dmp_probe *probe, const struct dmp_attempt *a,
    struct dmp_probe_result *result)
{
	assert(result->reason != DMP_REASON_NONE);
	result->outcome = dmp_reason_outcome(result->reason);
	result->address = *dmp_attempt_address(a);
	probe_close(probe);
	probe->done(result, probe->arg);
	free(probe);
}

/* A RST comes without ICMP and is taken for the target's own word. */
static enum dmp_progress
probe_error_progress(const struct dmp_net_error *error, enum dmp_reason reason)
{
	bool reset = !error->has_icmp && reason == DMP_REASON_REFUSED;

	return reset || error->from_target ? DMP_PROGRESS_REACHED : DMP_PROGRESS_NONE;
}

/* No address is left, or the deadline has come: what the first address says counts,
 * unless another one has answered in part. */
static void
probe_give_up(struct dmp_probe *probe)
{
	struct dmp_probe_result result = NO_RESULT;
	const struct dmp_attempt *first = &probe->attempts[0];
	const struct dmp_net_error *error = &probe->first_error;

	for (uint8_t i = probe->begun; i-- > 0;)
		if (probe->attempts[i].fd >= 0 && probe->attempts[i].half_us != 0)
			first = &probe->attempts[i];
	if (first->fd >= 0) {
		probe->driver->silence(first, &result);
	} else {
		result.reason = dmp_error_reason(error);
		result.progress = probe_error_progress(error, result.reason);
		dmp_error_text(error, result.detail, sizeof result.detail);
	}
	probe_finish(probe, first, &result);
}

static void
attempt_fail(struct dmp_attempt *a, const struct dmp_net_error *error)
{
	attempt_stop(a);
	if (a == a->probe->attempts)
		a->probe->first_error = *error;
}

static void probe_advance(struct dmp_probe *probe);
static void probe_arm(struct dmp_probe *probe, int64_t now_us);
static void attempt_begin(struct dmp_attempt *a);

static void
probe_on_talk_end(const struct dmp_probe_result *result, void *arg)
{
	struct dmp_probe *probe = arg;
	struct dmp_probe_result copy = *result;

	probe_finish(probe, probe->talker, &copy);
}

static void
probe_on_talk_again(void *arg)
{
	struct dmp_probe *probe = arg;

	attempt_begin(probe->talker);
	if (probe->talker->fd < 0)
		dmp_talk_not_connected(probe->talk);
}

/* The first that connects wins: the others go, and the deadline of the connect becomes
 * that of the whole. */
static enum dmp_status
probe_begin_talk(struct dmp_attempt *a)
{
	static const struct dmp_talk_owner OWNER = {
	    .end = probe_on_talk_end, .again = probe_on_talk_again};
	struct dmp_probe *probe = a->probe;
	enum dmp_status status = dmp_talk_new(
	    probe->base, probe->clock, &probe->spec, &OWNER, probe, &probe->talk);

	if (status != DMP_OK)
		return status;
	probe->talker = a;
	for (uint8_t i = 0; i < probe->begun; i++)
		if (&probe->attempts[i] != a)
			attempt_stop(&probe->attempts[i]);
	probe->deadline_us += (int64_t)dmp_talk_reply_ms(&probe->spec) * 1000;
	probe_arm(probe, dmp_clock_mono_us(probe->clock));
	return DMP_OK;
}

static void
probe_talk(struct dmp_attempt *a, int error, struct dmp_probe_result *result)
{
	struct dmp_probe *probe = a->probe;
	struct dmp_talk_connection connection = {
	    .fd = a->fd, .reset = error != 0, .latency_us = result->latency_us};

	if (!probe->talk && probe_begin_talk(a) != DMP_OK) {
		result->reason = DMP_REASON_LOCAL_LIMIT;
		probe_finish(probe, a, result);
		return;
	}
	(void)event_del(&a->event);
	a->fd = -1;
	probe->live--;
	dmp_talk_connected(probe->talk, &connection);
}

static void
probe_on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct dmp_attempt *a = arg;
	struct dmp_probe *probe = a->probe;
	struct dmp_probe_result result;
	struct dmp_net_error error;

	(void)fd;
	(void)what;
	result = NO_RESULT;
	switch (probe->driver->ready(a, &error, &result)) {
	case DMP_STEP_WAIT:
		(void)event_add(&a->event, NULL);
		break;
	case DMP_STEP_FAILED:
		attempt_fail(a, &error);
		if (probe->talk)
			dmp_talk_not_connected(probe->talk);
		else
			probe_advance(probe);
		break;
	case DMP_STEP_DONE:
		if (probe->identify)
			probe_talk(a, error.number, &result);
		else
			probe_finish(probe, a, &result);
		break;
	}
}

static void
attempt_begin(struct dmp_attempt *a)
{
	struct dmp_probe *probe = a->probe;
	struct dmp_net_error error;

	if (probe->driver->open(a, &error) == DMP_STEP_FAILED) {
		if (a == probe->attempts)
			probe->first_error = error;
		return;
	}
	probe->live++;
	(void)event_assign(
	    &a->event, probe->base, a->fd, probe->driver->events, probe_on_ready, a);
	if (event_add(&a->event, NULL) != 0) {
		error = (struct dmp_net_error){.number = ENOMEM};
		attempt_fail(a, &error);
	}
}

static struct dmp_attempt *
attempt_next(struct dmp_probe *probe)
{
	struct dmp_attempt *a = &probe->attempts[probe->begun++];

	*a = (struct dmp_attempt){.probe = probe, .fd = -1, .wake_us = DMP_NEVER_US};
	return a;
}

static void
attempt_wake(struct dmp_attempt *a, int64_t now_us)
{
	struct dmp_net_error error;

	if (a->fd >= 0 && a->wake_us <= now_us + SLACK_US &&
	    a->probe->driver->wake(a, &error) == DMP_STEP_FAILED)
		attempt_fail(a, &error);
}

static void
probe_arm(struct dmp_probe *probe, int64_t now_us)
{
	int64_t next_us = probe->deadline_us;
	struct timeval tv;

	if (!probe->talk && probe->begun < probe->spec.n_addresses &&
	    probe->race_us < next_us)
		next_us = probe->race_us;
	for (uint8_t i = 0; i < probe->begun; i++)
		if (probe->attempts[i].fd >= 0 && probe->attempts[i].wake_us < next_us)
			next_us = probe->attempts[i].wake_us;
	if ((!probe->talk && probe->live == 0) || next_us < now_us)
		next_us = now_us;
	next_us -= now_us;
	tv.tv_sec = (time_t)(next_us / 1000000);
	tv.tv_usec = (suseconds_t)(next_us % 1000000);
	(void)event_add(&probe->timer, &tv);
}

/* Begin what is due and arm the timer.  With nothing left in flight the timer fires at
 * once, so that a verdict is never given from within dmp_probe_start(). */
static void
probe_advance(struct dmp_probe *probe)
{
	int64_t now_us = dmp_clock_mono_us(probe->clock);

	while (probe->begun < probe->spec.n_addresses &&
	       (probe->live == 0 || now_us + SLACK_US >= probe->race_us)) {
		attempt_begin(attempt_next(probe));
		probe->race_us = now_us + RACE_US;
	}
	probe_arm(probe, now_us);
}

/* A talk ends itself, after one turn of the loop; a connect for it ends here. */
static void
probe_talk_timer(struct dmp_probe *probe, int64_t now_us)
{
	if (now_us + SLACK_US < probe->deadline_us) {
		probe_arm(probe, now_us);
		return;
	}
	attempt_stop(probe->talker);
	dmp_talk_time_up(probe->talk);
}

static void
probe_on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct dmp_probe *probe = arg;
	int64_t now_us = dmp_clock_mono_us(probe->clock);

	(void)fd;
	(void)what;
	if (probe->talk) {
		probe_talk_timer(probe, now_us);
		return;
	}
	for (uint8_t i = 0; i < probe->begun; i++)
		attempt_wake(&probe->attempts[i], now_us);
	if (now_us + SLACK_US >= probe->deadline_us ||
	    (probe->live == 0 && probe->begun == probe->spec.n_addresses))
		probe_give_up(probe);
	else
		probe_advance(probe);
}

enum dmp_status
dmp_probe_start(struct event_base *base, const struct dmp_clock *clock,
    const struct dmp_probe_spec *spec, dmp_probe_done_fn *done, void *arg,
    struct dmp_probe **ret_probe)
{
	const struct dmp_attempt_driver *driver = probe_driver(spec);
	struct dmp_probe *probe;

	if (!driver || !probe_addresses_valid(spec) || driver->total_ms(spec) == 0)
		return DMP_EINVAL;
	probe = malloc(sizeof *probe + spec->n_addresses * sizeof probe->attempts[0]);
	if (!probe)
		return DMP_ENOMEM;
	*probe = (struct dmp_probe){.base = base,
	    .clock = clock,
	    .driver = driver,
	    .done = done,
	    .arg = arg,
	    .spec = *spec,
	    .identify = driver == &dmp_attempt_tcp && probe_identifies(spec),
	    .total_ms = driver->total_ms(spec)};
	probe->deadline_us = dmp_clock_mono_us(clock) + (int64_t)probe->total_ms * 1000;
	(void)event_assign(&probe->timer, base, -1, 0, probe_on_timer, probe);
	probe_advance(probe);
	*ret_probe = probe;
	return DMP_OK;
}

void
dmp_probe_cancel(struct dmp_probe *probe)
{
	if (!probe)
		return;
	probe_close(probe);
	free(probe);
}
