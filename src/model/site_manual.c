/* SPDX-License-Identifier: BSD-2-Clause */
/* site_manual.c - a build tool: prints dmports-site(5), its elements from the schema.
 */
#include <stdio.h>

#include "base/text.h"
#include "model/site.h"

static const char HEAD[] =
    ".\\\" Made by site_manual from the schema table: edit that.\n"
    ".Dd November 22, 2026\n"
    ".Dt DMPORTS-SITE 5\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm dmports-site\n"
    ".Nd one DataMiner System as dmports sees it\n"
    ".Sh DESCRIPTION\n"
    "The site file tells\n"
    ".Xr dmportsd 8\n"
    "and\n"
    ".Xr dmports 1\n"
    "the hosts of a DataMiner System, their roles and what the system uses.\n"
    "It is XML in the namespace urn:dmports:site:1.\n"
    "Unknown elements and attributes, document types and entities are errors.\n"
    "Validate it with\n"
    ".Ic dmports config check ;\n"
    "every error is reported with its file and line.\n"
    "File names are relative to the site file.\n"
    "Durations are numbers with ms, s, m, h or d.\n";

static const char TAIL[] =
    ".Sh FILES\n"
    ".Bl -tag -width Ds\n"
    ".It Pa /etc/dmports/site.xml\n"
    "The default site file.\n"
    ".El\n"
    ".Sh EXAMPLES\n"
    ".Bd -literal\n"
    "<site xmlns=\"urn:dmports:site:1\" name=\"North\">\n"
    "  <features inter-dma=\"remoting\" nats=\"legacy\"/>\n"
    "  <host name=\"dma1\" address=\"192.0.2.11\" roles=\"dma\"/>\n"
    "  <host name=\"db1\" address=\"192.0.2.31\" "
    "roles=\"cassandra\"/>\n"
    "</site>\n"
    ".Ed\n"
    ".Sh SEE ALSO\n"
    ".Xr dmports 1 ,\n"
    ".Xr dmportsd 8\n";

int
main(void)
{
	struct dmp_text page = {0};
	int failed;

	dmp_text_append(&page, HEAD);
	dmp_site_print_manual(&page);
	dmp_text_append(&page, TAIL);
	failed = page.status != DMP_OK || fputs(dmp_text_get(&page), stdout) < 0 ||
	         fflush(stdout) != 0;
	dmp_text_done(&page);
	return failed;
}
