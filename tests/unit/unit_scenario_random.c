/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A random world for a day, of which everything follows from the seed: answers, hosts,
 * links, certificates and clocks change; the site file is another one; somebody puts
 * things in maintenance; the daemon ends in every way and starts again.
 *
 * Whatever happens, the notifications hold together, and what is announced when the
 * world has been quiet for a while is what is true then (support/sim_truth.h).
 *
 * DMP_SEED is the first seed, DMP_SEEDS how many (default RUNS); with DMP_VERBOSE what
 * happens is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "support/sim.h"
#include "support/sim_site.h"
#include "support/sim_truth.h"

enum { N_ADDRESSES = 5, FIRST_PORT = 1001, N_PORTS = 5, STEPS = 150, RUNS = 4 };

static const char *const ADDRESSES[N_ADDRESSES] = {
    "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"};
static const char REFERENCE[] = "10.0.0.254";

/* --- sites --- */

/* What a site can have; each is there or not. */
enum site_part {
	PART_NO_H2 = 1 << 0,         /* h2 is not part of it */
	PART_RENAMED = 1 << 1,       /* ... has another name */
	PART_NO_PORT = 1 << 2,       /* h3 has no service b */
	PART_INFORMATIONAL = 1 << 3, /* a is informational on h1 */
	PART_FORBIDDEN = 1 << 4,     /* c is forbidden on h3 */
	PART_DISABLED = 1 << 5,      /* d is disabled on h1 */
	PART_GROUPS = 1 << 6,        /* h1, h2 and h5 are in groups */
	PART_ROOM = 1 << 7,          /* the racks are in a room */
	PART_SHARED = 1 << 8,        /* two services at one port of h1 */
	PART_WINDOW = 1 << 9,        /* a maintenance window every hour or so */
	PART_REFERENCE = 1 << 10,
	PART_REMINDER = 1 << 11,
	PART_QUICK = 1 << 12, /* fall and rise of b are 1 */
	PART_NO_FLAP = 1 << 13,
	PART_SEVERITY = 1 << 14,
	PART_ALL = (1 << 15) - 1
};

static void
site_hosts(struct dmp_text *site, unsigned parts)
{
	bool groups = parts & PART_GROUPS;

	dmp_text_printf(site,
	    "<host name='h1' address='10.0.0.1' roles='device'%s>"
	    "<port requirement='a' port='1001'%s/>" SIM_SERVICE("b", "1002")
	        SIM_SERVICE("c",
	            "1003") "<port requirement='d' port='1004'%s/>" SIM_SERVICE("e",
	            "1005") "%s</host>\n",
	    groups ? " group='rack1'" : "",
	    parts & PART_INFORMATIONAL ? " level='informational'" : "",
	    parts & PART_DISABLED ? " admin='disabled'" : "",
	    parts & PART_SHARED ? SIM_SERVICE("f", "1001") : "");
	if (!(parts & PART_NO_H2))
		dmp_text_printf(site,
		    "<host name='%s' address='10.0.0.2' roles='device'%s>" SIM_SERVICE(
		        "a", "1001") SIM_SERVICE("b", "1002")
		        SIM_SERVICE("e", "1005") "</host>\n",
		    parts & PART_RENAMED ? "h2new" : "h2",
		    groups ? " group='rack1'" : "");
	dmp_text_printf(site,
	    "<host name='h3' address='10.0.0.3' roles='device'>%s" SIM_SERVICE(
	        "a", "1001") "<port requirement='c' port='1003'%s/></host>\n",
	    parts & PART_NO_PORT ? "" : SIM_SERVICE("b", "1002"),
	    parts & PART_FORBIDDEN ? " level='forbidden'" : "");
	dmp_text_append(site, SIM_HOST("h4", "10.0.0.4", SIM_SERVICE("a", "1001")));
	dmp_text_printf(site,
	    "<host name='h5' address='10.0.0.5' roles='device'%s>" SIM_SERVICE(
	        "a", "1001") SIM_SERVICE("d", "1004") "</host>\n",
	    groups ? " group='rack2'" : "");
}

static void
site_windows(struct dmp_text *site)
{
	for (unsigned hour = 0; hour < 24; hour += 3)
		dmp_text_printf(site,
		    "<maintenance host='h3' from='2026-11-22T%02u:20:00Z' "
		    "until='2026-11-22T%02u:50:00Z'/>"
		    "<maintenance group='rack1' from='2026-11-23T%02u:20:00Z' "
		    "until='2026-11-23T%02u:50:00Z'/>"
		    "<maintenance port='h1/a' from='2026-11-22T%02u:30:00Z' "
		    "until='2026-11-22T%02u:35:00Z'/>\n",
		    hour, hour + 1, hour, hour + 1, hour + 2, hour + 2);
}

