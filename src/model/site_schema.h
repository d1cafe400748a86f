/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * site_schema.h - the one table of the site file: which elements and attributes there
 * are, of which type and range, where their values go, and what they mean.
 *
 * The loader (site.c), the messages, the XSD and the manual (site_print.c) all read
 * this table; nothing about an attribute is said anywhere else.
 */
#ifndef DMP_SITE_SCHEMA_H
#define DMP_SITE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/site.h"

#define DMP_SITE_NS       "urn:dmports:site:1"
#define DMP_SITE_ROOT     "site"
#define DMP_SITE_OBSERVER "observer"
#define DMP_SITE_ABSENT   "no" /* a GATEWAY that is not installed */

/* How a value is written; site_value.c has one row for each. */
enum dmp_site_type {
	DMP_TYPE_NAME = 0,  /* of a host, group, receiver ... */
	DMP_TYPE_TARGET,    /* a NAME, or "*" for any; references are checked later */
	DMP_TYPE_KEY,       /* of a requirement */
	DMP_TYPE_PORT_KEY,  /* host/requirement[@PORT][@4|@6] */
	DMP_TYPE_VERSION,   /* of DataMiner, in any spelling; kept canonical */
	DMP_TYPE_GATEWAY,   /* version of CloudGateway, or "no" */
	DMP_TYPE_TEXT,      /* any characters but controls */
	DMP_TYPE_FILE,      /* resolved beside the site file */
	DMP_TYPE_SIBLING,   /* a file name without a directory */
	DMP_TYPE_PATH,      /* of a URL */
	DMP_TYPE_NUMBER,    /* decimal */
	DMP_TYPE_DURATION,  /* "500ms", "2s", "5m", "1h", "2d" */
	DMP_TYPE_WORD,      /* one of words */
	DMP_TYPE_WORDS,     /* several of words */
	DMP_TYPE_ADDRESS,   /* IP literal or DNS name */
	DMP_TYPE_ADDRESSES, /* 1 to DMP_SITE_ADDRESSES of them */
	DMP_TYPE_LITERAL,   /* IP literal, kept as text */
	DMP_TYPE_SOURCE,    /* IP literal, kept as struct dmp_address */
	DMP_TYPE_OID,
	DMP_TYPE_TIME,      /* UTC; -1 when absent */
	DMP_TYPE_WEEKLY,    /* "Sun 02:00" */
	DMP_TYPE_ENGINE_ID, /* RFC 3411: 5 to 32 octets in hexadecimal */
	DMP_TYPES
};

/* The end of a list is a NULL word. */
struct dmp_site_word {
	const char *word;
	int value;
};

struct dmp_site_attribute {
	const char *name;
	enum dmp_site_type type;
	bool required;
	bool heap;     /* the field is a char * of its own, not a char[] or a number */
	bool off;      /* DURATION: "0" is allowed as well */
	size_t offset; /* of the field in the element's struct */
	size_t size;   /* of the field */
	uint64_t min;  /* of the length, the number or the milliseconds */
	uint64_t max;
	uint32_t unit; /* DURATION: milliseconds per stored unit; 0 = 1 */
	const struct dmp_site_word *words;
	/* What absence means.  Applied, except for policy values: there it tells what
	 * is built in (policy.h). */
	const char *fallback;
	unsigned policy_bit; /* 1 + enum dmp_policy_field, 0 = no policy value */
	/* Values without behaviour so far: NULL none, "*" all, "a b" these. */
	const char *later;
	const char *help;
};

/* An element: part of its parent's object (item_size 0, at most once), or an item of
 * an array there, or an include. */
struct dmp_site_element {
	const char *name;
	const char *parent; /* NULL for the root */
	const struct dmp_site_attribute *attributes;
	size_t n_attributes;
	size_t item_size;
	size_t items; /* offset of the array pointer in the parent's object */
	size_t count; /* offset of its size_t count */
	size_t set;   /* offset of the policy bits in the item */
	bool include; /* names a file to read here; the item is not kept */
	const char *help;
};

/* What an include element says; it is not kept in the site. */
struct dmp_site_include {
	struct dmp_site_place place;
	char file[256];
};

/* The whole table, parents before their children.  Static. */
const struct dmp_site_element *dmp_site_elements(size_t *ret_n);

/* NULL when there is none. */
const struct dmp_site_element *dmp_site_element_find(
    const char *name, const char *parent);
const struct dmp_site_attribute *dmp_site_attribute_find(
    const struct dmp_site_element *element, const char *name);

/* Is this value of the attribute without behaviour so far? */
bool dmp_site_attribute_is_later(
    const struct dmp_site_attribute *attribute, const char *value);

/* The names of an element's attributes or of its children, for messages: "a, b, c", or
 * "nothing". */
void dmp_site_attribute_names(
    const struct dmp_site_element *element, struct dmp_text *out);
void dmp_site_child_names(const struct dmp_site_element *element, struct dmp_text *out);

#endif
