/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: a version is read by small readers, each of which advances past what it
 * knows and leaves the rest alone; a text is good when nothing is left.  Deciding is by
 * track, see version.h.
 */
#include "model/version.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

enum {
	PART_DIGITS = 2,
	THIRD_DIGITS = 3,
	WEEK_DIGITS = 5,
	CU_DIGITS = 3,
	BUILD_MIN_DIGITS = 4, /* "10.3.0-11" is no build but a slip of the pen */
	BUILD_DIGITS = 6,
	DATE_DIGITS = 8,
	THRESHOLD_TEXT = 64,
	/* Feature release a.b.3 comes with main release a.b.0 [CU0], and then one with
	 * each cumulative update. */
	CALENDAR_LEAD = 3
};

static const char *const PRODUCTS[DMP_PRODUCTS] = {
    [DMP_PRODUCT_DATAMINER] = "DataMiner",
    [DMP_PRODUCT_CLOUD_GATEWAY] = "CloudGateway",
};

/* Builds of main releases whose cumulative update is documented. */
static const struct dmp_version BUILDS[] = {
    {10, 0, 0, 19, 11025},
    {10, 1, 0, 10, 11229},
    {10, 2, 0, 4, 11897},
    {10, 4, 0, 4, 14511},
    {10, 4, 0, 10, 15230},
    {10, 5, 0, 11, 16782},
};

/* ---- reading ---- */

/* How many bytes of p are literal, letter case ignored: all of it, or 0. */
static size_t
match(const char *p, const char *literal)
{
	size_t n = 0;

	for (; literal[n] != '\0'; n++) {
		char a = p[n];
		char b = literal[n];

		if (a >= 'A' && a <= 'Z')
			a = (char)(a - 'A' + 'a');
		if (b >= 'A' && b <= 'Z')
			b = (char)(b - 'A' + 'a');
		if (a != b)
			return 0;
	}
	return n;
}

/* A number of min to max digits, without leading zeros. */
static bool
read_number(const char **p, size_t min, size_t max, uint32_t *ret_number)
{
	size_t n = strspn(*p, "0123456789");
	uint32_t number = 0;

	if (n < min || n > max || (n > 1 && **p == '0'))
		return false;
	for (size_t i = 0; i < n; i++)
		number = 10 * number + (uint32_t)((*p)[i] - '0');
	*p += n;
	*ret_number = number;
	return true;
}

/* ".5" */
static bool
read_dotted(const char **p, size_t max, uint32_t *ret_number)
{
	const char *q = *p + 1;

	if (**p != '.' || !read_number(&q, 1, max, ret_number))
		return false;
	*p = q;
	return true;
}

/* Blanks with at most one hyphen or en dash among them; false when there is nothing. */
static bool
read_gap(const char **p)
{
	const char *q = *p + strspn(*p, " ");
	bool some;

	q += *q == '-' ? 1 : match(q, "\xe2\x80\x93");
	q += strspn(q, " ");
	some = q != *p;
	*p = q;
	return some;
}

/* "10.5", "10.5.2" or "10.5.2.0": the fourth number, once a week, says nothing. */
static bool
read_numbers(const char **p, struct dmp_version *version)
{
	uint32_t a;
	uint32_t b;
	uint32_t c = 0;
	uint32_t week;

	if (!read_number(p, 1, PART_DIGITS, &a) || a == 0 ||
	    !read_dotted(p, PART_DIGITS, &b))
		return false;
	if (read_dotted(p, THIRD_DIGITS, &c))
		(void)read_dotted(p, WEEK_DIGITS, &week);
	version->a = (uint16_t)a;
	version->b = (uint16_t)b;
	version->c = (uint16_t)c;
	return true;
}

/* "-14772-20240821-release": the day and the word may be absent. */
static void
read_build(const char **p, struct dmp_version *version)
{
	const char *q = *p;
	uint32_t build;
	uint32_t day;

	if (!read_gap(&q) || !read_number(&q, BUILD_MIN_DIGITS, BUILD_DIGITS, &build))
		return;
	version->build = build;
	*p = q;
	if (!read_gap(&q) || !read_number(&q, DATE_DIGITS, DATE_DIGITS, &day))
		return;
	*p = q;
	*p += match(q, "-release");
}

