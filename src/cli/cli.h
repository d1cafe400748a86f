/* SPDX-License-Identifier: BSD-2-Clause */
/* cli.h - the frame of the dmports command: its sub-commands and what they share. */
#ifndef DMP_CLI_H
#define DMP_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/status.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"
#include "model/matrix.h"
#include "model/plan.h"

#define DMP_DEFAULT_SITE      "/etc/dmports/site.xml"
#define DMP_DEFAULT_RUN_DIR   "/run/dmports"
#define DMP_DEFAULT_STATE_DIR "/var/lib/dmports"
#define DMP_DEFAULT_AGENTX    "unix:/run/agentx/master"

/* Exit codes of every command, but with --format nagios (report.h). */
enum dmp_exit {
	DMP_EXIT_FINE = 0,
	DMP_EXIT_DOWN = 1,  /* a required port is down, a port is exposed, or (doctor)
	                       there is something to mend */
	DMP_EXIT_USAGE = 2, /* usage or configuration error */
	DMP_EXIT_UNREACHABLE = 3, /* no daemon, or no fresh word of it */
	DMP_EXIT_FAILED = 4 /* not permitted, nothing could be checked, not written */
};

/* What a sub-command works with. */
struct dmp_cli {
	FILE *out; /* data */
	FILE *err; /* messages and progress */
	const struct dmp_clock *clock;
	const char *command; /* for messages: "check" */
	struct dmp_options options;
	enum dmp_format format;
	enum dmp_colour_when colour_when;
	bool colour; /* of out */
};

struct dmp_command {
	const char *name;
	const char *summary;  /* for the list of commands */
	const char *usage;    /* without "dmports " */
	const char *examples; /* lines, each indented by two blanks */
	uint32_t options;     /* DMP_OPT() bits; HELP is always allowed */
	unsigned formats;     /* DMP_FORMAT_BIT()s, 0 = has no formats */
	int max_words;        /* -1 = any number */
	int (*run)(struct dmp_cli *cli);
};

/* All commands, ended by one without a name. */
const struct dmp_command *dmp_cli_commands(void);

/* Everything main() does.  Returns the exit status. */
int dmp_cli_main(int argc, char **argv, FILE *out, FILE *err);

/* "dmports COMMAND: ..." on the error stream. */
void dmp_cli_error(struct dmp_cli *cli, const char *format, ...) DMP_PRINTF(2, 3);

/* The same for every line of a text. */
void dmp_cli_error_lines(struct dmp_cli *cli, const char *lines);

/* The value of an option, or fallback. */
const char *dmp_cli_value(
    const struct dmp_cli *cli, enum dmp_option_id id, const char *fallback);

/* The value of --run-dir. */
const char *dmp_cli_run_dir(const struct dmp_cli *cli);

/* The lines of errors, or what the status means when there are none; frees errors.
 * FINE, or the exit code of a configuration that cannot be used. */
int dmp_cli_loaded(
    struct dmp_cli *cli, enum dmp_status status, struct dmp_text *errors);

/* A writer for cli->format, with colour and width as the output stream is. */
enum dmp_status dmp_cli_writer(struct dmp_cli *cli, const struct dmp_column *columns,
    size_t n_columns, struct dmp_writer **ret_writer) DMP_CHECK_RESULT;

/* FINE, or FAILED after telling why the output could not be made.  Of output that could
 * not be written dmp_cli_main() tells. */
int dmp_cli_printed(struct dmp_cli *cli, enum dmp_status status);

/* The plan that the options ask for: --site, or the words as hosts (with --roles and
 * --dataminer), or the default site file when there is one, or the built-in site.
 * DMP_EXIT_FINE and *ret_plan, or the exit code after telling why. */
int dmp_cli_plan(struct dmp_cli *cli, struct dmp_plan **ret_plan);

/* The host of --host, n_hosts without one; false after telling that there is none. */
bool dmp_cli_find_host(
    struct dmp_cli *cli, const struct dmp_plan *plan, size_t *ret_host);

/* The plan, the host of --host, which must be given (hint: why), and the matrix.
 * DMP_EXIT_FINE, or the exit code after telling why; the caller frees plan and matrix
 * in any case. */
int dmp_cli_host_matrix(struct dmp_cli *cli, const char *hint,
    struct dmp_plan **ret_plan, size_t *ret_host, struct dmp_matrix **ret_matrix);

/* The sub-commands. */
int dmp_cli_check(struct dmp_cli *cli);
int dmp_cli_plan_command(struct dmp_cli *cli);
int dmp_cli_explain(struct dmp_cli *cli);
int dmp_cli_status(struct dmp_cli *cli);
int dmp_cli_watch(struct dmp_cli *cli);
int dmp_cli_events(struct dmp_cli *cli);
int dmp_cli_report(struct dmp_cli *cli);
int dmp_cli_config(struct dmp_cli *cli);
int dmp_cli_mib(struct dmp_cli *cli);
int dmp_cli_doctor(struct dmp_cli *cli);
int dmp_cli_import(struct dmp_cli *cli);
int dmp_cli_firewall(struct dmp_cli *cli);
int dmp_cli_listen(struct dmp_cli *cli);
int dmp_cli_trap(struct dmp_cli *cli);
int dmp_cli_maintenance(struct dmp_cli *cli);
int dmp_cli_probe(struct dmp_cli *cli);
int dmp_cli_resend(struct dmp_cli *cli);
int dmp_cli_diff(struct dmp_cli *cli);
int dmp_cli_help(struct dmp_cli *cli);

/* Print the help of one command, or of all (NULL). */
void dmp_cli_print_help(const struct dmp_command *command, FILE *out);

/* The command of this name, or NULL after telling what was probably meant. */
const struct dmp_command *dmp_cli_find_command(struct dmp_cli *cli, const char *name);

#endif
