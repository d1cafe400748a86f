/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/plan_sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum dmp_status
plan_sample_build(
    const char *document, struct dmp_plan **ret_plan, struct dmp_text *errors)
{
	struct dmp_site *site = NULL;
	struct dmp_catalogue *catalogue = NULL;
	enum dmp_status status;

	assert_int_equal(dmp_catalogue_builtin(&catalogue, errors), DMP_OK);
	if (dmp_site_parse("s.xml", document, strlen(document), &site, errors) !=
	    DMP_OK)
		fail_msg("site: %s", dmp_text_get(errors));
	status = dmp_plan_build(site, catalogue, ret_plan, errors);
	if (status != DMP_OK) {
		dmp_site_free(site);
		dmp_catalogue_free(catalogue);
	}
	return status;
}

struct dmp_plan *
plan_sample(const char *document)
{
	struct dmp_plan *plan = NULL;
	struct dmp_text errors = {0};

	if (plan_sample_build(document, &plan, &errors) != DMP_OK)
		fail_msg("plan: %s", dmp_text_get(&errors));
	dmp_text_done(&errors);
	return plan;
}

void
plan_sample_refused(const char *document, const char *message)
{
	struct dmp_plan *plan = NULL;
	struct dmp_text errors = {0};

	assert_int_equal(plan_sample_build(document, &plan, &errors), DMP_EINVAL);
	assert_null(plan);
	if (!strstr(dmp_text_get(&errors), message))
		fail_msg("\"%s\" is not in: %s", message, dmp_text_get(&errors));
	dmp_text_done(&errors);
}

const struct dmp_plan_port *
plan_sample_find(const struct dmp_plan *plan, const char *key)
{
	for (size_t i = 0; i < plan->n_ports; i++) {
		if (strcmp(plan->ports[i].key, key) == 0)
			return &plan->ports[i];
	}
	return NULL;
}

const struct dmp_plan_port *
plan_sample_port(const struct dmp_plan *plan, const char *key)
{
	const struct dmp_plan_port *port = plan_sample_find(plan, key);

	if (!port)
		fail_msg("%s is not planned", key);
	return port;
}

const struct dmp_plan_requirement *
plan_sample_row(const struct dmp_plan *plan, const char *key)
{
	for (size_t i = 0; i < plan->n_requirements; i++) {
		if (strcmp(plan->requirements[i].key, key) == 0)
			return &plan->requirements[i];
	}
	fail_msg("no requirement %s", key);
	return NULL;
}

/* Why there is no such port; NULL when there is no absence either. */
const char *
plan_sample_absence(
    const struct dmp_plan *plan, const char *host, const char *requirement)
{
	for (size_t i = 0; i < plan->n_absences; i++) {
		const struct dmp_plan_absence *a = &plan->absences[i];

		if (strcmp(plan->hosts[a->host].name, host) == 0 &&
		    strcmp(plan->requirements[a->requirement].key, requirement) == 0)
			return a->why;
	}
	return NULL;
}

void
plan_sample_absent(const struct dmp_plan *plan, const char *host,
    const char *requirement, const char *why)
{
	char key[DMP_KEY_TEXT];
	const char *said = plan_sample_absence(plan, host, requirement);

	dmp_text_format(key, sizeof key, "%s/%s", host, requirement);
	assert_null(plan_sample_find(plan, key));
	assert_non_null(said);
	assert_string_equal(said, why);
}
