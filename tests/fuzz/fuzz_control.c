/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as what the engine says to a subscriber, and any text as an event. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/control.h"

enum { PIECE = 700 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* There is one code for each event: what is accepted must be what we would write. */
static void
fuzz_event(const char *hex)
{
	struct dmp_event event;
	struct dmp_text again = {0};

	if (!dmp_control_decode_event(hex, &event))
		return;
	dmp_control_encode_event(&event, &again);
	if (again.status == DMP_OK && strcmp(hex, dmp_text_get(&again)) != 0)
		abort();
	dmp_text_done(&again);
}

static enum dmp_control_news
fuzz_read_all(struct dmp_control_reader *reader, int fd, size_t *news_left)
{
	enum dmp_control_news news;
	struct dmp_event event;
	uint32_t sequence;

	do {
		news = dmp_control_next(reader, fd, &sequence, &event);
		/* Every piece of news costs a newline of input. */
		if ((news == DMP_NEWS_EVENT || news == DMP_NEWS_VOLATILE) &&
		    (*news_left)-- == 0)
			abort();
	} while (news == DMP_NEWS_EVENT || news == DMP_NEWS_VOLATILE ||
	         news == DMP_NEWS_TEST);
	return news;
}

static void
fuzz_stream(const uint8_t *data, size_t size)
{
	struct dmp_control_reader reader = {0};
	enum dmp_control_news news = DMP_NEWS_NONE;
	size_t lines = 0;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
		abort();
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	while (size > 0 && news == DMP_NEWS_NONE) {
		const size_t n = size < PIECE ? size : PIECE;

		if (send(fds[1], data, n, MSG_NOSIGNAL) != (ssize_t)n)
			abort();
		data += n;
		size -= n;
		news = fuzz_read_all(&reader, fds[0], &lines);
	}
	(void)close(fds[1]);
	if (fuzz_read_all(&reader, fds[0], &lines) != DMP_NEWS_CLOSED)
		abort();
	(void)close(fds[0]);
	dmp_text_done(&reader.pending);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	fuzz_event(text);
	free(text);
	fuzz_stream(data, size);
	return 0;
}
