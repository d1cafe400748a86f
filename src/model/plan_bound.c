/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The versions between which a requirement exists at all: since= and until= of its
 * catalogue entry.
 */
#include "model/plan_internal.h"

enum { BOUND_INSTALLED = 2 * DMP_VERSION_LINE + 32 };

/* One end: what the catalogue says and how it came out. */
struct bound {
	const char *text;
	const struct dmp_version_condition *versions;
	const char *word; /* "from" or "before" */
	enum dmp_applies applies;
};

/* "10.2.0 [CU5]", "10.2.0 [CU5] and no CloudGateway": of what the end names. */
static void
bound_installed(const struct bound *bound, const struct dmp_installed *installed,
    char text[BOUND_INSTALLED])
{
	struct dmp_text all = {0};
	char version[DMP_VERSION_LINE];

	for (unsigned i = 0; i < DMP_PRODUCTS; i++) {
		enum dmp_product product = (enum dmp_product)i;
		const char *name = dmp_product_text(product);

		if (!dmp_version_condition_names(bound->versions, product))
			continue;
		dmp_version_text(&installed->version[i], version);
		if (all.size > 0)
			dmp_text_append(&all, " and ");
		if (installed->absent[i])
			dmp_text_printf(&all, "no %s", name);
		else if (product == DMP_PRODUCT_DATAMINER)
			dmp_text_append(&all, version);
		else
			dmp_text_printf(&all, "%s %s", name, version);
	}
	dmp_text_copy(text, BOUND_INSTALLED, dmp_text_get(&all));
	dmp_text_done(&all);
}

/* Is it only the cumulative update that is missing? */
static bool
bound_needs_cu(const struct bound *bound, const struct dmp_installed *installed)
{
	struct dmp_installed known = *installed;

	if (known.version[DMP_PRODUCT_DATAMINER].cu != DMP_VERSION_CU_UNKNOWN)
		return false;
	known.version[DMP_PRODUCT_DATAMINER].cu = 0;
	return dmp_version_since(&known, bound->versions) != DMP_APPLIES_ASSUMED;
}

static bool
bound_lacks(const struct bound *bound, const struct dmp_installed *installed,
    enum dmp_product product)
{
	return dmp_version_condition_names(bound->versions, product) &&
	       !installed->absent[product] &&
	       !dmp_version_is_known(&installed->version[product]);
}

/* What is not known, and what would settle it. */
static void
bound_assume(const struct bound *bound, const struct dmp_installed *installed,
    struct dmp_condition_result *result)
{
	char version[DMP_VERSION_LINE];
	size_t size = sizeof result->why;

	dmp_version_text(&installed->version[DMP_PRODUCT_DATAMINER], version);
	if (bound_lacks(bound, installed, DMP_PRODUCT_DATAMINER))
		dmp_text_format(result->why, size,
		    "needed %s %s; the version of the site is not known: dataminer= "
		    "settles it",
		    bound->word, bound->text);
	else if (bound_needs_cu(bound, installed))
		dmp_text_format(result->why, size,
		    "needed %s %s; the cumulative update of %s is not known: "
		    "dataminer=\"%s [CU...]\" settles it",
		    bound->word, bound->text, version, version);
	else if (bound_lacks(bound, installed, DMP_PRODUCT_CLOUD_GATEWAY))
		dmp_text_format(result->why, size,
		    "needed %s %s; the version of CloudGateway is not known: features "
		    "cloud-gateway= settles it",
		    bound->word, bound->text);
	else
		dmp_text_format(result->why, size,
		    "needed %s %s; whether %s counts is not documented: a level for "
		    "this port settles it",
		    bound->word, bound->text, version);
}

static struct dmp_condition_result
bound_say(const struct bound *bound, const struct dmp_installed *installed)
{
	struct dmp_condition_result result = {.applies = bound->applies};
	char has[BOUND_INSTALLED];

	if (bound->applies == DMP_APPLIES_ASSUMED)
		bound_assume(bound, installed, &result);
	if (bound->applies != DMP_APPLIES_NO)
		return result;
	bound_installed(bound, installed, has);
	dmp_text_format(result.why, sizeof result.why,
	    "needed only %s %s, the site has %s", bound->word, bound->text, has);
	return result;
}

/* No wins over assumed, and the older end over the newer one. */
static struct dmp_condition_result
bound_decide(const struct dmp_entry *entry, const struct dmp_installed *installed)
{
	struct bound since = {
	    entry->since, &entry->since_versions, "from", DMP_APPLIES_YES};
	struct bound until = {
	    entry->until, &entry->until_versions, "before", DMP_APPLIES_YES};

	if (since.versions->n > 0)
		since.applies = dmp_version_since(installed, since.versions);
	if (until.versions->n > 0)
		until.applies = dmp_version_until(installed, until.versions);
	if (since.applies == DMP_APPLIES_YES ||
	    (since.applies == DMP_APPLIES_ASSUMED && until.applies == DMP_APPLIES_NO))
		return bound_say(&until, installed);
	return bound_say(&since, installed);
}

/* Where both are assumed, the condition has the better sentence. */
struct dmp_condition_result
dmp_plan_bound(const struct dmp_entry *entry, const struct dmp_installed *installed,
    struct dmp_condition_result said)
{
	struct dmp_condition_result bounds;

	if (entry->level == DMP_LEVEL_FORBIDDEN)
		return said;
	bounds = bound_decide(entry, installed);
	if (bounds.applies == DMP_APPLIES_NO ||
	    (bounds.applies == DMP_APPLIES_ASSUMED && said.applies == DMP_APPLIES_YES))
		return bounds;
	return said;
}
