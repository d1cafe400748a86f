/* SPDX-License-Identifier: BSD-2-Clause */
#include "subagent/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "model/plan.h"

#define DEFAULT_SITE      "/etc/dmports/site.xml"
#define DEFAULT_STATE_DIR "/var/lib/dmports"
#define DEFAULT_RUN_DIR   "/run/dmports"

enum { EXIT_USAGE = 2 };

static const char USAGE[] =
    "Usage: dmportsd [-c FILE] [-f] [--check] [--agentx ADDR | --standalone ADDR]\n"
    "                [--state-dir DIR] [--run-dir DIR]\n"
    "\n"
    "Examples:\n"
    "  dmportsd --check -c site.xml           validate a site file and stop\n"
    "  dmportsd -f -c site.xml                run in the foreground, below snmpd\n"
    "  dmportsd -f -c site.xml --agentx unix:/run/agentx/master\n"
    "  dmportsd -f -c site.xml --standalone udp:127.0.0.1:1161   without snmpd\n"
    "\n"
    "Options:\n"
    "  -c, --config FILE     site file (default " DEFAULT_SITE
    "; without one: a single\n"
    "                        DataMiner Agent on 127.0.0.1)\n"
    "  -f, --foreground      stay in the foreground, log to stderr\n"
    "      --check           validate the site file, print what is wrong, exit 0 or 2\n"
    "      --agentx ADDR     AgentX master (default: the site file, else\n"
    "                        unix:/run/agentx/master)\n"
    "      --standalone ADDR be an SNMP agent of its own; communities and users from\n"
    "                        dmportsd.conf beside the site file, else public on "
    "loopback\n"
    "      --catalogue FILE  another catalogue than the built-in one\n"
    "      --state-dir DIR   events and indices (default " DEFAULT_STATE_DIR ")\n"
    "      --run-dir DIR     board and control socket (default " DEFAULT_RUN_DIR ")\n"
    "  -v, --verbose         log details\n"
    "      --help, --version\n"
    "\n"
    "Signals: HUP reloads the site file (a bad one changes nothing), TERM stops.\n";

enum option_code {
	OPT_CHECK = 256,
	OPT_AGENTX,
	OPT_STANDALONE,
	OPT_CATALOGUE,
	OPT_STATE_DIR,
	OPT_RUN_DIR,
	OPT_PROCESS, /* internal, see daemon.h */
	OPT_LIFELINE,
	OPT_HELP,
	OPT_VERSION
};

