/* SPDX-License-Identifier: BSD-2-Clause */
/* mib_root.h - the MIB module at another root. */
#ifndef DMP_MIB_ROOT_H
#define DMP_MIB_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "model/site.h"

/* Where the MIB is rooted when nothing else is said. */
#define DMP_DEFAULT_ROOT "1.3.6.1.4.1.8072.9999.9999.7741"

/* Parse "1.3.6.1.4.1.99999.1" (a leading dot is fine) to 2..DMP_ROOT_OID_MAX numbers
 * that can be a root: RFC 2578 3.5, and none but the first is 0, because SMIv2 gives
 * names to them (RFC 2578 10). */
bool dmp_mib_oid_parse(
    const char *text, uint32_t ret_oid[DMP_ROOT_OID_MAX], size_t *ret_len);

/* Append the module text with its root replaced.  DMP_ECORRUPT when text has no place
 * to put it. */
enum dmp_status dmp_mib_root_replace(const char *text, const uint32_t *oid, size_t len,
    struct dmp_text *out) DMP_CHECK_RESULT;

#endif
