/* SPDX-License-Identifier: BSD-2-Clause */
/* options.h - one table of the options that all sub-commands share, and its parser. */
#ifndef DMP_OPTIONS_H
#define DMP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "base/text.h"

enum dmp_option_id {
	DMP_OPT_SITE = 0,
	DMP_OPT_CATALOGUE,
	DMP_OPT_HOST,
	DMP_OPT_ROLES,
	DMP_OPT_DATAMINER,
	DMP_OPT_ALL,
	DMP_OPT_FORMAT,
	DMP_OPT_COLOR,
	DMP_OPT_QUIET,
	DMP_OPT_RUN_DIR,
	DMP_OPT_STATE_DIR,
	DMP_OPT_INTERVAL,
	DMP_OPT_COUNT,
	DMP_OPT_SINCE,
	DMP_OPT_FOLLOW,
	DMP_OPT_ROOT_OID,
	DMP_OPT_AGENTX,
	DMP_OPT_SNMPD_CONF,
	DMP_OPT_OUTBOUND,
	DMP_OPT_OPTIONAL,
	DMP_OPT_ALSO,
	DMP_OPT_AUDIT,
	DMP_OPT_ANY,
	DMP_OPT_FOR,
	DMP_OPT_RECEIVER,
	DMP_OPT_UNTIL,
	DMP_OPT_GROUP,
	DMP_OPT_COMMENT,
	DMP_OPT_HELP,
	DMP_OPTIONS
};

#define DMP_OPT(id) (1u << DMP_OPT_##id)

/* What the command line said.  Everything is borrowed from argv. */
struct dmp_options {
	const char *value[DMP_OPTIONS]; /* NULL = not given; flags: "" */
	char **words;                   /* what is no option */
	int n_words;
};

/* Parse argv after the command word (argv[0]).  Options may stand anywhere.  On
 * DMP_EINVAL error holds what, and how to mend it. */
enum dmp_status dmp_options_parse(int argc, char **argv, uint32_t allowed,
    struct dmp_options *ret_options, struct dmp_text *error) DMP_CHECK_RESULT;

/* One line for each allowed option. */
void dmp_options_help(uint32_t allowed, FILE *out);

/* The word of n candidates that was most likely meant, NULL when none is near. */
const char *dmp_cli_suggest(const char *word, const char *const *candidates, size_t n);

/* "250ms", "2s", "5m", "1h", "3d" to milliseconds; false for anything else. */
bool dmp_cli_duration(const char *text, int64_t *ret_ms);

#endif
