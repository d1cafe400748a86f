/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * agentx_engine.c - stands in for the engine: a board, an event log, a control socket.
 *
 *   agentx_engine STATE RUN [key=value ...]    keys: root, context, heartbeat, ports,
 *                                              receiver (once for each)
 *
 * receiver=name=noc;kind=3;version=2;address=127.0.0.1;... is a row of the board, by
 * the names of RECEIVER_FIELDS below; the AgentX master is there while no other is.
 *
 * It obeys lines on standard input and answers each with one line, "expect" with many
 * and a final ".":
 *   kind TYPE SEVERITY   of the events posted from now on  -> ok
 *   test NUMBER NAME     ask for a test notification        -> ok
 *   post N          post N events and release them        -> posted FIRST LAST
 *   volatile SEQ    tell subscribers an event that is not stored -> ok
 *   publish [key=value]  a new board                      -> ok
 *   expect          walk the tables                       -> OID TYPE VALUE ... .
 *   quit
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "engine/board.h"
#include "engine/control.h"
#include "engine/eventlog.h"
#include "subagent/mib_table.h"

enum { CLIENTS = 8, RECEIVERS = 8, BEAT_MS = 200 };

static struct {
	const char *state_dir;
	const char *run_dir;
	struct dmp_board *board;
	struct dmp_eventlog *log;
	struct dmp_eventlog_start start;
	uint32_t root[DMP_ROOT_OID_MAX];
	uint32_t root_len;
	char context[64];
	uint32_t heartbeat_ms;
	uint32_t ports;
	struct dmp_board_receiver receivers[RECEIVERS];
	uint32_t n_receivers;
	enum dmp_event_type type;
	enum dmp_severity severity;
	uint32_t posted;
	uint32_t released;
	int listener;
	int clients[CLIENTS];
} stage;

