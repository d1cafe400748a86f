/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "model/catalogue_embed.h"
#include "model/catalogue_read.h"
#include "model/condition.h"
#include "model/xml.h"

#define CATALOGUE_NS "urn:dmports:catalogue:1"
#define CATALOGUE_ATTRIBUTES                                                           \
	"number key title protocol transport port from to level since until "          \
	"installers opened close conflict reference hint probe depth tls path expect " \
	"why"

/* Longest texts without their NUL: the limits of the plan's and the MIB's fields. */
enum { TITLE_MAX = 63, PROTOCOL_MAX = 31, REFERENCE_MAX = 255, TEXT_MAX = 255 };

static const char *const OPENED_WORDS[] = {"", "unknown", NULL};
static const char *const DEPTH_WORDS[] = {"connect", "identify", NULL};
static const char *const TLS_WORDS[] = {"", "no", "yes", NULL};

/* [a-z0-9-]{1,32} */
static bool
catalogue_key_valid(const char *key)
{
	size_t n = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n < DMP_REQ_KEY_TEXT && key[n] == '\0';
}

static void
catalogue_read_key(struct dmp_entry *entry, const struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	const char *key = dmp_xml_attribute(element, "key");

	if (key && catalogue_key_valid(key))
		dmp_text_copy(entry->key, sizeof entry->key, key);
	else
		dmp_xml_expected(report, element, "key", key ? key : "",
		    "1 to 32 of a-z, 0-9 and -");
}

static void
catalogue_read_texts(struct dmp_entry *entry, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	entry->title = dmp_catalogue_read_needed(element, "title", TITLE_MAX, report);
	entry->protocol =
	    dmp_catalogue_read_needed(element, "protocol", PROTOCOL_MAX, report);
	entry->since = dmp_catalogue_read_version(
	    element, "since", &entry->since_versions, report);
	entry->until = dmp_catalogue_read_version(
	    element, "until", &entry->until_versions, report);
	entry->reference =
	    dmp_catalogue_read_text(element, "reference", REFERENCE_MAX, report);
	entry->hint = dmp_catalogue_read_text(element, "hint", TEXT_MAX, report);
	entry->close = dmp_catalogue_read_text(element, "close", TEXT_MAX, report);
	entry->conflict =
	    dmp_catalogue_read_text(element, "conflict", TEXT_MAX, report);
	entry->path = dmp_catalogue_read_text(element, "path", TEXT_MAX, report);
	entry->expect = dmp_catalogue_read_text(element, "expect", TEXT_MAX, report);
	entry->why = dmp_catalogue_read_text(element, "why", DMP_SENTENCE_MAX, report);
}

/* What the newest installer does, unless that depends on what else was installed. */
static void
catalogue_read_installers(struct dmp_entry *entry,
    const struct dmp_xml_element *element, struct dmp_xml_report *report)
{
	bool unknown =
	    dmp_catalogue_read_choice(element, "opened", OPENED_WORDS, report) > 0;

	entry->installers =
	    dmp_catalogue_read_installers(element, "installers", report);
	if (unknown)
		entry->opened = DMP_OPENED_UNKNOWN;
	else if (entry->installers & DMP_INSTALLER_NEWEST)
		entry->opened = DMP_OPENED_YES;
	else
		entry->opened = DMP_OPENED_NO;
}

static void
catalogue_read_values(struct dmp_entry *entry, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	entry->number = dmp_catalogue_read_number(
	    element, "number", 1, DMP_CATALOGUE_NUMBERS, report);
	entry->port =
	    (uint16_t)dmp_catalogue_read_number(element, "port", 0, 65535, report);
	entry->transport = (enum dmp_transport)dmp_catalogue_read_vocab(
	    element, "transport", DMP_VOCAB_TRANSPORT, report);
	entry->level = (enum dmp_level)dmp_catalogue_read_vocab(
	    element, "level", DMP_VOCAB_LEVEL, report);
	entry->probe = (enum dmp_probe_kind)dmp_catalogue_read_vocab(
	    element, "probe", DMP_VOCAB_PROBE, report);
	entry->from = dmp_catalogue_read_roles(element, "from", report);
	(void)dmp_catalogue_read_needed(element, "to", DMP_ROLES_TEXT, report);
	entry->to = dmp_catalogue_read_roles(element, "to", report);
	catalogue_read_installers(entry, element, report);
	(void)dmp_catalogue_read_needed(element, "depth", TEXT_MAX, report);
	entry->depth = (enum dmp_depth)dmp_catalogue_read_choice(
	    element, "depth", DEPTH_WORDS, report);
	entry->tls = (enum dmp_tristate)dmp_catalogue_read_choice(
	    element, "tls", TLS_WORDS, report);
}

