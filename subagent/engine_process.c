/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_process.c - the engine as a process: opens what it needs, runs the loop, loads
 * configurations in a thread of their own.
 *
 * How a reload works: SIGHUP or "reload" on the control socket starts the loader
 * thread, which reads and validates the files, builds the plan and gives it its indices
 * (disk and commits: not for the loop).  The loop is woken by an eventfd and applies
 * the result; a bad configuration changes nothing but dmpConfigStatus, an event and the
 * log.
 */
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "engine/engine.h"
#include "probe/resolve.h"
#include "subagent/control_server.h"
#include "subagent/daemon.h"
#include "subagent/engine_control.h"

enum {
	BEAT_MS = 500,
	STOP_MS = 1000,      /* for the commit of the last event */
	RESERVED_FILES = 64, /* that are not for probes */
	FILES_PER_PROBE = 2,
	MAX_IN_FLIGHT = 4096,
	MAX_RELOAD_CLIENTS = 64,
	VOLATILE_BATCH = 64,
	EXIT_CONFIG = 2
};

/* One load of the configuration: made by the thread, used by the loop after it. */
struct engine_load {
	pthread_t thread;
	bool running;
	bool again; /* asked for while running */
	int done_fd;
	struct dmp_engine_setup *setup; /* NULL: errors tell why */
	struct dmp_text errors;
	bool has_direct; /* direct receivers: a notifier is wanted */
	uint64_t clients[MAX_RELOAD_CLIENTS]; /* that wait for the answer */
	size_t n_clients;
	size_t n_served; /* the first of them, who asked before this load began */
};

struct engine_process {
	const struct dmpd_options *options;
	struct event_base *base;
	struct dmp_resolver *resolver;
	struct dmp_eventlog *log;
	struct dmp_engine *engine;
	struct dmpd_control_server *control;
	struct dmpd_engine_control requests;
	struct engine_load load;
	struct event *events[6];
	size_t n_events;
	bool log_was_failing;
	uint64_t last_test;     /* number of the last test notification */
	uint32_t volatile_sent; /* to all subscribers, up to this sequence */
};

/* --- configuration --- */

static void
engine_log_lines(enum dmp_log_level level, const struct dmp_text *lines)
{
	const char *line = dmp_text_get(lines);

	while (*line) {
		size_t n = strcspn(line, "\n");

		if (n > 0)
			dmp_log(level, "config", "%.*s", (int)n, line);
		line += n + (line[n] == '\n');
	}
}

static bool
engine_has_direct(const struct dmp_site *site)
{
	for (size_t i = 0; i < site->n_receivers; i++) {
		if (site->receivers[i].type != DMP_RECEIVER_AGENTX)
			return true;
	}
	return false;
}

/* Files to a setup.  Blocking. */
static enum dmp_status
engine_load_setup(struct engine_process *p, struct dmp_engine_setup **ret_setup,
    struct dmp_text *errors)
{
	struct dmp_plan *plan = NULL;
	enum dmp_status status =
	    dmp_plan_load(p->options->site, p->options->catalogue, &plan, errors);

	if (status != DMP_OK)
		return status;
	engine_log_lines(DMP_LOG_WARNING, &plan->site->notes);
	p->load.has_direct = engine_has_direct(plan->site);
	status = dmp_engine_prepare(p->log, plan, ret_setup);
	if (status != DMP_OK) {
		dmp_text_printf(errors, "%s: indices cannot be stored: %s\n",
		    p->options->state_dir, dmp_status_text(status));
		dmp_plan_free(plan);
	}
	return status;
}

static void *
engine_load_thread(void *arg)
{
	struct engine_process *p = arg;
	uint64_t one = 1;

	if (engine_load_setup(p, &p->load.setup, &p->load.errors) != DMP_OK)
		p->load.setup = NULL;
	(void)!write(p->load.done_fd, &one, sizeof one);
	return NULL;
}