/* The whole of it; the caller frees. */
static char *
site_of(unsigned parts)
{
	struct dmp_text site = {0};

	dmp_text_printf(&site,
	    "<policy interval='30s' fast='2s' slow='60s' timeout='3s' fall='3' "
	    "rise='2' depth='connect'%s%s/>\n",
	    parts & PART_REFERENCE ? " reference='10.0.0.254'" : "",
	    parts & PART_NO_FLAP ? " flap='0'" : "");
	if (parts & PART_QUICK)
		dmp_text_append(&site, "<policy requirement='b' fall='1' rise='1'/>\n");
	if (parts & PART_SEVERITY)
		dmp_text_append(&site, "<policy host='h1' severity-down='warning'/>\n");
	dmp_text_printf(&site,
	    "<group name='room'/><group name='rack1'%s/><group name='rack2'%s/>\n",
	    parts & PART_ROOM ? " parent='room'" : "",
	    parts & PART_ROOM ? " parent='room'" : "");
	site_hosts(&site, parts);
	if ((parts & PART_WINDOW) && (parts & PART_GROUPS))
		site_windows(&site);
	if (parts & PART_REMINDER)
		dmp_text_append(&site, "<notify reminder='30m'/>\n");
	dmp_text_append(&site,
	    SIM_REQUIREMENTS SIM_REQUIREMENT("e", "10005", "forbidden")
	        SIM_REQUIREMENT("f", "10006", "required"));
	return site.data;
}

/* --- what happens --- */

struct day {
	struct sim *sim;
	struct sim_account account;
	unsigned parts;
};

static void
day_load(struct day *day, unsigned parts)
{
	char *site = site_of(parts);

	day->parts = parts;
	sim_reload(day->sim, site);
	free(site);
}

static const char *
day_address(struct day *day)
{
	return ADDRESSES[sim_random(day->sim, N_ADDRESSES)];
}

static uint16_t
day_port(struct day *day)
{
	return (uint16_t)(FIRST_PORT + sim_random(day->sim, N_PORTS));
}

static void
day_answers(struct day *day)
{
	static const enum sim_answer ANSWERS[] = {
	    SIM_UP, SIM_UP, SIM_UP, SIM_REFUSED, SIM_SILENT, SIM_UNWELL, SIM_WRONG};
	struct sim *sim = day->sim;
	const char *address = day_address(day);
	uint16_t port = day_port(day);
	enum sim_answer answer = ANSWERS[sim_random(sim, 7)];

	if (sim_random(sim, 8) == 0)
		sim_flap(sim, address, port, answer, SIM_UP,
		    SIM_MINUTE + sim_random(sim, 10 * SIM_MINUTE));
	else
		sim_port(sim, address, port, answer);
}

static void
day_cut(struct day *day)
{
	sim_cut(day->sim, sim_random(day->sim, 3) == 0);
}

static void
day_host(struct day *day)
{
	sim_host_gone(day->sim, day_address(day), sim_random(day->sim, 2) == 0);
}

/* All of a group, or all but one: at once. */
static void
day_many_hosts(struct day *day)
{
	bool gone = sim_random(day->sim, 3) > 0;

	for (unsigned i = 0; i < N_ADDRESSES; i++) {
		if (sim_random(day->sim, 3) > 0)
			sim_host_gone(day->sim, ADDRESSES[i], gone);
	}
}

static void
day_reference(struct day *day)
{
	sim_port(day->sim, REFERENCE, 80,
	    sim_random(day->sim, 3) == 0 ? SIM_SILENT : SIM_REFUSED);
}

static void
day_reload(struct day *day)
{
	unsigned parts = day->parts ^ (1u << sim_random(day->sim, 15));

	if (sim_random(day->sim, 4) == 0)
		parts = sim_random(day->sim, PART_ALL + 1);
	if (sim_random(day->sim, 8) == 0)
		sim_name(day->sim, sim_random(day->sim, 2) ? "Sim" : "Other");
	day_load(day, parts);
}

static void
day_restart(struct day *day)
{
	static void (*const ENDS[])(struct sim *) = {sim_stop, sim_kill};

	ENDS[sim_random(day->sim, 2)](day->sim);
	sim_run(day->sim, sim_random(day->sim, 10 * SIM_MINUTE));
	if (sim_random(day->sim, 4) == 0) {
		char *site = site_of(sim_random(day->sim, PART_ALL + 1));

		sim_site(day->sim, site);
		free(site);
	}
	sim_start(day->sim);
}