/* What nobody can ask must not get into a plan.  Over UDP SNMP and NTP have an answer
 * to wait for, and an empty datagram at least finds a closed port; ICMP has no ports
 * and no probe. */
static void
catalogue_check_probe(const struct dmp_entry *entry,
    const struct dmp_xml_element *element, struct dmp_xml_report *report)
{
	bool datagram = dmp_probe_is_datagram(entry->probe);
	bool connects = entry->probe == DMP_PROBE_CONNECT;
	const char *probe = dmp_vocab_text(DMP_VOCAB_PROBE, (int)entry->probe);

	if (entry->transport == DMP_TRANSPORT_NONE && !(connects && entry->port == 0))
		dmp_xml_expected(report, element, "transport", "none",
		    "tcp or udp, or port 0 and probe connect with it");
	if (entry->transport != DMP_TRANSPORT_NONE && !connects &&
	    datagram != (entry->transport == DMP_TRANSPORT_UDP))
		dmp_xml_expected(report, element, "probe", probe,
		    "snmp, snmp-trap, ntp or connect with udp, another one with tcp");
}

/* One child behind the exchange, the condition, or none and the attribute why. */
static void
catalogue_read_condition(struct dmp_entry *entry, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	struct dmp_xml_element *child = dmp_catalogue_read_exchange(
	    element, entry->probe, entry->protocol, report, &entry->exchange);

	if (child && child->next)
		dmp_xml_error_at(report, element->file, child->next->line,
		    child->next->name, "a second condition, at most one is allowed");
	if ((child != NULL) == (entry->why[0] != '\0'))
		dmp_xml_error_at(report, element->file, element->line, element->name,
		    "either why or a condition is needed");
	if (child)
		entry->condition = dmp_condition_parse(child, report);
}

/* An empty from is any vantage; a forgotten one would be, too, so it must be there. */
static void
catalogue_read_entry(struct dmp_entry *entry, struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	dmp_catalogue_read_known(element, CATALOGUE_ATTRIBUTES, report);
	if (!dmp_xml_attribute(element, "from"))
		dmp_xml_error_at(report, element->file, element->line, element->name,
		    "from is missing");
	catalogue_read_key(entry, element, report);
	catalogue_read_texts(entry, element, report);
	catalogue_read_values(entry, element, report);
	catalogue_check_probe(entry, element, report);
	catalogue_read_condition(entry, element, report);
}

static void
catalogue_check_order(const struct dmp_catalogue *catalogue,
    const struct dmp_xml_element *element, struct dmp_xml_report *report)
{
	size_t last = catalogue->n_entries - 1;

	if (last > 0 &&
	    catalogue->entries[last].number <= catalogue->entries[last - 1].number)
		dmp_xml_error_at(report, element->file, element->line, element->name,
		    "number %u does not follow %u: numbers ascend",
		    (unsigned)catalogue->entries[last].number,
		    (unsigned)catalogue->entries[last - 1].number);
	for (size_t i = 0; i < last; i++) {
		if (strcmp(catalogue->entries[i].key, catalogue->entries[last].key) ==
		        0 &&
		    catalogue->entries[last].key[0] != '\0')
			dmp_xml_error_at(report, element->file, element->line,
			    element->name, "key %s is already that of number %u",
			    catalogue->entries[i].key,
			    (unsigned)catalogue->entries[i].number);
	}
}

/* How many entries to make room for; more than the numbers allow is an error that the
 * order check would report a million times. */
static size_t
catalogue_count(const struct dmp_xml_element *root, struct dmp_xml_report *report)
{
	size_t n = 0;

	for (const struct dmp_xml_element *e = root->child; e; e = e->next) {
		if (n == DMP_CATALOGUE_NUMBERS) {
			dmp_xml_error_at(report, e->file, e->line, e->name,
			    "too many requirements, at most %d", DMP_CATALOGUE_NUMBERS);
			break;
		}
		n++;
	}
	if (n == 0)
		dmp_xml_error_at(
		    report, root->file, root->line, root->name, "no requirement");
	return n;
}

static void
catalogue_read_entries(struct dmp_catalogue *catalogue, struct dmp_xml_element *root,
    struct dmp_xml_report *report)
{
	size_t n = catalogue_count(root, report);
	struct dmp_xml_element *element = root->child;

	catalogue->entries = calloc(n + 1, sizeof *catalogue->entries);
	if (!catalogue->entries) {
		report->status = DMP_ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++, element = element->next) {
		if (strcmp(element->name, "requirement") != 0) {
			dmp_xml_error_at(report, element->file, element->line,
			    element->name, "unknown element, expected requirement");
			continue;
		}
		catalogue_read_entry(
		    &catalogue->entries[catalogue->n_entries++], element, report);
		catalogue_check_order(catalogue, element, report);
	}
}

