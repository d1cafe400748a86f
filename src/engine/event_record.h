/* SPDX-License-Identifier: BSD-2-Clause */
/* event_record.h - one event, as stored, served and sent.  Field k of the MIB's 19
 * varbinds stands in the same order here. */
#ifndef DMP_EVENT_RECORD_H
#define DMP_EVENT_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/vocab.h"
#include "model/plan.h"

#define DMP_SOURCE_TEXT  64
#define DMP_MESSAGE_TEXT 256

/* Text fields are printable ASCII without the characters that break trap handlers; ""
 * stands for "-" on the wire.  Numbers 0 = none. */
struct dmp_event {
	uint32_t sequence;
	char source[DMP_SOURCE_TEXT]; /* site/vantage */
	char key[DMP_KEY_TEXT];       /* host/requirement, host, or "site" */
	char message[DMP_MESSAGE_TEXT];
	enum dmp_state state;
	enum dmp_state previous_state;
	enum dmp_severity severity;
	enum dmp_reason reason;
	enum dmp_level level;
	char host_name[DMP_NAME_TEXT];
	char address[DMP_ADDRESS_TEXT];
	char service[DMP_SERVICE_TEXT];
	enum dmp_transport transport;
	uint16_t port;
	uint32_t port_index;
	int64_t time_ms; /* wall clock, when it happened */
	/* the three text twins are derived */
	enum dmp_event_type type;
	uint32_t epoch;
	uint32_t host_index;
};

#endif
