/* SPDX-License-Identifier: BSD-2-Clause */
/* resend.c - dmports probe and dmports resend: the daemon does something now. */
#include <string.h>

#include "cli/daemon.h"

int
dmp_cli_probe(struct dmp_cli *cli)
{
	struct dmp_text request = {0};
	struct dmp_text answer = {0};
	int code = DMP_EXIT_USAGE;

	if (cli->options.n_words > 1)
		dmp_cli_error(cli, "one port at a time, or none for all of them");
	else {
		dmp_text_append(&request, "probe");
		if (cli->options.n_words == 1)
			dmp_text_printf(&request, " %s", cli->options.words[0]);
		code = dmp_cli_request(cli, dmp_text_get(&request), &answer);
	}
	dmp_text_done(&request);
	dmp_text_done(&answer);
	return code;
}

int
dmp_cli_resend(struct dmp_cli *cli)
{
	struct dmp_text answer = {0};
	int code = dmp_cli_request(cli, "resend", &answer);
	const char *n = dmp_text_get(&answer);

	n += strspn(n, " ");
	if (code == DMP_EXIT_FINE && !cli->options.value[DMP_OPT_QUIET])
		(void)fprintf(cli->err, "%s problem%s repeated\n", n,
		    strcmp(n, "1") == 0 ? "" : "s");
	dmp_text_done(&answer);
	return code;
}
