/* SPDX-License-Identifier: BSD-2-Clause */
/* firewall.c - dmports firewall: the rules that a host needs, and how they differ from
 * what it has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/port.h"
#include "cli/audit.h"
#include "cli/cli.h"
#include "cli/rules.h"

enum { FIREWALL_LIST_MAX = 8 << 20, FIREWALL_EXTRAS = 64 };

struct firewall {
	struct dmp_cli *cli;
	struct dmp_plan *plan;
	struct dmp_matrix *matrix;
	struct dmp_rules rules;
	struct dmp_rule_extra extras[FIREWALL_EXTRAS];
	size_t n_extras;
	struct dmp_audit audit;
	size_t n_findings;
};

/* ---- the rules as rows ---- */

static const struct dmp_column rule_columns[] = {
    {"host", NULL, DMP_COLUMN_TEXT},
    {"direction", "DIRECTION", DMP_COLUMN_TEXT},
    {NULL, "PORT", DMP_COLUMN_TEXT},
    {"transport", NULL, DMP_COLUMN_TEXT},
    {"port", NULL, DMP_COLUMN_NUMBER},
    {"peer", "PEER", DMP_COLUMN_TEXT},
    {"peer_address", "ADDRESS", DMP_COLUMN_TEXT},
    {"requirement", "REQUIREMENT", DMP_COLUMN_TEXT},
    {"level", "LEVEL", DMP_COLUMN_TEXT},
    {"applies", "APPLIES", DMP_COLUMN_TEXT},
    {"why", "WHY", DMP_COLUMN_TEXT},
};

enum { RULE_COLUMNS = sizeof rule_columns / sizeof *rule_columns };

static enum dmp_status
firewall_row(const struct firewall *f, struct dmp_writer *writer,
    const struct dmp_rule *rule, const struct dmp_rule_peer *peer)
{
	char port[DMP_PORT_TEXT];

	dmp_port_text(rule->transport, rule->port, port);
	const struct dmp_cell cells[RULE_COLUMNS] = {
	    {.text = f->plan->hosts[f->rules.host].name},
	    {.text = rule->is_inbound ? "inbound" : "outbound"},
	    {.text = port},
	    {.text = dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)rule->transport)},
	    {.number = rule->port, .present = true},
	    {.text = peer->name},
	    {.text = peer->address},
	    {.text = rule->key},
	    {.text = dmp_vocab_text(DMP_VOCAB_LEVEL, (int)rule->level)},
	    {.text = dmp_vocab_text(DMP_VOCAB_APPLIES, (int)rule->applies)},
	    {.text = rule->why},
	};
	return dmp_writer_row(writer, cells);
}

/* One row for each peer: that is what change requests ask for. */
static enum dmp_status
firewall_rows(const struct firewall *f)
{
	static const struct dmp_rule_peer anybody = {"anybody", "any"};
	struct dmp_writer *writer = NULL;
	enum dmp_status status =
	    dmp_cli_writer(f->cli, rule_columns, RULE_COLUMNS, &writer);

	for (size_t i = 0; status == DMP_OK && i < f->rules.n_rules; i++) {
		const struct dmp_rule *rule = &f->rules.rules[i];

		if (!rule->is_allowed)
			continue;
		if (rule->is_anybody)
			status = firewall_row(f, writer, rule, &anybody);
		for (size_t k = 0;
		     !rule->is_anybody && status == DMP_OK && k < rule->n_peers; k++)
			status = firewall_row(f, writer, rule, &rule->peers[k]);
	}
	return dmp_writer_end(writer, status);
}

static enum dmp_status
firewall_print(struct firewall *f)
{
	struct dmp_text text = {0};
	enum dmp_status status;

	if (f->cli->format == DMP_FORMAT_WINDOWS)
		dmp_rules_print_windows(&f->rules, &text);
	else if (f->cli->format == DMP_FORMAT_NFTABLES)
		dmp_rules_print_nftables(&f->rules, f->extras, f->n_extras, &text);
	else
		return firewall_rows(f);
	status = text.status;
	if (status == DMP_OK &&
	    (fputs(dmp_text_get(&text), f->cli->out) < 0 || fflush(f->cli->out) != 0))
		status = DMP_EIO;
	dmp_text_done(&text);
	if (status == DMP_OK && f->cli->format == DMP_FORMAT_NFTABLES &&
	    f->n_extras == 0 && !f->cli->options.value[DMP_OPT_QUIET])
		dmp_cli_error(f->cli,
		    "with these rules the host accepts nothing else, not even SSH%s; "
		    "--also "
		    "22/tcp%s adds it",
		    f->rules.has_outbound ? ", and asks no name server" : "",
		    f->rules.has_outbound ? ",53/udp" : "");
	return status;
}