/* "[CU3]", " CU3", "-CU3" ... */
static void
read_cu(const char **p, struct dmp_version *version)
{
	static const struct {
		const char *open;
		const char *close;
	} BRACKETS[] = {{"[CU", "]"}, {"\\[CU", "\\]"}, {"(CU", ")"}, {"CU", ""}};
	uint32_t cu;

	for (size_t i = 0; i < sizeof BRACKETS / sizeof BRACKETS[0]; i++) {
		const char *q = *p;
		bool apart = read_gap(&q);
		size_t open = match(q, BRACKETS[i].open);
		size_t close = strlen(BRACKETS[i].close);

		q += open;
		if (open == 0 || (close == 0 && !apart) ||
		    !read_number(&q, 1, CU_DIGITS, &cu) ||
		    match(q, BRACKETS[i].close) != close)
			continue;
		version->cu = (int16_t)cu;
		*p = q + close;
		return;
	}
}

/* What the build tells, where the text has no cumulative update. */
static void
learn_from_build(struct dmp_version *v)
{
	for (size_t i = 0; i < sizeof BUILDS / sizeof BUILDS[0]; i++) {
		const struct dmp_version *known = &BUILDS[i];

		if (v->cu == DMP_VERSION_CU_UNKNOWN && v->build == known->build &&
		    v->a == known->a && v->b == known->b && v->c == known->c)
			v->cu = known->cu;
	}
}

enum dmp_status
dmp_version_parse(
    enum dmp_product product, const char *text, struct dmp_version *ret_version)
{
	struct dmp_version version = {.cu = DMP_VERSION_CU_UNKNOWN};
	const char *p = text;

	if (!read_numbers(&p, &version))
		return DMP_EINVAL;
	if (product == DMP_PRODUCT_DATAMINER) {
		read_build(&p, &version);
		read_cu(&p, &version);
		learn_from_build(&version);
	}
	if (*p != '\0')
		return DMP_EINVAL;
	*ret_version = version;
	return DMP_OK;
}

bool
dmp_version_is_known(const struct dmp_version *version)
{
	return version->a != 0;
}

void
dmp_version_text(const struct dmp_version *version, char text[DMP_VERSION_LINE])
{
	const struct dmp_version *v = version;

	if (!dmp_version_is_known(v))
		text[0] = '\0';
	else if (v->cu == DMP_VERSION_CU_UNKNOWN)
		dmp_text_format(text, DMP_VERSION_LINE, "%d.%d.%d", v->a, v->b, v->c);
	else
		dmp_text_format(
		    text, DMP_VERSION_LINE, "%d.%d.%d [CU%d]", v->a, v->b, v->c, v->cu);
}

const char *
dmp_product_text(enum dmp_product product)
{
	return PRODUCTS[product];
}

/* ---- conditions ---- */

/* The next separator of a condition, or its end. */
static const char *
find_separator(const char *p, size_t *ret_length)
{
	static const char *const SEPARATORS[] = {"/", ",", " and ", " or "};

	for (; *p != '\0'; p++) {
		for (size_t i = 0; i < sizeof SEPARATORS / sizeof SEPARATORS[0]; i++) {
			*ret_length = match(p, SEPARATORS[i]);
			if (*ret_length > 0)
				return p;
		}
	}
	*ret_length = 0;
	return p;
}

/* One threshold: "10.3.0 [CU3]", "CloudGateway 2.10.0".  A build is no threshold. */
static enum dmp_status
read_threshold(
    const char *text, enum dmp_product *ret_product, struct dmp_version *ret_version)
{
	enum dmp_product product = DMP_PRODUCT_DATAMINER;
	struct dmp_version version;
	enum dmp_status status;

	for (unsigned i = 0; i < DMP_PRODUCTS; i++) {
		size_t n = match(text, PRODUCTS[i]);

		if (n == 0 || text[n] != ' ')
			continue;
		product = (enum dmp_product)i;
		text += n + strspn(text + n, " ");
		break;
	}
	status = dmp_version_parse(product, text, &version);
	if (status != DMP_OK || version.build != 0)
		return DMP_EINVAL;
	if (version.cu == DMP_VERSION_CU_UNKNOWN)
		version.cu = 0;
	*ret_product = product;
	*ret_version = version;
	return DMP_OK;
}

