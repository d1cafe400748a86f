/* SPDX-License-Identifier: BSD-2-Clause */
/* matrix_sample.h - matrices of small sites with a small catalogue, both written in a
 * test. */
#ifndef DMP_MATRIX_SAMPLE_H
#define DMP_MATRIX_SAMPLE_H

#include "model/matrix.h"
#include "support/plan_sample.h"

/* A catalogue of one requirement and more: REQ(number, key, port, from, to) and then
 * what follows it: attributes, and the end of the element. */
#define REQ(number, key, port, from, to)                                               \
	"<requirement number='" #number "' key='" key "' title='T' protocol='P' "      \
	"transport='tcp' port='" #port "' from='" from "' to='" to "' "                \
	"level='required' probe='connect' depth='connect' installers='' "
#define ALWAYS          "why='it is used'/>\n"
#define WHEN(condition) ">" condition "</requirement>\n"

/* Plan and matrix; both must succeed.  matrix_sample_free() frees both. */
struct dmp_matrix *matrix_sample(const char *requirements, const char *site);
void matrix_sample_free(struct dmp_matrix *matrix);

/* The plan alone. */
struct dmp_plan *matrix_sample_plan(const char *requirements, const char *site);

/* The flow between two hosts ("outside" as from for machines outside): NULL when there
 * is none. */
const struct dmp_flow *matrix_sample_find(
    const struct dmp_matrix *matrix, const char *from, const char *to, const char *key);

/* The same, and it must be there. */
const struct dmp_flow *matrix_sample_flow(
    const struct dmp_matrix *matrix, const char *from, const char *to, const char *key);

/* It is there and says this. */
void assert_flow(const struct dmp_matrix *matrix, const char *from, const char *to,
    const char *key, enum dmp_applies applies, const char *why);

#endif
