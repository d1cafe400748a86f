/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: libxml2 parses a buffer of ours into its tree, with callbacks of ours
 * for the start of an element (limits, the true line) and for a DOCTYPE (refused before
 * any entity in it is read).  The tree is then copied into plain structs and dropped.
 * xmlStopParser() still yields a document: only a count of zero errors is success.
 */
#include "model/xml.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/file.h"

enum { SHOWN_VALUE = 65, SHOWN_ERROR = 161, LINE_TEXT = 1024 };

static const char XML_TOO_LARGE[] = "the file is too large, at most 1 MiB";

/* What the callbacks of one parse share. */
struct xml_state {
	struct dmp_xml_report *report;
	const char *name;
	size_t errors;
	size_t elements;
};

/* The position of a file in the report; appended when it is new. */
static bool
report_file(struct dmp_xml_report *report, const char *file, size_t *ret_index)
{
	char **files;

	for (size_t i = 0; i < report->n_files; i++) {
		if (strcmp(report->files[i], file) == 0) {
			*ret_index = i;
			return true;
		}
	}
	files = realloc(report->files, (report->n_files + 1) * sizeof *files);
	if (!files)
		return false;
	report->files = files;
	files[report->n_files] = strdup(file);
	if (!files[report->n_files])
		return false;
	*ret_index = report->n_files++;
	return true;
}

static bool
report_reserve(struct dmp_xml_report *report)
{
	struct dmp_xml_report_line *lines = dmp_array_grow(
	    report->lines, report->n_lines, &report->capacity, sizeof *lines);

	if (lines)
		report->lines = lines;
	return lines != NULL;
}

static void
report_add(
    struct dmp_xml_report *report, const char *file, unsigned line, const char *text)
{
	struct dmp_xml_report_line *slot;
	char *copy;
	size_t index;

	if (report->n_lines >= DMP_XML_ERRORS) {
		report->dropped++;
		return;
	}
	copy = strdup(text);
	if (!copy || !report_file(report, file, &index) || !report_reserve(report)) {
		free(copy);
		report->status = DMP_ENOMEM;
		return;
	}
	slot = &report->lines[report->n_lines++];
	*slot = (struct dmp_xml_report_line){index, line, copy};
}

void
dmp_xml_error_at(struct dmp_xml_report *report, const char *file, unsigned line,
    const char *element, const char *format, ...)
{
	char text[LINE_TEXT];
	char head[SHOWN_VALUE];
	int used;
	va_list args;

	dmp_text_printable(head, sizeof head, element, strlen(element));
	used = snprintf(text, sizeof text, "%s: ", head);
	if (used < 0)
		used = 0;
	va_start(args, format);
	(void)vsnprintf(text + used, sizeof text - (size_t)used, format, args);
	va_end(args);
	report_add(report, file, line, text);
}

void
dmp_xml_expected(struct dmp_xml_report *report, const struct dmp_xml_element *element,
    const char *what, const char *got, const char *expected)
{
	char shown[SHOWN_VALUE];

	dmp_text_printable(shown, sizeof shown, got, strlen(got));
	dmp_xml_error_at(report, element->file, element->line, element->name,
	    "%s, got \"%s\", expected %s", what, shown, expected);
}

/* Stable insertion sort would be quadratic; ties keep the order they were added in
 * because lines are compared by address last. */
static int
compare_lines(const void *a, const void *b)
{
	const struct dmp_xml_report_line *x = *(struct dmp_xml_report_line *const *)a;
	const struct dmp_xml_report_line *y = *(struct dmp_xml_report_line *const *)b;

	if (x->file != y->file)
		return x->file < y->file ? -1 : 1;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x < y ? -1 : x > y;
}

static void
print_line(const struct dmp_xml_report *report, const struct dmp_xml_report_line *line,
    struct dmp_text *errors)
{
	if (line->line > 0)
		dmp_text_printf(errors, "%s:%u: %s\n", report->files[line->file],
		    line->line, line->text);
	else
		dmp_text_printf(
		    errors, "%s: %s\n", report->files[line->file], line->text);
}

