/* SPDX-License-Identifier: BSD-2-Clause */
/* catalogue_table.c - a build tool: prints the catalogue as a table of README.md. */
#include <stdio.h>

#include "base/port.h"
#include "model/catalogue.h"
#include "model/catalogue_words.h"

/* A cell may not have the character that ends it. */
static void
print_cell(const struct dmp_text *text)
{
	for (const char *p = dmp_text_get(text); *p; p++)
		(void)printf("%s%c", *p == '|' ? "\\" : "", *p);
	(void)fputs(" |", stdout);
}

static void
print_row(const struct dmp_catalogue *catalogue, const struct dmp_entry *entry)
{
	struct dmp_text condition = {0};
	struct dmp_text probe = {0};
	char port[DMP_PORT_TEXT];
	char from[DMP_ROLES_TEXT];
	char to[DMP_ROLES_TEXT];

	dmp_roles_text(entry->from, from);
	dmp_roles_text(entry->to, to);
	dmp_port_text(entry->transport, entry->port, port);
	dmp_catalogue_condition_words(catalogue, entry, &condition);
	if (entry->level != DMP_LEVEL_FORBIDDEN && entry->since[0])
		dmp_text_printf(&condition, "; from %s", entry->since);
	if (entry->level != DMP_LEVEL_FORBIDDEN && entry->until[0])
		dmp_text_printf(&condition, "; before %s", entry->until);
	dmp_catalogue_probe_words(entry, &probe);
	(void)printf("| %u | `%s` %s | %s | ", (unsigned)entry->number, entry->key,
	    entry->level == DMP_LEVEL_FORBIDDEN ? "(should be closed)" : entry->title,
	    port);
	(void)printf("%s to %s | %s | ", from[0] ? from : "anybody", to,
	    dmp_vocab_text(DMP_VOCAB_LEVEL, (int)entry->level));
	print_cell(&condition);
	(void)fputc(' ', stdout);
	print_cell(&probe);
	(void)fputc('\n', stdout);
	dmp_text_done(&condition);
	dmp_text_done(&probe);
}

int
main(void)
{
	struct dmp_catalogue *catalogue = NULL;

	if (dmp_catalogue_builtin(&catalogue, NULL) != DMP_OK)
		return 1;
	(void)fputs("| | requirement | port | who to whom | level | when | asked by |\n"
	            "|---|---|---|---|---|---|---|\n",
	    stdout);
	for (size_t i = 0; i < catalogue->n_entries; i++)
		print_row(catalogue, &catalogue->entries[i]);
	dmp_catalogue_free(catalogue);
	return fflush(stdout) != 0 || ferror(stdout);
}
