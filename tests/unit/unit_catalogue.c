/* SPDX-License-Identifier: BSD-2-Clause */
/* What catalogue.xml says, and what its reader refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/exchange.h"
#include "model/catalogue.h"

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
    {16, "nats-monitor", 8222, DMP_TRANSPORT_TCP, DMP_LEVEL_INFORMATIONAL},
    {17, "nats-account-server", 9090, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {18, "cloud-endpoint", 5100, DMP_TRANSPORT_TCP, DMP_LEVEL_REQUIRED},
    {19, "telnet-stream", 23, DMP_TRANSPORT_TCP, DMP_LEVEL_FORBIDDEN},
    {20, "cassandra-cql-tls-legacy", 9142, DMP_TRANSPORT_TCP, DMP_LEVEL_FORBIDDEN},
    {21, "cassandra-thrift", 9160, DMP_TRANSPORT_TCP, DMP_LEVEL_FORBIDDEN},
};
enum { N_PROMISED = sizeof PROMISED / sizeof PROMISED[0] };

#define HEAD "<catalogue xmlns='urn:dmports:catalogue:1' revision='r1'>\n"
#define TAIL "</catalogue>\n"
/* A requirement in two pieces, so that a test can put something between them. */
#define REQ                                                                            \
	"<requirement number='1' key='a' title='A' protocol='P' transport='tcp' "      \
	"port='80' from='dma' to='dma' level='required' probe='http' "                 \
	"depth='identify' opened='yes'"
#define GOOD HEAD REQ " why='w'/>\n" TAIL

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

/* The errors of a document that must not load; the caller frees them. */
static struct dmp_text
errors_of(const char *document)
{
	struct dmp_catalogue *catalogue = NULL;
	struct dmp_text errors = {0};

	assert_int_equal(dmp_catalogue_parse(
	                     "c.xml", document, strlen(document), &catalogue, &errors),
	    DMP_EINVAL);
	assert_null(catalogue);
	return errors;
}

static void
assert_refused(const char *document, const char *message)
{
	struct dmp_text errors = errors_of(document);

	if (!strstr(dmp_text_get(&errors), message))
		fail_msg("\"%s\" is not in: %s", message, dmp_text_get(&errors));
	dmp_text_done(&errors);
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
		assert_printable(e->path, 255);
		assert_printable(e->expect, 255);
		assert_printable(e->why, 200);
		assert_true((e->why[0] == '\0') == (e->condition != NULL));
		assert_int_equal(
		    strncmp(e->reference, "https://docs.dataminer.services/", 32), 0);
	}
	dmp_catalogue_free(catalogue);
}

static void
builtin_only_connects_where_more_leaves_traces(void **state)
{
	struct dmp_catalogue *catalogue = builtin();

	(void)state;
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		const struct dmp_entry *e = &catalogue->entries[i];
		bool quiet = e->port == 6222 || e->port == 7000 || e->port == 7001 ||
		             e->port == 23;

		assert_int_equal(
		    e->depth, quiet ? DMP_DEPTH_CONNECT : DMP_DEPTH_IDENTIFY);
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
a_small_catalogue_loads(void **state)
{
	struct dmp_catalogue *catalogue = NULL;

	(void)state;
	assert_int_equal(
	    dmp_catalogue_parse("c.xml", GOOD, strlen(GOOD), &catalogue, NULL), DMP_OK);
	assert_int_equal(catalogue->n_entries, 1);
	assert_string_equal(catalogue->revision, "r1");
	assert_string_equal(catalogue->entries[0].why, "w");
	assert_int_equal(catalogue->entries[0].opened, DMP_OPENED_YES);
	assert_int_equal(catalogue->entries[0].tls, DMP_UNSET);
	dmp_catalogue_free(catalogue);
}

static void
white_space_in_sentences_becomes_one_blank(void **state)
{
	static const char document[] = HEAD REQ " why='a\n     b'/>" TAIL;
	struct dmp_catalogue *catalogue = NULL;

	(void)state;
	assert_int_equal(
	    dmp_catalogue_parse("c.xml", document, strlen(document), &catalogue, NULL),
	    DMP_OK);
	assert_string_equal(catalogue->entries[0].why, "a b");
	dmp_catalogue_free(catalogue);
}

static void
errors_name_file_line_and_element(void **state)
{
	(void)state;
	assert_refused(HEAD "\n" REQ " why='w' colour='red'/>\n" TAIL,
	    "c.xml:3: requirement: unknown attribute, got \"colour\"");
}

static void
all_errors_are_reported_at_once(void **state)
{
	struct dmp_text errors = errors_of(
	    HEAD "<requirement number='0' key='A!' title='' protocol='P' "
	         "transport='sctp' port='99999' to='king' level='maybe' probe='x' "
	         "depth='deep' opened='perhaps' tls='3' why='w'/>" TAIL);
	static const char *const messages[] = {"number is not a number from 1 to 9999",
	    "key, got \"A!\"", "title is missing",
	    "transport, got \"sctp\", expected tcp, udp, none",
	    "port is not a number from 1 to 65535", "from is missing",
	    "to, got \"king\", expected client browser dma", "level, got \"maybe\"",
	    "probe, got \"x\"", "depth, got \"deep\", expected connect, identify",
	    "opened, got \"perhaps\"", "tls, got \"3\""};

	(void)state;
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		if (!strstr(dmp_text_get(&errors), messages[i]))
			fail_msg(
			    "\"%s\" is not in: %s", messages[i], dmp_text_get(&errors));
	}
	dmp_text_done(&errors);
}

