/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/terminal.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/text.h"

bool
dmp_terminal_colour_find(const char *word, enum dmp_colour_when *ret_when)
{
	static const char *const words[] = {"auto", "always", "never"};

	for (int i = 0; i < 3; i++) {
		if (strcmp(word, words[i]) == 0) {
			*ret_when = (enum dmp_colour_when)i;
			return true;
		}
	}
	return false;
}

bool
dmp_terminal_is(FILE *out)
{
	int fd = fileno(out);

	return fd >= 0 && isatty(fd) == 1;
}

bool
dmp_terminal_colour(enum dmp_colour_when when, FILE *out)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	if (when != DMP_COLOUR_AUTO)
		return when == DMP_COLOUR_ALWAYS;
	if (no_color && *no_color)
		return false;
	return dmp_terminal_is(out) && term && strcmp(term, "dumb") != 0;
}

const char *
dmp_terminal_code(enum dmp_colour colour)
{
	static const char *const codes[] = {
	    [DMP_COLOUR_NONE] = "\033[0m",
	    [DMP_COLOUR_GREEN] = "\033[32m",
	    [DMP_COLOUR_YELLOW] = "\033[33m",
	    [DMP_COLOUR_RED] = "\033[31m",
	    [DMP_COLOUR_DIM] = "\033[2m",
	    [DMP_COLOUR_BOLD] = "\033[1m",
	};

	return codes[colour];
}

/* A size from the environment, or 0. */
static unsigned
terminal_environment(const char *name)
{
	const char *text = getenv(name);
	uint64_t value;

	if (!text || !dmp_text_number(text, 1, 10000, &value))
		return 0;
	return (unsigned)value;
}

unsigned
dmp_terminal_width(FILE *out)
{
	struct winsize size;
	unsigned width;

	if (!dmp_terminal_is(out))
		return 0;
	width = terminal_environment("COLUMNS");
	if (width > 0)
		return width;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	return size.ws_col;
}

unsigned
dmp_terminal_height(FILE *out)
{
	struct winsize size;
	unsigned height;

	if (!dmp_terminal_is(out))
		return 0;
	height = terminal_environment("LINES");
	if (height > 0)
		return height;
	if (ioctl(fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
		return 24;
	return size.ws_row;
}

enum dmp_colour
dmp_terminal_severity_colour(enum dmp_state state, enum dmp_severity severity)
{
	int rank = dmp_severity_rank(severity);

	if (rank >= 3)
		return DMP_COLOUR_RED;
	if (rank >= 1)
		return DMP_COLOUR_YELLOW;
	if (state == DMP_STATE_UP || state == DMP_STATE_CLOSED)
		return DMP_COLOUR_GREEN;
	return DMP_COLOUR_DIM;
}

int
dmp_terminal_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool
dmp_terminal_wait(int signals_fd, int other_fd, int64_t timeout_ms)
{
	struct pollfd fds[2] = {
	    {.fd = signals_fd, .events = POLLIN},
	    {.fd = other_fd, .events = POLLIN},
	};
	int timeout = timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;
	struct signalfd_siginfo info;

	if (poll(fds, 2, timeout < 0 ? 0 : timeout) < 0)
		return errno == EINTR;
	while (read(signals_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo != SIGWINCH)
			return false;
	}
	return true;
}
