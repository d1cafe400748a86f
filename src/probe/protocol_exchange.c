/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protocol_exchange.c - any service that proves itself by what it says: the steps come
 * as data (base/exchange.h).
 *
 * How it works: a step is sent, and what comes is compared from where the former answer
 * ended.  An answer that is text is heard to the end of its line before the next step,
 * so that what is sent does not cross it.  The first answer that matches names the
 * service.  Whoever fails the first step may be somebody else; after it, the service is
 * known, and only its answer is wrong.
 */
#include <string.h>
#include <strings.h>

#include "base/exchange.h"
#include "base/text.h"
#include "probe/classify.h"
#include "probe/protocols.h"

#define REPLY_MS   4000
#define LINGER_MS  200 /* for the rest of a line */
#define LINE_LIMIT 512
#define SHOWN_TEXT 80
#define SHOWN_HEAD 24
#define HEAD_SIZE  96 /* enough to tell who answers */
#define RUN_MIN    5  /* characters in a row that are a text among bytes */

struct exchange {
	uint8_t step;
	bool matched;  /* the step's answer, whose line may not have ended */
	bool answered; /* a step before this one was */
	bool expected; /* spec.expect has occurred */
	uint16_t skip; /* bytes of the former answer that are still handed to us */
	uint16_t heard;
	uint8_t head_size;
	uint8_t head[HEAD_SIZE]; /* of the answer to this step */
	char shown[SHOWN_TEXT];
};

static bool
exchange_is_text(uint8_t c)
{
	return (c >= ' ' && c <= '~') || c == '\t' || c == '\r' || c == '\n';
}

static bool
exchange_has(const uint8_t *data, size_t size, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i + length <= size; i++)
		if (memcmp(data + i, text, length) == 0)
			return true;
	return false;
}

/* Does the name that classify.h found contain the one of the site file? */
static bool
exchange_same_name(const char *found, const char *service)
{
	size_t length = strlen(service);

	for (; length > 0 && strlen(found) >= length; found++)
		if (strncasecmp(found, service, length) == 0)
			return true;
	return false;
}

/* The first line of a text, or the first text among other bytes. */
static void
exchange_show(const uint8_t *data, size_t size, char shown[SHOWN_TEXT])
{
	size_t begin = 0;
	size_t end = 0;

	if (size > LINE_LIMIT)
		size = LINE_LIMIT;
	while (end < size && exchange_is_text(data[end]) && data[end] != '\n')
		end++;
	if (end < size && data[end] != '\n') {
		while (begin < size) {
			end = begin;
			while (end < size && data[end] >= ' ' && data[end] <= '~')
				end++;
			if (end - begin >= RUN_MIN)
				break;
			begin = end + 1;
			end = begin;
		}
	}
	if (begin > size)
		begin = end = size;
	dmp_text_printable(shown, SHOWN_TEXT, data + begin, end - begin);
}

static void
exchange_step_name(
    const struct dmp_exchange_step *step, size_t index, char name[DMP_EXCHANGE_NAME])
{
	if (step->name[0])
		dmp_text_copy(name, DMP_EXCHANGE_NAME, step->name);
	else
		dmp_text_format(name, DMP_EXCHANGE_NAME, "step %zu", index + 1);
}

static void
exchange_end(struct dmp_talk *talk)
{
	const struct exchange *state = dmp_talk_state(talk);
	const struct dmp_probe_spec *spec = dmp_talk_spec(talk);

	if (spec->expect && spec->expect[0] && !state->expected)
		dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
		    "%s answers, without the text \"%.60s\"", spec->exchange->service,
		    spec->expect);
	else
		dmp_talk_finish(
		    talk, DMP_REASON_ANSWERED, "%s answers", spec->exchange->service);
}

/* Send what is due, up to the next step that expects something. */
static void
exchange_go(struct dmp_talk *talk)
{
	struct exchange *state = dmp_talk_state(talk);
	const struct dmp_exchange *exchange = dmp_talk_spec(talk)->exchange;

	for (; state->step < exchange->n_steps; state->step++) {
		const struct dmp_exchange_step *step = &exchange->steps[state->step];

		if (step->send_size > 0)
			dmp_talk_send(
			    talk, exchange->bytes + step->send, step->send_size);
		if (step->expect_size > 0)
			return;
	}
	exchange_end(talk);
}

static void
exchange_open(struct dmp_talk *talk)
{
	if (dmp_talk_spec(talk)->exchange)
		exchange_go(talk);
	else
		dmp_talk_finish(talk, DMP_REASON_LOCAL_ERROR,
		    "there is nothing to say: no exchange is configured");
}

