/* SPDX-License-Identifier: BSD-2-Clause */
/* dmports explain, and the words that it takes from the catalogue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "cli/cli.h"
#include "model/catalogue_words.h"

#define SITE DMP_SOURCE_DIR "/examples/sites/three-dma-cassandra.xml"

/* What one run printed. */
struct run {
	int code;
	char *out;
	char *err;
	size_t out_size;
	size_t err_size;
};

/* Words end with NULL. */
static struct run
explain(const char *first, ...)
{
	char *argv[8] = {(char *)"dmports", (char *)"explain", (char *)first};
	struct run run = {0};
	int argc = 2;
	FILE *out = open_memstream(&run.out, &run.out_size);
	FILE *err = open_memstream(&run.err, &run.err_size);
	va_list words;

	assert_non_null(out);
	assert_non_null(err);
	va_start(words, first);
	while (argv[argc] && argc < 7)
		argv[++argc] = va_arg(words, char *);
	va_end(words);
	run.code = dmp_cli_main(argc, argv, out, err);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(fclose(err), 0);
	return run;
}

static void
run_done(struct run *run)
{
	free(run->out);
	free(run->err);
}

static void
assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in: %s", part, text);
}

static void
a_requirement_is_told_by_its_key(void **state)
{
	static const char *const parts[] = {"17 nats-account-server, 9090/tcp",
	    "required, from dma to dma", "from 10.1.0/10.1.1, before 10.6.0/10.6.1",
	    "another Agent asks the NATS Account Server",
	    "up to 10.0, 10.2, 10.4, 10.5", "when the Agent is not in a cluster",
	    "KI_NATS_port_9090", "the list of ports names no end", "/jwt/v1/help",
	    "https://docs.dataminer.services/"};
	struct run run = explain("nats-account-server", NULL);

	(void)state;
	assert_int_equal(run.code, DMP_EXIT_FINE);
	assert_string_equal(run.err, "");
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		assert_says(run.out, parts[i]);
	run_done(&run);
}

static void
every_requirement_of_a_port_is_told(void **state)
{
	struct run run = explain("443", NULL);

	(void)state;
	assert_int_equal(run.code, DMP_EXIT_FINE);
	assert_says(run.out, "5 https, 443/tcp");
	assert_says(run.out, "6 grpc, 443/tcp");
	assert_says(run.out, "22 broker-gateway, 443/tcp");
	assert_null(strstr(run.out, "9090/tcp"));
	run_done(&run);
}

static void
a_transport_narrows_a_port(void **state)
{
	struct run udp = explain("161/udp", NULL);
	struct run tcp = explain("161/tcp", NULL);

	(void)state;
	assert_int_equal(udp.code, DMP_EXIT_FINE);
	assert_says(udp.out, "1 snmp-agent, 161/udp");
	assert_says(udp.out, "44 snmp-poll, 161/udp");
	assert_int_equal(tcp.code, DMP_EXIT_USAGE);
	assert_string_equal(tcp.out, "");
	assert_says(tcp.err, "no requirement uses port 161/tcp");
	run_done(&udp);
	run_done(&tcp);
}

/* With a node of its own on each Agent they are asked by nobody but their pair. */
static void
what_depends_on_a_local_database_says_so(void **state)
{
	static const char *const KEYS[] = {
	    "cassandra-cql", "cassandra-internode", "cassandra-internode-tls"};

	(void)state;
	for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
		struct run run = explain(KEYS[i], "--format", "csv", NULL);

		assert_int_equal(run.code, DMP_EXIT_FINE);
		assert_says(run.out, "with storage cassandra-local only");
		assert_says(run.out, "Failover pair");
		run_done(&run);
	}
}

static void
a_typing_error_gets_a_suggestion(void **state)
{
	struct run near = explain("remotting", NULL);
	struct run part = explain("nats", NULL);
	struct run none = explain("zzzzzzzzzz", NULL);
	struct run hostile = explain("\x1b[31m/tcp\n", NULL);

	(void)state;
	assert_int_equal(near.code, DMP_EXIT_USAGE);
	assert_says(near.err, "did you mean remoting?");
	assert_says(part.err, "did you mean nats-client, nats-route, nats-monitor");
	assert_says(none.err, "\"dmports explain --all\" tells them all");
	assert_int_equal(hostile.code, DMP_EXIT_USAGE);
	assert_null(strchr(hostile.err, '\x1b'));
	run_done(&near);
	run_done(&part);
	run_done(&none);
	run_done(&hostile);
}

