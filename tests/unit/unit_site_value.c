/* SPDX-License-Identifier: BSD-2-Clause */
/* The edges of every type of value, and the schema table itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/site_schema.h"
#include "model/site_value.h"

struct value_case {
	const char *element;
	const char *parent;
	const char *attribute;
	const char *value;
	bool good;
};

#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" A32

static const struct value_case CASES[] = {
    {"host", "site", "name", A63, true},
    {"host", "site", "name", A63 "a", false},
    {"host", "site", "name", "", false},
    {"host", "site", "name", "A.z_0-9", true},
    {"host", "site", "name", "a/b", false},
    {"host", "site", "name", "\xc3\xa9", false},
    {"port", "host", "requirement", A32, true},
    {"port", "host", "requirement", A32 "a", false},
    {"port", "host", "requirement", "a_b", false},
    {"port", "host", "port", "1", true},
    {"port", "host", "port", "65535", true},
    {"port", "host", "port", "65536", false},
    {"port", "host", "port", "0", false},
    {"port", "host", "port", " 1", false},
    {"port", "host", "port", "+1", false},
    {"port", "host", "port", "1.0", false},
    {"port", "host", "path", "/", true},
    {"port", "host", "path", "x", false},
    {"port", "host", "path", "/a b", false},
    {"port", "host", "path", "/\xc3\xa9", false},
    {"port", "host", "expect", "a\nb", false},
    {"port", "host", "expect", "", false},
    {"port", "host", "level", "none", true},
    {"requirement", "site", "level", "none", false},
    {"requirement", "site", "transport", "none", false},
    {"requirement", "site", "index", "10000", true},
    {"requirement", "site", "index", "9999", false},
    {"requirement", "site", "index", "2147483648", false},
    {"policy", "site", "interval", "100ms", true},
    {"policy", "site", "interval", "1d", true},
    {"policy", "site", "interval", "24h", true},
    {"policy", "site", "interval", "86401s", false},
    {"policy", "site", "interval", "0", false},
    {"policy", "site", "interval", "1", false},
    {"policy", "site", "interval", "1 s", false},
    {"policy", "site", "interval", "s", false},
    {"policy", "site", "interval", "1S", false},
    {"policy", "site", "interval", "1sx", false},
    {"policy", "site", "interval", "18446744073709551617s", false},
    {"policy", "site", "timeout", "50ms", true},
    {"policy", "site", "timeout", "49ms", false},
    {"policy", "site", "timeout", "60s", true},
    {"policy", "site", "timeout", "60001ms", false},
    {"policy", "site", "fall", "100", true},
    {"policy", "site", "fall", "101", false},
    {"policy", "site", "role", "dma", true},
    {"policy", "site", "role", "dma nms", false},
    {"policy", "site", "reference", "2001:db8::1", true},
    {"policy", "site", "reference", "router", false},
    {"notify", "site", "heartbeat", "0", true},
    {"notify", "site", "heartbeat", "0s", false},
    {"notify", "site", "source", "192.0.2.1", true},
    {"notify", "site", "source", "192.0.2.256", false},
    {"host", "site", "roles", " dma\tnms ", true},
    {"host", "site", "roles", "", false},
    {"host", "site", "roles", "dma,nms", false},
    {"host", "site", "address", "a.example. 192.0.2.1 ::1", true},
    {"host", "site", "address", "a b c d e f g h", true},
    {"host", "site", "address", "a b c d e f g h i", false},
    {"host", "site", "address", "256.1.1.1", false},
    {"host", "site", "address", "1.2.3", false},
    {"host", "site", "address", "12", false},
    {"host", "site", "address", "a.12", false},
    {"host", "site", "address", "12.a", true},
    {"host", "site", "address", A63 ".b", true},
    {"host", "site", "address", A63 "a.b", false},
    {"host", "site", "address", A63 "." A63 "." A63 "." A63, false},
    {"host", "site", "address", "a..b", false},
    {"host", "site", "address", ".", false},
    {"host", "site", "address", "a-", false},
    {"host", "site", "address", "-a", false},
    {"host", "site", "address", "a:b", false},
    {"host", "site", "address", "[::1]", false},
    {"site", NULL, "dataminer", "10.3.0 [CU3]", true},
    {"site", NULL, "dataminer", "10.4.0.0-14772-20240821-release", true},
    {"site", NULL, "dataminer", "10.5.0.0 \xe2\x80\x93 16782 CU11", true},
    {"site", NULL, "dataminer", "10.3.0 \\[CU3\\]", true},
    {"site", NULL, "dataminer", "10.3.0.0-12345 (main)", false},
    {"site", NULL, "dataminer", "10.3.6/10.4.0", false},
    {"site", NULL, "dataminer", "no", false},
    {"site", NULL, "dataminer", "", false},
    {"features", "site", "cloud-gateway", "no", true},
    {"features", "site", "cloud-gateway", "2.10.0", true},
    {"features", "site", "cloud-gateway", "2.10.0 [CU1]", false},
    {"features", "site", "cloud-gateway", "yes", false},
    {"site", NULL, "dataminer", "10<", false},
    {"include", "site", "file", "dma.xml", true},
    {"include", "site", "file", "a/dma.xml", false},
    {"include", "site", "file", "", false},
    {"agent", "site", "root-oid", "1.3.6", true},
    {"agent", "site", "root-oid", "1.3", false},
    {"agent", "site", "root-oid", ".1.3.6", false},
    {"agent", "site", "root-oid", "1.3.6.", false},
    {"agent", "site", "root-oid", "3.3.6", false},
    {"agent", "site", "root-oid", "1.40.6", false},
    {"agent", "site", "root-oid", "2.999.6", true},
    {"agent", "site", "root-oid", "1.3.4294967295", true},
    {"agent", "site", "root-oid", "1.3.4294967296", false},
    {"agent", "site", "root-oid", "1.3.6.1.4.1.8813", false},
    {"agent", "site", "root-oid", "1.3.6.1.4.1.8813.1", false},
    {"agent", "site", "root-oid", "1.3.6.1.4.1.88130", true},
    {"agent", "site", "root-oid",
        "1.3.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25.26.27.28.29."
        "30.31.32",
        true},
    {"agent", "site", "root-oid",
        "1.3.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22.23.24.25.26.27.28.29."
        "30.31.32.33",
        false},
    {"agent", "site", "context", "", true},
    {"maintenance", "site", "port", "a/b", true},
    {"maintenance", "site", "port", "a/b@80@6", true},
    {"maintenance", "site", "port", "a/", false},
    {"maintenance", "site", "port", "/b", false},
    {"maintenance", "site", "port", "a", false},
    {"maintenance", "site", "port", "a/b/c", false},
    {"maintenance", "site", "port", A63 "a/b", false},
    {"maintenance", "site", "port", "a/b ", false},
    {"maintenance", "site", "weekly", "Mon 00:00", true},
    {"maintenance", "site", "weekly", "Sun 23:59", true},
    {"maintenance", "site", "weekly", "Sun 24:00", false},
    {"maintenance", "site", "weekly", "Sun 23:60", false},
    {"maintenance", "site", "weekly", "sun 02:00", false},
    {"maintenance", "site", "weekly", "Sun 2:00", false},
    {"maintenance", "site", "weekly", "Sun  2:00", false},
    {"maintenance", "site", "weekly", "Sun 02:000", false},
    {"maintenance", "site", "from", "2026-11-22T02:00Z", true},
    {"maintenance", "site", "from", "2026-11-22T02:00", false},
    {"maintenance", "site", "for", "59s", false},
    {"maintenance", "site", "for", "7d", true},
    {"receiver", "notify", "engine-id", "0x8000000001", true},
    {"receiver", "notify", "engine-id", "0x80000000", false},
    {"receiver", "notify", "engine-id", "0x80000000011", false},
    {"receiver", "notify", "engine-id", "8000000001", false},
    {"receiver", "notify", "engine-id", "0x800000000g", false},
    {"receiver", "notify", "engine-id", "0x" A32 A32, true},
    {"receiver", "notify", "engine-id", "0x" A32 A32 "aa", false},
    {"receiver", "notify", "auth", "SHA-256", true},
    {"receiver", "notify", "auth", "sha", false},
    {"receiver", "notify", "kinds", "port host", true},
    {"receiver", "notify", "kinds", "", false},
};

/* An object large enough for every element, and what it owns. */
union object {
	struct dmp_site site;
	struct dmp_site_policy policy;
	struct dmp_site_host host;
	struct dmp_site_port port;
	struct dmp_site_requirement requirement;
	struct dmp_site_maintenance maintenance;
	struct dmp_site_receiver receiver;
	struct dmp_site_include include;
};