static enum dmp_status
report_print(const struct dmp_xml_report *report, struct dmp_text *errors)
{
	const struct dmp_xml_report_line **order;

	order = calloc(report->n_lines, sizeof *order);
	if (!order)
		return DMP_ENOMEM;
	for (size_t i = 0; i < report->n_lines; i++)
		order[i] = &report->lines[i];
	qsort(order, report->n_lines, sizeof *order, compare_lines);
	for (size_t i = 0; i < report->n_lines; i++)
		print_line(report, order[i], errors);
	if (report->dropped > 0)
		dmp_text_printf(
		    errors, "%s: %zu more errors\n", report->files[0], report->dropped);
	free(order);
	return errors->status;
}

enum dmp_status
dmp_xml_report_finish(struct dmp_xml_report *report, struct dmp_text *errors)
{
	enum dmp_status status = report->status;

	if (report->n_lines > 0 && errors && status == DMP_OK)
		status = report_print(report, errors);
	if (status == DMP_OK && report->n_lines > 0)
		status = DMP_EINVAL;
	for (size_t i = 0; i < report->n_lines; i++)
		free(report->lines[i].text);
	free(report->lines);
	for (size_t i = 0; i < report->n_files; i++)
		free(report->files[i]);
	free(report->files);
	*report = (struct dmp_xml_report){0};
	return status;
}

static void
xml_complain(struct xml_state *state, unsigned line, const char *what)
{
	state->errors++;
	dmp_xml_error_at(state->report, state->name, line, "xml", "%s", what);
}

static unsigned
line_of_number(long line)
{
	return line > 0 && line < INT_MAX ? (unsigned)line : 0;
}

static void
xml_on_error(struct xml_state *state, const xmlError *error)
{
	char what[SHOWN_ERROR];
	const char *message = error->message ? error->message : "not well-formed";

	if (error->level < XML_ERR_ERROR)
		return;
	if (error->code == XML_ERR_NO_MEMORY)
		state->report->status = DMP_ENOMEM;
	dmp_text_printable(what, sizeof what, message, strlen(message));
	xml_complain(state, line_of_number(error->line), what);
}

static void
xml_on_parser_error(void *arg, xmlErrorPtr error)
{
	const xmlParserCtxt *parser = arg;

	xml_on_error(parser->_private, error);
}

static void
xml_on_other_error(void *arg, xmlErrorPtr error)
{
	xml_on_error(arg, error);
}

static unsigned
parser_line(const xmlParserCtxt *parser)
{
	return parser->input ? line_of_number(parser->input->line) : 0;
}

static void
xml_refuse(xmlParserCtxt *parser, const char *what)
{
	xml_complain(parser->_private, parser_line(parser), what);
	xmlStopParser(parser);
}

static void
xml_on_doctype(
    void *arg, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	(void)name;
	(void)external;
	(void)system;
	xml_refuse(arg, "a DOCTYPE is not allowed");
}

/* The parser stands at the end of a start tag, which may have many lines.  No raw '<'
 * can stand inside a tag (XML 1.0, 3.1), so the nearest one before us begins it. */
static unsigned
tag_line(const xmlParserCtxt *parser)
{
	unsigned line = parser_line(parser);
	const xmlChar *p;

	if (!parser->input || !parser->input->cur || !parser->input->base)
		return line;
	for (p = parser->input->cur; p > parser->input->base; p--) {
		if (p[-1] == '<')
			break;
		if (p[-1] == '\n' && line > 1)
			line--;
	}
	return line;
}

static void
xml_on_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
    int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
    const xmlChar **attributes)
{
	xmlParserCtxt *parser = arg;
	struct xml_state *state = parser->_private;
	uintptr_t line = tag_line(parser);

	if (parser->nodeNr >= DMP_XML_DEPTH) {
		xml_refuse(parser, "elements are nested too deeply, at most 16 levels");
		return;
	}
	if (++state->elements > DMP_XML_ELEMENTS) {
		xml_refuse(parser, "too many elements, at most 200000");
		return;
	}
	xmlSAX2StartElementNs(arg, name, prefix, uri, n_namespaces, namespaces,
	    n_attributes, n_defaulted, attributes);
	if (parser->node)
		parser->node->_private = (void *)line;
}

