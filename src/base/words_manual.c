/* SPDX-License-Identifier: BSD-2-Clause */
/* words_manual.c - a build tool: prints dmports-words(7) from the vocabulary. */
#include <stdio.h>

#include "base/vocab.h"

static const char HEAD[] =
    ".\\\" Made by words_manual from the vocabulary: edit that.\n"
    ".Dd November 22, 2026\n"
    ".Dt DMPORTS-WORDS 7\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm dmports-words\n"
    ".Nd the words that dmports uses in log, events, command line and MIB\n"
    ".Sh DESCRIPTION\n"
    "Every word has one number, the one in DATAMINER-PORTS-MIB.\n"
    "Numbers are never changed.\n";

static const char TAIL[] = ".Sh SEE ALSO\n"
                           ".Xr dmports 1 ,\n"
                           ".Xr dmports-site 5 ,\n"
                           ".Xr dmportsd 8\n";

/* What a vocabulary is called in the MIB and what it is about. */
static const struct {
	enum dmp_vocab vocab;
	const char *convention;
	const char *about;
} LISTS[] = {
    {DMP_VOCAB_STATE, "DmpState", "The state of a port."},
    {DMP_VOCAB_LEVEL, "DmpLevel", "How much a port is needed."},
    {DMP_VOCAB_SEVERITY, "DmpSeverity", "Perceived severity as in ITU-T X.733."},
    {DMP_VOCAB_ADMIN, "DmpAdminState", "What the administrator wants."},
    {DMP_VOCAB_EVENT, "DmpEventKind", "Notifications."},
};

static void
print_list(enum dmp_vocab vocab, const char *convention, const char *about)
{
	const char *label;
	int number;

	(void)printf(".Ss %s\n%s\n.Bl -tag -compact -width Ds\n", convention, about);
	for (unsigned i = 0; dmp_vocab_at(vocab, i, &number, &label); i++)
		(void)printf(".It Cm %s Pq %d\n", label, number);
	(void)printf(".El\n");
}

/* "sentence (SHORT CODE), who can mend it", as one sentence of the manual. */
static void
print_reasons(void)
{
	const char *label;
	int number;

	(void)printf(
	    ".Ss DmpReason\nWhy a port, a host or the daemon is as it is: what "
	    "it means, the short code, and who can mend it.\n"
	    ".Bl -tag -width Ds\n");
	for (unsigned i = 0; dmp_vocab_at(DMP_VOCAB_REASON, i, &number, &label); i++) {
		enum dmp_reason reason = (enum dmp_reason)number;

		(void)printf(".It Cm %s Pq %d\nMeaning: %s.\nCode: %s.\nCall: %s.\n",
		    label, number, dmp_reason_sentence(reason), dmp_reason_code(reason),
		    dmp_reason_owner(reason));
	}
	(void)printf(".El\n");
}

int
main(void)
{
	(void)fputs(HEAD, stdout);
	for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++)
		print_list(LISTS[i].vocab, LISTS[i].convention, LISTS[i].about);
	print_reasons();
	(void)fputs(TAIL, stdout);
	return fflush(stdout) != 0 || ferror(stdout);
}
