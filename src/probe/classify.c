/* SPDX-License-Identifier: BSD-2-Clause */
#include "probe/classify.h"

#include <string.h>

#include "base/text.h"

#define SHOWN         48         /* characters of a banner */
#define ES_MESSAGE    (1u << 27) /* more than a transport message can have */
#define CQL_FRAME     (1u << 16) /* more than an answer to a first request has */
#define MYSQL_PACKET  1024       /* a greeting is shorter */
#define MYSQL_VERSION 64

struct bytes {
	const uint8_t *p;
	size_t n;
};

static bool
bytes_begin(struct bytes b, const char *prefix, size_t size)
{
	return b.n >= size && memcmp(b.p, prefix, size) == 0;
}

static size_t
bytes_find(struct bytes b, const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i + size <= b.n; i++)
		if (memcmp(b.p + i, text, size) == 0)
			return i;
	return SIZE_MAX;
}

static bool
bytes_have(struct bytes b, const char *text)
{
	return bytes_find(b, text) != SIZE_MAX;
}

/* The bytes up to the end of the line, cut and printable. */
static void
bytes_line(struct bytes b, size_t from, char *field, size_t size)
{
	size_t end = from;

	while (end < b.n && b.p[end] != '\r' && b.p[end] != '\n' && b.p[end] != '\0')
		end++;
	dmp_text_printable(field, size, b.p + from, end - from);
}

static uint32_t
bytes_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A recogniser fills in text and returns true, or leaves it. */
static bool
classify_http(struct bytes b, char *text)
{
	char status[8] = "";
	char server[SHOWN] = "";
	size_t at;

	if (!bytes_begin(b, "HTTP/1.", 7))
		return false;
	if (b.n >= 12 && b.p[8] == ' ')
		dmp_text_printable(status, sizeof status, b.p + 9, 3);
	at = bytes_find(b, "\nServer: ");
	if (at == SIZE_MAX)
		at = bytes_find(b, "\nserver: ");
	if (at != SIZE_MAX)
		bytes_line(b, at + 9, server, sizeof server);
	dmp_text_format(text, DMP_CLASSIFY_TEXT, "HTTP%s%s%s%s", status[0] ? " " : "",
	    status, server[0] ? ", Server: " : "", server);
	return true;
}

static bool
classify_http2(struct bytes b, char *text)
{
	/* A SETTINGS frame on stream 0 (RFC 9113 6.5). */
	if (b.n < 9 || b.p[0] != 0 || b.p[1] != 0 || b.p[2] % 6 != 0 || b.p[3] != 4 ||
	    memcmp(b.p + 4, "\0\0\0\0\0", 5) != 0)
		return false;
	dmp_text_copy(text, DMP_CLASSIFY_TEXT, "HTTP/2 without TLS");
	return true;
}

static bool
bytes_are_tls(struct bytes b, uint8_t type)
{
	return b.n >= 3 && b.p[0] == type && b.p[1] == 3 && b.p[2] <= 4;
}

static bool
classify_tls_alert(struct bytes b, char *text)
{
	if (!bytes_are_tls(b, 0x15))
		return false;
	if (b.n >= 7 && b.p[3] == 0 && b.p[4] == 2)
		dmp_text_format(text, DMP_CLASSIFY_TEXT, "TLS (alert %d)", b.p[6]);
	else
		dmp_text_copy(text, DMP_CLASSIFY_TEXT, "TLS (alert)");
	return true;
}

static bool
classify_tls(struct bytes b, char *text)
{
	if (!bytes_are_tls(b, 0x16))
		return false;
	dmp_text_copy(text, DMP_CLASSIFY_TEXT, "TLS");
	return true;
}

static bool
bytes_are_nats(struct bytes b)
{
	return bytes_begin(b, "INFO {", 6);
}

static void
classify_nats_text(struct bytes b, const char *name, char *text)
{
	static const char KEY[] = "\"version\":\"";
	size_t at = bytes_find(b, KEY);
	size_t end = at + sizeof KEY - 1;
	char version[SHOWN] = "";

	if (at != SIZE_MAX) {
		size_t size = 0;

		while (end + size < b.n && b.p[end + size] != '"')
			size++;
		dmp_text_printable(version, sizeof version, b.p + end, size);
	}
	dmp_text_format(
	    text, DMP_CLASSIFY_TEXT, "%s%s%s", name, version[0] ? " " : "", version);
}

/* A client is told its number, a route never is. */
static bool
classify_nats_route(struct bytes b, char *text)
{
	if (!bytes_are_nats(b) || bytes_have(b, "\"client_id\"") ||
	    !(bytes_have(b, "\"lnoc\"") || bytes_have(b, "\"nonce\"")))
		return false;
	classify_nats_text(b, "NATS route", text);
	return true;
}

