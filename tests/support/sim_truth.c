/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/sim_truth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* --- the account --- */

static size_t
account_find(
    const struct sim_account *account, const char *key, enum dmp_event_type type)
{
	size_t i = 0;

	while (i < account->n && (account->raised[i].type != type ||
	                             strcmp(account->raised[i].key, key) != 0))
		i++;
	return i;
}

bool
sim_account_has(
    const struct sim_account *account, const char *key, enum dmp_event_type type)
{
	return account_find(account, key, type) < account->n;
}

/* Take out what the event clears; returns how many. */
static size_t
account_clear(struct sim_account *account, const struct dmp_event *event)
{
	size_t cleared = 0;
	size_t i = 0;

	while (i < account->n) {
		if (strcmp(account->raised[i].key, event->key) != 0 ||
		    !dmp_event_clears(event->type, account->raised[i].type)) {
			i++;
			continue;
		}
		if (strcmp(account->raised[i].source, event->source) != 0)
			fail_msg("event %u ends what another source has raised",
			    event->sequence);
		account->raised[i] = account->raised[--account->n];
		cleared++;
	}
	return cleared;
}

static void
account_repeat(const struct sim_account *account, const struct dmp_event *event)
{
	if (!sim_account_has(account, event->key, event->type))
		fail_msg("event %u repeats what is not raised", event->sequence);
	if (event->state != event->previous_state)
		fail_msg("event %u repeats another state", event->sequence);
}

/* The state that the raised problems of this key tell. */
static enum dmp_state
account_state(const struct sim_account *account, const char *key)
{
	for (size_t i = 0; i < account->n; i++) {
		const struct sim_raised *raised = &account->raised[i];

		if (strcmp(raised->key, key) == 0 &&
		    (raised->type == DMP_EVENT_PORT_DOWN ||
		        raised->type == DMP_EVENT_PORT_DEGRADED ||
		        raised->type == DMP_EVENT_PORT_EXPOSED))
			return raised->state;
	}
	return DMP_STATE_UP;
}

static bool
account_is_of_state(enum dmp_event_type type)
{
	return type == DMP_EVENT_PORT_DOWN || type == DMP_EVENT_PORT_UP ||
	       type == DMP_EVENT_PORT_DEGRADED || type == DMP_EVENT_PORT_EXPOSED ||
	       type == DMP_EVENT_PORT_CLOSED;
}

static void
account_raise(struct sim_account *account, const struct dmp_event *event)
{
	size_t known = account_find(account, event->key, event->type);

	/* A certificate that gets worse is announced with its new severity. */
	if (known < account->n &&
	    (event->type != DMP_EVENT_CERTIFICATE_EXPIRING ||
	        account->raised[known].severity == event->severity))
		fail_msg("event %u is raised already", event->sequence);
	if (sim_account_has(account, "site", DMP_EVENT_VANTAGE_ISOLATED))
		fail_msg("event %u is raised while isolated", event->sequence);
	if (sim_account_has(account, event->host_name, DMP_EVENT_HOST_DOWN))
		fail_msg("event %u is raised while its host is down", event->sequence);
	assert_int_not_equal(event->severity, DMP_SEVERITY_CLEARED);
	(void)account_clear(account, event);
	if (known == account->n)
		account->n++;
	assert_true(account->n <= SIM_RAISED_MAX);
	account->raised[known] = (struct sim_raised){
	    .type = event->type, .severity = event->severity, .state = event->state};
	dmp_text_copy(account->raised[known].source, sizeof account->raised[0].source,
	    event->source);
	dmp_text_copy(
	    account->raised[known].key, sizeof account->raised[0].key, event->key);
}

static void
account_tell(const struct dmp_event *event)
{
	char time[DMP_TIME_TEXT];

	dmp_clock_text(event->time_ms, time);
	print_message("%s %u %s %s: %s\n", time, event->sequence,
	    dmp_vocab_text(DMP_VOCAB_EVENT, (int)event->type), event->key,
	    event->message);
}

