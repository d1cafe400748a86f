/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catalogue_words.h - what an entry of the catalogue says, in words for people.
 *
 * A condition is described from its XML elements, so that the words cannot miss a part
 * of it; what a probe does and leaves behind stands in a table here.
 */
#ifndef DMP_CATALOGUE_WORDS_H
#define DMP_CATALOGUE_WORDS_H

#include "base/text.h"
#include "model/catalogue.h"

/* When it applies: "always: ..." or the condition.  Nothing when entry is not of this
 * catalogue. */
void dmp_catalogue_condition_words(const struct dmp_catalogue *catalogue,
    const struct dmp_entry *entry, struct dmp_text *out);

/* How its service is asked at the entry's own depth. */
void dmp_catalogue_probe_words(const struct dmp_entry *entry, struct dmp_text *out);

/* What that leaves in the logs of the service. */
const char *dmp_catalogue_trace_words(const struct dmp_entry *entry);

#endif