static void
free_element(struct dmp_xml_element *element)
{
	while (element) {
		struct dmp_xml_element *next = element->next;

		free_element(element->child);
		for (size_t i = 0; i < element->n_attributes; i++) {
			free(element->attributes[i].name);
			free(element->attributes[i].value);
		}
		free(element->attributes);
		free(element->text);
		free(element->name);
		free(element);
		element = next;
	}
}

/* An attribute in a namespace keeps its prefix in the name, so that it is unknown. */
static char *
attribute_name(const xmlAttr *attribute)
{
	struct dmp_text name = {0};

	if (attribute->ns && attribute->ns->prefix)
		dmp_text_printf(&name, "%s:", (const char *)attribute->ns->prefix);
	dmp_text_append(&name, (const char *)attribute->name);
	if (name.status != DMP_OK)
		dmp_text_done(&name);
	return name.data;
}

static char *
attribute_value(const xmlNode *node, const xmlAttr *attribute)
{
	xmlChar *content;
	char *value;

	content = xmlNodeListGetString(node->doc, attribute->children, 1);
	value = strdup(content ? (const char *)content : "");
	xmlFree(content);
	return value;
}

static bool
copy_attributes(const xmlNode *node, struct dmp_xml_element *element)
{
	size_t n = 0;

	for (const xmlAttr *a = node->properties; a; a = a->next)
		n++;
	if (n == 0)
		return true;
	element->attributes = calloc(n, sizeof *element->attributes);
	if (!element->attributes)
		return false;
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		struct dmp_xml_attribute *copy =
		    &element->attributes[element->n_attributes++];

		copy->name = attribute_name(a);
		copy->value = attribute_value(node, a);
		if (!copy->name || !copy->value)
			return false;
	}
	return true;
}

static bool
copy_text(const xmlNode *node, struct dmp_xml_element *element)
{
	struct dmp_text text = {0};

	for (const xmlNode *n = node->children; n; n = n->next) {
		if (n->type == XML_TEXT_NODE && n->content)
			dmp_text_append(&text, (const char *)n->content);
	}
	if (text.data && text.data[strspn(text.data, " \t\r\n")] == '\0')
		dmp_text_clear(&text);
	dmp_text_append(&text, "");
	if (text.status != DMP_OK)
		dmp_text_done(&text);
	element->text = text.data;
	return element->text != NULL;
}

/* The node alone, without its children; NULL when memory ran out. */
static struct dmp_xml_element *
copy_node(const xmlNode *node, const char *file)
{
	struct dmp_xml_element *element = calloc(1, sizeof *element);

	if (!element)
		return NULL;
	element->file = file;
	element->line = (unsigned)(uintptr_t)node->_private;
	element->name = strdup((const char *)node->name);
	if (element->name && copy_attributes(node, element) && copy_text(node, element))
		return element;
	free_element(element);
	return NULL;
}

static bool
namespace_is(const xmlNode *node, const struct xml_state *state, const char *ns)
{
	const char *got = "";
	struct dmp_xml_element place = {.file = state->name,
	    .line = (unsigned)(uintptr_t)node->_private,
	    .name = (char *)(uintptr_t)node->name};

	if (!ns)
		return true;
	if (node->ns && node->ns->href)
		got = (const char *)node->ns->href;
	if (strcmp(got, ns) == 0)
		return true;
	dmp_xml_expected(state->report, &place, "namespace (xmlns)", got, ns);
	return false;
}

/* Copy the element nodes among node and its siblings, with all below them. */
static bool
copy_siblings(const xmlNode *node, const struct xml_state *state,
    const struct dmp_xml_source *source, const char *file,
    struct dmp_xml_element **tail)
{
	for (; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE ||
		    !namespace_is(node, state, source->ns))
			continue;
		*tail = copy_node(node, file);
		if (!*tail || !copy_siblings(
		                  node->children, state, source, file, &(*tail)->child))
			return false;
		tail = &(*tail)->next;
	}
	return true;
}

