/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control.h - the words spoken on RUN/control.sock.
 *
 * A unix stream socket.  A request is one line: a verb and its words, blank separated,
 * at most 4096 bytes with its newline.  An answer is one line "ok[ text]" or "error
 * text", except after "subscribe": then the engine sends a line "event SEQUENCE"
 * whenever events up to SEQUENCE are released, and at once on connecting, so that a
 * reader never polls; while events cannot be stored they follow in full as "volatile
 * HEX" lines (the record as dmp_control_encode_event writes it).  "test NUMBER NAME"
 * asks who serves receiver NAME (* = each) to send it a test notification and to show
 * on its board what became of test NUMBER.  A subscriber says no more.  Nobody waits
 * for anybody: a subscriber that does not read is disconnected when 8 MiB are pending.
 */
#ifndef DMP_CONTROL_H
#define DMP_CONTROL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "engine/event_record.h"

#define DMP_CONTROL_SOCKET "control.sock"
#define DMP_CONTROL_LINE   4096

/* Send one request and read its answer, for at most timeout_ms (on the monotonic
 * clock).  Blocking: for the command line.  The text after "ok" or "error" is appended
 * to ret_answer, made printable, with DMP_OK and with DMP_EINVAL (the daemon answered
 * "error ...").  DMP_ENOENT: no daemon; DMP_EPERM; DMP_EBUSY: no answer in time;
 * DMP_ETOOBIG: the request or the path of the socket is too long; DMP_EIO: the daemon
 * hung up, or spoke nonsense. */
enum dmp_status dmp_control_call(const char *run_dir, const char *request,
    uint32_t timeout_ms, struct dmp_text *ret_answer) DMP_CHECK_RESULT;

/* Connect without blocking and send "subscribe"; the caller closes *ret_fd.
 * DMP_ENOENT: no daemon; DMP_EBUSY: try again later. */
enum dmp_status dmp_control_subscribe(
    const char *run_dir, int *ret_fd) DMP_CHECK_RESULT;

/* What a subscriber reads, line by line.  Zero-initialise; free pending at the end. */
struct dmp_control_reader {
	struct dmp_text pending;
	uint64_t test;                 /* with DMP_NEWS_TEST */
	char test_name[DMP_NAME_TEXT]; /* the same, "*" = each receiver */
};
enum dmp_control_news {
	DMP_NEWS_NONE = 0, /* nothing more for now */
	DMP_NEWS_EVENT,    /* events up to ret_sequence are released */
	DMP_NEWS_VOLATILE, /* *ret_event is released and not in the database */
	DMP_NEWS_TEST,     /* send a test notification */
	DMP_NEWS_CLOSED    /* the engine hung up, or spoke nonsense */
};
/* Read what there is without blocking; call until NONE or CLOSED. */
enum dmp_control_news dmp_control_next(struct dmp_control_reader *reader, int fd,
    uint32_t *ret_sequence, struct dmp_event *ret_event);

/* Append the event as lower-case hex: a version byte, then the fields in the order of
 * struct dmp_event, little endian; a text is its length (2 bytes) and its bytes. */
void dmp_control_encode_event(const struct dmp_event *event, struct dmp_text *out);

/* Strict: false for another version or length, for bytes that are not printable ASCII,
 * and for numbers that are no member of their enumeration (0 = unset is allowed but for
 * the type). */
bool dmp_control_decode_event(const char *hex, struct dmp_event *ret_event);

#endif
