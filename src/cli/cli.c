/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "model/catalogue.h"

void
dmp_cli_error(struct dmp_cli *cli, const char *format, ...)
{
	struct dmp_text line = {0};
	char message[1024];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	dmp_text_printf(&line, "dmports%s%s: %s\n", *cli->command ? " " : "",
	    cli->command, message);
	(void)fputs(dmp_text_get(&line), cli->err);
	dmp_text_done(&line);
}

void
dmp_cli_error_lines(struct dmp_cli *cli, const char *lines)
{
	while (*lines) {
		size_t n = strcspn(lines, "\n");
		char line[1024];

		dmp_text_printable(line, sizeof(line), lines, n);
		if (*line)
			(void)fprintf(cli->err, "%s\n", line);
		lines += n;
		lines += *lines == '\n';
	}
}

const char *
dmp_cli_value(const struct dmp_cli *cli, enum dmp_option_id id, const char *fallback)
{
	return cli->options.value[id] ? cli->options.value[id] : fallback;
}

const char *
dmp_cli_run_dir(const struct dmp_cli *cli)
{
	return dmp_cli_value(cli, DMP_OPT_RUN_DIR, DMP_DEFAULT_RUN_DIR);
}

int
dmp_cli_loaded(struct dmp_cli *cli, enum dmp_status status, struct dmp_text *errors)
{
	dmp_cli_error_lines(cli, dmp_text_get(errors));
	if (status != DMP_OK && errors->size == 0)
		dmp_cli_error(cli, "%s", dmp_status_text(status));
	dmp_text_done(errors);
	if (status == DMP_EPERM)
		return DMP_EXIT_FAILED;
	return status == DMP_OK ? DMP_EXIT_FINE : DMP_EXIT_USAGE;
}

enum dmp_status
dmp_cli_writer(struct dmp_cli *cli, const struct dmp_column *columns, size_t n_columns,
    struct dmp_writer **ret_writer)
{
	struct dmp_writer_options options = {
	    .format = cli->format,
	    .colour = cli->colour,
	    .width = dmp_terminal_width(cli->out),
	};

	return dmp_writer_new(cli->out, &options, columns, n_columns, ret_writer);
}

int
dmp_cli_printed(struct dmp_cli *cli, enum dmp_status status)
{
	if (status != DMP_OK && status != DMP_EIO)
		dmp_cli_error(cli, "cannot print: %s", dmp_status_text(status));
	return status == DMP_OK ? DMP_EXIT_FINE : DMP_EXIT_FAILED;
}

const struct dmp_command *
dmp_cli_find_command(struct dmp_cli *cli, const char *name)
{
	const struct dmp_command *commands = dmp_cli_commands();
	const char *names[32];
	const char *suggestion;
	char printable[64];
	size_t n = 0;

	for (; commands[n].name && n < sizeof(names) / sizeof(names[0]); n++) {
		if (strcmp(name, commands[n].name) == 0)
			return &commands[n];
		names[n] = commands[n].name;
	}
	suggestion = dmp_cli_suggest(name, names, n);
	dmp_text_printable(printable, sizeof(printable), name, strlen(name));
	if (suggestion)
		dmp_cli_error(cli, "there is no command \"%s\"; did you mean \"%s\"?",
		    printable, suggestion);
	else
		dmp_cli_error(cli,
		    "there is no command \"%s\"; \"dmports help\" lists them all",
		    printable);
	return NULL;
}

/* --format and --color, and whether the command can print so. */
static bool
cli_take_style(struct dmp_cli *cli, const struct dmp_command *command)
{
	const char *format = cli->options.value[DMP_OPT_FORMAT];
	const char *colour = cli->options.value[DMP_OPT_COLOR];

	if (format && (!dmp_format_find(format, &cli->format) ||
	                  !(command->formats & 1u << cli->format))) {
		struct dmp_text words = {0};

		for (int i = 0; i < DMP_FORMATS; i++) {
			if (command->formats & 1u << i)
				dmp_text_printf(&words, "%s%s", words.size ? ", " : "",
				    dmp_format_word((enum dmp_format)i));
		}
		dmp_cli_error(cli, "--format: got \"%s\", expected one of %s", format,
		    dmp_text_get(&words));
		dmp_text_done(&words);
		return false;
	}
	if (colour && !dmp_terminal_colour_find(colour, &cli->colour_when)) {
		dmp_cli_error(
		    cli, "--color: got \"%s\", expected auto, always or never", colour);
		return false;
	}
	cli->colour = dmp_terminal_colour(cli->colour_when, cli->out);
	return true;
}

