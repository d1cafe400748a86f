/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/site_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define LOWER  "abcdefghijklmnopqrstuvwxyz"
#define UPPER  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define ALNUM  LOWER UPPER DIGITS
#define BLANKS " \t\r\n"

enum { DNS_NAME_MAX = 253, DNS_LABEL_MAX = 63 };

/* The addresses of a host or failover pair: the field and the count behind it. */
struct address_list {
	char *addresses[DMP_SITE_ADDRESSES];
	size_t n_addresses;
};
_Static_assert(offsetof(struct dmp_site_host, n_addresses) -
                       offsetof(struct dmp_site_host, addresses) ==
                   offsetof(struct address_list, n_addresses),
    "hosts keep the count behind the addresses");
_Static_assert(offsetof(struct dmp_site_failover, n_addresses) -
                       offsetof(struct dmp_site_failover, addresses) ==
                   offsetof(struct address_list, n_addresses),
    "failover pairs keep the count behind the addresses");

struct oid {
	uint32_t sub[DMP_ROOT_OID_MAX];
	size_t n;
};
_Static_assert(
    offsetof(struct dmp_site, root_oid_len) - offsetof(struct dmp_site, root_oid) ==
        offsetof(struct oid, n),
    "the site keeps the length behind the root OID");

struct type {
	enum dmp_status (*set)(
	    const struct dmp_site_attribute *a, const char *value, void *field);
	const char *characters; /* for set_characters: the allowed ones */
};

static const struct type TYPES[DMP_TYPES];

/* Store text in a char[] that is large enough by the table's length limits, or in a
 * char * of its own. */
static enum dmp_status
store_text(const struct dmp_site_attribute *a, const char *value, void *field)
{
	char **slot = field;
	char *copy;

	if (!a->heap) {
		if (strlen(value) >= a->size)
			return DMP_EINVAL;
		dmp_text_copy(field, a->size, value);
		return DMP_OK;
	}
	copy = strdup(value);
	if (!copy)
		return DMP_ENOMEM;
	free(*slot);
	*slot = copy;
	return DMP_OK;
}

static enum dmp_status
store_number(const struct dmp_site_attribute *a, uint64_t value, void *field)
{
	uint8_t u8 = (uint8_t)value;
	uint16_t u16 = (uint16_t)value;
	uint32_t u32 = (uint32_t)value;

	if (a->size == sizeof u8)
		memcpy(field, &u8, sizeof u8);
	else if (a->size == sizeof u16)
		memcpy(field, &u16, sizeof u16);
	else if (a->size == sizeof u32)
		memcpy(field, &u32, sizeof u32);
	else
		memcpy(field, &value, sizeof value);
	return DMP_OK;
}

static bool
length_fits(const struct dmp_site_attribute *a, const char *value)
{
	size_t n = strlen(value);

	return n >= a->min && n <= a->max;
}

static enum dmp_status
set_characters(const struct dmp_site_attribute *a, const char *value, void *field)
{
	if (!length_fits(a, value) ||
	    value[strspn(value, TYPES[a->type].characters)] != '\0')
		return DMP_EINVAL;
	return store_text(a, value, field);
}

static enum dmp_status
set_text(const struct dmp_site_attribute *a, const char *value, void *field)
{
	if (!length_fits(a, value))
		return DMP_EINVAL;
	for (const unsigned char *p = (const unsigned char *)value; *p; p++) {
		if (*p < ' ' || *p == 0x7f)
			return DMP_EINVAL;
	}
	return store_text(a, value, field);
}

static enum dmp_status
set_path(const struct dmp_site_attribute *a, const char *value, void *field)
{
	if (value[0] != '/')
		return DMP_EINVAL;
	for (const char *p = value; *p; p++) {
		if (*p < '!' || *p > '~')
			return DMP_EINVAL;
	}
	return set_text(a, value, field);
}

static enum dmp_status
set_port_key(const struct dmp_site_attribute *a, const char *value, void *field)
{
	size_t host = strspn(value, ALNUM "._-");
	const char *requirement = value + host + 1;
	size_t n;

	if (host == 0 || host >= DMP_NAME_TEXT || value[host] != '/')
		return DMP_EINVAL;
	n = strspn(requirement, LOWER DIGITS "-");
	if (n == 0 || n >= DMP_REQ_KEY_TEXT ||
	    requirement[n + strspn(requirement + n, "@" DIGITS)] != '\0')
		return DMP_EINVAL;
	return set_text(a, value, field);
}

