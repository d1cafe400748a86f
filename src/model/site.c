/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/site.h"

#include <stdlib.h>
#include <string.h>

#include "model/site_load.h"
#include "model/site_schema.h"
#include "model/site_value.h"
#include "model/xml.h"

/* Versions from their canonical texts; a text that was refused left none. */
static void
read_installed(struct dmp_site *site)
{
	const char *texts[DMP_PRODUCTS] = {
	    [DMP_PRODUCT_DATAMINER] = site->dataminer,
	    [DMP_PRODUCT_CLOUD_GATEWAY] = site->features.cloud_gateway,
	};
	struct dmp_installed *installed = &site->installed;

	for (unsigned i = 0; i < DMP_PRODUCTS; i++) {
		installed->absent[i] = strcmp(texts[i], DMP_SITE_ABSENT) == 0;
		if (dmp_version_parse((enum dmp_product)i, texts[i],
		        &installed->version[i]) != DMP_OK)
			installed->version[i] = (struct dmp_version){0};
	}
}

/* End the report and hand out the site, or free it. */
static enum dmp_status
site_finish(struct dmp_site *site, enum dmp_status status,
    struct dmp_xml_report *report, struct dmp_site **ret_site, struct dmp_text *errors)
{
	enum dmp_status verdict = dmp_xml_report_finish(report, errors);

	if (status == DMP_OK)
		status = verdict;
	if (status == DMP_OK)
		*ret_site = site;
	else
		dmp_site_free(site);
	return status;
}

/* Load the tree, check, and end the report: all errors of one site together. */
static enum dmp_status
site_build(const struct dmp_xml *xml, struct dmp_xml_report *report,
    struct dmp_site **ret_site, struct dmp_text *errors)
{
	struct dmp_site *site = dmp_site_new();
	enum dmp_status status = site ? DMP_OK : DMP_ENOMEM;

	if (status == DMP_OK)
		status = dmp_site_fill(site, xml, report);
	if (status == DMP_OK)
		status = dmp_site_make_exchanges(site, report);
	if (status == DMP_OK) {
		read_installed(site);
		status = dmp_site_check(site, xml->root, report);
	}
	return site_finish(site, status, report, ret_site, errors);
}

enum dmp_status
dmp_site_load(const char *path, struct dmp_site **ret_site, struct dmp_text *errors)
{
	struct dmp_xml_report report = {0};
	struct dmp_xml *xml = NULL;
	enum dmp_status status = dmp_xml_load(path, DMP_SITE_NS, &xml, &report);

	if (status != DMP_OK) {
		enum dmp_status verdict = dmp_xml_report_finish(&report, errors);

		return verdict == DMP_ENOMEM ? verdict : status;
	}
	status = site_build(xml, &report, ret_site, errors);
	dmp_xml_free(xml);
	return status;
}

enum dmp_status
dmp_site_parse(const char *name, const char *data, size_t size,
    struct dmp_site **ret_site, struct dmp_text *errors)
{
	struct dmp_xml_source source = {name, data, size, DMP_SITE_NS};
	struct dmp_xml_report report = {0};
	struct dmp_xml *xml = NULL;
	enum dmp_status status = dmp_xml_parse(&source, &xml, &report);

	if (status != DMP_OK) {
		enum dmp_status verdict = dmp_xml_report_finish(&report, errors);

		return verdict == DMP_ENOMEM ? verdict : status;
	}
	status = site_build(xml, &report, ret_site, errors);
	dmp_xml_free(xml);
	return status;
}

/* A host that no file describes: name and address, NUL-terminated and valid. */
static enum dmp_status
add_host(struct dmp_site *site, const char *name, const char *address, unsigned roles)
{
	const struct dmp_site_element *element =
	    dmp_site_element_find("host", DMP_SITE_ROOT);
	struct dmp_site_host *host = dmp_site_append(element, site);

	if (!host)
		return DMP_ENOMEM;
	host->place.file = "";
	dmp_text_copy(host->name, sizeof host->name, name);
	host->roles = roles;
	host->addresses[0] = strdup(address);
	if (!host->addresses[0])
		return DMP_ENOMEM;
	host->n_addresses = 1;
	return DMP_OK;
}

enum dmp_status
dmp_site_default(struct dmp_site **ret_site)
{
	struct dmp_site *site = dmp_site_new();

	if (!site)
		return DMP_ENOMEM;
	if (add_host(site, "localhost", "127.0.0.1", DMP_ROLE_DMA) != DMP_OK) {
		dmp_site_free(site);
		return DMP_ENOMEM;
	}
	*ret_site = site;
	return DMP_OK;
}

