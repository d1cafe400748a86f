/* SPDX-License-Identifier: BSD-2-Clause */
/* plan_sample.h - plans of small sites written in a test, and assertions about them. */
#ifndef DMP_PLAN_SAMPLE_H
#define DMP_PLAN_SAMPLE_H

#include "model/plan.h"

/* A site file, and hosts for it. */
#define SITE(attributes, content)                                                      \
	"<site xmlns='urn:dmports:site:1' name='S' " attributes ">\n" content "</"     \
	"site>"
#define DMA(n) "<host name='dma" #n "' address='192.0.2.1" #n "' roles='dma'/>\n"
#define CAS(n) "<host name='db" #n "' address='192.0.2.2" #n "' roles='cassandra'/>\n"
#define IDX(n) "<host name='es" #n "' address='192.0.2.3" #n "' roles='indexing'/>\n"
#define DMA1_WITH(ports)                                                               \
	"<host name='dma1' address='192.0.2.11' roles='dma'>" ports "</host>\n"
#define GRPC "<features inter-dma='grpc' client='grpc'/>"

/* Plan a site file that itself is valid. */
enum dmp_status plan_sample_build(
    const char *document, struct dmp_plan **ret_plan, struct dmp_text *errors);

/* The same, and it must succeed.  The caller frees. */
struct dmp_plan *plan_sample(const char *document);

/* There must be no plan, and this among the messages. */
void plan_sample_refused(const char *document, const char *message);

/* The port with this key: NULL when there is none; or it must be there. */
const struct dmp_plan_port *plan_sample_find(
    const struct dmp_plan *plan, const char *key);
const struct dmp_plan_port *plan_sample_port(
    const struct dmp_plan *plan, const char *key);

const struct dmp_plan_requirement *plan_sample_row(
    const struct dmp_plan *plan, const char *key);

/* Why there is no such port; NULL when nothing is said about it. */
const char *plan_sample_absence(
    const struct dmp_plan *plan, const char *host, const char *requirement);

/* There must be no such port, for this reason. */
void plan_sample_absent(const struct dmp_plan *plan, const char *host,
    const char *requirement, const char *why);

#endif
