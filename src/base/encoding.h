/* SPDX-License-Identifier: BSD-2-Clause */
/* encoding.h - text of foreign files, whatever encoding their programs write. */
#ifndef DMP_ENCODING_H
#define DMP_ENCODING_H

#include <stddef.h>

#include "base/status.h"
#include "base/text.h"

/* Append text as UTF-8: UTF-16 is known by its byte order mark, all else is taken as it
 * is, without the mark of UTF-8.  DMP_EINVAL: it is no text, that is, has NULs or
 * broken UTF-16; a part may have been appended. */
enum dmp_status dmp_encoding_decode(
    const char *data, size_t size, struct dmp_text *out) DMP_CHECK_RESULT;

#endif
