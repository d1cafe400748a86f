/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands that read what a daemon left: its board and its event log. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "cli/cli.h"
#include "engine/board.h"
#include "engine/eventlog.h"
#include "support/temp_dir.h"

enum { ROWS = 3, WORDS = 16 };

struct fixture {
	char dir[TEMP_DIR_TEXT];
	struct dmp_board *board;
	char *out;
	char *err;
	int code;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	temp_dir_make(f->dir);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	dmp_board_close(f->board);
	temp_dir_remove(f->dir);
	free(f->out);
	free(f->err);
	free(f);
	return 0;
}

/* Run "dmports WORDS..." with %D standing for the directory. */
static void
dmports(struct fixture *f, const char *words)
{
	char line[512];
	char *argv[WORDS + 1];
	char dir[TEMP_DIR_TEXT];
	size_t out_size;
	size_t err_size;
	FILE *out;
	FILE *err;
	int argc = 0;

	free(f->out);
	free(f->err);
	dmp_text_copy(line, sizeof(line), words);
	dmp_text_copy(dir, sizeof(dir), f->dir);
	argv[argc++] = line;
	for (char *p = line; *p && argc < WORDS; p++) {
		if (*p != ' ')
			continue;
		*p = '\0';
		argv[argc++] = strncmp(p + 1, "%D", 2) == 0 ? dir : p + 1;
	}
	argv[argc] = NULL;
	out = open_memstream(&f->out, &out_size);
	err = open_memstream(&f->err, &err_size);
	assert_non_null(out);
	assert_non_null(err);
	f->code = dmp_cli_main(argc, argv, out, err);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(fclose(err), 0);
}

/* Port 0 is up, 1 is down, 2 is in maintenance (and would be down). */
static void
publish(struct fixture *f, int64_t beat_ms)
{
	static const uint32_t rows[DMP_BOARD_SECTIONS] = {1, 1, 1, ROWS, 0};
	struct dmp_board_system *system;
	struct dmp_board_requirement *requirement;
	struct dmp_board_host *host;
	struct dmp_board_system_live live = {.config_status = DMP_CONFIG_OK};

	assert_int_equal(dmp_board_create(f->dir, rows, &f->board), DMP_OK);
	system = dmp_board_plan_row(f->board, DMP_BOARD_SYSTEM, 0);
	dmp_text_copy(system->site_name, sizeof(system->site_name), "North");
	dmp_text_copy(system->vantage, sizeof(system->vantage), "noc1");
	dmp_board_write(f->board, DMP_BOARD_SYSTEM, 0, &live);
	requirement = dmp_board_plan_row(f->board, DMP_BOARD_REQUIREMENT, 0);
	requirement->index = 14;
	dmp_text_copy(requirement->key, sizeof(requirement->key), "nats-client");
	host = dmp_board_plan_row(f->board, DMP_BOARD_HOST, 0);
	host->index = 1;
	dmp_text_copy(host->name, sizeof(host->name), "dma1");
	for (uint32_t i = 0; i < ROWS; i++) {
		struct dmp_board_port *port =
		    dmp_board_plan_row(f->board, DMP_BOARD_PORT, i);
		struct dmp_board_port_live port_live = {
		    .state = i == 0 ? DMP_STATE_UP : DMP_STATE_DOWN,
		    .reason = i == 0 ? DMP_REASON_ANSWERED : DMP_REASON_REFUSED,
		    .severity = i == 0 ? DMP_SEVERITY_CLEARED : DMP_SEVERITY_CRITICAL,
		    .admin = i == 2 ? DMP_ADMIN_MAINTENANCE : DMP_ADMIN_ENABLED,
		    .latency_us = i == 0 ? 1234 : 0,
		    .tls_days_left = INT32_MAX,
		};

		port->index = i + 1;
		port->number = (uint16_t)(4222 + i);
		port->transport = DMP_TRANSPORT_TCP;
		port->level = DMP_LEVEL_REQUIRED;
		dmp_text_format(port->key, sizeof(port->key), "dma1/port-%u", i);
		dmp_text_copy(port->host_name, sizeof(port->host_name), "dma1");
		dmp_text_copy(port->service, sizeof(port->service), "NATS");
		dmp_text_copy(port->why, sizeof(port->why), "required: because");
		dmp_text_copy(
		    port_live.address, sizeof(port_live.address), "192.0.2.1");
		dmp_text_copy(port_live.detail, sizeof(port_live.detail), "told so");
		dmp_board_write(f->board, DMP_BOARD_PORT, i, &port_live);
	}
	dmp_board_beat(f->board, beat_ms);
	assert_int_equal(dmp_board_publish(f->board), DMP_OK);
}

