/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/site_load.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "model/site_schema.h"
#include "model/site_value.h"

enum { INCLUDE_DEPTH = 4, FILES_MAX = 64 };

struct loader {
	struct dmp_site *site;
	struct dmp_xml_report *report;
	const char *file; /* the site's own copy of the name of the current file */
	unsigned depth;   /* of includes */
	uint32_t seen;    /* bit i: element i of the schema, which may occur once */
};

static enum dmp_status load_children(struct loader *l,
    const struct dmp_site_element *parent, const struct dmp_xml_element *node,
    void *object);

static enum dmp_status
apply_defaults(const struct dmp_site_element *element, void *object)
{
	const int64_t absent = -1;

	for (size_t i = 0; i < element->n_attributes; i++) {
		const struct dmp_site_attribute *a = &element->attributes[i];
		enum dmp_status status = DMP_OK;

		if (a->type == DMP_TYPE_TIME)
			memcpy((char *)object + a->offset, &absent, sizeof absent);
		else if (a->fallback && a->policy_bit == 0)
			status = dmp_site_value_set(a, a->fallback, "", object);
		if (status != DMP_OK)
			return status;
	}
	return DMP_OK;
}

struct dmp_site *
dmp_site_new(void)
{
	struct dmp_site *site = calloc(1, sizeof *site);
	const struct dmp_site_element *elements;
	size_t n;

	if (!site)
		return NULL;
	elements = dmp_site_elements(&n);
	for (size_t i = 0; i < n; i++) {
		if (elements[i].item_size == 0 &&
		    apply_defaults(&elements[i], site) != DMP_OK) {
			dmp_site_free(site);
			return NULL;
		}
	}
	return site;
}

/* Arrays double: room is made when the count is 0 or a power of two. */
void *
dmp_site_append(const struct dmp_site_element *element, void *object)
{
	char *base = object;
	char *items;
	char *item;
	size_t n;

	memcpy(&items, base + element->items, sizeof items);
	memcpy(&n, base + element->count, sizeof n);
	if ((n & (n - 1)) == 0) {
		size_t room = n > 0 ? 2 * n : 1;

		items = realloc(items, room * element->item_size);
		if (!items)
			return NULL;
		memcpy(base + element->items, &items, sizeof items);
	}
	item = items + n * element->item_size;
	memset(item, 0, element->item_size);
	n++;
	memcpy(base + element->count, &n, sizeof n);
	return apply_defaults(element, item) == DMP_OK ? item : NULL;
}

/* Said once for the whole site, with the first place. */
static void
note_later(struct loader *l, const struct dmp_xml_element *node, const char *what)
{
	struct dmp_text *notes = &l->site->notes;
	struct dmp_text line = {0};

	dmp_text_printf(&line, ": %s: %s is not yet effective\n", node->name, what);
	if (line.status == DMP_OK && !strstr(dmp_text_get(notes), dmp_text_get(&line)))
		dmp_text_printf(
		    notes, "%s:%u%s", l->file, node->line, dmp_text_get(&line));
	dmp_text_done(&line);
}

static void
note_attribute(struct loader *l, const struct dmp_xml_element *node,
    const struct dmp_site_attribute *a, const char *value)
{
	struct dmp_text what = {0};

	if (!dmp_site_attribute_is_later(a, value))
		return;
	dmp_text_append(&what, a->name);
	if (a->words && strcmp(a->later, "*") != 0)
		dmp_text_printf(&what, "=\"%s\"", value);
	note_later(l, node, dmp_text_get(&what));
	dmp_text_done(&what);
}

static void
mark_policy(const struct dmp_site_element *element, const struct dmp_site_attribute *a,
    void *object)
{
	unsigned set;
	char *field = (char *)object + element->set;

	if (a->policy_bit == 0)
		return;
	memcpy(&set, field, sizeof set);
	set |= 1u << (a->policy_bit - 1);
	memcpy(field, &set, sizeof set);
}

static void
complain_unknown(struct loader *l, const struct dmp_site_element *element,
    const struct dmp_xml_element *node, const char *attribute)
{
	struct dmp_text names = {0};

	dmp_site_attribute_names(element, &names);
	dmp_xml_expected(
	    l->report, node, "unknown attribute", attribute, dmp_text_get(&names));
	dmp_text_done(&names);
}

