/* SPDX-License-Identifier: BSD-2-Clause */
/* import_run.h - an import of files given as text. */
#ifndef DMP_TEST_IMPORT_RUN_H
#define DMP_TEST_IMPORT_RUN_H

#include "model/importer.h"

struct import_run {
	struct dmp_import *import;
	struct dmp_import_findings *findings; /* NULL: nothing was found */
	struct dmp_text site;                 /* the site file */
	struct dmp_text notes;
};

void import_run_begin(struct import_run *run);
void import_run_folder(struct import_run *run, const char *label);
void import_run_file(
    struct import_run *run, enum dmp_import_kind kind, const char *text);
void import_run_bytes(
    struct import_run *run, enum dmp_import_kind kind, const char *data, size_t size);

/* Merge and print.  Fails the test unless the site file is accepted without a note. */
void import_run_end(struct import_run *run);
void import_run_free(struct import_run *run);

/* One folder "dma1" with a DMS.xml of two Agents, 192.0.2.11 (itself) and .12 (id 2),
 * and one more file; ended. */
void import_run_one(
    struct import_run *run, enum dmp_import_kind kind, const char *text);

/* One such file, and what is made of it. */
struct import_case {
	enum dmp_import_kind kind;
	const char *text;
	const char *site;  /* must be in the site file; NULL = anything */
	const char *notes; /* must be in the notes; NULL = anything */
	const char *lacks; /* must not be in the site file */
};

void assert_cases(const struct import_case *cases, size_t n);
#define ASSERT_CASES(c) assert_cases((c), sizeof(c) / sizeof((c)[0]))

void assert_contains(const struct dmp_text *text, const char *part);
void assert_lacks(const struct dmp_text *text, const char *part);

#endif