static int64_t
now_ms(void)
{
	return dmp_clock_mono_ms(dmp_clock_system());
}

static const char *
field(const json_t *array, size_t i, const char *key)
{
	const char *value =
	    json_string_value(json_object_get(json_array_get(array, i), key));

	return value ? value : "(none)";
}

static void
status_without_a_daemon_exits_three(void **state)
{
	struct fixture *f = *state;

	dmports(f, "dmports status --run-dir %D");
	assert_int_equal(f->code, 3);
	assert_string_equal(f->out, "");
	assert_non_null(strstr(f->err, "start dmportsd"));
	dmports(f, "dmports watch --run-dir %D --count 1");
	assert_int_equal(f->code, 3);
}

static void
status_prints_what_the_board_says(void **state)
{
	struct fixture *f = *state;
	json_t *array;

	publish(f, now_ms());
	dmports(f, "dmports status --run-dir %D --format json");
	assert_int_equal(f->code, 1);
	array = json_loads(f->out, 0, NULL);
	assert_int_equal(json_array_size(array), ROWS);
	assert_string_equal(field(array, 0, "key"), "dma1/port-0");
	assert_string_equal(field(array, 0, "requirement"), "nats-client");
	assert_string_equal(field(array, 0, "state"), "up");
	assert_string_equal(field(array, 1, "state"), "down");
	assert_string_equal(field(array, 1, "reason"), "refused");
	assert_string_equal(field(array, 1, "severity"), "critical");
	assert_string_equal(field(array, 1, "detail"), "told so");
	assert_string_equal(field(array, 1, "why"), "required: because");
	assert_int_equal(
	    json_integer_value(json_object_get(json_array_get(array, 0), "latency_us")),
	    1234);
	json_decref(array);
	assert_string_equal(f->err, "");
}

static void
a_port_in_maintenance_is_not_counted(void **state)
{
	struct fixture *f = *state;

	publish(f, now_ms());
	dmports(f, "dmports status --run-dir %D");
	assert_non_null(strstr(f->out, "Site North as seen from noc1; engine running"));
	assert_non_null(strstr(
	    f->out, "3 ports on 1 host: 1 up, 1 down (1 required), 1 not judged\n"));
}

static void
a_stopped_daemon_is_shown_and_exits_three(void **state)
{
	struct fixture *f = *state;

	publish(f, now_ms());
	dmp_board_close(f->board);
	f->board = NULL;
	dmports(f, "dmports status --run-dir %D");
	assert_int_equal(f->code, 3);
	assert_non_null(strstr(f->out, "engine stopped"));
	assert_non_null(strstr(f->out, "down"));
	assert_non_null(strstr(f->err, "the daemon has stopped"));
	dmports(f, "dmports status --run-dir %D --format nagios");
	assert_int_equal(f->code, 3);
	assert_int_equal(strncmp(f->out, "DMPORTS UNKNOWN - ", 18), 0);
}

static void
a_stalled_engine_is_unknown_to_nagios(void **state)
{
	struct fixture *f = *state;

	publish(f, now_ms() - 60000);
	dmports(f, "dmports status --run-dir %D --format nagios");
	assert_int_equal(f->code, 3);
	assert_non_null(strstr(f->out, "UNKNOWN"));
	assert_non_null(strstr(f->out, "stalled"));
}

static void
nagios_and_prometheus_read_the_board_too(void **state)
{
	struct fixture *f = *state;

	publish(f, now_ms());
	dmports(f, "dmports status --run-dir %D --format nagios");
	assert_int_equal(f->code, 2);
	assert_non_null(strstr(f->out, "'required_down'=1;;0;0;2 "));
	dmports(f, "dmports status --run-dir %D --format prometheus");
	assert_int_equal(f->code, 1);
	assert_non_null(strstr(f->out, "\ndmports_engine_state 1\n"));
}

