/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Telnet (RFC 854).  Most servers begin to negotiate by themselves; a silent one is
 * asked for a timing mark (RFC 860), which every server must answer.  The options are
 * not answered: we leave.  Plain text without a negotiation may be a stream without
 * the protocol: something answers, its identity is weak.
 */
#include <string.h>

#include "base/text.h"
#include "probe/classify.h"
#include "probe/protocols.h"

#define SILENCE_MS  1000
#define LINGER_MS   200 /* the rest of a text */
#define REPLY_MS    3000
#define INPUT_LIMIT 4096
#define SUB_LIMIT   1024 /* of a subnegotiation */
#define SHOWN_TEXT  64

enum {
	TELNET_SE = 0xf0,
	TELNET_SB = 0xfa,
	TELNET_WILL = 0xfb,
	TELNET_DO = 0xfd,
	TELNET_DONT = 0xfe,
	TELNET_IAC = 0xff,
	TELNET_TIMING_MARK = 0x06
};

struct telnet {
	bool text; /* plain text has come */
	char shown[SHOWN_TEXT];
};

/* What a command is worth to the reader of a stream. */
struct telnet_scan {
	size_t used; /* bytes that were understood; then an incomplete command */
	unsigned options;
	bool broken; /* an IAC that no Telnet server sends */
	size_t text_size;
	uint8_t text[SHOWN_TEXT];
};

/* The size of the command at data, 0 = incomplete, SIZE_MAX = none. */
static size_t
telnet_command(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	if (data[1] < TELNET_SE)
		return SIZE_MAX;
	if (data[1] >= TELNET_WILL && data[1] <= TELNET_DONT)
		return size < 3 ? 0 : 3;
	if (data[1] != TELNET_SB)
		return 2;
	for (size_t i = 2; i + 1 < size && i < SUB_LIMIT; i++)
		if (data[i] == TELNET_IAC && data[++i] == TELNET_SE)
			return i + 1;
	return size < SUB_LIMIT ? 0 : SIZE_MAX;
}

static void
telnet_read(const uint8_t *data, size_t size, struct telnet_scan *scan)
{
	while (scan->used < size) {
		const uint8_t *p = data + scan->used;
		size_t command = 1;

		if (*p == TELNET_IAC)
			command = telnet_command(p, size - scan->used);
		else if (scan->text_size < sizeof scan->text)
			scan->text[scan->text_size++] = *p;
		scan->broken = command == SIZE_MAX;
		if (scan->broken || command == 0)
			return;
		scan->options += command == 3;
		scan->used += command;
	}
}

/* Words rather than the bytes of some protocol? */
static bool
telnet_is_text(const struct telnet_scan *scan)
{
	for (size_t i = 0; i < scan->text_size; i++) {
		uint8_t c = scan->text[i];

		if (!(c >= ' ' && c <= '~') && !(c >= '\a' && c <= '\r') && c != 0x1b &&
		    c != 0 && c < 0x80)
			return false;
	}
	return scan->text_size > 0;
}

static void
telnet_open(struct dmp_talk *talk)
{
	dmp_talk_wait(talk, SILENCE_MS);
}

static void
telnet_finish_weak(struct dmp_talk *talk, const struct telnet *telnet)
{
	dmp_talk_finish(talk, DMP_REASON_IDENTITY_WEAK,
	    "text without Telnet options: \"%s\"", telnet->shown);
}

/* Text: who may it be?  What is known by another name is that. */
static void
telnet_take_text(struct dmp_talk *talk, const uint8_t *data, size_t size,
    const struct telnet_scan *scan)
{
	struct telnet *telnet = dmp_talk_state(talk);
	char name[DMP_CLASSIFY_TEXT];
	enum dmp_service service = dmp_classify(data, size, name);

	if (service != DMP_SERVICE_UNKNOWN && service != DMP_SERVICE_TELNET) {
		dmp_talk_finish_wrong(talk);
		return;
	}
	if (!telnet_is_text(scan)) {
		dmp_talk_finish(
		    talk, DMP_REASON_BAD_ANSWER, "neither Telnet nor text answers");
		return;
	}
	dmp_text_printable(
	    telnet->shown, sizeof telnet->shown, scan->text, scan->text_size);
	if (!telnet->text)
		dmp_talk_wait(talk, LINGER_MS);
	telnet->text = true;
	if (size >= INPUT_LIMIT)
		telnet_finish_weak(talk, telnet);
}

static size_t
telnet_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct telnet_scan scan = {.used = 0};
	char shown[SHOWN_TEXT];

	telnet_read(data, size, &scan);
	if (scan.broken) {
		dmp_talk_finish_wrong(talk);
	} else if (scan.options > 0) {
		dmp_text_printable(shown, sizeof shown, scan.text, scan.text_size);
		dmp_talk_identity(talk, "Telnet%s%s", shown[0] ? ", " : "", shown);
		dmp_talk_finish(
		    talk, DMP_REASON_ANSWERED, "a Telnet server negotiates options");
	} else if (scan.text_size > 0) {
		telnet_take_text(talk, data, size, &scan);
	} else {
		return scan
		    .used; /* commands without end are not read again and again */
	}
	return 0;
}

static void
telnet_quiet(struct dmp_talk *talk)
{
	static const uint8_t ASK[] = {TELNET_IAC, TELNET_DO, TELNET_TIMING_MARK};
	const struct telnet *telnet = dmp_talk_state(talk);

	if (telnet->text)
		telnet_finish_weak(talk, telnet);
	else
		dmp_talk_send(talk, ASK, sizeof ASK);
}

static void
telnet_closed(struct dmp_talk *talk)
{
	const struct telnet *telnet = dmp_talk_state(talk);

	if (telnet->text)
		telnet_finish_weak(talk, telnet);
}

const struct dmp_protocol dmp_protocol_telnet = {
    .name = "Telnet",
    .reply_ms = REPLY_MS,
    .tls = DMP_TALK_PLAIN,
    .service = DMP_SERVICE_TELNET,
    .state_size = sizeof(struct telnet),
    .open = telnet_open,
    .input = telnet_input,
    .closed = telnet_closed,
    .quiet = telnet_quiet,
};
