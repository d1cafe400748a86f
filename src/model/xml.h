/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xml.h - XML files that somebody else wrote, as a plain tree and a list of errors.
 *
 * The only file that sees libxml2 is xml.c.  There is no DTD, no entity, no network, no
 * XInclude and a limit on everything.  Errors are collected in a report, so that one
 * run tells all of them, in the order of the files.
 */
#ifndef DMP_XML_H
#define DMP_XML_H

#include <stddef.h>

#include "base/status.h"
#include "base/text.h"

#define DMP_XML_BYTES      ((size_t)1024 * 1024) /* per file */
#define DMP_XML_DEPTH      16
#define DMP_XML_ELEMENTS   200000
#define DMP_XML_ATTRIBUTES 1000 /* of an element */
#define DMP_XML_ERRORS     1000 /* what comes after is only counted */

struct dmp_xml_attribute {
	char *name;
	char *value;
};

/* One element.  Comments and processing instructions are gone. */
struct dmp_xml_element {
	const char *file; /* borrowed from the document */
	unsigned line;    /* of its '<' */
	char *name;
	char *text; /* its own character data; "" when that is only white space */
	struct dmp_xml_attribute *attributes; /* in the order of the file */
	size_t n_attributes;
	struct dmp_xml_element *child; /* the first */
	struct dmp_xml_element *next;  /* sibling */
};

struct dmp_xml {
	char *name; /* of the file */
	struct dmp_xml_element *root;
};

struct dmp_xml_source {
	const char *name; /* of the file, for messages */
	const char *data;
	size_t size;
	const char *ns; /* the namespace that all elements must be in; NULL: any */
};

struct dmp_xml_report_line {
	size_t file;
	unsigned line;
	char *text;
};

/* Zero-initialise to start; dmp_xml_report_finish() ends it. */
struct dmp_xml_report {
	char **files; /* in the order in which they were parsed or named */
	size_t n_files;
	struct dmp_xml_report_line *lines;
	size_t n_lines;
	size_t capacity;
	size_t dropped;
	enum dmp_status status; /* DMP_ENOMEM sticks */
};

/* Add "file:line: element: " and the formatted rest.  Line 0 is not shown. */
void dmp_xml_error_at(struct dmp_xml_report *report, const char *file, unsigned line,
    const char *element, const char *format, ...) DMP_PRINTF(5, 6);

/* Add 'what, got "x", expected y' for an element; got is made printable and cut. */
void dmp_xml_expected(struct dmp_xml_report *report,
    const struct dmp_xml_element *element, const char *what, const char *got,
    const char *expected);

/* Append all lines to errors (may be NULL), by file and line, and free the report.
 * DMP_OK without errors, DMP_EINVAL with, DMP_ENOMEM when memory ran out. */
enum dmp_status dmp_xml_report_finish(
    struct dmp_xml_report *report, struct dmp_text *errors) DMP_CHECK_RESULT;

/* Parse.  DMP_EINVAL: there is no tree, the report says why.  Errors that leave a tree
 * (an element in another namespace, which is left out) are reported with DMP_OK: the
 * verdict is dmp_xml_report_finish()'s. */
enum dmp_status dmp_xml_parse(const struct dmp_xml_source *source,
    struct dmp_xml **ret_xml, struct dmp_xml_report *report) DMP_CHECK_RESULT;

/* Read a file and parse it.  Also DMP_ENOENT, DMP_EPERM, DMP_ETOOBIG, DMP_EIO, reported
 * as well. */
enum dmp_status dmp_xml_load(const char *path, const char *ns, struct dmp_xml **ret_xml,
    struct dmp_xml_report *report) DMP_CHECK_RESULT;

void dmp_xml_free(struct dmp_xml *xml);

/* The value of an attribute; NULL when it is absent. */
const char *dmp_xml_attribute(const struct dmp_xml_element *element, const char *name);

/* The line of the first element with more attributes than the limit; 0 = there is none.
 * libxml2 compares each with all others, which a file of 1 MiB can make a minute of. */
unsigned dmp_xml_crowded_tag(const char *data, size_t size);

#endif
