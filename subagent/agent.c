/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * agent.c - the process that serves the MIB and hands notifications to the master.
 *
 * It only reads: the board, the events, the socket of the engine.  When the engine is
 * gone it goes on serving the last board.  Its library keeps its root OID, its context
 * and its master for life: when a new board names others, the process ends with
 * DMPD_EXIT_RESTART and is started afresh.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/board.h"
#include "subagent/agent_receiver.h"
#include "subagent/daemon.h"
#include "subagent/mib_root.h"
#include "subagent/mib_table.h"
#include "subagent/news.h"
#include "subagent/receiver_board.h"
#include "subagent/snmp_session.h"

#define DEFAULT_SITE_DIR "/etc/dmports"
#define DEFAULT_AGENTX   "unix:/run/agentx/master"

enum {
	ALIVE_MS = 1000,
	BOARD_POLL_MS = 100,
	BOARD_LATE_MS = 5000, /* then its absence is said */
	DRAIN_MS = 2500,      /* for the last notifications */
	YOUNG_MS = 10000,     /* refused so soon after the start: not at once again */
	REFUSED_PAUSE_MS = 3000
};

struct agent {
	const struct dmpd_options *options;
	struct dmp_board_reader *board;
	struct dmpd_news *news;
	struct dmpd_agent_receiver *receiver;
	struct dmpd_receiver_rows *rows;   /* of all receivers */
	struct dmpd_receiver_board *shown; /* our own, NULL: there is none */
	struct dmp_board_receiver shown_plan;
	struct dmpd_session *session;
	struct dmpd_session_config config;
	struct dmpd_session_listener listener;
	struct dmpd_view view;
	char site_dir[PATH_MAX];
	char agentx[sizeof((struct dmp_board_system *)0)->agentx];
	char context[sizeof((struct dmp_board_system *)0)->context];
	uint32_t root[DMP_ROOT_OID_MAX];
	size_t root_len;
	uint32_t epoch;
	int signal_fd;
	int64_t start_ms;
	int64_t alive_ms;
	bool is_stopping;
	bool is_orphan; /* the supervisor is gone */
	bool is_outdated;
};

static int64_t
agent_now_ms(void)
{
	return dmp_clock_mono_ms(dmp_clock_system());
}

/* --- what the environment says --- */