static void
account_take(struct sim_account *account, const struct dmp_event *event)
{
	if (account->verbose)
		account_tell(event);
	if (event->sequence != account->sequence + 1)
		fail_msg("event %u comes after %u", event->sequence, account->sequence);
	account->sequence = event->sequence;
	assert_string_not_equal(event->message, "");
	assert_string_not_equal(event->key, "");
	if (event->type == DMP_EVENT_STARTED || event->type == DMP_EVENT_STOPPING)
		return;
	if (strncmp(event->message, "repeated:", 9) == 0) {
		account_repeat(account, event);
		return;
	}
	if (account_is_of_state(event->type) &&
	    event->previous_state != account_state(account, event->key))
		fail_msg("event %u comes from a state that was not announced",
		    event->sequence);
	if (dmp_event_raises(event->type))
		account_raise(account, event);
	else if (account_clear(account, event) == 0)
		fail_msg("event %u clears nothing", event->sequence);
}

void
sim_account_take(struct sim_account *account, struct sim *sim)
{
	size_t n = 0;
	struct dmp_event *events = sim_events(sim, &n);

	for (size_t i = 0; i < n; i++) {
		if (events[i].sequence > account->sequence)
			account_take(account, &events[i]);
	}
	free(events);
}

void
sim_account_is_stored(const struct sim_account *account, struct sim *sim)
{
	struct dmp_problem_set stored = sim_problems(sim);

	assert_int_equal(stored.n, account->n);
	for (size_t i = 0; i < stored.n; i++) {
		const struct dmp_problem *problem = stored.items[i];
		size_t at = account_find(account, problem->key, problem->type);

		if (at == account->n)
			fail_msg("%s is stored and was not announced", problem->key);
		assert_int_equal(account->raised[at].severity, problem->severity);
	}
	dmp_problem_done(&stored);
}

/* --- what is true --- */

struct truth_host;

struct truth_port {
	const struct truth_host *host;
	const struct dmp_board_port *plan;
	struct dmp_board_port_live live;
	enum sim_answer answer;
	enum dmp_state state; /* as it must be */
};

struct truth_host {
	const struct dmp_board_host *plan;
	struct dmp_board_host_live live;
	size_t judged; /* ports whose silence counts */
	bool silent;   /* these, and no other is heard */
};

struct truth {
	struct truth_port *ports;
	size_t n_ports;
	struct truth_host *hosts;
	size_t n_hosts;
	size_t judged; /* hosts */
};

static enum dmp_state
truth_state(const struct truth_port *port, int32_t days)
{
	bool answers = port->answer == SIM_UP || port->answer == SIM_UNWELL ||
	               port->answer == SIM_WRONG;

	if (port->live.admin == DMP_ADMIN_DISABLED)
		return DMP_STATE_NOT_APPLICABLE;
	if (port->plan->level == DMP_LEVEL_FORBIDDEN)
		return answers ? DMP_STATE_EXPOSED : DMP_STATE_CLOSED;
	if (!answers)
		return DMP_STATE_DOWN;
	if (days < 0 || port->answer == SIM_UNWELL)
		return DMP_STATE_DEGRADED;
	return port->answer == SIM_WRONG ? DMP_STATE_DOWN : DMP_STATE_UP;
}

static void
truth_add_to_host(struct truth_host *host, struct truth_port *port)
{
	bool counts = port->live.admin == DMP_ADMIN_ENABLED &&
	              port->plan->transport == DMP_TRANSPORT_TCP &&
	              port->plan->level != DMP_LEVEL_FORBIDDEN;

	port->host = host;
	host->judged += counts;
	if (port->answer != SIM_SILENT && port->live.admin != DMP_ADMIN_DISABLED)
		host->silent = false;
}

