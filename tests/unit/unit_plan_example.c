/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plans of examples/sites, whole.  A change of the catalogue or of a sentence shows
 * as a difference to data/plan/NAME.golden.  What the plan is now is then left in the
 * build folder, to be read and, when it is right, to replace the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "model/plan.h"
#include "support/temp_dir.h"

enum { GOLDEN_LIMIT = 1024 * 1024 };

static void
print_port(
    const struct dmp_plan *plan, const struct dmp_plan_port *p, struct dmp_text *out)
{
	dmp_text_printf(out, "%s %u/%s %s %s every %us fall %u\n  %s\n", p->key,
	    (unsigned)p->number, dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)p->transport),
	    dmp_vocab_text(DMP_VOCAB_PROBE, (int)p->probe),
	    p->policy.depth == DMP_DEPTH_CONNECT ? "connect" : "identify",
	    (unsigned)(p->policy.interval_ms / 1000), (unsigned)p->policy.fall, p->why);
	assert_true(p->requirement < plan->n_requirements);
}

static void
print_plan(const struct dmp_plan *plan, struct dmp_text *out)
{
	char as[DMP_ROLES_TEXT];

	dmp_roles_text(plan->as, as);
	dmp_text_printf(out, "%s, %s, from %s as %s\n\n", plan->site_name,
	    plan->dataminer, plan->vantage, as);
	for (size_t i = 0; i < plan->n_ports; i++)
		print_port(plan, &plan->ports[i], out);
	dmp_text_append(out, "\nnot planned\n");
	for (size_t i = 0; i < plan->n_absences; i++) {
		const struct dmp_plan_absence *a = &plan->absences[i];

		dmp_text_printf(out, "%s/%s\n  %s\n", plan->hosts[a->host].name,
		    plan->requirements[a->requirement].key, a->why);
	}
	dmp_text_append(out, "\nrequirements\n");
	for (size_t i = 0; i < plan->n_requirements; i++) {
		const struct dmp_plan_requirement *r = &plan->requirements[i];

		dmp_text_printf(out, "%u %s %s %u\n  %s\n", (unsigned)r->number, r->key,
		    dmp_vocab_text(DMP_VOCAB_APPLIES, (int)r->applies),
		    (unsigned)r->planned, r->why);
	}
}

static struct dmp_plan *
example(const char *name)
{
	char path[512];
	struct dmp_plan *plan = NULL;
	struct dmp_text errors = {0};

	dmp_text_format(
	    path, sizeof path, "%s/examples/sites/%s.xml", DMP_SOURCE_DIR, name);
	if (dmp_plan_load(path, NULL, &plan, &errors) != DMP_OK)
		fail_msg("%s", dmp_text_get(&errors));
	dmp_text_done(&errors);
	return plan;
}

/* The number of the first line that differs; 0 when none does. */
static unsigned
first_difference(const char *a, const char *b)
{
	unsigned line = 1;

	while (*a && *a == *b) {
		if (*a == '\n')
			line++;
		a++;
		b++;
	}
	return *a == *b ? 0 : line;
}

static void
assert_golden(const char *name)
{
	char golden[512];
	char now[512];
	struct dmp_plan *plan = example(name);
	struct dmp_text out = {0};
	char *expected = NULL;
	unsigned line;
	size_t size;

	dmp_text_format(golden, sizeof golden, "%s/tests/unit/data/plan/%s.golden",
	    DMP_SOURCE_DIR, name);
	dmp_text_format(now, sizeof now, "%s/%s.golden", DMP_BINARY_DIR, name);
	print_plan(plan, &out);
	assert_int_equal(out.status, DMP_OK);
	assert_int_equal(dmp_file_read(golden, GOLDEN_LIMIT, &expected, &size), DMP_OK);
	line = first_difference(out.data, expected);
	if (line > 0) {
		temp_file_write(now, out.data, out.size);
		fail_msg("%s:%u differs from %s", now, line, golden);
	}
	free(expected);
	dmp_text_done(&out);
	dmp_plan_free(plan);
}

static void
single_dma_plans_as_written_down(void **state)
{
	(void)state;
	assert_golden("single-dma");
}

static void
three_dma_cassandra_plans_as_written_down(void **state)
{
	(void)state;
	assert_golden("three-dma-cassandra");
}

static void
assert_why_fits(const char *why)
{
	size_t n = strlen(why);

	/* Shorter than the field: nothing was cut off. */
	assert_in_range(n, 1, DMP_WHY_TEXT - 2);
	for (size_t i = 0; i < n; i++)
		assert_in_range(why[i], 0x20, 0x7e);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
services_plans_as_written_down(void **state)
{
	(void)state;
	assert_golden("services");
}

static void
keys_are_unique_and_texts_printable(void **state)
{
	static const char *const names[] = {"single-dma", "three-dma-cassandra",
	    "services", "failover-pair", "cassandra-cluster", "grpc-only", "staas",
	    "broker-gateway"};

	(void)state;
	for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
		struct dmp_plan *plan = example(names[k]);
		const char **keys = calloc(plan->n_ports, sizeof *keys);

		assert_non_null(keys);
		for (size_t i = 0; i < plan->n_ports; i++) {
			keys[i] = plan->ports[i].key;
			assert_why_fits(plan->ports[i].why);
		}
		qsort(keys, plan->n_ports, sizeof *keys, compare_texts);
		for (size_t i = 1; i < plan->n_ports; i++)
			assert_string_not_equal(keys[i - 1], keys[i]);
		for (size_t i = 0; i < plan->n_absences; i++)
			assert_why_fits(plan->absences[i].why);
		free(keys);
		dmp_plan_free(plan);
	}
}

static void
the_same_site_gives_the_same_plan(void **state)
{
	struct dmp_plan *a = example("three-dma-cassandra");
	struct dmp_plan *b = example("three-dma-cassandra");

	(void)state;
	assert_int_equal(a->n_ports, b->n_ports);
	for (size_t i = 0; i < a->n_ports; i++)
		assert_true(dmp_plan_port_same(a, &a->ports[i], b, &b->ports[i]));
	dmp_plan_free(a);
	dmp_plan_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(single_dma_plans_as_written_down),
	    cmocka_unit_test(three_dma_cassandra_plans_as_written_down),
	    cmocka_unit_test(services_plans_as_written_down),
	    cmocka_unit_test(keys_are_unique_and_texts_printable),
	    cmocka_unit_test(the_same_site_gives_the_same_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
