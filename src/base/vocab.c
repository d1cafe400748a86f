/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/vocab.h"

#include <stddef.h>
#include <string.h>

struct member {
	int number;
	const char *label;
};

#define MEMBER(name, ...)             MEMBER_OF(__VA_ARGS__, 0)
#define MEMBER_OF(number, label, ...) {number, label},

static const struct member STATES[] = {DMP_STATE_TABLE(MEMBER)};
static const struct member LEVELS[] = {DMP_LEVEL_TABLE(MEMBER)};
static const struct member TRANSPORTS[] = {DMP_TRANSPORT_TABLE(MEMBER)};
static const struct member SEVERITIES[] = {DMP_SEVERITY_TABLE(MEMBER)};
static const struct member ADMINS[] = {DMP_ADMIN_TABLE(MEMBER)};
static const struct member SUPPRESSIONS[] = {DMP_SUPPRESSED_TABLE(MEMBER)};
static const struct member APPLIES[] = {DMP_APPLIES_TABLE(MEMBER)};
static const struct member PROBES[] = {DMP_PROBE_TABLE(MEMBER)};
static const struct member EVENTS[] = {DMP_EVENT_TABLE(MEMBER)};
static const struct member REASONS[] = {DMP_REASON_TABLE(MEMBER)};

#define LIST(members)                                                                  \
	{                                                                              \
		members, sizeof members / sizeof members[0]                            \
	}

static const struct {
	const struct member *members;
	size_t n;
} VOCABULARY[DMP_VOCAB_COUNT] = {
    [DMP_VOCAB_STATE] = LIST(STATES),
    [DMP_VOCAB_LEVEL] = LIST(LEVELS),
    [DMP_VOCAB_TRANSPORT] = LIST(TRANSPORTS),
    [DMP_VOCAB_SEVERITY] = LIST(SEVERITIES),
    [DMP_VOCAB_ADMIN] = LIST(ADMINS),
    [DMP_VOCAB_SUPPRESSED] = LIST(SUPPRESSIONS),
    [DMP_VOCAB_APPLIES] = LIST(APPLIES),
    [DMP_VOCAB_PROBE] = LIST(PROBES),
    [DMP_VOCAB_EVENT] = LIST(EVENTS),
    [DMP_VOCAB_REASON] = LIST(REASONS),
};

const char *
dmp_vocab_text(enum dmp_vocab vocab, int number)
{
	for (size_t i = 0; i < VOCABULARY[vocab].n; i++) {
		if (VOCABULARY[vocab].members[i].number == number)
			return VOCABULARY[vocab].members[i].label;
	}
	return "unknown";
}

bool
dmp_vocab_find(enum dmp_vocab vocab, const char *label, int *ret_number)
{
	for (size_t i = 0; i < VOCABULARY[vocab].n; i++) {
		if (strcmp(VOCABULARY[vocab].members[i].label, label) == 0) {
			*ret_number = VOCABULARY[vocab].members[i].number;
			return true;
		}
	}
	return false;
}

bool
dmp_vocab_at(enum dmp_vocab vocab, unsigned i, int *ret_number, const char **ret_label)
{
	if (i >= VOCABULARY[vocab].n)
		return false;
	*ret_number = VOCABULARY[vocab].members[i].number;
	*ret_label = VOCABULARY[vocab].members[i].label;
	return true;
}

bool
dmp_probe_is_datagram(enum dmp_probe_kind kind)
{
	return kind == DMP_PROBE_SNMP || kind == DMP_PROBE_SNMP_TRAP ||
	       kind == DMP_PROBE_NTP;
}

int
dmp_severity_rank(enum dmp_severity severity)
{
#define RANK(name, number, label, rank) [number] = rank,
	static const int RANKS[] = {DMP_SEVERITY_TABLE(RANK)};
	size_t i = (size_t)severity;

	return i < sizeof RANKS / sizeof RANKS[0] ? RANKS[i] : 0;
}

struct reason_row {
	enum dmp_outcome outcome;
	const char *code;
	const char *sentence;
	const char *owner;
};

#define REASON_ROW(name, number, label, code, outcome, sentence, owner)                \
	[number] = {DMP_OUTCOME_##outcome, code, sentence, owner},

/* Out of range answers as NONE, so that no caller meets a NULL. */
static const struct reason_row *
reason_row(enum dmp_reason reason)
{
	static const struct reason_row ROWS[] = {DMP_REASON_TABLE(REASON_ROW)};
	size_t i = (size_t)reason;

	if (i >= sizeof ROWS / sizeof ROWS[0] || !ROWS[i].code)
		i = DMP_REASON_NONE;
	return &ROWS[i];
}

enum dmp_outcome
dmp_reason_outcome(enum dmp_reason reason)
{
	return reason_row(reason)->outcome;
}

const char *
dmp_reason_code(enum dmp_reason reason)
{
	return reason_row(reason)->code;
}

const char *
dmp_reason_sentence(enum dmp_reason reason)
{
	return reason_row(reason)->sentence;
}

const char *
dmp_reason_owner(enum dmp_reason reason)
{
	return reason_row(reason)->owner;
}

struct event_row {
	bool raises;
	unsigned clears;
};

#define EVENT_ROW(name, number, label, raises, clears) [number] = {raises, clears},

static struct event_row
event_row(enum dmp_event_type type)
{
	static const struct event_row ROWS[] = {DMP_EVENT_TABLE(EVENT_ROW)};
	size_t i = (size_t)type;

	if (i >= sizeof ROWS / sizeof ROWS[0])
		return (struct event_row){false, 0};
	return ROWS[i];
}

bool
dmp_event_raises(enum dmp_event_type type)
{
	return event_row(type).raises;
}

bool
dmp_event_clears(enum dmp_event_type type, enum dmp_event_type other)
{
	return (unsigned)other < 32 && (event_row(type).clears >> (unsigned)other & 1u);
}
