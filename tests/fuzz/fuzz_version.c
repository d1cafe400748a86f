/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as an installed version and as a condition, of files and command lines. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "model/version.h"

enum { TEXT_SIZE = 512, SITE_TEXT = 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted has a canonical text, which is read back as the same version. */
static void
check_version(enum dmp_product product, const char *text)
{
	struct dmp_version version = {.a = 77};
	struct dmp_version again;
	char canonical[DMP_VERSION_LINE];

	if (dmp_version_parse(product, text, &version) != DMP_OK) {
		assert(version.a == 77);
		return;
	}
	assert(dmp_version_is_known(&version));
	dmp_version_text(&version, canonical);
	assert(canonical[0] != '\0' && strlen(canonical) <= SITE_TEXT);
	assert(dmp_version_parse(product, canonical, &again) == DMP_OK);
	version.build = 0;
	assert(memcmp(&again, &version, sizeof again) == 0);
}

/* The thresholds of a condition reach it, and until is never what since is. */
static void
check_condition(const char *text)
{
	struct dmp_version_condition condition = {.n = 77};
	struct dmp_installed none = {0};

	if (dmp_version_condition_parse(text, &condition) != DMP_OK) {
		assert(condition.n == 77);
		return;
	}
	assert(condition.n >= 1 && condition.n <= DMP_VERSION_THRESHOLDS);
	assert(dmp_version_since(&none, &condition) == DMP_APPLIES_ASSUMED);
	for (size_t i = 0; i < condition.n; i++) {
		struct dmp_installed installed = {0};
		enum dmp_applies since;

		installed.version[condition.threshold[i].product] =
		    condition.threshold[i].version;
		assert(condition.threshold[i].version.cu >= 0);
		since = dmp_version_since(&installed, &condition);
		assert(since == DMP_APPLIES_YES);
		assert(dmp_version_until(&installed, &condition) == DMP_APPLIES_NO);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_SIZE];

	if (size >= sizeof text)
		size = sizeof text - 1;
	memcpy(text, data, size);
	text[size] = '\0';
	check_version(DMP_PRODUCT_DATAMINER, text);
	check_version(DMP_PRODUCT_CLOUD_GATEWAY, text);
	check_condition(text);
	return 0;
}
