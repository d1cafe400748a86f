/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/xml.h"

#define NS "urn:test:1"

struct outcome {
	enum dmp_status parsed;
	enum dmp_status verdict;
	struct dmp_xml *xml;
	struct dmp_text errors;
};

static struct outcome
parse_bytes(const char *data, size_t size)
{
	struct dmp_xml_source source = {"t.xml", data, size, NS};
	struct dmp_xml_report report = {0};
	struct outcome o = {0};

	o.parsed = dmp_xml_parse(&source, &o.xml, &report);
	o.verdict = dmp_xml_report_finish(&report, &o.errors);
	return o;
}

static struct outcome
parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void
done(struct outcome *o)
{
	dmp_xml_free(o->xml);
	dmp_text_done(&o->errors);
}

static void
assert_errors(const char *text, const char *expected)
{
	struct outcome o = parse(text);

	assert_string_equal(dmp_text_get(&o.errors), expected);
	assert_int_equal(o.verdict, DMP_EINVAL);
	done(&o);
}

static void
assert_refused(const char *data, size_t size, const char *fragment)
{
	struct outcome o = parse_bytes(data, size);

	assert_int_equal(o.verdict, DMP_EINVAL);
	assert_null(o.xml);
	assert_non_null(strstr(dmp_text_get(&o.errors), fragment));
	done(&o);
}

static void
tree_has_elements_attributes_and_text(void **unused)
{
	struct outcome o = parse("<a xmlns='" NS "' x='1&amp;2' y=''>\n"
	                         "<!-- no --><b>one<![CDATA[ &two]]></b><?pi?><c/>\n"
	                         "</a>");
	const struct dmp_xml_element *a;

	(void)unused;
	assert_int_equal(o.parsed, DMP_OK);
	assert_int_equal(o.verdict, DMP_OK);
	a = o.xml->root;
	assert_string_equal(a->name, "a");
	assert_string_equal(a->file, "t.xml");
	assert_string_equal(a->text, "");
	assert_int_equal(a->n_attributes, 2);
	assert_string_equal(dmp_xml_attribute(a, "x"), "1&2");
	assert_string_equal(dmp_xml_attribute(a, "y"), "");
	assert_null(dmp_xml_attribute(a, "z"));
	assert_string_equal(a->child->name, "b");
	assert_string_equal(a->child->text, "one &two");
	assert_string_equal(a->child->next->name, "c");
	assert_null(a->child->next->next);
	done(&o);
}

static void
line_is_that_of_the_opening_bracket(void **unused)
{
	struct outcome o = parse("<?xml version='1.0'?>\n\n<a xmlns='" NS "'\n"
	                         "  x='1'\n  y='2'>\n\n<b\n/></a>");

	(void)unused;
	assert_int_equal(o.verdict, DMP_OK);
	assert_int_equal(o.xml->root->line, 3);
	assert_int_equal(o.xml->root->child->line, 7);
	done(&o);
}

static void
line_is_right_beyond_65535(void **unused)
{
	struct dmp_text text = {0};
	struct outcome o;

	(void)unused;
	dmp_text_append(&text, "<a xmlns='" NS "'>");
	for (int i = 0; i < 70000; i++)
		dmp_text_append(&text, "\n");
	dmp_text_append(&text, "<b/></a>");
	o = parse(dmp_text_get(&text));
	assert_int_equal(o.verdict, DMP_OK);
	assert_int_equal(o.xml->root->child->line, 70001);
	done(&o);
	dmp_text_done(&text);
}

static void
doctype_is_refused_whatever_it_holds(void **unused)
{
	static const char BOMB[] = "<!DOCTYPE a [<!ENTITY x 'yyyyyyyyyy'>"
	                           "<!ENTITY z '&x;&x;&x;&x;&x;&x;&x;'>]>"
	                           "<a xmlns='" NS "'>&z;&z;</a>";

	(void)unused;
	assert_errors("<!DOCTYPE a><a xmlns='" NS "'/>",
	    "t.xml:1: xml: a DOCTYPE is not allowed\n");
	assert_errors("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a xmlns='" NS "'/>",
	    "t.xml:1: xml: a DOCTYPE is not allowed\n");
	assert_errors(BOMB, "t.xml:1: xml: a DOCTYPE is not allowed\n");
}