static void
day_clock(struct day *day)
{
	static const int64_t SPANS_MS[] = {SIM_SECOND, SIM_HOUR, 5 * (int64_t)SIM_DAY};
	int64_t span_ms = SPANS_MS[sim_random(day->sim, 3)];

	sim_wall_step(
	    day->sim, (int64_t)sim_random(day->sim, (uint32_t)span_ms * 2) - span_ms);
}

static void
day_certificate(struct day *day)
{
	static const int32_t DAYS[] = {365, 365, 29, 20, 6, 1, -1};

	sim_certificate(
	    day->sim, day_address(day), day_port(day), DAYS[sim_random(day->sim, 7)]);
}

static void
day_resend(struct day *day)
{
	uint32_t n;

	assert_int_equal(dmp_engine_resend(sim_engine(day->sim), &n), DMP_OK);
}

static const struct {
	enum dmp_admin_scope scope;
	const char *name;
} TARGETS[] = {
    {DMP_ADMIN_SCOPE_PORT, "h1/b"},
    {DMP_ADMIN_SCOPE_PORT, "h3/a"},
    {DMP_ADMIN_SCOPE_PORT, "h4/a"},
    {DMP_ADMIN_SCOPE_HOST, "h1"},
    {DMP_ADMIN_SCOPE_HOST, "h2"},
    {DMP_ADMIN_SCOPE_HOST, "h5"},
    {DMP_ADMIN_SCOPE_GROUP, "rack1"},
    {DMP_ADMIN_SCOPE_GROUP, "room"},
    {DMP_ADMIN_SCOPE_SITE, ""},
};

enum { N_TARGETS = sizeof TARGETS / sizeof TARGETS[0] };

static void
day_admin(struct day *day)
{
	static const enum dmp_admin STATES[] = {
	    DMP_ADMIN_MAINTENANCE, DMP_ADMIN_DISABLED, DMP_ADMIN_ENABLED};
	struct sim *sim = day->sim;
	uint32_t target = sim_random(sim, N_TARGETS);
	int64_t now_ms = dmp_clock_parse("2026-11-22T12:00:00Z") + sim_now_ms(sim);
	struct dmp_admin_entry entry = {.scope = TARGETS[target].scope,
	    .state = STATES[sim_random(sim, 3)],
	    .origin = DMP_ADMIN_ORIGIN_RUN_TIME};
	struct dmp_text error = {0};
	uint32_t ticket;

	dmp_text_copy(entry.name, sizeof entry.name, TARGETS[target].name);
	if (sim_random(sim, 3) > 0)
		entry.until_ms = now_ms + sim_random(sim, SIM_HOUR);
	if (day->account.verbose)
		print_message("%s: %s\n", entry.name,
		    dmp_vocab_text(DMP_VOCAB_ADMIN, (int)entry.state));
	/* The plan may not have it, and by a stepped clock it may be over. */
	if (sim_random(sim, 2) == 0)
		(void)!dmp_engine_set_admin(sim_engine(sim), &entry, &ticket, &error);
	else
		(void)!dmp_engine_clear_admin(
		    sim_engine(sim), entry.scope, entry.name, &ticket, &error);
	dmp_text_done(&error);
}

static const struct {
	unsigned weight;
	const char *name;
	void (*happen)(struct day *);
} HAPPENINGS[] = {
    {12, "answers", day_answers},
    {2, "cut", day_cut},
    {6, "host", day_host},
    {2, "many_hosts", day_many_hosts},
    {1, "reference", day_reference},
    {3, "reload", day_reload},
    {2, "restart", day_restart},
    {1, "clock", day_clock},
    {1, "certificate", day_certificate},
    {1, "resend", day_resend},
    {4, "admin", day_admin},
};

enum { N_HAPPENINGS = sizeof HAPPENINGS / sizeof HAPPENINGS[0], WEIGHTS = 35 };

/* Something happens, while the last thing may not be over yet. */
static void
day_step(struct day *day)
{
	unsigned which = sim_random(day->sim, WEIGHTS);
	size_t i = 0;

	while (which >= HAPPENINGS[i].weight)
		which -= HAPPENINGS[i++].weight;
	assert_true(i < N_HAPPENINGS);
	if (day->account.verbose)
		print_message("%lld s: %s, site %x\n",
		    (long long)sim_now_ms(day->sim) / 1000, HAPPENINGS[i].name,
		    day->parts);
	HAPPENINGS[i].happen(day);
	sim_run(
	    day->sim, sim_random(day->sim,
	                  sim_random(day->sim, 2) ? 10 * SIM_SECOND : 5 * SIM_MINUTE));
	sim_account_take(&day->account, day->sim);
}

