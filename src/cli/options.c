/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* letter 0 = long form only; argument NULL = a flag. */
static const struct options_line {
	const char *name;
	const char *argument;
	char letter;
	const char *help;
} options_table[DMP_OPTIONS] = {
    [DMP_OPT_SITE] = {"site", "FILE", 's', "the site file (/etc/dmports/site.xml)"},
    [DMP_OPT_CATALOGUE] = {"catalogue", "FILE", 0,
        "a catalogue of requirements instead of the built-in one"},
    [DMP_OPT_HOST] = {"host", "HOST", 0, "only this host of the site"},
    [DMP_OPT_ROLES] = {"roles", "ROLES", 'r',
        "what the HOSTs are: dma, cassandra, indexing, ... (dma)"},
    [DMP_OPT_DATAMINER] = {"dataminer", "VERSION", 'V',
        "DataMiner version of the HOSTs, as in \"10.3.0 [CU3]\""},
    [DMP_OPT_ALL] = {"all", NULL, 'a',
        "everything, not only the usual; with maintenance: the whole site"},
    [DMP_OPT_FORMAT] = {"format", "FORMAT", 'o',
        "how to print (see Formats; default: table)"},
    [DMP_OPT_COLOR] = {"color", "WHEN", 0, "auto, always or never (auto)"},
    [DMP_OPT_QUIET] = {"quiet", NULL, 'q', "no progress and no summary"},
    [DMP_OPT_RUN_DIR] = {"run-dir", "DIR", 0,
        "where the daemon publishes its state (/run/dmports)"},
    [DMP_OPT_STATE_DIR] = {"state-dir", "DIR", 0,
        "where the daemon keeps events.db (/var/lib/dmports)"},
    [DMP_OPT_INTERVAL] = {"interval", "TIME", 'n', "time between looks (1s)"},
    [DMP_OPT_COUNT] = {"count", "N", 'c', "stop after N looks"},
    [DMP_OPT_SINCE] = {"since", "TIME", 0,
        "only from then on: 2026-11-22T14:00:00Z, or 2h for two hours ago"},
    [DMP_OPT_FOLLOW] = {"follow", NULL, 'f', "go on printing as events happen"},
    [DMP_OPT_ROOT_OID] = {"root-oid", "OID", 0, "the root of the MIB"},
    [DMP_OPT_AGENTX] = {"agentx", "ADDRESS", 'x',
        "the AgentX master (unix:/run/agentx/master)"},
    [DMP_OPT_SNMPD_CONF] = {"snmpd-conf", "FILE", 0,
        "snmpd's configuration (/etc/snmp/snmpd.conf)"},
    [DMP_OPT_OUTBOUND] = {"outbound", NULL, 0, "what the host connects to, too"},
    [DMP_OPT_OPTIONAL] = {"optional", NULL, 0, "what is optional, too"},
    [DMP_OPT_ALSO] = {"also", "PORTS", 0,
        "ports beside those of DataMiner, such as 22/tcp,53/udp (nftables)"},
    [DMP_OPT_AUDIT] = {"audit", "FILE", 0,
        "compare with the output of ss -lntu, or a CSV of rules (- = stdin)"},
    [DMP_OPT_ANY] = {"any", NULL, 0,
        "listen on all addresses of this machine, not on those of the host only"},
    [DMP_OPT_FOR] = {"for", "TIME", 0, "end by itself after this time, as in 10m"},
    [DMP_OPT_RECEIVER] = {"receiver", "NAME", 0, "only this receiver"},
    [DMP_OPT_UNTIL] = {"until", "TIME", 0,
        "end by itself at this time: 2026-11-22T14:00:00Z"},
    [DMP_OPT_GROUP] = {"group", "GROUP", 0, "a group of hosts"},
    [DMP_OPT_COMMENT] = {"comment", "TEXT", 0, "why, for others to read"},
    [DMP_OPT_HELP] = {"help", NULL, 'h', "show this help"},
};

enum { OPTIONS_BASE = 256, SUGGEST_WORD = 40, SUGGEST_NEAR = 2 };

static size_t
options_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits (insert, delete, replace, swap neighbours) from a to b. */
static size_t
suggest_distance(const char *a, const char *b)
{
	size_t d[SUGGEST_WORD + 1][SUGGEST_WORD + 1];
	size_t n = strlen(a);
	size_t m = strlen(b);

	if (n > SUGGEST_WORD || m > SUGGEST_WORD)
		return SUGGEST_WORD;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			size_t same = a[i - 1] == b[j - 1] ? 0 : 1;

			d[i][j] = options_min(options_min(d[i - 1][j], d[i][j - 1]) + 1,
			    d[i - 1][j - 1] + same);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = options_min(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[n][m];
}

const char *
dmp_cli_suggest(const char *word, const char *const *candidates, size_t n)
{
	const char *best = NULL;
	size_t best_distance = SUGGEST_NEAR + 1;

	for (size_t i = 0; i < n; i++) {
		size_t distance = suggest_distance(word, candidates[i]);

		/* Not everything: a word of two letters is near to many. */
		if (distance < best_distance &&
		    distance < strlen(candidates[i]) / 2 + 1) {
			best = candidates[i];
			best_distance = distance;
		}
	}
	return best;
}

bool
dmp_cli_duration(const char *text, int64_t *ret_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {
	    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	size_t digits = strspn(text, "0123456789");
	char number[16];
	uint64_t value;

	if (digits == 0 || digits >= sizeof(number))
		return false;
	dmp_text_copy(number, digits + 1, text);
	if (!dmp_text_number(number, 0, 100000000, &value))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(text + digits, units[i].unit) == 0) {
			*ret_ms = (int64_t)value * units[i].ms;
			return true;
		}
	}
	return false;
}

