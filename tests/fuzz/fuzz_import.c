/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a file of DataMiner: the first byte says which, modulo the number of
 * kinds.  Whatever was read, the site file that comes out must be accepted. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/importer.h"
#include "model/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_site(const struct dmp_import_findings *findings)
{
	struct dmp_text text = {0};
	struct dmp_text errors = {0};
	struct dmp_site *site = NULL;
	enum dmp_status status;

	dmp_import_print(findings, &text);
	assert(text.status == DMP_OK);
	/* A site file may be larger than one that is read: endless lists. */
	status = text.size > DMP_IMPORT_BYTES
	             ? DMP_OK
	             : dmp_site_parse("/nonexistent/site.xml", dmp_text_get(&text),
	                   text.size, &site, &errors);
	assert(status == DMP_OK);
	dmp_site_free(site);
	dmp_text_done(&text);
	dmp_text_done(&errors);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char DMS[] =
	    "<DMS><DMA ip='192.0.2.11'/><DMA ip='192.0.2.12' id='2'/></DMS>";
	struct dmp_import_findings *findings = NULL;
	struct dmp_import *import;

	if (size == 0)
		return 0;
	import = dmp_import_new();
	assert(import);
	assert(dmp_import_folder(import, "fuzz") == DMP_OK);
	if (data[0] % DMP_IMPORT_KINDS != DMP_IMPORT_DMS)
		assert(dmp_import_file(import, DMP_IMPORT_DMS, DMS, sizeof DMS - 1) ==
		       DMP_OK);
	assert(
	    dmp_import_file(import, (enum dmp_import_kind)(data[0] % DMP_IMPORT_KINDS),
	        (const char *)data + 1, size - 1) == DMP_OK);
	if (dmp_import_merge(import, &findings, NULL) == DMP_OK)
		check_site(findings);
	dmp_import_findings_free(findings);
	dmp_import_free(import);
	return 0;
}