/* Read text[0..n) without the blanks around it. */
static enum dmp_status
add_threshold(struct dmp_version_condition *condition, const char *text, size_t n)
{
	char one[THRESHOLD_TEXT];
	enum dmp_status status;

	while (n > 0 && *text == ' ') {
		text++;
		n--;
	}
	while (n > 0 && text[n - 1] == ' ')
		n--;
	if (n >= sizeof one)
		return DMP_EINVAL;
	memcpy(one, text, n);
	one[n] = '\0';
	if (condition->n == DMP_VERSION_THRESHOLDS)
		return DMP_ETOOBIG;
	status = read_threshold(one, &condition->threshold[condition->n].product,
	    &condition->threshold[condition->n].version);
	if (status == DMP_OK)
		condition->n++;
	return status;
}

enum dmp_status
dmp_version_condition_parse(
    const char *text, struct dmp_version_condition *ret_condition)
{
	struct dmp_version_condition condition = {0};
	size_t separator;

	do {
		const char *end = find_separator(text, &separator);
		enum dmp_status status =
		    add_threshold(&condition, text, (size_t)(end - text));

		if (status != DMP_OK)
			return status;
		text = end + separator;
	} while (separator > 0);
	*ret_condition = condition;
	return DMP_OK;
}

bool
dmp_version_condition_names(
    const struct dmp_version_condition *condition, enum dmp_product product)
{
	for (size_t i = 0; i < condition->n; i++) {
		if (condition->threshold[i].product == product)
			return true;
	}
	return false;
}

/* ---- deciding ---- */

/* The thresholds of one product, by track; a lowest one that is not known is absent. */
struct thresholds {
	const struct dmp_version_condition *condition;
	enum dmp_product product;
	struct dmp_version lowest_main;
	struct dmp_version lowest_feature;
};

/* By a.b only: -1, 0, 1. */
static int
compare_major(const struct dmp_version *x, const struct dmp_version *y)
{
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return (x->b > y->b) - (x->b < y->b);
}

/* By a.b.c. */
static int
compare_numbers(const struct dmp_version *x, const struct dmp_version *y)
{
	int order = compare_major(x, y);

	return order != 0 ? order : (x->c > y->c) - (x->c < y->c);
}

static void
lower(struct dmp_version *lowest, const struct dmp_version *version)
{
	int order = compare_numbers(version, lowest);

	if (!dmp_version_is_known(lowest) || order < 0 ||
	    (order == 0 && version->cu < lowest->cu))
		*lowest = *version;
}

static struct thresholds
thresholds_of(const struct dmp_version_condition *condition, enum dmp_product product)
{
	struct thresholds t = {.condition = condition, .product = product};

	for (size_t i = 0; i < condition->n; i++) {
		const struct dmp_version *version = &condition->threshold[i].version;

		if (condition->threshold[i].product == product)
			lower(version->c == 0 ? &t.lowest_main : &t.lowest_feature,
			    version);
	}
	return t;
}

static enum dmp_applies
yes_or_no(bool yes)
{
	return yes ? DMP_APPLIES_YES : DMP_APPLIES_NO;
}

/* Is the cumulative update, maybe not known, at or past the threshold's? */
static enum dmp_applies
since_cu(int cu, int threshold)
{
	if (cu == DMP_VERSION_CU_UNKNOWN && threshold > 0)
		return DMP_APPLIES_ASSUMED;
	return yes_or_no(threshold == 0 || cu >= threshold);
}

/* The lowest cumulative update that the condition names for this very main release; -1
 * when it does not name it. */