static int
agent_open_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
agent_check_signals(struct agent *agent)
{
	struct signalfd_siginfo info;

	if (read(agent->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
		agent->is_stopping = true;
}

static void
agent_check_lifeline(struct agent *agent)
{
	char byte;

	if (agent->options->lifeline >= 0 &&
	    recv(agent->options->lifeline, &byte, sizeof byte, MSG_DONTWAIT) == 0)
		agent->is_orphan = true;
}

/* Once per turn: are we still wanted, and say that we are alive. */
static bool
agent_goes_on(struct agent *agent)
{
	int64_t now_ms = agent_now_ms();

	agent_check_signals(agent);
	agent_check_lifeline(agent);
	if (now_ms - agent->alive_ms >= ALIVE_MS) {
		agent->alive_ms = now_ms;
		dmpd_child_alive(agent->options);
	}
	return !agent->is_stopping && !agent->is_orphan && !agent->is_outdated;
}

/* Wait without the library, which is not started yet or is given up. */
static void
agent_pause(const struct agent *agent, int wait_ms)
{
	struct pollfd fds[] = {{.fd = agent->signal_fd, .events = POLLIN},
	    {.fd = agent->options->lifeline, .events = POLLIN}};

	(void)poll(fds, sizeof fds / sizeof *fds, wait_ms);
}

/* --- the board --- */

static const struct dmp_board_system *
agent_system(const struct agent *agent)
{
	return dmp_board_plan(agent->board, DMP_BOARD_SYSTEM, 0);
}

static const char *
agent_board_address(const struct agent *agent, const struct dmp_board_system *system)
{
	if (agent->options->agentx)
		return agent->options->agentx;
	return system->agentx[0] ? system->agentx : DEFAULT_AGENTX;
}

/* Keep what the library is started with. */
static void
agent_adopt(struct agent *agent)
{
	const struct dmp_board_system *system = agent_system(agent);
	const uint32_t *root;

	agent->root_len = dmpd_mib_root(system, &root);
	memcpy(agent->root, root, agent->root_len * sizeof *root);
	dmp_text_copy(
	    agent->agentx, sizeof agent->agentx, agent_board_address(agent, system));
	dmp_text_copy(agent->context, sizeof agent->context, system->context);
	agent->epoch = system->epoch;
}

/* A lower epoch: the engine has lost its memory and numbers its events anew. */
static bool
agent_is_outdated(const struct agent *agent)
{
	const struct dmp_board_system *system = agent_system(agent);
	const uint32_t *root;

	if (dmpd_mib_root(system, &root) != agent->root_len ||
	    memcmp(root, agent->root, agent->root_len * sizeof *root) != 0 ||
	    strcmp(system->context, agent->context) != 0 ||
	    system->epoch < agent->epoch)
		return true;
	return !agent->options->standalone &&
	       strcmp(agent_board_address(agent, system), agent->agentx) != 0;
}

static void
agent_follow_board(struct agent *agent)
{
	if (!dmp_board_refresh(agent->board))
		return;
	if (agent_is_outdated(agent)) {
		agent->is_outdated = true;
		return;
	}
	agent->epoch = agent_system(agent)->epoch;
	if (!agent->options->standalone)
		dmpd_agent_receiver_follow(
		    agent->receiver, agent->board, agent->agentx);
}

static bool
agent_wait_for_board(struct agent *agent)
{
	int64_t late_ms = agent_now_ms() + BOARD_LATE_MS;

	while (agent_goes_on(agent)) {
		enum dmp_status status =
		    dmp_board_reader_open(agent->options->run_dir, &agent->board);

		if (status == DMP_OK)
			return true;
		if (agent_now_ms() >= late_ms) {
			dmp_log(DMP_LOG_WARNING, "agent",
			    "no board in %s: %s, waiting for the engine",
			    agent->options->run_dir, dmp_status_text(status));
			late_ms = INT64_MAX;
		}
		agent_pause(agent, BOARD_POLL_MS);
	}
	return false;
}

/* --- what the session asks and tells --- */

static struct dmpd_view *
agent_view(void *arg)
{
	struct agent *agent = arg;
	const struct dmp_clock *clock = dmp_clock_system();

	agent_follow_board(agent);
	agent->view.board = agent->board;
	agent->view.events = dmpd_news_events(agent->news);
	agent->view.problems = dmpd_news_problems(agent->news);
	agent->view.now_ms = dmp_clock_mono_ms(clock);
	agent->view.receivers = dmpd_receiver_rows_gather(agent->rows, agent->board,
	    dmpd_agent_receiver_row(agent->receiver), agent->view.now_ms,
	    &agent->view.n_receivers);
	agent->view.wall_ms = dmp_clock_wall_ms(clock);
	return &agent->view;
}

static void
agent_on_connected(void *arg, bool is_connected)
{
	struct agent *agent = arg;

	dmpd_agent_receiver_connected(agent->receiver, is_connected, agent_now_ms());
}

static void
agent_on_reply(void *arg, uint32_t ticket, bool is_taken)
{
	struct agent *agent = arg;

	dmpd_agent_receiver_reply(agent->receiver, ticket, is_taken, agent_now_ms());
}

/* --- turns --- */

static int
agent_sooner(int a, int b)
{
	if (a < 0)
		return b;
	return b < 0 || a < b ? a : b;
}

/* For those who look at our board: the receiver, and what became of its last test. */
static void
agent_show(struct agent *agent)
{
	const struct dmpd_receiver_row *row = dmpd_agent_receiver_row(agent->receiver);
	const struct dmp_board_receiver *plan =
	    dmpd_agent_receiver_plan(agent->receiver);
	struct dmp_board_receiver_live live;

	if (!row || !plan)
		return;
	if (!agent->shown || memcmp(plan, &agent->shown_plan, sizeof *plan) != 0) {
		dmpd_receiver_board_free(agent->shown);
		agent->shown = NULL;
		memcpy(&agent->shown_plan, plan, sizeof *plan);
		if (dmpd_receiver_board_new(agent->options->run_dir, DMP_BOARD_AGENT,
		        plan, 1, &agent->shown) != DMP_OK)
			return;
	}
	dmpd_receiver_live(row, dmpd_agent_receiver_last_test(agent->receiver), &live);
	dmpd_receiver_board_write(agent->shown, 0, &live);
	dmpd_receiver_board_beat(agent->shown, agent_now_ms());
}

static void
agent_test(struct agent *agent, const struct dmpd_agent_turn *turn)
{
	const struct dmpd_receiver_row *row = dmpd_agent_receiver_row(agent->receiver);
	char name[DMP_NAME_TEXT];
	uint64_t number;

	if (dmpd_news_test(agent->news, &number, name) && row &&
	    (strcmp(name, "*") == 0 || strcmp(name, row->name) == 0))
		dmpd_agent_receiver_test(agent->receiver, turn, number);
}

static void
agent_turn(struct agent *agent)
{
	int64_t now_ms = agent_now_ms();
	int wait_ms = ALIVE_MS;

	dmpd_news_turn(agent->news, now_ms);
	if (!agent->options->standalone) {
		const struct dmpd_agent_turn turn = {.news = agent->news,
		    .session = agent->session,
		    .view = agent_view(agent),
		    .now_ms = now_ms};

		dmpd_agent_receiver_turn(agent->receiver, &turn);
		agent_test(agent, &turn);
		agent_show(agent);
		wait_ms = agent_sooner(
		    wait_ms, dmpd_agent_receiver_wait_ms(agent->receiver, now_ms));
	} else {
		agent_follow_board(agent);
	}
	wait_ms = agent_sooner(wait_ms, dmpd_news_wait_ms(agent->news, now_ms));
	{
		const int fds[] = {dmpd_news_fd(agent->news), agent->options->lifeline,
		    agent->signal_fd};

		dmpd_session_turn(
		    agent->session, wait_ms, fds, sizeof fds / sizeof *fds);
	}
}

/* Hand over what is known, in at most DRAIN_MS.  False when time ran out. */
static bool
agent_drain(struct agent *agent)
{
	int64_t end_ms = agent_now_ms() + DRAIN_MS;

	agent->signal_fd = -1; /* it was heard */
	dmpd_session_finish(agent->session);
	while (agent_now_ms() < end_ms) {
		agent_turn(agent);
		if (agent->is_outdated ||
		    dmpd_agent_receiver_is_drained(agent->receiver))
			return true;
	}
	return false;
}

/* The master refused us: try again in a fresh process, but not in a tight loop. */
static int
agent_refused(struct agent *agent)
{
	int64_t end_ms = agent_now_ms() + REFUSED_PAUSE_MS;

	if (agent_now_ms() - agent->start_ms > YOUNG_MS)
		return DMPD_EXIT_RESTART;
	while (agent_goes_on(agent) && agent_now_ms() < end_ms)
		agent_pause(agent, BOARD_POLL_MS);
	return agent->is_stopping || agent->is_orphan ? 0 : DMPD_EXIT_RESTART;
}

/* From the start of the library to its end.  Returns the exit status. */
static int
agent_serve(struct agent *agent)
{
	while (agent_goes_on(agent)) {
		if (dmpd_session_must_restart(agent->session))
			return agent_refused(agent);
		agent_turn(agent);
	}
	if (agent->is_outdated) {
		dmp_log(DMP_LOG_NOTICE, "agent",
		    "root OID, context or master have changed, starting afresh");
		return DMPD_EXIT_RESTART;
	}
	if (agent->is_stopping && agent_drain(agent)) {
		dmpd_session_free(agent->session);
		agent->session = NULL;
	}
	return 0;
}

/* --- start --- */

static void
agent_find_site_dir(struct agent *agent)
{
	const char *site = agent->options->site;
	char *slash;

	dmp_text_copy(agent->site_dir, sizeof agent->site_dir,
	    site ? site : DEFAULT_SITE_DIR "/");
	slash = strrchr(agent->site_dir, '/');
	if (slash)
		slash[slash == agent->site_dir] = '\0';
	else
		dmp_text_copy(agent->site_dir, sizeof agent->site_dir, ".");
}

static enum dmp_status
agent_start(struct agent *agent)
{
	const struct dmpd_options *options = agent->options;
	enum dmp_status status;

	agent_adopt(agent);
	agent_find_site_dir(agent);
	if (!options->standalone)
		dmpd_agent_receiver_follow(
		    agent->receiver, agent->board, agent->agentx);
	dmpd_news_turn(agent->news, agent_now_ms());
	agent->config = (struct dmpd_session_config){
	    .agentx = options->standalone ? NULL : agent->agentx,
	    .standalone = options->standalone,
	    .config_dir = agent->site_dir,
	    .state_dir = options->state_dir,
	    .context = agent->context,
	    .root = agent->root,
	    .root_len = agent->root_len,
	};
	agent->listener = (struct dmpd_session_listener){
	    .view = agent_view,
	    .connected = agent_on_connected,
	    .reply = agent_on_reply,
	    .arg = agent,
	};
	status = dmpd_session_new(&agent->config, &agent->listener, &agent->session);
	if (status != DMP_OK)
		dmp_log(DMP_LOG_ERROR, "agent", "cannot serve at %s: %s",
		    options->standalone ? options->standalone : agent->agentx,
		    dmp_status_text(status));
	return status;
}

static enum dmp_status
agent_open(struct agent *agent)
{
	const struct dmpd_options *options = agent->options;
	enum dmp_status status = dmpd_scratch_new(&agent->view.scratch);

	if (status == DMP_OK)
		status = dmpd_news_new(options->state_dir, options->run_dir,
		    DMPD_EVENT_RING_DEFAULT, &agent->news);
	if (status == DMP_OK)
		status = dmpd_receiver_rows_new(options->run_dir, &agent->rows);
	if (status == DMP_OK)
		status = dmpd_agent_receiver_new(options->state_dir, &agent->receiver);
	agent->signal_fd = agent_open_signals();
	if (status == DMP_OK && agent->signal_fd < 0)
		status = DMP_EIO;
	if (status != DMP_OK)
		dmp_log(DMP_LOG_ERROR, "agent", "cannot start: %s",
		    dmp_status_text(status));
	return status;
}

int
dmpd_agent_main(const struct dmpd_options *options)
{
	struct agent agent = {
	    .options = options, .signal_fd = -1, .start_ms = agent_now_ms()};
	int signal_fd;
	int exit_status = 1;

	dmpd_child_setup(options);
	if (agent_open(&agent) != DMP_OK)
		goto done;
	signal_fd = agent.signal_fd;
	exit_status = 0;
	if (agent_wait_for_board(&agent)) {
		exit_status = 1;
		if (agent_start(&agent) == DMP_OK) {
			dmpd_child_ready(options);
			exit_status = agent_serve(&agent);
		}
	}
	(void)close(signal_fd);
done:
	dmpd_agent_receiver_free(agent.receiver);
	dmpd_receiver_board_free(agent.shown);
	dmpd_receiver_rows_free(agent.rows);
	dmpd_news_free(agent.news);
	dmp_board_reader_close(agent.board);
	dmpd_scratch_free(agent.view.scratch);
	return exit_status;
}
