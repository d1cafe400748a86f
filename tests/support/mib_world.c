/* SPDX-License-Identifier: BSD-2-Clause */
#include "support/mib_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

uint32_t
mib_world_index(uint32_t i, uint32_t n)
{
	return n >= 2 && i == n - 1 ? UINT32_MAX : i * 3 + 1;
}

static void
fill_system(struct dmp_board *board, uint32_t n)
{
	struct dmp_board_system *plan = dmp_board_plan_row(board, DMP_BOARD_SYSTEM, 0);
	const struct dmp_board_system_live live = {
	    .config_wall_ms = MIB_WORLD_WALL_MS,
	    .change_ms = INT64_MIN,
	    .config_status = DMP_CONFIG_OK,
	    .status = 1,
	    .required_ports = n,
	    .last_event = 77,
	    .oldest_event = 5,
	    .checks = UINT32_MAX,
	};

	dmp_text_copy(plan->site_name, sizeof plan->site_name, "North");
	dmp_text_copy(plan->vantage, sizeof plan->vantage, "noc1");
	plan->start_wall_ms = MIB_WORLD_WALL_MS;
	plan->epoch = 9;
	dmp_board_write(board, DMP_BOARD_SYSTEM, 0, &live);
}

static void
fill_requirement(struct dmp_board *board, uint32_t row, uint32_t index)
{
	struct dmp_board_requirement *plan =
	    dmp_board_plan_row(board, DMP_BOARD_REQUIREMENT, row);
	const struct dmp_board_requirement_live live = {.down = row};

	plan->index = index;
	plan->from = DMP_ROLE_DMA | DMP_ROLE_CLIENT;
	plan->to = DMP_ROLE_ALL;
	plan->transport = DMP_TRANSPORT_TCP;
	plan->level = DMP_LEVEL_REQUIRED;
	plan->applies = DMP_APPLIES_ASSUMED;
	plan->opened = DMP_OPENED_NO;
	dmp_text_format(plan->key, sizeof plan->key, "requirement-%u", row);
	dmp_board_write(board, DMP_BOARD_REQUIREMENT, row, &live);
}

static void
fill_host(struct dmp_board *board, uint32_t row, uint32_t index)
{
	struct dmp_board_host *plan = dmp_board_plan_row(board, DMP_BOARD_HOST, row);
	struct dmp_board_host_live live = {
	    .change_ms = INT64_MIN,
	    .state = DMP_STATE_UP,
	    .severity = DMP_SEVERITY_CLEARED,
	    .admin = DMP_ADMIN_ENABLED,
	};

	plan->index = index;
	dmp_text_format(plan->name, sizeof plan->name, "dma%u", row);
	dmp_text_format(live.detail, sizeof live.detail, "host %u is fine", row);
	dmp_board_write(board, DMP_BOARD_HOST, row, &live);
}

static void
fill_port(struct dmp_board *board, uint32_t row, uint32_t index)
{
	struct dmp_board_port *plan = dmp_board_plan_row(board, DMP_BOARD_PORT, row);
	struct dmp_board_port_live live = {
	    .change_ms = MIB_WORLD_NOW_MS - 60000,
	    .change_wall_ms = MIB_WORLD_WALL_MS - 60000,
	    .check_ms = MIB_WORLD_NOW_MS - 1999,
	    .latency_us = row,
	    .availability = {100000, 99000, UINT32_MAX},
	    .tls_days_left = INT32_MAX,
	    .state = DMP_STATE_DOWN,
	    .reason = DMP_REASON_REFUSED,
	    .severity = DMP_SEVERITY_CRITICAL,
	    .suppressed = DMP_SUPPRESSED_NONE,
	    .admin = DMP_ADMIN_ENABLED,
	};

	plan->index = index;
	plan->host_index = 1;
	plan->requirement_index = 1;
	plan->number = 4222;
	plan->transport = DMP_TRANSPORT_TCP;
	plan->level = DMP_LEVEL_REQUIRED;
	dmp_text_format(plan->key, sizeof plan->key, "dma%u/nats-client", row);
	dmp_text_format(live.detail, sizeof live.detail, "port %u was refused", row);
	dmp_board_write(board, DMP_BOARD_PORT, row, &live);
}

static struct dmp_board *
board_make(const char *dir, uint32_t n)
{
	const uint32_t rows[DMP_BOARD_SECTIONS] = {1, n, n, n, 0};
	struct dmp_board *board;

	assert_int_equal(dmp_board_create(dir, rows, &board), DMP_OK);
	fill_system(board, n);
	for (uint32_t i = 0; i < n; i++) {
		fill_requirement(board, i, mib_world_index(i, n));
		fill_host(board, i, mib_world_index(i, n));
		fill_port(board, i, mib_world_index(i, n));
	}
	dmp_board_beat(board, MIB_WORLD_NOW_MS);
	assert_int_equal(dmp_board_publish(board), DMP_OK);
	return board;
}

