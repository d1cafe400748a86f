/* SPDX-License-Identifier: BSD-2-Clause */
/* child.c - the child's end of the lifeline, and what every child does first. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "subagent/daemon.h"

static void
child_send(const struct dmpd_options *options, const char *text)
{
	if (options->lifeline >= 0)
		(void)send(
		    options->lifeline, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void
dmpd_child_setup(const struct dmpd_options *options)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t none;

	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGHUP, &ignore, NULL); /* the engine takes it back */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (options->lifeline < 0)
		return;
	(void)fcntl(options->lifeline, F_SETFD, FD_CLOEXEC);
	(void)fcntl(options->lifeline, F_SETFL, O_NONBLOCK);
	/* The lifeline tells a dead supervisor in the loop; this tells it in a stall.
	 */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

void
dmpd_child_ready(const struct dmpd_options *options)
{
	child_send(options, "READY");
}

void
dmpd_child_alive(const struct dmpd_options *options)
{
	child_send(options, "ALIVE");
}

void
dmpd_child_wants_notifier(const struct dmpd_options *options, bool is_wanted)
{
	child_send(options, is_wanted ? "NOTIFIER=1" : "NOTIFIER=0");
}
