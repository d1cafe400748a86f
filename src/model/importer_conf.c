/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How it works: recursive descent over a NUL-terminated text, at most 16 levels deep.
 * A file of 1 MiB cannot have more items than bytes, so nothing else needs a limit.
 * jansson's own messages quote the file: only their line is used.
 */
#include "model/importer_conf.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "model/importer_agent.h"

struct conf {
	const char *p;
	unsigned line;
	enum dmp_status status;
};

static json_t *conf_value(struct conf *c, unsigned depth);

static void
conf_step(struct conf *c)
{
	if (*c->p == '\n')
		c->line++;
	c->p++;
}

/* Pass white space, comments and whatever stands between items. */
static void
conf_skip(struct conf *c, const char *between)
{
	while (*c->p) {
		if (*c->p == '#' || (c->p[0] == '/' && c->p[1] == '/'))
			c->p += strcspn(c->p, "\n");
		else if (strchr(" \t\r", *c->p) || strchr(between, *c->p))
			conf_step(c);
		else
			return;
	}
}

static void
conf_fail(struct conf *c)
{
	if (c->status == DMP_OK)
		c->status = DMP_EINVAL;
}

/* What jansson needs is UTF-8; anything else is no address and no number either. */
static json_t *
conf_string(struct conf *c, const struct dmp_text *text)
{
	json_t *string = NULL;

	if (text->status != DMP_OK)
		c->status = text->status;
	else
		string = json_stringn(dmp_text_get(text), text->size);
	if (!string && c->status == DMP_OK)
		string = json_string("");
	return string;
}

/* In double quotes a backslash takes the next character as it is: paths of Windows have
 * them, and nothing that is read does. */
static void
conf_quoted(struct conf *c, struct dmp_text *out)
{
	char quote = *c->p;

	conf_step(c);
	while (*c->p && *c->p != quote) {
		if (*c->p == '\\' && quote == '"' && c->p[1])
			conf_step(c);
		dmp_text_append_bytes(out, c->p, 1);
		conf_step(c);
	}
	if (*c->p == quote)
		conf_step(c);
	else
		conf_fail(c);
}

static void
conf_bare(struct conf *c, const char *ends, struct dmp_text *out)
{
	size_t n = strcspn(c->p, ends);

	dmp_text_append_bytes(out, c->p, n);
	c->p += n;
	if (n == 0)
		conf_fail(c);
}

static json_t *
conf_scalar(struct conf *c)
{
	struct dmp_text text = {0};
	json_t *string;

	if (*c->p == '"' || *c->p == '\'')
		conf_quoted(c, &text);
	else
		conf_bare(c, " \t\r\n,;]}#", &text);
	string = conf_string(c, &text);
	dmp_text_done(&text);
	return string;
}

static void
conf_item(struct conf *c, json_t *map, unsigned depth)
{
	struct dmp_text key = {0};
	json_t *value = NULL;

	if (*c->p == '"' || *c->p == '\'')
		conf_quoted(c, &key);
	else
		conf_bare(c, " \t\r\n:={}[],;#\"'", &key);
	conf_skip(c, "");
	if (*c->p == ':' || *c->p == '=') {
		c->p++;
		conf_skip(c, "\n");
	}
	if (c->status == DMP_OK)
		value = conf_value(c, depth);
	/* A key that is no UTF-8 is none that anybody asks for. */
	if (value)
		(void)json_object_set_new(map, dmp_text_get(&key), value);
	dmp_text_done(&key);
}

/* The items up to end, which is '}' or the end of the text. */
static json_t *
conf_map(struct conf *c, char end, unsigned depth)
{
	json_t *map = json_object();

	if (!map) {
		c->status = DMP_ENOMEM;
		return NULL;
	}
	for (;;) {
		conf_skip(c, "\n,;");
		if (c->status != DMP_OK || *c->p == end || *c->p == '\0')
			break;
		conf_item(c, map, depth);
	}
	if (*c->p != end)
		conf_fail(c);
	else if (end)
		c->p++;
	return map;
}