/* The answer to the current step is complete. */
static void
exchange_next(struct dmp_talk *talk)
{
	struct exchange *state = dmp_talk_state(talk);
	const struct dmp_exchange *exchange = dmp_talk_spec(talk)->exchange;

	dmp_talk_wait(talk, 0);
	if (state->shown[0])
		dmp_talk_identity(talk, "%s: %s", exchange->service, state->shown);
	else
		dmp_talk_identity(talk, "%s", exchange->service);
	state->matched = false;
	state->answered = true;
	state->head_size = 0;
	state->step++;
	exchange_go(talk);
}

/* The answer to the current step begins with head, and is none. */
static void
exchange_mismatch(struct dmp_talk *talk)
{
	const struct exchange *state = dmp_talk_state(talk);
	const struct dmp_probe_spec *spec = dmp_talk_spec(talk);
	const struct dmp_exchange *exchange = spec->exchange;
	const char *hint = spec->hint ? spec->hint : "";
	char name[DMP_EXCHANGE_NAME];
	char found[DMP_CLASSIFY_TEXT];
	char shown[SHOWN_HEAD + 1];

	if (!state->answered &&
	    dmp_classify(state->head, state->head_size, found) != DMP_SERVICE_UNKNOWN &&
	    !exchange_same_name(found, exchange->service)) {
		dmp_talk_finish(talk, DMP_REASON_WRONG_SERVICE,
		    "%s answers, not %s%s%s", found, exchange->service,
		    hint[0] ? "; " : "", hint);
		return;
	}
	exchange_step_name(&exchange->steps[state->step], state->step, name);
	dmp_text_printable(shown, sizeof shown, state->head, state->head_size);
	dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
	    "not what %s should answer (%s); it begins with \"%s\"", exchange->service,
	    name, shown);
}

/* Is the line that the answer is in still coming? */
static bool
exchange_line_goes_on(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (!exchange_is_text(data[i]))
			return false;
	return size < LINE_LIMIT && data[size - 1] != '\n';
}

static void
exchange_note(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct exchange *state = dmp_talk_state(talk);
	const char *expect = dmp_talk_spec(talk)->expect;

	if (!state->answered)
		exchange_show(data, size, state->shown);
	if (expect && exchange_has(data, size, expect))
		state->expected = true;
	state->heard = (uint16_t)(size < UINT16_MAX ? size : UINT16_MAX);
}

static size_t
exchange_input(struct dmp_talk *talk, const uint8_t *data, size_t size)
{
	struct exchange *state = dmp_talk_state(talk);
	const struct dmp_exchange *exchange = dmp_talk_spec(talk)->exchange;
	enum dmp_exchange_match match;

	if (state->skip > 0) {
		size_t skip = state->skip;

		state->skip = 0;
		return skip < size ? skip : size;
	}
	if (size == 0)
		return 0;
	state->head_size = (uint8_t)(size < HEAD_SIZE ? size : HEAD_SIZE);
	memcpy(state->head, data, state->head_size);
	match = dmp_exchange_compare(exchange, state->step, data, size);
	if (match == DMP_EXCHANGE_NO)
		exchange_mismatch(talk);
	if (match != DMP_EXCHANGE_YES)
		return 0;
	exchange_note(talk, data, size);
	if (exchange_line_goes_on(data, size)) {
		if (!state->matched)
			dmp_talk_wait(talk, LINGER_MS);
		state->matched = true;
		return 0;
	}
	exchange_next(talk);
	return size;
}

/* The line does not end: what was heard is the answer. */
static void
exchange_quiet(struct dmp_talk *talk)
{
	struct exchange *state = dmp_talk_state(talk);

	state->skip = state->heard;
	exchange_next(talk);
}

/* Without a first answer, it is the same for every protocol. */
static void
exchange_closed(struct dmp_talk *talk)
{
	const struct exchange *state = dmp_talk_state(talk);
	const struct dmp_exchange *exchange = dmp_talk_spec(talk)->exchange;
	char name[DMP_EXCHANGE_NAME];

	if (!exchange)
		return;
	if (state->matched && state->step + 1U == exchange->n_steps) {
		exchange_next(talk);
	} else if (state->head_size > 0) {
		exchange_mismatch(talk);
	} else if (state->answered) {
		exchange_step_name(&exchange->steps[state->step], state->step, name);
		dmp_talk_finish(talk, DMP_REASON_BAD_ANSWER,
		    "%s answered and then no more (%s)", exchange->service, name);
	}
}

const struct dmp_protocol dmp_protocol_exchange = {
    .name = "expected",
    .reply_ms = REPLY_MS,
    .tls = DMP_TALK_EITHER,
    .polite_close = true,
    .state_size = sizeof(struct exchange),
    .open = exchange_open,
    .input = exchange_input,
    .closed = exchange_closed,
    .quiet = exchange_quiet,
};
