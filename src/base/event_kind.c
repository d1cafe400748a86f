/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/event_kind.h"

#include <stddef.h>

#include "base/text.h"

unsigned
dmp_event_kind(enum dmp_event_type type)
{
	switch (type) {
	case DMP_EVENT_PORT_DOWN:
	case DMP_EVENT_PORT_UP:
	case DMP_EVENT_PORT_DEGRADED:
	case DMP_EVENT_PORT_EXPOSED:
	case DMP_EVENT_PORT_CLOSED:
	case DMP_EVENT_PORT_FLAPPING:
	case DMP_EVENT_PORT_STABLE:
		return DMP_KIND_PORT;
	case DMP_EVENT_PORT_CLEARED:
		return DMP_KIND_PORT | DMP_KIND_CERTIFICATE;
	case DMP_EVENT_HOST_DOWN:
	case DMP_EVENT_HOST_UP:
		return DMP_KIND_HOST;
	case DMP_EVENT_CERTIFICATE_EXPIRING:
	case DMP_EVENT_CERTIFICATE_RENEWED:
		return DMP_KIND_CERTIFICATE;
	case DMP_EVENT_VANTAGE_ISOLATED:
	case DMP_EVENT_VANTAGE_RESTORED:
		return DMP_KIND_VANTAGE;
	case DMP_EVENT_CONFIG_REJECTED:
	case DMP_EVENT_CONFIG_APPLIED:
		return DMP_KIND_CONFIG;
	case DMP_EVENT_STARTED:
	case DMP_EVENT_STOPPING:
		return DMP_KIND_LIFECYCLE;
	}
	return 0;
}

unsigned
dmp_event_kinds(const char *words)
{
	static const char *const WORDS[] = {
	    "port", "host", "certificate", "vantage", "config", "lifecycle"};
	unsigned kinds = 0;

	for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
		if (dmp_text_has_word(words, WORDS[i]))
			kinds |= 1u << i;
	}
	return kinds;
}
