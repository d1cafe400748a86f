/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/correlate_host.h"

bool
dmp_host_port_counts(const struct dmp_host_port *port)
{
	return port->transport == DMP_TRANSPORT_TCP &&
	       port->admin == DMP_ADMIN_ENABLED && port->level != DMP_LEVEL_FORBIDDEN;
}

static enum dmp_evidence
host_evidence(const struct dmp_host_port *port)
{
	if (port->admin == DMP_ADMIN_DISABLED || port->began_ms == DMP_BEGAN_NEVER)
		return DMP_EVIDENCE_NONE;
	return dmp_correlate_evidence(port->reason);
}

/* Confirmed to be down, for being mute. */
static bool
host_port_is_lost(const struct dmp_host_port *port)
{
	return port->admin == DMP_ADMIN_ENABLED && port->state == DMP_STATE_DOWN &&
	       port->settled && host_evidence(port) == DMP_EVIDENCE_MUTE;
}

/* What all ports together say. */
struct host_sum {
	size_t counted;
	size_t lost;        /* of these */
	size_t mute;        /* of these, lost or asked since ask_ms */
	bool heard;         /* a port, since ask_ms */
	bool heard_before;  /* and not asked since: it may live */
	bool asked;         /* every port that can be heard, since ask_ms */
	bool waiting;       /* a lost port has something to announce */
	int64_t waiting_ms; /* the earliest attempt of those */
	uint32_t timeout_ms;
};

static void
host_add(struct host_sum *sum, const struct dmp_host_port *port, int64_t ask_ms)
{
	enum dmp_evidence evidence = host_evidence(port);
	bool fresh = port->began_ms >= ask_ms;
	bool lost = host_port_is_lost(port);

	if (port->timeout_ms > sum->timeout_ms)
		sum->timeout_ms = port->timeout_ms;
	if (evidence == DMP_EVIDENCE_HEARD && fresh)
		sum->heard = true;
	if (evidence == DMP_EVIDENCE_HEARD && !fresh)
		sum->heard_before = true;
	if (lost && port->waiting) {
		if (!sum->waiting || port->began_ms < sum->waiting_ms)
			sum->waiting_ms = port->began_ms;
		sum->waiting = true;
	}
	if (!dmp_host_port_counts(port))
		return;
	sum->counted++;
	if (lost)
		sum->lost++;
	if (lost || (evidence == DMP_EVIDENCE_MUTE && fresh))
		sum->mute++;
	if (!fresh)
		sum->asked = false;
}

static struct host_sum
host_sum(const struct dmp_host_port *ports, size_t n, int64_t ask_ms)
{
	struct host_sum sum = {.asked = true};

	for (size_t i = 0; i < n; i++)
		host_add(&sum, &ports[i], ask_ms);
	if (sum.heard_before)
		sum.asked = false;
	return sum;
}

static void
host_wait(struct dmp_host_watch *watch, const struct host_sum *sum, int64_t ask_ms,
    int64_t now_ms)
{
	watch->ask_ms = ask_ms;
	watch->until_ms = now_ms + sum->timeout_ms + DMP_HOLD_MARGIN_MS;
}

/* A host that is down: heard once it is asked again, heard twice it is up. */
static enum dmp_host_change
host_judge_down(
    struct dmp_host_watch *watch, const struct host_sum *sum, int64_t now_ms)
{
	if (watch->until_ms == 0) {
		if (sum->heard)
			host_wait(watch, sum, now_ms, now_ms);
		return DMP_HOST_SAME;
	}
	if (sum->heard) {
		*watch = (struct dmp_host_watch){.ask_ms = watch->ask_ms};
		return DMP_HOST_CAME_UP;
	}
	if (sum->asked || now_ms >= watch->until_ms)
		watch->until_ms = 0;
	return DMP_HOST_SAME;
}

/* Nothing is heard of the host, and at least one port is lost. */
static bool
host_is_mute(const struct host_sum *sum)
{
	if (sum->heard || sum->heard_before)
		return false;
	return sum->lost == sum->counted || (sum->waiting && sum->mute == sum->counted);
}

/* A host that is not down.  A hold that has ended does not begin again while the same
 * ports wait for something else. */
static enum dmp_host_change
host_judge_up(struct dmp_host_watch *watch, const struct dmp_host_port *ports, size_t n,
    int64_t now_ms)
{
	struct host_sum sum = host_sum(ports, n, watch->ask_ms);

	if (!sum.waiting) {
		watch->until_ms = 0;
		watch->released = false;
	} else if (watch->until_ms == 0 && !watch->released) {
		host_wait(watch, &sum, sum.waiting_ms, now_ms);
		sum = host_sum(ports, n, watch->ask_ms);
	}
	if (host_is_mute(&sum)) {
		*watch = (struct dmp_host_watch){.ask_ms = now_ms, .down = true};
		return DMP_HOST_WENT_DOWN;
	}
	if (watch->until_ms != 0 && (sum.heard || now_ms >= watch->until_ms)) {
		watch->until_ms = 0;
		watch->released = true;
	}
	return DMP_HOST_SAME;
}