static void
what_is_no_port_is_told_apart_from_a_requirement(void **state)
{
	static const char *const WORDS[] = {"70000", "0", "9090/tcpp", "443/", "1e3"};

	(void)state;
	for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
		struct run run = explain(WORDS[i], NULL);

		assert_int_equal(run.code, DMP_EXIT_USAGE);
		assert_says(run.err, "a port is from 1 to 65535");
		assert_string_equal(run.out, "");
		run_done(&run);
	}
}

static void
all_of_them_are_told_at_once(void **state)
{
	struct run run = explain("--all", "--format", "json", NULL);
	struct run site = explain("--all", "--site", SITE, "--format", "json", NULL);
	struct run both = explain("--all", "http", NULL);
	json_t *rows = json_loads(run.out, 0, NULL);
	json_t *of_site = json_loads(site.out, 0, NULL);

	(void)state;
	assert_int_equal(run.code, DMP_EXIT_FINE);
	assert_true(json_array_size(rows) > 50);
	assert_true(json_array_size(of_site) > json_array_size(rows));
	assert_int_equal(both.code, DMP_EXIT_USAGE);
	json_decref(rows);
	json_decref(of_site);
	run_done(&run);
	run_done(&site);
	run_done(&both);
}

static void
exactly_one_word_is_needed(void **state)
{
	struct run none = explain(NULL);
	struct run two = explain("http", "https", NULL);

	(void)state;
	assert_int_equal(none.code, DMP_EXIT_USAGE);
	assert_says(none.err, "dmports explain nats-route");
	assert_int_equal(two.code, DMP_EXIT_USAGE);
	run_done(&none);
	run_done(&two);
}

static void
a_site_adds_what_each_host_makes_of_it(void **state)
{
	struct run run = explain("nats-account-server", "--site", SITE, NULL);

	(void)state;
	assert_int_equal(run.code, DMP_EXIT_FINE);
	assert_says(run.out, "dma1         9190: required:");
	assert_says(run.out, "dma2         does not apply:");
	run_done(&run);
}

static void
a_site_has_numbers_and_requirements_of_its_own(void **state)
{
	struct run port = explain("9190", "--site", SITE, NULL);
	struct run own = explain("ups", "--site", SITE, NULL);

	(void)state;
	assert_says(port.out, "17 nats-account-server");
	assert_says(own.out, "10001 ups, 8443/tcp: UPS web page");
	assert_says(own.out, "ups1         8443: optional: the site file defines it");
	run_done(&port);
	run_done(&own);
}

static void
json_has_one_object_for_each_host_of_a_site(void **state)
{
	struct run run = explain("remoting", "--format", "json", "--site", SITE, NULL);
	json_t *rows = json_loads(run.out, 0, NULL);
	json_t *row = json_array_get(rows, 0);

	(void)state;
	assert_int_equal(json_array_size(rows), 3);
	assert_int_equal(json_integer_value(json_object_get(row, "number")), 3);
	assert_int_equal(json_integer_value(json_object_get(row, "host_port")), 8004);
	assert_string_equal(json_string_value(json_object_get(row, "host")), "dma1");
	assert_string_equal(json_string_value(json_object_get(row, "applies")), "yes");
	assert_says(json_string_value(json_object_get(row, "condition")),
	    "another Agent asks by .NET Remoting");
	json_decref(rows);
	run_done(&run);
}

