/* SPDX-License-Identifier: BSD-2-Clause */
/* mib.c - dmports mib: the MIB module for managers. */
#include "cli/cli.h"
#include "cli/mib_root.h"
#include "mib/mib_text.h"

int
dmp_cli_mib(struct dmp_cli *cli)
{
	const char *root = dmp_cli_value(cli, DMP_OPT_ROOT_OID, DMP_DEFAULT_ROOT);
	struct dmp_text text = {0};
	uint32_t oid[DMP_ROOT_OID_MAX];
	enum dmp_status status;
	size_t len;

	if (!dmp_mib_oid_parse(root, oid, &len)) {
		dmp_cli_error(cli,
		    "--root-oid: got \"%s\", expected 2 to %d numbers such as "
		    "1.3.6.1.4.1.99999.1, none but the first 0",
		    root, DMP_ROOT_OID_MAX);
		return DMP_EXIT_USAGE;
	}
	status = dmp_mib_root_replace(dmp_mib_text, oid, len, &text);
	if (status == DMP_OK)
		(void)fputs(dmp_text_get(&text), cli->out);
	dmp_text_done(&text);
	return dmp_cli_printed(cli, status);
}
