/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as catalogue.xml; what loads must also make a plan and a matrix, and sound
 * ones. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model/matrix.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Something for each rule of topology to decide. */
static const char SITE[] =
    "<site xmlns='urn:dmports:site:1'>"
    "<features storage='cassandra-local'/>"
    "<host name='a' address='192.0.2.1' roles='dma cassandra' member-of='f'/>"
    "<host name='b' address='192.0.2.2' roles='dma cassandra' member-of='f'/>"
    "<host name='c' address='192.0.2.3' roles='dma client dxm indexing'/>"
    "<host name='d' address='192.0.2.4' roles='cloud'/>"
    "<host name='e' address='192.0.2.5' roles='cloud-gateway device nms server'/>"
    "<failover name='f' address='192.0.2.9'/>"
    "<link from='a' to='c' transport='grpc' port='8443'/>"
    "<link from='c' to='*' transport='remoting' port='9000'/></site>";

static void
check_matrix(const struct dmp_plan *plan)
{
	struct dmp_matrix *matrix = NULL;

	if (dmp_matrix_build(plan, &matrix) != DMP_OK)
		return;
	for (size_t i = 0; i < matrix->n_flows; i++) {
		const struct dmp_flow *f = &matrix->flows[i];

		assert(f->to < plan->n_hosts && f->from != f->to);
		assert(f->from < plan->n_hosts || f->from == DMP_FLOW_OUTSIDE);
		assert(f->requirement < plan->n_requirements && f->why[0] != '\0');
		assert(f->number != 0 || f->applies == DMP_APPLIES_NO ||
		       f->transport == DMP_TRANSPORT_NONE);
	}
	dmp_matrix_free(matrix);
}

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
	if (dmp_site_parse("site", SITE, sizeof SITE - 1, &site, NULL) != DMP_OK)
		goto done;
	if (dmp_plan_build(site, catalogue, &plan, &errors) == DMP_OK) {
		check_plan(plan);
		check_matrix(plan);
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
