/* SPDX-License-Identifier: BSD-2-Clause */
/* What catalogue.xml says: numbers, rows, versions, installers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "model/catalogue.h"
#include "model/version.h"

/* The numbers and keys that were promised: written by hand, never generated. */
static const struct {
	uint32_t number;
	const char *key;
	uint16_t port;
	enum dmp_transport transport;
	enum dmp_level level;
} PROMISED[] = {
    {1, "snmp-agent", 161, DMP_TRANSPORT_UDP, DMP_LEVEL_OPTIONAL},
    {2, "snmp-trap", 162, DMP_TRANSPORT_UDP, DMP_LEVEL_REQUIRED},
    {3, "remoting", 8004, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {4, "http", 80, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {5, "https", 443, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {6, "grpc", 443, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {7, "indexing-http", 9200, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {8, "indexing-node", 9300, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {9, "cassandra-internode", 7000, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {10, "cassandra-internode-tls", 7001, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {11, "cassandra-jmx", 7199, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {12, "cassandra-cql", 9042, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {13, "elasticsearch-http", 9200, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {14, "nats-client", 4222, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {15, "nats-route", 6222, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {16, "nats-monitor", 8222, DMP_TRANSPORT_TCP, DMP_LEVEL_FORBIDDEN},
    {17, "nats-account-server", 9090, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {18, "cloud-endpoint", 5100, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {19, "telnet-stream", 23, DMP_TRANSPORT_TCP, DMP_LEVEL_FORBIDDEN},
    {20, "cassandra-cql-tls-legacy", 9142, DMP_TRANSPORT_TCP, DMP_LEVEL_FORBIDDEN},
    {21, "cassandra-thrift", 9160, DMP_TRANSPORT_TCP, DMP_LEVEL_FORBIDDEN},
    {22, "broker-gateway", 443, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {23, "staas", 443, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {24, "staas-amqps", 5671, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {25, "staas-amqp", 5672, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {26, "dataminer-services", 443, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {27, "nats-gateway", 7222, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {28, "nats-leaf", 7422, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {29, "snmp-trap-v3", 362, DMP_TRANSPORT_UDP, DMP_LEVEL_FORBIDDEN},
    {30, "webservices-legacy", 9004, DMP_TRANSPORT_TCP, DMP_LEVEL_FORBIDDEN},
    {31, "user-defined-api", 5002, DMP_TRANSPORT_TCP, DMP_LEVEL_INFORMATIONAL},
    {32, "offload-mysql", 3306, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {33, "offload-sql-server", 1433, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {34, "offload-oracle", 1521, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {35, "offload-smb", 445, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {36, "offload-netbios", 139, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {37, "ldap", 389, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {38, "ldaps", 636, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {39, "ldap-catalog", 3268, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {40, "smtp", 25, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {41, "smtps", 465, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {42, "ntp", 123, DMP_TRANSPORT_UDP, DMP_LEVEL_OPTIONAL},
    {43, "snmp-forward", 162, DMP_TRANSPORT_UDP, DMP_LEVEL_OPTIONAL},
    {44, "snmp-poll", 161, DMP_TRANSPORT_UDP, DMP_LEVEL_OPTIONAL},
    {45, "remoting-callback", 0, DMP_TRANSPORT_TCP, DMP_LEVEL_INFORMATIONAL},
    {46, "alarm-socket", 0, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {47, "poll-socket", 0, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {48, "data-aggregator", 0, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {49, "radius", 0, DMP_TRANSPORT_UDP, DMP_LEVEL_OPTIONAL},
    {50, "icmp", 0, DMP_TRANSPORT_NONE, DMP_LEVEL_OPTIONAL},
    {51, "failover-heartbeat", 8004, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {52, "wmi", 135, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {53, "kibana", 5601, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {54, "cassandra-reaper", 8080, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {55, "cassandra-reaper-admin", 8081, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {56, "ssh", 22, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
    {57, "remote-desktop", 3389, DMP_TRANSPORT_TCP, DMP_LEVEL_OPTIONAL},
};
enum { N_PROMISED = sizeof PROMISED / sizeof PROMISED[0] };

static struct dmp_catalogue *
builtin(void)
{
	struct dmp_catalogue *catalogue = NULL;
	struct dmp_text errors = {0};

	assert_int_equal(dmp_catalogue_builtin(&catalogue, &errors), DMP_OK);
	assert_string_equal(dmp_text_get(&errors), "");
	dmp_text_done(&errors);
	return catalogue;
}

static void
builtin_has_every_promised_number_and_key(void **state)
{
	struct dmp_catalogue *catalogue = builtin();

	(void)state;
	assert_int_equal(catalogue->n_entries, N_PROMISED);
	for (size_t i = 0; i < N_PROMISED; i++) {
		const struct dmp_entry *e = &catalogue->entries[i];

		assert_int_equal(e->number, PROMISED[i].number);
		assert_string_equal(e->key, PROMISED[i].key);
		assert_int_equal(e->port, PROMISED[i].port);
		assert_int_equal(e->transport, PROMISED[i].transport);
		assert_int_equal(e->level, PROMISED[i].level);
		assert_ptr_equal(dmp_catalogue_find(catalogue, e->key), e);
	}
	assert_null(dmp_catalogue_find(catalogue, "no-such-key"));
	dmp_catalogue_free(catalogue);
}

static void
assert_printable(const char *text, size_t max)
{
	assert_non_null(text);
	assert_true(strlen(text) <= max);
	for (const char *p = text; *p; p++)
		assert_in_range(*p, 0x20, 0x7e);
}

static void
builtin_texts_are_printable_and_within_the_mib_limits(void **state)
{
	struct dmp_catalogue *catalogue = builtin();

	(void)state;
	assert_printable(catalogue->revision, 24);
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		const struct dmp_entry *e = &catalogue->entries[i];

		assert_printable(e->title, 63);
		assert_printable(e->protocol, 31);
		assert_printable(e->since, 63);
		assert_printable(e->until, 63);
		assert_printable(e->reference, 255);
		assert_printable(e->hint, 255);
		assert_printable(e->close, 255);
		assert_printable(e->conflict, 255);
		assert_printable(e->path, 255);
		assert_printable(e->expect, 255);
		assert_printable(e->why, 200);
		assert_true((e->why[0] == '\0') == (e->condition != NULL));
		assert_int_equal(
		    strncmp(e->reference, "https://docs.dataminer.services/", 32), 0);
	}
	dmp_catalogue_free(catalogue);
}

/* A route that is asked, a shell that nobody logs in to and the like write lines into
 * the log of the service; or there is nothing to ask. */
static void
builtin_only_connects_where_more_leaves_traces(void **state)
{
	static const char quiet[] =
	    "nats-route cassandra-internode cassandra-internode-tls telnet-stream "
	    "nats-gateway offload-mysql ssh";
	struct dmp_catalogue *catalogue = builtin();

	(void)state;
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		const struct dmp_entry *e = &catalogue->entries[i];
		bool connects =
		    e->probe == DMP_PROBE_CONNECT || dmp_text_has_word(quiet, e->key);

		assert_int_equal(
		    e->depth, connects ? DMP_DEPTH_CONNECT : DMP_DEPTH_IDENTIFY);
	}
	dmp_catalogue_free(catalogue);
}

static void
builtin_names_the_known_issue_of_port_9090(void **state)
{
	struct dmp_catalogue *catalogue = builtin();
	const struct dmp_entry *e =
	    dmp_catalogue_find(catalogue, "nats-account-server");

	(void)state;
	assert_non_null(e);
	assert_non_null(strstr(e->hint, "KI_NATS_port_9090"));
	dmp_catalogue_free(catalogue);
}

/* Every row of Skyline's documents, by the name it has in our notes, and its entries.
 */
static const struct {
	const char *row;
	const char *keys;
} ROWS[] = {
    {"snmp-poll", "snmp-poll"},
    {"snmp-agent", "snmp-agent"},
    {"snmp-trap-in", "snmp-trap"},
    {"snmp-trap-v3alt", "snmp-trap-v3"},
    {"snmp-fwd", "snmp-forward"},
    {"remoting", "remoting"},
    {"remoting-cb", "remoting-callback"},
    {"http", "http"},
    {"https", "https"},
    {"grpc", "grpc"},
    {"bgw", "broker-gateway"},
    {"ws-old", "webservices-legacy"},
    {"cloud", "dataminer-services"},
    {"staas", "staas"},
    {"staas-amqp", "staas-amqps staas-amqp"},
    {"cgw-endpoint", "cloud-endpoint"},
    {"cas-inter", "cassandra-internode"},
    {"cas-inter-tls", "cassandra-internode-tls"},
    {"cas-cql", "cassandra-cql"},
    {"cas-cql-tls", "cassandra-cql-tls-legacy"},
    {"cas-thrift", "cassandra-thrift"},
    {"cas-jmx", "cassandra-jmx"},
    {"idx-http", "indexing-http elasticsearch-http"},
    {"idx-node", "indexing-node"},
    {"nats", "nats-client"},
    {"nats-route", "nats-route"},
    {"nas", "nats-account-server"},
    {"nats-mon", "nats-monitor"},
    {"nats-gw", "nats-gateway"},
    {"nats-leaf", "nats-leaf"},
    {"telnet", "telnet-stream"},
    {"udapi", "user-defined-api"},
    {"sock-alarm, sock-poll", "alarm-socket poll-socket"},
    {"aggr", "data-aggregator"},
    {"off-mysql, off-mssql, off-ora",
        "offload-mysql offload-sql-server offload-oracle"},
    {"off-smb", "offload-smb offload-netbios"},
    {"ldap", "ldap ldaps ldap-catalog"},
    {"radius", "radius"},
    {"smtp", "smtp smtps"},
    {"ntp", "ntp"},
    {"icmp", "icmp"},
    {"fo-hb", "failover-heartbeat"},
    {"wmi", "wmi"},
    {"tools", "kibana cassandra-reaper cassandra-reaper-admin ssh remote-desktop"},
};
enum { N_ROWS = sizeof ROWS / sizeof ROWS[0] };

static void
every_documented_row_has_entries_and_every_entry_a_row(void **state)
{
	struct dmp_catalogue *catalogue = builtin();
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		const char *key = catalogue->entries[i].key;
		bool found = false;

		for (size_t j = 0; j < N_ROWS && !found; j++)
			found = dmp_text_has_word(ROWS[j].keys, key);
		if (!found)
			fail_msg("%s is of no row", key);
	}
	for (size_t j = 0; j < N_ROWS; j++) {
		for (const char *p = ROWS[j].keys; *p; p += *p == ' ') {
			char key[DMP_REQ_KEY_TEXT];

			dmp_text_format(
			    key, sizeof key, "%.*s", (int)strcspn(p, " "), p);
			if (!dmp_catalogue_find(catalogue, key))
				fail_msg("%s has no entry %s", ROWS[j].row, key);
			p += strcspn(p, " ");
			n++;
		}
	}
	assert_int_equal(n, catalogue->n_entries);
	dmp_catalogue_free(catalogue);
}

/* A main release can never be told from a feature release, so both have to be named. */
static void
assert_both_tracks(const char *key, const char *text)
{
	struct dmp_version_condition condition;
	bool main_release = false;
	bool feature_release = false;

	if (text[0] == '\0')
		return;
	assert_int_equal(dmp_version_condition_parse(text, &condition), DMP_OK);
	for (size_t i = 0; i < condition.n; i++) {
		if (condition.threshold[i].product != DMP_PRODUCT_DATAMINER)
			continue;
		if (condition.threshold[i].version.c == 0)
			main_release = true;
		else
			feature_release = true;
	}
	if (!main_release || !feature_release)
		fail_msg("%s: \"%s\" is silent about one track", key, text);
}

static void
versions_name_both_tracks(void **state)
{
	struct dmp_catalogue *catalogue = builtin();

	(void)state;
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		assert_both_tracks(
		    catalogue->entries[i].key, catalogue->entries[i].since);
		assert_both_tracks(
		    catalogue->entries[i].key, catalogue->entries[i].until);
	}
	dmp_catalogue_free(catalogue);
}

/* Every version condition of the file, with the sentences that it can need: one when it
 * says yes or no by itself is not obliged to have it, but a sentence for "assumed" is.
 */
static void
version_conditions_name_both_tracks_and_say_what_is_assumed(void **state)
{
	char *xml = NULL;
	size_t size;
	unsigned n = 0;

	(void)state;
	assert_int_equal(dmp_file_read(DMP_SOURCE_DIR "/src/model/catalogue.xml",
	                     SIZE_MAX / 2, &xml, &size),
	    DMP_OK);
	for (const char *p = xml; (p = strstr(p, "<version ")) != NULL; p++) {
		size_t length = strcspn(p, ">");
		char element[1024];
		char text[64];
		const char *value;

		if (strncmp(p, "<version since=|", 16) == 0)
			continue;
		assert_true(length < sizeof element);
		dmp_text_format(element, sizeof element, "%.*s", (int)length, p);
		value = strchr(element, '"');
		assert_non_null(value);
		dmp_text_format(text, sizeof text, "%.*s",
		    (int)strcspn(value + 1, "\""), value + 1);
		assert_both_tracks(element, text);
		assert_non_null(strstr(element, "assumed=\""));
		assert_true(strstr(element, "yes=\"") || strstr(element, "no=\""));
		n++;
	}
	assert_true(n > 0);
	free(xml);
}

static void
installers_are_those_of_the_hardening_guide(void **state)
{
	static const struct {
		unsigned installer;
		const char *keys;
	} opened[] = {
	    {DMP_INSTALLER_10_0,
	        "telnet-stream http remoting failover-heartbeat webservices-legacy "
	        "cassandra-internode cassandra-internode-tls cassandra-cql "
	        "indexing-http indexing-node nats-client nats-route nats-monitor "
	        "nats-account-server snmp-agent snmp-trap snmp-trap-v3 wmi icmp"},
	    {DMP_INSTALLER_10_1_11, "icmp http remoting failover-heartbeat"},
	    {DMP_INSTALLER_10_2,
	        "http remoting failover-heartbeat cassandra-internode "
	        "cassandra-internode-tls cassandra-cql indexing-http indexing-node "
	        "nats-client nats-route nats-account-server snmp-trap icmp"},
	    {DMP_INSTALLER_10_4,
	        "http remoting failover-heartbeat cloud-endpoint nats-client "
	        "nats-route nats-account-server snmp-trap icmp"},
	    {DMP_INSTALLER_10_5,
	        "http remoting failover-heartbeat cloud-endpoint nats-client "
	        "nats-route nats-account-server snmp-trap icmp"},
	};
	struct dmp_catalogue *catalogue = builtin();

	(void)state;
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		const struct dmp_entry *e = &catalogue->entries[i];

		for (size_t j = 0; j < sizeof opened / sizeof opened[0]; j++) {
			bool expected = dmp_text_has_word(opened[j].keys, e->key);

			if (expected != ((e->installers & opened[j].installer) != 0))
				fail_msg("%s and installer %zu", e->key, j);
		}
	}
	dmp_catalogue_free(catalogue);
}

/* "should be closed" is what distinguishes a finding from a level. */
static void
forbidden_requirements_say_that_they_should_be_closed(void **state)
{
	struct dmp_catalogue *catalogue = builtin();
	static const char expected[] =
	    "nats-monitor telnet-stream cassandra-cql-tls-legacy cassandra-thrift "
	    "snmp-trap-v3 webservices-legacy";

	(void)state;
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		const struct dmp_entry *e = &catalogue->entries[i];

		assert_int_equal(e->level == DMP_LEVEL_FORBIDDEN,
		    dmp_text_has_word(expected, e->key));
		if (e->level == DMP_LEVEL_FORBIDDEN)
			assert_true(e->close[0] != '\0');
	}
	dmp_catalogue_free(catalogue);
}

static void
only_forbidden_requirements_are_asked_from_any_vantage(void **state)
{
	struct dmp_catalogue *catalogue = builtin();

	(void)state;
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		const struct dmp_entry *e = &catalogue->entries[i];

		assert_int_equal(e->from == 0, e->level == DMP_LEVEL_FORBIDDEN);
		assert_int_not_equal(e->to, 0);
	}
	dmp_catalogue_free(catalogue);
}

static void
the_source_file_is_what_was_embedded(void **state)
{
	struct dmp_catalogue *embedded = builtin();
	struct dmp_catalogue *loaded = NULL;

	(void)state;
	assert_int_equal(dmp_catalogue_load(
	                     DMP_SOURCE_DIR "/src/model/catalogue.xml", &loaded, NULL),
	    DMP_OK);
	assert_int_equal(loaded->n_entries, embedded->n_entries);
	assert_string_equal(loaded->revision, embedded->revision);
	for (size_t i = 0; i < loaded->n_entries; i++)
		assert_string_equal(loaded->entries[i].key, embedded->entries[i].key);
	dmp_catalogue_free(loaded);
	dmp_catalogue_free(embedded);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(builtin_has_every_promised_number_and_key),
	    cmocka_unit_test(builtin_texts_are_printable_and_within_the_mib_limits),
	    cmocka_unit_test(builtin_only_connects_where_more_leaves_traces),
	    cmocka_unit_test(builtin_names_the_known_issue_of_port_9090),
	    cmocka_unit_test(every_documented_row_has_entries_and_every_entry_a_row),
	    cmocka_unit_test(versions_name_both_tracks),
	    cmocka_unit_test(
	        version_conditions_name_both_tracks_and_say_what_is_assumed),
	    cmocka_unit_test(installers_are_those_of_the_hardening_guide),
	    cmocka_unit_test(forbidden_requirements_say_that_they_should_be_closed),
	    cmocka_unit_test(only_forbidden_requirements_are_asked_from_any_vantage),
	    cmocka_unit_test(the_source_file_is_what_was_embedded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