static void
entity_reference_is_refused(void **unused)
{
	static const char TEXT[] = "<a xmlns='" NS "'>&nosuch;</a>";
	static const char ATTRIBUTE[] = "<a xmlns='" NS "' x='&nosuch;'/>";

	(void)unused;
	assert_refused(TEXT, sizeof TEXT - 1, "nosuch");
	assert_refused(ATTRIBUTE, sizeof ATTRIBUTE - 1, "nosuch");
}

static void
element_of_another_namespace_is_reported_and_left_out(void **unused)
{
	struct outcome o = parse("<a xmlns='" NS "' xmlns:o='urn:o'><o:b><o:c/></o:b>"
	                         "<d xmlns=''/><e/></a>");

	(void)unused;
	assert_int_equal(o.parsed, DMP_OK);
	assert_int_equal(o.verdict, DMP_EINVAL);
	assert_string_equal(dmp_text_get(&o.errors),
	    "t.xml:1: b: namespace (xmlns), got \"urn:o\", expected " NS "\n"
	    "t.xml:1: d: namespace (xmlns), got \"\", expected " NS "\n");
	assert_string_equal(o.xml->root->child->name, "e");
	done(&o);
}

static void
root_without_namespace_gives_no_tree(void **unused)
{
	(void)unused;
	assert_errors("<a><b/></a>",
	    "t.xml:1: a: namespace (xmlns), got \"\", expected " NS "\n");
}

static void
prefixed_attribute_keeps_its_prefix(void **unused)
{
	struct outcome o = parse("<a xmlns='" NS "' xml:lang='en'/>");

	(void)unused;
	assert_int_equal(o.verdict, DMP_OK);
	assert_null(dmp_xml_attribute(o.xml->root, "lang"));
	assert_string_equal(dmp_xml_attribute(o.xml->root, "xml:lang"), "en");
	done(&o);
}

static void
broken_files_are_refused_with_a_line(void **unused)
{
	static const char *const BROKEN[] = {"", " ", "a", "<", "<a", "<a x=1/>",
	    "<a x='1' x='2'/>", "<a></b>", "<a/><b/>", "<a>&#0;</a>", "<a x='<'/>",
	    "<o:a/>", "<?xml version='1.0' encoding='nonesuch'?><a/>",
	    "<?xml version='1.0' encoding='UTF-16'?><a>\xff\xfe</a>", "<a>\xc3\x28</a>",
	    "<a>\xed\xa0\x80</a>", "\xff\xfe<\0a", "<![CDATA["};

	(void)unused;
	for (size_t i = 0; i < sizeof BROKEN / sizeof BROKEN[0]; i++)
		assert_refused(BROKEN[i], strlen(BROKEN[i]), "t.xml:");
	assert_refused("<a>\0</a>", 8, "t.xml:1: xml: ");
}

static void
other_encodings_are_decoded(void **unused)
{
	struct outcome o = parse("<?xml version='1.0' encoding='ISO-8859-1'?>"
	                         "<a xmlns='" NS "' x='\xe9'/>");

	(void)unused;
	assert_int_equal(o.verdict, DMP_OK);
	assert_string_equal(dmp_xml_attribute(o.xml->root, "x"), "\xc3\xa9");
	done(&o);
}

static enum dmp_status
parse_nested(int levels, struct dmp_text *errors)
{
	struct dmp_text text = {0};
	struct outcome o;

	dmp_text_append(&text, "<a xmlns='" NS "'>");
	for (int i = 1; i < levels; i++)
		dmp_text_append(&text, "<a>");
	for (int i = 0; i < levels; i++)
		dmp_text_append(&text, "</a>");
	o = parse(dmp_text_get(&text));
	dmp_text_append(errors, dmp_text_get(&o.errors));
	dmp_text_done(&text);
	done(&o);
	return o.verdict;
}

