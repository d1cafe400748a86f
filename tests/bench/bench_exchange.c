/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The answers are those of real servers (nats-server 2.9, Cassandra 4.1, OpenJDK 17,
 * Elasticsearch 6.8), the requests those that get them.
 */
#include "tests/bench/bench_exchange.h"

#define WORDS(text) text, sizeof(text) - 1

#define NATS_INFO                                                                      \
	"INFO "                                                                        \
	"{\"server_id\":\"NDJWE4SOUJOJT2TY5Y2YQEOAHGAK5VIGXTGKWJSFHVCII4ITI3LBHBUV\"," \
	"\"server_name\":\"lab1\",\"version\":\"2.9.10\",\"proto\":1,"                 \
	"\"go\":\"go1.19.8\",\"host\":\"127.0.0.1\",\"port\":24222,\"headers\":true,"  \
	"\"max_payload\":1048576,\"client_id\":84,\"client_ip\":\"127.0.0.1\","        \
	"\"cluster\":\"DMS\"} \r\n"

#define CQL_OPTIONS "\x04\0\0\0\x05\0\0\0\0"
#define CQL_SUPPORTED                                                                  \
	"\x84\0\0\0\x06\0\0\0\x3f\0\x02"                                               \
	"\0\x11PROTOCOL_VERSIONS\0\x03\0\x04"                                          \
	"3/v3\0\x04"                                                                   \
	"4/v4\0\x04"                                                                   \
	"5/v5\0\x0b"                                                                   \
	"CQL_VERSION\0\x01\0\x05"                                                      \
	"3.4.6"

#define RMI_REQUEST "JRMI\0\x02K\0\0\0\0\0\0R"
#define RMI_ACK                                                                        \
	"N\0\x09"                                                                      \
	"127.0.0.1\0\0\xa8\x0aS"

#define HTTP_FIELDS                                                                    \
	"User-Agent: bench\r\nAccept: application/json\r\nHost: 127.0.0.1:9200\r\n"
#define SEARCH_ROOT                                                                    \
	"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\n"         \
	"content-length: 189\r\n\r\n"                                                  \
	"{ \"name\" : \"peer\", \"cluster_name\" : \"peers\", \"cluster_uuid\" : "     \
	"\"n8WcDmTgQ3mEHv1NhuxiCQ\", \"version\" : { \"number\" : \"6.8.23\", "        \
	"\"lucene_version\" : \"7.7.3\" }, \"tagline\" : \"You Know, for Search\" }"
#define SEARCH_HEALTH                                                                  \
	"HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\n"         \
	"content-length: 61\r\n\r\n"                                                   \
	"{\"cluster_name\":\"peers\",\"status\":\"green\",\"number_of_nodes\":1}"

const struct bench_exchange bench_exchanges[] = {
    {"connect", DMP_PROBE_CONNECT, DMP_REASON_OPEN, 64, {{0}}},
    {"CQL OPTIONS", DMP_PROBE_CQL, DMP_REASON_ANSWERED, 64,
        {{WORDS(CQL_OPTIONS), WORDS(CQL_SUPPORTED)}}},
    /* After its greeting NATS may still turn us away: a probe listens for 50 ms. */
    {"NATS INFO", DMP_PROBE_NATS, DMP_REASON_ANSWERED, 1024,
        {{"", 0, WORDS(NATS_INFO)}}},
    {"JMX ping", DMP_PROBE_JMX, DMP_REASON_ANSWERED, 64,
        {{WORDS(RMI_REQUEST), WORDS(RMI_ACK)}}},
    {"Elasticsearch ping", DMP_PROBE_SEARCH_HTTP, DMP_REASON_ANSWERED, 64,
        {{WORDS("GET / HTTP/1.1\r\n" HTTP_FIELDS "\r\n"), WORDS(SEARCH_ROOT)},
            {WORDS("GET /_cluster/health HTTP/1.1\r\n" HTTP_FIELDS
                   "Connection: close\r\n\r\n"),
                WORDS(SEARCH_HEALTH)}}},
};

const size_t bench_n_exchanges = sizeof bench_exchanges / sizeof bench_exchanges[0];
