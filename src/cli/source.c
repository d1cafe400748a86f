/* SPDX-License-Identifier: BSD-2-Clause */
/* source.c - from command line words to a plan. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "model/catalogue.h"

/* "dma,indexing" or "dma indexing" to a set. */
static bool
source_roles(struct dmp_cli *cli, const char *text, unsigned *ret_roles)
{
	unsigned roles = 0;

	while (*text) {
		size_t n = strcspn(text, ", ");
		unsigned role;
		char word[32];

		if (n > 0) {
			char known[DMP_ROLES_TEXT];

			dmp_text_copy(
			    word, n < sizeof(word) ? n + 1 : sizeof(word), text);
			if (!dmp_role_find(word, &role)) {
				dmp_roles_text(DMP_ROLE_ALL, known);
				dmp_cli_error(cli,
				    "--roles: got \"%s\", expected some of: %s", word,
				    known);
				return false;
			}
			roles |= role;
		}
		text += n;
		text += strspn(text, ", ");
	}
	if (!roles)
		dmp_cli_error(cli, "--roles: no role given");
	*ret_roles = roles;
	return roles != 0;
}

/* A plan for hosts that stand on the command line. */
static enum dmp_status
source_from_words(struct dmp_cli *cli, unsigned roles, struct dmp_plan **ret_plan,
    struct dmp_text *errors)
{
	struct dmp_catalogue *catalogue = NULL;
	struct dmp_site *site = NULL;
	enum dmp_status status;

	status = dmp_site_from_hosts((const char *const *)cli->options.words,
	    (size_t)cli->options.n_words, roles, cli->options.value[DMP_OPT_DATAMINER],
	    &site, errors);
	if (status != DMP_OK)
		return status;
	status = dmp_catalogue_load(
	    cli->options.value[DMP_OPT_CATALOGUE], &catalogue, errors);
	if (status == DMP_OK)
		status = dmp_plan_build(site, catalogue, ret_plan, errors);
	if (status != DMP_OK) {
		dmp_site_free(site);
		dmp_catalogue_free(catalogue);
	}
	return status;
}

/* --site, or the default file when there is one; NULL = the built-in site. */
static const char *
source_site_path(struct dmp_cli *cli)
{
	const char *path = cli->options.value[DMP_OPT_SITE];

	if (path)
		return path;
	if (access(DMP_DEFAULT_SITE, F_OK) == 0 || errno == EACCES)
		return DMP_DEFAULT_SITE;
	dmp_cli_error(cli,
	    "no %s and no host given: taking one DataMiner Agent on "
	    "127.0.0.1",
	    DMP_DEFAULT_SITE);
	return NULL;
}

static bool
source_options_agree(struct dmp_cli *cli)
{
	const char *const *value = cli->options.value;

	if (cli->options.n_words > 0 && value[DMP_OPT_SITE]) {
		dmp_cli_error(cli,
		    "give either --site or HOSTs; got --site %s and \"%s\"",
		    value[DMP_OPT_SITE], cli->options.words[0]);
		return false;
	}
	if (cli->options.n_words == 0 &&
	    (value[DMP_OPT_ROLES] || value[DMP_OPT_DATAMINER])) {
		dmp_cli_error(cli, "--roles and --dataminer describe HOSTs; give some, "
		                   "or write it in the site file");
		return false;
	}
	return true;
}

int
dmp_cli_plan(struct dmp_cli *cli, struct dmp_plan **ret_plan)
{
	struct dmp_text errors = {0};
	unsigned roles = DMP_ROLE_DMA;
	const char *text = cli->options.value[DMP_OPT_ROLES];
	enum dmp_status status;
	int code;

	if (!source_options_agree(cli) || (text && !source_roles(cli, text, &roles)))
		return DMP_EXIT_USAGE;
	if (cli->options.n_words > 0)
		status = source_from_words(cli, roles, ret_plan, &errors);
	else
		status = dmp_plan_load(source_site_path(cli),
		    cli->options.value[DMP_OPT_CATALOGUE], ret_plan, &errors);
	code = dmp_cli_loaded(cli, status, &errors);
	if (code == DMP_EXIT_FINE && !cli->options.value[DMP_OPT_QUIET])
		dmp_cli_error_lines(cli, dmp_text_get(&(*ret_plan)->site->notes));
	return code;
}

bool
dmp_cli_find_host(struct dmp_cli *cli, const struct dmp_plan *plan, size_t *ret_host)
{
	const char *name = cli->options.value[DMP_OPT_HOST];
	const char **names;
	const char *suggestion;
	size_t i;

	for (i = 0; name && i < plan->n_hosts; i++) {
		if (strcmp(plan->hosts[i].name, name) == 0)
			break;
	}
	if (!name || i < plan->n_hosts) {
		*ret_host = name ? i : plan->n_hosts;
		return true;
	}
	names = calloc(plan->n_hosts + 1, sizeof(*names));
	for (i = 0; names && i < plan->n_hosts; i++)
		names[i] = plan->hosts[i].name;
	suggestion = names ? dmp_cli_suggest(name, names, plan->n_hosts) : NULL;
	dmp_cli_error(cli, "--host: the site has no host \"%s\"%s%s%s", name,
	    suggestion ? "; did you mean " : "", suggestion ? suggestion : "",
	    suggestion ? "?" : "");
	free(names);
	return false;
}

int
dmp_cli_host_matrix(struct dmp_cli *cli, const char *hint, struct dmp_plan **ret_plan,
    size_t *ret_host, struct dmp_matrix **ret_matrix)
{
	enum dmp_status status;
	int code;

	if (!cli->options.value[DMP_OPT_HOST]) {
		dmp_cli_error(cli, "--host is needed: %s", hint);
		return DMP_EXIT_USAGE;
	}
	code = dmp_cli_plan(cli, ret_plan);
	if (code != DMP_EXIT_FINE)
		return code;
	if (!dmp_cli_find_host(cli, *ret_plan, ret_host))
		return DMP_EXIT_USAGE;
	status = dmp_matrix_build_host(*ret_plan, *ret_host, ret_matrix);
	return dmp_cli_printed(cli, status);
}
