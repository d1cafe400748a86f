/* SPDX-License-Identifier: BSD-2-Clause */
/* control_fixture.h - a control server in this thread's loop; tests turn the loop while
 * they wait for a reply. */
#ifndef DMP_TEST_CONTROL_FIXTURE_H
#define DMP_TEST_CONTROL_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/control.h"
#include "subagent/control_server.h"
#include "support/temp_dir.h"

struct event_base;

enum { PATIENCE_MS = 20000, BACKLOG_EVENTS = 10000 };

struct control_fixture {
	char dir[TEMP_DIR_TEXT];
	char path[TEMP_DIR_TEXT + sizeof DMP_CONTROL_SOCKET];
	struct event_base *base;
	struct dmpd_control_server *server;
	uint64_t later; /* client whose answer is put off */
	unsigned requests;
	char words[DMP_CONTROL_LINE];
	bool has_backlog;
};

/* Knows "echo WORDS", "long" (a text longer than a line) and "later" (put off). */
enum dmpd_control_reply control_handle(struct dmpd_control_server *server,
    uint64_t client, const char *verb, const char *words, struct dmp_text *answer,
    void *arg);

/* For cmocka: *state is a struct control_fixture. */
int control_setup(void **state);
int control_teardown(void **state);

/* An event with long texts. */
struct dmp_event control_event(uint32_t sequence);

void control_turn(struct control_fixture *f);
int64_t control_now_ms(void);

int control_dial(const struct control_fixture *f);
int control_dial_subscriber(struct control_fixture *f, const char *first_line);
void control_say_bytes(int fd, const char *data, size_t n);
void control_say(int fd, const char *data);

/* One line without its newline; false at the end of the stream. */
bool control_hear(struct control_fixture *f, int fd, char line[DMP_CONTROL_LINE]);
void control_assert_hears(struct control_fixture *f, int fd, const char *expected);

/* Nothing more comes; closes fd. */
void control_assert_end(struct control_fixture *f, int fd);

void control_wait_for_clients(struct control_fixture *f, size_t n);

/* Turn the loop until the server has handled more than so many requests. */
void control_wait_for_request(struct control_fixture *f, unsigned before);

#endif
