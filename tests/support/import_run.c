/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/import_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/site.h"

void
import_run_begin(struct import_run *run)
{
	*run = (struct import_run){.import = dmp_import_new()};
	assert_non_null(run->import);
}

void
import_run_folder(struct import_run *run, const char *label)
{
	assert_int_equal(dmp_import_folder(run->import, label), DMP_OK);
}

void
import_run_bytes(
    struct import_run *run, enum dmp_import_kind kind, const char *data, size_t size)
{
	/* On the heap and without a NUL: what reads further is found. */
	char *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, data, size);
	assert_int_equal(dmp_import_file(run->import, kind, copy, size), DMP_OK);
	free(copy);
}

void
import_run_file(struct import_run *run, enum dmp_import_kind kind, const char *text)
{
	import_run_bytes(run, kind, text, strlen(text));
}

void
import_run_end(struct import_run *run)
{
	enum dmp_status status =
	    dmp_import_merge(run->import, &run->findings, &run->notes);
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;

	if (status == DMP_ENOENT)
		return;
	assert_int_equal(status, DMP_OK);
	dmp_text_append(&run->notes, dmp_text_get(&run->findings->notes));
	dmp_import_print(run->findings, &run->site);
	status = dmp_site_parse("/nonexistent/site.xml", dmp_text_get(&run->site),
	    run->site.size, &site, &errors);
	assert_string_equal(dmp_text_get(&errors), "");
	assert_int_equal(status, DMP_OK);
	assert_string_equal(dmp_text_get(&site->notes), "");
	dmp_site_free(site);
	dmp_text_done(&errors);
}

void
import_run_free(struct import_run *run)
{
	dmp_import_free(run->import);
	dmp_import_findings_free(run->findings);
	dmp_text_done(&run->site);
	dmp_text_done(&run->notes);
}

void
import_run_one(struct import_run *run, enum dmp_import_kind kind, const char *text)
{
	import_run_begin(run);
	import_run_folder(run, "dma1");
	import_run_file(run, DMP_IMPORT_DMS,
	    "<DMS><DMA ip='192.0.2.11'/><DMA ip='192.0.2.12' id='2'/></DMS>");
	import_run_file(run, kind, text);
	import_run_end(run);
}

void
assert_contains(const struct dmp_text *text, const char *part)
{
	if (!strstr(dmp_text_get(text), part))
		fail_msg("\"%s\" is not in:\n%s", part, dmp_text_get(text));
}

void
assert_lacks(const struct dmp_text *text, const char *part)
{
	if (strstr(dmp_text_get(text), part))
		fail_msg("\"%s\" is in:\n%s", part, dmp_text_get(text));
}

void
assert_cases(const struct import_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct import_run run;

		import_run_one(&run, cases[i].kind, cases[i].text);
		if (cases[i].site)
			assert_contains(&run.site, cases[i].site);
		if (cases[i].notes)
			assert_contains(&run.notes, cases[i].notes);
		if (cases[i].lacks)
			assert_lacks(&run.site, cases[i].lacks);
		import_run_free(&run);
	}
}