static void
watch_prints_lines_when_it_is_not_a_terminal(void **state)
{
	struct fixture *f = *state;
	const char *second;

	publish(f, now_ms());
	dmports(f, "dmports watch --run-dir %D --count 2 --interval 10ms");
	assert_int_equal(f->code, 1);
	assert_null(strchr(f->out, '\033'));
	assert_non_null(strstr(f->out, "\n  down dma1/port-1 4223/tcp: told so\n"));
	/* Nothing changed: the second look is one line. */
	second = strstr(f->out, "told so\n");
	assert_non_null(second);
	second = strstr(second + 1, "3 ports on 1 host");
	assert_non_null(second);
	assert_string_equal(strchr(second, '\n'), "\n");
}

/* Run watch in a process of its own on a terminal; returns the terminal's other end. */
static int
watch_on_terminal(struct fixture *f, pid_t *ret_pid)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);

	assert_true(master >= 0);
	assert_int_equal(grantpt(master), 0);
	assert_int_equal(unlockpt(master), 0);
	*ret_pid = fork();
	assert_true(*ret_pid >= 0);
	if (*ret_pid == 0) {
		char *argv[] = {"dmports", "watch", "--run-dir", f->dir, "--interval",
		    "10ms", NULL};
		FILE *out = fopen(ptsname(master), "w");

		_exit(out ? dmp_cli_main(6, argv, out, stderr) : 99);
	}
	return master;
}

static void
watch_leaves_the_terminal_as_it_was_on_an_interrupt(void **state)
{
	static const char leave[] = "\033[?25h\033[?1049l";
	struct fixture *f = *state;
	char screen[65536];
	size_t used = 0;
	bool interrupted = false;
	ssize_t n;
	pid_t pid;
	int master;
	int status;

	publish(f, now_ms());
	master = watch_on_terminal(f, &pid);
	while ((n = read(master, screen + used, sizeof(screen) - 1 - used)) > 0) {
		used += (size_t)n;
		screen[used] = '\0';
		if (!interrupted && strstr(screen, "dma1/port-1")) {
			interrupted = true;
			assert_int_equal(kill(pid, SIGINT), 0);
		}
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(master);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_int_equal(strncmp(screen, "\033[?1049h", 8), 0);
	assert_true(used > sizeof(leave));
	assert_string_equal(screen + used - strlen(leave), leave);
	/* The worst comes first. */
	assert_true(strstr(screen, "dma1/port-1") < strstr(screen, "dma1/port-0"));
}

static struct dmp_event
event_of(const char *key, enum dmp_event_type type, int64_t time_ms)
{
	struct dmp_event event = {
	    .state = DMP_STATE_DOWN,
	    .previous_state = DMP_STATE_UP,
	    .severity = DMP_SEVERITY_CRITICAL,
	    .reason = DMP_REASON_TIMEOUT,
	    .level = DMP_LEVEL_REQUIRED,
	    .transport = DMP_TRANSPORT_TCP,
	    .port = 4222,
	    .port_index = 7,
	    .time_ms = time_ms,
	    .type = type,
	};

	dmp_text_copy(event.key, sizeof(event.key), key);
	dmp_text_copy(event.source, sizeof(event.source), "North/noc1");
	dmp_text_copy(event.message, sizeof(event.message), "it went down");
	return event;
}

/* Three events, at 10:00, 11:00 and 12:00, and a note at 11:30. */
static void
write_log(struct fixture *f)
{
	static const char *const times[] = {
	    "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z", "2026-11-22T12:00:00Z"};
	struct dmp_eventlog_start start;
	struct dmp_problem_set problems = {0};
	struct dmp_text errors = {0};
	struct dmp_eventlog *log;

	assert_int_equal(
	    dmp_eventlog_open(f->dir, f->dir, 0, &log, &start, &problems, &errors),
	    DMP_OK);
	for (size_t i = 0; i < 3; i++) {
		struct dmp_event event = event_of(
		    "dma1/nats-client", DMP_EVENT_PORT_DOWN, dmp_clock_parse(times[i]));

		assert_int_equal(dmp_eventlog_post(log, &event), DMP_OK);
	}
	dmp_eventlog_note(log, dmp_clock_parse("2026-11-22T11:30:00Z"),
	    "dma1/nats-client", "a new address");
	dmp_eventlog_close(log, 10000);
	dmp_problem_done(&problems);
	dmp_text_done(&errors);
}

static void
events_without_a_log_exit_three(void **state)
{
	struct fixture *f = *state;

	dmports(f, "dmports events --state-dir %D");
	assert_int_equal(f->code, 3);
	assert_non_null(strstr(f->err, "no daemon has run there"));
}

static void
events_have_the_columns_of_the_mib(void **state)
{
	static const char *const keys[] = {"source", "key", "message", "state",
	    "previous_state", "severity", "reason", "level", "host_name", "address",
	    "service", "transport", "time", "state_text", "severity_text",
	    "reason_text", "type"};
	static const char *const numbers[] = {
	    "sequence", "port", "port_index", "severity_rank", "epoch"};
	struct fixture *f = *state;
	json_t *array;

	write_log(f);
	dmports(f, "dmports events --state-dir %D --format json");
	assert_int_equal(f->code, 0);
	array = json_loads(f->out, 0, NULL);
	assert_int_equal(json_array_size(array), 3);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_string_not_equal(field(array, 0, keys[i]), "(none)");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		assert_true(json_is_integer(
		    json_object_get(json_array_get(array, 0), numbers[i])));
	assert_string_equal(field(array, 0, "type"), "portDown");
	assert_string_equal(field(array, 0, "state"), "down");
	assert_string_equal(field(array, 0, "time"), "2026-11-22T10:00:00Z");
	json_decref(array);
}

static void
since_leaves_out_what_is_older(void **state)
{
	static const struct {
		const char *since;
		size_t n;
	} cases[] = {
	    {"2026-11-22T11:00:00Z", 2},
	    {"2026-11-22T11:00:01Z", 1},
	    {"2026-11-22T13:00:00+02:00", 2},
	    {"2026-11-22T09:00:00-02:00", 2},
	    {"2026-11-22T13:00:00Z", 0},
	};
	struct fixture *f = *state;

	write_log(f);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char words[128];
		json_t *array;

		dmp_text_format(words, sizeof(words),
		    "dmports events --state-dir %%D --format json --since %s",
		    cases[i].since);
		dmports(f, words);
		assert_int_equal(f->code, 0);
		array = json_loads(f->out, 0, NULL);
		assert_true(json_is_array(array));
		assert_int_equal(json_array_size(array), cases[i].n);
		json_decref(array);
	}
	dmports(f, "dmports events --state-dir %D --since yesterday");
	assert_int_equal(f->code, 2);
	assert_non_null(strstr(f->err, "--since"));
}

