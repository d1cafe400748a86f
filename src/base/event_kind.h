/* SPDX-License-Identifier: BSD-2-Clause */
/* event_kind.h - what an event is about, in the words that a receiver's kinds use. */
#ifndef DMP_EVENT_KIND_H
#define DMP_EVENT_KIND_H

#include "base/vocab.h"

/* Bits, so that a set of them is a number; the order of the words in site files. */
enum dmp_event_kind {
	DMP_KIND_PORT = 1,
	DMP_KIND_HOST = 2,
	DMP_KIND_CERTIFICATE = 4,
	DMP_KIND_VANTAGE = 8,
	DMP_KIND_CONFIG = 16,
	DMP_KIND_LIFECYCLE = 32
};

/* The kinds of a type of event: more than one where it clears raises of several. */
unsigned dmp_event_kind(enum dmp_event_type type);

/* The set that words ("port host") name; words that are none are passed over. */
unsigned dmp_event_kinds(const char *words);

#endif