/* The words of a catalogue with one condition. */
static struct dmp_text
words_of(const char *condition)
{
	struct dmp_text document = {0};
	struct dmp_text words = {0};
	struct dmp_text errors = {0};
	struct dmp_catalogue *catalogue = NULL;

	dmp_text_printf(&document,
	    "<catalogue xmlns='urn:dmports:catalogue:1' revision='r'>"
	    "<requirement number='1' key='a' title='A' protocol='P' transport='tcp' "
	    "port='80' from='dma' to='dma' level='required' probe='http' "
	    "depth='identify' installers=''>%s</requirement></catalogue>",
	    condition);
	if (dmp_catalogue_parse("c.xml", dmp_text_get(&document), document.size,
	        &catalogue, &errors) != DMP_OK)
		fail_msg("%s", dmp_text_get(&errors));
	dmp_catalogue_condition_words(catalogue, &catalogue->entries[0], &words);
	dmp_catalogue_free(catalogue);
	dmp_text_done(&document);
	dmp_text_done(&errors);
	return words;
}

static void
conditions_are_told_in_words(void **state)
{
	static const struct {
		const char *condition;
		const char *words;
	} cases[] = {
	    {"<always/>", "always"},
	    {"<never no='x'/>", "never"},
	    {"<any><version until='10.1.0/10.1.1' assumed='x'/><always/></any>",
	        "always"},
	    {"<cluster of='dma' min='2'/>", "2 or more hosts have the role dma"},
	    {"<not><host has='dma dxm'/></not>",
	        "not (the host has the role dma or dxm)"},
	    {"<all><named/><any><vantage stands-for='client'/>"
	     "<topology is='nats-used'/></any></all>",
	        "a port element of the host names it and (a client asks or the system "
	        "has NATS)"},
	    {"<feature name='telnet' is='yes' yes='x'/>",
	        "feature telnet is yes, assumed while not set"},
	    {"<feature name='storage' is='cassandra staas other'><always/></feature>",
	        "feature storage is cassandra, staas or other or not set"},
	    {"<feature name='nats' is='legacy'><never/></feature>",
	        "feature nats is legacy"},
	    {"<feature name='https' is='yes'><any><version since='10.3.0/10.2.1' "
	     "assumed='x'/><feature name='https' is='yes' "
	     "assumed='y'/></any></feature>",
	        "feature https is yes, or while not set: from 10.3.0/10.2.1 or "
	        "assumed"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct dmp_text words = words_of(cases[i].condition);

		assert_string_equal(dmp_text_get(&words), cases[i].words);
		dmp_text_done(&words);
	}
}

/* A rule in C that gets a new name must get words as well. */
static void
every_requirement_has_words_for_its_condition_and_probe(void **state)
{
	struct dmp_catalogue *catalogue = NULL;

	(void)state;
	assert_int_equal(dmp_catalogue_builtin(&catalogue, NULL), DMP_OK);
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		const struct dmp_entry *e = &catalogue->entries[i];
		struct dmp_text words = {0};

		dmp_catalogue_condition_words(catalogue, e, &words);
		assert_true(strchr(dmp_text_get(&words), ' ') ||
		            strcmp(dmp_text_get(&words), "always") == 0 ||
		            strcmp(dmp_text_get(&words), "never") == 0);
		dmp_text_clear(&words);
		dmp_catalogue_probe_words(e, &words);
		assert_true(words.size > 0);
		assert_true(dmp_catalogue_trace_words(e)[0] != '\0');
		dmp_text_done(&words);
	}
	dmp_catalogue_free(catalogue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_requirement_is_told_by_its_key),
	    cmocka_unit_test(every_requirement_of_a_port_is_told),
	    cmocka_unit_test(a_transport_narrows_a_port),
	    cmocka_unit_test(what_depends_on_a_local_database_says_so),
	    cmocka_unit_test(a_typing_error_gets_a_suggestion),
	    cmocka_unit_test(what_is_no_port_is_told_apart_from_a_requirement),
	    cmocka_unit_test(all_of_them_are_told_at_once),
	    cmocka_unit_test(exactly_one_word_is_needed),
	    cmocka_unit_test(a_site_adds_what_each_host_makes_of_it),
	    cmocka_unit_test(a_site_has_numbers_and_requirements_of_its_own),
	    cmocka_unit_test(json_has_one_object_for_each_host_of_a_site),
	    cmocka_unit_test(conditions_are_told_in_words),
	    cmocka_unit_test(every_requirement_has_words_for_its_condition_and_probe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
