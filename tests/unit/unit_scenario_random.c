/* SPDX-License-Identifier: BSD-2-Clause */
/* A random world for a day: whatever happens, what is announced holds together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/sim.h"
#include "support/sim_site.h"

#define FOUR_PORTS                                                                     \
	SIM_SERVICE("a", "1001")                                                       \
	SIM_SERVICE("b", "1002") SIM_SERVICE("c", "1003") SIM_SERVICE("d", "1004")
#define SITE_WITH(xml)                                                                 \
	SIM_POLICY "<group name='rack'/>" SIM_HOST_WITH("h1", "10.0.0.1",              \
	    "group='rack'", FOUR_PORTS) SIM_HOST_WITH("h2", "10.0.0.2",                \
	    "group='rack'", FOUR_PORTS) SIM_HOST("h3", "10.0.0.3", FOUR_PORTS)         \
	    SIM_HOST("h4", "10.0.0.4", SIM_SERVICE("a", "1001")) xml SIM_REQUIREMENTS

static const char *const SITES[] = {
    SITE_WITH(""),
    SITE_WITH("<maintenance host='h3' from='2026-11-22T15:00:00Z' "
              "until='2026-11-22T17:30:00Z'/>"),
    SITE_WITH("<policy requirement='b' fall='1' rise='1'/>"),
    SITE_WITH("<policy requirement='a' flap='0'/>"),
};

static const char *const ADDRESSES[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"};

enum { N_ADDRESSES = 4, N_PORTS = 4, N_SITES = 4, STEPS = 600, RUNS = 4 };

static void
random_answers(struct sim *sim)
{
	static const enum sim_answer ANSWERS[] = {
	    SIM_UP, SIM_UP, SIM_UP, SIM_REFUSED, SIM_SILENT, SIM_UNWELL, SIM_WRONG};
	const char *address = ADDRESSES[sim_random(sim, N_ADDRESSES)];
	uint16_t port = (uint16_t)(1001 + sim_random(sim, N_PORTS));
	enum sim_answer answer = ANSWERS[sim_random(sim, 7)];

	if (sim_random(sim, 8) == 0)
		sim_flap(sim, address, port, answer, SIM_UP,
		    SIM_MINUTE + sim_random(sim, 10 * SIM_MINUTE));
	else
		sim_port(sim, address, port, answer);
}

/* Something happens, or nothing. */
static void
random_step(struct sim *sim)
{
	switch (sim_random(sim, 16)) {
	case 0:
		sim_cut(sim, true);
		break;
	case 1:
	case 2:
		sim_cut(sim, false);
		break;
	case 3:
	case 4:
		sim_host_gone(sim, ADDRESSES[sim_random(sim, N_ADDRESSES)], true);
		break;
	case 5:
	case 6:
	case 7:
		sim_host_gone(sim, ADDRESSES[sim_random(sim, N_ADDRESSES)], false);
		break;
	case 8:
		if (sim_random(sim, 4) == 0)
			sim_reload(sim, SITES[sim_random(sim, N_SITES)]);
		break;
	case 9:
		if (sim_random(sim, 4) != 0)
			break;
		if (sim_random(sim, 2) == 0)
			sim_stop(sim);
		else
			sim_kill(sim);
		sim_run(sim, sim_random(sim, 10 * SIM_MINUTE));
		sim_start(sim);
		break;
	case 10:
		if (sim_random(sim, 8) == 0)
			sim_wall_step(
			    sim, (int64_t)sim_random(sim, 2 * SIM_HOUR) - SIM_HOUR);
		break;
	default:
		random_answers(sim);
	}
	sim_run(sim, sim_random(sim, 5 * SIM_MINUTE));
}

/* Everything answers, long enough for all that is raised to end. */
static void
heal(struct sim *sim)
{
	sim_cut(sim, false);
	for (unsigned i = 0; i < N_ADDRESSES; i++) {
		sim_host_gone(sim, ADDRESSES[i], false);
		for (uint16_t port = 1001; port <= 1004; port++)
			sim_port(sim, ADDRESSES[i], port, SIM_UP);
	}
	sim_reload(sim, SITES[0]);
	sim_run(sim, 3 * SIM_HOUR);
}

