/* SPDX-License-Identifier: BSD-2-Clause */
/* dmports import: copies of DataMiner's own folders become a site file. */
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/import_folder.h"
#include "model/importer.h"

static const char *
import_reason(enum dmp_status status)
{
	switch (status) {
	case DMP_EINVAL:
		return "a symbolic link, or no regular file: it was not read";
	case DMP_ETOOBIG:
		return "the file is too large, at most 1 MiB";
	case DMP_EPERM:
		return "it may not be read";
	default:
		return "it could not be read";
	}
}

/* Passwords stand in there. */
static void
import_forget(char *data, size_t size)
{
	volatile char *p = data;

	for (size_t i = 0; i < size; i++)
		p[i] = '\0';
	free(data);
}

static enum dmp_status
import_place(struct dmp_import *import, const struct dmp_import_copy *copy,
    const struct dmp_import_place *place)
{
	char *data = NULL;
	size_t size = 0;
	enum dmp_status status = dmp_import_copy_read(copy, place, &data, &size);

	if (status == DMP_ENOENT)
		return DMP_OK;
	if (status == DMP_ENOMEM)
		return status;
	if (status != DMP_OK) {
		dmp_import_missed(import, place->kind, import_reason(status));
		return DMP_OK;
	}
	status = dmp_import_file(import, place->kind, data, size);
	import_forget(data, size);
	return status;
}

/* One folder of the command line.  DMP_EXIT_FINE, or the exit code after telling why.
 */
static int
import_folder(struct dmp_cli *cli, struct dmp_import *import, const char *path)
{
	struct dmp_import_copy copy;
	struct dmp_text error = {0};
	const struct dmp_import_place *places;
	enum dmp_status status;
	size_t n;

	status = dmp_import_copy_open(path, &copy, &error);
	if (status != DMP_OK) {
		dmp_cli_error(cli, "%s", dmp_text_get(&error));
		dmp_text_done(&error);
		return status == DMP_EPERM ? DMP_EXIT_FAILED : DMP_EXIT_USAGE;
	}
	status = dmp_import_folder(import, copy.label);
	if (status == DMP_ETOOBIG)
		dmp_cli_error(cli, "too many folders, at most %d", DMP_IMPORT_FOLDERS);
	places = dmp_import_places(&n);
	for (size_t i = 0; i < n && status == DMP_OK; i++)
		status = import_place(import, &copy, &places[i]);
	dmp_import_copy_close(&copy);
	if (status == DMP_ENOMEM)
		dmp_cli_error(cli, "%s", dmp_status_text(status));
	if (status == DMP_ETOOBIG)
		return DMP_EXIT_USAGE;
	return status == DMP_OK ? DMP_EXIT_FINE : DMP_EXIT_FAILED;
}

static int
import_print(struct dmp_cli *cli, struct dmp_import *import)
{
	struct dmp_import_findings *findings = NULL;
	struct dmp_text out = {0};
	struct dmp_text notes = {0};
	enum dmp_status status = dmp_import_merge(import, &findings, &notes);
	int code = DMP_EXIT_FAILED;

	if (status == DMP_OK) {
		dmp_import_print(findings, &out);
		status = out.status;
		dmp_cli_error_lines(cli, dmp_text_get(&findings->notes));
	} else {
		dmp_cli_error_lines(cli, dmp_text_get(&notes));
	}
	if (status == DMP_OK) {
		(void)fputs(dmp_text_get(&out), cli->out);
		code = findings->n_problems > 0 ? DMP_EXIT_DOWN : DMP_EXIT_FINE;
	} else if (status == DMP_ENOENT) {
		dmp_cli_error(cli, "no machine has an address: there is no site");
		code = DMP_EXIT_USAGE;
	} else {
		dmp_cli_error(cli, "%s", dmp_status_text(status));
	}
	dmp_import_findings_free(findings);
	dmp_text_done(&out);
	dmp_text_done(&notes);
	return code;
}

int
dmp_cli_import(struct dmp_cli *cli)
{
	struct dmp_import *import = dmp_import_new();
	int code = DMP_EXIT_FINE;

	if (!import) {
		dmp_cli_error(cli, "%s", dmp_status_text(DMP_ENOMEM));
		return DMP_EXIT_FAILED;
	}
	if (cli->options.n_words == 0) {
		dmp_cli_error(cli,
		    "expected a copy of \"C:\\Skyline DataMiner\", one for each Agent "
		    "(see: dmports import --help)");
		code = DMP_EXIT_USAGE;
	}
	for (int i = 0; i < cli->options.n_words && code == DMP_EXIT_FINE; i++)
		code = import_folder(cli, import, cli->options.words[i]);
	if (code == DMP_EXIT_FINE)
		code = import_print(cli, import);
	dmp_import_free(import);
	return code;
}