/* Nothing changes for hours, as it is. */
static void
day_quiet(struct day *day)
{
	size_t n;

	for (unsigned i = 0; i < N_ADDRESSES; i++) {
		for (uint16_t p = FIRST_PORT; p < FIRST_PORT + N_PORTS; p++)
			sim_port(day->sim, ADDRESSES[i], p,
			    sim_answer_of(day->sim, ADDRESSES[i], p));
	}
	day_load(day, day->parts & ~(unsigned)PART_WINDOW);
	do { /* what somebody has disabled for a while is checked anew after it */
		n = dmp_engine_admins(sim_engine(day->sim))->n;
		sim_run(day->sim, 3 * SIM_HOUR);
	} while (dmp_engine_admins(sim_engine(day->sim))->n != n);
	sim_account_take(&day->account, day->sim);
	sim_account_is_stored(&day->account, day->sim);
	sim_account_is_true(
	    &day->account, day->sim, day->parts & PART_REFERENCE ? REFERENCE : NULL);
}

/* Everything answers, nobody works on it. */
static void
day_heal(struct day *day)
{
	struct dmp_text error = {0};
	uint32_t ticket;

	sim_cut(day->sim, false);
	sim_port(day->sim, REFERENCE, 80, SIM_REFUSED);
	for (unsigned i = 0; i < N_ADDRESSES; i++) {
		sim_host_gone(day->sim, ADDRESSES[i], false);
		for (uint16_t p = FIRST_PORT; p < FIRST_PORT + N_PORTS; p++) {
			bool open = p != FIRST_PORT + 4;

			sim_port(
			    day->sim, ADDRESSES[i], p, open ? SIM_UP : SIM_REFUSED);
			sim_certificate(day->sim, ADDRESSES[i], p, 365);
		}
	}
	for (size_t i = 0; i < N_TARGETS; i++)
		(void)!dmp_engine_clear_admin(sim_engine(day->sim), TARGETS[i].scope,
		    TARGETS[i].name, &ticket, &error);
	dmp_text_done(&error);
	day_load(day, 0);
	sim_run(day->sim, 3 * SIM_HOUR);
	sim_account_take(&day->account, day->sim);
}

static void
day_begin(struct day *day, uint64_t seed)
{
	void *state = NULL;
	char *site = site_of(0);

	*day = (struct day){.account.verbose = getenv("DMP_VERBOSE") != NULL};
	assert_int_equal(sim_setup(&state), 0);
	day->sim = state;
	sim_seed(day->sim, seed * 2);
	sim_port(day->sim, REFERENCE, 80, SIM_REFUSED);
	sim_site(day->sim, site);
	free(site);
	sim_start(day->sim);
}

static void
day_end(struct day *day)
{
	void *state = day->sim;

	(void)sim_teardown(&state);
}

static uint64_t
number_from(const char *name, uint64_t fallback)
{
	const char *given = getenv(name);
	uint64_t number = fallback;

	if (given)
		assert_true(dmp_text_number(given, 1, UINT64_MAX, &number));
	return number;
}

/* --- what must hold --- */

static void
what_is_announced_is_true_once_and_ends_whatever_happens(void **state)
{
	uint64_t first = number_from("DMP_SEED", 20261122);
	uint64_t n = number_from("DMP_SEEDS", RUNS);

	(void)state;
	for (uint64_t seed = first; seed < first + n; seed++) {
		struct day day;

		print_message("seed %llu\n", (unsigned long long)seed);
		day_begin(&day, seed);
		for (unsigned i = 0; i < STEPS; i++) {
			day_step(&day);
			if (i % (STEPS / 3) == 0)
				day_quiet(&day);
		}
		day_quiet(&day);
		day_heal(&day);
		assert_int_equal(day.account.n, 0);
		assert_int_equal(sim_system_row(day.sim).status, 0);
		assert_true(day.account.sequence > 5);
		day_end(&day);
	}
}

static struct dmp_event *
some_hours(uint64_t seed, size_t *ret_n)
{
	struct day day;
	struct dmp_event *events;

	day_begin(&day, seed);
	for (unsigned i = 0; i < STEPS; i++)
		day_step(&day);
	events = sim_events(day.sim, ret_n);
	day_end(&day);
	return events;
}

static void
same_seed_gives_the_same_notifications(void **state)
{
	size_t n[2] = {0, 0};
	uint64_t seed = number_from("DMP_SEED", 20261122);
	struct dmp_event *first = some_hours(seed, &n[0]);
	struct dmp_event *second = some_hours(seed, &n[1]);

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
	    cmocka_unit_test(what_is_announced_is_true_once_and_ends_whatever_happens),
	    cmocka_unit_test(same_seed_gives_the_same_notifications),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
