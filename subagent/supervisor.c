/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * supervisor.c - the main process: starts the others, restarts each with back-off,
 * forwards signals, speaks sd_notify.  No network, no secrets, no configuration.
 *
 * How it works: signals are blocked but for the time in ppoll(); a child is known by
 * its pid and its lifeline.  A stop goes down the stream: first the engine, which
 * commits dmpStopping, then the agent and the notifier, which hand it over.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "subagent/daemon.h"

enum {
	BACKOFF_MIN_MS = 100,
	BACKOFF_MAX_MS = 5000,
	STEADY_MS = 10000, /* a child that lived so long starts at the minimum again */
	SILENT_MS = 60000, /* library stalls are a fact: no child is killed sooner */
	STOP_ENGINE_MS = 2000, /* to commit its last event */
	STOP_AGENT_MS = 3000,  /* to hand it over */
	EXIT_CONFIG = 2,
	MAX_ARGS = 24
};

struct supervisor_child {
	const char *name;
	pid_t pid; /* 0 = not running */
	int lifeline;
	int64_t started_ms;
	int64_t heard_ms;
	int64_t restart_ms; /* when to start it again */
	uint32_t backoff_ms;
	bool is_ready;
	bool was_ready; /* this one, or one before it */
	bool is_wanted;
};

struct supervisor {
	const struct dmpd_options *options;
	struct supervisor_child children[3]; /* in the order of their start */
	sigset_t wait_mask;                  /* signals let in while waiting */
	int ready_fd; /* the foreground process waits there, -1 = none */
	bool told_ready;
	int exit_status;
};

enum { ENGINE = 0, AGENT = 1, NOTIFIER = 2, CHILDREN = 3 };

static volatile sig_atomic_t got_hup;
static volatile sig_atomic_t got_stop;

static void
on_signal(int signo)
{
	if (signo == SIGHUP)
		got_hup = 1;
	else if (signo != SIGCHLD)
		got_stop = 1;
}

static int64_t
now_ms(void)
{
	return dmp_clock_mono_ms(dmp_clock_system());
}

/* sd_notify(3), without the library: one datagram to $NOTIFY_SOCKET. */
static void
supervisor_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t n = path ? strlen(path) : 0;
	int fd;

	if (n < 2 || n >= sizeof address.sun_path || (*path != '/' && *path != '@'))
		return;
	memcpy(address.sun_path, path, n);
	if (*path == '@') /* the abstract namespace */
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (const struct sockaddr *)&address,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	(void)close(fd);
}

/* The command line of a child: ours, and who it is. */
static void
supervisor_exec(const struct dmpd_options *o, const char *process, int lifeline)
{
	char number[16];
	const char *args[MAX_ARGS] = {o->program, "-f", "--process", process,
	    "--lifeline", number, "--state-dir", o->state_dir, "--run-dir", o->run_dir};
	size_t n = 10;
	const char *const optional[][2] = {{"-c", o->site},
	    {"--catalogue", o->catalogue}, {"--agentx", o->agentx},
	    {"--standalone", o->standalone}};

	dmp_text_format(number, sizeof number, "%d", lifeline);
	for (size_t i = 0; i < sizeof optional / sizeof optional[0]; i++) {
		if (optional[i][1]) {
			args[n++] = optional[i][0];
			args[n++] = optional[i][1];
		}
	}
	if (o->log_level == DMP_LOG_DEBUG)
		args[n++] = "-v";
	args[n] = NULL;
	(void)execv("/proc/self/exe", (char *const *)args);
	_exit(127);
}

static void
supervisor_retry_later(struct supervisor_child *child)
{
	child->restart_ms = now_ms() + child->backoff_ms;
	child->backoff_ms *= 2;
	if (child->backoff_ms > BACKOFF_MAX_MS)
		child->backoff_ms = BACKOFF_MAX_MS;
}