static void
engine_reload(struct engine_process *p)
{
	sigset_t all;
	sigset_t former;

	if (p->load.running) {
		p->load.again = true;
		return;
	}
	dmp_text_clear(&p->load.errors);
	p->load.setup = NULL;
	p->load.n_served = p->load.n_clients;
	(void)sigfillset(&all); /* signals are the loop's */
	(void)pthread_sigmask(SIG_SETMASK, &all, &former);
	if (pthread_create(&p->load.thread, NULL, engine_load_thread, p) == 0)
		p->load.running = true;
	else
		dmp_log(DMP_LOG_ERROR, "config", "no thread for the reload, ignoring");
	(void)pthread_sigmask(SIG_SETMASK, &former, NULL);
}

/* The first line is what fits on the board and in an event; the log has them all. */
static void
engine_reject(struct engine_process *p)
{
	const char *errors = dmp_text_get(&p->load.errors);
	char first[256];

	dmp_text_format(
	    first, sizeof first, "%.*s", (int)strcspn(errors, "\n"), errors);
	engine_log_lines(DMP_LOG_ERROR, &p->load.errors);
	dmp_log(DMP_LOG_ERROR, "config",
	    "the site file is not valid: the former configuration stays in force");
	dmp_engine_config_rejected(p->engine, first);
	dmp_engine_announce_site(p->engine, DMP_EVENT_CONFIG_REJECTED, first);
}

static void
engine_answer_reload(struct engine_process *p, bool applied)
{
	size_t n_later = p->load.n_clients - p->load.n_served;

	for (size_t i = 0; i < p->load.n_served; i++)
		dmpd_control_answer(p->control, p->load.clients[i], applied,
		    applied ? "applied" : dmp_text_get(&p->load.errors));
	memmove(p->load.clients, p->load.clients + p->load.n_served,
	    n_later * sizeof p->load.clients[0]);
	p->load.n_clients = n_later;
	p->load.n_served = 0;
}

static void
engine_on_loaded(evutil_socket_t fd, short what, void *arg)
{
	struct engine_process *p = arg;
	uint64_t count;
	bool applied = false;

	(void)what;
	(void)!read(fd, &count, sizeof count);
	(void)pthread_join(p->load.thread, NULL);
	p->load.running = false;
	if (p->load.setup &&
	    dmp_engine_apply(p->engine, p->load.setup, &p->load.errors) == DMP_OK) {
		applied = true;
		dmpd_child_wants_notifier(p->options, p->load.has_direct);
		dmp_log(DMP_LOG_INFO, "config", "applied");
		dmp_engine_announce_site(
		    p->engine, DMP_EVENT_CONFIG_APPLIED, "configuration applied");
	} else {
		dmp_engine_setup_free(p->load.setup);
		engine_reject(p);
	}
	p->load.setup = NULL;
	engine_answer_reload(p, applied);
	dmpd_child_ready(p->options);
	if (p->load.again) {
		p->load.again = false;
		engine_reload(p);
	}
}

/* --- control socket --- */

/* Events that are released but not stored: readers cannot find them in the database. */
static void
engine_send_volatile(struct engine_process *p, uint64_t client, uint32_t *sent)
{
	struct dmp_event events[VOLATILE_BATCH];
	size_t n;

	do {
		n = dmp_eventlog_volatile(p->log, *sent, events, VOLATILE_BATCH);
		for (size_t i = 0; i < n; i++) {
			dmpd_control_volatile(p->control, client, &events[i]);
			*sent = events[i].sequence;
		}
	} while (n == VOLATILE_BATCH);
}

