/* SPDX-License-Identifier: BSD-2-Clause */
/* help.c - the table of commands, and the help made from it. */
#include "cli/cli.h"

#define HELP_STYLE (DMP_OPT(FORMAT) | DMP_OPT(COLOR))
#define HELP_PLAN  (DMP_OPT(SITE) | DMP_OPT(CATALOGUE))

static const struct dmp_command help_commands[] = {
    {
        .name = "check",
        .summary = "check every port once, from here and now, without a daemon",
        .usage = "check [--site FILE | HOST...] [OPTION...]",
        .examples = "  dmports check --site site.xml\n"
                    "  dmports check dma1.example.org --dataminer \"10.3.0 [CU3]\"\n"
                    "  dmports check 192.0.2.21 192.0.2.22 --roles cassandra\n"
                    "  dmports check --site site.xml --format nagios\n",
        .options = HELP_STYLE | HELP_PLAN | DMP_OPT(ROLES) | DMP_OPT(DATAMINER) |
                   DMP_OPT(QUIET),
        .formats =
            DMP_FORMAT_ROWS | DMP_FORMAT_BIT(NAGIOS) | DMP_FORMAT_BIT(PROMETHEUS),
        .max_words = -1,
        .run = dmp_cli_check,
    },
    {
        .name = "plan",
        .summary = "show which ports are needed here, and why",
        .usage = "plan [--site FILE | HOST...] [OPTION...]",
        .examples = "  dmports plan --site site.xml\n"
                    "  dmports plan --site site.xml --host dma1 --all\n"
                    "  dmports plan dma1 --dataminer 10.5.10 --format csv\n",
        .options = HELP_STYLE | HELP_PLAN | DMP_OPT(ROLES) | DMP_OPT(DATAMINER) |
                   DMP_OPT(HOST) | DMP_OPT(ALL),
        .formats = DMP_FORMAT_ROWS,
        .max_words = -1,
        .run = dmp_cli_plan_command,
    },
    {
        .name = "explain",
        .summary = "tell everything about a requirement or a port",
        .usage = "explain REQUIREMENT|PORT[/TRANSPORT]|--all [--site FILE] [OPTION...]",
        .examples = "  dmports explain nats-route\n"
                    "  dmports explain 9090/tcp --site site.xml\n"
                    "  dmports explain 443 --format json\n"
                    "  dmports explain --all --format csv > requirements.csv\n",
        .options = HELP_STYLE | HELP_PLAN | DMP_OPT(ALL),
        .formats = DMP_FORMAT_ROWS,
        .max_words = 1,
        .run = dmp_cli_explain,
    },
    {
        .name = "firewall",
        .summary = "print the firewall rules that a host needs, or audit those it has",
        .usage = "firewall --site FILE --host HOST [OPTION...]",
        .examples =
            "  dmports firewall --site site.xml --host dma1 --format windows\n"
            "  dmports firewall --site site.xml --host db1 --format nftables --also "
            "22/tcp\n"
            "  dmports firewall --site site.xml --host dma1 --outbound --format csv\n"
            "  ss -lntu | dmports firewall --site site.xml --host db1 --audit -\n"
            "On Windows this writes rules.csv, to be audited:\n"
            "  Get-NetFirewallRule -Enabled True -Direction Inbound -Action Allow | "
            "ForEach-Object {\n"
            "    $p = $_ | Get-NetFirewallPortFilter; $a = $_ | "
            "Get-NetFirewallAddressFilter\n"
            "    [pscustomobject]@{DisplayName=$_.DisplayName; "
            "Protocol=$p.Protocol;\n"
            "      LocalPort=$p.LocalPort -join ' '; RemoteAddress=$a.RemoteAddress "
            "-join ' '}\n"
            "  } | Export-Csv -NoTypeInformation rules.csv\n",
        .options = HELP_STYLE | HELP_PLAN | DMP_OPT(HOST) | DMP_OPT(OUTBOUND) |
                   DMP_OPT(OPTIONAL) | DMP_OPT(ALSO) | DMP_OPT(AUDIT) | DMP_OPT(QUIET),
        .formats = DMP_FORMAT_ROWS | DMP_FORMAT_BIT(WINDOWS) | DMP_FORMAT_BIT(NFTABLES),
        .run = dmp_cli_firewall,
    },
    {
        .name = "listen",
        .summary = "stand in for the services of a host, to prove the network path",
        .usage = "listen --site FILE --host HOST [OPTION...]",
        .examples = "  dmports listen --site site.xml --host dma1\n"
                    "  dmports listen --site site.xml --host db1 --any --for 10m "
                    "--format csv\n"
                    "On the other side:\n"
                    "  dmports check --site site.xml\n",
        .options = HELP_STYLE | HELP_PLAN | DMP_OPT(HOST) | DMP_OPT(ANY) |
                   DMP_OPT(FOR) | DMP_OPT(QUIET),
        .formats = DMP_FORMAT_ROWS,
        .run = dmp_cli_listen,
    },
    {
        .name = "import",
        .summary = "make a site file of copies of DataMiner's own folders",
        .usage = "import DIR...",
        .examples = "  dmports import \"dma1/Skyline DataMiner\" > site.xml\n"
                    "  dmports import dma1 dma2 192.0.2.31 > site.xml\n",
        .max_words = -1,
        .run = dmp_cli_import,
    },
    {
        .name = "status",
        .summary = "show what the daemon knows about every port",
        .usage = "status [OPTION...]",
        .examples = "  dmports status\n"
                    "  dmports status --format json\n"
                    "  dmports status --format nagios\n",
        .options = HELP_STYLE | DMP_OPT(RUN_DIR) | DMP_OPT(QUIET),
        .formats =
            DMP_FORMAT_ROWS | DMP_FORMAT_BIT(NAGIOS) | DMP_FORMAT_BIT(PROMETHEUS),
        .run = dmp_cli_status,
    },
    {
        .name = "watch",
        .summary = "the same, live, the worst first",
        .usage = "watch [OPTION...]",
        .examples = "  dmports watch\n"
                    "  dmports watch --interval 5s | tee ports.log\n",
        .options =
            DMP_OPT(COLOR) | DMP_OPT(RUN_DIR) | DMP_OPT(INTERVAL) | DMP_OPT(COUNT),
        .run = dmp_cli_watch,
    },
    {
        .name = "events",
        .summary = "show what has changed, and follow it",
        .usage = "events [OPTION...]",
        .examples = "  dmports events --since 2h\n"
                    "  dmports events --since 2026-11-22T14:00:00Z --format csv\n"
                    "  dmports events --follow --format json\n",
        .options = HELP_STYLE | DMP_OPT(SINCE) | DMP_OPT(FOLLOW) | DMP_OPT(ALL) |
                   DMP_OPT(STATE_DIR) | DMP_OPT(RUN_DIR),
        .formats = DMP_FORMAT_ROWS,
        .run = dmp_cli_events,
    },
    {
        .name = "diff",
        .summary = "show what is different from what was at a time",
        .usage = "diff --since TIME [OPTION...]",
        .examples = "  dmports diff --since 2h\n"
                    "  dmports diff --since 2026-11-22T14:00:00Z --format json\n",
        .options = HELP_STYLE | DMP_OPT(SINCE) | DMP_OPT(STATE_DIR) | DMP_OPT(QUIET),
        .formats = DMP_FORMAT_ROWS,
        .run = dmp_cli_diff,
    },
    {
        .name = "maintenance",
        .summary = "say what is not to be judged, until when and why",
        .usage = "maintenance [list]\n"
                 "       dmports maintenance set|disable|enable|clear\n"
                 "               KEY | HOST | --group GROUP | --all [OPTION...]",
        .examples = "  dmports maintenance set dma1 --for 2h --comment patching\n"
                    "  dmports maintenance set dma1/https --until "
                    "2026-11-22T14:00:00Z\n"
                    "  dmports maintenance disable --group rack1\n"
                    "  dmports maintenance clear dma1\n"
                    "  dmports maintenance list --format json\n",
        .options = HELP_STYLE | DMP_OPT(GROUP) | DMP_OPT(ALL) | DMP_OPT(UNTIL) |
                   DMP_OPT(FOR) | DMP_OPT(COMMENT) | DMP_OPT(RUN_DIR) |
                   DMP_OPT(STATE_DIR),
        .formats = DMP_FORMAT_ROWS,
        .max_words = 2,
        .run = dmp_cli_maintenance,
    },
    {
        .name = "probe",
        .summary = "let the daemon check a port now, or all of them",
        .usage = "probe [KEY]",
        .examples = "  dmports probe dma1/https\n",
        .options = DMP_OPT(RUN_DIR),
        .max_words = -1,
        .run = dmp_cli_probe,
    },
    {
        .name = "resend",
        .summary = "let the daemon notify all problems once more",
        .usage = "resend [OPTION...]",
        .examples = "  dmports resend\n",
        .options = DMP_OPT(RUN_DIR) | DMP_OPT(QUIET),
        .run = dmp_cli_resend,
    },
    {
        .name = "trap",
        .summary = "show who gets the notifications, or send each a test",
        .usage = "trap test | trap status [--receiver NAME] [OPTION...]",
        .examples = "  dmports trap test\n"
                    "  dmports trap test --receiver noc\n"
                    "  dmports trap status --format json\n",
        .options = HELP_STYLE | DMP_OPT(RECEIVER) | DMP_OPT(RUN_DIR),
        .formats = DMP_FORMAT_ROWS,
        .max_words = 1,
        .run = dmp_cli_trap,
    },
    {
        .name = "report",
        .summary = "write a page of HTML about all ports and what has happened",
        .usage = "report [NAME=FILE...] [OPTION...]",
        .examples =
            "  dmports report > report.html\n"
            "  dmports report --since 7d > report.html\n"
            "With what another machine sees (dmports status --format json there):\n"
            "  dmports report berlin=berlin.json > report.html\n",
        .options = DMP_OPT(SINCE) | DMP_OPT(RUN_DIR) | DMP_OPT(STATE_DIR),
        .max_words = -1,
        .run = dmp_cli_report,
    },
    {
        .name = "config",
        .summary = "check a site file, or print its XML schema",
        .usage = "config check FILE | config schema",
        .examples = "  dmports config check /etc/dmports/site.xml\n"
                    "  dmports config schema > dmports-site.xsd\n",
        .options = DMP_OPT(CATALOGUE),
        .max_words = 2,
        .run = dmp_cli_config,
    },
    {
        .name = "mib",
        .summary = "print the MIB module, at another root if wanted",
        .usage = "mib [--root-oid OID]",
        .examples = "  dmports mib > DATAMINER-PORTS-MIB.txt\n"
                    "  dmports mib --root-oid 1.3.6.1.4.1.99999.1\n",
        .options = DMP_OPT(ROOT_OID),
        .run = dmp_cli_mib,
    },
    {
        .name = "doctor",
        .summary = "find out why something does not work, and how to mend it",
        .usage = "doctor [OPTION...]",
        .examples = "  dmports doctor\n"
                    "  dmports doctor --format json\n",
        .options = HELP_STYLE | HELP_PLAN | DMP_OPT(RUN_DIR) | DMP_OPT(STATE_DIR) |
                   DMP_OPT(AGENTX) | DMP_OPT(SNMPD_CONF) | DMP_OPT(ROOT_OID),
        .formats = DMP_FORMAT_ROWS,
        .run = dmp_cli_doctor,
    },
    {
        .name = "help",
        .summary = "show this help, or that of a command",
        .usage = "help [COMMAND]",
        .examples = "  dmports help check\n",
        .max_words = 1,
        .run = dmp_cli_help,
    },
    {.name = NULL},
};

