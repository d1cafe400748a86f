/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * probe_reasons TRANSPORT ADDRESS PORT TIMEOUT_MS [KIND] - one probe, for the drivers
 * in this folder: prints reason, progress, detail and identity, separated by tabs.
 */
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "probe/probe.h"

static void
print_result(const struct dmp_probe_result *result, void *arg)
{
	(void)arg;
	printf("%s\t%d\t%s\t%s\n",
	    dmp_vocab_text(DMP_VOCAB_REASON, (int)result->reason), result->progress,
	    result->detail, result->identity);
}

static bool
spec_from_arguments(int argc, char **argv, struct dmp_probe_spec *ret_spec)
{
	struct dmp_probe_spec spec = {.n_addresses = 1, .host = argv[2]};
	uint64_t port, timeout_ms;
	int transport, kind;

	if (!dmp_vocab_find(DMP_VOCAB_TRANSPORT, argv[1], &transport) ||
	    !dmp_vocab_find(DMP_VOCAB_PROBE, argc > 5 ? argv[5] : "snmp", &kind) ||
	    !dmp_address_parse(argv[2], &spec.addresses[0]) ||
	    !dmp_text_number(argv[3], 1, UINT16_MAX, &port) ||
	    !dmp_text_number(argv[4], 1, 60000, &timeout_ms))
		return false;
	spec.transport = (enum dmp_transport)transport;
	spec.kind = (enum dmp_probe_kind)kind;
	spec.port = (uint16_t)port;
	spec.connect_timeout_ms = (uint32_t)timeout_ms;
	*ret_spec = spec;
	return true;
}

int
main(int argc, char **argv)
{
	struct event_base *base;
	struct dmp_probe_spec spec;
	struct dmp_probe *probe;
	enum dmp_status status;

	if (argc < 5 || !spec_from_arguments(argc, argv, &spec)) {
		fprintf(
		    stderr, "usage: probe_reasons tcp|udp ADDRESS PORT MS [KIND]\n");
		return 2;
	}
	base = event_base_new();
	if (!base)
		return 1;
	status = dmp_probe_start(
	    base, dmp_clock_system(), &spec, print_result, NULL, &probe);
	if (status == DMP_OK)
		(void)event_base_dispatch(base);
	event_base_free(base);
	return status == DMP_OK ? 0 : 1;
}
