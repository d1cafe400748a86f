/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/snmpd_conf.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"

enum { CONF_LIMIT = 1 << 20, CONF_DEPTH = 8, CONF_FILES = 256, CONF_WORDS = 16 };

/* One line, split.  words[0] is the directive. */
struct conf_line {
	char words[CONF_WORDS][DMP_SNMPD_WORD];
	size_t n;
};

static void conf_read(struct dmp_snmpd_conf *conf, const char *path, int depth);

/* Subtrees that configurations call by name. */
static const struct {
	const char *name;
	const char *oid;
} conf_names[] = {
    {"iso", "1"},
    {"org", "1.3"},
    {"dod", "1.3.6"},
    {"internet", "1.3.6.1"},
    {"mgmt", "1.3.6.1.2"},
    {"mib-2", "1.3.6.1.2.1"},
    {"system", "1.3.6.1.2.1.1"},
    {"interfaces", "1.3.6.1.2.1.2"},
    {"host", "1.3.6.1.2.1.25"},
    {"private", "1.3.6.1.4"},
    {"enterprises", "1.3.6.1.4.1"},
};

/* A subtree as written; false for a name that is not in the table. */
static bool
conf_oid(const char *text, uint32_t ret_oid[DMP_ROOT_OID_MAX], size_t *ret_len)
{
	size_t len = 0;

	text += *text == '.';
	for (size_t i = 0; i < sizeof(conf_names) / sizeof(conf_names[0]); i++) {
		if (strcasecmp(text, conf_names[i].name) == 0)
			text = conf_names[i].oid;
	}
	while (*text) {
		size_t n = strcspn(text, ".");
		uint64_t value;
		char number[12];

		if (len == DMP_ROOT_OID_MAX || n >= sizeof(number))
			return false;
		dmp_text_copy(number, n + 1, text);
		if (!dmp_text_number(number, 0, UINT32_MAX, &value))
			return false;
		ret_oid[len++] = (uint32_t)value;
		text += n;
		text += *text == '.';
	}
	*ret_len = len;
	return true;
}

static void
conf_take_view(struct dmp_snmpd_conf *conf, const struct conf_line *line)
{
	struct dmp_snmpd_view *views;
	struct dmp_snmpd_view view = {.len = 0};

	if (line->n < 4)
		return;
	dmp_text_copy(view.name, sizeof(view.name), line->words[1]);
	view.is_included = strncasecmp(line->words[2], "incl", 4) == 0;
	view.is_known = conf_oid(line->words[3], view.oid, &view.len);
	views = realloc(conf->views, (conf->n_views + 1) * sizeof(*views));
	if (!views)
		return;
	views[conf->n_views++] = view;
	conf->views = views;
}

static void
conf_add_reader(struct dmp_snmpd_conf *conf, const char *view, const char *subtree)
{
	struct dmp_snmpd_reader *readers;
	struct dmp_snmpd_reader reader = {.is_known = true};

	if (view)
		dmp_text_copy(reader.view, sizeof(reader.view), view);
	else if (subtree)
		reader.is_known = conf_oid(subtree, reader.oid, &reader.len);
	readers = realloc(conf->readers, (conf->n_readers + 1) * sizeof(*readers));
	if (!readers)
		return;
	readers[conf->n_readers++] = reader;
	conf->readers = readers;
}

/* rocommunity COMMUNITY [SOURCE [SUBTREE | -V VIEW]] and
 * rouser [-s MODEL] USER [LEVEL [SUBTREE | -V VIEW]]: the third word in both. */
static void
conf_take_reader(struct dmp_snmpd_conf *conf, const struct conf_line *line)
{
	size_t at = line->n > 1 && strcmp(line->words[1], "-s") == 0 ? 5 : 3;

	for (size_t i = 1; i + 1 < line->n; i++) {
		if (strcmp(line->words[i], "-V") == 0) {
			conf_add_reader(conf, line->words[i + 1], NULL);
			return;
		}
	}
	conf_add_reader(conf, NULL, line->n > at ? line->words[at] : NULL);
}

/* access GROUP CONTEXT MODEL LEVEL PREFIX READ WRITE NOTIFY */
static void
conf_take_access(struct dmp_snmpd_conf *conf, const struct conf_line *line)
{
	if (line->n > 6 && strcasecmp(line->words[6], "none") != 0)
		conf_add_reader(conf, line->words[6], NULL);
}

static void
conf_take_master(struct dmp_snmpd_conf *conf, const struct conf_line *line)
{
	static const char *const yes[] = {"agentx", "yes", "on", "all", "1"};

	for (size_t i = 0; line->n > 1 && i < sizeof(yes) / sizeof(yes[0]); i++)
		conf->is_master |= strcasecmp(line->words[1], yes[i]) == 0;
}

static void
conf_take_socket(struct dmp_snmpd_conf *conf, const struct conf_line *line)
{
	if (line->n > 1)
		dmp_text_copy(conf->agentx_socket, DMP_SNMPD_WORD, line->words[1]);
}

static void
conf_take_sink(struct dmp_snmpd_conf *conf, const struct conf_line *line)
{
	conf->n_sinks += line->n > 1;
}

static const struct {
	const char *directive;
	void (*take)(struct dmp_snmpd_conf *conf, const struct conf_line *line);
} conf_directives[] = {
    {"master", conf_take_master},
    {"agentxsocket", conf_take_socket},
    {"view", conf_take_view},
    {"rocommunity", conf_take_reader},
    {"rocommunity6", conf_take_reader},
    {"rwcommunity", conf_take_reader},
    {"rwcommunity6", conf_take_reader},
    {"rouser", conf_take_reader},
    {"rwuser", conf_take_reader},
    {"access", conf_take_access},
    {"trapsink", conf_take_sink},
    {"trap2sink", conf_take_sink},
    {"informsink", conf_take_sink},
    {"trapsess", conf_take_sink},
};

