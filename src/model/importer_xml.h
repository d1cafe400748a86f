/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * importer_xml.h - XML as DataMiner writes it: names without regard to namespace and
 * letter case.  What stands in an unexpected place is not looked at.  Used by
 * importer_*.c only.
 */
#ifndef DMP_IMPORTER_XML_H
#define DMP_IMPORTER_XML_H

#include "model/importer_agent.h"

/* Parse the file, whose root must have this name.  NULL after a note. */
struct dmp_xml *dmp_import_xml(struct dmp_import_reader *r, const char *root);

/* The first child of this name, and the next element beside it with the name it has;
 * NULL without.  parent may be NULL. */
const struct dmp_xml_element *dmp_import_child(
    const struct dmp_xml_element *parent, const char *name);
const struct dmp_xml_element *dmp_import_next(const struct dmp_xml_element *element);

/* The child of this name; a second one is noted. */
const struct dmp_xml_element *dmp_import_only(struct dmp_import_reader *r,
    const struct dmp_xml_element *parent, const char *name);

/* NULL when it is absent or element is NULL. */
const char *dmp_import_attribute(
    const struct dmp_xml_element *element, const char *name);

/* The text of an element; "" for NULL. */
const char *dmp_import_text(const struct dmp_xml_element *element);

/* Set a flag by text (NULL and "" set nothing); what is no boolean is noted. */
void dmp_import_take_flag(struct dmp_import_reader *r,
    const struct dmp_xml_element *element, const char *text,
    enum dmp_import_flag_id id);

/* A port number by text, 0 for NULL, "" and "0"; what is none is noted. */
uint16_t dmp_import_take_port(struct dmp_import_reader *r,
    const struct dmp_xml_element *element, const char *text);

/* An address with or without a port by text; false for "", or after a note. */
bool dmp_import_take_endpoint(struct dmp_import_reader *r,
    const struct dmp_xml_element *element, const char *text,
    struct dmp_import_endpoint *ret_endpoint);

#endif