static bool
classify_nats_client(struct bytes b, char *text)
{
	if (!bytes_are_nats(b) && !bytes_begin(b, "-ERR '", 6))
		return false;
	classify_nats_text(b, "NATS", text);
	return true;
}

static bool
classify_net_remoting(struct bytes b, char *text)
{
	if (!bytes_begin(b, ".NET\1\0\2\0", 8))
		return false;
	dmp_text_copy(text, DMP_CLASSIFY_TEXT, ".NET Remoting over TCP");
	return true;
}

static bool
classify_search_node(struct bytes b, char *text)
{
	bool frame =
	    bytes_begin(b, "ES", 2) && b.n >= 6 &&
	    (bytes_be32(b.p + 2) == UINT32_MAX || bytes_be32(b.p + 2) < ES_MESSAGE);

	if (!frame && !bytes_begin(b, "This is not a HTTP port", 23) &&
	    !bytes_begin(b, "This is not an HTTP port", 24))
		return false;
	dmp_text_copy(text, DMP_CLASSIFY_TEXT, "Elasticsearch or OpenSearch transport");
	return true;
}

static bool
classify_cql(struct bytes b, char *text)
{
	/* Response bit and version 3..6, then ERROR or SUPPORTED. */
	if (b.n < 9 || b.p[0] < 0x83 || b.p[0] > 0x86 ||
	    (b.p[4] != 0x00 && b.p[4] != 0x06) || bytes_be32(b.p + 5) > CQL_FRAME)
		return false;
	dmp_text_format(
	    text, DMP_CLASSIFY_TEXT, "Cassandra CQL version %d", b.p[0] & 0x7f);
	return true;
}

static bool
classify_rmi(struct bytes b, char *text)
{
	size_t size = b.n >= 3 ? b.p[2] : 0;

	if (b.n == 1 && b.p[0] == 0x4f) {
		dmp_text_copy(
		    text, DMP_CLASSIFY_TEXT, "Java RMI (protocol not supported)");
		return true;
	}
	/* ProtocolAck: our address as text, our port as 32 bits. */
	if (b.n < 3 || b.p[0] != 0x4e || b.p[1] != 0 || size == 0 || b.n < 3 + size + 4)
		return false;
	for (size_t i = 0; i < size; i++)
		if (b.p[3 + i] <= 0x20 || b.p[3 + i] >= 0x7f)
			return false;
	if (b.p[3 + size] != 0 || b.p[4 + size] != 0)
		return false;
	dmp_text_copy(text, DMP_CLASSIFY_TEXT, "Java RMI (JMX)");
	return true;
}

static bool
classify_telnet(struct bytes b, char *text)
{
	if (b.n < 3 || b.p[0] != 0xff || b.p[1] < 0xfb || b.p[1] == 0xff)
		return false;
	dmp_text_copy(text, DMP_CLASSIFY_TEXT, "Telnet");
	return true;
}

static bool
classify_mysql(struct bytes b, char *text)
{
	static const char MARIADB[] = "5.5.5-";
	size_t length =
	    b.n >= 7 ? b.p[0] | (size_t)b.p[1] << 8 | (size_t)b.p[2] << 16 : 0;
	struct bytes version;
	const uint8_t *end;
	char shown[SHOWN];

	if (length < 3 || length > MYSQL_PACKET || b.p[3] > 1)
		return false;
	if (b.p[4] == 0xff) {
		dmp_text_format(text, DMP_CLASSIFY_TEXT, "MySQL or MariaDB, error %d",
		    b.p[5] | b.p[6] << 8);
		return true;
	}
	version = (struct bytes){b.p + 5, b.n - 5};
	if (version.n > MYSQL_VERSION)
		version.n = MYSQL_VERSION;
	end = memchr(version.p, 0, version.n);
	if (b.p[4] != 0x0a || !end || end == version.p)
		return false;
	version.n = (size_t)(end - version.p);
	if (bytes_begin(version, MARIADB, sizeof MARIADB - 1)) {
		version.p += sizeof MARIADB - 1;
		version.n -= sizeof MARIADB - 1;
	}
	dmp_text_printable(shown, sizeof shown, version.p, version.n);
	dmp_text_format(text, DMP_CLASSIFY_TEXT, "MySQL or MariaDB %s", shown);
	return true;
}