static int
conf_is_conf(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && strcmp(entry->d_name + n - 5, ".conf") == 0;
}

static void
conf_read_dir(struct dmp_snmpd_conf *conf, const char *path, int depth)
{
	struct dirent **entries = NULL;
	int n = scandir(path, &entries, conf_is_conf, alphasort);
	char file[1024];

	if (n < 0)
		dmp_text_printf(
		    &conf->problems, "%s: cannot read this directory\n", path);
	for (int i = 0; i < n; i++) {
		dmp_text_format(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
		conf_read(conf, file, depth + 1);
		free(entries[i]);
	}
	free(entries);
}

static void
conf_take_line(struct dmp_snmpd_conf *conf, const struct conf_line *line, int depth)
{
	const char *directive = line->words[0];

	if (strcasecmp(directive, "includeDir") == 0 && line->n > 1)
		conf_read_dir(conf, line->words[1], depth);
	else if (strcasecmp(directive, "includeFile") == 0 && line->n > 1)
		conf_read(conf, line->words[1], depth + 1);
	for (size_t i = 0; i < sizeof(conf_directives) / sizeof(conf_directives[0]);
	     i++) {
		if (strcasecmp(directive, conf_directives[i].directive) == 0)
			conf_directives[i].take(conf, line);
	}
}

/* Split a terminated line into words; quotes hold blanks together. */
static void
conf_split(const char *text, struct conf_line *ret_line)
{
	ret_line->n = 0;
	while (ret_line->n < CONF_WORDS) {
		size_t n;
		char quote = '\0';

		text += strspn(text, " \t\r");
		if (!*text || *text == '#')
			return;
		if (*text == '"' || *text == '\'')
			quote = *text++;
		n = quote ? strcspn(text, quote == '"' ? "\"" : "'")
		          : strcspn(text, " \t\r");
		dmp_text_copy(ret_line->words[ret_line->n++],
		    n < DMP_SNMPD_WORD ? n + 1 : DMP_SNMPD_WORD, text);
		text += n;
		text += quote && *text == quote;
	}
}

static enum dmp_status
conf_read_file(struct dmp_snmpd_conf *conf, const char *path, int depth)
{
	char *data = NULL;
	size_t size;
	enum dmp_status status = dmp_file_read(path, CONF_LIMIT, &data, &size);
	struct conf_line *line;
	char *text;

	if (status != DMP_OK)
		return status;
	line = malloc(sizeof(*line));
	if (!line) {
		free(data);
		return DMP_ENOMEM;
	}
	conf->n_files++;
	for (text = data; *text;) {
		char *end = text + strcspn(text, "\n");
		bool is_last = *end == '\0';

		*end = '\0';
		conf_split(text, line);
		if (line->n > 0)
			conf_take_line(conf, line, depth);
		text = is_last ? end : end + 1;
	}
	free(line);
	free(data);
	return DMP_OK;
}

static void
conf_read(struct dmp_snmpd_conf *conf, const char *path, int depth)
{
	enum dmp_status status;

	if (depth > CONF_DEPTH || conf->n_files >= CONF_FILES) {
		dmp_text_printf(&conf->problems, "%s: included too deeply\n", path);
		return;
	}
	status = conf_read_file(conf, path, depth);
	if (status != DMP_OK)
		dmp_text_printf(
		    &conf->problems, "%s: %s\n", path, dmp_file_text(status));
}

enum dmp_status
dmp_snmpd_conf_read(const char *path, struct dmp_snmpd_conf *conf)
{
	return conf_read_file(conf, path, 0);
}

void
dmp_snmpd_conf_done(struct dmp_snmpd_conf *conf)
{
	free(conf->views);
	free(conf->readers);
	dmp_text_done(&conf->problems);
	*conf = (struct dmp_snmpd_conf){.is_master = false};
}

static bool
conf_is_prefix(const uint32_t *prefix, size_t n, const uint32_t *oid, size_t len)
{
	return n <= len && memcmp(prefix, oid, n * sizeof(*oid)) == 0;
}

enum dmp_snmpd_sight
dmp_snmpd_conf_sees(const struct dmp_snmpd_conf *conf,
    const struct dmp_snmpd_reader *reader, const uint32_t *oid, size_t len)
{
	enum dmp_snmpd_sight sight = DMP_SIGHT_UNDEFINED;
	size_t best = 0;

	if (!*reader->view) {
		if (!reader->is_known)
			return DMP_SIGHT_UNKNOWN;
		return conf_is_prefix(reader->oid, reader->len, oid, len)
		           ? DMP_SIGHT_VISIBLE
		           : DMP_SIGHT_HIDDEN;
	}
	if (strcmp(reader->view, "_all_") == 0)
		return DMP_SIGHT_VISIBLE;
	for (size_t i = 0; i < conf->n_views; i++) {
		const struct dmp_snmpd_view *view = &conf->views[i];

		if (strcmp(view->name, reader->view) != 0)
			continue;
		if (sight == DMP_SIGHT_UNDEFINED)
			sight = DMP_SIGHT_HIDDEN;
		if (!view->is_known && sight == DMP_SIGHT_HIDDEN && best == 0)
			sight = DMP_SIGHT_UNKNOWN;
		/* RFC 3415: the longest matching subtree decides. */
		if (view->is_known && view->len >= best &&
		    conf_is_prefix(view->oid, view->len, oid, len)) {
			best = view->len;
			sight =
			    view->is_included ? DMP_SIGHT_VISIBLE : DMP_SIGHT_HIDDEN;
		}
	}
	return sight;
}