/* ---- the audit ---- */

static const struct dmp_column finding_columns[] = {
    {"finding", "FINDING", DMP_COLUMN_TEXT},
    {"ports", "PORT", DMP_COLUMN_TEXT},
    {"requirement", "REQUIREMENT", DMP_COLUMN_TEXT},
    {"what", "WHAT", DMP_COLUMN_TEXT},
    {"why", "WHY", DMP_COLUMN_TEXT},
};

enum { FINDING_COLUMNS = sizeof finding_columns / sizeof *finding_columns };

static bool
audit_covers(const struct dmp_audit_open *open, const struct dmp_rule *rule)
{
	return (open->transport == rule->transport ||
	           open->transport == DMP_TRANSPORT_NONE) &&
	       rule->port >= open->first && rule->port <= open->last;
}

static enum dmp_status
audit_row(struct firewall *f, struct dmp_writer *writer, const char *finding,
    const char *port, const struct dmp_rule *rule, const char *what, const char *why)
{
	const struct dmp_cell cells[FINDING_COLUMNS] = {
	    {.text = finding, .colour = DMP_COLOUR_YELLOW},
	    {.text = port},
	    {.text = rule ? rule->key : ""},
	    {.text = what},
	    {.text = why},
	};

	f->n_findings++;
	return dmp_writer_row(writer, cells);
}

/* Is an inbound rule's port open at all; and, given a host, to one of its addresses? */
static bool
audit_is_open(const struct firewall *f, const struct dmp_rule *rule, const char *host)
{
	for (size_t i = 0; i < f->audit.n_opens; i++) {
		const struct dmp_audit_open *open = &f->audit.opens[i];

		if (!audit_covers(open, rule))
			continue;
		for (size_t k = 0; host && k < rule->n_peers; k++) {
			if (strcmp(rule->peers[k].name, host) == 0 &&
			    dmp_audit_admits(&f->audit, open, rule->peers[k].address))
				return true;
		}
		if (!host)
			return true;
	}
	return false;
}

/* The hosts that need the port and that no rule lets in, each once.  Where anybody may
 * need it, who is let in is a decision that nobody can check. */
static void
audit_shut_out(
    const struct firewall *f, const struct dmp_rule *rule, struct dmp_text *ret_hosts)
{
	for (size_t i = 0; !rule->is_anybody && i < rule->n_peers; i++) {
		const char *host = rule->peers[i].name;
		size_t first = 0;

		while (strcmp(rule->peers[first].name, host) != 0)
			first++;
		if (first == i && !audit_is_open(f, rule, host))
			dmp_text_printf(ret_hosts, "%s%s",
			    ret_hosts->size > 0 ? " " : "no rule for ", host);
	}
}

/* What is needed and not open. */
static enum dmp_status
audit_missing(struct firewall *f, struct dmp_writer *writer)
{
	enum dmp_status status = DMP_OK;
	struct dmp_text what = {0};

	for (size_t i = 0; status == DMP_OK && i < f->rules.n_rules; i++) {
		const struct dmp_rule *rule = &f->rules.rules[i];
		char port[DMP_PORT_TEXT];

		if (!rule->is_allowed || !rule->is_inbound ||
		    rule->transport == DMP_TRANSPORT_NONE ||
		    rule->level != DMP_LEVEL_REQUIRED)
			continue;
		dmp_text_clear(&what);
		if (!audit_is_open(f, rule, NULL))
			dmp_text_append(&what,
			    f->audit.is_listeners ? "nothing listens" : "no rule");
		else
			audit_shut_out(f, rule, &what);
		if (what.size == 0)
			continue;
		dmp_port_text(rule->transport, rule->port, port);
		status = audit_row(
		    f, writer, "missing", port, rule, dmp_text_get(&what), rule->why);
	}
	status = status == DMP_OK ? what.status : status;
	dmp_text_done(&what);
	return status;
}

static void
audit_ports_text(const struct dmp_audit_open *o, char *field, size_t size)
{
	const char *transport =
	    o->transport == DMP_TRANSPORT_NONE
	        ? "any"
	        : dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)o->transport);

	if (o->first == o->last)
		dmp_text_format(field, size, "%u/%s", o->first, transport);
	else
		dmp_text_format(field, size, "%u-%u/%s", o->first, o->last, transport);
}

