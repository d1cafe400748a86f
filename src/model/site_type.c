/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the types of site_value.c look like: in a message and in XSD 1.0.  The XSD may
 * be more lenient than the parser, never stricter: every good file passes both.
 */
#include "model/site_value.h"

#include <inttypes.h>
#include <string.h>

struct form {
	void (*say)(const struct dmp_site_attribute *a, struct dmp_text *out);
	void (*xsd)(const struct dmp_site_attribute *a, struct dmp_text *out);
	const char *said;    /* what is expected, or of which characters */
	const char *pattern; /* XSD: of the value, or of one character of it */
};

static const struct form *form_of(const struct dmp_site_attribute *a);

static void
say_fixed(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	dmp_text_append(out, form_of(a)->said);
}

static void
say_characters(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	dmp_text_printf(
	    out, "%" PRIu64 " to %" PRIu64 " %s", a->min, a->max, form_of(a)->said);
}

static void
say_number(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	dmp_text_printf(out, "a number from %" PRIu64 " to %" PRIu64, a->min, a->max);
}

struct unit {
	uint64_t ms;
	const char *word;
};

static void
say_time(uint64_t ms, struct dmp_text *out)
{
	static const struct unit UNITS[] = {
	    {86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
	size_t i = 0;

	while (ms % UNITS[i].ms != 0)
		i++;
	dmp_text_printf(out, "%" PRIu64 "%s", ms / UNITS[i].ms, UNITS[i].word);
}

static void
say_duration(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	dmp_text_append(out, "a time from ");
	say_time(a->min, out);
	dmp_text_append(out, " to ");
	say_time(a->max, out);
	dmp_text_append(out, " in ms, s, m, h or d");
	if (a->off)
		dmp_text_append(out, ", or 0");
}

static void
say_word(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	for (const struct dmp_site_word *w = a->words; w->word; w++) {
		const char *between = w[1].word ? ", " : " or ";

		dmp_text_printf(out, "%s%s", w == a->words ? "" : between, w->word);
	}
}

static void
say_words(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	dmp_text_append(out, "words out of ");
	say_word(a, out);
}

static void
xsd_open(const char *base, struct dmp_text *out)
{
	dmp_text_printf(out, "<xs:simpleType><xs:restriction base=\"xs:%s\">", base);
}

static void
xsd_close(struct dmp_text *out)
{
	dmp_text_append(out, "</xs:restriction></xs:simpleType>");
}

static void
xsd_pattern(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	xsd_open("string", out);
	dmp_text_printf(out, "<xs:pattern value=\"%s\"/>", form_of(a)->pattern);
	xsd_close(out);
}

static void
xsd_characters(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	xsd_open("string", out);
	dmp_text_printf(out, "<xs:pattern value=\"%s{%" PRIu64 ",%" PRIu64 "}\"/>",
	    form_of(a)->pattern, a->min, a->max);
	xsd_close(out);
}

static void
xsd_text(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	xsd_open("string", out);
	dmp_text_printf(out,
	    "<xs:minLength value=\"%" PRIu64 "\"/><xs:maxLength value=\"%" PRIu64
	    "\"/>",
	    a->min, a->max);
	xsd_close(out);
}

static void
xsd_number(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	xsd_open("unsignedInt", out);
	dmp_text_printf(out,
	    "<xs:minInclusive value=\"%" PRIu64 "\"/><xs:maxInclusive value=\"%" PRIu64
	    "\"/>",
	    a->min, a->max);
	xsd_close(out);
}

static void
xsd_duration(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	xsd_open("string", out);
	dmp_text_printf(out, "<xs:pattern value=\"[0-9]{1,10}(ms|s|m|h|d)%s\"/>",
	    a->off ? "|0" : "");
	xsd_close(out);
}

static void
xsd_word(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	xsd_open("string", out);
	for (const struct dmp_site_word *w = a->words; w->word; w++)
		dmp_text_printf(out, "<xs:enumeration value=\"%s\"/>", w->word);
	xsd_close(out);
}

static void
xsd_words(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	dmp_text_append(out, "<xs:simpleType><xs:restriction><xs:simpleType><xs:list>");
	xsd_word(a, out);
	dmp_text_append(out, "</xs:list></xs:simpleType><xs:minLength value=\"1\"/>");
	xsd_close(out);
}

static void
xsd_addresses(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	dmp_text_append(out, "<xs:simpleType><xs:restriction><xs:simpleType><xs:list>");
	xsd_pattern(a, out);
	dmp_text_printf(out,
	    "</xs:list></xs:simpleType><xs:minLength value=\"1\"/>"
	    "<xs:maxLength value=\"%d\"/>",
	    DMP_SITE_ADDRESSES);
	xsd_close(out);
}

#define NAME_SAID    "letters, digits, '.', '_' and '-'"
#define NAME_PATTERN "[A-Za-z0-9._\\-]"
#define LITERAL_SAID "an IPv4 or IPv6 address"
#define TIME_OF_DAY  "([01][0-9]|2[0-3]):[0-5][0-9]"

/* By enum dmp_site_type. */
static const struct form FORMS[DMP_TYPES] = {
    [DMP_TYPE_NAME] = {say_characters, xsd_characters, NAME_SAID, NAME_PATTERN},
    [DMP_TYPE_TARGET] = {say_characters, xsd_characters, NAME_SAID ", or *",
        "[A-Za-z0-9._*\\-]"},
    [DMP_TYPE_KEY] = {say_characters, xsd_characters,
        "lower case letters, digits and '-'", "[a-z0-9\\-]"},
    [DMP_TYPE_PORT_KEY] = {say_fixed, xsd_pattern,
        "a port key, host/requirement or host/requirement@PORT",
        NAME_PATTERN "{1,63}/[a-z0-9\\-]{1,32}[@0-9]*"},
    [DMP_TYPE_VERSION] = {say_fixed, xsd_pattern,
        "a DataMiner version such as 10.3.0 [CU3], 10.3.6 or 10.5.0.0-16782-CU11",
        "[0-9]{1,2}\\.[0-9]{1,2}[A-Za-z0-9 .\\[\\]()\\\\\\-&#x2013;]*"},
    [DMP_TYPE_GATEWAY] = {say_fixed, xsd_pattern,
        "a CloudGateway version such as 2.10.0, or no",
        "no|[0-9]{1,2}\\.[0-9]{1,2}[0-9.]*"},
    [DMP_TYPE_TEXT] = {say_characters, xsd_text, "bytes without control characters",
        NULL},
    [DMP_TYPE_FILE] = {say_characters, xsd_text, "bytes without control characters",
        NULL},
    [DMP_TYPE_SIBLING] = {say_characters, xsd_characters, NAME_SAID " and no directory",
        NAME_PATTERN},
    [DMP_TYPE_PATH] = {say_fixed, xsd_pattern,
        "a path that begins with '/', at most 255 characters without blanks",
        "/[!-~]{0,254}"},
    [DMP_TYPE_NUMBER] = {say_number, xsd_number, NULL, NULL},
    [DMP_TYPE_DURATION] = {say_duration, xsd_duration, NULL, NULL},
    [DMP_TYPE_WORD] = {say_word, xsd_word, NULL, NULL},
    [DMP_TYPE_WORDS] = {say_words, xsd_words, NULL, NULL},
    [DMP_TYPE_ADDRESS] = {say_fixed, xsd_pattern, "an IP address or a DNS name",
        "[^ ]{1,253}"},
    [DMP_TYPE_ADDRESSES] = {say_fixed, xsd_addresses,
        "1 to 8 IP addresses or DNS names", "[^ ]{1,253}"},
    [DMP_TYPE_LITERAL] = {say_fixed, xsd_pattern, LITERAL_SAID, "[0-9A-Za-z.:%_\\-]+"},
    [DMP_TYPE_SOURCE] = {say_fixed, xsd_pattern, LITERAL_SAID, "[0-9A-Za-z.:%_\\-]+"},
    [DMP_TYPE_OID] = {say_fixed, xsd_pattern,
        "an object identifier of 3 to 32 numbers, not below 1.3.6.1.4.1.8813 "
        "(Skyline)",
        "[0-9]{1,10}(\\.[0-9]{1,10}){2,31}"},
    [DMP_TYPE_TIME] = {say_fixed, xsd_pattern, "a UTC time such as 2026-11-22T02:00Z",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T" TIME_OF_DAY "(:[0-9]{2})?Z"},
    [DMP_TYPE_WEEKLY] = {say_fixed, xsd_pattern, "a day and a time such as Sun 02:00",
        "(Mon|Tue|Wed|Thu|Fri|Sat|Sun) " TIME_OF_DAY},
    [DMP_TYPE_ENGINE_ID] = {say_fixed, xsd_pattern,
        "0x and 5 to 32 octets in hexadecimal", "0x([0-9A-Fa-f]{2}){5,32}"},
};

static const struct form *
form_of(const struct dmp_site_attribute *a)
{
	return &FORMS[a->type];
}

void
dmp_site_value_say(const struct dmp_site_attribute *attribute, struct dmp_text *out)
{
	form_of(attribute)->say(attribute, out);
}

void
dmp_site_value_xsd(const struct dmp_site_attribute *attribute, struct dmp_text *out)
{
	form_of(attribute)->xsd(attribute, out);
}