static void
die(const char *what)
{
	fprintf(stderr, "agentx_engine: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
set_root(const char *text)
{
	char *end;

	for (stage.root_len = 0; *text && stage.root_len < DMP_ROOT_OID_MAX;
	     text = *end ? end + 1 : end)
		stage.root[stage.root_len++] = (uint32_t)strtoul(text, &end, 10);
}

#define TEXT(key, member)                                                              \
	{                                                                              \
		key, offsetof(struct dmp_board_receiver, member),                      \
		    sizeof(((struct dmp_board_receiver *)0)->member), true             \
	}
#define NUMBER(key, member)                                                            \
	{                                                                              \
		key, offsetof(struct dmp_board_receiver, member),                      \
		    sizeof(((struct dmp_board_receiver *)0)->member), false            \
	}
static const struct {
	const char *key;
	size_t offset;
	size_t size;
	bool is_text;
} RECEIVER_FIELDS[] = {TEXT("name", name), TEXT("address", address),
    TEXT("source", source), TEXT("community", community_file), TEXT("user", user),
    TEXT("auth", auth), TEXT("auth-file", auth_file), TEXT("priv", priv),
    TEXT("priv-file", priv_file), TEXT("engine", engine_id), NUMBER("kind", kind),
    NUMBER("version", version), NUMBER("min-rank", min_rank), NUMBER("kinds", kinds),
    NUMBER("agent-address", agent_address), NUMBER("port", port)};

static void
set_receiver_field(struct dmp_board_receiver *receiver, char *field)
{
	char *value = strchr(field, '=');

	if (!value)
		die(field);
	*value++ = '\0';
	for (size_t i = 0; i < sizeof RECEIVER_FIELDS / sizeof *RECEIVER_FIELDS; i++) {
		char *at = (char *)receiver + RECEIVER_FIELDS[i].offset;
		unsigned long number = strtoul(value, NULL, 10);
		const uint16_t wide = (uint16_t)number;

		if (strcmp(RECEIVER_FIELDS[i].key, field) != 0)
			continue;
		if (RECEIVER_FIELDS[i].is_text)
			dmp_text_copy(at, RECEIVER_FIELDS[i].size, value);
		else if (RECEIVER_FIELDS[i].size == 1)
			*(uint8_t *)at = (uint8_t)number;
		else
			memcpy(at, &wide, sizeof wide);
		return;
	}
	die(field);
}

/* "name=noc;kind=3": one more, or another description of the one of this name. */
static void
set_receiver(const char *text)
{
	struct dmp_board_receiver receiver = {.version = 2};
	char copy[1024];
	char *next = copy;
	uint32_t row = 0;

	dmp_text_copy(copy, sizeof copy, text);
	while (next) {
		char *field = next;

		next = strchr(next, ';');
		if (next)
			*next++ = '\0';
		set_receiver_field(&receiver, field);
	}
	receiver.filtered = receiver.min_rank > 0 || receiver.kinds > 0;
	while (row < stage.n_receivers &&
	       strcmp(stage.receivers[row].name, receiver.name) != 0)
		row++;
	if (row == RECEIVERS)
		die("too many receivers");
	receiver.index = 10 + row;
	stage.receivers[row] = receiver;
	if (row == stage.n_receivers)
		stage.n_receivers++;
}

static void
set_option(const char *option)
{
	const char *value = strchr(option, '=');

	if (!value)
		die(option);
	value++;
	if (strncmp(option, "root=", 5) == 0)
		set_root(value);
	else if (strncmp(option, "context=", 8) == 0)
		dmp_text_copy(stage.context, sizeof stage.context, value);
	else if (strncmp(option, "heartbeat=", 10) == 0)
		stage.heartbeat_ms = (uint32_t)strtoul(value, NULL, 10);
	else if (strncmp(option, "receiver=", 9) == 0)
		set_receiver(option + 9);
	else if (strncmp(option, "ports=", 6) == 0)
		stage.ports = (uint32_t)strtoul(value, NULL, 10);
	else
		die(option);
}

/* --- board --- */

static void
fill_port(struct dmp_board *board, uint32_t row)
{
	struct dmp_board_port *plan = dmp_board_plan_row(board, DMP_BOARD_PORT, row);
	struct dmp_board_port_live live = {.change_ms = INT64_MIN,
	    .check_ms = INT64_MIN,
	    .latency_us = row + 1,
	    .checks = 4000000000u + row,
	    .state = DMP_STATE_UP,
	    .reason = DMP_REASON_ANSWERED,
	    .severity = DMP_SEVERITY_CLEARED,
	    .suppressed = DMP_SUPPRESSED_NONE,
	    .admin = DMP_ADMIN_ENABLED,
	    .tls_days_left = -3};

	plan->index = row * 3 + 1;
	plan->host_index = 1;
	plan->requirement_index = 3;
	plan->number = (uint16_t)(8000 + row);
	plan->transport = DMP_TRANSPORT_TCP;
	plan->level = DMP_LEVEL_REQUIRED;
	dmp_text_format(plan->key, sizeof plan->key, "dma1/test-%u", row);
	dmp_text_copy(plan->host_name, sizeof plan->host_name, "dma1");
	dmp_text_copy(plan->service, sizeof plan->service, "remoting");
	dmp_text_copy(live.address, sizeof live.address, "192.0.2.11");
	dmp_text_format(live.detail, sizeof live.detail, "port %u answers", row);
	dmp_board_write(board, DMP_BOARD_PORT, row, &live);
}

static void
fill_system(struct dmp_board *board)
{
	struct dmp_board_system *plan = dmp_board_plan_row(board, DMP_BOARD_SYSTEM, 0);
	struct dmp_board_system_live live = {.change_ms = INT64_MIN,
	    .config_status = DMP_CONFIG_OK,
	    .required_ports = stage.ports,
	    .required_up = stage.ports,
	    .last_event = stage.released};

	dmp_text_copy(plan->software_version, sizeof plan->software_version, "test");
	dmp_text_copy(plan->site_name, sizeof plan->site_name, "North");
	dmp_text_copy(plan->vantage, sizeof plan->vantage, "noc1");
	dmp_text_copy(plan->source, sizeof plan->source, "North/noc1");
	dmp_text_copy(plan->context, sizeof plan->context, stage.context);
	plan->epoch = stage.start.epoch;
	plan->heartbeat_ms = stage.heartbeat_ms;
	plan->root_oid_len = stage.root_len;
	memcpy(plan->root_oid, stage.root, sizeof plan->root_oid);
	dmp_board_write(board, DMP_BOARD_SYSTEM, 0, &live);
}

static void
publish(void)
{
	const uint32_t n[DMP_BOARD_SECTIONS] = {[DMP_BOARD_SYSTEM] = 1,
	    [DMP_BOARD_REQUIREMENT] = 1,
	    [DMP_BOARD_HOST] = 1,
	    [DMP_BOARD_PORT] = stage.ports,
	    [DMP_BOARD_RECEIVER] = stage.n_receivers ? stage.n_receivers : 1};
	struct dmp_board *board = NULL;
	struct dmp_board_requirement *requirement;
	struct dmp_board_host *host;
	struct dmp_board_receiver *receiver;

	if (dmp_board_create(stage.run_dir, n, &board) != DMP_OK)
		die("board");
	fill_system(board);
	requirement = dmp_board_plan_row(board, DMP_BOARD_REQUIREMENT, 0);
	requirement->index = 3;
	dmp_text_copy(requirement->key, sizeof requirement->key, "remoting");
	host = dmp_board_plan_row(board, DMP_BOARD_HOST, 0);
	host->index = 1;
	dmp_text_copy(host->name, sizeof host->name, "dma1");
	for (uint32_t row = 0; row < stage.ports; row++)
		fill_port(board, row);
	receiver = dmp_board_plan_row(board, DMP_BOARD_RECEIVER, 0);
	receiver->index = 7;
	receiver->kind = 1;
	dmp_text_copy(receiver->name, sizeof receiver->name, "agentx");
	for (uint32_t row = 0; row < stage.n_receivers; row++)
		memcpy(dmp_board_plan_row(board, DMP_BOARD_RECEIVER, row),
		    &stage.receivers[row], sizeof stage.receivers[row]);
	dmp_board_beat(board, dmp_clock_mono_ms(dmp_clock_system()));
	if (dmp_board_publish(board) != DMP_OK)
		die("publish");
	dmp_board_close(stage.board);
	stage.board = board;
}

/* --- control socket --- */

static void
open_control(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	dmp_text_format(address.sun_path, sizeof address.sun_path, "%s/%s",
	    stage.run_dir, DMP_CONTROL_SOCKET);
	(void)unlink(address.sun_path);
	stage.listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (stage.listener < 0 ||
	    bind(stage.listener, (struct sockaddr *)&address, sizeof address) != 0 ||
	    listen(stage.listener, CLIENTS) != 0)
		die(address.sun_path);
}

static void
tell(int fd, const char *line)
{
	size_t n = strlen(line);

	if (fd >= 0 && write(fd, line, n) != (ssize_t)n)
		fprintf(stderr, "agentx_engine: a subscriber is gone\n");
}

static void
tell_all(const char *line)
{
	for (int i = 0; i < CLIENTS; i++) {
		char byte;

		/* Those that have hung up make room for others. */
		if (stage.clients[i] >= 0 &&
		    recv(stage.clients[i], &byte, 1, MSG_DONTWAIT) == 0) {
			(void)close(stage.clients[i]);
			stage.clients[i] = -1;
		}
		tell(stage.clients[i], line);
	}
}

static void
tell_released(int fd)
{
	char line[32];

	dmp_text_format(line, sizeof line, "event %u\n", stage.released);
	if (fd >= 0)
		tell(fd, line);
	else
		tell_all(line);
}

static void
accept_client(void)
{
	char request[64];
	int fd = accept(stage.listener, NULL, NULL);

	if (fd < 0 || read(fd, request, sizeof request) <= 0)
		die("accept");
	for (int i = 0; i < CLIENTS; i++) {
		if (stage.clients[i] >= 0)
			continue;
		stage.clients[i] = fd;
		tell_released(fd);
		return;
	}
	die("too many subscribers");
}

/* --- events --- */

static void
fill_event(struct dmp_event *event)
{
	*event = (struct dmp_event){.state = DMP_STATE_DOWN,
	    .previous_state = DMP_STATE_UP,
	    .severity = stage.severity,
	    .reason = DMP_REASON_REFUSED,
	    .level = DMP_LEVEL_REQUIRED,
	    .transport = DMP_TRANSPORT_TCP,
	    .port = 8004,
	    .port_index = 1,
	    .host_index = 1,
	    .type = stage.type,
	    .time_ms = dmp_clock_wall_ms(dmp_clock_system())};
	dmp_text_copy(event->source, sizeof event->source, "North/noc1");
	dmp_text_copy(event->host_name, sizeof event->host_name, "dma1");
	dmp_text_copy(event->address, sizeof event->address, "192.0.2.11");
	dmp_text_copy(event->service, sizeof event->service, "remoting");
}

static void
collect(void)
{
	struct dmp_eventlog_progress progress;

	dmp_eventlog_collect(stage.log, &progress);
	if (progress.released == stage.released)
		return;
	stage.released = progress.released;
	tell_released(-1);
}

static void
post(uint32_t n)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct dmp_event event;

		fill_event(&event);
		dmp_text_format(
		    event.key, sizeof event.key, "dma1/test-%u", stage.posted++ % 100);
		dmp_text_format(event.message, sizeof event.message, "message %u of %s",
		    stage.posted, event.key);
		if (dmp_eventlog_post(stage.log, &event) != DMP_OK)
			die("post");
		if (first == 0)
			first = event.sequence;
	}
	while (stage.released < first + n - 1) {
		struct pollfd fd = {.fd = dmp_eventlog_fd(stage.log), .events = POLLIN};

		(void)poll(&fd, 1, 1000);
		collect();
	}
	printf("posted %u %u\n", first, stage.released);
}