static void
truth_fill(struct truth *truth, struct dmp_board_reader *board)
{
	truth->n_ports = dmp_board_rows(board, DMP_BOARD_PORT);
	truth->n_hosts = dmp_board_rows(board, DMP_BOARD_HOST);
	truth->ports = calloc(truth->n_ports + 1, sizeof *truth->ports);
	truth->hosts = calloc(truth->n_hosts + 1, sizeof *truth->hosts);
	assert_non_null(truth->ports);
	assert_non_null(truth->hosts);
	for (uint32_t h = 0; h < truth->n_hosts; h++) {
		truth->hosts[h].plan = dmp_board_plan(board, DMP_BOARD_HOST, h);
		truth->hosts[h].silent = true;
		assert_true(
		    dmp_board_live(board, DMP_BOARD_HOST, h, &truth->hosts[h].live));
	}
	for (uint32_t i = 0; i < truth->n_ports; i++) {
		struct truth_port *port = &truth->ports[i];

		port->plan = dmp_board_plan(board, DMP_BOARD_PORT, i);
		assert_true(dmp_board_live(board, DMP_BOARD_PORT, i, &port->live));
	}
}

/* The ports of each host, wherever their rows are. */
static void
truth_ask(struct truth *truth, struct sim *sim)
{
	for (size_t h = 0; h < truth->n_hosts; h++) {
		struct truth_host *host = &truth->hosts[h];

		for (size_t i = 0; i < truth->n_ports; i++) {
			struct truth_port *port = &truth->ports[i];
			const char *address = host->live.address;

			if (port->plan->host_row != h)
				continue;
			port->answer = sim_answer_now(sim, address, port->plan->number);
			port->state = truth_state(port,
			    sim_certificate_days(sim, address, port->plan->number));
			truth_add_to_host(host, port);
		}
		truth->judged += host->judged > 0;
	}
}

/* At least two hosts, or a reference that has answered once, and none of them is heard.
 */
static bool
truth_can_be_isolated(const struct truth *truth, struct sim *sim, const char *reference)
{
	for (size_t h = 0; h < truth->n_hosts; h++) {
		if (!truth->hosts[h].silent)
			return false;
	}
	if (reference)
		return sim_answer_now(sim, reference, 80) == SIM_SILENT;
	return truth->judged >= 2;
}

static bool
truth_is_mute(const struct truth_host *host)
{
	return host->judged > 0 && host->silent;
}

static bool
truth_is_down(const struct truth_host *host)
{
	return host->judged >= 2 && host->silent &&
	       host->live.admin == DMP_ADMIN_ENABLED;
}

/* Is one of the hosts announced to be down, which may then speak for others? */
static bool
truth_somebody_speaks(const struct truth *truth, const struct sim_account *account)
{
	for (size_t h = 0; h < truth->n_hosts; h++) {
		if (sim_account_has(
		        account, truth->hosts[h].plan->name, DMP_EVENT_HOST_DOWN))
			return true;
	}
	return false;
}

/* Is a port announced with which this one shares its endpoint? */
static bool
truth_sibling_speaks(const struct truth *truth, const struct truth_port *port,
    const struct sim_account *account)
{
	for (size_t i = 0; i < truth->n_ports; i++) {
		const struct truth_port *other = &truth->ports[i];

		if (other != port && other->host == port->host &&
		    other->plan->number == port->plan->number &&
		    sim_account_has(account, other->plan->key, DMP_EVENT_PORT_DOWN))
			return true;
	}
	return false;
}

static bool
truth_is_wanted(const struct truth_port *port)
{
	return port->plan->level == DMP_LEVEL_REQUIRED ||
	       port->plan->level == DMP_LEVEL_OPTIONAL;
}

static void
truth_check_certificate(
    const struct truth_port *port, struct sim *sim, const struct sim_account *account)
{
	int32_t days =
	    sim_certificate_days(sim, port->live.address, port->plan->number);
	bool raised =
	    sim_account_has(account, port->plan->key, DMP_EVENT_CERTIFICATE_EXPIRING);

	/* What was seen last is what counts when nobody answers; at midnight the days
	 * may be those of a minute ago. */
	if (port->answer == SIM_REFUSED || port->answer == SIM_SILENT ||
	    days != port->live.tls_days_left)
		return;
	if (raised != (days < 30 && truth_is_wanted(port)))
		fail_msg("%s: certificate of %d days %s announced", port->plan->key,
		    (int)days, raised ? "is" : "is not");
}