static void
catalogue_read(struct dmp_catalogue *catalogue, struct dmp_xml_report *report)
{
	struct dmp_xml_element *root = catalogue->xml->root;

	if (strcmp(root->name, "catalogue") != 0) {
		dmp_xml_error_at(report, root->file, root->line, root->name,
		    "unknown element, expected catalogue");
		return;
	}
	dmp_catalogue_read_known(root, "revision", report);
	dmp_text_copy(catalogue->revision, sizeof catalogue->revision,
	    dmp_catalogue_read_needed(root, "revision", DMP_VERSION_TEXT - 1, report));
	catalogue_read_entries(catalogue, root, report);
}

void
dmp_catalogue_free(struct dmp_catalogue *catalogue)
{
	if (!catalogue)
		return;
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		dmp_condition_free(
		    (struct dmp_condition *)catalogue->entries[i].condition);
		free(catalogue->entries[i].exchange);
	}
	free(catalogue->entries);
	dmp_xml_free(catalogue->xml);
	free(catalogue);
}

/* Takes xml (NULL when parsing it failed with status) and the report. */
static enum dmp_status
catalogue_finish(struct dmp_xml *xml, struct dmp_xml_report *report,
    struct dmp_catalogue **ret_catalogue, struct dmp_text *errors)
{
	struct dmp_catalogue *catalogue = calloc(1, sizeof *catalogue);
	enum dmp_status status;

	if (catalogue) {
		catalogue->xml = xml;
		catalogue_read(catalogue, report);
	} else {
		dmp_xml_free(xml);
		report->status = DMP_ENOMEM;
	}
	status = dmp_xml_report_finish(report, errors);
	if (status == DMP_OK)
		*ret_catalogue = catalogue;
	else
		dmp_catalogue_free(catalogue);
	return status;
}

/* No tree: what the report holds is said, status is what the caller learns. */
static enum dmp_status
catalogue_fail(
    struct dmp_xml_report *report, enum dmp_status status, struct dmp_text *errors)
{
	enum dmp_status said = dmp_xml_report_finish(report, errors);

	return said == DMP_ENOMEM ? said : status;
}

enum dmp_status
dmp_catalogue_parse(const char *name, const char *data, size_t size,
    struct dmp_catalogue **ret_catalogue, struct dmp_text *errors)
{
	struct dmp_xml_source source = {
	    .name = name, .data = data, .size = size, .ns = CATALOGUE_NS};
	struct dmp_xml_report report = {0};
	struct dmp_xml *xml = NULL;
	enum dmp_status status = dmp_xml_parse(&source, &xml, &report);

	if (status != DMP_OK)
		return catalogue_fail(&report, status, errors);
	return catalogue_finish(xml, &report, ret_catalogue, errors);
}

enum dmp_status
dmp_catalogue_load(
    const char *path, struct dmp_catalogue **ret_catalogue, struct dmp_text *errors)
{
	struct dmp_xml_report report = {0};
	struct dmp_xml *xml = NULL;
	enum dmp_status status;

	if (!path)
		return dmp_catalogue_builtin(ret_catalogue, errors);
	status = dmp_xml_load(path, CATALOGUE_NS, &xml, &report);
	if (status != DMP_OK)
		return catalogue_fail(&report, status, errors);
	return catalogue_finish(xml, &report, ret_catalogue, errors);
}

enum dmp_status
dmp_catalogue_builtin(struct dmp_catalogue **ret_catalogue, struct dmp_text *errors)
{
	return dmp_catalogue_parse("catalogue.xml", dmp_catalogue_xml,
	    dmp_catalogue_xml_size, ret_catalogue, errors);
}

const struct dmp_entry *
dmp_catalogue_find(const struct dmp_catalogue *catalogue, const char *key)
{
	for (size_t i = 0; i < catalogue->n_entries; i++) {
		if (strcmp(catalogue->entries[i].key, key) == 0)
			return &catalogue->entries[i];
	}
	return NULL;
}

void
dmp_installers_text(unsigned installers, char text[DMP_INSTALLERS_TEXT])
{
#define INSTALLER_WORD(name, bit, word, words) words,
	static const char *const texts[] = {DMP_INSTALLER_TABLE(INSTALLER_WORD)};
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (!(installers & 1U << i))
			continue;
		dmp_text_format(text + used, DMP_INSTALLERS_TEXT - used, "%s%s",
		    used > 0 ? ", " : "", texts[i]);
		used += strlen(text + used);
	}
}