static void
numbers_must_ascend(void **state)
{
	(void)state;
	assert_refused(HEAD REQ " why='w'/>" REQ " why='w'/>" TAIL,
	    "number 1 does not follow 1: numbers ascend");
}

static void
a_key_is_used_once(void **state)
{
	(void)state;
	assert_refused(HEAD REQ
	    " why='w'/>"
	    "<requirement number='2' key='a' title='A' "
	    "protocol='P' transport='tcp' port='80' from='' "
	    "to='dma' level='required' probe='http' depth='identify' "
	    "opened='no' why='w'/>" TAIL,
	    "key a is already that of number 1");
}

static void
a_requirement_has_a_sentence_or_a_condition(void **state)
{
	(void)state;
	assert_refused(HEAD REQ "/>" TAIL, "either why or a condition is needed");
	assert_refused(HEAD REQ " why='w'><always/></requirement>" TAIL,
	    "either why or a condition is needed");
	assert_refused(HEAD REQ "><always/><never/></requirement>" TAIL,
	    "c.xml:2: never: a second condition");
}

static void
texts_are_printable_ascii_of_limited_length(void **state)
{
	char document[2048];
	char sentence[202];

	(void)state;
	assert_refused(
	    HEAD REQ " why='caf\xc3\xa9'/>" TAIL, "expected printable ASCII");
	memset(sentence, 'x', 201);
	sentence[201] = '\0';
	(void)snprintf(
	    document, sizeof document, "%s%s why='%s'/>%s", HEAD, REQ, sentence, TAIL);
	assert_refused(document, "why is too long: 201 characters, at most 200");
}

static void
a_probe_fits_its_transport(void **state)
{
#define ASKED(transport, probe)                                                        \
	HEAD "<requirement number='1' key='a' title='A' protocol='P' port='80' "       \
	     "from='' to='dma' level='required' depth='identify' opened='yes' "        \
	     "why='w' transport='" transport "' probe='" probe "'/>" TAIL
	(void)state;
	assert_refused(ASKED("none", "http"), "transport, got \"none\"");
	assert_refused(ASKED("udp", "http"), "probe, got \"http\"");
	assert_refused(ASKED("tcp", "snmp"), "probe, got \"snmp\"");
}

static void
a_doctype_is_refused(void **state)
{
	(void)state;
	assert_refused("<!DOCTYPE catalogue [<!ENTITY a 'b'>]>\n" GOOD, "DOCTYPE");
}

static void
foreign_elements_and_namespaces_are_refused(void **state)
{
	(void)state;
	assert_refused(HEAD "<port/>" TAIL,
	    "c.xml:2: port: unknown element, expected requirement");
	assert_refused("<site xmlns='urn:dmports:catalogue:1'/>",
	    "c.xml:1: site: unknown element, expected catalogue");
	assert_refused("<catalogue revision='1'/>", "c.xml:1: ");
	assert_refused(HEAD "text" TAIL, "text in an element");
	assert_refused(HEAD TAIL, "no requirement");
	assert_refused("<catalogue xmlns='urn:dmports:catalogue:1'>" REQ " why='w'/>"
	               "</catalogue>",
	    "revision is missing");
}

