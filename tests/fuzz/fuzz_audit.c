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
	static const char *const ADDRESSES[] = {"192.0.2.1", "2001:db8::1"};
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
		for (size_t k = 0; k < 2; k++) {
			if (!dmp_audit_admits(&audit, &audit.opens[i], ADDRESSES[k]) &&
			    audit.opens[i].is_anybody)
				abort();
		}
	}
	dmp_audit_done(&audit);
	dmp_text_done(&error);
	return 0;
}
