/* SPDX-License-Identifier: BSD-2-Clause */
/* classify.h - what answered instead?  Names a service by its first bytes.  Pure. */
#ifndef DMP_CLASSIFY_H
#define DMP_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DMP_CLASSIFY_TEXT 96

enum dmp_service {
	DMP_SERVICE_UNKNOWN = 0,
	DMP_SERVICE_HTTP,
	DMP_SERVICE_HTTP2,
	DMP_SERVICE_TLS_ALERT,
	DMP_SERVICE_TLS,
	DMP_SERVICE_NATS_CLIENT,
	DMP_SERVICE_NATS_ROUTE,
	DMP_SERVICE_NET_REMOTING, /* MS-NRTP over TCP */
	DMP_SERVICE_SEARCH_NODE,  /* Elasticsearch / OpenSearch transport */
	DMP_SERVICE_CQL,
	DMP_SERVICE_RMI,
	DMP_SERVICE_TELNET,
	DMP_SERVICE_MYSQL,
	DMP_SERVICE_MSSQL,
	DMP_SERVICE_CASSANDRA_NODE,
	DMP_SERVICE_SSH,
	DMP_SERVICE_SMTP_OR_FTP,
	DMP_SERVICE_POP3,
	DMP_SERVICE_IMAP,
	DMP_SERVICE_RFB,
	DMP_SERVICE_AMQP,
	DMP_SERVICE_REDIS,
	DMP_SERVICE_SNMP
};

/* Look at the first bytes of an answer; text gets a name to show ("HTTP 404, Server:
 * nginx/1.22.1"), printable ASCII, "" for UNKNOWN. */
enum dmp_service dmp_classify(
    const uint8_t *data, size_t size, char text[DMP_CLASSIFY_TEXT]);

#endif