static void
complain_value(struct loader *l, const struct dmp_site_attribute *a,
    const struct dmp_xml_element *node, const char *value)
{
	struct dmp_text expected = {0};
	struct dmp_text what = {0};

	dmp_site_value_say(a, &expected);
	dmp_text_append(&what, a->name);
	if (!value)
		dmp_text_append(&what, " is missing");
	dmp_xml_expected(l->report, node, dmp_text_get(&what), value ? value : "",
	    dmp_text_get(&expected));
	dmp_text_done(&expected);
	dmp_text_done(&what);
}

static enum dmp_status
load_attribute(struct loader *l, const struct dmp_site_element *element,
    const struct dmp_xml_element *node, const struct dmp_xml_attribute *attribute,
    void *object)
{
	const struct dmp_site_attribute *a =
	    dmp_site_attribute_find(element, attribute->name);
	enum dmp_status status;

	if (!a) {
		complain_unknown(l, element, node, attribute->name);
		return DMP_OK;
	}
	status = dmp_site_value_set(a, attribute->value, l->file, object);
	if (status == DMP_EINVAL) {
		complain_value(l, a, node, attribute->value);
		return DMP_OK;
	}
	if (status != DMP_OK)
		return status;
	mark_policy(element, a, object);
	note_attribute(l, node, a, attribute->value);
	return DMP_OK;
}

static enum dmp_status
load_attributes(struct loader *l, const struct dmp_site_element *element,
    const struct dmp_xml_element *node, void *object)
{
	for (size_t i = 0; i < node->n_attributes; i++) {
		enum dmp_status status =
		    load_attribute(l, element, node, &node->attributes[i], object);

		if (status != DMP_OK)
			return status;
	}
	for (size_t i = 0; i < element->n_attributes; i++) {
		const struct dmp_site_attribute *a = &element->attributes[i];

		if (a->required && !dmp_xml_attribute(node, a->name))
			complain_value(l, a, node, NULL);
	}
	return DMP_OK;
}

/* The site keeps the names of all its files: places point to them. */
static enum dmp_status
add_file(struct loader *l, const char *path)
{
	struct dmp_site *site = l->site;
	char **files = realloc(site->files, (site->n_files + 1) * sizeof *files);
	char *copy;

	if (!files)
		return DMP_ENOMEM;
	site->files = files;
	copy = strdup(path);
	if (!copy)
		return DMP_ENOMEM;
	files[site->n_files++] = copy;
	l->file = copy;
	return DMP_OK;
}

static enum dmp_status
load_file(struct loader *l, const struct dmp_xml *xml)
{
	const struct dmp_site_element *root =
	    dmp_site_element_find(DMP_SITE_ROOT, NULL);
	const struct dmp_xml_element *node = xml->root;
	enum dmp_status status;

	status = add_file(l, xml->name);
	if (status != DMP_OK)
		return status;
	if (strcmp(node->name, DMP_SITE_ROOT) != 0) {
		dmp_xml_expected(
		    l->report, node, "root element", node->name, DMP_SITE_ROOT);
		return DMP_OK;
	}
	if (l->depth == 0)
		status = load_attributes(l, root, node, l->site);
	for (size_t i = 0; l->depth > 0 && i < node->n_attributes; i++)
		dmp_xml_expected(l->report, node, "attribute in an included file",
		    node->attributes[i].name, "none");
	if (status != DMP_OK)
		return status;
	return load_children(l, root, node, l->site);
}

static bool
file_is_known(const struct dmp_site *site, const char *path)
{
	for (size_t i = 0; i < site->n_files; i++) {
		if (strcmp(site->files[i], path) == 0)
			return true;
	}
	return false;
}

