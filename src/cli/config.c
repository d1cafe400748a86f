/* SPDX-License-Identifier: BSD-2-Clause */
/* config.c - dmports config: is a site file right, and what may stand in one. */
#include <string.h>

#include "cli/cli.h"

static int
config_schema(struct dmp_cli *cli)
{
	struct dmp_text xsd = {0};
	enum dmp_status status;

	dmp_site_print_xsd(&xsd);
	status = xsd.status;
	if (status == DMP_OK)
		(void)fputs(dmp_text_get(&xsd), cli->out);
	dmp_text_done(&xsd);
	return dmp_cli_printed(cli, status);
}

static int
config_check(struct dmp_cli *cli, const char *path)
{
	struct dmp_text errors = {0};
	struct dmp_plan *plan = NULL;
	enum dmp_status status;

	status =
	    dmp_plan_load(path, cli->options.value[DMP_OPT_CATALOGUE], &plan, &errors);
	if (status == DMP_OK) {
		(void)fprintf(cli->out,
		    "%s: fine: %zu host%s, %zu port%s to check as seen from %s\n", path,
		    plan->n_hosts, plan->n_hosts == 1 ? "" : "s", plan->n_ports,
		    plan->n_ports == 1 ? "" : "s", plan->vantage);
		(void)fputs(dmp_text_get(&plan->site->notes), cli->out);
		dmp_plan_free(plan);
	}
	return dmp_cli_loaded(cli, status, &errors);
}

int
dmp_cli_config(struct dmp_cli *cli)
{
	static const char *const verbs[] = {"check", "schema"};
	const char *verb = cli->options.n_words > 0 ? cli->options.words[0] : "";
	const char *suggestion;

	if (strcmp(verb, "schema") == 0 && cli->options.n_words == 1)
		return config_schema(cli);
	if (strcmp(verb, "check") == 0 && cli->options.n_words == 2)
		return config_check(cli, cli->options.words[1]);
	suggestion = dmp_cli_suggest(verb, verbs, 2);
	if (suggestion && strcmp(suggestion, verb) != 0)
		dmp_cli_error(cli, "did you mean \"config %s\"?", suggestion);
	else
		dmp_cli_error(
		    cli, "expected \"config check FILE\" or \"config schema\"");
	return DMP_EXIT_USAGE;
}
