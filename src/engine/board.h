/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * board.h - the published state of the world: shared memory, one writer, many readers.
 *
 * How it works.  RUN/board.N is a posix_fallocated file, filled under a temporary name,
 * renamed into place and never truncated.  Each engine start and each reload makes a
 * new one (N grows); the former is marked retired and unlinked, readers that still map
 * it see the mark and remap.  The writer holds a lock (OFD) on the file: a reader that
 * finds it free knows that the engine has stopped, however it died.
 *
 * A section is an array of rows.  The plan half of a row never changes within a file.
 * The live half is a struct copied as relaxed atomic 64-bit words under a sequence
 * count (odd while being written).  Before the writer locks a row it saves the row's
 * former words in the one undo slot of the board; a reader that meets a locked row
 * takes them from there.  So a writer killed in the middle of a row, or put to sleep
 * there, costs readers neither time nor the row: they serve what it was before.  (One
 * slot per board is enough, because there is one writer; two slots per row would cost
 * 700 bytes per row, private copies in readers the same once per process.)
 *
 * Files are hostile until proven ours: see board_reader.c.
 *
 * Stamps are CLOCK_MONOTONIC milliseconds (one clock for all processes of a machine;
 * they can be negative: before boot), so that readers show ages; wall times are for
 * display.
 */
#ifndef DMP_BOARD_H
#define DMP_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/vocab.h"
#include "model/plan.h"
#include "probe/probe.h"

enum dmp_board_section {
	DMP_BOARD_SYSTEM = 0, /* one row */
	DMP_BOARD_REQUIREMENT,
	DMP_BOARD_HOST,
	DMP_BOARD_PORT,
	DMP_BOARD_RECEIVER,
	DMP_BOARD_SECTIONS
};

/* --- plan halves.  Fixed width, no pointers, no holes that leak memory (zeroed). ---
 */

struct dmp_board_system {
	char software_version[32];
	char site_name[DMP_NAME_TEXT];
	char dataminer[DMP_VERSION_TEXT];
	char vantage[DMP_NAME_TEXT];
	char catalogue_revision[DMP_VERSION_TEXT];
	char source[DMP_NAME_TEXT]; /* site/vantage, as in notifications */
	int64_t start_wall_ms;
	uint32_t epoch;
	uint32_t heartbeat_ms; /* notify heartbeat, 0 = none */
	uint32_t reminder_ms;
	uint8_t writable; /* SNMP SET allowed */
	char agentx[128]; /* address of the AgentX master */
	char context[64]; /* SNMP context, "" = default */
	uint32_t root_oid_len;
	uint32_t root_oid[DMP_ROOT_OID_MAX];
};

struct dmp_board_requirement {
	uint32_t index;
	uint32_t from;
	uint32_t to;
	uint16_t number;
	uint8_t transport;
	uint8_t level;
	uint8_t applies;
	uint8_t opened;
	uint32_t planned;
	char key[DMP_REQ_KEY_TEXT];
	char title[64];
	char protocol[DMP_SERVICE_TEXT];
	char why[DMP_WHY_TEXT];
	char since[64];
	char until[64];
	char reference[DMP_WHY_TEXT];
};

struct dmp_board_host {
	uint32_t index;
	uint32_t required_ports;
	char name[DMP_NAME_TEXT];
	char roles[DMP_ROLES_TEXT];
};

struct dmp_board_port {
	uint32_t index;
	uint32_t host_index;
	uint32_t requirement_index;
	uint32_t host_row;
	uint32_t requirement_row;
	uint16_t number;
	uint8_t transport;
	uint8_t level;
	char key[DMP_KEY_TEXT];
	char host_name[DMP_NAME_TEXT];
	char service[DMP_SERVICE_TEXT];
	char why[DMP_WHY_TEXT];
};

#define DMP_TARGET_TEXT  256  /* an IP address or a DNS name */
#define DMP_FILE_TEXT    1024 /* the name of a file */
#define DMP_USER_TEXT    33
#define DMP_PROTO_TEXT   8
#define DMP_ENGINE_TEXT  72 /* "0x" and 32 bytes, with room */
#define DMP_TROUBLE_TEXT 128

