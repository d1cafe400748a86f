/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as catalogue.xml; what loads must also make a plan, and a sound one. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_plan(const struct dmp_plan *plan)
{
	for (size_t i = 0; i < plan->n_ports; i++) {
		const struct dmp_plan_port *p = &plan->ports[i];

		assert(p->key[0] != '\0' && p->why[0] != '\0');
		assert(p->number != 0 && p->level != DMP_LEVEL_NONE);
		assert(p->applies != DMP_APPLIES_NO);
		assert(p->requirement < plan->n_requirements);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_catalogue *catalogue = NULL;
	struct dmp_site *site = NULL;
	struct dmp_plan *plan = NULL;
	struct dmp_text errors = {0};

	if (dmp_catalogue_parse(
	        "fuzz", (const char *)data, size, &catalogue, &errors) != DMP_OK) {
		assert(!catalogue && errors.size > 0);
		goto done;
	}
	if (dmp_site_default(&site) != DMP_OK)
		goto done;
	if (dmp_plan_build(site, catalogue, &plan, &errors) == DMP_OK) {
		check_plan(plan);
		site = NULL;
		catalogue = NULL;
	}
done:
	dmp_plan_free(plan);
	dmp_site_free(site);
	dmp_catalogue_free(catalogue);
	dmp_text_done(&errors);
	return 0;
}
