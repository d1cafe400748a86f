/* SPDX-License-Identifier: BSD-2-Clause */
/* Every column shows its own field: each field has a value that no other has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "subagent/mib_table.h"
#include "support/temp_dir.h"

#define NOW_MS  ((int64_t)9000000)
#define WALL_MS ((int64_t)1790000000000)

struct cell {
	uint32_t column;
	const char *text; /* NULL: a number */
	int64_t number;
};

static const struct dmp_board_system SYSTEM = {
    .software_version = "not this",
    .site_name = "site",
    .dataminer = "10.5",
    .vantage = "vantage",
    .catalogue_revision = "rev",
    .source = "site/vantage",
    .start_wall_ms = WALL_MS,
    .epoch = 1,
};
static const struct dmp_board_system_live SYSTEM_LIVE = {
    .config_wall_ms = WALL_MS + 1000,
    .change_ms = NOW_MS - 1000,
    .config_status = DMP_CONFIG_REJECTED,
    .status = 2,
    .required_ports = 3,
    .required_up = 4,
    .required_down = 5,
    .degraded = 6,
    .exposed = 7,
    .unknown = 8,
    .unverified = 9,
    .maintenance = 10,
    .down_hosts = 11,
    .worst_rank = 3,
    .last_event = 13,
    .oldest_event = 14,
    .checks = 15,
    .inconclusive = 16,
    .config_message = "message",
};
static const struct cell SYSTEM_CELLS[] = {
    {1, DMP_VERSION, 0},
    {2, "site", 0},
    {3, "10.5", 0},
    {4, "vantage", 0},
    {5, "rev", 0},
    {6, "2026-09-21T14:13:20Z", 0},
    {7, NULL, 1},
    {8, NULL, 2},
    {9, "message", 0},
    {10, "2026-09-21T14:13:21Z", 0},
    {11, NULL, 1},
    {12, NULL, 1},
};
static const struct cell SUMMARY_CELLS[] = {
    {1, NULL, 2},
    {2, NULL, 1},
    {3, NULL, 3},
    {4, NULL, 4},
    {5, NULL, 5},
    {6, NULL, 6},
    {7, NULL, 7},
    {8, NULL, 8},
    {9, NULL, 9},
    {10, NULL, 10},
    {11, NULL, 2},
    {12, NULL, 11},
    {13, NULL, 3},
    {14, NULL, 1},
    {15, NULL, 13},
    {16, NULL, 14},
    {17, NULL, 15},
    {18, NULL, 16},
    {19, NULL, DMP_ENGINE_RUNNING},
    {20, NULL, 20},
};

static const struct dmp_board_requirement REQUIREMENT = {
    .index = 1,
    .from = DMP_ROLE_CLIENT,
    .to = DMP_ROLE_DMA | DMP_ROLE_NMS,
    .number = 6,
    .transport = DMP_TRANSPORT_UDP,
    .level = DMP_LEVEL_FORBIDDEN,
    .applies = DMP_APPLIES_YES,
    .opened = DMP_OPENED_UNKNOWN,
    .planned = 15,
    .key = "key",
    .title = "title",
    .protocol = "protocol",
    .why = "why",
    .since = "since",
    .until = "until",
    .reference = "reference",
};
static const struct dmp_board_requirement_live REQUIREMENT_LIVE = {.down = 16};
static const struct cell REQUIREMENT_CELLS[] = {
    {2, "key", 0},
    {3, "title", 0},
    {4, "protocol", 0},
    {5, NULL, DMP_TRANSPORT_UDP},
    {6, NULL, 6},
    {7, "client", 0},
    {8, "dma nms", 0},
    {9, NULL, DMP_LEVEL_FORBIDDEN},
    {10, NULL, DMP_APPLIES_YES},
    {11, "why", 0},
    {12, "since", 0},
    {13, "until", 0},
    {14, NULL, DMP_OPENED_UNKNOWN},
    {15, NULL, 15},
    {16, NULL, 16},
    {17, "reference", 0},
};

static const struct dmp_board_host HOST = {
    .index = 1, .required_ports = 8, .name = "name", .roles = "roles"};
