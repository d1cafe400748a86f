/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/http2_wire.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define FRAME_HEADER        9
#define TYPE_SETTINGS       4
#define TYPE_GOAWAY         7
#define FLAG_ACK            0x01
#define SETTING_SIZE        6
#define SETTING_MAX_STREAMS 3
#define GOAWAY_FIXED        8 /* last stream, error code */

void
dmp_http2_preface(uint8_t out[DMP_HTTP2_PREFACE_SIZE])
{
	static const uint8_t PREFACE[DMP_HTTP2_PREFACE_SIZE] =
	    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";

	memcpy(out, PREFACE, sizeof PREFACE);
}

void
dmp_http2_goodbye(uint8_t out[DMP_HTTP2_GOODBYE_SIZE])
{
	static const uint8_t GOODBYE[DMP_HTTP2_GOODBYE_SIZE] = {/* */
	    0, 0, 0, TYPE_SETTINGS, FLAG_ACK, 0, 0, 0, 0,       /* */
	    0, 0, GOAWAY_FIXED, TYPE_GOAWAY, 0, 0, 0, 0, 0,     /* stream 0 */
	    0, 0, 0, 0, 0, 0, 0, 0};

	memcpy(out, GOODBYE, sizeof GOODBYE);
}

static uint32_t
http2_number(const uint8_t *p, size_t size)
{
	uint32_t number = 0;

	for (size_t i = 0; i < size; i++)
		number = number << 8 | p[i];
	return number;
}

/* May a server's first frame look like this?  Judged on as many bytes of its header as
 * have arrived, so that another protocol is seen at its first strange byte. */
static bool
http2_plausible(const uint8_t *data, size_t size)
{
	static const uint8_t STREAM_ZERO[] = {0, 0, 0, 0};
	size_t stream = size > 5 ? size - 5 : 0;

	if (size >= 3 && http2_number(data, 3) > DMP_HTTP2_FRAME_MAX)
		return false;
	if (size >= 1 && data[0] != 0)
		return false;
	if (size >= 4 && data[3] != TYPE_SETTINGS && data[3] != TYPE_GOAWAY)
		return false;
	/* An acknowledgement of our SETTINGS may not come before the server's own. */
	if (size >= 5 && data[3] == TYPE_SETTINGS && data[4] & FLAG_ACK)
		return false;
	if (stream > sizeof STREAM_ZERO)
		stream = sizeof STREAM_ZERO;
	return stream == 0 || memcmp(data + 5, STREAM_ZERO, stream) == 0;
}

static bool
http2_size_fits(uint8_t type, size_t size)
{
	return type == TYPE_SETTINGS ? size % SETTING_SIZE == 0 : size >= GOAWAY_FIXED;
}

static void
http2_settings(const uint8_t *data, size_t size, struct dmp_http2_answer *answer)
{
	for (size_t i = 0; i + SETTING_SIZE <= size; i += SETTING_SIZE)
		if (http2_number(data + i, 2) == SETTING_MAX_STREAMS)
			answer->max_streams = http2_number(data + i + 2, 4);
}

enum dmp_http2_progress
dmp_http2_parse(const uint8_t *data, size_t size, struct dmp_http2_answer *ret_answer)
{
	struct dmp_http2_answer answer = {.max_streams = UINT32_MAX};
	size_t length;
	uint8_t type;

	if (!http2_plausible(data, size))
		return DMP_HTTP2_INVALID;
	if (size < FRAME_HEADER)
		return DMP_HTTP2_MORE;
	length = http2_number(data, 3);
	type = data[3];
	if (!http2_size_fits(type, length))
		return DMP_HTTP2_INVALID;
	if (size - FRAME_HEADER < length)
		return DMP_HTTP2_MORE;
	data += FRAME_HEADER;
	if (type == TYPE_SETTINGS) {
		http2_settings(data, length, &answer);
		*ret_answer = answer;
		return DMP_HTTP2_SETTINGS;
	}
	answer.error = http2_number(data + 4, 4);
	dmp_text_printable(answer.debug, sizeof answer.debug, data + GOAWAY_FIXED,
	    length - GOAWAY_FIXED);
	*ret_answer = answer;
	return DMP_HTTP2_GOAWAY;
}

const char *
dmp_http2_error_text(uint32_t error)
{
	static const char *const NAMES[] = {"NO_ERROR", "PROTOCOL_ERROR",
	    "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
	    "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR",
	    "CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY",
	    "HTTP_1_1_REQUIRED"};

	return error < sizeof NAMES / sizeof NAMES[0] ? NAMES[error] : "UNKNOWN";
}
