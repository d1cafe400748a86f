/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain.c - dmports explain: everything that is known about a requirement or a port.
 *
 * How it works: what is asked for selects requirements, by key or by port.  Each is
 * told as paragraphs of facts, and with a site, one for each of its hosts.  JSON and
 * CSV have the same facts as columns, one row per requirement, or per host with a site.
 */
#include <stdlib.h>
#include <string.h>

#include "base/port.h"
#include "cli/cli.h"
#include "model/catalogue_words.h"

enum {
	EXPLAIN_LABEL = 13, /* columns before the facts */
	EXPLAIN_WIDTH = 88,
	EXPLAIN_NARROW = 40, /* no narrower, however narrow the terminal is */
	EXPLAIN_NEAR = 8     /* keys that a message suggests at most */
};

static const struct dmp_column explain_columns[] = {
    {"number", NULL, DMP_COLUMN_NUMBER},
    {"requirement", NULL, DMP_COLUMN_TEXT},
    {"title", NULL, DMP_COLUMN_TEXT},
    {"service", NULL, DMP_COLUMN_TEXT},
    {"transport", NULL, DMP_COLUMN_TEXT},
    {"port", NULL, DMP_COLUMN_NUMBER},
    {"from", NULL, DMP_COLUMN_TEXT},
    {"to", NULL, DMP_COLUMN_TEXT},
    {"level", NULL, DMP_COLUMN_TEXT},
    {"since", NULL, DMP_COLUMN_TEXT},
    {"until", NULL, DMP_COLUMN_TEXT},
    {"condition", NULL, DMP_COLUMN_TEXT},
    {"installers", NULL, DMP_COLUMN_TEXT},
    {"close", NULL, DMP_COLUMN_TEXT},
    {"caution", NULL, DMP_COLUMN_TEXT},
    {"contradiction", NULL, DMP_COLUMN_TEXT},
    {"probe", NULL, DMP_COLUMN_TEXT},
    {"depth", NULL, DMP_COLUMN_TEXT},
    {"asked", NULL, DMP_COLUMN_TEXT},
    {"leaves", NULL, DMP_COLUMN_TEXT},
    {"reference", NULL, DMP_COLUMN_TEXT},
    {"host", NULL, DMP_COLUMN_TEXT},
    {"host_port", NULL, DMP_COLUMN_NUMBER},
    {"applies", NULL, DMP_COLUMN_TEXT},
    {"why", NULL, DMP_COLUMN_TEXT},
};

enum { EXPLAIN_COLUMNS = sizeof(explain_columns) / sizeof(explain_columns[0]) };

/* What is explained, and from what. */
struct explain {
	struct dmp_cli *cli;
	const char *word;             /* NULL: everything */
	const char *key;              /* the word, unless it is a port */
	uint16_t port;                /* else this one, */
	enum dmp_transport transport; /* of this transport; NONE = any */
	struct dmp_plan *plan;        /* NULL without a site; else owns catalogue */
	struct dmp_catalogue *catalogue;
	struct dmp_writer *writer; /* NULL: as text */
};

/* One requirement with its texts.  row is NULL without a site, entry for requirements
 * of the site's own. */
struct explain_item {
	const struct dmp_entry *entry;
	const struct dmp_plan_requirement *row;
	size_t index; /* of row */
	char from[DMP_ROLES_TEXT];
	char to[DMP_ROLES_TEXT];
	char installers[DMP_INSTALLERS_TEXT];
	struct dmp_text condition;
	struct dmp_text probe;
};

/* What one host of the site makes of it. */
struct explain_host {
	const char *host;
	uint16_t number;
	enum dmp_applies applies;
	const char *why;
};

/* ---- what was asked for ---- */

static bool
explain_is_port(const struct explain *x, uint16_t port, enum dmp_transport transport)
{
	return x->port == port &&
	       (x->transport == DMP_TRANSPORT_NONE || x->transport == transport);
}

/* By its own number, or by one that the site has for it. */
static bool
explain_row_has_port(const struct explain *x, size_t row)
{
	for (size_t i = 0; i < x->plan->n_ports; i++) {
		const struct dmp_plan_port *port = &x->plan->ports[i];

		if (port->requirement == row &&
		    explain_is_port(x, port->number, port->transport))
			return true;
	}
	return false;
}

static bool
explain_row_is_wanted(const struct explain *x, size_t row)
{
	const struct dmp_plan_requirement *r = &x->plan->requirements[row];

	if (!x->word)
		return true;
	if (x->key)
		return strcmp(x->key, r->key) == 0;
	return explain_is_port(x, r->port, r->transport) ||
	       explain_row_has_port(x, row);
}