static const struct option OPTIONS[] = {
    {"config", required_argument, NULL, 'c'},
    {"foreground", no_argument, NULL, 'f'},
    {"verbose", no_argument, NULL, 'v'},
    {"check", no_argument, NULL, OPT_CHECK},
    {"agentx", required_argument, NULL, OPT_AGENTX},
    {"standalone", required_argument, NULL, OPT_STANDALONE},
    {"catalogue", required_argument, NULL, OPT_CATALOGUE},
    {"state-dir", required_argument, NULL, OPT_STATE_DIR},
    {"run-dir", required_argument, NULL, OPT_RUN_DIR},
    {"process", required_argument, NULL, OPT_PROCESS},
    {"lifeline", required_argument, NULL, OPT_LIFELINE},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static bool
daemon_parse_process(const char *name, enum dmpd_process *ret_process)
{
	static const char *const NAMES[] = {[DMPD_ENGINE] = "engine",
	    [DMPD_AGENT] = "agent",
	    [DMPD_NOTIFIER] = "notifier"};

	for (size_t i = DMPD_ENGINE; i < sizeof NAMES / sizeof NAMES[0]; i++) {
		if (strcmp(NAMES[i], name) == 0) {
			*ret_process = (enum dmpd_process)i;
			return true;
		}
	}
	return false;
}

/* One option; false when it is not understood. */
static bool
daemon_take_option(struct dmpd_options *o, int code, const char *value)
{
	uint64_t number;

	switch (code) {
	case 'c':
		o->site = value;
		return true;
	case 'f':
		o->foreground = true;
		return true;
	case 'v':
		o->log_level = DMP_LOG_DEBUG;
		return true;
	case OPT_CHECK:
		o->check_only = true;
		return true;
	case OPT_AGENTX:
		o->agentx = value;
		return true;
	case OPT_STANDALONE:
		o->standalone = value;
		return true;
	case OPT_CATALOGUE:
		o->catalogue = value;
		return true;
	case OPT_STATE_DIR:
		o->state_dir = value;
		return true;
	case OPT_RUN_DIR:
		o->run_dir = value;
		return true;
	case OPT_PROCESS:
		return daemon_parse_process(value, &o->process);
	case OPT_LIFELINE:
		if (!dmp_text_number(value, 3, 1 << 20, &number))
			return false;
		o->lifeline = (int)number;
		return true;
	default:
		return false;
	}
}

/* Validate, say everything that is wrong, exit 0 or 2. */
static int
daemon_check(const struct dmpd_options *o)
{
	struct dmp_plan *plan = NULL;
	struct dmp_text errors = {0};
	enum dmp_status status = dmp_plan_load(o->site, o->catalogue, &plan, &errors);

	if (status == DMP_OK) {
		(void)fputs(dmp_text_get(&plan->site->notes), stderr);
		(void)printf("%s: fine: %zu host%s, %zu port%s\n",
		    o->site ? o->site : "built-in site", plan->n_hosts,
		    plan->n_hosts == 1 ? "" : "s", plan->n_ports,
		    plan->n_ports == 1 ? "" : "s");
	} else {
		(void)fputs(dmp_text_get(&errors), stderr);
		if (errors.size == 0)
			(void)fprintf(
			    stderr, "dmportsd: %s\n", dmp_status_text(status));
	}
	dmp_plan_free(plan);
	dmp_text_done(&errors);
	return status == DMP_OK ? 0 : EXIT_USAGE;
}

static bool
daemon_make_dir(const char *option, const char *path)
{
	if (mkdir(path, 0750) == 0 || errno == EEXIST) {
		if (access(path, W_OK | X_OK) == 0)
			return true;
	}
	(void)fprintf(stderr,
	    "dmportsd: %s: %s: make it writable for this user, or give another one "
	    "with "
	    "%s\n",
	    path, strerror(errno), option);
	return false;
}

/* Children inherit 0, 1, 2: none of them may be a socket that was opened by chance. */
static bool
daemon_open_standard_files(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	return fd >= 0 && close(fd) == 0;
}

static int
daemon_run(const struct dmpd_options *o)
{
	switch (o->process) {
	case DMPD_ENGINE:
		return dmpd_engine_main(o);
	case DMPD_AGENT:
		return dmpd_agent_main(o);
	case DMPD_NOTIFIER:
		return dmpd_notifier_main(o);
	case DMPD_SUPERVISOR:
		break;
	}
	if (!daemon_make_dir("--state-dir", o->state_dir) ||
	    !daemon_make_dir("--run-dir", o->run_dir))
		return EXIT_USAGE;
	return dmpd_supervisor_main(o);
}

int
dmpd_main(int argc, char **argv)
{
	struct dmpd_options o = {
	    .state_dir = DEFAULT_STATE_DIR,
	    .run_dir = DEFAULT_RUN_DIR,
	    .lifeline = -1,
	    .log_level = DMP_LOG_INFO,
	    .program = argv[0],
	};
	int code;

	if (!daemon_open_standard_files())
		return EXIT_FAILURE;
	while ((code = getopt_long(argc, argv, "c:fv", OPTIONS, NULL)) != -1) {
		if (code == OPT_HELP || code == OPT_VERSION) {
			(void)fputs(
			    code == OPT_HELP ? USAGE : "dmportsd " DMP_VERSION "\n",
			    stdout);
			return fflush(stdout) == 0 ? 0 : EXIT_FAILURE;
		}
		if (!daemon_take_option(&o, code, optarg)) {
			(void)fputs("dmportsd: try 'dmportsd --help'\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc || (o.agentx && o.standalone)) {
		(void)fprintf(stderr, "dmportsd: %s; try 'dmportsd --help'\n",
		    optind < argc ? "arguments are given by options"
		                  : "--agentx and --standalone exclude each other");
		return EXIT_USAGE;
	}
	if (!o.site && access(DEFAULT_SITE, F_OK) == 0)
		o.site = DEFAULT_SITE;
	dmp_log_setup(
	    getenv("JOURNAL_STREAM") ? DMP_LOG_JOURNAL : DMP_LOG_PLAIN, o.log_level);
	return o.check_only ? daemon_check(&o) : daemon_run(&o);
}