static int
cli_run(struct dmp_cli *cli, const struct dmp_command *command, int argc, char **argv)
{
	struct dmp_text error = {0};
	enum dmp_status status;

	cli->command = command->name;
	status = dmp_options_parse(
	    argc, argv, command->options | DMP_OPT(HELP), &cli->options, &error);
	if (status != DMP_OK) {
		dmp_cli_error(cli, "%s (see: dmports %s --help)", dmp_text_get(&error),
		    command->name);
		dmp_text_done(&error);
		return DMP_EXIT_USAGE;
	}
	if (cli->options.value[DMP_OPT_HELP]) {
		dmp_cli_print_help(command, cli->out);
		return DMP_EXIT_FINE;
	}
	if (command->max_words >= 0 && cli->options.n_words > command->max_words) {
		dmp_cli_error(cli, "unexpected word \"%s\" (see: dmports %s --help)",
		    cli->options.words[command->max_words], command->name);
		return DMP_EXIT_USAGE;
	}
	if (!cli_take_style(cli, command))
		return DMP_EXIT_USAGE;
	return command->run(cli);
}

static int
cli_version(struct dmp_cli *cli)
{
	struct dmp_catalogue *catalogue = NULL;
	struct dmp_text errors = {0};

	(void)fprintf(cli->out, "dmports %s", DMP_VERSION);
	if (dmp_catalogue_builtin(&catalogue, &errors) == DMP_OK)
		(void)fprintf(cli->out, " (catalogue %s, %zu requirements)",
		    catalogue->revision, catalogue->n_entries);
	(void)fputc('\n', cli->out);
	dmp_catalogue_free(catalogue);
	dmp_text_done(&errors);
	return DMP_EXIT_FINE;
}

static int
cli_dispatch(struct dmp_cli *cli, int argc, char **argv)
{
	const struct dmp_command *command;

	if (argc < 2) {
		dmp_cli_print_help(NULL, cli->err);
		return DMP_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		dmp_cli_print_help(NULL, cli->out);
		return DMP_EXIT_FINE;
	}
	if (strcmp(argv[1], "--version") == 0)
		return cli_version(cli);
	if (argv[1][0] == '-') {
		dmp_cli_error(cli,
		    "unknown option %s; a command comes first: dmports "
		    "COMMAND [OPTION...] (see: dmports --help)",
		    argv[1]);
		return DMP_EXIT_USAGE;
	}
	command = dmp_cli_find_command(cli, argv[1]);
	if (!command)
		return DMP_EXIT_USAGE;
	return cli_run(cli, command, argc - 1, argv + 1);
}

/* Is everything written?  The error of a write that failed earlier is lost by now: one
 * more write, of which nothing will be missed, gets it again.  0 or the errno. */
static int
cli_write_error(FILE *out)
{
	errno = 0;
	if (fflush(out) == 0 && !ferror(out))
		return 0;
	if (errno == 0) {
		clearerr(out);
		(void)fputc('\n', out);
		(void)fflush(out);
	}
	return errno ? errno : EIO;
}

int
dmp_cli_main(int argc, char **argv, FILE *out, FILE *err)
{
	struct dmp_cli cli = {
	    .out = out,
	    .err = err,
	    .clock = dmp_clock_system(),
	    .command = "",
	};
	int code = cli_dispatch(&cli, argc, argv);
	int error = cli_write_error(out);

	if (!error)
		return code;
	/* A reader that had enough (head, less) needs no message. */
	if (error != EPIPE)
		dmp_cli_error(&cli,
		    "cannot write the output: %s; what was printed is not complete",
		    strerror(error));
	return DMP_EXIT_FAILED;
}