static void
supervisor_start(struct supervisor *s, struct supervisor_child *child)
{
	int ends[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
		supervisor_retry_later(child);
		return;
	}
	pid = fork();
	if (pid == 0) {
		/* Ctrl-C is for us alone: we stop the others one after the other. */
		(void)setpgid(0, 0);
		(void)fcntl(ends[1], F_SETFD, 0); /* survives the exec */
		supervisor_exec(s->options, child->name, ends[1]);
	}
	(void)close(ends[1]);
	if (pid < 0) {
		dmp_log(DMP_LOG_ERROR, "supervisor", "%s cannot be started: %s",
		    child->name, strerror(errno));
		(void)close(ends[0]);
		supervisor_retry_later(child);
		return;
	}
	child->pid = pid;
	child->is_ready = false;
	child->lifeline = ends[0];
	child->started_ms = now_ms();
	child->heard_ms = child->started_ms;
}

static void
supervisor_tell_ready(struct supervisor *s)
{
	supervisor_notify("READY=1");
	if (s->told_ready)
		return;
	s->told_ready = true;
	dmp_log(DMP_LOG_INFO, "supervisor", "ready");
	if (s->ready_fd >= 0) {
		(void)!write(s->ready_fd, "", 1);
		(void)close(s->ready_fd);
		s->ready_fd = -1;
	}
}

/* One that is not wanted any more is asked to end, and nobody waits for it. */
static void
supervisor_want(struct supervisor_child *child, bool is_wanted)
{
	if (!is_wanted && child->is_wanted && child->pid != 0)
		(void)kill(child->pid, SIGTERM);
	child->is_wanted = is_wanted;
}

static void
supervisor_hear(struct supervisor *s, struct supervisor_child *child)
{
	char message[512];
	ssize_t n;

	while ((n = recv(child->lifeline, message, sizeof message - 1, MSG_DONTWAIT)) >
	       0) {
		message[n] = '\0';
		child->heard_ms = now_ms();
		if (strcmp(message, "READY") == 0) {
			child->is_ready = true;
			child->was_ready = true;
			if (child == &s->children[ENGINE])
				supervisor_tell_ready(s);
		} else if (strncmp(message, "NOTIFIER=", 9) == 0) {
			supervisor_want(&s->children[NOTIFIER], message[9] == '1');
		}
	}
}

static void
supervisor_log_end(const struct supervisor_child *child, int status)
{
	if (WIFSIGNALED(status))
		dmp_log(DMP_LOG_ERROR, "supervisor", "%s (pid %ld) was killed by %s",
		    child->name, (long)child->pid, strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != DMPD_EXIT_RESTART)
		dmp_log(DMP_LOG_ERROR, "supervisor",
		    "%s (pid %ld) ended with status %d", child->name, (long)child->pid,
		    WEXITSTATUS(status));
}

static void
supervisor_ended(struct supervisor *s, struct supervisor_child *child, int status)
{
	bool asked = WIFEXITED(status) && WEXITSTATUS(status) == DMPD_EXIT_RESTART;

	supervisor_hear(s, child);
	supervisor_log_end(child, status);
	(void)close(child->lifeline);
	child->lifeline = -1;
	child->pid = 0;
	/* A configuration that was never accepted is the operator's to mend. */
	if (child == &s->children[ENGINE] && !child->was_ready && WIFEXITED(status) &&
	    WEXITSTATUS(status) == EXIT_CONFIG) {
		s->exit_status = EXIT_CONFIG;
		got_stop = 1;
		return;
	}
	if (asked || now_ms() - child->started_ms >= STEADY_MS)
		child->backoff_ms = BACKOFF_MIN_MS;
	supervisor_retry_later(child);
}

static void
supervisor_reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (size_t i = 0; i < CHILDREN; i++) {
			if (s->children[i].pid == pid)
				supervisor_ended(s, &s->children[i], status);
		}
	}
}

