/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web_verdict.h - inside the probe library: what an HTTP reply says about the service
 * that a DataMiner port should have.  Pure.
 *
 * What no real server has confirmed never makes a verdict that counts as a failure: a
 * reply that is valid and proves nothing is IDENTITY_WEAK.  WRONG_SERVICE is for a
 * reply that names another product.
 */
#ifndef DMP_WEB_VERDICT_H
#define DMP_WEB_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vocab.h"
#include "probe/http.h"
#include "probe/probe.h"

/* Zero-initialise. */
struct dmp_verdict {
	enum dmp_reason reason;
	char identity[DMP_IDENTITY_TEXT]; /* "" = not known */
	char detail[DMP_DETAIL_TEXT];
};

typedef void dmp_web_judge_fn(const struct dmp_http *http,
    const struct dmp_probe_spec *spec, struct dmp_verdict *verdict);

/* GET /EndPoints.txt on port 80. */
dmp_web_judge_fn dmp_web_judge_dataminer_http;

/* GET /APIGateway/api/version on port 443. */
dmp_web_judge_fn dmp_web_judge_dataminer_https;

/* GET /SLNetService on port 8004: the healthy answer is a 500. */
dmp_web_judge_fn dmp_web_judge_remoting;

/* GET / on port 5100: nothing is known but that it speaks HTTP. */
dmp_web_judge_fn dmp_web_judge_cloud;

/* "IIS 10.0" of "Microsoft-IIS/10.0"; "a web server" when it does not say. */
void dmp_web_server_text(const struct dmp_http *http, char *field, size_t size);

/* WRONG_SERVICE: name answers instead; with the spec's hint. */
void dmp_web_wrong(const struct dmp_http *http, const struct dmp_probe_spec *spec,
    const char *name, struct dmp_verdict *verdict);

/* Is this the complaint of a TLS server about a request in the clear? */
bool dmp_web_wants_tls(const struct dmp_http *http);

#endif