static void
tell_volatile(uint32_t sequence)
{
	struct dmp_text line = {0};
	struct dmp_event event;

	fill_event(&event);
	event.sequence = sequence;
	event.epoch = stage.start.epoch;
	dmp_text_format(event.key, sizeof event.key, "dma1/volatile");
	dmp_text_append(&line, "volatile ");
	dmp_control_encode_event(&event, &line);
	dmp_text_append(&line, "\n");
	tell_all(dmp_text_get(&line));
	dmp_text_done(&line);
	printf("ok\n");
}

/* --- what the tables hold --- */

static void
print_object(const uint32_t *oid, size_t len, const struct dmpd_value *value)
{
	for (size_t i = 0; i < len; i++)
		printf("%s%u", i ? "." : "", oid[i]);
	printf(" %d ", (int)value->type);
	if (value->type == DMPD_OCTETS)
		printf("%.*s\n", (int)value->size, value->text);
	else
		printf("%" PRId64 "\n", value->number);
}

static void
expect(void)
{
	struct dmpd_view view = {.now_ms = dmp_clock_mono_ms(dmp_clock_system())};
	struct dmp_eventlog_reader *reader = NULL;
	struct dmpd_event_ring *events = NULL;
	struct dmp_problem_set problems = {0};
	struct dmp_event *event = calloc(1, sizeof *event);
	struct dmpd_value value;
	uint32_t oid[DMPD_OID_MAX];
	uint32_t as_of;
	size_t len = 0;
	size_t n;

	if (!event || dmpd_scratch_new(&view.scratch) != DMP_OK ||
	    dmpd_event_ring_new(DMPD_EVENT_RING_DEFAULT, &events) != DMP_OK ||
	    dmp_board_reader_open(stage.run_dir, &view.board) != DMP_OK ||
	    dmp_eventlog_reader_open(stage.state_dir, &reader) != DMP_OK ||
	    dmp_eventlog_problems(reader, &problems, &as_of) != DMP_OK)
		die("expect");
	while (dmp_eventlog_read(reader, event->sequence, event, 1, &n) == DMP_OK && n)
		(void)!dmpd_event_ring_add(events, event);
	view.events = events;
	view.problems = &problems;
	view.wall_ms = dmp_clock_wall_ms(dmp_clock_system());
	dmpd_mib_begin(&view);
	while (dmpd_mib_next(&view, oid, len, oid, &len, &value) == DMPD_FOUND)
		print_object(oid, len, &value);
	printf(".\n");
	dmp_problem_done(&problems);
	dmp_eventlog_reader_close(reader);
	dmp_board_reader_close(view.board);
	dmpd_event_ring_free(events);
	dmpd_scratch_free(view.scratch);
	free(event);
}

