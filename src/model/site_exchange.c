/* SPDX-License-Identifier: BSD-2-Clause */
/* site_exchange.c - the steps that a site file writes down become exchanges. */
#include <stdlib.h>
#include <string.h>

#include "base/exchange.h"
#include "model/site_load.h"

static void
exchange_complain(const struct dmp_site_place *place, const char *name,
    const struct dmp_exchange_fault *fault, struct dmp_xml_report *report)
{
	struct dmp_xml_element node = {.file = place->file, .line = place->line};
	char element[16];

	dmp_text_copy(element, sizeof element, name);
	node.name = element;
	dmp_xml_expected(report, &node, fault->attribute, fault->got, fault->expected);
}

static bool
exchange_add(struct dmp_exchange *exchange, const struct dmp_site_step *step,
    struct dmp_exchange_fault *fault)
{
	struct dmp_exchange_source source = {step->name, step->send, step->send_hex,
	    step->expect, step->expect_hex, step->at, step->within};

	return dmp_exchange_add(exchange, &source, fault);
}

/* All steps are tried, so that one run tells all errors. */
static void
exchange_make(const struct dmp_site_requirement *r, struct dmp_exchange *exchange,
    struct dmp_xml_report *report)
{
	struct dmp_exchange_fault fault;
	bool good = exchange_add(exchange, &r->first, &fault);

	dmp_text_printable(exchange->service, sizeof exchange->service,
	    r->service ? r->service : r->title,
	    strlen(r->service ? r->service : r->title));
	if (!good)
		exchange_complain(&r->place, "requirement", &fault, report);
	for (size_t i = 0; i < r->n_steps; i++) {
		if (exchange_add(exchange, &r->steps[i], &fault))
			continue;
		exchange_complain(&r->steps[i].place, "exchange", &fault, report);
		good = false;
	}
	if (good && !dmp_exchange_check(exchange, &fault))
		exchange_complain(&r->place, "requirement", &fault, report);
}

/* What only an exchange has a use for. */
static const char *
exchange_stray(const struct dmp_site_requirement *r)
{
	const struct dmp_site_step *first = &r->first;

	if (r->service)
		return "service";
	if (first->send)
		return "send";
	if (first->send_hex)
		return "send-hex";
	if (first->expect_hex)
		return "expect-hex";
	if (first->at != 0)
		return "expect-at";
	if (first->within != 0)
		return "expect-within";
	return r->n_steps > 0 ? "exchange" : NULL;
}

enum dmp_status
dmp_site_make_exchanges(struct dmp_site *site, struct dmp_xml_report *report)
{
	for (size_t i = 0; i < site->n_requirements; i++) {
		struct dmp_site_requirement *r = &site->requirements[i];
		struct dmp_exchange_fault fault = {exchange_stray(r),
		    dmp_vocab_text(DMP_VOCAB_PROBE, (int)r->probe),
		    "probe=\"exchange\" with it"};

		if (r->probe != DMP_PROBE_EXCHANGE && fault.attribute)
			exchange_complain(&r->place, "requirement", &fault, report);
		/* Without a title there is an error already. */
		if (r->probe != DMP_PROBE_EXCHANGE || !r->title)
			continue;
		r->exchange = calloc(1, sizeof *r->exchange);
		if (!r->exchange)
			return DMP_ENOMEM;
		exchange_make(r, r->exchange, report);
	}
	return DMP_OK;
}
