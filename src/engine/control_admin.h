/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control_admin.h - the requests on the control socket that change an admin state.
 *
 *     maintenance set SCOPE NAME UNTIL [COMMENT]
 *     maintenance clear SCOPE NAME
 *     disable SCOPE NAME UNTIL [COMMENT]
 *     enable SCOPE NAME UNTIL [COMMENT]
 *
 * SCOPE is site, group, host or port; the NAME of a port is its key, that of the site
 * is "-".  UNTIL is in milliseconds since 1970, or "-" for a change that stays until it
 * is cleared.  clear takes any such change back.  The answer comes when the change is
 * stored, or when it is known that it cannot be stored now.
 */
#ifndef DMP_CONTROL_ADMIN_H
#define DMP_CONTROL_ADMIN_H

#include <stdbool.h>

#include "base/status.h"
#include "base/text.h"
#include "engine/admin.h"

struct dmp_admin_request {
	bool clears; /* then only scope and name of the entry count */
	struct dmp_admin_entry entry;
};

/* Is it a verb of such a request? */
bool dmp_control_is_admin(const char *verb);

/* Append the request, without a newline. */
void dmp_control_encode_admin(
    const struct dmp_admin_request *request, struct dmp_text *out);

/* Verb and the rest of the line to a request.  DMP_EINVAL appends to error what is
 * wrong.  The time and the plan are not looked at here. */
enum dmp_status dmp_control_decode_admin(const char *verb, const char *words,
    struct dmp_admin_request *ret_request, struct dmp_text *error) DMP_CHECK_RESULT;

#endif
