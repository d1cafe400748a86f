/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_box.h - a whole engine in one process: its loop, event log and board in
 * directories of its own, a wall clock that tests move, and ports on the loopback. */
#ifndef DMP_TEST_ENGINE_BOX_H
#define DMP_TEST_ENGINE_BOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/board.h"
#include "engine/engine.h"
#include "support/eventlog_box.h"

enum { ENGINE_BOX_PATIENCE_MS = 60000 };

struct engine_box {
	struct box *log;
	struct event_base *base;
	struct dmp_resolver *resolver;
	struct dmp_engine *engine;
	struct dmp_board_reader *board;
	struct dmp_clock clock;
	int64_t wall_step_ms; /* what the wall clock is off */
	const char *dns;      /* servers for the resolver, NULL = the system's */
	struct dmp_clock dns_clock;
	int64_t dns_step_ms; /* what the resolver's clock is ahead: names grow old */
	uint32_t released;   /* as the engine told last */
	bool failing;
	unsigned changes; /* state changes told, and the last of them */
	char changed_key[DMP_KEY_TEXT];
	enum dmp_state changed_to;
};

/* For cmocka: *state is a struct engine_box *; nothing runs yet. */
int engine_box_setup(void **state);
int engine_box_teardown(void **state);

/* Open the log and make the engine; end both.  What is stored stays. */
void engine_box_start(struct engine_box *box);
void engine_box_stop(struct engine_box *box);

/* A plan for what stands inside of <site>, ready to apply. */
struct dmp_engine_setup *engine_box_prepare(
    struct engine_box *box, const struct dmp_text *content);

/* Prepare and apply, which must succeed.  Done with content. */
void engine_box_apply(struct engine_box *box, struct dmp_text *content);

/* Let the loop run for so long, or until something happens. */
void engine_box_run(struct engine_box *box, uint32_t ms);
void engine_box_turn(struct engine_box *box);
int64_t engine_box_now_ms(void);

/* Turn the loop until the condition holds; a limit fails the test. */
#define ENGINE_BOX_WAIT(box, condition)                                                \
	for (int64_t wait_end_ms = engine_box_now_ms() + ENGINE_BOX_PATIENCE_MS;       \
	     !(condition);) {                                                          \
		if (engine_box_now_ms() > wait_end_ms)                                 \
			fail_msg("in vain: %s", #condition);                           \
		engine_box_turn(box);                                                  \
	}

/* What the board shows now; the port must be there. */
struct dmp_board_port_live engine_box_port(struct engine_box *box, const char *key);
struct dmp_board_system_live engine_box_system(struct engine_box *box);
uint32_t engine_box_index(struct engine_box *box, const char *key);
bool engine_box_has_port(struct engine_box *box, const char *key);

/* Stored events of this type for this key; NULL: for any key. */
size_t engine_box_events(
    const struct engine_box *box, enum dmp_event_type type, const char *key);

/* The last of them, which must exist. */
struct dmp_event engine_box_event(
    const struct engine_box *box, enum dmp_event_type type, const char *key);

/* A policy with this interval; or write it yourself.  Connections are completed, so
 * that a listener can count them. */
void engine_box_policy(struct dmp_text *content, const char *interval);

/* One host with one port: the requirement is named after key, a letter ('a' ...).
 * attributes go to the <port> element. */
void engine_box_service(struct dmp_text *content, char key, const char *address,
    uint16_t port, const char *attributes);

/* A listening socket on 127.0.0.1; port 0 = any.  The caller closes it. */
int engine_box_listen(uint16_t port, uint16_t *ret_port);

/* Connections made to it so far, since the last question. */
unsigned engine_box_accept(int listener);

/* A listener that answers no SYN: its queue is full.  Closes with its fillers. */
struct engine_box_stuck {
	int fds[4];
	size_t n;
	uint16_t port;
};
struct engine_box_stuck engine_box_stuck_open(void);
void engine_box_stuck_close(struct engine_box_stuck *stuck);

/* Attempts of this process on a port that wait for an answer, and the local port of the
 * last one. */
unsigned engine_box_waiting(uint16_t port, uint16_t *ret_local);

#endif