static void
free_value(const struct dmp_site_attribute *a, union object *object)
{
	char *strings[DMP_SITE_ADDRESSES] = {NULL};
	char *field = (char *)object + a->offset;

	if (a->heap)
		memcpy(&strings[0], field, sizeof(char *));
	else if (a->type == DMP_TYPE_ADDRESSES)
		memcpy(strings, field, sizeof strings);
	for (size_t i = 0; i < DMP_SITE_ADDRESSES; i++)
		free(strings[i]);
}

static void
check_case(const struct value_case *c)
{
	static const union object NOTHING;
	const struct dmp_site_element *element =
	    dmp_site_element_find(c->element, c->parent);
	const struct dmp_site_attribute *a;
	union object object = NOTHING;
	enum dmp_status status;

	assert_non_null(element);
	a = dmp_site_attribute_find(element, c->attribute);
	assert_non_null(a);
	status = dmp_site_value_set(a, c->value, "t.xml", &object);
	if (status != (c->good ? DMP_OK : DMP_EINVAL))
		fail_msg("%s %s=\"%s\": %s", c->element, c->attribute, c->value,
		    dmp_status_text(status));
	if (!c->good)
		assert_memory_equal(&object, &NOTHING, sizeof object);
	free_value(a, &object);
}

static void
edges_of_every_type_hold(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
		check_case(&CASES[i]);
}