static void
all_shows_notes_between_the_events_of_their_time(void **state)
{
	struct fixture *f = *state;
	json_t *array;

	write_log(f);
	dmports(f, "dmports events --state-dir %D --all --format json");
	array = json_loads(f->out, 0, NULL);
	assert_int_equal(json_array_size(array), 4);
	assert_string_equal(field(array, 1, "time"), "2026-11-22T11:00:00Z");
	assert_string_equal(field(array, 2, "type"), "note");
	assert_string_equal(field(array, 2, "message"), "a new address");
	assert_true(
	    json_is_null(json_object_get(json_array_get(array, 2), "sequence")));
	assert_string_equal(field(array, 3, "time"), "2026-11-22T12:00:00Z");
	json_decref(array);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(status_without_a_daemon_exits_three),
	    TEST(status_prints_what_the_board_says),
	    TEST(a_port_in_maintenance_is_not_counted),
	    TEST(a_stopped_daemon_is_shown_and_exits_three),
	    TEST(a_stalled_engine_is_unknown_to_nagios),
	    TEST(nagios_and_prometheus_read_the_board_too),
	    TEST(watch_prints_lines_when_it_is_not_a_terminal),
	    TEST(watch_leaves_the_terminal_as_it_was_on_an_interrupt),
	    TEST(events_without_a_log_exit_three),
	    TEST(events_have_the_columns_of_the_mib),
	    TEST(since_leaves_out_what_is_older),
	    TEST(all_shows_notes_between_the_events_of_their_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