static const struct dmp_board_host_live HOST_LIVE = {
    .change_ms = NOW_MS - 10000,
    .admin_until_ms = WALL_MS,
    .required_down = 9,
    .state = DMP_STATE_DOWN,
    .severity = DMP_SEVERITY_MINOR,
    .admin = DMP_ADMIN_MAINTENANCE,
    .address = "address",
    .detail = "detail",
    .admin_comment = "comment",
};
static const struct cell HOST_CELLS[] = {
    {2, "name", 0},
    {3, "address", 0},
    {4, "roles", 0},
    {5, NULL, DMP_STATE_DOWN},
    {6, NULL, DMP_SEVERITY_MINOR},
    {7, NULL, 2},
    {8, NULL, 8},
    {9, NULL, 9},
    {10, NULL, 10},
    {11, "detail", 0},
    {12, NULL, DMP_ADMIN_MAINTENANCE},
    {13, "2026-09-21T14:13:20Z", 0},
    {14, "comment", 0},
};

static const struct dmp_board_port PORT = {
    .index = 1,
    .host_index = 3,
    .requirement_index = 6,
    .number = 9,
    .transport = DMP_TRANSPORT_UDP,
    .level = DMP_LEVEL_OPTIONAL,
    .key = "key",
    .host_name = "host",
    .service = "service",
    .why = "why",
};
static const struct dmp_board_port_live PORT_LIVE = {
    .change_ms = NOW_MS - 26000,
    .change_wall_ms = WALL_MS,
    .check_ms = NOW_MS - 28000,
    .admin_until_ms = WALL_MS + 1000,
    .latency_us = 18,
    .latency_p95_us = 19,
    .availability = {20, 21, 22},
    .checks = 23,
    .failures = 24,
    .transitions = 25,
    .last_event = 35,
    .tls_days_left = 29,
    .state = DMP_STATE_DEGRADED,
    .reason = DMP_REASON_TLS_EXPIRED,
    .severity = DMP_SEVERITY_WARNING,
    .suppressed = DMP_SUPPRESSED_VANTAGE,
    .admin = DMP_ADMIN_DISABLED,
    .address = "address",
    .detail = "detail",
    .identity = "identity",
    .tls_subject = "subject",
    .admin_comment = "comment",
};
static const struct cell PORT_CELLS[] = {
    {2, "key", 0},
    {3, NULL, 3},
    {4, "host", 0},
    {5, "address", 0},
    {6, NULL, 6},
    {7, "service", 0},
    {8, NULL, DMP_TRANSPORT_UDP},
    {9, NULL, 9},
    {10, NULL, DMP_LEVEL_OPTIONAL},
    {11, NULL, DMP_STATE_DEGRADED},
    {12, NULL, DMP_REASON_TLS_EXPIRED},
    {13, NULL, DMP_SEVERITY_WARNING},
    {14, NULL, 1},
    {15, "detail", 0},
    {16, "identity", 0},
    {17, NULL, DMP_SUPPRESSED_VANTAGE},
    {18, NULL, 18},
    {19, NULL, 19},
    {20, NULL, 20},
    {21, NULL, 21},
    {22, NULL, 22},
    {23, NULL, 23},
    {24, NULL, 24},
    {25, NULL, 25},
    {26, NULL, 26},
    {27, "2026-09-21T14:13:20Z", 0},
    {28, NULL, 28},
    {29, NULL, 29},
    {30, "subject", 0},
    {31, NULL, DMP_ADMIN_DISABLED},
    {32, "2026-09-21T14:13:21Z", 0},
    {33, "comment", 0},
    {34, NULL, 1},
    {35, NULL, 35},
    {36, "why", 0},
};

static const struct dmp_problem PROBLEM = {
    .index = 1,
    .key = "key",
    .type = DMP_EVENT_PORT_FLAPPING,
    .state = DMP_STATE_EXPOSED,
    .severity = DMP_SEVERITY_MAJOR,
    .reason = DMP_REASON_FLAPPING,
    .message = "message",
    .host_index = 9,
    .port_index = 10,
    .since_ms = WALL_MS - 11000,
    .last_event = 12,
};
static const struct cell PROBLEM_CELLS[] = {
    {2, "key", 0},
    {3, NULL, DMP_EVENT_PORT_FLAPPING},
    {4, NULL, DMP_STATE_EXPOSED},
    {5, NULL, DMP_SEVERITY_MAJOR},
    {6, NULL, 3},
    {7, NULL, DMP_REASON_FLAPPING},
    {8, "message", 0},
    {9, NULL, 9},
    {10, NULL, 10},
    {11, NULL, 11},
    {12, NULL, 12},
};