/* --- commands --- */

static void
set_kind(const char *text)
{
	char *end;

	stage.type = (enum dmp_event_type)strtoul(text, &end, 10);
	stage.severity = (enum dmp_severity)strtoul(end, NULL, 10);
	printf("ok\n");
}

static void
tell_test(const char *words)
{
	char line[128];

	dmp_text_format(line, sizeof line, "test %s\n", words);
	tell_all(line);
	printf("ok\n");
}

static bool
obey(char *line)
{
	char *argument = strchr(line, ' ');

	line[strcspn(line, "\n")] = '\0';
	if (argument)
		*argument++ = '\0';
	if (strcmp(line, "post") == 0 && argument) {
		post((uint32_t)strtoul(argument, NULL, 10));
	} else if (strcmp(line, "volatile") == 0 && argument) {
		tell_volatile((uint32_t)strtoul(argument, NULL, 10));
	} else if (strcmp(line, "kind") == 0 && argument) {
		set_kind(argument);
	} else if (strcmp(line, "test") == 0 && argument) {
		tell_test(argument);
	} else if (strcmp(line, "publish") == 0) {
		if (argument)
			set_option(argument);
		publish();
		printf("ok\n");
	} else if (strcmp(line, "expect") == 0) {
		expect();
	} else {
		return false;
	}
	return fflush(stdout) == 0;
}