static void
new_value_takes_the_place_of_the_old_one(void **unused)
{
	const struct dmp_site_attribute *address =
	    dmp_site_attribute_find(dmp_site_element_find("host", "site"), "address");
	const struct dmp_site_attribute *expect =
	    dmp_site_attribute_find(dmp_site_element_find("port", "host"), "expect");
	union object host = {0};
	union object port = {0};

	(void)unused;
	assert_int_equal(dmp_site_value_set(address, "a b", "", &host), DMP_OK);
	assert_int_equal(dmp_site_value_set(address, "c", "", &host), DMP_OK);
	assert_int_equal(host.host.n_addresses, 1);
	assert_string_equal(host.host.addresses[0], "c");
	assert_int_equal(dmp_site_value_set(expect, "a", "", &port), DMP_OK);
	assert_int_equal(dmp_site_value_set(expect, "b", "", &port), DMP_OK);
	assert_string_equal(port.port.expect, "b");
	free_value(address, &host);
	free_value(expect, &port);
}

static void
versions_are_kept_in_their_canonical_spelling(void **unused)
{
	const struct dmp_site_attribute *dataminer =
	    dmp_site_attribute_find(dmp_site_element_find("site", NULL), "dataminer");
	const struct dmp_site_attribute *gateway = dmp_site_attribute_find(
	    dmp_site_element_find("features", "site"), "cloud-gateway");
	struct dmp_site site = {0};

	(void)unused;
	assert_int_equal(
	    dmp_site_value_set(dataminer, "10.2.0.0-11897-CU4", "", &site), DMP_OK);
	assert_string_equal(site.dataminer, "10.2.0 [CU4]");
	assert_int_equal(
	    dmp_site_value_set(dataminer, "10.4.0.0-14772-20240821-release", "", &site),
	    DMP_OK);
	assert_string_equal(site.dataminer, "10.4.0");
	assert_int_equal(dmp_site_value_set(gateway, "2.10", "", &site), DMP_OK);
	assert_string_equal(site.features.cloud_gateway, "2.10.0");
	assert_int_equal(dmp_site_value_set(gateway, "no", "", &site), DMP_OK);
	assert_string_equal(site.features.cloud_gateway, "no");
}

static void
a_gateway_that_is_no_is_known_to_be_absent(void **unused)
{
	static const char text[] =
	    "<site xmlns='urn:dmports:site:1'><features cloud-gateway='no'/>"
	    "<host name='a' address='192.0.2.1' roles='dma'/></site>";
	struct dmp_text errors = {0};
	struct dmp_site *s = NULL;

	(void)unused;
	assert_int_equal(
	    dmp_site_parse("t.xml", text, sizeof text - 1, &s, &errors), DMP_OK);
	assert_true(s->installed.absent[DMP_PRODUCT_CLOUD_GATEWAY]);
	assert_false(s->installed.absent[DMP_PRODUCT_DATAMINER]);
	dmp_site_free(s);
	dmp_text_done(&errors);
}

static void
resolved(const char *beside, const char *file, const char *expected)
{
	char *path = dmp_site_resolve(beside, file);

	assert_string_equal(path, expected);
	free(path);
}

static void
relative_files_stand_beside_the_file_that_names_them(void **unused)
{
	(void)unused;
	resolved("/etc/dmports/site.xml", "ca.pem", "/etc/dmports/ca.pem");
	resolved("/etc/dmports/site.xml", "/ca.pem", "/ca.pem");
	resolved("site.xml", "a/ca.pem", "a/ca.pem");
	resolved("/site.xml", "ca.pem", "/ca.pem");
}