/* Fill getopt's two descriptions of the allowed options. */
static void
options_describe(
    uint32_t allowed, struct option *ret_long, char ret_short[2 * DMP_OPTIONS + 2])
{
	size_t n = 0;
	size_t s = 0;

	ret_short[s++] = ':';
	for (int id = 0; id < DMP_OPTIONS; id++) {
		const struct options_line *line = &options_table[id];

		if (!(allowed & 1u << id))
			continue;
		ret_long[n++] = (struct option){.name = line->name,
		    .has_arg = line->argument ? required_argument : no_argument,
		    .val = OPTIONS_BASE + id};
		if (line->letter) {
			ret_short[s++] = line->letter;
			if (line->argument)
				ret_short[s++] = ':';
		}
	}
	ret_long[n] = (struct option){.name = NULL};
	ret_short[s] = '\0';
}

/* The option behind what getopt_long returned, -1 for none. */
static int
options_id(int value)
{
	if (value >= OPTIONS_BASE && value < OPTIONS_BASE + DMP_OPTIONS)
		return value - OPTIONS_BASE;
	for (int id = 0; id < DMP_OPTIONS; id++) {
		if (options_table[id].letter && options_table[id].letter == value)
			return id;
	}
	return -1;
}

static void
options_explain_unknown(const char *word, uint32_t allowed, struct dmp_text *error)
{
	const char *names[DMP_OPTIONS];
	size_t n = 0;
	const char *suggestion = NULL;
	char printable[64];
	char name[64];

	for (int id = 0; id < DMP_OPTIONS; id++) {
		if (allowed & 1u << id)
			names[n++] = options_table[id].name;
	}
	dmp_text_printable(printable, sizeof(printable), word, strlen(word));
	if (strncmp(word, "--", 2) == 0) {
		dmp_text_copy(name, sizeof(name), word + 2);
		name[strcspn(name, "=")] = '\0';
		suggestion = dmp_cli_suggest(name, names, n);
	}
	dmp_text_printf(error, "unknown or ambiguous option %s", printable);
	if (suggestion)
		dmp_text_printf(error, "; did you mean --%s?", suggestion);
}

enum dmp_status
dmp_options_parse(int argc, char **argv, uint32_t allowed,
    struct dmp_options *ret_options, struct dmp_text *error)
{
	struct option longs[DMP_OPTIONS + 1];
	char shorts[2 * DMP_OPTIONS + 2];
	struct dmp_options options = {.n_words = 0};
	int value;

	options_describe(allowed, longs, shorts);
	optind = 0; /* glibc: begin afresh */
	opterr = 0;
	for (;;) {
		int at = optind > 0 ? optind : 1;
		int id;

		value = getopt_long(argc, argv, shorts, longs, NULL);
		if (value == -1)
			break;
		id = value == '?' || value == ':' ? -1 : options_id(value);
		if (id >= 0) {
			options.value[id] = optarg ? optarg : "";
			continue;
		}
		id = options_id(optopt);
		if (value == ':' && id >= 0)
			dmp_text_printf(error, "--%s needs a value: --%s %s",
			    options_table[id].name, options_table[id].name,
			    options_table[id].argument);
		else if (id >= 0 && optopt >= OPTIONS_BASE)
			dmp_text_printf(
			    error, "--%s takes no value", options_table[id].name);
		else if (optopt > ' ' && optopt < 0x7f)
			dmp_text_printf(error, "unknown option -%c", optopt);
		else
			options_explain_unknown(
			    argv[optind > at ? optind - 1 : at], allowed, error);
		return DMP_EINVAL;
	}
	options.words = argv + optind;
	options.n_words = argc - optind;
	*ret_options = options;
	return DMP_OK;
}

void
dmp_options_help(uint32_t allowed, FILE *out)
{
	for (int id = 0; id < DMP_OPTIONS; id++) {
		const struct options_line *line = &options_table[id];
		char left[40];

		if (!(allowed & 1u << id))
			continue;
		dmp_text_format(left, sizeof(left), "%s%c%s --%s %s",
		    line->letter ? "-" : " ", line->letter ? line->letter : ' ',
		    line->letter ? "," : " ", line->name,
		    line->argument ? line->argument : "");
		(void)fprintf(out, "  %-27s %s\n", left, line->help);
	}
}
