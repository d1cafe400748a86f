/* SPDX-License-Identifier: BSD-2-Clause */
/* Services are named by their first bytes; the bytes are captured ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "probe/classify.h"
#include "support/hex.h"

struct sample {
	enum dmp_service service;
	const char *text; /* how the name must read */
	const char *hex;  /* NULL: plain is the answer */
	const char *plain;
};

static const struct sample SAMPLES[] = {
    {DMP_SERVICE_HTTP, "HTTP 404, Server: nginx/1.22.1", NULL,
        "HTTP/1.1 404 Not Found\r\nServer: nginx/1.22.1\r\n\r\n"},
    {DMP_SERVICE_HTTP, "HTTP 400", NULL, "HTTP/1.0 400 Bad Request\r\n\r\n"},
    {DMP_SERVICE_HTTP, "HTTP 502, Server: envoy", NULL,
        "HTTP/1.1 502 x\r\nx: y\r\nserver: envoy\r\n"},
    {DMP_SERVICE_HTTP, "HTTP", NULL, "HTTP/1.1\r\n"},
    {DMP_SERVICE_HTTP, "HTTP", NULL, "HTTP/1.1_404 x"},
    {DMP_SERVICE_HTTP, "HTTP 500, Server: MS .NET Remoting, MS .NET CLR 4.0.30319",
        NULL, "HTTP/1.1 500 x.\r\nServer: MS .NET Remoting, MS .NET CLR 4.0.30319\r\n"},
    {DMP_SERVICE_HTTP2, "HTTP/2 without TLS",
        "000012040000000000000300000080000400010000000500ffffff", NULL},
    {DMP_SERVICE_TLS_ALERT, "TLS (alert 10)", "150303000202 0a", NULL},
    {DMP_SERVICE_TLS_ALERT, "TLS (alert 40)", "15030100020228", NULL},
    {DMP_SERVICE_TLS_ALERT, "TLS (alert)", "1503030013 0000000000000000", NULL},
    {DMP_SERVICE_TLS_ALERT, "TLS (alert)", "150303", NULL},
    {DMP_SERVICE_TLS, "TLS", "160303006a020000660303310e", NULL},
    {DMP_SERVICE_TLS, "TLS", "160304", NULL},
    {DMP_SERVICE_NATS_CLIENT, "NATS 2.9.10", NULL,
        "INFO {\"server_id\":\"NCJ7\",\"server_name\":\"lab1\",\"version\":\"2.9.10\","
        "\"proto\":1,\"client_id\":84,\"nonce\":\"x\"} \r\n"},
    {DMP_SERVICE_NATS_CLIENT, "NATS", NULL, "-ERR 'Unknown Protocol Operation'\r\n"},
    {DMP_SERVICE_NATS_CLIENT, "NATS", NULL, "INFO {\"server_id\":\"N\"}\r\n"},
    {DMP_SERVICE_NATS_CLIENT, "NATS 2.1", NULL, "INFO {\"version\":\"2.1"},
    {DMP_SERVICE_NATS_ROUTE, "NATS route 2.0", NULL,
        "INFO {\"version\":\"2.0\",\"lnoc\":true}\r\n"},
    {DMP_SERVICE_NATS_ROUTE, "NATS route 2.0", NULL,
        "INFO {\"version\":\"2.0\",\"nonce\":\"x\"}\r\n"},
    {DMP_SERVICE_NATS_ROUTE, "NATS route 2.9.10", NULL,
        "INFO {\"server_id\":\"NCJ7\",\"version\":\"2.9.10\",\"proto\":2,"
        "\"nonce\":\"PZD\",\"cluster\":\"DMS\",\"lnoc\":true} \r\n"},
    {DMP_SERVICE_NET_REMOTING, ".NET Remoting over TCP",
        "2e4e455401000200000032080000000000010000", NULL},
    {DMP_SERVICE_SEARCH_NODE, "Elasticsearch or OpenSearch transport", "4553ffffffff",
        NULL},
    {DMP_SERVICE_SEARCH_NODE, "Elasticsearch or OpenSearch transport",
        "4553000000340000000000000001", NULL},
    {DMP_SERVICE_SEARCH_NODE, "Elasticsearch or OpenSearch transport", NULL,
        "This is not a HTTP port"},
    {DMP_SERVICE_SEARCH_NODE, "Elasticsearch or OpenSearch transport", NULL,
        "This is not an HTTP port"},
    {DMP_SERVICE_CQL, "Cassandra CQL version 4",
        "8400000006000000600003001150524f544f434f4c5f56455253494f4e53", NULL},
    {DMP_SERVICE_CQL, "Cassandra CQL version 5", "850000000000000010 0000000a", NULL},
    {DMP_SERVICE_CQL, "Cassandra CQL version 3", "830000000000000010 0000000a", NULL},
    {DMP_SERVICE_CQL, "Cassandra CQL version 6", "860000000600000000", NULL},
    {DMP_SERVICE_CQL, "Cassandra CQL version 4", "840000000600010000", NULL},
    {DMP_SERVICE_RMI, "Java RMI (JMX)", "4e00093132372e302e302e310000a7fa", NULL},
    {DMP_SERVICE_RMI, "Java RMI (protocol not supported)", "4f", NULL},
    {DMP_SERVICE_TELNET, "Telnet", "fffb25fffb26fffd18fffd20", NULL},
    {DMP_SERVICE_MYSQL, "MySQL or MariaDB 10.11.19-MariaDB",
        "640000000a352e352e352d31302e31312e31392d4d617269614442000100", NULL},
    {DMP_SERVICE_MYSQL, "MySQL or MariaDB, error 1129", "45000000ff6904486f7374", NULL},
    {DMP_SERVICE_MYSQL, "MySQL or MariaDB 8.0.36", "4a0000000a382e302e333600", NULL},
    {DMP_SERVICE_MYSQL, "MySQL or MariaDB 8.0.36", "000400010a382e302e333600", NULL},
    {DMP_SERVICE_MSSQL, "Microsoft SQL Server", "0401002b0000010000001a0006", NULL},
    {DMP_SERVICE_CASSANDRA_NODE, "Cassandra internode, messaging version 11",
        "0000000b", NULL},
    {DMP_SERVICE_CASSANDRA_NODE, "Cassandra internode, messaging version 10",
        "0000000a", NULL},
    {DMP_SERVICE_CASSANDRA_NODE, "Cassandra internode, messaging version 13",
        "0000000d", NULL},
    {DMP_SERVICE_CASSANDRA_NODE, "Cassandra internode, messaging version 12",
        "0000000c0000000c26f5673a", NULL},
    {DMP_SERVICE_SSH, "SSH-2.0-OpenSSH_9.2", NULL, "SSH-2.0-OpenSSH_9.2\r\n"},
    {DMP_SERVICE_SMTP_OR_FTP, "SMTP or FTP: 220 mail ESMTP", NULL,
        "220 mail ESMTP\r\n"},
    {DMP_SERVICE_SMTP_OR_FTP, "SMTP or FTP: 220-hello", NULL, "220-hello\r\n220 x"},
    {DMP_SERVICE_POP3, "POP3: +OK ready", NULL, "+OK ready\r\n"},
    {DMP_SERVICE_POP3, "POP3: +OK", NULL, "+OK"},
    {DMP_SERVICE_IMAP, "IMAP: * OK Dovecot", NULL, "* OK Dovecot\r\n"},
    {DMP_SERVICE_RFB, "VNC: RFB 003.008", NULL, "RFB 003.008\n"},
    {DMP_SERVICE_AMQP, "AMQP: AMQP", "414d515000000901", NULL},
    {DMP_SERVICE_REDIS, "Redis: -ERR unknown command 'GET'", NULL,
        "-ERR unknown command 'GET'\r\n"},
    {DMP_SERVICE_REDIS, "Redis: -NOAUTH Authentication required.", NULL,
        "-NOAUTH Authentication required.\r\n"},
    {DMP_SERVICE_SMTP_OR_FTP, "SMTP or FTP: 220 a", NULL, "220 a"},
    {DMP_SERVICE_SSH, "SSH-2.0-x", "5353482d322e302d7800790a", NULL},
    {DMP_SERVICE_SSH, "SSH-2.0-567890123456789012345678901234567890123", NULL,
        "SSH-2.0-567890123456789012345678901234567890123456789012345678901"},
    {DMP_SERVICE_SNMP, "SNMP", "306e020103300f02024a69020300ffe3", NULL},
    {DMP_SERVICE_SNMP, "SNMP", "3081f10201010406", NULL},
    {DMP_SERVICE_SNMP, "SNMP", "3084000000110201000406", NULL},
    {DMP_SERVICE_UNKNOWN, "", "deadbeef", NULL},
    /* As short as it may be. */
    {DMP_SERVICE_HTTP, "HTTP 404", NULL, "HTTP/1.1 404"},
    {DMP_SERVICE_HTTP2, "HTTP/2 without TLS", "000000040000000000", NULL},
    {DMP_SERVICE_RMI, "Java RMI (JMX)", "4e00013100000000", NULL},
    {DMP_SERVICE_TELNET, "Telnet", "fffb25", NULL},
    {DMP_SERVICE_MYSQL, "MySQL or MariaDB, error 1129", "45000000ff6904", NULL},
    {DMP_SERVICE_MYSQL, "MySQL or MariaDB 8", "030000000a3800", NULL},
    {DMP_SERVICE_MSSQL, "Microsoft SQL Server", "0401002b00000100", NULL},
    {DMP_SERVICE_SNMP, "SNMP", "3003020100", NULL},
    /* What a rule must not take: one byte off in each. */
    {DMP_SERVICE_UNKNOWN, "", NULL, "HTTP/2 200\r\n"},
    {DMP_SERVICE_UNKNOWN, "", NULL, "-ERR wrong\r\n"},
    {DMP_SERVICE_UNKNOWN, "", NULL, "INFO [1]\r\n"},
    {DMP_SERVICE_UNKNOWN, "", NULL, "-OK\r\n"},
    {DMP_SERVICE_UNKNOWN, "", NULL, "230 logged in\r\n"},
    {DMP_SERVICE_UNKNOWN, "", NULL, "* NO\r\n"},
    {DMP_SERVICE_UNKNOWN, "", NULL, "This is no HTTP port"},
    {DMP_SERVICE_UNKNOWN, "", "2e4e455402000200000032", NULL},
    {DMP_SERVICE_UNKNOWN, "", "455308000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "15030500020228", NULL},
    {DMP_SERVICE_UNKNOWN, "", "150203", NULL},
    {DMP_SERVICE_UNKNOWN, "", "820000000600000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "870000000600000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "840000000500000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4f4f", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4e0000000000000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4e01013100000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4e00013101000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4e00013100010000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4e00017f00000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4e00012000000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "fffa25", NULL},
    {DMP_SERVICE_UNKNOWN, "", "fffffb", NULL},
    {DMP_SERVICE_UNKNOWN, "", "020000000a380000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "010400000a382e3000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4a0000020a382e3000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4a0000000b382e3000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4a0000000a0000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "0402002b00000100", NULL},
    {DMP_SERVICE_UNKNOWN, "", "0501002b00000100", NULL},
    {DMP_SERVICE_UNKNOWN, "", "0401002b00000200", NULL},
    {DMP_SERVICE_UNKNOWN, "", "00000009", NULL},
    {DMP_SERVICE_UNKNOWN, "", "3103020103", NULL},
    {DMP_SERVICE_UNKNOWN, "", "30850000000003020103", NULL},
    {DMP_SERVICE_UNKNOWN, "", "3003030103", NULL},
    {DMP_SERVICE_UNKNOWN, "", "3003020203", NULL},
    {DMP_SERVICE_UNKNOWN, "", "3003020104", NULL},
    {DMP_SERVICE_UNKNOWN, "", "000012050000000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "000012040000000001", NULL},
    {DMP_SERVICE_UNKNOWN, "", "000112040000000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "010012040000000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", NULL, "ESMTP ready"},
    {DMP_SERVICE_UNKNOWN, "", "0000000e", NULL},
    {DMP_SERVICE_UNKNOWN, "", "0000000b00", NULL},
    {DMP_SERVICE_UNKNOWN, "", "840000000600100001", NULL},
    {DMP_SERVICE_UNKNOWN, "", "000013040000000000", NULL},
    {DMP_SERVICE_UNKNOWN, "", "ffff0102", NULL},
    {DMP_SERVICE_UNKNOWN, "", "160203006a", NULL},
    {DMP_SERVICE_UNKNOWN, "", "4e00093132372e300a302e310000a7fa", NULL},
    {DMP_SERVICE_UNKNOWN, "", "30800201010406", NULL},
    {DMP_SERVICE_UNKNOWN, "", "640000000a00", NULL},
};

static size_t
sample_bytes(const struct sample *sample, uint8_t *out, size_t size)
{
	size_t n;

	if (sample->hex)
		return test_hex(sample->hex, out, size);
	n = strlen(sample->plain);
	assert_true(n <= size);
	memcpy(out, sample->plain, n);
	return n;
}

static void
every_service_is_named(void **state)
{
	bool seen[DMP_SERVICE_SNMP + 1] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof SAMPLES / sizeof SAMPLES[0]; i++) {
		char text[DMP_CLASSIFY_TEXT];
		uint8_t bytes[256];
		size_t size = sample_bytes(&SAMPLES[i], bytes, sizeof bytes);

		assert_int_equal(dmp_classify(bytes, size, text), SAMPLES[i].service);
		assert_string_equal(text, SAMPLES[i].text);
		seen[SAMPLES[i].service] = true;
	}
	for (int i = 0; i <= DMP_SERVICE_SNMP; i++)
		assert_true(seen[i]);
}

/* Answers of real servers (their first bytes, of those longer than the tap). */
static void
captured_answers_are_named(void **state)
{
	static const struct {
		const char *name;
		enum dmp_service service;
	} CAPTURED[] = {
	    {"nats_client", DMP_SERVICE_NATS_CLIENT},
	    {"nats_client_ping", DMP_SERVICE_NATS_CLIENT},
	    {"nats_client_tls_auth", DMP_SERVICE_NATS_CLIENT},
	    {"nats_client_auth", DMP_SERVICE_NATS_CLIENT},
	    {"nats_route", DMP_SERVICE_NATS_ROUTE},
	    {"nats_mon_healthz", DMP_SERVICE_HTTP},
	    {"nats_mon_varz", DMP_SERVICE_HTTP},
	    {"nas_help", DMP_SERVICE_HTTP},
	    {"nas_healthz", DMP_SERVICE_HTTP},
	    {"nas_accounts", DMP_SERVICE_HTTP},
	    {"jmx_handshake", DMP_SERVICE_RMI},
	    {"jmx_ping", DMP_SERVICE_RMI},
	    {"jmx_list", DMP_SERVICE_RMI},
	    {"nrtp_tcp_full", DMP_SERVICE_NET_REMOTING},
	    {"nrtp_http_get", DMP_SERVICE_HTTP},
	    {"http_nginx", DMP_SERVICE_HTTP},
	    {"h2c_preface", DMP_SERVICE_HTTP2},
	    {"tls12_hello", DMP_SERVICE_TLS},
	    {"tls12_hello_to_plain_http", DMP_SERVICE_HTTP},
	    {"http_to_tls", DMP_SERVICE_HTTP},
	    {"snmp_v3_discovery", DMP_SERVICE_SNMP},
	    {"snmp_v2c_get", DMP_SERVICE_SNMP},
	    {"trap_v3_discovery", DMP_SERVICE_SNMP},
	    {"trap_v2c_inform", DMP_SERVICE_SNMP},
	};

	(void)state;
	for (size_t i = 0; i < sizeof CAPTURED / sizeof CAPTURED[0]; i++) {
		char path[1024];
		char text[DMP_CLASSIFY_TEXT];
		char *data = NULL;
		size_t size;

		dmp_text_format(path, sizeof path,
		    DMP_SOURCE_DIR "/tests/fuzz/corpus/classify/%s", CAPTURED[i].name);
		assert_int_equal(dmp_file_read(path, 4096, &data, &size), DMP_OK);
		assert_true(size > 0);
		assert_int_equal(dmp_classify((const uint8_t *)data, size, text),
		    CAPTURED[i].service);
		free(data);
	}
}

/* The bytes stand alone on the heap, so that a read beyond them is seen. */
static void
every_truncation_is_safe_and_printable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof SAMPLES / sizeof SAMPLES[0]; i++) {
		uint8_t bytes[256];
		size_t size = sample_bytes(&SAMPLES[i], bytes, sizeof bytes);

		for (size_t n = 0; n < size; n++) {
			char text[DMP_CLASSIFY_TEXT];
			uint8_t *cut = malloc(n + 1);

			assert_non_null(cut);
			memcpy(cut + 1, bytes, n);
			(void)dmp_classify(cut + 1, n, text);
			for (const char *c = text; *c; c++)
				assert_true(*c >= 0x20 && *c < 0x7f);
			free(cut);
		}
	}
}

static void
nothing_is_nobody(void **state)
{
	char text[DMP_CLASSIFY_TEXT] = "left over";

	(void)state;
	assert_int_equal(
	    dmp_classify((const uint8_t *)"", 0, text), DMP_SERVICE_UNKNOWN);
	assert_string_equal(text, "");
}

static void
banner_with_escapes_is_made_printable(void **state)
{
	static const uint8_t BANNER[] = "SSH-2.0-\x1b]0;x\x07_\xff\r\n";
	char text[DMP_CLASSIFY_TEXT];

	(void)state;
	assert_int_equal(
	    dmp_classify(BANNER, sizeof BANNER - 1, text), DMP_SERVICE_SSH);
	assert_string_equal(text, "SSH-2.0-.]0;x._.");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_service_is_named),
	    cmocka_unit_test(captured_answers_are_named),
	    cmocka_unit_test(every_truncation_is_safe_and_printable),
	    cmocka_unit_test(nothing_is_nobody),
	    cmocka_unit_test(banner_with_escapes_is_made_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