/* What is open: needed by nobody, to be closed, or open to more than need it. */
static enum dmp_status
audit_open(
    struct firewall *f, struct dmp_writer *writer, const struct dmp_audit_open *o)
{
	const struct dmp_rule *closed = NULL;
	const struct dmp_rule *limited = NULL;
	bool is_needed = false;
	bool is_for_anybody = false;
	char port[32];

	for (size_t i = 0; i < f->rules.n_rules; i++) {
		const struct dmp_rule *rule = &f->rules.rules[i];

		if (!rule->is_inbound || !audit_covers(o, rule))
			continue;
		if (!rule->is_allowed) {
			closed = rule;
			continue;
		}
		is_needed = true;
		is_for_anybody = is_for_anybody || rule->is_anybody;
		if (!rule->is_anybody)
			limited = rule;
	}
	audit_ports_text(o, port, sizeof port);
	if (closed)
		return audit_row(
		    f, writer, "close", port, closed, o->what, closed->why);
	if (!is_needed)
		return audit_row(f, writer, "superfluous", port, NULL, o->what,
		    "the plan does not need it");
	if (limited && !is_for_anybody && o->is_anybody && !f->audit.is_listeners)
		return audit_row(f, writer, "wider", port, limited, o->what,
		    "open to anybody, needed by some hosts only");
	return DMP_OK;
}

/* The whole of a small file, or of the standard input ("-"). */
static enum dmp_status
audit_read(const char *path, char **ret_data, size_t *ret_size)
{
	char *data;
	size_t size = 0;
	ssize_t n = 1;

	if (strcmp(path, "-") != 0)
		return dmp_file_read(path, FIREWALL_LIST_MAX, ret_data, ret_size);
	data = malloc(FIREWALL_LIST_MAX);
	if (!data)
		return DMP_ENOMEM;
	while (n > 0 && size < FIREWALL_LIST_MAX) {
		n = read(STDIN_FILENO, data + size, FIREWALL_LIST_MAX - size);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			size += (size_t)n;
	}
	if (n != 0) {
		free(data);
		return n < 0 ? DMP_EIO : DMP_ETOOBIG;
	}
	*ret_data = data;
	*ret_size = size;
	return DMP_OK;
}

static enum dmp_status
audit_load(struct firewall *f, const char *path)
{
	struct dmp_text error = {0};
	char *data = NULL;
	size_t size = 0;
	enum dmp_status status = audit_read(path, &data, &size);

	if (status == DMP_EINVAL)
		dmp_text_append(&error, "no regular file; \"--audit -\" reads a pipe");
	if (status == DMP_OK)
		status = dmp_audit_parse(data, size, &f->audit, &error);
	if (status != DMP_OK)
		dmp_cli_error(f->cli, "--audit %s: %s", path,
		    error.size > 0 ? dmp_text_get(&error) : dmp_status_text(status));
	dmp_text_done(&error);
	free(data);
	return status;
}

static void
audit_summary(const struct firewall *f)
{
	if (f->cli->format != DMP_FORMAT_TABLE || f->cli->options.value[DMP_OPT_QUIET])
		return;
	dmp_cli_error(f->cli,
	    "%zu findings; %zu open ports looked at, %zu lines about "
	    "other things passed over%s",
	    f->n_findings, f->audit.n_opens, f->audit.n_skipped,
	    f->audit.n_any > 0 ? ", rules for a program at any port not judged" : "");
}

static int
firewall_audit(struct firewall *f, const char *path)
{
	struct dmp_writer *writer = NULL;
	enum dmp_status status = audit_load(f, path);

	if (status != DMP_OK)
		return status == DMP_EPERM || status == DMP_EIO ? DMP_EXIT_FAILED
		                                                : DMP_EXIT_USAGE;
	status = dmp_cli_writer(f->cli, finding_columns, FINDING_COLUMNS, &writer);
	if (status == DMP_OK)
		status = audit_missing(f, writer);
	for (size_t i = 0; status == DMP_OK && i < f->audit.n_opens; i++)
		status = audit_open(f, writer, &f->audit.opens[i]);
	status = dmp_writer_end(writer, status);
	if (status != DMP_OK)
		return dmp_cli_printed(f->cli, status);
	audit_summary(f);
	return f->n_findings > 0 ? DMP_EXIT_DOWN : DMP_EXIT_FINE;
}