/* The loader writes through these offsets: a wrong one is memory damage. */
static void
schema_rows_are_complete(void **unused)
{
	size_t n;
	const struct dmp_site_element *elements = dmp_site_elements(&n);

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		const struct dmp_site_element *e = &elements[i];
		size_t room = e->item_size > 0 ? e->item_size : sizeof(struct dmp_site);

		assert_non_null(e->help);
		assert_ptr_equal(dmp_site_element_find(e->name, e->parent), e);
		assert_true(i == 0 || e->parent);
		for (size_t k = 0; k < e->n_attributes; k++) {
			const struct dmp_site_attribute *a = &e->attributes[k];

			assert_ptr_equal(dmp_site_attribute_find(e, a->name), a);
			assert_true(a->type < DMP_TYPES);
			assert_non_null(a->help);
			assert_true(a->offset + a->size <= room);
			assert_true(!a->heap || a->size == sizeof(char *));
			assert_true(!a->required || !a->fallback);
			assert_int_equal(a->words != NULL,
			    a->type == DMP_TYPE_WORD || a->type == DMP_TYPE_WORDS);
			assert_true(a->policy_bit == 0 || e->set > 0);
		}
	}
}

static void
defaults_of_the_schema_are_good_values(void **unused)
{
	size_t n;
	const struct dmp_site_element *elements = dmp_site_elements(&n);

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < elements[i].n_attributes; k++) {
			const struct dmp_site_attribute *a = &elements[i].attributes[k];
			union object object = {0};

			if (!a->fallback)
				continue;
			assert_int_equal(
			    dmp_site_value_set(a, a->fallback, "", &object), DMP_OK);
			free_value(a, &object);
		}
	}
}

static void
later_tells_values_without_behaviour(void **unused)
{
	struct dmp_site_attribute a = {.name = "a"};

	(void)unused;
	assert_false(dmp_site_attribute_is_later(&a, "x"));
	a.later = "*";
	assert_true(dmp_site_attribute_is_later(&a, "x"));
	a.later = "x y";
	assert_true(dmp_site_attribute_is_later(&a, "y"));
	assert_false(dmp_site_attribute_is_later(&a, "z"));
}

static void
manual_and_xsd_name_every_element_and_attribute(void **unused)
{
	struct dmp_text manual = {0};
	struct dmp_text xsd = {0};
	size_t n;
	const struct dmp_site_element *elements = dmp_site_elements(&n);

	(void)unused;
	dmp_site_print_manual(&manual);
	dmp_site_print_xsd(&xsd);
	for (size_t i = 0; i < n; i++) {
		char line[80];

		dmp_text_format(line, sizeof line, "\n.Ss %s\n", elements[i].name);
		assert_non_null(strstr(dmp_text_get(&manual), line));
		dmp_text_format(
		    line, sizeof line, "<xs:element name=\"%s\" ", elements[i].name);
		assert_non_null(strstr(dmp_text_get(&xsd), line));
		for (size_t k = 0; k < elements[i].n_attributes; k++) {
			const char *name = elements[i].attributes[k].name;

			dmp_text_format(line, sizeof line, "\n.It Cm %s\n", name);
			assert_non_null(strstr(dmp_text_get(&manual), line));
			dmp_text_format(line, sizeof line, "name=\"%s\"", name);
			assert_non_null(strstr(dmp_text_get(&xsd), line));
		}
	}
	dmp_text_done(&manual);
	dmp_text_done(&xsd);
}

static void
manual_has_no_line_that_troff_would_take_for_a_macro(void **unused)
{
	static const char *const MACROS[] = {
	    ".Sh ", ".Ss ", ".It Cm ", ".Cm ", ".Bl -tag -width Ds\n", ".El\n"};
	struct dmp_text manual = {0};
	const char *line;

	(void)unused;
	dmp_site_print_manual(&manual);
	for (line = dmp_text_get(&manual); *line; line = strchr(line, '\n') + 1) {
		bool known = line[0] != '.' && line[0] != '\'';

		for (size_t i = 0; i < sizeof MACROS / sizeof MACROS[0]; i++)
			known |= strncmp(line, MACROS[i], strlen(MACROS[i])) == 0;
		if (!known)
			fail_msg("%.60s", line);
	}
	dmp_text_done(&manual);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(edges_of_every_type_hold),
	    cmocka_unit_test(new_value_takes_the_place_of_the_old_one),
	    cmocka_unit_test(a_gateway_that_is_no_is_known_to_be_absent),
	    cmocka_unit_test(versions_are_kept_in_their_canonical_spelling),
	    cmocka_unit_test(relative_files_stand_beside_the_file_that_names_them),
	    cmocka_unit_test(schema_rows_are_complete),
	    cmocka_unit_test(defaults_of_the_schema_are_good_values),
	    cmocka_unit_test(later_tells_values_without_behaviour),
	    cmocka_unit_test(manual_and_xsd_name_every_element_and_attribute),
	    cmocka_unit_test(manual_has_no_line_that_troff_would_take_for_a_macro),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