static const struct dmp_event EVENT = {
    .sequence = 1,
    .source = "source",
    .key = "key",
    .message = "message",
    .state = DMP_STATE_DEGRADED,
    .previous_state = DMP_STATE_UNVERIFIED,
    .severity = DMP_SEVERITY_MINOR,
    .reason = DMP_REASON_SLOW,
    .level = DMP_LEVEL_INFORMATIONAL,
    .host_name = "host",
    .address = "address",
    .service = "service",
    .transport = DMP_TRANSPORT_UDP,
    .port = 15,
    .port_index = 16,
    .time_ms = WALL_MS,
    .type = DMP_EVENT_STOPPING,
    .epoch = 23,
    .host_index = 99,
};
static const struct cell EVENT_CELLS[] = {
    {2, NULL, 1},
    {3, "source", 0},
    {4, "key", 0},
    {5, "message", 0},
    {6, NULL, DMP_STATE_DEGRADED},
    {7, NULL, DMP_STATE_UNVERIFIED},
    {8, NULL, DMP_SEVERITY_MINOR},
    {9, NULL, DMP_REASON_SLOW},
    {10, NULL, DMP_LEVEL_INFORMATIONAL},
    {11, "host", 0},
    {12, "address", 0},
    {13, "service", 0},
    {14, NULL, DMP_TRANSPORT_UDP},
    {15, NULL, 15},
    {16, NULL, 16},
    {17, "2026-09-21T14:13:20Z", 0},
    {18, "degraded", 0},
    {19, "minor", 0},
    {20, "slow", 0},
    {21, NULL, DMP_EVENT_STOPPING},
    {22, NULL, 2},
    {23, NULL, 23},
};

static const struct dmpd_receiver_row RECEIVER = {
    .index = 1,
    .name = "name",
    .address = "address",
    .kind = DMP_RECEIVER_TRAP,
    .state = 5,
    .last_sent = 6,
    .last_acknowledged = 7,
    .pending = 8,
    .sent = 9,
    .acknowledged = 10,
    .retries = 11,
    .failures = 12,
    .acknowledged_ms = NOW_MS - 13000,
    .filtered = true,
};
static const struct cell RECEIVER_CELLS[] = {
    {2, "name", 0},
    {3, "address", 0},
    {4, NULL, DMP_RECEIVER_TRAP},
    {5, NULL, 5},
    {6, NULL, 6},
    {7, NULL, 7},
    {8, NULL, 8},
    {9, NULL, 9},
    {10, NULL, 10},
    {11, NULL, 11},
    {12, NULL, 12},
    {13, NULL, 13},
    {14, NULL, 1},
};

struct world {
	char dir[TEMP_DIR_TEXT];
	struct dmp_board *board;
	struct dmp_board_reader *reader;
	struct dmpd_event_ring *ring;
	struct dmp_problem_set problems;
	struct dmpd_view view;
};

static void
put(struct dmp_board *board, enum dmp_board_section section, const void *plan,
    const void *live)
{
	memcpy(
	    dmp_board_plan_row(board, section, 0), plan, dmp_board_plan_size(section));
	dmp_board_write(board, section, 0, live);
}

static struct dmp_board *
board_make(const char *dir)
{
	const uint32_t rows[DMP_BOARD_SECTIONS] = {1, 1, 2, 1, 0};
	struct dmp_board *board;
	struct dmp_board_host *second;

	assert_int_equal(dmp_board_create(dir, rows, &board), DMP_OK);
	put(board, DMP_BOARD_SYSTEM, &SYSTEM, &SYSTEM_LIVE);
	put(board, DMP_BOARD_REQUIREMENT, &REQUIREMENT, &REQUIREMENT_LIVE);
	put(board, DMP_BOARD_HOST, &HOST, &HOST_LIVE);
	put(board, DMP_BOARD_PORT, &PORT, &PORT_LIVE);
	second = dmp_board_plan_row(board, DMP_BOARD_HOST, 1);
	second->index = 2;
	dmp_board_beat(board, NOW_MS - 20);
	assert_int_equal(dmp_board_publish(board), DMP_OK);
	return board;
}

