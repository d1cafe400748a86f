/* SPDX-License-Identifier: BSD-2-Clause */
/* importer_conf.h - the configuration syntax of NATS, JSON, and the JSON that .NET
 * reads, as a tree of jansson.  Used by importer_*.c and their tests only. */
#ifndef DMP_IMPORTER_CONF_H
#define DMP_IMPORTER_CONF_H

#include <jansson.h>

#include "base/status.h"

/* NATS configuration syntax, which JSON is a part of: maps with or without braces
 * around the whole, keys with or without quotes, ':', '=' or a blank after them,
 * commas, semicolons or line ends between items, '#' and "//" comments.  All values
 * but maps and lists come out as strings.  include files and $variables are not
 * followed.  DMP_EINVAL and the line. */
enum dmp_status dmp_import_conf_parse(
    const char *text, json_t **ret_tree, unsigned *ret_line) DMP_CHECK_RESULT;

/* JSON as .NET reads it: with comments and with commas before a closing bracket.
 * DMP_EINVAL and the line. */
enum dmp_status dmp_import_json_parse(
    const char *text, json_t **ret_tree, unsigned *ret_line) DMP_CHECK_RESULT;

/* A member by its name without regard to letter case; NULL without.  object may be
 * NULL or no object. */
json_t *dmp_import_member(const json_t *object, const char *name);

#endif