static void
add_event(struct mib_world *world, uint32_t i, uint32_t sequence)
{
	struct dmp_event event = {
	    .sequence = sequence,
	    .state = DMP_STATE_DOWN,
	    .previous_state = DMP_STATE_UP,
	    .severity = DMP_SEVERITY_CRITICAL,
	    .reason = DMP_REASON_TIMEOUT,
	    .level = DMP_LEVEL_REQUIRED,
	    .transport = DMP_TRANSPORT_TCP,
	    .port = 4222,
	    .port_index = 1,
	    .time_ms = MIB_WORLD_WALL_MS,
	    .type = DMP_EVENT_PORT_DOWN,
	    .epoch = 9,
	    .host_index = 1,
	};

	dmp_text_format(event.key, sizeof event.key, "dma%u/nats-client", i);
	dmp_text_format(event.message, sizeof event.message, "event %u", i);
	assert_int_equal(dmpd_event_ring_add(world->ring, &event), DMP_OK);
	assert_int_equal(dmp_problem_apply(&world->problems, &event), DMP_OK);
}

void
mib_world_make(struct mib_world *world, uint32_t n)
{
	memset(world, 0, sizeof *world);
	temp_dir_make(world->dir);
	world->board = board_make(world->dir, n);
	assert_int_equal(dmp_board_reader_open(world->dir, &world->reader), DMP_OK);
	assert_int_equal(
	    dmpd_event_ring_new(DMPD_EVENT_RING_DEFAULT, &world->ring), DMP_OK);
	world->receivers = calloc(n + 1, sizeof *world->receivers);
	assert_non_null(world->receivers);
	for (uint32_t i = 0; i < n; i++) {
		add_event(world, i, mib_world_index(i, n));
		world->receivers[i] = (struct dmpd_receiver_row){
		    .index = mib_world_index(i, n),
		    .name = "noc",
		    .address = "192.0.2.90:162",
		    .kind = DMP_RECEIVER_INFORM,
		    .state = 1,
		    .acknowledged_ms = INT64_MIN,
		};
	}
	world->view = (struct dmpd_view){
	    .board = world->reader,
	    .events = world->ring,
	    .problems = &world->problems,
	    .receivers = world->receivers,
	    .n_receivers = n,
	    .now_ms = MIB_WORLD_NOW_MS,
	    .wall_ms = MIB_WORLD_WALL_MS + 5000,
	};
	assert_int_equal(dmpd_scratch_new(&world->view.scratch), DMP_OK);
	dmpd_mib_begin(&world->view);
}

void
mib_world_swap(struct mib_world *world, uint32_t n)
{
	struct dmp_board *board = board_make(world->dir, n);

	dmp_board_close(world->board);
	world->board = board;
}

void
mib_world_done(struct mib_world *world)
{
	dmpd_scratch_free(world->view.scratch);
	free(world->receivers);
	dmp_problem_done(&world->problems);
	dmpd_event_ring_free(world->ring);
	dmp_board_reader_close(world->reader);
	dmp_board_close(world->board);
	temp_dir_remove(world->dir);
}

static void
fill(char *field, size_t size)
{
	memset(field, 'x', size - 1);
	field[size - 1] = '\0';
}

void
mib_world_longest_event(struct dmp_event *event)
{
	*event = (struct dmp_event){
	    .sequence = UINT32_MAX,
	    .state = DMP_STATE_NOT_APPLICABLE,
	    .previous_state = DMP_STATE_NOT_APPLICABLE,
	    .severity = DMP_SEVERITY_INDETERMINATE,
	    .reason = DMP_REASON_PROTOCOL_UNREACHABLE,
	    .level = DMP_LEVEL_NONE,
	    .transport = DMP_TRANSPORT_NONE,
	    .port = UINT16_MAX,
	    .port_index = UINT32_MAX,
	    .time_ms = MIB_WORLD_WALL_MS,
	    .type = DMP_EVENT_PORT_CLEARED,
	    .epoch = UINT32_MAX,
	    .host_index = UINT32_MAX,
	};
	fill(event->source, sizeof event->source);
	fill(event->key, sizeof event->key);
	fill(event->message, sizeof event->message);
	fill(event->host_name, sizeof event->host_name);
	fill(event->address, sizeof event->address);
	fill(event->service, sizeof event->service);
}