static enum dmp_voice
host_voice(const struct dmp_host_watch *watch, const struct dmp_host_port *port)
{
	if (watch->down)
		return DMP_VOICE_SUPPRESSED;
	if (!port->settled)
		return DMP_VOICE_HELD;
	if (watch->until_ms != 0 && port->waiting && host_port_is_lost(port))
		return DMP_VOICE_HELD;
	return DMP_VOICE_SPEAKS;
}

static bool
host_recheck(const struct dmp_host_watch *watch, const struct dmp_host_port *port)
{
	if (watch->until_ms == 0 || port->began_ms >= watch->ask_ms)
		return false;
	if (!dmp_host_port_counts(port))
		return host_evidence(port) == DMP_EVIDENCE_HEARD;
	return watch->down || !host_port_is_lost(port);
}

enum dmp_host_change
dmp_correlate_host(
    struct dmp_host_watch *watch, struct dmp_host_port *ports, size_t n, int64_t now_ms)
{
	struct host_sum sum = host_sum(ports, n, watch->ask_ms);
	enum dmp_host_change change = DMP_HOST_SAME;

	if (sum.counted < 2) {
		if (watch->down)
			change = DMP_HOST_DROPPED;
		*watch = (struct dmp_host_watch){.ask_ms = watch->ask_ms};
	} else if (watch->down) {
		change = host_judge_down(watch, &sum, now_ms);
	} else {
		change = host_judge_up(watch, ports, n, now_ms);
	}
	for (size_t i = 0; i < n; i++) {
		ports[i].voice = change == DMP_HOST_CAME_UP
		                     ? DMP_VOICE_HELD
		                     : host_voice(watch, &ports[i]);
		ports[i].recheck = host_recheck(watch, &ports[i]);
	}
	return change;
}

/* Does the reason say more than that nobody answers? */
static bool
host_reason_tells(enum dmp_reason reason)
{
	return reason != DMP_REASON_TIMEOUT &&
	       dmp_correlate_evidence(reason) == DMP_EVIDENCE_MUTE;
}

enum dmp_reason
dmp_correlate_host_reason(const struct dmp_host_port *ports, size_t n)
{
	enum dmp_reason reason = 0;

	for (size_t i = 0; i < n; i++) {
		if (!dmp_host_port_counts(&ports[i]))
			continue;
		if (reason == 0)
			reason = ports[i].reason;
		if (ports[i].reason != reason)
			return DMP_REASON_HOST_DOWN;
	}
	return host_reason_tells(reason) ? reason : DMP_REASON_HOST_DOWN;
}

enum dmp_timeout_reading
dmp_correlate_timeout(const struct dmp_host_port *ports, size_t n)
{
	enum dmp_timeout_reading reading = DMP_TIMEOUT_UNREAD;

	for (size_t i = 0; i < n; i++) {
		if (host_evidence(&ports[i]) != DMP_EVIDENCE_HEARD)
			continue;
		if (ports[i].reason == DMP_REASON_REFUSED)
			return DMP_TIMEOUT_FILTERED;
		reading = DMP_TIMEOUT_STEALTH;
	}
	return reading;
}

static const struct {
	const char *sentence;
	const char *owner;
} READINGS[] = {
    [DMP_TIMEOUT_FILTERED] = {"no answer, while the host refuses others: a firewall "
                              "drops it",
        "the firewall team"},
    [DMP_TIMEOUT_STEALTH] = {"no answer, while others of the host answer: filtered, or "
                             "nothing listens and Windows drops it silently",
        "the owner of the service, then the firewall team"},
};

const char *
dmp_timeout_sentence(enum dmp_timeout_reading reading)
{
	if (reading != DMP_TIMEOUT_FILTERED && reading != DMP_TIMEOUT_STEALTH)
		return dmp_reason_sentence(DMP_REASON_TIMEOUT);
	return READINGS[reading].sentence;
}

const char *
dmp_timeout_owner(enum dmp_timeout_reading reading)
{
	if (reading != DMP_TIMEOUT_FILTERED && reading != DMP_TIMEOUT_STEALTH)
		return dmp_reason_owner(DMP_REASON_TIMEOUT);
	return READINGS[reading].owner;
}