static enum dmp_status
load_included(struct loader *l, const struct dmp_xml_element *node, const char *path)
{
	struct dmp_xml_source source = {.name = path, .ns = DMP_SITE_NS};
	struct dmp_xml *xml = NULL;
	enum dmp_status status;
	const char *outer = l->file;
	char *data = NULL;

	status = dmp_file_read(path, DMP_XML_BYTES, &data, &source.size);
	if (status == DMP_ENOMEM)
		return status;
	if (status != DMP_OK) {
		dmp_xml_expected(l->report, node, dmp_status_text(status), path,
		    "a readable file of at most 1 MiB");
		return DMP_OK;
	}
	source.data = data;
	status = dmp_xml_parse(&source, &xml, l->report);
	free(data);
	if (status != DMP_OK)
		return status == DMP_ENOMEM ? status : DMP_OK;
	l->depth++;
	status = load_file(l, xml);
	l->depth--;
	l->file = outer;
	dmp_xml_free(xml);
	return status;
}

static enum dmp_status
load_include(struct loader *l, const struct dmp_site_element *element,
    const struct dmp_xml_element *node)
{
	struct dmp_site_include include = {0};
	enum dmp_status status;
	char *path;

	status = load_attributes(l, element, node, &include);
	if (status != DMP_OK || include.file[0] == '\0')
		return status;
	path = dmp_site_resolve(l->file, include.file);
	if (!path)
		return DMP_ENOMEM;
	if (file_is_known(l->site, path))
		dmp_xml_expected(l->report, node, "file is read already", include.file,
		    "every file once");
	else if (l->depth >= INCLUDE_DEPTH)
		dmp_xml_expected(l->report, node, "includes are nested too deeply",
		    include.file, "at most 4 levels");
	else if (l->site->n_files >= FILES_MAX)
		dmp_xml_expected(
		    l->report, node, "too many files", include.file, "at most 64");
	else
		status = load_included(l, node, path);
	free(path);
	return status;
}

/* An element that is part of its parent may occur once in all files together. */
static void
check_once(struct loader *l, const struct dmp_site_element *element,
    const struct dmp_xml_element *node)
{
	size_t n;
	size_t i = (size_t)(element - dmp_site_elements(&n));

	if (l->seen & 1u << i)
		dmp_xml_expected(l->report, node, "given again", node->name,
		    "at most one in all files");
	l->seen |= 1u << i;
}

static enum dmp_status
load_element(struct loader *l, const struct dmp_site_element *element,
    const struct dmp_xml_element *node, void *object)
{
	enum dmp_status status;

	if (element->include) {
		status = load_include(l, element, node);
	} else if (element->item_size > 0) {
		struct dmp_site_place place = {l->file, node->line};

		object = dmp_site_append(element, object);
		if (!object)
			return DMP_ENOMEM;
		memcpy(object, &place, sizeof place);
		status = load_attributes(l, element, node, object);
	} else {
		check_once(l, element, node);
		status = load_attributes(l, element, node, object);
	}
	return status == DMP_OK ? load_children(l, element, node, object) : status;
}

static void
complain_element(struct loader *l, const struct dmp_site_element *parent,
    const struct dmp_xml_element *node)
{
	struct dmp_text names = {0};

	dmp_site_child_names(parent, &names);
	dmp_xml_expected(
	    l->report, node, "unknown element", node->name, dmp_text_get(&names));
	dmp_text_done(&names);
}

static enum dmp_status
load_children(struct loader *l, const struct dmp_site_element *parent,
    const struct dmp_xml_element *node, void *object)
{
	if (node->text[0] != '\0')
		dmp_xml_expected(l->report, node, "text", node->text, "none");
	for (const struct dmp_xml_element *c = node->child; c; c = c->next) {
		const struct dmp_site_element *element =
		    dmp_site_element_find(c->name, parent->name);
		enum dmp_status status = DMP_OK;

		if (element)
			status = load_element(l, element, c, object);
		else
			complain_element(l, parent, c);
		if (status != DMP_OK)
			return status;
	}
	return DMP_OK;
}

enum dmp_status
dmp_site_fill(
    struct dmp_site *site, const struct dmp_xml *xml, struct dmp_xml_report *report)
{
	struct loader loader = {.site = site, .report = report};
	enum dmp_status status = load_file(&loader, xml);

	if (status == DMP_OK && site->n_hosts == 0)
		dmp_text_printf(&site->notes,
		    "%s: site: there is no host, so nothing will be checked\n",
		    xml->name);
	return status == DMP_OK ? site->notes.status : status;
}
