/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as the ports that another machine sees, and the page made of them. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/html.h"
#include "cli/vantage_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A page of what was read: printable, and without an element that is not ours. */
static void
fuzz_build(const struct dmp_vantage *vantage)
{
	struct dmp_html_source source = {
	    .name = "there", .rows = vantage->rows, .n_rows = vantage->n_rows};
	struct dmp_html_page page = {
	    .site = "",
	    .dataminer = "",
	    .catalogue = "",
	    .software = "",
	    .engine = "",
	    .sources = &source,
	    .n_sources = 1,
	};
	struct dmp_text out = {0};

	if (dmp_html_page(&page, &out) != DMP_OK)
		abort();
	for (size_t i = 0; i < out.size; i++) {
		unsigned char c = (unsigned char)out.data[i];

		if (c > '~' || (c < ' ' && c != '\n' && c != '\t'))
			abort();
	}
	if (strstr(out.data, "<script") || strstr(out.data, "<img"))
		abort();
	dmp_text_done(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmp_text error = {0};
	struct dmp_vantage vantage = {0};
	enum dmp_status status =
	    dmp_vantage_parse((const char *)data, size, &vantage, &error);

	/* Rejected without a word is a defect. */
	if (status == DMP_EINVAL && error.size == 0)
		abort();
	if (status == DMP_OK)
		fuzz_build(&vantage);
	dmp_vantage_done(&vantage);
	dmp_text_done(&error);
	return 0;
}