const struct dmp_command *
dmp_cli_commands(void)
{
	return help_commands;
}

static void
help_all(FILE *out)
{
	(void)fputs("dmports - are the ports of a DataMiner System reachable?\n\n"
	            "Examples:\n"
	            "  dmports check dma1.example.org\n"
	            "  dmports plan --site site.xml\n"
	            "  dmports status\n\n"
	            "Commands:\n",
	    out);
	for (const struct dmp_command *c = help_commands; c->name; c++)
		(void)fprintf(out, "  %-11s %s\n", c->name, c->summary);
	(void)fputs("\nUsage: dmports COMMAND [OPTION...], dmports --version\n"
	            "\"dmports COMMAND --help\" tells more; see also dmports(1).\n",
	    out);
}

void
dmp_cli_print_help(const struct dmp_command *command, FILE *out)
{
	const char *separator = "";

	if (!command) {
		help_all(out);
		return;
	}
	(void)fprintf(out, "%s.\n\nExamples:\n%s\nUsage: dmports %s\n\nOptions:\n",
	    command->summary, command->examples, command->usage);
	dmp_options_help(command->options | DMP_OPT(HELP), out);
	if (command->formats) {
		(void)fputs("\nFormats: ", out);
		for (int i = 0; i < DMP_FORMATS; i++) {
			if (!(command->formats & 1u << i))
				continue;
			(void)fprintf(out, "%s%s", separator,
			    dmp_format_word((enum dmp_format)i));
			separator = ", ";
		}
		(void)fputc('\n', out);
	}
	(void)fputs("\nExit status: 0 fine; 1 a required port is down, a port is "
	            "exposed, or something is to be mended;\n"
	            "2 usage or configuration; 3 no daemon; 4 not permitted, nothing "
	            "checked, or not written.\n",
	    out);
}

int
dmp_cli_help(struct dmp_cli *cli)
{
	const struct dmp_command *command = NULL;

	if (cli->options.n_words > 0) {
		command = dmp_cli_find_command(cli, cli->options.words[0]);
		if (!command)
			return DMP_EXIT_USAGE;
	}
	dmp_cli_print_help(command, cli->out);
	return DMP_EXIT_FINE;
}
