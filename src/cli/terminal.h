/* SPDX-License-Identifier: BSD-2-Clause */
/* terminal.h - what is special when a person looks: colour, width, keys. */
#ifndef DMP_TERMINAL_H
#define DMP_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "base/vocab.h"

enum dmp_colour {
	DMP_COLOUR_NONE = 0,
	DMP_COLOUR_GREEN,
	DMP_COLOUR_YELLOW,
	DMP_COLOUR_RED,
	DMP_COLOUR_DIM,
	DMP_COLOUR_BOLD
};

enum dmp_colour_when { DMP_COLOUR_AUTO = 0, DMP_COLOUR_ALWAYS, DMP_COLOUR_NEVER };

/* "auto", "always", "never"; false for anything else. */
bool dmp_terminal_colour_find(const char *word, enum dmp_colour_when *ret_when);

/* Shall what goes to out be coloured?  auto: a terminal that is not "dumb", and
 * NO_COLOR unset or empty. */
bool dmp_terminal_colour(enum dmp_colour_when when, FILE *out);

/* The sequence that begins a colour; NONE ends it.  Static strings. */
const char *dmp_terminal_code(enum dmp_colour colour);

bool dmp_terminal_is(FILE *out);

/* Columns and lines of the terminal behind out; COLUMNS and LINES win. 0 = no terminal.
 */
unsigned dmp_terminal_width(FILE *out);
unsigned dmp_terminal_height(FILE *out);

/* The colour for a port: its severity, green for a state that is fine. */
enum dmp_colour dmp_terminal_severity_colour(
    enum dmp_state state, enum dmp_severity severity);

/* Block SIGINT, SIGTERM and SIGWINCH and get them from a descriptor instead, so that a
 * loop can leave the terminal and its output whole.  -1: errno tells. */
int dmp_terminal_signals(void);

/* Wait for at most timeout_ms, for signals_fd (asked to stop: false) or other_fd (-1 =
 * none) to be readable.  A resized window ends the wait, too. */
bool dmp_terminal_wait(int signals_fd, int other_fd, int64_t timeout_ms);

#endif
