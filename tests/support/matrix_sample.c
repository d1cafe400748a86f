/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/matrix_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct dmp_plan *
matrix_sample_plan(const char *requirements, const char *site)
{
	struct dmp_text document = {0};
	struct dmp_text errors = {0};
	struct dmp_catalogue *catalogue = NULL;
	struct dmp_site *parsed = NULL;
	struct dmp_plan *plan = NULL;

	dmp_text_printf(&document,
	    "<catalogue xmlns='urn:dmports:catalogue:1' revision='r'>\n%s</catalogue>",
	    requirements);
	if (dmp_catalogue_parse(
	        "c.xml", document.data, document.size, &catalogue, &errors) != DMP_OK ||
	    dmp_site_parse("s.xml", site, strlen(site), &parsed, &errors) != DMP_OK ||
	    dmp_plan_build(parsed, catalogue, &plan, &errors) != DMP_OK)
		fail_msg("%s", dmp_text_get(&errors));
	dmp_text_done(&document);
	dmp_text_done(&errors);
	return plan;
}

struct dmp_matrix *
matrix_sample(const char *requirements, const char *site)
{
	struct dmp_matrix *matrix = NULL;

	assert_int_equal(
	    dmp_matrix_build(matrix_sample_plan(requirements, site), &matrix), DMP_OK);
	return matrix;
}

void
matrix_sample_free(struct dmp_matrix *matrix)
{
	dmp_plan_free((struct dmp_plan *)matrix->plan);
	dmp_matrix_free(matrix);
}

static const char *
source_name(const struct dmp_matrix *matrix, const struct dmp_flow *flow)
{
	return flow->from == DMP_FLOW_OUTSIDE ? "outside"
	                                      : matrix->plan->hosts[flow->from].name;
}

const struct dmp_flow *
matrix_sample_find(
    const struct dmp_matrix *matrix, const char *from, const char *to, const char *key)
{
	for (size_t i = 0; i < matrix->n_flows; i++) {
		const struct dmp_flow *flow = &matrix->flows[i];

		if (strcmp(source_name(matrix, flow), from) == 0 &&
		    strcmp(matrix->plan->hosts[flow->to].name, to) == 0 &&
		    strcmp(matrix->plan->requirements[flow->requirement].key, key) == 0)
			return flow;
	}
	return NULL;
}

const struct dmp_flow *
matrix_sample_flow(
    const struct dmp_matrix *matrix, const char *from, const char *to, const char *key)
{
	const struct dmp_flow *flow = matrix_sample_find(matrix, from, to, key);

	if (!flow)
		fail_msg("no flow from %s to %s for %s", from, to, key);
	return flow;
}

void
assert_flow(const struct dmp_matrix *matrix, const char *from, const char *to,
    const char *key, enum dmp_applies applies, const char *why)
{
	const struct dmp_flow *flow = matrix_sample_flow(matrix, from, to, key);

	assert_string_equal(flow->why, why);
	assert_int_equal(flow->applies, applies);
}
