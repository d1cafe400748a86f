/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a site file.  The name lies in a directory that does not exist, so that
 * no include is ever read. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;
	enum dmp_status status;

	status = dmp_site_parse(
	    "/nonexistent/fuzz.xml", (const char *)data, size, &site, &errors);
	/* Accepted without a site, or rejected without a word, is a defect. */
	if ((status == DMP_OK) != (site != NULL))
		abort();
	if (status == DMP_EINVAL && errors.size == 0)
		abort();
	dmp_site_free(site);
	dmp_text_done(&errors);
	return 0;
}
