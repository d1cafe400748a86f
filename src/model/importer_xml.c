/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What libxml2 says about a broken file can quote it, so its words are never passed on:
 * only those of xml.c itself, which do not.
 */
#include "model/importer_xml.h"

#include <string.h>
#include <strings.h>

static const char *
xml_reason(const char *text)
{
	static const char *const OURS[] = {"a DOCTYPE is not allowed",
	    "elements are nested too deeply, at most 16 levels",
	    "too many elements, at most 200000", "too many attributes, at most 1000",
	    "the file is too large, at most 1 MiB"};

	for (size_t i = 0; i < sizeof OURS / sizeof OURS[0]; i++) {
		if (strncmp(text, "xml: ", 5) == 0 && strcmp(text + 5, OURS[i]) == 0)
			return OURS[i];
	}
	return "this is not well-formed XML";
}

struct dmp_xml *
dmp_import_xml(struct dmp_import_reader *r, const char *root)
{
	struct dmp_xml_source source = {
	    .name = dmp_import_kind_name(r->kind), .data = r->data, .size = r->size};
	struct dmp_xml_report report = {0};
	struct dmp_xml *xml = NULL;
	enum dmp_status status = dmp_xml_parse(&source, &xml, &report);

	if (report.n_lines > 0)
		dmp_import_problem(
		    r, report.lines[0].line, xml_reason(report.lines[0].text));
	else if (status == DMP_OK && strcasecmp(xml->root->name, root) != 0)
		dmp_import_problem(
		    r, xml->root->line, "the outermost element is another one");
	else if (status == DMP_OK && dmp_xml_report_finish(&report, NULL) == DMP_OK)
		return xml;
	if (status == DMP_ENOMEM || report.status == DMP_ENOMEM)
		r->import->status = DMP_ENOMEM;
	dmp_xml_free(xml);
	if (dmp_xml_report_finish(&report, NULL) == DMP_ENOMEM)
		r->import->status = DMP_ENOMEM;
	return NULL;
}

static const struct dmp_xml_element *
xml_named(const struct dmp_xml_element *element, const char *name)
{
	while (element && strcasecmp(element->name, name) != 0)
		element = element->next;
	return element;
}

const struct dmp_xml_element *
dmp_import_child(const struct dmp_xml_element *parent, const char *name)
{
	return parent ? xml_named(parent->child, name) : NULL;
}

const struct dmp_xml_element *
dmp_import_next(const struct dmp_xml_element *element)
{
	return xml_named(element->next, element->name);
}

const struct dmp_xml_element *
dmp_import_only(
    struct dmp_import_reader *r, const struct dmp_xml_element *parent, const char *name)
{
	const struct dmp_xml_element *child = dmp_import_child(parent, name);
	char what[96];

	if (child && dmp_import_next(child)) {
		dmp_text_format(
		    what, sizeof what, "%s is there twice, the first is used", name);
		dmp_import_problem(r, dmp_import_next(child)->line, what);
	}
	return child;
}

const char *
dmp_import_attribute(const struct dmp_xml_element *element, const char *name)
{
	for (size_t i = 0; element && i < element->n_attributes; i++) {
		const char *local = strchr(element->attributes[i].name, ':');

		local = local ? local + 1 : element->attributes[i].name;
		if (strcasecmp(local, name) == 0)
			return element->attributes[i].value;
	}
	return NULL;
}

const char *
dmp_import_text(const struct dmp_xml_element *element)
{
	return element ? element->text : "";
}

void
dmp_import_take_flag(struct dmp_import_reader *r, const struct dmp_xml_element *element,
    const char *text, enum dmp_import_flag_id id)
{
	enum dmp_tristate value = DMP_UNSET;

	if (!text || *text == '\0')
		return;
	if (dmp_import_parse_bool(text, &value))
		dmp_import_set_flag(r, id, value);
	else
		dmp_import_problem(r, element->line, "expected true or false");
}

uint16_t
dmp_import_take_port(struct dmp_import_reader *r, const struct dmp_xml_element *element,
    const char *text)
{
	uint16_t port = 0;

	if (!text || text[strspn(text, " \t\r\n")] == '\0' || strcmp(text, "0") == 0)
		return 0;
	if (!dmp_import_parse_port(text, &port))
		dmp_import_problem(
		    r, element->line, "expected a port number from 1 to 65535");
	return port;
}

bool
dmp_import_take_endpoint(struct dmp_import_reader *r,
    const struct dmp_xml_element *element, const char *text,
    struct dmp_import_endpoint *ret_endpoint)
{
	if (!text || text[strspn(text, " \t\r\n")] == '\0')
		return false;
	if (dmp_import_parse_endpoint(text, ret_endpoint))
		return true;
	dmp_import_problem(r, element->line,
	    "expected an IP address or a host name, with or without a port");
	return false;
}