static bool
classify_mssql(struct bytes b, char *text)
{
	if (b.n < 8 || b.p[0] != 4 || b.p[1] != 1 ||
	    memcmp(b.p + 4, "\0\0\1\0", 4) != 0)
		return false;
	dmp_text_copy(text, DMP_CLASSIFY_TEXT, "Microsoft SQL Server");
	return true;
}

/* The version of the messaging service is all that a node says, maybe with a second
 * one and a checksum. */
static bool
classify_cassandra_node(struct bytes b, char *text)
{
	if ((b.n != 4 && b.n != 12) || bytes_be32(b.p) < 0x0a || bytes_be32(b.p) > 0x0d)
		return false;
	dmp_text_format(text, DMP_CLASSIFY_TEXT,
	    "Cassandra internode, messaging version %d", b.p[3]);
	return true;
}

/* SEQUENCE of a definite length, INTEGER version (RFC 3417 8). */
static bool
classify_snmp(struct bytes b, char *text)
{
	size_t at = 2;

	if (b.n < 5 || b.p[0] != 0x30 || b.p[1] == 0x80)
		return false;
	if (b.p[1] & 0x80)
		at += b.p[1] & 0x7f;
	if (at > 6 || b.n < at + 3 || b.p[at] != 2 || b.p[at + 1] != 1 ||
	    b.p[at + 2] > 3)
		return false;
	dmp_text_copy(text, DMP_CLASSIFY_TEXT, "SNMP");
	return true;
}

/* Services that begin with a line of text of their own. */
static bool
classify_banner(struct bytes b, enum dmp_service *ret_service, char *text)
{
	static const struct {
		const char *prefix;
		const char *name;
		enum dmp_service service;
	} BANNERS[] = {
	    {"SSH-", "", DMP_SERVICE_SSH},
	    {"220 ", "SMTP or FTP: ", DMP_SERVICE_SMTP_OR_FTP},
	    {"220-", "SMTP or FTP: ", DMP_SERVICE_SMTP_OR_FTP},
	    {"+OK", "POP3: ", DMP_SERVICE_POP3},
	    {"* OK", "IMAP: ", DMP_SERVICE_IMAP},
	    {"RFB ", "VNC: ", DMP_SERVICE_RFB},
	    {"AMQP", "AMQP: ", DMP_SERVICE_AMQP},
	    {"-ERR unknown command", "Redis: ", DMP_SERVICE_REDIS},
	    {"-NOAUTH ", "Redis: ", DMP_SERVICE_REDIS},
	};

	for (size_t i = 0; i < sizeof BANNERS / sizeof BANNERS[0]; i++) {
		char line[SHOWN];

		if (!bytes_begin(b, BANNERS[i].prefix, strlen(BANNERS[i].prefix)))
			continue;
		bytes_line(b, 0, line, sizeof line);
		dmp_text_format(text, DMP_CLASSIFY_TEXT, "%s%s", BANNERS[i].name, line);
		*ret_service = BANNERS[i].service;
		return true;
	}
	return false;
}

enum dmp_service
dmp_classify(const uint8_t *data, size_t size, char text[DMP_CLASSIFY_TEXT])
{
	static const struct {
		enum dmp_service service;
		bool (*is)(struct bytes b, char *text);
	} SERVICES[] = {
	    {DMP_SERVICE_HTTP, classify_http},
	    {DMP_SERVICE_HTTP2, classify_http2},
	    {DMP_SERVICE_TLS_ALERT, classify_tls_alert},
	    {DMP_SERVICE_TLS, classify_tls},
	    {DMP_SERVICE_NATS_ROUTE, classify_nats_route},
	    {DMP_SERVICE_NATS_CLIENT, classify_nats_client},
	    {DMP_SERVICE_NET_REMOTING, classify_net_remoting},
	    {DMP_SERVICE_SEARCH_NODE, classify_search_node},
	    {DMP_SERVICE_CQL, classify_cql},
	    {DMP_SERVICE_RMI, classify_rmi},
	    {DMP_SERVICE_TELNET, classify_telnet},
	    {DMP_SERVICE_MSSQL, classify_mssql},
	    {DMP_SERVICE_MYSQL, classify_mysql},
	    {DMP_SERVICE_CASSANDRA_NODE, classify_cassandra_node},
	    {DMP_SERVICE_SNMP, classify_snmp},
	};
	const struct bytes b = {data, size};
	enum dmp_service service = DMP_SERVICE_UNKNOWN;

	text[0] = '\0';
	if (size == 0 || classify_banner(b, &service, text))
		return service;
	for (size_t i = 0; i < sizeof SERVICES / sizeof SERVICES[0]; i++)
		if (SERVICES[i].is(b, text))
			return SERVICES[i].service;
	return DMP_SERVICE_UNKNOWN;
}
