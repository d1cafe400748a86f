/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

/* Between two attempts to connect to a daemon whose queue of callers is full. */
enum { CONTROL_RETRY_MS = 20 };

static enum dmp_status
control_connect_status(int error)
{
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		return DMP_ENOENT;
	case EACCES:
	case EPERM:
		return DMP_EPERM;
	case EAGAIN:
		return DMP_EBUSY;
	default:
		return DMP_EIO;
	}
}

/* A unix socket connects at once or not at all, so non-blocking costs nothing. */
static enum dmp_status
control_connect(const char *run_dir, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	enum dmp_status status;
	int fd;

	if (strlen(run_dir) + sizeof "/" DMP_CONTROL_SOCKET > sizeof address.sun_path)
		return DMP_ETOOBIG;
	dmp_text_format(address.sun_path, sizeof address.sun_path,
	    "%s/" DMP_CONTROL_SOCKET, run_dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return DMP_EIO;
	if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		status = control_connect_status(errno);
		(void)close(fd);
		return status;
	}
	*ret_fd = fd;
	return DMP_OK;
}

static int64_t
control_now_ms(void)
{
	return dmp_clock_mono_ms(dmp_clock_system());
}

/* Wait for events on fd (fd -1: just wait); false when the deadline has passed. */
static bool
control_wait(int fd, short events, int64_t deadline_ms)
{
	struct pollfd p = {.fd = fd, .events = events};

	for (;;) {
		int64_t left = deadline_ms - control_now_ms();
		int n;

		if (left <= 0)
			return false;
		n = poll(&p, 1, left > INT32_MAX ? INT32_MAX : (int)left);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

static enum dmp_status
control_connect_until(const char *run_dir, int64_t deadline_ms, int *ret_fd)
{
	enum dmp_status status;

	while ((status = control_connect(run_dir, ret_fd)) == DMP_EBUSY) {
		int64_t pause_ms = control_now_ms() + CONTROL_RETRY_MS;

		if (pause_ms >= deadline_ms)
			break;
		(void)control_wait(-1, 0, pause_ms);
	}
	return status;
}

static enum dmp_status
control_send(int fd, const char *data, size_t n, int64_t deadline_ms)
{
	while (n > 0) {
		ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);

		if (sent >= 0) {
			data += sent;
			n -= (size_t)sent;
		} else if (errno == EAGAIN) {
			if (!control_wait(fd, POLLOUT, deadline_ms))
				return DMP_EBUSY;
		} else if (errno != EINTR) {
			return DMP_EIO;
		}
	}
	return DMP_OK;
}

/* Read one line into line[], without its newline. */
static enum dmp_status
control_receive_line(int fd, int64_t deadline_ms, char line[DMP_CONTROL_LINE])
{
	size_t used = 0;

	while (used < DMP_CONTROL_LINE) {
		ssize_t n = recv(fd, line + used, DMP_CONTROL_LINE - used, 0);
		char *newline;

		if (n == 0)
			return DMP_EIO;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return DMP_EIO;
		if (n < 0) {
			if (!control_wait(fd, POLLIN, deadline_ms))
				return DMP_EBUSY;
			continue;
		}
		newline = memchr(line + used, '\n', (size_t)n);
		used += (size_t)n;
		if (newline) {
			*newline = '\0';
			return DMP_OK;
		}
	}
	return DMP_EIO;
}

/* "ok", "ok TEXT" or "error TEXT". */
static enum dmp_status
control_judge_answer(const char *line, struct dmp_text *ret_answer)
{
	static const struct {
		const char *word;
		enum dmp_status status;
	} ANSWERS[] = {{"ok", DMP_OK}, {"error", DMP_EINVAL}};
	char text[DMP_CONTROL_LINE];

	for (size_t i = 0; i < sizeof ANSWERS / sizeof ANSWERS[0]; i++) {
		size_t n = strlen(ANSWERS[i].word);

		if (strncmp(line, ANSWERS[i].word, n) != 0 ||
		    (line[n] != ' ' && line[n] != '\0'))
			continue;
		dmp_text_printable(text, sizeof text, line + n, strlen(line + n));
		dmp_text_append(ret_answer, text);
		return ret_answer->status == DMP_OK ? ANSWERS[i].status : DMP_ENOMEM;
	}
	return DMP_EIO;
}

enum dmp_status
dmp_control_call(const char *run_dir, const char *request, uint32_t timeout_ms,
    struct dmp_text *ret_answer)
{
	const int64_t deadline_ms = control_now_ms() + timeout_ms;
	const size_t n = strlen(request);
	char line[DMP_CONTROL_LINE];
	enum dmp_status status;
	int fd;

	if (n >= sizeof line || strchr(request, '\n'))
		return DMP_ETOOBIG; /* than one line */
	memcpy(line, request, n);
	line[n] = '\n';
	status = control_connect_until(run_dir, deadline_ms, &fd);
	if (status != DMP_OK)
		return status;
	status = control_send(fd, line, n + 1, deadline_ms);
	if (status == DMP_OK)
		status = control_receive_line(fd, deadline_ms, line);
	if (status == DMP_OK)
		status = control_judge_answer(line, ret_answer);
	(void)close(fd);
	return status;
}

enum dmp_status
dmp_control_subscribe(const char *run_dir, int *ret_fd)
{
	static const char REQUEST[] = "subscribe\n";
	enum dmp_status status;
	int fd;

	status = control_connect(run_dir, &fd);
	if (status != DMP_OK)
		return status;
	/* Into the empty buffer of a new socket: no deadline is needed. */
	status = control_send(fd, REQUEST, sizeof REQUEST - 1, 0);
	if (status != DMP_OK) {
		(void)close(fd);
		return status;
	}
	*ret_fd = fd;
	return DMP_OK;
}

/* "NUMBER NAME" */
static bool
control_read_test(struct dmp_control_reader *reader, const char *words)
{
	const char *blank = strchr(words, ' ');
	char number[24];

	if (!blank || (size_t)(blank - words) >= sizeof number || !blank[1] ||
	    strlen(blank + 1) >= sizeof reader->test_name)
		return false;
	memcpy(number, words, (size_t)(blank - words));
	number[blank - words] = '\0';
	dmp_text_copy(reader->test_name, sizeof reader->test_name, blank + 1);
	return dmp_text_number(number, 1, INT64_MAX, &reader->test);
}

/* What does the line say?  NONE: nonsense. */
static enum dmp_control_news
control_judge_news(struct dmp_control_reader *reader, const char *line,
    uint32_t *ret_sequence, struct dmp_event *ret_event)
{
	static const char TEST[] = "test ";
	static const char EVENT[] = "event ";
	static const char VOLATILE[] = "volatile ";
	uint64_t value;

	if (strncmp(line, EVENT, sizeof EVENT - 1) == 0 &&
	    dmp_text_number(line + sizeof EVENT - 1, 0, UINT32_MAX, &value)) {
		*ret_sequence = (uint32_t)value;
		return DMP_NEWS_EVENT;
	}
	if (strncmp(line, VOLATILE, sizeof VOLATILE - 1) == 0 &&
	    dmp_control_decode_event(line + sizeof VOLATILE - 1, ret_event))
		return DMP_NEWS_VOLATILE;
	if (strncmp(line, TEST, sizeof TEST - 1) == 0 &&
	    control_read_test(reader, line + sizeof TEST - 1))
		return DMP_NEWS_TEST;
	return DMP_NEWS_NONE;
}

/* Take the first line off the pending text; false while there is no whole one. */
static bool
control_take_line(struct dmp_text *pending, char line[DMP_CONTROL_LINE])
{
	const char *newline =
	    pending->size > 0 ? memchr(pending->data, '\n', pending->size) : NULL;
	size_t n;

	if (!newline)
		return false;
	n = (size_t)(newline - pending->data);
	memcpy(line, pending->data, n);
	line[n] = '\0';
	pending->size -= n + 1;
	memmove(pending->data, newline + 1, pending->size);
	pending->data[pending->size] = '\0';
	return true;
}

enum dmp_control_news
dmp_control_next(struct dmp_control_reader *reader, int fd, uint32_t *ret_sequence,
    struct dmp_event *ret_event)
{
	struct dmp_text *pending = &reader->pending;
	char line[DMP_CONTROL_LINE];
	enum dmp_control_news news;

	while (!control_take_line(pending, line)) {
		ssize_t n;

		if (pending->size >= sizeof line)
			return DMP_NEWS_CLOSED;
		n = recv(fd, line, sizeof line - pending->size, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return DMP_NEWS_NONE;
		if (n <= 0)
			return DMP_NEWS_CLOSED;
		dmp_text_append_bytes(pending, line, (size_t)n);
		if (pending->status != DMP_OK)
			return DMP_NEWS_CLOSED;
	}
	news = control_judge_news(reader, line, ret_sequence, ret_event);
	return news == DMP_NEWS_NONE ? DMP_NEWS_CLOSED : news;
}