static bool
explain_entry_is_wanted(const struct explain *x, const struct dmp_entry *entry)
{
	if (!x->word)
		return true;
	if (x->key)
		return strcmp(x->key, entry->key) == 0;
	return explain_is_port(x, entry->port, entry->transport);
}

/* Keys that contain the word, else the one that is nearest to it. */
static void
explain_suggest(const struct explain *x, const char *const *keys, size_t n)
{
	struct dmp_text near = {0};
	char printable[64];
	const char *suggestion;
	unsigned found = 0;

	dmp_text_printable(printable, sizeof(printable), x->word, strlen(x->word));
	for (size_t i = 0; x->key && *x->key && i < n && found < EXPLAIN_NEAR; i++) {
		if (strstr(keys[i], x->key))
			dmp_text_printf(&near, "%s%s", found++ ? ", " : "", keys[i]);
	}
	suggestion = x->key && !found ? dmp_cli_suggest(x->key, keys, n) : NULL;
	if (suggestion)
		dmp_text_append(&near, suggestion);
	if (!x->key)
		dmp_cli_error(x->cli, "no requirement uses port %s", printable);
	else if (near.size == 0 && *x->key >= '0' && *x->key <= '9')
		dmp_cli_error(x->cli,
		    "there is no requirement \"%s\"; a port is from 1 to 65535, as in "
		    "9090, 9090/tcp or 161/udp",
		    printable);
	else if (near.size > 0)
		dmp_cli_error(x->cli,
		    "there is no requirement \"%s\"; did you mean %s?", printable,
		    dmp_text_get(&near));
	else
		dmp_cli_error(x->cli,
		    "there is no requirement \"%s\"; \"dmports explain --all\" tells "
		    "them all",
		    printable);
	dmp_text_done(&near);
}

/* ---- one requirement ---- */

static struct explain_item
explain_item_new(const struct explain *x, const struct dmp_entry *entry, size_t row)
{
	struct explain_item item = {.entry = entry, .index = row};

	if (x->plan) {
		item.row = &x->plan->requirements[row];
		dmp_roles_text(item.row->from, item.from);
		dmp_roles_text(item.row->to, item.to);
	} else {
		dmp_roles_text(entry->from, item.from);
		dmp_roles_text(entry->to, item.to);
	}
	if (!entry) {
		dmp_text_append(&item.condition, "the site file defines it");
		return item;
	}
	dmp_installers_text(entry->installers, item.installers);
	dmp_catalogue_condition_words(x->catalogue, entry, &item.condition);
	dmp_catalogue_probe_words(entry, &item.probe);
	return item;
}

static void
explain_item_done(struct explain_item *item)
{
	dmp_text_done(&item->condition);
	dmp_text_done(&item->probe);
}

/* A requirement of the site's own, as far as an entry would have it. */
static struct dmp_entry
explain_entry(const struct explain_item *item)
{
	const struct dmp_plan_requirement *row = item->row;
	struct dmp_entry entry = {0};

	if (item->entry)
		return *item->entry;
	entry = (struct dmp_entry){
	    .number = row->number,
	    .title = row->title,
	    .protocol = row->protocol,
	    .transport = row->transport,
	    .port = row->port,
	    .level = row->level,
	    .since = "",
	    .until = "",
	    .close = "",
	    .hint = "",
	    .conflict = "",
	    .reference = "",
	};
	dmp_text_copy(entry.key, sizeof(entry.key), row->key);
	return entry;
}

/* ---- as text ---- */

static size_t
explain_width(const struct explain *x)
{
	unsigned terminal = dmp_terminal_width(x->cli->out);

	if (terminal == 0 || terminal > EXPLAIN_WIDTH)
		return EXPLAIN_WIDTH;
	return terminal > EXPLAIN_NARROW ? terminal : EXPLAIN_NARROW;
}

/* Words of text, wrapped behind a label. */
static void
explain_paragraph(struct explain *x, const char *label, const char *text)
{
	size_t column = EXPLAIN_LABEL + 2;
	size_t width = explain_width(x);

	if (text[0] == '\0')
		return;
	(void)fprintf(x->cli->out, "  %-*s", EXPLAIN_LABEL, label);
	while (*text) {
		size_t n = strcspn(text, " ");

		if (column + n > width && column > EXPLAIN_LABEL + 2) {
			(void)fprintf(x->cli->out, "\n  %-*s", EXPLAIN_LABEL, "");
			column = EXPLAIN_LABEL + 2;
		}
		(void)fprintf(x->cli->out, "%s%.*s",
		    column > EXPLAIN_LABEL + 2 ? " " : "", (int)n, text);
		column += n + 1;
		text += n;
		text += strspn(text, " ");
	}
	(void)fputc('\n', x->cli->out);
}