static void
a_file_that_is_not_there_is_said(void **state)
{
	struct dmp_catalogue *catalogue = NULL;
	struct dmp_text errors = {0};

	(void)state;
	assert_int_equal(
	    dmp_catalogue_load("/nonexistent/c.xml", &catalogue, &errors), DMP_ENOENT);
	assert_null(catalogue);
	assert_non_null(strstr(dmp_text_get(&errors), "/nonexistent/c.xml"));
	dmp_text_done(&errors);
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

#define EXCHANGE                                                                       \
	"<requirement number='1' key='a' title='A' protocol='SMTP' transport='tcp' "   \
	"port='25' from='dma' to='dma' level='required' probe='exchange' "             \
	"depth='identify' opened='yes'"

static void
exchange_stands_before_the_condition(void **state)
{
	static const char document[] = HEAD EXCHANGE
	    "><exchange expect='220 '/><exchange name='q' send-hex='51' "
	    "expect='221' expect-at='1' expect-within='9'/><always yes='w'/>"
	    "</requirement>" TAIL;
	struct dmp_catalogue *catalogue = NULL;
	struct dmp_text errors = {0};
	const struct dmp_exchange *exchange;

	(void)state;
	if (dmp_catalogue_parse(
	        "c.xml", document, strlen(document), &catalogue, &errors) != DMP_OK)
		fail_msg("%s", dmp_text_get(&errors));
	exchange = catalogue->entries[0].exchange;
	assert_non_null(exchange);
	assert_string_equal(exchange->service, "SMTP");
	assert_int_equal(exchange->n_steps, 2);
	assert_int_equal(exchange->steps[1].at, 1);
	assert_int_equal(exchange->steps[1].within, 9);
	assert_non_null(catalogue->entries[0].condition);
	dmp_catalogue_free(catalogue);
	dmp_text_done(&errors);
}

static void
exchange_and_its_probe_need_each_other(void **state)
{
	(void)state;
	assert_refused(HEAD EXCHANGE " why='w'/>" TAIL, "expect is missing");
	assert_refused(HEAD EXCHANGE " why='w'><exchange send='a'/></requirement>" TAIL,
	    "expect is missing");
	assert_refused(HEAD EXCHANGE " why='w'><exchange expect='a' colour='red'/>"
	                             "</requirement>" TAIL,
	    "unknown attribute");
	assert_refused(HEAD EXCHANGE
	    " why='w'><exchange expect-hex='0'/></requirement>" TAIL,
	    "expect-hex, got \"0\"");
	assert_refused(HEAD REQ " why='w'><exchange expect='a'/></requirement>" TAIL,
	    "probe=\"exchange\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(builtin_has_every_promised_number_and_key),
	    cmocka_unit_test(builtin_texts_are_printable_and_within_the_mib_limits),
	    cmocka_unit_test(builtin_only_connects_where_more_leaves_traces),
	    cmocka_unit_test(builtin_names_the_known_issue_of_port_9090),
	    cmocka_unit_test(only_forbidden_requirements_are_asked_from_any_vantage),
	    cmocka_unit_test(a_small_catalogue_loads),
	    cmocka_unit_test(white_space_in_sentences_becomes_one_blank),
	    cmocka_unit_test(errors_name_file_line_and_element),
	    cmocka_unit_test(all_errors_are_reported_at_once),
	    cmocka_unit_test(numbers_must_ascend),
	    cmocka_unit_test(a_key_is_used_once),
	    cmocka_unit_test(a_requirement_has_a_sentence_or_a_condition),
	    cmocka_unit_test(texts_are_printable_ascii_of_limited_length),
	    cmocka_unit_test(a_probe_fits_its_transport),
	    cmocka_unit_test(a_doctype_is_refused),
	    cmocka_unit_test(foreign_elements_and_namespaces_are_refused),
	    cmocka_unit_test(a_file_that_is_not_there_is_said),
	    cmocka_unit_test(the_source_file_is_what_was_embedded),
	    cmocka_unit_test(exchange_stands_before_the_condition),
	    cmocka_unit_test(exchange_and_its_probe_need_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
