/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * version.h - is the installed version recent enough for a condition?  Pure.
 *
 * DataMiner has two tracks.  A main release a.b.0 gets cumulative updates [CUn]; a
 * feature release is a.b.c with c > 0.  Which of two versions on different tracks has a
 * feature does not follow from their numbers, so a condition names a threshold on each
 * track that has it ("10.3.6/10.3.0 [CU3]"), and the answer is yes, no or assumed.
 *
 * How it works: the installed version is compared with the thresholds of its own track.
 * A main release is never inferred from a feature release of the same a.b, nor the
 * other way round, with one exception that holds by the release calendar: feature
 * release a.b.c with c >= k + 3 contains what main release a.b.0 [CUk] has.  README
 * "Versions" has the table of worked examples, which are the tests.
 */
#ifndef DMP_VERSION_H
#define DMP_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/vocab.h"

#define DMP_VERSION_CU_UNKNOWN (-1)
#define DMP_VERSION_THRESHOLDS 8
#define DMP_VERSION_LINE       32 /* "10.3.0 [CU22]", "CloudGateway 2.10.0", and a NUL */

/* Products whose versions conditions name. */
enum dmp_product { DMP_PRODUCT_DATAMINER = 0, DMP_PRODUCT_CLOUD_GATEWAY, DMP_PRODUCTS };

/* A version of one product.  Value type; all zero is "not known". */
struct dmp_version {
	uint16_t a;
	uint16_t b;
	uint16_t c;     /* 0: main release */
	int16_t cu;     /* cumulative update; DMP_VERSION_CU_UNKNOWN */
	uint32_t build; /* 0 = not given */
};

/* What is installed: one version for each product, all zero where it is not known. */
struct dmp_installed {
	struct dmp_version version[DMP_PRODUCTS];
};

/* "10.3.6/10.3.0 [CU3]", "10.1.0 CU10 and 10.2.1", "10.3.6/10.4.0/CloudGateway 2.10.0".
 */
struct dmp_version_condition {
	struct {
		enum dmp_product product;
		struct dmp_version version; /* its cu is 0 when none is written */
	} threshold[DMP_VERSION_THRESHOLDS];
	size_t n;
};

/* Read one version in any spelling that Skyline uses: "10.3.0 [CU3]", "10.3.0 CU3",
 * "10.3.0-CU3", "10.3.0 (CU3)", "10.5.2.0 - 15323", "10.2.0.0-11897-CU4",
 * "10.4.0.0-14772-20240821-release".  A main release without a CU in a text that names
 * a build has an unknown CU unless the build is a known one; one written by hand
 * without build and CU ("10.4.0") is CU 0 when written "[CU0]", else unknown.
 * DMP_EINVAL for anything else; *ret is then untouched. */
enum dmp_status dmp_version_parse(
    const char *text, struct dmp_version *ret_version) DMP_CHECK_RESULT;

/* The canonical spelling: "10.3.0 [CU3]", "10.3.0", "10.3.6"; "" when not known. */
void dmp_version_text(const struct dmp_version *version, char text[DMP_VERSION_LINE]);

/* Read a condition.  DMP_EINVAL, DMP_ETOOBIG (too many thresholds). */
enum dmp_status dmp_version_condition_parse(
    const char *text, struct dmp_version_condition *ret_condition) DMP_CHECK_RESULT;

/* Is what is installed at or past the condition?  ASSUMED where that cannot be decided:
 * no version known, a cumulative update not known, or the condition says nothing about
 * the installed track.  With thresholds of two products one that is met is enough. */
enum dmp_applies dmp_version_since(const struct dmp_installed *installed,
    const struct dmp_version_condition *condition);

#endif