static int
setup(void **state)
{
	static struct world world;

	memset(&world, 0, sizeof world);
	temp_dir_make(world.dir);
	world.board = board_make(world.dir);
	assert_int_equal(dmp_board_reader_open(world.dir, &world.reader), DMP_OK);
	assert_int_equal(dmpd_event_ring_new(1, &world.ring), DMP_OK);
	assert_int_equal(dmpd_event_ring_add(world.ring, &EVENT), DMP_OK);
	assert_int_equal(dmp_problem_add(&world.problems, &PROBLEM), DMP_OK);
	world.view = (struct dmpd_view){
	    .board = world.reader,
	    .events = NULL,
	    .problems = &world.problems,
	    .receivers = &RECEIVER,
	    .n_receivers = 1,
	    .now_ms = NOW_MS,
	    .wall_ms = WALL_MS,
	};
	assert_int_equal(dmpd_scratch_new(&world.view.scratch), DMP_OK);
	dmpd_mib_begin(&world.view);
	*state = &world;
	return 0;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	dmpd_scratch_free(world->view.scratch);
	dmp_problem_done(&world->problems);
	dmpd_event_ring_free(world->ring);
	dmp_board_reader_close(world->reader);
	dmp_board_close(world->board);
	temp_dir_remove(world->dir);
	return 0;
}

/* All columns of the group are in cells, and have the values there. */
static void
check_cells(struct world *world, uint32_t group, const struct cell *cells, size_t n)
{
	struct dmpd_column_info info;
	size_t found = 0;

	for (size_t i = 0; dmpd_mib_column(i, &info); i++) {
		const uint32_t table[] = {group, 1, info.column, 1};
		const uint32_t scalar[] = {group, info.column, 0};
		const struct cell *cell;
		struct dmpd_value value;

		if (info.group_id != group)
			continue;
		assert_true(found < n);
		cell = &cells[found++];
		assert_int_equal(cell->column, info.column);
		assert_int_equal(info.is_table
		                     ? dmpd_mib_get(&world->view, table, 4, &value)
		                     : dmpd_mib_get(&world->view, scalar, 3, &value),
		    DMPD_FOUND);
		assert_int_equal(value.type, info.type);
		assert_int_equal(value.type == DMPD_OCTETS, cell->text != NULL);
		if (value.number != cell->number)
			print_error("%s\n", info.name);
		assert_int_equal(value.number, cell->number);
		if (!cell->text)
			continue;
		assert_int_equal(value.size, strlen(cell->text));
		assert_memory_equal(value.text, cell->text, value.size);
	}
	assert_int_equal(found, n);
}

#define CHECK_CELLS(state, group, cells)                                               \
	check_cells(state, group, cells, sizeof(cells) / sizeof(cells)[0])

static void
system_scalars_show_their_fields(void **state)
{
	CHECK_CELLS(*state, 1, SYSTEM_CELLS);
}

static void
summary_scalars_show_their_fields(void **state)
{
	CHECK_CELLS(*state, 2, SUMMARY_CELLS);
}

static void
requirement_columns_show_their_fields(void **state)
{
	CHECK_CELLS(*state, 3, REQUIREMENT_CELLS);
}

static void
host_columns_show_their_fields(void **state)
{
	CHECK_CELLS(*state, 4, HOST_CELLS);
}

static void
port_columns_show_their_fields(void **state)
{
	CHECK_CELLS(*state, 5, PORT_CELLS);
}

static void
problem_columns_show_their_fields(void **state)
{
	CHECK_CELLS(*state, 6, PROBLEM_CELLS);
}

static void
event_columns_show_their_fields(void **state)
{
	struct world *world = *state;

	world->view.events = world->ring;
	CHECK_CELLS(*state, 7, EVENT_CELLS);
}

static void
receiver_columns_show_their_fields(void **state)
{
	CHECK_CELLS(*state, 8, RECEIVER_CELLS);
}

#define COLUMN_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    COLUMN_TEST(system_scalars_show_their_fields),
	    COLUMN_TEST(summary_scalars_show_their_fields),
	    COLUMN_TEST(requirement_columns_show_their_fields),
	    COLUMN_TEST(host_columns_show_their_fields),
	    COLUMN_TEST(port_columns_show_their_fields),
	    COLUMN_TEST(problem_columns_show_their_fields),
	    COLUMN_TEST(event_columns_show_their_fields),
	    COLUMN_TEST(receiver_columns_show_their_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
