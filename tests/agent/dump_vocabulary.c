/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dump_vocabulary.c - print as JSON what the code believes that the MIB says, for
 * tests/style/mib_check.py, which compares it with the text.
 */
#include <stdio.h>

#include "engine/board.h"
#include "model/catalogue.h"
#include "subagent/mib_column.h"

static const struct {
	enum dmp_vocab vocab;
	const char *name; /* of the textual convention or object */
} VOCABULARIES[] = {
    {DMP_VOCAB_STATE, "DmpState"},
    {DMP_VOCAB_LEVEL, "DmpLevel"},
    {DMP_VOCAB_TRANSPORT, "DmpTransport"},
    {DMP_VOCAB_SEVERITY, "DmpSeverity"},
    {DMP_VOCAB_ADMIN, "DmpAdminState"},
    {DMP_VOCAB_SUPPRESSED, "dmpPortSuppressedBy"},
    {DMP_VOCAB_APPLIES, "dmpRequirementApplies"},
    {DMP_VOCAB_EVENT, "DmpEventKind"},
    {DMP_VOCAB_REASON, "DmpReason"},
};

/* Enumerations that have constants but no vocabulary. */
static const struct {
	const char *name;
	const char *label;
	int number;
} CONSTANTS[] = {
    {"dmpConfigStatus", "ok", DMP_CONFIG_OK},
    {"dmpConfigStatus", "rejected", DMP_CONFIG_REJECTED},
    {"dmpEngineState", "running", DMP_ENGINE_RUNNING},
    {"dmpEngineState", "stalled", DMP_ENGINE_STALLED},
    {"dmpEngineState", "stopped", DMP_ENGINE_STOPPED},
    {"dmpRequirementOpenedByInstaller", "yes", DMP_OPENED_YES},
    {"dmpRequirementOpenedByInstaller", "no", DMP_OPENED_NO},
    {"dmpRequirementOpenedByInstaller", "unknown", DMP_OPENED_UNKNOWN},
    {"dmpReceiverKind", "agentx", DMP_RECEIVER_AGENTX},
    {"dmpReceiverKind", "trap", DMP_RECEIVER_TRAP},
    {"dmpReceiverKind", "inform", DMP_RECEIVER_INFORM},
};

static const char *
type_text(enum dmpd_type type)
{
	switch (type) {
	case DMPD_INTEGER:
		return "INTEGER";
	case DMPD_OCTETS:
		return "OCTETS";
	case DMPD_COUNTER:
		return "COUNTER";
	case DMPD_UNSIGNED:
		return "UNSIGNED";
	}
	return "?";
}

/* [name, label, number] */
static void
dump_members(void)
{
	const char *comma = "";

	printf("\"members\": [");
	for (size_t v = 0; v < sizeof VOCABULARIES / sizeof *VOCABULARIES; v++) {
		const char *label;
		int number;

		for (unsigned i = 0;
		     dmp_vocab_at(VOCABULARIES[v].vocab, i, &number, &label); i++) {
			printf("%s\n[\"%s\", \"%s\", %d]", comma, VOCABULARIES[v].name,
			    label, number);
			comma = ",";
		}
	}
	for (size_t i = 0; i < sizeof CONSTANTS / sizeof *CONSTANTS; i++)
		printf("%s\n[\"%s\", \"%s\", %d]", comma, CONSTANTS[i].name,
		    CONSTANTS[i].label, CONSTANTS[i].number);
	printf("],\n");
}

/* [group, group number, is a table, name, column, type] */
static void
dump_columns(void)
{
	struct dmpd_column_info info;

	printf("\"columns\": [");
	for (size_t i = 0; dmpd_mib_column(i, &info); i++)
		printf("%s\n[\"%s\", %u, %s, \"%s\", %u, \"%s\"]", i > 0 ? "," : "",
		    info.group, info.group_id, info.is_table ? "true" : "false",
		    info.name, info.column, type_text(info.type));
	printf("],\n");
}

/* Name to greatest length, of the texts that are fields. */
static void
dump_sizes(void)
{
	const char *comma = "";

	printf("\"sizes\": {");
	for (size_t g = 0; g < dmpd_groups_n; g++) {
		for (size_t i = 0; i < dmpd_groups[g]->n_columns; i++) {
			const struct dmpd_column *column = &dmpd_groups[g]->columns[i];

			if (column->get != dmpd_get_text)
				continue;
			printf(
			    "%s\n\"%s\": %zu", comma, column->name, column->size - 1);
			comma = ",";
		}
	}
	printf("},\n");
}

int
main(void)
{
	printf("{");
	dump_members();
	dump_columns();
	dump_sizes();
	printf("\"varbinds\": %d}\n", DMPD_EVENT_VARBINDS);
	return 0;
}
