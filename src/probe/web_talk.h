/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_talk.h - inside the probe library: GET requests, and a conversation that is one
 * GET and a verdict.
 *
 * A protocol that is such a thing has struct dmp_web_state as its state, calls
 * dmp_web_ask() from open and those behind it from input and closed.
 */
#ifndef DMP_WEB_TALK_H
#define DMP_WEB_TALK_H

#include "probe/talk.h"
#include "probe/web_verdict.h"

struct dmp_web_state {
	struct dmp_http http;
};

/* Send GET for the spec's path, or this one. */
void dmp_web_ask(struct dmp_talk *talk, const char *path);

/* The same when another request may follow: the server is to keep the connection. */
void dmp_web_ask_first(struct dmp_talk *talk, const char *path);

/* Send GET for this path and no other. */
void dmp_web_ask_last(struct dmp_talk *talk, const char *path);

/* Feed the reply; finishes the talk when it is complete or no HTTP. */
size_t dmp_web_input(
    struct dmp_talk *talk, const uint8_t *data, size_t size, dmp_web_judge_fn *judge);

/* The end: a reply whose header is complete is judged, whatever cut its body. */
void dmp_web_closed(struct dmp_talk *talk, dmp_web_judge_fn *judge);

/* Finish with a verdict. */
void dmp_web_finish(struct dmp_talk *talk, const struct dmp_verdict *verdict);

#endif
