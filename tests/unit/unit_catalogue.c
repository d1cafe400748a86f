/* SPDX-License-Identifier: BSD-2-Clause */
/* What the reader of catalogues takes and refuses. */
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

#define HEAD "<catalogue xmlns='urn:dmports:catalogue:1' revision='r1'>\n"
#define TAIL "</catalogue>\n"
/* A requirement in two pieces, so that a test can put something between them. */
#define REQ                                                                            \
	"<requirement number='1' key='a' title='A' protocol='P' transport='tcp' "      \
	"port='80' from='dma' to='dma' level='required' probe='http' "                 \
	"depth='identify' installers='10.5'"
#define GOOD HEAD REQ " why='w'/>\n" TAIL

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
installers_have_words(void **state)
{
	char text[DMP_INSTALLERS_TEXT];

	(void)state;
	dmp_installers_text(0, text);
	assert_string_equal(text, "");
	dmp_installers_text(DMP_INSTALLER_10_0 | DMP_INSTALLER_10_5, text);
	assert_string_equal(text, "up to 10.0, 10.5");
	dmp_installers_text(DMP_INSTALLER_ALL, text);
	assert_string_equal(
	    text, "up to 10.0, 10.1.11 and 10.1.0 [CU8], 10.2, 10.4, 10.5");
}

static void
opened_follows_from_the_newest_installer(void **state)
{
	static const struct {
		const char *attributes;
		enum dmp_opened opened;
	} cases[] = {
	    {"installers=''", DMP_OPENED_NO},
	    {"installers='10.0 10.4'", DMP_OPENED_NO},
	    {"installers='10.4 10.5'", DMP_OPENED_YES},
	    {"installers='10.2' opened='unknown'", DMP_OPENED_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char document[1024];
		struct dmp_catalogue *catalogue = NULL;

		dmp_text_format(document, sizeof document,
		    HEAD "<requirement number='1' key='a' title='A' protocol='P' "
		         "transport='tcp' port='0' from='' to='dma' level='required' "
		         "probe='http' depth='identify' why='w' %s/>" TAIL,
		    cases[i].attributes);
		assert_int_equal(dmp_catalogue_parse("c.xml", document,
		                     strlen(document), &catalogue, NULL),
		    DMP_OK);
		assert_int_equal(catalogue->entries[0].opened, cases[i].opened);
		dmp_catalogue_free(catalogue);
	}
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
	assert_int_equal(catalogue->entries[0].installers, DMP_INSTALLER_10_5);
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
	         "depth='deep' installers='9' opened='perhaps' tls='3' why='w'/>" TAIL);
	static const char *const messages[] = {"number is not a number from 1 to 9999",
	    "key, got \"A!\"", "title is missing",
	    "transport, got \"sctp\", expected tcp, udp, none",
	    "port is not a number from 0 to 65535", "from is missing",
	    "to, got \"king\", expected client browser dma", "level, got \"maybe\"",
	    "probe, got \"x\"", "depth, got \"deep\", expected connect, identify",
	    "installers, got \"9\"", "opened, got \"perhaps\"", "tls, got \"3\""};

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
	    "installers='' why='w'/>" TAIL,
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
	     "from='' to='dma' level='required' depth='identify' installers='' "       \
	     "why='w' transport='" transport "' probe='" probe "'/>" TAIL
	(void)state;
	assert_refused(ASKED("none", "http"), "transport, got \"none\"");
	assert_refused(ASKED("none", "connect"), "port 0 and probe connect");
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

#define EXCHANGE                                                                       \
	"<requirement number='1' key='a' title='A' protocol='SMTP' transport='tcp' "   \
	"port='25' from='dma' to='dma' level='required' probe='exchange' "             \
	"depth='identify' installers='10.5'"

static void
exchange_stands_before_the_condition(void **state)
{
	static const char document[] =
	    HEAD EXCHANGE "><exchange expect='220 '/><exchange name='q' send-hex='51' "
	                  "expect='221' expect-at='1' expect-within='9' heavy='yes'/>"
	                  "<always yes='w'/>"
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
	assert_true(exchange->heavy);
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
	assert_refused(HEAD EXCHANGE " why='w'><exchange expect='a' heavy='no'/>"
	                             "</requirement>" TAIL,
	    "heavy, got \"no\"");
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
	    cmocka_unit_test(installers_have_words),
	    cmocka_unit_test(opened_follows_from_the_newest_installer),
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
	    cmocka_unit_test(exchange_stands_before_the_condition),
	    cmocka_unit_test(exchange_and_its_probe_need_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