static void
nesting_is_limited_to_16_levels(void **unused)
{
	static const char EXPECTED[] =
	    "t.xml:1: xml: elements are nested too deeply, at most 16 levels\n";
	struct dmp_text errors = {0};

	(void)unused;
	assert_int_equal(parse_nested(16, &errors), DMP_OK);
	assert_int_equal(parse_nested(17, &errors), DMP_EINVAL);
	assert_string_equal(dmp_text_get(&errors), EXPECTED);
	dmp_text_clear(&errors);
	assert_int_equal(parse_nested(100000, &errors), DMP_EINVAL);
	assert_string_equal(dmp_text_get(&errors), EXPECTED);
	dmp_text_done(&errors);
}

static void
number_of_elements_is_limited(void **unused)
{
	struct dmp_text text = {0};

	(void)unused;
	dmp_text_append(&text, "<a xmlns='" NS "'>");
	for (int i = 0; i < DMP_XML_ELEMENTS; i++)
		dmp_text_append(&text, "<a/>");
	dmp_text_append(&text, "</a>");
	assert_errors(
	    dmp_text_get(&text), "t.xml:1: xml: too many elements, at most 200000\n");
	dmp_text_done(&text);
}

/* "<a xmlns=.. a1='' a2='' ..", n attributes in all. */
static struct outcome
parse_crowd(const char *before, unsigned n)
{
	struct dmp_text text = {0};
	struct outcome o;

	dmp_text_printf(&text, "%s<a xmlns='" NS "'", before);
	for (unsigned i = 1; i < n; i++)
		dmp_text_printf(&text, " a%u='=\"'", i);
	dmp_text_append(&text, "/>");
	o = parse(dmp_text_get(&text));
	dmp_text_done(&text);
	return o;
}

static void
number_of_attributes_is_limited(void **unused)
{
	struct outcome o = parse_crowd("\n", DMP_XML_ATTRIBUTES);

	(void)unused;
	assert_int_equal(o.verdict, DMP_OK);
	done(&o);
	o = parse_crowd("\n", DMP_XML_ATTRIBUTES + 1);
	assert_string_equal(dmp_text_get(&o.errors),
	    "t.xml:2: xml: too many attributes, at most 1000\n");
	assert_int_equal(o.verdict, DMP_EINVAL);
	done(&o);
	o = parse_crowd("<!-- <b -->\n<?x '?>", 50000);
	assert_string_equal(dmp_text_get(&o.errors),
	    "t.xml:2: xml: too many attributes, at most 1000\n");
	done(&o);
}

/* Equal signs that are no attributes are not counted. */
static void
equal_signs_in_other_places_are_not_limited(void **unused)
{
	static const char *const PLACES[][2] = {{"<!-- \"<", "--><a xmlns='" NS "'/>"},
	    {"<a xmlns='" NS "'><![CDATA[<a ", "]]></a>"},
	    {"<a xmlns='" NS "'>>\"'", "</a>"}, {"<a xmlns='" NS "' x='>", "'/>"},
	    {"<?x <a ", "?><a xmlns='" NS "'/>"}};

	(void)unused;
	for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
		struct dmp_text text = {0};
		struct outcome o;

		dmp_text_append(&text, PLACES[i][0]);
		for (int n = 0; n < 2 * DMP_XML_ATTRIBUTES; n++)
			dmp_text_append(&text, "=");
		dmp_text_append(&text, PLACES[i][1]);
		o = parse(dmp_text_get(&text));
		assert_string_equal(dmp_text_get(&o.errors), "");
		assert_int_equal(o.verdict, DMP_OK);
		done(&o);
		dmp_text_done(&text);
	}
}

static void
size_is_limited(void **unused)
{
	char *big = calloc(1, DMP_XML_BYTES + 1);
	struct outcome o;

	(void)unused;
	assert_non_null(big);
	o = parse_bytes(big, DMP_XML_BYTES + 1);
	assert_int_equal(o.parsed, DMP_ETOOBIG);
	assert_int_equal(o.verdict, DMP_EINVAL);
	done(&o);
	free(big);
}

