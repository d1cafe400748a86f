/* SPDX-License-Identifier: BSD-2-Clause */
/* site_value.h - the values of the site file's attributes: parse and store one, say
 * what is expected, and say it as an XSD type. */
#ifndef DMP_SITE_VALUE_H
#define DMP_SITE_VALUE_H

#include "base/status.h"
#include "base/text.h"
#include "model/site_schema.h"

/* Parse value and put it into its field of object, in place of what was there.  beside
 * is the file whose directory relative file names belong to.  DMP_EINVAL: the value is
 * not what it must be, the object is unchanged. */
enum dmp_status dmp_site_value_set(const struct dmp_site_attribute *attribute,
    const char *value, const char *beside, void *object) DMP_CHECK_RESULT;

/* Append what the attribute expects: "a number from 1 to 65535". */
void dmp_site_value_say(
    const struct dmp_site_attribute *attribute, struct dmp_text *out);

/* Append the xs:simpleType of the attribute, one element, without a name. */
void dmp_site_value_xsd(
    const struct dmp_site_attribute *attribute, struct dmp_text *out);

/* The path of a file that is named in another one: beside it unless absolute.  NULL
 * when memory ran out; the caller frees. */
char *dmp_site_resolve(const char *beside, const char *file);

/* An IP literal, or a DNS name that is no numeric garbage (RFC 1123 2.1). */
bool dmp_site_is_address(const char *text);

#endif