static json_t *
conf_list(struct conf *c, unsigned depth)
{
	json_t *list = json_array();

	if (!list) {
		c->status = DMP_ENOMEM;
		return NULL;
	}
	for (;;) {
		conf_skip(c, "\n,;");
		if (c->status != DMP_OK || *c->p == ']' || *c->p == '\0')
			break;
		json_t *value = conf_value(c, depth);
		if (value && json_array_append_new(list, value) != 0)
			c->status = DMP_ENOMEM;
	}
	if (*c->p == ']')
		c->p++;
	else
		conf_fail(c);
	return list;
}

static json_t *
conf_value(struct conf *c, unsigned depth)
{
	if (depth == 0) {
		conf_fail(c);
		return NULL;
	}
	if (*c->p == '{') {
		c->p++;
		return conf_map(c, '}', depth - 1);
	}
	if (*c->p == '[') {
		c->p++;
		return conf_list(c, depth - 1);
	}
	return conf_scalar(c);
}

enum dmp_status
dmp_import_conf_parse(const char *text, json_t **ret_tree, unsigned *ret_line)
{
	struct conf c = {.p = text, .line = 1, .status = DMP_OK};
	json_t *tree;

	conf_skip(&c, "\n");
	if (*c.p == '{') {
		tree = conf_value(&c, DMP_IMPORT_DEPTH);
		conf_skip(&c, "\n,;");
		if (*c.p)
			conf_fail(&c);
	} else {
		tree = conf_map(&c, '\0', DMP_IMPORT_DEPTH - 1);
	}
	if (c.status != DMP_OK) {
		json_decref(tree);
		*ret_line = c.line;
		return c.status;
	}
	*ret_tree = tree;
	return DMP_OK;
}

/* The end of a string that begins at p, or of the text. */
static char *
json_string_end(char *p)
{
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1])
			p++;
	}
	return *p ? p + 1 : p;
}

/* The length of a comment, which may have no end. */
static size_t
json_comment(const char *p)
{
	const char *end = strstr(p + 2, "*/");

	return end ? (size_t)(end + 2 - p) : strlen(p);
}

/* Blank what .NET allows and JSON does not, so that lines stay what they are. */
static void
json_blank(char *text)
{
	char *comma = NULL;
	char *p = text;

	while (*p) {
		size_t n = 0;

		if (*p == '"') {
			p = json_string_end(p);
			comma = NULL;
			continue;
		}
		if (p[0] == '/' && p[1] == '/')
			n = strcspn(p, "\n");
		else if (p[0] == '/' && p[1] == '*')
			n = json_comment(p);
		else if ((*p == ']' || *p == '}') && comma)
			*comma = ' ';
		if (n == 0 && !strchr(" \t\r\n", *p))
			comma = *p == ',' ? p : NULL;
		for (; n > 1; n--, p++) {
			if (*p != '\n')
				*p = ' ';
		}
		if (n == 1)
			*p = ' ';
		p++;
	}
}

enum dmp_status
dmp_import_json_parse(const char *text, json_t **ret_tree, unsigned *ret_line)
{
	char *copy = strdup(text);
	json_error_t error;
	json_t *tree;

	if (!copy)
		return DMP_ENOMEM;
	json_blank(copy);
	tree = json_loads(copy, 0, &error);
	free(copy);
	if (!tree) {
		*ret_line = error.line > 0 ? (unsigned)error.line : 0;
		return json_error_code(&error) == json_error_out_of_memory ? DMP_ENOMEM
		                                                           : DMP_EINVAL;
	}
	*ret_tree = tree;
	return DMP_OK;
}

json_t *
dmp_import_member(const json_t *object, const char *name)
{
	/* jansson's iterators take no const. */
	json_t *o = (json_t *)(uintptr_t)object;

	for (void *i = json_object_iter(o); i; i = json_object_iter_next(o, i)) {
		if (strcasecmp(json_object_iter_key(i), name) == 0)
			return json_object_iter_value(i);
	}
	return NULL;
}