static enum dmpd_control_reply
engine_on_control(struct dmpd_control_server *server, uint64_t client, const char *verb,
    const char *words, struct dmp_text *answer, void *arg)
{
	struct engine_process *p = arg;
	uint32_t none_sent = 0;

	if (strcmp(verb, "ping") == 0)
		return DMPD_CONTROL_OK;
	if (strcmp(verb, "subscribe") == 0) {
		engine_send_volatile(p, client, &none_sent);
		return DMPD_CONTROL_OK;
	}
	if (strcmp(verb, "reload") == 0) {
		if (p->load.n_clients == MAX_RELOAD_CLIENTS) {
			dmp_text_append(answer, "too many reloads are waiting");
			return DMPD_CONTROL_ERROR;
		}
		p->load.clients[p->load.n_clients++] = client;
		engine_reload(p);
		return DMPD_CONTROL_LATER;
	}
	if (strcmp(verb, "trap-test") == 0) {
		dmpd_control_test(server, ++p->last_test, *words ? words : "*");
		dmp_text_printf(answer, "%llu", (unsigned long long)p->last_test);
		return DMPD_CONTROL_OK;
	}
	if (dmpd_engine_control_knows(verb))
		return dmpd_engine_control_handle(
		    &p->requests, p->engine, client, verb, words, answer);
	dmp_text_append(answer, "unknown request");
	return DMPD_CONTROL_ERROR;
}

/* --- what the engine tells us --- */

static void
engine_on_released(const struct dmp_eventlog_progress *progress, void *arg)
{
	struct engine_process *p = arg;

	if (progress->replaced)
		dmp_log(DMP_LOG_ERROR, "events", "the database was damaged: %s",
		    progress->error);
	if (progress->failing != p->log_was_failing) {
		dmp_log(progress->failing ? DMP_LOG_ERROR : DMP_LOG_NOTICE, "events",
		    progress->failing
		        ? "cannot be stored: %s; they are sent from memory"
		        : "are stored again%s",
		    progress->failing ? progress->error : "");
		p->log_was_failing = progress->failing;
	}
	engine_send_volatile(p, 0, &p->volatile_sent);
	dmpd_control_released(p->control, progress->released);
	dmpd_engine_control_progress(&p->requests, p->control, progress);
}

static void
engine_on_changed(const char *key, enum dmp_state from, enum dmp_state to,
    const char *detail, void *arg)
{
	(void)arg;
	dmp_log(DMP_LOG_NOTICE, "engine", "%s: %s -> %s: %s", key,
	    dmp_vocab_text(DMP_VOCAB_STATE, (int)from),
	    dmp_vocab_text(DMP_VOCAB_STATE, (int)to), detail);
}

/* --- the loop --- */

static void
engine_on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct engine_process *p = arg;

	(void)fd;
	(void)what;
	dmp_engine_beat(p->engine);
	dmpd_child_alive(p->options);
}

static void
engine_on_hup(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	engine_reload(arg);
}

static void
engine_on_stop(evutil_socket_t fd, short what, void *arg)
{
	struct engine_process *p = arg;

	(void)fd;
	(void)what;
	(void)event_base_loopbreak(p->base);
}

/* The supervisor is gone: so are we. */
static void
engine_on_lifeline(evutil_socket_t fd, short what, void *arg)
{
	char byte;

	(void)what;
	if (recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0)
		engine_on_stop(fd, 0, arg);
}

static enum dmp_status
engine_watch(struct engine_process *p, int fd, short what, event_callback_fn callback,
    const struct timeval *timeout)
{
	struct event *event = event_new(p->base, fd, what | EV_PERSIST, callback, p);

	if (!event)
		return DMP_ENOMEM;
	p->events[p->n_events++] = event;
	return event_add(event, timeout) == 0 ? DMP_OK : DMP_EIO;
}

static enum dmp_status
engine_watch_all(struct engine_process *p)
{
	static const struct timeval BEAT = {.tv_usec = BEAT_MS * 1000};
	enum dmp_status status = engine_watch(p, -1, 0, engine_on_beat, &BEAT);

	if (status == DMP_OK)
		status = engine_watch(p, SIGHUP, EV_SIGNAL, engine_on_hup, NULL);
	if (status == DMP_OK)
		status = engine_watch(p, SIGTERM, EV_SIGNAL, engine_on_stop, NULL);
	if (status == DMP_OK)
		status = engine_watch(p, SIGINT, EV_SIGNAL, engine_on_stop, NULL);
	if (status == DMP_OK)
		status =
		    engine_watch(p, p->load.done_fd, EV_READ, engine_on_loaded, NULL);
	if (status == DMP_OK && p->options->lifeline >= 0)
		status = engine_watch(
		    p, p->options->lifeline, EV_READ, engine_on_lifeline, NULL);
	return status;
}