static int
lowest_cu_of(const struct thresholds *t, const struct dmp_version *installed)
{
	int lowest = -1;

	for (size_t i = 0; i < t->condition->n; i++) {
		const struct dmp_version *v = &t->condition->threshold[i].version;

		if (t->condition->threshold[i].product == t->product && v->c == 0 &&
		    compare_major(v, installed) == 0 && (lowest < 0 || v->cu < lowest))
			lowest = v->cu;
	}
	return lowest;
}

static enum dmp_applies
main_since(const struct dmp_version *installed, const struct thresholds *t)
{
	const struct dmp_version *feature = &t->lowest_feature;
	int cu = lowest_cu_of(t, installed);
	int order;

	if (cu >= 0)
		return since_cu(installed->cu, cu);
	if (dmp_version_is_known(&t->lowest_main))
		return yes_or_no(compare_major(&t->lowest_main, installed) < 0);
	order = compare_major(installed, feature);
	if (order == 0 && feature->c <= CALENDAR_LEAD)
		return DMP_APPLIES_ASSUMED;
	return yes_or_no(order > 0);
}

/* A feature release, and a condition that names main releases only.  The lowest of
 * them is met first whatever the others are. */
static enum dmp_applies
feature_since_main(const struct dmp_version *installed, const struct dmp_version *main)
{
	int order = compare_major(installed, main);

	if (order != 0)
		return yes_or_no(order > 0);
	if (installed->c >= main->cu + CALENDAR_LEAD)
		return DMP_APPLIES_YES;
	return main->cu == 0 ? DMP_APPLIES_ASSUMED : DMP_APPLIES_NO;
}

static enum dmp_applies
feature_since(const struct dmp_version *installed, const struct thresholds *t)
{
	const struct dmp_version *feature = &t->lowest_feature;
	int order;

	if (!dmp_version_is_known(feature))
		return feature_since_main(installed, &t->lowest_main);
	order = compare_numbers(installed, feature);
	if (order != 0)
		return yes_or_no(order > 0);
	return since_cu(installed->cu, feature->cu);
}

/* A product with one track, on which c = 0 is a number like any other. */
static enum dmp_applies
plain_since(const struct dmp_version *installed, const struct thresholds *t)
{
	const struct dmp_version *tracks[] = {&t->lowest_main, &t->lowest_feature};

	for (size_t i = 0; i < sizeof tracks / sizeof tracks[0]; i++) {
		if (dmp_version_is_known(tracks[i]) &&
		    compare_numbers(installed, tracks[i]) >= 0)
			return DMP_APPLIES_YES;
	}
	return DMP_APPLIES_NO;
}

static enum dmp_applies
product_since(const struct dmp_installed *installed,
    const struct dmp_version_condition *condition, enum dmp_product product)
{
	const struct dmp_version *version = &installed->version[product];
	struct thresholds t = thresholds_of(condition, product);

	if (installed->absent[product])
		return DMP_APPLIES_NO;
	if (!dmp_version_is_known(version))
		return DMP_APPLIES_ASSUMED;
	if (product != DMP_PRODUCT_DATAMINER)
		return plain_since(version, &t);
	return version->c == 0 ? main_since(version, &t) : feature_since(version, &t);
}

enum dmp_applies
dmp_version_since(const struct dmp_installed *installed,
    const struct dmp_version_condition *condition)
{
	enum dmp_applies result = DMP_APPLIES_NO;

	assert(condition->n > 0);
	for (unsigned i = 0; i < DMP_PRODUCTS; i++) {
		enum dmp_product product = (enum dmp_product)i;
		enum dmp_applies one;

		if (!dmp_version_condition_names(condition, product))
			continue;
		one = product_since(installed, condition, product);
		if (one == DMP_APPLIES_YES)
			return one;
		if (one == DMP_APPLIES_ASSUMED)
			result = one;
	}
	return result;
}

enum dmp_applies
dmp_version_until(const struct dmp_installed *installed,
    const struct dmp_version_condition *condition)
{
	enum dmp_applies since = dmp_version_since(installed, condition);

	if (since == DMP_APPLIES_ASSUMED)
		return since;
	return yes_or_no(since == DMP_APPLIES_NO);
}