static void
absent_file_is_reported_by_name(void **unused)
{
	struct dmp_xml_report report = {0};
	struct dmp_text errors = {0};
	struct dmp_xml *xml = NULL;

	(void)unused;
	assert_int_equal(
	    dmp_xml_load("/nonexistent/x.xml", NS, &xml, &report), DMP_ENOENT);
	assert_null(xml);
	assert_int_equal(dmp_xml_report_finish(&report, &errors), DMP_EINVAL);
	assert_non_null(strstr(dmp_text_get(&errors), "/nonexistent/x.xml: xml: "));
	dmp_text_done(&errors);
}

static void
report_is_in_the_order_of_files_and_lines(void **unused)
{
	struct dmp_xml_report report = {0};
	struct dmp_text errors = {0};

	(void)unused;
	dmp_xml_error_at(&report, "b", 9, "e", "late");
	dmp_xml_error_at(&report, "a", 1, "e", "other file");
	dmp_xml_error_at(&report, "b", 3, "e", "first");
	dmp_xml_error_at(&report, "b", 3, "e", "second");
	assert_int_equal(dmp_xml_report_finish(&report, &errors), DMP_EINVAL);
	assert_string_equal(dmp_text_get(&errors),
	    "b:3: e: first\nb:3: e: second\nb:9: e: late\na:1: e: other file\n");
	dmp_text_done(&errors);
}

static void
report_counts_what_is_over_its_limit(void **unused)
{
	struct dmp_xml_report report = {0};
	struct dmp_text errors = {0};
	size_t lines = 0;

	(void)unused;
	for (int i = 0; i < DMP_XML_ERRORS + 7; i++)
		dmp_xml_error_at(&report, "f", 1, "e", "what");
	assert_int_equal(dmp_xml_report_finish(&report, &errors), DMP_EINVAL);
	for (const char *p = dmp_text_get(&errors); *p; p++)
		lines += *p == '\n';
	assert_int_equal(lines, DMP_XML_ERRORS + 1);
	assert_non_null(strstr(dmp_text_get(&errors), "f: 7 more errors\n"));
	dmp_text_done(&errors);
}

static void
foreign_values_are_shown_printable_and_cut(void **unused)
{
	struct dmp_xml_report report = {0};
	struct dmp_xml_element element = {.file = "f", .line = 2, .name = "e"};
	struct dmp_text errors = {0};
	char value[500];

	(void)unused;
	memset(value, 'v', sizeof value);
	value[0] = '\x1b';
	value[sizeof value - 1] = '\0';
	dmp_xml_expected(&report, &element, "x", value, "y");
	assert_int_equal(dmp_xml_report_finish(&report, &errors), DMP_EINVAL);
	assert_int_equal(strlen(dmp_text_get(&errors)),
	    strlen("f:2: e: x, got \"\", expected y\n") + 64);
	assert_null(strchr(dmp_text_get(&errors), '\x1b'));
	dmp_text_done(&errors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tree_has_elements_attributes_and_text),
	    cmocka_unit_test(line_is_that_of_the_opening_bracket),
	    cmocka_unit_test(line_is_right_beyond_65535),
	    cmocka_unit_test(doctype_is_refused_whatever_it_holds),
	    cmocka_unit_test(entity_reference_is_refused),
	    cmocka_unit_test(element_of_another_namespace_is_reported_and_left_out),
	    cmocka_unit_test(root_without_namespace_gives_no_tree),
	    cmocka_unit_test(prefixed_attribute_keeps_its_prefix),
	    cmocka_unit_test(broken_files_are_refused_with_a_line),
	    cmocka_unit_test(other_encodings_are_decoded),
	    cmocka_unit_test(nesting_is_limited_to_16_levels),
	    cmocka_unit_test(number_of_elements_is_limited),
	    cmocka_unit_test(number_of_attributes_is_limited),
	    cmocka_unit_test(equal_signs_in_other_places_are_not_limited),
	    cmocka_unit_test(size_is_limited),
	    cmocka_unit_test(absent_file_is_reported_by_name),
	    cmocka_unit_test(report_is_in_the_order_of_files_and_lines),
	    cmocka_unit_test(report_counts_what_is_over_its_limit),
	    cmocka_unit_test(foreign_values_are_shown_printable_and_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