/* A host name for an address: what names cannot have becomes '-'. */
static void
name_of_word(const char *word, char name[DMP_NAME_TEXT])
{
	dmp_text_copy(name, DMP_NAME_TEXT, word);
	for (char *p = name; *p; p++) {
		if (*p == ':' || *p == '%')
			*p = '-';
	}
}

static enum dmp_status
add_word(struct dmp_site *site, const char *word, unsigned roles,
    struct dmp_xml_report *report)
{
	struct dmp_xml_element place = {.file = "command line", .name = "host"};
	char name[DMP_NAME_TEXT];

	if (!dmp_site_is_address(word)) {
		dmp_xml_expected(
		    report, &place, "address", word, "an IP address or a DNS name");
		return DMP_OK;
	}
	name_of_word(word, name);
	for (size_t i = 0; i < site->n_hosts; i++) {
		if (strcmp(site->hosts[i].name, name) == 0) {
			dmp_xml_expected(
			    report, &place, "given again", word, "every host once");
			return DMP_OK;
		}
	}
	return add_host(site, name, word, roles);
}

static enum dmp_status
set_version(struct dmp_site *site, const char *dataminer, struct dmp_xml_report *report)
{
	const struct dmp_site_element *root =
	    dmp_site_element_find(DMP_SITE_ROOT, NULL);
	const struct dmp_site_attribute *a = dmp_site_attribute_find(root, "dataminer");
	struct dmp_xml_element place = {.file = "command line", .name = "site"};
	struct dmp_text expected = {0};
	enum dmp_status status = dmp_site_value_set(a, dataminer, "", site);

	if (status != DMP_EINVAL)
		return status;
	dmp_site_value_say(a, &expected);
	dmp_xml_expected(report, &place, a->name, dataminer, dmp_text_get(&expected));
	dmp_text_done(&expected);
	return DMP_OK;
}

enum dmp_status
dmp_site_from_hosts(const char *const *hosts, size_t n_hosts, unsigned roles,
    const char *dataminer, struct dmp_site **ret_site, struct dmp_text *errors)
{
	struct dmp_xml_report report = {0};
	struct dmp_site *site = dmp_site_new();
	enum dmp_status status = site ? DMP_OK : DMP_ENOMEM;

	if (status == DMP_OK && dataminer)
		status = set_version(site, dataminer, &report);
	for (size_t i = 0; i < n_hosts && status == DMP_OK; i++)
		status = add_word(site, hosts[i], roles, &report);
	if (status == DMP_OK)
		read_installed(site);
	return site_finish(site, status, &report, ret_site, errors);
}

/* Free what the attributes of an element own in its object. */
static void
free_fields(const struct dmp_site_element *element, void *object)
{
	for (size_t i = 0; i < element->n_attributes; i++) {
		const struct dmp_site_attribute *a = &element->attributes[i];
		char *field = (char *)object + a->offset;
		char *strings[DMP_SITE_ADDRESSES] = {NULL};

		if (a->heap)
			memcpy(&strings[0], field, sizeof(char *));
		else if (a->type == DMP_TYPE_ADDRESSES)
			memcpy(strings, field, sizeof strings);
		for (size_t k = 0; k < DMP_SITE_ADDRESSES; k++)
			free(strings[k]);
	}
}

/* Free what all elements below the one named parent own in its object. */
static void
free_children(const char *parent, void *object)
{
	size_t n;
	const struct dmp_site_element *elements = dmp_site_elements(&n);

	for (size_t i = 0; i < n; i++) {
		const struct dmp_site_element *e = &elements[i];
		char *items;
		size_t count;

		if (!e->parent || strcmp(e->parent, parent) != 0 || e->include)
			continue;
		if (e->item_size == 0) {
			free_fields(e, object);
			free_children(e->name, object);
			continue;
		}
		memcpy(&items, (char *)object + e->items, sizeof items);
		memcpy(&count, (char *)object + e->count, sizeof count);
		for (size_t k = 0; k < count; k++) {
			free_fields(e, items + k * e->item_size);
			free_children(e->name, items + k * e->item_size);
		}
		free(items);
	}
}

void
dmp_site_free(struct dmp_site *site)
{
	if (!site)
		return;
	dmp_site_forget_secrets(site);
	for (size_t i = 0; i < site->n_requirements; i++)
		free(site->requirements[i].exchange);
	free_children(DMP_SITE_ROOT, site);
	for (size_t i = 0; i < site->n_files; i++)
		free(site->files[i]);
	free(site->files);
	dmp_text_done(&site->notes);
	free(site);
}