static enum dmp_status
set_number(const struct dmp_site_attribute *a, const char *value, void *field)
{
	uint64_t number;

	if (!dmp_text_number(value, a->min, a->max, &number))
		return DMP_EINVAL;
	return store_number(a, number, field);
}

struct duration_unit {
	const char *word;
	uint32_t ms;
};

/* The largest first, for printing. */
static const struct duration_unit DURATION_UNITS[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}};

enum { N_UNITS = sizeof DURATION_UNITS / sizeof DURATION_UNITS[0] };

static bool
parse_duration(const char *value, uint64_t *ret_ms)
{
	char digits[11];
	size_t n = strspn(value, DIGITS);
	uint64_t number;

	if (n == 0 || n >= sizeof digits)
		return false;
	dmp_text_copy(digits, n + 1, value);
	if (!dmp_text_number(digits, 0, UINT64_MAX, &number))
		return false;
	for (size_t i = 0; i < N_UNITS; i++) {
		if (strcmp(value + n, DURATION_UNITS[i].word) == 0) {
			*ret_ms = number * DURATION_UNITS[i].ms;
			return true;
		}
	}
	return false;
}

static enum dmp_status
set_duration(const struct dmp_site_attribute *a, const char *value, void *field)
{
	uint64_t ms;

	if (a->off && strcmp(value, "0") == 0)
		return store_number(a, 0, field);
	if (!parse_duration(value, &ms) || ms < a->min || ms > a->max)
		return DMP_EINVAL;
	return store_number(a, a->unit > 1 ? ms / a->unit : ms, field);
}

static const struct dmp_site_word *
find_word(const struct dmp_site_word *words, const char *text, size_t n)
{
	for (; words->word; words++) {
		if (strlen(words->word) == n && memcmp(words->word, text, n) == 0)
			return words;
	}
	return NULL;
}

static enum dmp_status
set_word(const struct dmp_site_attribute *a, const char *value, void *field)
{
	const struct dmp_site_word *word = find_word(a->words, value, strlen(value));

	if (!word)
		return DMP_EINVAL;
	if (a->heap)
		return store_text(a, value, field);
	return store_number(a, (uint64_t)word->value, field);
}

/* Words with numbers are bits of a set; words that are kept as text have none. */
static enum dmp_status
set_words(const struct dmp_site_attribute *a, const char *value, void *field)
{
	const char *p = value + strspn(value, BLANKS);
	unsigned bits = 0;

	if (!*p)
		return DMP_EINVAL;
	while (*p) {
		size_t n = strcspn(p, BLANKS);
		const struct dmp_site_word *word = find_word(a->words, p, n);

		if (!word)
			return DMP_EINVAL;
		bits |= (unsigned)word->value;
		p += n;
		p += strspn(p, BLANKS);
	}
	if (a->heap)
		return store_text(a, value, field);
	return store_number(a, bits, field);
}

/* Labels of letters, digits, '-' and '_'.  A last label of digits only is no name but a
 * mistyped address, such as 256.1.1.1. */
static bool
is_dns_name(const char *text)
{
	const char *label = text;
	bool numeric = true;

	if (strlen(text) > DNS_NAME_MAX)
		return false;
	for (;;) {
		size_t n = strspn(label, ALNUM "-_");

		if (n == 0 || n > DNS_LABEL_MAX || label[0] == '-' ||
		    label[n - 1] == '-')
			return false;
		numeric = strspn(label, DIGITS) == n;
		label += n;
		if (*label != '.')
			break;
		label++;
		if (!*label)
			break;
	}
	return *label == '\0' && !numeric;
}

bool
dmp_site_is_address(const char *text)
{
	struct dmp_address address;

	return dmp_address_parse(text, &address) || is_dns_name(text);
}

static enum dmp_status
set_address(const struct dmp_site_attribute *a, const char *value, void *field)
{
	if (!dmp_site_is_address(value))
		return DMP_EINVAL;
	return store_text(a, value, field);
}

static void
free_addresses(struct address_list *list)
{
	for (size_t i = 0; i < list->n_addresses; i++)
		free(list->addresses[i]);
}

