/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * search_verdict.h - inside the probe library: what an Elasticsearch or OpenSearch node
 * says of itself over HTTP.  Pure.
 */
#ifndef DMP_SEARCH_VERDICT_H
#define DMP_SEARCH_VERDICT_H

#include "probe/web_verdict.h"

/* Asked of the node itself, not of the master: cheap, and it needs no right on a
 * cluster without security. */
#define DMP_SEARCH_HEALTH_PATH                                                         \
	"/_cluster/health?local=true&filter_path=status,number_of_nodes,timed_out"

/* GET /.  ANSWERED means that the health may be asked for. */
dmp_web_judge_fn dmp_search_judge_root;

/* GET DMP_SEARCH_HEALTH_PATH: refines the verdict of the root.  What cannot be read
 * changes nothing but the sentence. */
void dmp_search_judge_health(const struct dmp_http *http, struct dmp_verdict *verdict);

#endif
