/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * version.h - is the installed version recent enough for a condition?  Pure.
 *
 * DataMiner has two tracks.  A main release a.b.0 gets cumulative updates [CUn]; a
 * feature release is a.b.c with c > 0.  Which of two versions on different tracks has a
 * feature does not follow from their numbers, so a condition names a threshold on each
 * track that has it ("10.3.6/10.3.0 [CU3]"), and the answer is yes, no or assumed.
 *
 * How it works: the installed version is compared with the thresholds of its own track
 * and, where the condition names that track at all, with no others.  Where it does not,
 * the other track tells what it can: a later a.b has it, an earlier one has not, and
 * within the same a.b the release calendar helps (feature release a.b.c with c >= k + 3
 * contains what main release a.b.0 [CUk] has).  The rest is assumed.  README "Versions"
 * has the table of worked examples, which are the tests.
 *
 * A cumulative update that nobody wrote is not known; it is never taken for 0.  In a
 * condition, which says when something began, it is 0.
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

/* A version of one product.  Value type; all zero is "not known".  Other products than
 * DataMiner have one track: c = 0 means nothing there, and there are no cumulative
 * updates. */
struct dmp_version {
	uint16_t a; /* never 0 in a version that is known */
	uint16_t b;
	uint16_t c;     /* 0: main release */
	int16_t cu;     /* cumulative update; DMP_VERSION_CU_UNKNOWN */
	uint32_t build; /* 0 = not given */
};

/* What is installed: one version for each product, all zero where it is not known. */
struct dmp_installed {
	struct dmp_version version[DMP_PRODUCTS];
	bool absent[DMP_PRODUCTS]; /* known not to be installed */
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
 * "10.4.0.0-14772-20240821-release"; "10.4" is main release 10.4.0.  The cumulative
 * update is what is written, else what the build is known to be, else not known: also
 * for "10.4.0" and "10.3.6" written by hand.  Versions of other products have neither
 * build nor cumulative update.  DMP_EINVAL for anything else. */
enum dmp_status dmp_version_parse(enum dmp_product product, const char *text,
    struct dmp_version *ret_version) DMP_CHECK_RESULT;

bool dmp_version_is_known(const struct dmp_version *version);

/* The canonical spelling, without the build: "10.3.0 [CU3]", "10.3.0", "10.3.6"; ""
 * when not known.  At most 20 characters. */
void dmp_version_text(const struct dmp_version *version, char text[DMP_VERSION_LINE]);

/* How people call a product.  Static string. */
const char *dmp_product_text(enum dmp_product product);

/* Read a condition: versions, each after the name of its product unless that is
 * DataMiner, separated by '/', ',', " and " or " or ", which all mean that one of
 * them is enough.  DMP_EINVAL, DMP_ETOOBIG (too many thresholds). */
enum dmp_status dmp_version_condition_parse(
    const char *text, struct dmp_version_condition *ret_condition) DMP_CHECK_RESULT;

/* Does a threshold of the condition name this product? */
bool dmp_version_condition_names(
    const struct dmp_version_condition *condition, enum dmp_product product);

/* Is what is installed at or past the condition?  ASSUMED where that cannot be decided:
 * no version known, a cumulative update not known, or the condition says nothing about
 * the installed track.  With thresholds of two products one that is met is enough. */
enum dmp_applies dmp_version_since(const struct dmp_installed *installed,
    const struct dmp_version_condition *condition);

/* "until X" and "prior to X": not since X. */
enum dmp_applies dmp_version_until(const struct dmp_installed *installed,
    const struct dmp_version_condition *condition);

#endif