static enum dmp_status
parse_addresses(const char *value, struct address_list *list)
{
	const char *p = value + strspn(value, BLANKS);

	while (*p) {
		size_t n = strcspn(p, BLANKS);
		char *address;

		if (list->n_addresses == DMP_SITE_ADDRESSES)
			return DMP_EINVAL;
		address = strndup(p, n);
		if (!address)
			return DMP_ENOMEM;
		list->addresses[list->n_addresses++] = address;
		if (!dmp_site_is_address(address))
			return DMP_EINVAL;
		p += n;
		p += strspn(p, BLANKS);
	}
	return list->n_addresses > 0 ? DMP_OK : DMP_EINVAL;
}

static enum dmp_status
set_addresses(const struct dmp_site_attribute *a, const char *value, void *field)
{
	struct address_list list = {0};
	struct address_list old;
	enum dmp_status status = parse_addresses(value, &list);

	(void)a;
	if (status != DMP_OK) {
		free_addresses(&list);
		return status;
	}
	memcpy(&old, field, sizeof old);
	free_addresses(&old);
	memcpy(field, &list, sizeof list);
	return DMP_OK;
}

static enum dmp_status
set_literal(const struct dmp_site_attribute *a, const char *value, void *field)
{
	struct dmp_address address;

	if (!dmp_address_parse(value, &address))
		return DMP_EINVAL;
	return store_text(a, value, field);
}

static enum dmp_status
set_source(const struct dmp_site_attribute *a, const char *value, void *field)
{
	struct dmp_address address;

	(void)a;
	if (!dmp_address_parse(value, &address))
		return DMP_EINVAL;
	memcpy(field, &address, sizeof address);
	return DMP_OK;
}

/* Read a decimal sub-identifier and the dot behind it; false for anything else. */
static bool
parse_sub(const char **p, uint32_t *ret_sub)
{
	char digits[11];
	size_t n = strspn(*p, DIGITS);
	uint64_t number;

	if (n == 0 || n >= sizeof digits)
		return false;
	dmp_text_copy(digits, n + 1, *p);
	if (!dmp_text_number(digits, 0, UINT32_MAX, &number))
		return false;
	*p += n;
	if (**p == '.')
		(*p)++;
	else if (**p)
		return false;
	*ret_sub = (uint32_t)number;
	return true;
}

/* Enterprise 8813 belongs to Skyline: nothing of ours may be registered there. */
static bool
is_foreign_arc(const struct oid *oid)
{
	static const uint32_t SKYLINE[] = {1, 3, 6, 1, 4, 1, 8813};

	return oid->n >= sizeof SKYLINE / sizeof SKYLINE[0] &&
	       memcmp(oid->sub, SKYLINE, sizeof SKYLINE) == 0;
}

static enum dmp_status
set_oid(const struct dmp_site_attribute *a, const char *value, void *field)
{
	struct oid oid = {0};
	const char *p = value;

	(void)a;
	while (*p) {
		if (oid.n == DMP_ROOT_OID_MAX || !parse_sub(&p, &oid.sub[oid.n]))
			return DMP_EINVAL;
		oid.n++;
	}
	if (oid.n < 3 || p[-1] == '.' || oid.sub[0] > 2 ||
	    (oid.sub[0] < 2 && oid.sub[1] > 39) || is_foreign_arc(&oid))
		return DMP_EINVAL;
	memcpy(field, &oid, sizeof oid);
	return DMP_OK;
}

static enum dmp_status
set_time(const struct dmp_site_attribute *a, const char *value, void *field)
{
	int64_t ms = dmp_clock_parse(value);

	if (ms < 0)
		return DMP_EINVAL;
	return store_number(a, (uint64_t)ms, field);
}

static enum dmp_status
set_weekly(const struct dmp_site_attribute *a, const char *value, void *field)
{
	static const char DAYS[] = "Mon Tue Wed Thu Fri Sat Sun";
	char day[4];
	uint64_t hour;
	uint64_t minute;
	char number[3] = "";

	if (strlen(value) != 9 || value[3] != ' ' || value[6] != ':')
		return DMP_EINVAL;
	dmp_text_copy(day, sizeof day, value);
	if (!dmp_text_has_word(DAYS, day))
		return DMP_EINVAL;
	dmp_text_copy(number, sizeof number, value + 4);
	if (!dmp_text_number(number, 0, 23, &hour))
		return DMP_EINVAL;
	dmp_text_copy(number, sizeof number, value + 7);
	if (!dmp_text_number(number, 0, 59, &minute))
		return DMP_EINVAL;
	return store_text(a, value, field);
}

