/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vantage_file.h - the ports as another machine sees them, from what "dmports status
 * --format json" or "dmports check --format json" has written there.
 *
 * The file is foreign: an array of at most DMP_VANTAGE_ROWS objects, in at most
 * DMP_VANTAGE_BYTES, with the words and the lengths that dmports writes; anything else
 * is refused, members that are not known are passed over.
 */
#ifndef DMP_VANTAGE_FILE_H
#define DMP_VANTAGE_FILE_H

#include <stddef.h>

#include "base/status.h"
#include "base/text.h"
#include "cli/report.h"

enum { DMP_VANTAGE_ROWS = 20000, DMP_VANTAGE_BYTES = 32 * 1024 * 1024 };

/* Zero-initialise; done() frees. */
struct dmp_vantage {
	struct dmp_report_row *rows; /* borrow from tree */
	size_t n_rows;
	void *tree;
};

/* Read the text.  DMP_EINVAL with one line in error; DMP_ENOMEM. */
enum dmp_status dmp_vantage_parse(const char *text, size_t size,
    struct dmp_vantage *ret_vantage, struct dmp_text *error) DMP_CHECK_RESULT;
void dmp_vantage_done(struct dmp_vantage *vantage);

#endif