/* ---- the command ---- */

/* "22/tcp", or several with commas. */
static bool
firewall_read_extras(struct firewall *f)
{
	const char *rest = dmp_cli_value(f->cli, DMP_OPT_ALSO, "");

	while (*rest) {
		struct dmp_rule_extra *extra = &f->extras[f->n_extras];
		size_t n = strcspn(rest, ",");
		char word[16] = "";

		if (n < sizeof word)
			dmp_text_copy(word, n + 1, rest);
		if (f->n_extras == FIREWALL_EXTRAS ||
		    !dmp_port_parse(word, &extra->transport, &extra->port) ||
		    extra->transport == DMP_TRANSPORT_NONE) {
			dmp_cli_error(f->cli,
			    "--also: got \"%s\", expected ports such as 22/tcp,53/udp",
			    f->cli->options.value[DMP_OPT_ALSO]);
			return false;
		}
		f->n_extras++;
		rest += n;
		rest += *rest == ',';
	}
	return true;
}

static bool
firewall_options_agree(struct firewall *f)
{
	const char *const *value = f->cli->options.value;
	bool is_script = f->cli->format == DMP_FORMAT_WINDOWS ||
	                 f->cli->format == DMP_FORMAT_NFTABLES;

	if (value[DMP_OPT_AUDIT] && (is_script || value[DMP_OPT_OUTBOUND])) {
		dmp_cli_error(f->cli,
		    "--audit compares what is inbound and prints a table, "
		    "json or csv");
		return false;
	}
	if (value[DMP_OPT_ALSO] && f->cli->format != DMP_FORMAT_NFTABLES) {
		dmp_cli_error(f->cli, "--also goes with --format nftables: the others "
		                      "leave rules of others as they are");
		return false;
	}
	return firewall_read_extras(f);
}

/* The audit has to know the optional ports, too: they are no surplus. */
static int
firewall_build(struct firewall *f)
{
	const char *const *value = f->cli->options.value;
	const struct dmp_rules_wish wish = {
	    .outbound = value[DMP_OPT_OUTBOUND] != NULL,
	    .optional = value[DMP_OPT_OPTIONAL] || value[DMP_OPT_AUDIT],
	};
	struct dmp_text errors = {0};
	enum dmp_status status;
	size_t host;
	int code = dmp_cli_host_matrix(
	    f->cli, "rules are those of one host", &f->plan, &host, &f->matrix);

	if (code != DMP_EXIT_FINE)
		return code;
	status = dmp_rules_build(f->matrix, host, &wish, &f->rules, &errors);
	dmp_cli_error_lines(f->cli, dmp_text_get(&errors));
	if (status != DMP_OK && errors.size == 0)
		dmp_cli_error(f->cli, "no rules: %s", dmp_status_text(status));
	dmp_text_done(&errors);
	return status == DMP_OK       ? DMP_EXIT_FINE
	       : status == DMP_EINVAL ? DMP_EXIT_USAGE
	                              : DMP_EXIT_FAILED;
}

/* Rules that silently lack something would cut the host off from it. */
static void
firewall_warn(const struct firewall *f)
{
	const struct dmp_plan_requirement *r;
	size_t cursor = 0;

	while ((r = dmp_rules_next_unlisted(&f->rules, &cursor)) != NULL)
		dmp_cli_error(f->cli,
		    "no rule for %s, %u/%s to hosts in the cloud, although it is in "
		    "use (%s): the site file lists none; add a host with "
		    "roles=\"cloud\" and its name or addresses",
		    r->key, r->port,
		    dmp_vocab_text(DMP_VOCAB_TRANSPORT, (int)r->transport), r->title);
}

int
dmp_cli_firewall(struct dmp_cli *cli)
{
	struct firewall f = {.cli = cli};
	int code = DMP_EXIT_USAGE;

	if (firewall_options_agree(&f))
		code = firewall_build(&f);
	if (code == DMP_EXIT_FINE && cli->options.value[DMP_OPT_AUDIT])
		code = firewall_audit(&f, cli->options.value[DMP_OPT_AUDIT]);
	else if (code == DMP_EXIT_FINE)
		code = dmp_cli_printed(cli, firewall_print(&f));
	if (code == DMP_EXIT_FINE)
		firewall_warn(&f);
	dmp_audit_done(&f.audit);
	dmp_rules_done(&f.rules);
	dmp_matrix_free(f.matrix);
	dmp_plan_free(f.plan);
	return code;
}