/* Start what is due, kill what is silent. */
static void
supervisor_tend(struct supervisor *s)
{
	int64_t now = now_ms();

	for (size_t i = 0; i < CHILDREN; i++) {
		struct supervisor_child *child = &s->children[i];

		if (child->pid == 0 && child->is_wanted && now >= child->restart_ms)
			supervisor_start(s, child);
		else if (child->pid != 0 && now - child->heard_ms > SILENT_MS) {
			dmp_log(DMP_LOG_ERROR, "supervisor",
			    "%s was silent for %d s: killed, to be started afresh",
			    child->name, SILENT_MS / 1000);
			child->heard_ms = now;
			(void)kill(child->pid, SIGKILL);
		}
	}
}

/* Wait for messages, signals or at most wait_ms. */
static void
supervisor_wait(struct supervisor *s, int64_t wait_ms)
{
	struct pollfd fds[CHILDREN];
	struct timespec timeout = {
	    .tv_sec = (time_t)(wait_ms / 1000), .tv_nsec = wait_ms % 1000 * 1000000};

	for (size_t i = 0; i < CHILDREN; i++)
		fds[i] = (struct pollfd){
		    .fd = s->children[i].pid ? s->children[i].lifeline : -1,
		    .events = POLLIN};
	if (ppoll(fds, CHILDREN, &timeout, &s->wait_mask) > 0) {
		bool hung_up = false;

		for (size_t i = 0; i < CHILDREN; i++) {
			if (fds[i].revents)
				supervisor_hear(s, &s->children[i]);
			hung_up |= (fds[i].revents & POLLHUP) != 0;
		}
		if (hung_up) /* its end will be reaped in a moment: no busy loop */
			(void)ppoll(NULL, 0, &(struct timespec){.tv_nsec = 1000000},
			    &s->wait_mask);
	}
	supervisor_reap(s);
}

static void
supervisor_loop(struct supervisor *s)
{
	int64_t watchdog_ms = 0;

	while (!got_stop) {
		supervisor_tend(s);
		supervisor_wait(s, BACKOFF_MIN_MS);
		/* While it starts it may have read the old file already, and is deaf.
		 */
		if (got_hup && s->children[ENGINE].pid != 0 &&
		    s->children[ENGINE].is_ready) {
			got_hup = 0;
			supervisor_notify("RELOADING=1");
			(void)kill(s->children[ENGINE].pid, SIGHUP);
		}
		if (now_ms() - watchdog_ms >= 1000) {
			watchdog_ms = now_ms();
			supervisor_notify("WATCHDOG=1");
		}
	}
}

static size_t
supervisor_running(const struct supervisor *s, size_t first, size_t last)
{
	size_t n = 0;

	for (size_t i = first; i <= last; i++)
		n += s->children[i].pid != 0;
	return n;
}

/* Ask children to stop, all at once; kill who has not within the time. */
static void
supervisor_stop_children(struct supervisor *s, size_t first, size_t last, int patience)
{
	int64_t end_ms = now_ms() + patience;

	for (size_t i = first; i <= last; i++) {
		if (s->children[i].pid != 0)
			(void)kill(s->children[i].pid, SIGTERM);
	}
	while (supervisor_running(s, first, last) > 0 && now_ms() < end_ms)
		supervisor_wait(s, 20);
	for (size_t i = first; i <= last; i++) {
		if (s->children[i].pid == 0)
			continue;
		dmp_log(DMP_LOG_WARNING, "supervisor",
		    "%s did not stop in time: killed", s->children[i].name);
		(void)kill(s->children[i].pid, SIGKILL);
	}
	while (supervisor_running(s, first, last) > 0)
		supervisor_wait(s, 20);
}

