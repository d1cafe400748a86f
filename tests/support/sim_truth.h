/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sim_truth.h - what must hold of the notifications of a world of sim.h, whatever
 * happened in it.
 *
 * An account takes the notifications one by one, as an operator's list of alarms does,
 * and fails the test when one is not right.  When the world has been quiet for long
 * enough the list must say what is true: no more and no less.  The truth is taken from
 * the world, not from what the engine believes; which ports there are, and which of
 * them are judged, from the board.
 */
#ifndef DMP_TEST_SIM_TRUTH_H
#define DMP_TEST_SIM_TRUTH_H

#include "engine/problem.h"
#include "support/sim.h"

enum { SIM_RAISED_MAX = 256 };

struct sim_raised {
	char source[DMP_SOURCE_TEXT];
	char key[DMP_KEY_TEXT];
	enum dmp_event_type type;
	enum dmp_severity severity;
	enum dmp_state state;
};

struct sim_account {
	struct sim_raised raised[SIM_RAISED_MAX];
	size_t n;
	uint32_t sequence; /* of the last notification taken */
	bool verbose;      /* print what is taken */
};

/* Take what has come since.  Fails the test when there is a gap, when one raises what
 * is raised or clears what is not, is raised while isolated or while its host is down,
 * or does not know what was announced before. */
void sim_account_take(struct sim_account *account, struct sim *sim);

bool sim_account_has(
    const struct sim_account *account, const char *key, enum dmp_event_type type);

/* What is stored as announced is what the notifications say. */
void sim_account_is_stored(const struct sim_account *account, struct sim *sim);

/* What is announced is what is true.  The world must have been quiet for a few hours,
 * and the reference address, when the site has one, is that at which port 80 says so:
 * NULL = none. */
void sim_account_is_true(
    const struct sim_account *account, struct sim *sim, const char *reference);

#endif