static enum dmp_status
copy_document(const xmlDoc *document, const struct xml_state *state,
    const struct dmp_xml_source *source, struct dmp_xml **ret_xml)
{
	struct dmp_xml *xml = calloc(1, sizeof *xml);

	if (!xml)
		return DMP_ENOMEM;
	xml->name = strdup(source->name);
	if (!xml->name ||
	    !copy_siblings(document->children, state, source, xml->name, &xml->root)) {
		dmp_xml_free(xml);
		return DMP_ENOMEM;
	}
	if (!xml->root) {
		dmp_xml_free(xml);
		return DMP_EINVAL;
	}
	*ret_xml = xml;
	return DMP_OK;
}

/* Parse into libxml2's tree; NULL when there was an error, which is reported.  A few
 * errors (of character conversion) are raised without a parser: they would be printed
 * on stderr and lost without the global handler, which is put back. */
static xmlDoc *
parse_document(const struct dmp_xml_source *source, struct xml_state *state)
{
	enum { OPTIONS = XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_BIG_LINES };
	xmlStructuredErrorFunc old = xmlStructuredError;
	void *old_arg = xmlStructuredErrorContext;
	xmlParserCtxt *parser;
	xmlDoc *document;

	xmlInitParser();
	parser = xmlNewParserCtxt();
	if (!parser) {
		state->report->status = DMP_ENOMEM;
		return NULL;
	}
	parser->_private = state;
	parser->sax->serror = xml_on_parser_error;
	parser->sax->internalSubset = xml_on_doctype;
	parser->sax->startElementNs = xml_on_start;
	xmlSetStructuredErrorFunc(state, xml_on_other_error);
	document = xmlCtxtReadMemory(
	    parser, source->data, (int)source->size, source->name, NULL, OPTIONS);
	xmlSetStructuredErrorFunc(old_arg, old);
	if (!document && state->errors == 0)
		xml_complain(state, 0, "this is not an XML document");
	if (document && state->errors > 0) {
		xmlFreeDoc(document);
		document = NULL;
	}
	xmlFreeParserCtxt(parser);
	return document;
}

enum dmp_status
dmp_xml_parse(const struct dmp_xml_source *source, struct dmp_xml **ret_xml,
    struct dmp_xml_report *report)
{
	struct xml_state state = {.report = report, .name = source->name};
	enum dmp_status status;
	xmlDoc *document;
	unsigned line;
	size_t index;

	if (!report_file(report, source->name, &index))
		return DMP_ENOMEM;
	if (source->size > DMP_XML_BYTES) {
		xml_complain(&state, 0, XML_TOO_LARGE);
		return DMP_ETOOBIG;
	}
	line = dmp_xml_crowded_tag(source->data, source->size);
	if (line > 0) {
		xml_complain(&state, line, "too many attributes, at most 1000");
		return DMP_EINVAL;
	}
	document = parse_document(source, &state);
	if (!document)
		return report->status == DMP_OK ? DMP_EINVAL : report->status;
	status = copy_document(document, &state, source, ret_xml);
	xmlFreeDoc(document);
	return status;
}

enum dmp_status
dmp_xml_load(const char *path, const char *ns, struct dmp_xml **ret_xml,
    struct dmp_xml_report *report)
{
	struct dmp_xml_source source = {.name = path, .ns = ns};
	struct xml_state state = {.report = report, .name = path};
	enum dmp_status status;
	char *data = NULL;

	status = dmp_file_read(path, DMP_XML_BYTES, &data, &source.size);
	if (status != DMP_OK) {
		xml_complain(&state, 0,
		    status == DMP_ETOOBIG ? XML_TOO_LARGE : dmp_file_text(status));
		return status;
	}
	source.data = data;
	status = dmp_xml_parse(&source, ret_xml, report);
	free(data);
	return status;
}

void
dmp_xml_free(struct dmp_xml *xml)
{
	if (!xml)
		return;
	free_element(xml->root);
	free(xml->name);
	free(xml);
}

const char *
dmp_xml_attribute(const struct dmp_xml_element *element, const char *name)
{
	for (size_t i = 0; i < element->n_attributes; i++) {
		if (strcmp(element->attributes[i].name, name) == 0)
			return element->attributes[i].value;
	}
	return NULL;
}
