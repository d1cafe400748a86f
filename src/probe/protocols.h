/* SPDX-License-Identifier: BSD-2-Clause */
/* protocols.h - inside the probe library: every protocol, one line each. */
#ifndef DMP_PROTOCOLS_H
#define DMP_PROTOCOLS_H

#include "probe/talk.h"

extern const struct dmp_protocol dmp_protocol_cloud_endpoint;
extern const struct dmp_protocol dmp_protocol_cql;
extern const struct dmp_protocol dmp_protocol_cql_tls;
extern const struct dmp_protocol dmp_protocol_dataminer_http;
extern const struct dmp_protocol dmp_protocol_dataminer_https;
extern const struct dmp_protocol dmp_protocol_exchange;
extern const struct dmp_protocol dmp_protocol_grpc;
extern const struct dmp_protocol dmp_protocol_http;
extern const struct dmp_protocol dmp_protocol_https;
extern const struct dmp_protocol dmp_protocol_internode;
extern const struct dmp_protocol dmp_protocol_internode_tls;
extern const struct dmp_protocol dmp_protocol_jmx;
extern const struct dmp_protocol dmp_protocol_nats;
extern const struct dmp_protocol dmp_protocol_nats_account;
extern const struct dmp_protocol dmp_protocol_nats_monitor;
extern const struct dmp_protocol dmp_protocol_nats_route;
extern const struct dmp_protocol dmp_protocol_remoting;
extern const struct dmp_protocol dmp_protocol_search_http;
extern const struct dmp_protocol dmp_protocol_search_node;
extern const struct dmp_protocol dmp_protocol_telnet;
extern const struct dmp_protocol dmp_protocol_thrift;
extern const struct dmp_protocol dmp_protocol_tls;

#endif