static void
run(void)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
	    {.fd = stage.listener, .events = POLLIN},
	    {.fd = dmp_eventlog_fd(stage.log), .events = POLLIN}};
	char line[1280];

	for (;;) {
		(void)poll(fds, 3, BEAT_MS);
		dmp_board_beat(stage.board, dmp_clock_mono_ms(dmp_clock_system()));
		if (fds[1].revents)
			accept_client();
		if (fds[2].revents)
			collect();
		if (fds[0].revents && (!fgets(line, sizeof line, stdin) || !obey(line)))
			return;
	}
}

int
main(int argc, char **argv)
{
	struct dmp_problem_set problems = {0};
	struct dmp_text errors = {0};

	if (argc < 3)
		die("usage");
	(void)signal(SIGPIPE, SIG_IGN);
	/* poll() does not see what stdio has read ahead. */
	(void)setvbuf(stdin, NULL, _IONBF, 0);
	stage.state_dir = argv[1];
	stage.run_dir = argv[2];
	stage.ports = 5;
	stage.type = DMP_EVENT_PORT_DOWN;
	stage.severity = DMP_SEVERITY_CRITICAL;
	for (int i = 0; i < CLIENTS; i++)
		stage.clients[i] = -1;
	for (int i = 3; i < argc; i++)
		set_option(argv[i]);
	if (dmp_eventlog_open(stage.state_dir, stage.run_dir, 0, &stage.log,
	        &stage.start, &problems, &errors) != DMP_OK)
		die(dmp_text_get(&errors));
	stage.released = stage.start.last_sequence;
	publish();
	open_control();
	printf("ready %u\n", stage.start.epoch);
	(void)fflush(stdout);
	run();
	dmp_eventlog_close(stage.log, 1000);
	dmp_board_close(stage.board);
	dmp_problem_done(&problems);
	dmp_text_done(&errors);
	return 0;
}
