/* SPDX-License-Identifier: BSD-2-Clause */
/* nats_talk.h - inside the probe library: what the conversations with the ports of NATS
 * share. */
#ifndef DMP_NATS_TALK_H
#define DMP_NATS_TALK_H

#include "probe/http.h"
#include "probe/nats_info.h"
#include "probe/talk.h"

/* Servers that want TLS before anything else say nothing: after so much silence we
 * begin it. */
#define DMP_NATS_SILENCE_MS 700

/* Read the INFO line.  With INFO, the line is that of the expected port and *ret_info
 * and *ret_size are filled in; with MORE, wait; else the talk is finished. */
enum dmp_nats_line dmp_nats_greeting(struct dmp_talk *talk, const uint8_t *data,
    size_t size, struct dmp_nats_info *ret_info, size_t *ret_size);

/* End: the INFO line is not complete and will not be. */
void dmp_nats_finish_cut(struct dmp_talk *talk);

/* End: an HTTP reply, but of another service than the one wanted.  It is named
 * by its status, its Server field, its title or its first line. */
void dmp_nats_finish_http(
    struct dmp_talk *talk, const struct dmp_http *http, const char *wanted);

#endif
