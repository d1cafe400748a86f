/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_row.c - what the row of a port says, while somebody works on it.
 *
 * The board has the only copy: 700 bytes a row, once.  The rows of one endpoint are
 * opened (copied) to be judged, and closed (written back) by the time the next endpoint
 * is opened.  A row whose change is an event is held in memory of its own until the
 * event is released; until then the board goes on showing what was before.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine_internal.h"

void
engine_read_row(const struct engine_port *port, struct dmp_board_port_live *ret_live)
{
	if (port->live)
		*ret_live = *port->live;
	else
		dmp_board_read(port->engine->world.board, DMP_BOARD_PORT,
		    port->board_row, ret_live);
}

void
engine_open_row(struct engine_port *port)
{
	struct engine_world *world = &port->engine->world;
	struct dmp_board_port_live *live = &world->open[world->n_open];

	if (port->live)
		return;
	assert(world->n_open < dmp_endpoints_largest(world->endpoints));
	engine_read_row(port, live);
	port->live = live;
	world->n_open++;
}

void
engine_open_endpoint(struct engine_port *port)
{
	struct engine_port *s = port;

	do {
		engine_open_row(s);
		s = engine_sibling(s);
	} while (s != port);
}

/* Keep an open row back.  A row that is held without a pending event is let go by the
 * next close. */
enum dmp_status
engine_hold_row(struct engine_port *port)
{
	struct dmp_board_port_live *live;

	if (port->held)
		return DMP_OK;
	live = malloc(sizeof *live);
	if (!live)
		return DMP_ENOMEM;
	*live = *port->live;
	port->live = live;
	port->held = true;
	port->engine->world.n_open--;
	return DMP_OK;
}

/* All rows that were opened are closed before others are. */
void
engine_close_row(struct engine_port *port)
{
	struct engine_world *world = &port->engine->world;

	if (port->pending_event != 0)
		return;
	dmp_board_write(world->board, DMP_BOARD_PORT, port->board_row, port->live);
	if (port->held)
		free(port->live);
	else
		world->n_open--;
	port->held = false;
	port->live = NULL;
}