/* A day, or two, of which everything follows from the seed. */
static struct dmp_event *
random_day(uint64_t seed, size_t *ret_n)
{
	void *state = NULL;
	struct sim *sim;
	struct dmp_event *events;

	assert_int_equal(sim_setup(&state), 0);
	sim = state;
	sim_seed(sim, seed);
	sim_site(sim, SITES[0]);
	sim_start(sim);
	for (unsigned i = 0; i < STEPS; i++)
		random_step(sim);
	heal(sim);
	assert_int_equal(sim_system_row(sim).status, 0);
	events = sim_events(sim, ret_n);
	(void)sim_teardown(&state);
	return events;
}

static uint64_t
random_seed(unsigned run)
{
	const char *given = getenv("DMP_SEED");
	uint64_t seed = 20261122 + run;

	if (given)
		assert_true(dmp_text_number(given, 1, UINT64_MAX, &seed));
	print_message("seed %llu\n", (unsigned long long)seed);
	return seed;
}

/* --- what must hold --- */

struct raised {
	char key[DMP_KEY_TEXT];
	enum dmp_event_type type;
};

enum { RAISED_MAX = 256 };

struct account {
	struct raised raised[RAISED_MAX];
	size_t n;
};

static size_t
account_find(const struct account *a, const char *key, enum dmp_event_type type)
{
	size_t i = 0;

	while (i < a->n &&
	       (a->raised[i].type != type || strcmp(a->raised[i].key, key) != 0))
		i++;
	return i;
}

/* Take out what the event clears; returns how many. */
static size_t
account_clear(struct account *a, const struct dmp_event *event)
{
	size_t cleared = 0;
	size_t i = 0;

	while (i < a->n) {
		if (strcmp(a->raised[i].key, event->key) != 0 ||
		    !dmp_event_clears(event->type, a->raised[i].type)) {
			i++;
			continue;
		}
		a->raised[i] = a->raised[--a->n];
		cleared++;
	}
	return cleared;
}

static bool
account_has(const struct account *a, const char *key, enum dmp_event_type type)
{
	return account_find(a, key, type) < a->n;
}

/* One notification: it raises what is not raised, or clears what is. */
static void
account_take(struct account *a, const struct dmp_event *event)
{
	bool isolated = account_has(a, "site", DMP_EVENT_VANTAGE_ISOLATED);

	if (event->type == DMP_EVENT_STARTED || event->type == DMP_EVENT_STOPPING)
		return;
	if (!dmp_event_raises(event->type)) {
		if (account_clear(a, event) == 0)
			fail_msg("event %u clears nothing", event->sequence);
		return;
	}
	if (account_has(a, event->key, event->type))
		fail_msg("event %u is raised already", event->sequence);
	if (isolated)
		fail_msg("event %u is raised while isolated", event->sequence);
	if (account_has(a, event->host_name, DMP_EVENT_HOST_DOWN))
		fail_msg("event %u is raised while its host is down", event->sequence);
	(void)account_clear(a, event);
	assert_true(a->n < RAISED_MAX);
	a->raised[a->n].type = event->type;
	dmp_text_copy(a->raised[a->n].key, sizeof a->raised[0].key, event->key);
	a->n++;
}

static void
every_raise_is_cleared_once_and_nothing_is_raised_twice(void **state)
{
	(void)state;
	for (unsigned run = 0; run < RUNS; run++) {
		struct account account = {.n = 0};
		size_t n = 0;
		struct dmp_event *events = random_day(random_seed(run), &n);

		assert_true(n > 100);
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(events[i].sequence, i + 1);
			account_take(&account, &events[i]);
		}
		assert_int_equal(account.n, 0);
		free(events);
	}
}

static void
same_seed_gives_the_same_notifications(void **state)
{
	size_t n[2] = {0, 0};
	uint64_t seed = random_seed(0);
	struct dmp_event *first = random_day(seed, &n[0]);
	struct dmp_event *second = random_day(seed, &n[1]);

	(void)state;
	assert_int_equal(n[0], n[1]);
	for (size_t i = 0; i < n[0]; i++) {
		assert_int_equal(first[i].type, second[i].type);
		assert_string_equal(first[i].key, second[i].key);
		assert_string_equal(first[i].message, second[i].message);
		assert_int_equal(first[i].time_ms, second[i].time_ms);
	}
	free(first);
	free(second);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_raise_is_cleared_once_and_nothing_is_raised_twice),
	    cmocka_unit_test(same_seed_gives_the_same_notifications),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