static void
explain_versions(struct explain *x, const struct dmp_entry *entry)
{
	struct dmp_text text = {0};

	if (entry->since[0])
		dmp_text_printf(
		    &text, "from %s%s", entry->since, entry->until[0] ? ", " : "");
	if (entry->until[0])
		dmp_text_printf(&text, "before %s", entry->until);
	if (text.size > 0 && entry->level == DMP_LEVEL_FORBIDDEN)
		dmp_text_append(&text, ": then DataMiner used or opened it");
	explain_paragraph(x, "versions", dmp_text_get(&text));
	dmp_text_done(&text);
}

static void
explain_text(struct explain *x, const struct explain_item *item)
{
	const struct dmp_entry entry = explain_entry(item);
	struct dmp_text text = {0};
	char port[DMP_PORT_TEXT];

	dmp_port_text(entry.transport, entry.port, port);
	(void)fprintf(x->cli->out, "%u %s, %s: %s\n", (unsigned)entry.number, entry.key,
	    port, entry.title);
	dmp_text_printf(&text, "%s, from %s to %s; %s",
	    dmp_vocab_text(DMP_VOCAB_LEVEL, (int)entry.level),
	    item->from[0] ? item->from : "anybody", item->to, entry.protocol);
	explain_paragraph(x, "level", dmp_text_get(&text));
	explain_versions(x, &entry);
	explain_paragraph(x, "applies", dmp_text_get(&item->condition));
	if (item->entry && entry.condition == NULL)
		explain_paragraph(x, "why", entry.why);
	if (item->entry)
		explain_paragraph(x, "opened by",
		    item->installers[0] ? item->installers : "no installer");
	explain_paragraph(x, "close it", entry.close);
	explain_paragraph(x, "caution", entry.hint);
	explain_paragraph(x, "contradicted", entry.conflict);
	explain_paragraph(x, "asked by", dmp_text_get(&item->probe));
	if (item->entry)
		explain_paragraph(
		    x, "in its log", dmp_catalogue_trace_words(item->entry));
	explain_paragraph(x, "documented", entry.reference);
	dmp_text_done(&text);
}

static void
explain_host_text(struct explain *x, const struct explain_host *host)
{
	struct dmp_text text = {0};

	if (host->applies != DMP_APPLIES_NO)
		dmp_text_printf(&text, "%u: ", (unsigned)host->number);
	dmp_text_append(&text, host->why);
	explain_paragraph(
	    x, host->host[0] ? host->host : "this site", dmp_text_get(&text));
	dmp_text_done(&text);
}

/* ---- as a row ---- */

static enum dmp_status
explain_row(
    struct explain *x, const struct explain_item *item, const struct explain_host *host)
{
	const struct dmp_entry e = explain_entry(item);
	const bool known = item->entry != NULL;
	const struct dmp_cell cells[EXPLAIN_COLUMNS] = {
	    {.number = e.number, .present = true},
	    {.text = e.key},
	    {.text = e.title},
	    {.text = e.protocol},
	    {.text = dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)e.transport)},
	    {.number = e.port, .present = e.port != 0},
	    {.text = item->from},
	    {.text = item->to},
	    {.text = dmp_vocab_text(DMP_VOCAB_LEVEL, (int)e.level)},
	    {.text = e.since},
	    {.text = e.until},
	    {.text = dmp_text_get(&item->condition)},
	    {.text = item->installers},
	    {.text = e.close},
	    {.text = e.hint},
	    {.text = e.conflict},
	    {.text = known ? dmp_vocab_text(DMP_VOCAB_PROBE, (int)e.probe) : ""},
	    {.text = !known                         ? ""
	             : e.depth == DMP_DEPTH_CONNECT ? "connect"
	                                            : "identify"},
	    {.text = dmp_text_get(&item->probe)},
	    {.text = known ? dmp_catalogue_trace_words(item->entry) : ""},
	    {.text = e.reference},
	    {.text = host ? host->host : ""},
	    {.number = host ? host->number : 0,
	        .present = host && host->applies != DMP_APPLIES_NO},
	    {.text = host ? dmp_vocab_text(DMP_VOCAB_APPLIES, (int)host->applies) : ""},
	    {.text = host ? host->why : ""},
	};

	return dmp_writer_row(x->writer, cells);
}

/* ---- the whole ---- */

static enum dmp_status
explain_on_host(
    struct explain *x, const struct explain_item *item, const struct explain_host *host)
{
	if (x->writer)
		return explain_row(x, item, host);
	explain_host_text(x, host);
	return DMP_OK;
}

/* The ports of the requirement, then the hosts where it gives none, or one sentence
 * when no host has anything to do with it. */