static void
truth_check_port(const struct truth *truth, const struct truth_port *port,
    const struct sim_account *account)
{
	const struct truth_host *host = port->host;
	const char *key = port->plan->key;
	enum dmp_state announced = account_state(account, key);
	bool judged = port->live.admin == DMP_ADMIN_ENABLED &&
	              port->plan->level != DMP_LEVEL_INFORMATIONAL;
	enum dmp_state wanted = judged ? port->state : DMP_STATE_UP;

	if (port->live.state != port->state)
		fail_msg("%s is shown as %u and is %u", key, port->live.state,
		    (unsigned)port->state);
	if (!truth_is_mute(host) &&
	    sim_account_has(account, key, DMP_EVENT_PORT_FLAPPING))
		fail_msg("%s is said to flap", key);
	if (wanted == DMP_STATE_CLOSED)
		wanted = DMP_STATE_UP;
	if (announced == wanted)
		return;
	/* A host that is down, or another port of the endpoint, says the rest. */
	if (judged && truth_is_down(host))
		return;
	if (judged && wanted == DMP_STATE_DOWN &&
	    (truth_sibling_speaks(truth, port, account) ||
	        (truth_is_mute(host) && truth_somebody_speaks(truth, account))))
		return;
	fail_msg("%s is announced as %u and is %u", key, (unsigned)announced,
	    (unsigned)wanted);
}

static void
truth_check_host(const struct truth *truth, const struct truth_host *host,
    const struct sim_account *account)
{
	const char *name = host->plan->name;
	bool raised = sim_account_has(account, name, DMP_EVENT_HOST_DOWN);

	if (raised && !truth_is_down(host))
		fail_msg("%s is announced as down and is not", name);
	if (!raised && truth_is_down(host) && !truth_somebody_speaks(truth, account))
		fail_msg("%s is down and nobody says so", name);
}

/* Nothing is left of what the plan does not have. */
static void
truth_check_absent(const struct truth *truth, const struct sim_account *account)
{
	for (size_t r = 0; r < account->n; r++) {
		const char *key = account->raised[r].key;
		bool found = strcmp(key, "site") == 0;

		for (size_t i = 0; i < truth->n_ports; i++)
			found |= strcmp(truth->ports[i].plan->key, key) == 0;
		for (size_t h = 0; h < truth->n_hosts; h++)
			found |= strcmp(truth->hosts[h].plan->name, key) == 0;
		if (!found)
			fail_msg("%s is raised and nobody knows it", key);
	}
}

void
sim_account_is_true(
    const struct sim_account *account, struct sim *sim, const char *reference)
{
	struct truth truth = {.n_ports = 0};
	bool said = sim_account_has(account, "site", DMP_EVENT_VANTAGE_ISOLATED);

	truth_fill(&truth, sim_board(sim));
	truth_ask(&truth, sim);
	truth_check_absent(&truth, account);
	/* Whoever is announced to be down one by one need not be announced together. */
	if (said && !truth_can_be_isolated(&truth, sim, reference))
		fail_msg("isolated is announced and is not so");
	for (size_t h = 0; h < truth.n_hosts && !said; h++)
		truth_check_host(&truth, &truth.hosts[h], account);
	for (size_t i = 0; i < truth.n_ports && !said; i++) {
		truth_check_port(&truth, &truth.ports[i], account);
		if (truth.ports[i].live.admin == DMP_ADMIN_ENABLED &&
		    !truth_is_down(truth.ports[i].host))
			truth_check_certificate(&truth.ports[i], sim, account);
	}
	free(truth.ports);
	free(truth.hosts);
}