/* Descriptors bound what can be in flight. */
static uint32_t
engine_max_in_flight(void)
{
	struct rlimit limit;
	uint64_t n = MAX_IN_FLIGHT;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 128;
	limit.rlim_cur = limit.rlim_max;
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > 65536)
		limit.rlim_cur = 65536;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur < RESERVED_FILES + n * FILES_PER_PROBE)
		n = limit.rlim_cur > RESERVED_FILES + FILES_PER_PROBE
		        ? (limit.rlim_cur - RESERVED_FILES) / FILES_PER_PROBE
		        : 1;
	return (uint32_t)n;
}

static struct event_base *
engine_new_base(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base = NULL;

	if (config && event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER) == 0)
		base = event_base_new_with_config(config);
	if (config)
		event_config_free(config);
	return base;
}

/* --- start and stop --- */

static enum dmp_status
engine_open_log(struct engine_process *p, struct dmp_eventlog_start *start,
    struct dmp_problem_set *problems)
{
	struct dmp_text errors = {0};
	enum dmp_status status = dmp_eventlog_open(p->options->state_dir,
	    p->options->run_dir, 0, &p->log, start, problems, &errors);

	if (status != DMP_OK)
		dmp_log(DMP_LOG_ERROR, "events", "%s: %s%s%s", p->options->state_dir,
		    dmp_status_text(status), errors.size ? ": " : "",
		    dmp_text_get(&errors));
	else if (start->message[0])
		dmp_log(DMP_LOG_WARNING, "events", "%s", start->message);
	dmp_text_done(&errors);
	return status;
}

/* What is known of the availability of ports. */
static enum dmp_status
engine_load_sums(struct engine_process *p)
{
	struct dmp_port_sums *sums = NULL;
	size_t n = 0;
	uint32_t hour = (uint32_t)(dmp_clock_wall_ms(dmp_clock_system()) / 3600000);
	enum dmp_status status = dmp_eventlog_port_sums(p->log, hour, &sums, &n);

	if (status == DMP_OK)
		status = dmp_engine_load_sums(p->engine, sums, n);
	free(sums);
	return status;
}

static enum dmp_status
engine_make(struct engine_process *p, const struct dmp_eventlog_start *start,
    struct dmp_problem_set *problems)
{
	struct dmp_engine_config config = {
	    .base = p->base,
	    .clock = dmp_clock_system(),
	    .resolver = p->resolver,
	    .log = p->log,
	    .run_dir = p->options->run_dir,
	    .epoch = start->epoch,
	    .oldest_event = start->oldest_sequence,
	    .last_event = start->last_sequence,
	    .source = start->source,
	    .max_in_flight = engine_max_in_flight(),
	    .released = engine_on_released,
	    .changed = engine_on_changed,
	    .arg = p,
	};
	struct dmp_saved_port *saved = NULL;
	struct dmp_admin_set admins = {0};
	size_t n_saved = 0;
	enum dmp_status status = dmp_eventlog_saved_ports(p->log, &saved, &n_saved);

	(void)!getrandom(&config.seed, sizeof config.seed, GRND_NONBLOCK);
	if (status == DMP_OK)
		status = dmp_eventlog_admins(p->log, &admins);
	if (status == DMP_OK)
		status = dmp_engine_new(&config, problems, saved, n_saved, &p->engine);
	if (status == DMP_OK)
		dmp_engine_load_admin(p->engine, &admins);
	if (status == DMP_OK)
		status = engine_load_sums(p);
	dmp_admin_done(&admins);
	free(saved);
	return status;
}