/* What is secret stays in the files that are named here. */
struct dmp_board_receiver {
	uint32_t index;
	uint8_t kind;    /* enum dmp_receiver_type */
	uint8_t version; /* 2 or 3 */
	uint8_t filtered;
	uint8_t min_rank;
	uint8_t kinds; /* dmp_event_kinds(), 0 = all */
	uint8_t agent_address;
	uint16_t port;
	char name[DMP_NAME_TEXT];
	char address[DMP_TARGET_TEXT];
	char source[DMP_ADDRESS_TEXT]; /* the local address, "" = any */
	char community_file[DMP_FILE_TEXT];
	char user[DMP_USER_TEXT];
	char auth[DMP_PROTO_TEXT]; /* "" = none */
	char auth_file[DMP_FILE_TEXT];
	char priv[DMP_PROTO_TEXT];
	char priv_file[DMP_FILE_TEXT];
	char engine_id[DMP_ENGINE_TEXT]; /* "" = to be discovered */
};

/* --- live halves --- */

enum { DMP_CONFIG_OK = 1, DMP_CONFIG_REJECTED = 2 };

/* System: configuration status and the summary. */
struct dmp_board_system_live {
	int64_t config_wall_ms;
	int64_t change_ms; /* of the newest state change, INT64_MIN = none yet */
	uint32_t config_status;
	uint32_t status; /* 0 ok, 1 warning, 2 critical */
	uint32_t required_ports;
	uint32_t required_up;
	uint32_t required_down;
	uint32_t degraded;
	uint32_t exposed;
	uint32_t unknown;
	uint32_t unverified;
	uint32_t maintenance;
	uint32_t down_hosts;
	uint32_t worst_rank;
	uint32_t last_event;
	uint32_t oldest_event;
	uint32_t checks;
	uint32_t inconclusive;
	uint32_t log_failing; /* events cannot be stored now */
	char config_message[256];
};

struct dmp_board_requirement_live {
	uint32_t down;
};

struct dmp_board_host_live {
	int64_t change_ms;      /* INT64_MIN = never changed */
	int64_t admin_until_ms; /* wall, 0 = none */
	uint32_t required_down;
	uint8_t state;
	uint8_t severity;
	uint8_t admin;
	uint8_t admin_origin; /* enum dmp_admin_origin: who says so */
	char address[DMP_ADDRESS_TEXT];
	char detail[DMP_DETAIL_TEXT];
	char admin_comment[64];
};

struct dmp_board_port_live {
	int64_t change_ms;      /* stamp of the last state change, INT64_MIN = none */
	int64_t change_wall_ms; /* the same, wall clock, 0 = none */
	int64_t check_ms;       /* stamp of the last finished check, INT64_MIN = none */
	int64_t admin_until_ms; /* wall, 0 = none */
	uint32_t latency_us;    /* 0 = none */
	uint32_t latency_p95_us;
	uint32_t availability[3]; /* day, week, month: 1/1000 %, UINT32_MAX = none */
	uint32_t checks;
	uint32_t failures;
	uint32_t transitions;
	uint32_t last_event;
	int32_t tls_days_left; /* INT32_MAX = none */
	uint8_t state;
	uint8_t reason;
	uint8_t severity;
	uint8_t suppressed;
	uint8_t admin;
	uint8_t admin_origin; /* enum dmp_admin_origin: who says so */
	char address[DMP_ADDRESS_TEXT];
	char detail[DMP_DETAIL_TEXT];
	char identity[DMP_IDENTITY_TEXT];
	char tls_subject[DMP_SUBJECT_TEXT];
	char admin_comment[64];
};

enum dmp_receiver_test {
	DMP_TEST_NONE = 0,
	DMP_TEST_WAITING,
	DMP_TEST_ACKNOWLEDGED,
	DMP_TEST_HANDED_OVER, /* nobody acknowledges it */
	DMP_TEST_FAILED
};

/* On the boards of the processes that serve receivers, in these directories below RUN:
 * those have rows of this section only. */
#define DMP_BOARD_AGENT    "agent"
#define DMP_BOARD_NOTIFIER "notifier"
struct dmp_board_receiver_live {
	int64_t acknowledged_ms; /* INT64_MIN = never */
	uint64_t test;           /* the number of the last test notification */
	uint32_t test_result;    /* enum dmp_receiver_test */
	uint32_t test_us;        /* until it was acknowledged */
	uint32_t state;          /* dmpReceiverState */
	uint32_t last_sent;
	uint32_t last_acknowledged;
	uint32_t pending;
	uint32_t sent;
	uint32_t acknowledged;
	uint32_t retries;
	uint32_t failures;
	char trouble[DMP_TROUBLE_TEXT]; /* why the state is not ok, "" = it is */
};