static enum dmp_status
store_version(const struct dmp_site_attribute *a, enum dmp_product product,
    const char *value, void *field)
{
	struct dmp_version version;
	char text[DMP_VERSION_LINE];
	enum dmp_status status = dmp_version_parse(product, value, &version);

	if (status != DMP_OK)
		return status;
	dmp_version_text(&version, text);
	return store_text(a, text, field);
}

static enum dmp_status
set_version(const struct dmp_site_attribute *a, const char *value, void *field)
{
	return store_version(a, DMP_PRODUCT_DATAMINER, value, field);
}

static enum dmp_status
set_gateway(const struct dmp_site_attribute *a, const char *value, void *field)
{
	if (strcmp(value, DMP_SITE_ABSENT) == 0)
		return store_text(a, value, field);
	return store_version(a, DMP_PRODUCT_CLOUD_GATEWAY, value, field);
}

static enum dmp_status
set_engine_id(const struct dmp_site_attribute *a, const char *value, void *field)
{
	size_t n = strlen(value);

	if (n < 12 || n > 66 || n % 2 != 0 || memcmp(value, "0x", 2) != 0 ||
	    value[2 + strspn(value + 2, DIGITS "abcdefABCDEF")] != '\0')
		return DMP_EINVAL;
	return store_text(a, value, field);
}

/* By enum dmp_site_type. */
static const struct type TYPES[DMP_TYPES] = {
    [DMP_TYPE_NAME] = {set_characters, ALNUM "._-"},
    [DMP_TYPE_TARGET] = {set_characters, ALNUM "._-*"},
    [DMP_TYPE_KEY] = {set_characters, LOWER DIGITS "-"},
    [DMP_TYPE_PORT_KEY] = {set_port_key, NULL},
    [DMP_TYPE_VERSION] = {set_version, NULL},
    [DMP_TYPE_GATEWAY] = {set_gateway, NULL},
    [DMP_TYPE_TEXT] = {set_text, NULL},
    [DMP_TYPE_FILE] = {set_text, NULL},
    [DMP_TYPE_SIBLING] = {set_characters, ALNUM "._-"},
    [DMP_TYPE_PATH] = {set_path, NULL},
    [DMP_TYPE_NUMBER] = {set_number, NULL},
    [DMP_TYPE_DURATION] = {set_duration, NULL},
    [DMP_TYPE_WORD] = {set_word, NULL},
    [DMP_TYPE_WORDS] = {set_words, NULL},
    [DMP_TYPE_ADDRESS] = {set_address, NULL},
    [DMP_TYPE_ADDRESSES] = {set_addresses, NULL},
    [DMP_TYPE_LITERAL] = {set_literal, NULL},
    [DMP_TYPE_SOURCE] = {set_source, NULL},
    [DMP_TYPE_OID] = {set_oid, NULL},
    [DMP_TYPE_TIME] = {set_time, NULL},
    [DMP_TYPE_WEEKLY] = {set_weekly, NULL},
    [DMP_TYPE_ENGINE_ID] = {set_engine_id, NULL},
};

char *
dmp_site_resolve(const char *beside, const char *file)
{
	const char *slash = strrchr(beside, '/');
	struct dmp_text path = {0};

	if (file[0] != '/' && slash)
		dmp_text_append_bytes(&path, beside, (size_t)(slash - beside) + 1);
	dmp_text_append(&path, file);
	if (path.status != DMP_OK)
		dmp_text_done(&path);
	return path.data;
}

enum dmp_status
dmp_site_value_set(const struct dmp_site_attribute *attribute, const char *value,
    const char *beside, void *object)
{
	void *field = (char *)object + attribute->offset;
	enum dmp_status status;
	char *path;

	status = TYPES[attribute->type].set(attribute, value, field);
	if (status != DMP_OK || attribute->type != DMP_TYPE_FILE)
		return status;
	path = dmp_site_resolve(beside, value);
	if (!path)
		return DMP_ENOMEM;
	status = store_text(attribute, path, field);
	free(path);
	return status;
}
