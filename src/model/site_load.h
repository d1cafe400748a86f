/* SPDX-License-Identifier: BSD-2-Clause */
/* site_load.h - from the tree of a site file to a struct dmp_site, by the schema. */
#ifndef DMP_SITE_LOAD_H
#define DMP_SITE_LOAD_H

#include "base/status.h"
#include "model/site.h"
#include "model/xml.h"

struct dmp_site_element; /* site_schema.h */

/* A site with the defaults of the schema and nothing else; NULL when memory ran out. */
struct dmp_site *dmp_site_new(void);

/* Append a zeroed item with the schema's defaults to the array that element has in
 * object; NULL when memory ran out. */
void *dmp_site_append(const struct dmp_site_element *element, void *object);

/* Fill site from the tree of the main file and from the files that it includes.  What
 * is wrong goes to the report; DMP_ENOMEM is the only failure. */
enum dmp_status dmp_site_fill(struct dmp_site *site, const struct dmp_xml *xml,
    struct dmp_xml_report *report) DMP_CHECK_RESULT;

/* What one element cannot know: references, duplicates, cycles, and combinations of
 * attributes.  root is that of the main file.  As dmp_site_fill(). */
enum dmp_status dmp_site_check(const struct dmp_site *site,
    const struct dmp_xml_element *root, struct dmp_xml_report *report) DMP_CHECK_RESULT;

/* One error of a check; "" as got when there is nothing. */
struct dmp_site_complaint {
	const char *element;
	const char *what;
	const char *got;
	const char *expected;
};
void dmp_site_complain(struct dmp_xml_report *report,
    const struct dmp_site_place *place, const struct dmp_site_complaint *complaint);

/* site_receiver.c: the same for the receiver with this index. */
void dmp_site_check_receiver(
    const struct dmp_site *site, size_t index, struct dmp_xml_report *report);

/* site_exchange.c: make the exchanges of the site's own requirements.  As
 * dmp_site_fill(). */
enum dmp_status dmp_site_make_exchanges(
    struct dmp_site *site, struct dmp_xml_report *report) DMP_CHECK_RESULT;

/* site_secret.c: wipe and free what dmp_site_read_secrets() read. */
void dmp_site_forget_secrets(struct dmp_site *site);

#endif