/* Sizes of a section's plan and live rows. */
size_t dmp_board_plan_size(enum dmp_board_section section);
size_t dmp_board_live_size(enum dmp_board_section section);

/* --- the writer --- */

struct dmp_board;

/* Create RUN/board.N+1 with n[section] zeroed rows (DMP_BOARD_SYSTEM: 1), not yet
 * visible.  Fill the plan halves with dmp_board_plan_row(), the live ones with
 * dmp_board_write(), then publish.  ENOSPC is reported here (DMP_EIO), never as SIGBUS.
 */
enum dmp_status dmp_board_create(const char *run_dir,
    const uint32_t n[DMP_BOARD_SECTIONS],
    struct dmp_board **ret_board) DMP_CHECK_RESULT;

/* The plan half of a row, to be filled before publish.  Rows of a section must ascend
 * by their index.  Cast to the section's struct. */
void *dmp_board_plan_row(
    struct dmp_board *board, enum dmp_board_section section, uint32_t row);

/* Make it the board: rename into place, retire and unlink all others.  Beat before, so
 * that no reader finds a board that seems stalled. */
enum dmp_status dmp_board_publish(struct dmp_board *board) DMP_CHECK_RESULT;

/* Replace the live half of a row.  Wait-free; never fails. */
void dmp_board_write(struct dmp_board *board, enum dmp_board_section section,
    uint32_t row, const void *live);

/* What the writer wrote there last. */
void dmp_board_read(const struct dmp_board *board, enum dmp_board_section section,
    uint32_t row, void *ret_live);

/* Let a row show what a row of another board of ours shows. */
void dmp_board_copy(struct dmp_board *to, uint32_t to_row, const struct dmp_board *from,
    uint32_t from_row, enum dmp_board_section section);

/* Say that the engine is alive, at least every second. */
void dmp_board_beat(struct dmp_board *board, int64_t mono_ms);

/* Unmap.  A published board stays for readers (the lock is dropped: "stopped"); an
 * unpublished one is removed.  NULL is allowed. */
void dmp_board_close(struct dmp_board *board);

/* --- readers --- */

struct dmp_board_reader;

/* Map the newest board below run_dir.  DMP_ENOENT when there is none, DMP_ECORRUPT when
 * its magic, layout or build id is not ours. */
enum dmp_status dmp_board_reader_open(
    const char *run_dir, struct dmp_board_reader **ret_reader) DMP_CHECK_RESULT;
void dmp_board_reader_close(struct dmp_board_reader *reader);

/* Cheap: look at the retired mark and remap when there is a newer board.  True when the
 * reader now shows another board (row numbers and pointers are void). */
bool dmp_board_refresh(struct dmp_board_reader *reader);

uint32_t dmp_board_rows(
    const struct dmp_board_reader *reader, enum dmp_board_section section);

/* The plan half, NULL when there is no such row; borrowed until refresh() or close().
 * Its texts are terminated, its row numbers are rows. */
const void *dmp_board_plan(const struct dmp_board_reader *reader,
    enum dmp_board_section section, uint32_t row);

/* Copy the live half; of a row that is being written, or whose writer died inside it,
 * what it was before.  False and zeroes when there is no such row or the file is
 * damaged; false and nothing written in a section without a live half. */
bool dmp_board_live(struct dmp_board_reader *reader, enum dmp_board_section section,
    uint32_t row, void *ret_live);

/* The first row with index >= index; dmp_board_rows() when there is none.  O(log n). */
uint32_t dmp_board_lower_bound(const struct dmp_board_reader *reader,
    enum dmp_board_section section, uint32_t index);

enum dmp_engine_state {
	DMP_ENGINE_RUNNING = 1,
	DMP_ENGINE_STALLED = 2, /* alive, but silent for 5 s */
	DMP_ENGINE_STOPPED = 3
};

/* Is the writer alive?  *ret_age_ms: since its last beat.  Cheap: it looks at the lock
 * at most every 200 ms of mono_ms. */
enum dmp_engine_state dmp_board_engine_state(
    struct dmp_board_reader *reader, int64_t mono_ms, int64_t *ret_age_ms);

#endif