static enum dmp_status
explain_hosts(struct explain *x, const struct explain_item *item)
{
	const struct dmp_plan *plan = x->plan;
	enum dmp_status status = DMP_OK;
	bool found = false;

	for (size_t i = 0; status == DMP_OK && i < plan->n_ports; i++) {
		const struct dmp_plan_port *port = &plan->ports[i];
		struct explain_host host = {plan->hosts[port->host].name, port->number,
		    port->applies, port->why};

		if (port->requirement != item->index)
			continue;
		found = true;
		status = explain_on_host(x, item, &host);
	}
	for (size_t i = 0; status == DMP_OK && i < plan->n_absences; i++) {
		const struct dmp_plan_absence *absence = &plan->absences[i];
		struct explain_host host = {
		    plan->hosts[absence->host].name, 0, DMP_APPLIES_NO, absence->why};

		if (absence->requirement != item->index)
			continue;
		found = true;
		status = explain_on_host(x, item, &host);
	}
	if (status == DMP_OK && !found) {
		struct explain_host host = {"", 0, DMP_APPLIES_NO, item->row->why};

		status = explain_on_host(x, item, &host);
	}
	return status;
}

static enum dmp_status
explain_one(struct explain *x, const struct dmp_entry *entry, size_t row)
{
	struct explain_item item = explain_item_new(x, entry, row);
	enum dmp_status status = DMP_OK;

	if (!x->writer)
		explain_text(x, &item);
	if (x->plan)
		status = explain_hosts(x, &item);
	else if (x->writer)
		status = explain_row(x, &item, NULL);
	explain_item_done(&item);
	return status;
}

/* All that are wanted; *ret_found tells whether there were any.  keys has room for all
 * of them, for a suggestion. */
static enum dmp_status
explain_all(struct explain *x, const char **keys, size_t n, bool *ret_found)
{
	enum dmp_status status = DMP_OK;
	bool found = false;

	for (size_t i = 0; status == DMP_OK && i < n; i++) {
		const struct dmp_entry *entry =
		    x->plan
		        ? dmp_catalogue_find(x->catalogue, x->plan->requirements[i].key)
		        : &x->catalogue->entries[i];

		keys[i] = x->plan ? x->plan->requirements[i].key : entry->key;
		if (x->plan ? !explain_row_is_wanted(x, i)
		            : !explain_entry_is_wanted(x, entry))
			continue;
		if (found && !x->writer)
			(void)fputc('\n', x->cli->out);
		found = true;
		status = explain_one(x, entry, i);
	}
	*ret_found = found;
	return status;
}

static int
explain_run(struct explain *x)
{
	size_t n = x->plan ? x->plan->n_requirements : x->catalogue->n_entries;
	const char **keys = calloc(n + 1, sizeof(*keys));
	enum dmp_status status = keys ? DMP_OK : DMP_ENOMEM;
	bool found = true;

	if (status == DMP_OK && x->cli->format != DMP_FORMAT_TABLE)
		status = dmp_cli_writer(
		    x->cli, explain_columns, EXPLAIN_COLUMNS, &x->writer);
	if (status == DMP_OK)
		status = dmp_writer_end(x->writer, explain_all(x, keys, n, &found));
	if (!found)
		explain_suggest(x, keys, n);
	free(keys);
	return found ? dmp_cli_printed(x->cli, status) : DMP_EXIT_USAGE;
}

/* The plan of --site with its catalogue, or the catalogue alone. */
static int
explain_load(struct explain *x)
{
	const char *site = x->cli->options.value[DMP_OPT_SITE];
	const char *path = x->cli->options.value[DMP_OPT_CATALOGUE];
	struct dmp_text errors = {0};
	enum dmp_status status;

	if (site)
		status = dmp_plan_load(site, path, &x->plan, &errors);
	else
		status = dmp_catalogue_load(path, &x->catalogue, &errors);
	if (status == DMP_OK && x->plan)
		x->catalogue = (struct dmp_catalogue *)x->plan->catalogue;
	return dmp_cli_loaded(x->cli, status, &errors);
}

int
dmp_cli_explain(struct dmp_cli *cli)
{
	struct explain x = {.cli = cli, .transport = DMP_TRANSPORT_NONE};
	bool is_all = cli->options.value[DMP_OPT_ALL] != NULL;
	int code;

	if ((cli->options.n_words == 1) == is_all) {
		dmp_cli_error(cli, "give one requirement or port: dmports explain "
		                   "nats-route, dmports explain 9090/tcp; or --all");
		return DMP_EXIT_USAGE;
	}
	if (!is_all) {
		x.word = cli->options.words[0];
		if (!dmp_port_parse(x.word, &x.transport, &x.port))
			x.key = x.word;
	}
	code = explain_load(&x);
	if (code == DMP_EXIT_FINE)
		code = explain_run(&x);
	if (x.plan)
		dmp_plan_free(x.plan);
	else
		dmp_catalogue_free(x.catalogue);
	return code;
}
