/* SPDX-License-Identifier: BSD-2-Clause */
/* catalogue_exchange.c - the exchange elements of a requirement. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "model/catalogue_read.h"

#define STEP_ATTRIBUTES                                                                \
	"name send send-hex expect expect-hex expect-at expect-within heavy"

enum { AT_MAX = 1023, WITHIN_MAX = 4096 };

static uint16_t
exchange_number(const struct dmp_xml_element *element, const char *name, uint32_t max,
    struct dmp_xml_report *report)
{
	if (!dmp_xml_attribute(element, name))
		return 0;
	return (uint16_t)dmp_catalogue_read_number(element, name, 0, max, report);
}

static void
exchange_complain(const struct dmp_xml_element *element,
    const struct dmp_exchange_fault *fault, struct dmp_xml_report *report)
{
	dmp_xml_expected(
	    report, element, fault->attribute, fault->got, fault->expected);
}

static void
exchange_read_step(struct dmp_exchange *exchange, const struct dmp_xml_element *element,
    struct dmp_xml_report *report)
{
	struct dmp_exchange_fault fault;
	const char *heavy = dmp_xml_attribute(element, "heavy");
	struct dmp_exchange_source source = {
	    .name = dmp_xml_attribute(element, "name"),
	    .send = dmp_xml_attribute(element, "send"),
	    .send_hex = dmp_xml_attribute(element, "send-hex"),
	    .expect = dmp_xml_attribute(element, "expect"),
	    .expect_hex = dmp_xml_attribute(element, "expect-hex"),
	    .at = exchange_number(element, "expect-at", AT_MAX, report),
	    .within = exchange_number(element, "expect-within", WITHIN_MAX, report),
	};

	dmp_catalogue_read_known(element, STEP_ATTRIBUTES, report);
	if (heavy && strcmp(heavy, "yes") != 0)
		dmp_xml_expected(report, element, "heavy", heavy, "yes");
	exchange->heavy |= heavy != NULL;
	if (!dmp_exchange_add(exchange, &source, &fault))
		exchange_complain(element, &fault, report);
}

static bool
exchange_is_step(const struct dmp_xml_element *element)
{
	return element && strcmp(element->name, "exchange") == 0;
}

struct dmp_xml_element *
dmp_catalogue_read_exchange(struct dmp_xml_element *element, enum dmp_probe_kind probe,
    const char *service, struct dmp_xml_report *report,
    struct dmp_exchange **ret_exchange)
{
	struct dmp_xml_element *child = element->child;
	struct dmp_exchange_fault fault;
	struct dmp_exchange *exchange;
	size_t n_errors = report->n_lines;

	if (!exchange_is_step(child) && probe != DMP_PROBE_EXCHANGE)
		return child;
	exchange = calloc(1, sizeof *exchange);
	if (!exchange) {
		report->status = DMP_ENOMEM;
		return NULL;
	}
	if (probe != DMP_PROBE_EXCHANGE)
		dmp_xml_expected(report, child, "exchange",
		    dmp_vocab_text(DMP_VOCAB_PROBE, (int)probe), "probe=\"exchange\"");
	dmp_text_copy(exchange->service, sizeof exchange->service, service);
	for (; exchange_is_step(child); child = child->next)
		exchange_read_step(exchange, child, report);
	if (report->n_lines == n_errors && !dmp_exchange_check(exchange, &fault))
		exchange_complain(element, &fault, report);
	*ret_exchange = exchange;
	return child;
}