static void
supervisor_catch_signals(struct supervisor *s)
{
	static const int SIGNALS[] = {SIGHUP, SIGTERM, SIGINT, SIGCHLD};
	struct sigaction action = {.sa_handler = on_signal};
	sigset_t blocked;

	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < sizeof SIGNALS / sizeof SIGNALS[0]; i++) {
		(void)sigaction(SIGNALS[i], &action, NULL);
		(void)sigaddset(&blocked, SIGNALS[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &blocked, &s->wait_mask);
	for (size_t i = 0; i < sizeof SIGNALS / sizeof SIGNALS[0]; i++)
		(void)sigdelset(&s->wait_mask, SIGNALS[i]);
}

/* RUN/dmportsd.pid, locked as long as we live: there is one daemon per run directory.
 */
static int
supervisor_lock(const struct dmpd_options *o)
{
	char path[4096];
	char pid[32];
	int fd;

	dmp_text_format(path, sizeof path, "%s/dmportsd.pid", o->run_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
		dmp_log(DMP_LOG_ERROR, "supervisor", "%s: %s", path,
		    fd >= 0 && errno == EWOULDBLOCK ? "another dmportsd runs here"
		                                    : strerror(errno));
		if (fd >= 0)
			(void)close(fd);
		return -1;
	}
	dmp_text_format(pid, sizeof pid, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) != 0 || write(fd, pid, strlen(pid)) < 0)
		dmp_log(DMP_LOG_WARNING, "supervisor", "%s: %s, ignoring", path,
		    strerror(errno));
	return fd;
}

/* Into the background: the caller's process returns when we are ready (0) or have
 * failed, with our exit status.  Log lines go to STATE/dmportsd.log from then on. */
static bool
supervisor_detach(const struct dmpd_options *o, int *ret_ready_fd, int *ret_status)
{
	char path[4096];
	int ends[2];
	char byte;
	pid_t pid;
	int log;

	*ret_status = EXIT_FAILURE;
	if (pipe(ends) != 0)
		return false;
	pid = fork();
	if (pid < 0)
		return false;
	if (pid > 0) {
		int status = 0;

		(void)close(ends[1]);
		if (read(ends[0], &byte, 1) == 1)
			*ret_status = 0;
		else if (waitpid(pid, &status, 0) == pid && WIFEXITED(status))
			*ret_status = WEXITSTATUS(status);
		if (*ret_status != 0)
			(void)fprintf(stderr,
			    "dmportsd: not started: %s/dmportsd.log says why\n",
			    o->state_dir);
		return false;
	}
	(void)setsid();
	(void)close(ends[0]);
	(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	*ret_ready_fd = ends[1];
	dmp_text_format(path, sizeof path, "%s/dmportsd.log", o->state_dir);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	if (log >= 0) {
		(void)dup2(log, STDOUT_FILENO);
		(void)dup2(log, STDERR_FILENO);
		(void)close(log);
	}
	return true;
}

int
dmpd_supervisor_main(const struct dmpd_options *options)
{
	struct supervisor s = {
	    .options = options,
	    .ready_fd = -1,
	    .children =
	        {
	            [ENGINE] = {.name = "engine",
	                .backoff_ms = BACKOFF_MIN_MS,
	                .is_wanted = true},
	            [AGENT] = {.name = "agent",
	                .backoff_ms = BACKOFF_MIN_MS,
	                .is_wanted = true},
	            [NOTIFIER] = {.name = "notifier", .backoff_ms = BACKOFF_MIN_MS},
	        },
	};
	int status;
	int lock;

	if (!options->foreground && !supervisor_detach(options, &s.ready_fd, &status))
		return status;
	lock = supervisor_lock(options);
	if (lock < 0)
		return EXIT_FAILURE;
	supervisor_catch_signals(&s);
	dmp_log(DMP_LOG_INFO, "supervisor", "dmportsd %s starts, pid %ld", DMP_VERSION,
	    (long)getpid());
	supervisor_loop(&s);
	supervisor_notify("STOPPING=1");
	supervisor_stop_children(&s, ENGINE, ENGINE, STOP_ENGINE_MS);
	supervisor_stop_children(&s, AGENT, NOTIFIER, STOP_AGENT_MS);
	dmp_log(DMP_LOG_INFO, "supervisor", "stopped");
	(void)close(lock);
	return s.exit_status;
}
