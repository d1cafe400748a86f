/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "probe/protocols.h"

/* One line per kind, in the order of vocab.h; the others have no proof yet. */
static const struct dmp_protocol *const PROTOCOLS[] = {
    [DMP_PROBE_REMOTING] = &dmp_protocol_remoting,
    [DMP_PROBE_DATAMINER_HTTP] = &dmp_protocol_dataminer_http,
    [DMP_PROBE_DATAMINER_HTTPS] = &dmp_protocol_dataminer_https,
    [DMP_PROBE_GRPC] = &dmp_protocol_grpc,
    [DMP_PROBE_SEARCH_HTTP] = &dmp_protocol_search_http,
    [DMP_PROBE_SEARCH_NODE] = &dmp_protocol_search_node,
    [DMP_PROBE_CASSANDRA_INTERNODE] = &dmp_protocol_internode,
    [DMP_PROBE_CASSANDRA_INTERNODE_TLS] = &dmp_protocol_internode_tls,
    [DMP_PROBE_JMX] = &dmp_protocol_jmx,
    [DMP_PROBE_CQL] = &dmp_protocol_cql,
    [DMP_PROBE_CQL_TLS] = &dmp_protocol_cql_tls,
    [DMP_PROBE_THRIFT] = &dmp_protocol_thrift,
    [DMP_PROBE_NATS] = &dmp_protocol_nats,
    [DMP_PROBE_NATS_ROUTE] = &dmp_protocol_nats_route,
    [DMP_PROBE_NATS_MONITOR] = &dmp_protocol_nats_monitor,
    [DMP_PROBE_NATS_ACCOUNT] = &dmp_protocol_nats_account,
    [DMP_PROBE_CLOUD_ENDPOINT] = &dmp_protocol_cloud_endpoint,
    [DMP_PROBE_TELNET] = &dmp_protocol_telnet,
    [DMP_PROBE_HTTP] = &dmp_protocol_http,
    [DMP_PROBE_HTTPS] = &dmp_protocol_https,
    [DMP_PROBE_TLS] = &dmp_protocol_tls,
    [DMP_PROBE_EXCHANGE] = &dmp_protocol_exchange,
};

const struct dmp_protocol *
dmp_protocol_of(enum dmp_probe_kind kind)
{
	if ((size_t)kind >= sizeof PROTOCOLS / sizeof PROTOCOLS[0])
		return NULL;
	return PROTOCOLS[kind];
}
