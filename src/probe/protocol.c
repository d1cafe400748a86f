/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "probe/talk.h"

/* PROTOCOL(KIND, name): the proof of kind DMP_PROBE_KIND is dmp_protocol_name.  One
 * line each, in the order of vocab.h. */
#define PROTOCOL_TABLE(PROTOCOL)

#define PROTOCOL_DECLARE(kind, name)                                                   \
	extern const struct dmp_protocol dmp_protocol_##name;
PROTOCOL_TABLE(PROTOCOL_DECLARE)

const struct dmp_protocol *
dmp_protocol_of(enum dmp_probe_kind kind)
{
#define PROTOCOL_ENTRY(kind, name) {DMP_PROBE_##kind, &dmp_protocol_##name},
	static const struct {
		enum dmp_probe_kind kind;
		const struct dmp_protocol *protocol;
	} PROTOCOLS[] = {PROTOCOL_TABLE(PROTOCOL_ENTRY){DMP_PROBE_CONNECT, NULL}};

	for (size_t i = 0; i < sizeof PROTOCOLS / sizeof PROTOCOLS[0]; i++)
		if (PROTOCOLS[i].kind == kind)
			return PROTOCOLS[i].protocol;
	return NULL;
}
