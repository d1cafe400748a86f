/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a list of open ports. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "cli/audit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_text error = {0};
	struct dmp_audit audit = {0};
	enum dmp_status status =
	    dmp_audit_parse((const char *)data, size, &audit, &error);

	/* Rejected without a word is a defect, and so is a range upside down. */
	if (status == DMP_EINVAL && error.size == 0)
		abort();
	for (size_t i = 0; i < audit.n_opens; i++) {
		if (audit.opens[i].first == 0 ||
		    audit.opens[i].first > audit.opens[i].last)
			abort();
	}
	dmp_audit_done(&audit);
	dmp_text_done(&error);
	return 0;
}
