/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.h - the daemon's one log sink.
 *
 * Library code (everything in src/) returns reasons and does not log; the daemon logs
 * once, with the name of the part that speaks: "engine: dma1/nats-client: down ...".
 */
#ifndef DMP_LOG_H
#define DMP_LOG_H

#include "base/status.h"

enum dmp_log_level {
	DMP_LOG_ERROR = 3, /* needs a human */
	DMP_LOG_WARNING =
	    4,              /* we go on; the message ends in ", ignoring" or says how */
	DMP_LOG_NOTICE = 5, /* a change of state */
	DMP_LOG_INFO = 6,   /* start, stop, reload */
	DMP_LOG_DEBUG = 7
};

/* How lines are written to stderr: plain ("part: text") or with the "<N>" prefix that
 * the system journal reads as the level. */
enum dmp_log_style { DMP_LOG_PLAIN = 0, DMP_LOG_JOURNAL };

/* Choose style and the least urgent level that is written.  Call once, at start. */
void dmp_log_setup(enum dmp_log_style style, enum dmp_log_level level);

/* Write one line.  Control characters are replaced: foreign text cannot forge lines. */
void dmp_log(enum dmp_log_level level, const char *part, const char *format, ...)
    DMP_PRINTF(3, 4);

#endif