/* Everything up to the first plan in force.  Returns the exit status, 0 = go on. */
static int
engine_open(struct engine_process *p)
{
	struct dmp_eventlog_start start;
	struct dmp_problem_set problems = {0};
	struct dmp_engine_setup *setup = NULL;
	struct dmp_text errors = {0};
	int exit_status = EXIT_FAILURE;
	enum dmp_status status;

	p->base = engine_new_base();
	p->load.done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!p->base || p->load.done_fd < 0 ||
	    dmp_resolver_new(p->base, dmp_clock_system(), NULL, &p->resolver) !=
	        DMP_OK ||
	    engine_open_log(p, &start, &problems) != DMP_OK)
		goto done;
	status = engine_load_setup(p, &setup, &errors);
	if (status != DMP_OK) {
		/* What may pass (a full disk, no memory) is tried again. */
		if (status != DMP_EIO && status != DMP_ENOMEM && status != DMP_EBUSY)
			exit_status = EXIT_CONFIG;
		goto done;
	}
	if (engine_make(p, &start, &problems) != DMP_OK ||
	    dmpd_control_server_new(p->base, p->options->run_dir, engine_on_control, p,
	        &p->control) != DMP_OK ||
	    engine_watch_all(p) != DMP_OK)
		goto done;
	if (dmp_engine_apply(p->engine, setup, &errors) != DMP_OK)
		goto done;
	setup = NULL;
	dmpd_child_wants_notifier(p->options, p->load.has_direct);
	dmp_engine_announce_site(
	    p->engine, DMP_EVENT_STARTED, "dmports " DMP_VERSION " has started");
	exit_status = 0;
done:
	engine_log_lines(DMP_LOG_ERROR, &errors);
	if (exit_status == EXIT_FAILURE && errors.size == 0)
		dmp_log(DMP_LOG_ERROR, "engine", "cannot start: %s", strerror(errno));
	dmp_text_done(&errors);
	dmp_engine_setup_free(setup);
	dmp_problem_done(&problems);
	return exit_status;
}

static void
engine_close(struct engine_process *p)
{
	if (p->load.running)
		(void)pthread_join(p->load.thread, NULL);
	dmp_engine_setup_free(p->load.setup);
	dmp_text_done(&p->load.errors);
	dmp_engine_free(p->engine);
	dmpd_control_server_free(p->control);
	dmp_eventlog_close(p->log, STOP_MS);
	dmp_resolver_free(p->resolver);
	for (size_t i = 0; i < p->n_events; i++)
		event_free(p->events[i]);
	if (p->base)
		event_base_free(p->base);
	if (p->load.done_fd >= 0)
		(void)close(p->load.done_fd);
}

/* Record that we stop and run the loop until that is released, so that the agent can
 * hand it over; a disk that hangs costs STOP_MS. */
static void
engine_say_goodbye(struct engine_process *p)
{
	const struct dmp_clock *clock = dmp_clock_system();
	int64_t end_ms = dmp_clock_mono_ms(clock) + STOP_MS;

	dmp_engine_announce_site(
	    p->engine, DMP_EVENT_STOPPING, "dmports stops: it was asked to");
	while (!dmp_engine_all_released(p->engine) && dmp_clock_mono_ms(clock) < end_ms)
		(void)event_base_loop(p->base, EVLOOP_ONCE);
	(void)event_base_loop(p->base, EVLOOP_NONBLOCK); /* the socket's last words */
}

int
dmpd_engine_main(const struct dmpd_options *options)
{
	struct engine_process p = {.options = options, .load.done_fd = -1};
	int exit_status;

	dmpd_child_setup(options);
	/* Never used twice, also not by the engine after this one. */
	p.last_test = (uint64_t)dmp_clock_wall_ms(dmp_clock_system());
	exit_status = engine_open(&p);
	if (exit_status == 0) {
		dmpd_child_ready(options);
		(void)event_base_dispatch(p.base);
		engine_say_goodbye(&p);
	}
	engine_close(&p);
	return exit_status;
}
