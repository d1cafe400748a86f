/* SPDX-License-Identifier: BSD-2-Clause */
/* plan_load.c - files to plan: the only part of the plan that reads anything. */
#include "model/plan.h"

enum dmp_status
dmp_plan_load(const char *site_path, const char *catalogue_path,
    struct dmp_plan **ret_plan, struct dmp_text *errors)
{
	struct dmp_catalogue *catalogue = NULL;
	struct dmp_site *site = NULL;
	enum dmp_status status;

	status = dmp_catalogue_load(catalogue_path, &catalogue, errors);
	if (status != DMP_OK)
		goto fail;
	if (site_path)
		status = dmp_site_load(site_path, &site, errors);
	else
		status = dmp_site_default(&site);
	if (status == DMP_OK)
		status = dmp_site_read_secrets(site, errors);
	if (status != DMP_OK)
		goto fail;
	status = dmp_plan_build(site, catalogue, ret_plan, errors);
	if (status == DMP_OK)
		return DMP_OK;
fail:
	dmp_site_free(site);
	dmp_catalogue_free(catalogue);
	return status;
}
