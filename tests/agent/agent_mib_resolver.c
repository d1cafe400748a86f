/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "subagent/mib_table.h"
#include "support/mib_world.h"

enum {
	LONGEST = 8,
	RANDOM_OIDS = 20000,
	TABLES = 6,
	SYSTEM = 1,
	HOST_TABLE = 4,
	PORT_TABLE = 5,
	PORT_FIRST = 2,
	PORT_LAST = 36
};

struct oid {
	uint32_t ids[LONGEST];
	size_t len;
};

/* Every instance that GETNEXT finds from the root on. */
struct walk {
	struct oid *oids;
	size_t n;
};

static int
compare(const struct oid *a, const struct oid *b)
{
	for (size_t i = 0; i < a->len && i < b->len; i++) {
		if (a->ids[i] != b->ids[i])
			return a->ids[i] < b->ids[i] ? -1 : 1;
	}
	return a->len == b->len ? 0 : a->len < b->len ? -1 : 1;
}

static enum dmpd_status
next(struct dmpd_view *view, const struct oid *from, struct oid *ret_oid)
{
	struct dmpd_value value;

	return dmpd_mib_next(
	    view, from->ids, from->len, ret_oid->ids, &ret_oid->len, &value);
}

static struct walk
walk_all(struct dmpd_view *view, size_t limit)
{
	struct walk walk = {.oids = calloc(limit + 1, sizeof *walk.oids)};
	struct oid oid = {.len = 0};

	assert_non_null(walk.oids);
	while (next(view, &oid, &oid) == DMPD_FOUND) {
		assert_true(walk.n < limit);
		walk.oids[walk.n++] = oid;
	}
	return walk;
}

/* What the description promises: scalars once, columns for each of n rows. */
static size_t
expected_instances(uint32_t n)
{
	struct dmpd_column_info info;
	size_t total = 0;

	for (size_t i = 0; dmpd_mib_column(i, &info); i++)
		total += info.is_table ? n : 1;
	return total;
}

static void
check_walk(uint32_t n)
{
	struct mib_world world;
	struct walk walk;
	size_t expected = expected_instances(n);

	mib_world_make(&world, n);
	walk = walk_all(&world.view, expected);
	assert_int_equal(walk.n, expected);
	for (size_t i = 1; i < walk.n; i++)
		assert_true(compare(&walk.oids[i - 1], &walk.oids[i]) < 0);
	free(walk.oids);
	mib_world_done(&world);
}

static void
walk_meets_every_instance_once_in_ascending_order_without_rows(void **state)
{
	(void)state;
	check_walk(0);
}

static void
walk_meets_every_instance_once_in_ascending_order_with_one_row(void **state)
{
	(void)state;
	check_walk(1);
}

static void
walk_meets_every_instance_once_in_ascending_order_with_1000_rows(void **state)
{
	(void)state;
	check_walk(1000);
}

static void
columns_ascend_and_have_names(void **state)
{
	struct dmpd_column_info former = {0}, info;
	size_t tables = 0;

	(void)state;
	for (size_t i = 0; dmpd_mib_column(i, &info); i++) {
		assert_true(
		    info.group_id > former.group_id ||
		    (info.group_id == former.group_id && info.column > former.column));
		tables += info.is_table && info.group_id != former.group_id;
		assert_memory_equal(info.name, "dmp", 3);
		former = info;
	}
	assert_int_equal(tables, TABLES);
}

static void
get_returns_what_getnext_returned(void **state)
{
	struct mib_world world;
	struct oid oid = {.len = 0};
	size_t n = 0;

	(void)state;
	mib_world_make(&world, 100);
	for (;; n++) {
		struct dmpd_value a, b;

		if (dmpd_mib_next(&world.view, oid.ids, oid.len, oid.ids, &oid.len,
		        &a) != DMPD_FOUND)
			break;
		if (a.type == DMPD_OCTETS && a.text != a.buffer) {
			memcpy(a.buffer, a.text, a.size);
			a.text = a.buffer;
		}
		/* Elsewhere in between, so that nothing comes from a cursor. */
		dmpd_mib_begin(&world.view);
		assert_int_equal(
		    dmpd_mib_get(&world.view, (uint32_t[]){5, 1, 11, 1}, 4, &b),
		    DMPD_FOUND);
		assert_int_equal(
		    dmpd_mib_get(&world.view, oid.ids, oid.len, &b), DMPD_FOUND);
		assert_int_equal(a.type, b.type);
		assert_int_equal(a.number, b.number);
		assert_int_equal(a.size, b.size);
		if (a.type == DMPD_OCTETS)
			assert_memory_equal(a.text, b.text, a.size);
	}
	assert_int_equal(n, expected_instances(100));
	mib_world_done(&world);
}

static uint32_t
pick(uint64_t *seed, uint32_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((*seed >> 33) % n);
}

/* An OID near one that exists: cut, extended, moved by one, or anything. */
static struct oid
random_oid(uint64_t *seed, const struct walk *walk)
{
	struct oid oid = walk->oids[pick(seed, (uint32_t)walk->n)];
	uint32_t changes = pick(seed, 3);

	for (uint32_t i = 0; i < changes && oid.len > 0; i++) {
		size_t at = pick(seed, (uint32_t)oid.len);

		switch (pick(seed, 6)) {
		case 0:
			oid.ids[at]++;
			break;
		case 1:
			oid.ids[at]--;
			break;
		case 2:
			oid.ids[at] = pick(seed, 5000);
			break;
		case 3:
			oid.ids[at] = UINT32_MAX - pick(seed, 2);
			break;
		case 4:
			oid.len = at;
			break;
		default:
			if (oid.len < LONGEST)
				oid.ids[oid.len++] = pick(seed, 2) * UINT32_MAX;
			break;
		}
	}
	return oid;
}

/* The first instance after an OID, by looking at all. */
static const struct oid *
first_after(const struct walk *walk, const struct oid *oid)
{
	size_t low = 0, high = walk->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&walk->oids[middle], oid) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < walk->n ? &walk->oids[low] : NULL;
}

static void
getnext_gives_the_smallest_instance_after_any_oid(void **state)
{
	struct mib_world world;
	struct walk walk;
	uint64_t seed = (uint64_t)time(NULL);

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	mib_world_make(&world, 7);
	walk = walk_all(&world.view, expected_instances(7));
	for (int i = 0; i < RANDOM_OIDS; i++) {
		struct oid oid = random_oid(&seed, &walk), found;
		const struct oid *expected = first_after(&walk, &oid);

		if (!expected) {
			assert_int_equal(next(&world.view, &oid, &found), DMPD_END);
			continue;
		}
		assert_int_equal(next(&world.view, &oid, &found), DMPD_FOUND);
		assert_int_equal(compare(&found, expected), 0);
	}
	free(walk.oids);
	mib_world_done(&world);
}

static void
assert_next(struct dmpd_view *view, struct oid from, struct oid expected)
{
	struct oid found;

	assert_int_equal(next(view, &from, &found), DMPD_FOUND);
	assert_int_equal(compare(&found, &expected), 0);
}

#define OID(...)                                                                       \
	((struct oid){.ids = {__VA_ARGS__},                                            \
	    .len = sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)})

static void
getnext_starts_before_between_and_inside_any_prefix(void **state)
{
	struct mib_world world;
	struct dmpd_view *view = &world.view;

	(void)state;
	mib_world_make(&world, 3);
	assert_next(view, (struct oid){.len = 0}, OID(1, 1, 0));
	assert_next(view, OID(0), OID(1, 1, 0));
	assert_next(view, OID(0, 9, 9, 9), OID(1, 1, 0));
	assert_next(view, OID(1), OID(1, 1, 0));
	assert_next(view, OID(1, 1), OID(1, 1, 0));
	assert_next(view, OID(1, 1, 0), OID(1, 2, 0));
	assert_next(view, OID(1, 1, 0, 0), OID(1, 2, 0));
	assert_next(view, OID(1, 12, 0), OID(2, 1, 0));
	assert_next(view, OID(1, 99), OID(2, 1, 0));
	assert_next(view, OID(2, 20, 0), OID(3, 1, 2, 1));
	assert_next(view, OID(5), OID(5, 1, 2, 1));
	assert_next(view, OID(5, 0, 7), OID(5, 1, 2, 1));
	assert_next(view, OID(5, 1), OID(5, 1, 2, 1));
	assert_next(view, OID(5, 1, 1, 1), OID(5, 1, 2, 1));
	assert_next(view, OID(5, 1, 2, 0), OID(5, 1, 2, 1));
	assert_next(view, OID(5, 1, 2, 1), OID(5, 1, 2, 4));
	assert_next(view, OID(5, 1, 2, 2), OID(5, 1, 2, 4));
	assert_next(view, OID(5, 1, 2, 1, 8), OID(5, 1, 2, 4));
	assert_next(view, OID(5, 1, 36, UINT32_MAX), OID(6, 1, 2, 1));
	assert_next(view, OID(5, 2), OID(6, 1, 2, 1));
	mib_world_done(&world);
}

static void
getnext_ends_after_the_last_table(void **state)
{
	struct mib_world world;
	struct oid found;

	(void)state;
	mib_world_make(&world, 2);
	assert_int_equal(
	    next(&world.view, &OID(8, 1, 14, UINT32_MAX), &found), DMPD_END);
	assert_int_equal(next(&world.view, &OID(8, 2), &found), DMPD_END);
	assert_int_equal(next(&world.view, &OID(9, 1, 0), &found), DMPD_END);
	assert_int_equal(next(&world.view, &OID(UINT32_MAX), &found), DMPD_END);
	mib_world_done(&world);
}

static void
greatest_index_is_found_and_followed_by_the_next_column(void **state)
{
	struct mib_world world;
	struct dmpd_value value;

	(void)state;
	mib_world_make(&world, 2);
	for (uint32_t table = 3; table <= 8; table++) {
		assert_int_equal(dmpd_mib_get(&world.view,
		                     (uint32_t[]){table, 1, 2, UINT32_MAX}, 4, &value),
		    DMPD_FOUND);
		assert_next(
		    &world.view, OID(table, 1, 2, 1), OID(table, 1, 2, UINT32_MAX));
		assert_next(
		    &world.view, OID(table, 1, 2, UINT32_MAX), OID(table, 1, 3, 1));
	}
	mib_world_done(&world);
}

static enum dmpd_status
get(struct mib_world *world, struct oid oid)
{
	struct dmpd_value value;

	return dmpd_mib_get(&world->view, oid.ids, oid.len, &value);
}

static void
get_of_an_unknown_object_says_no_such_object(void **state)
{
	struct mib_world world;

	(void)state;
	mib_world_make(&world, 1);
	assert_int_equal(get(&world, (struct oid){.len = 0}), DMPD_NO_SUCH_OBJECT);
	assert_int_equal(get(&world, OID(5)), DMPD_NO_SUCH_OBJECT);
	assert_int_equal(get(&world, OID(5, 1)), DMPD_NO_SUCH_OBJECT);
	assert_int_equal(get(&world, OID(0, 1, 0)), DMPD_NO_SUCH_OBJECT);
	assert_int_equal(get(&world, OID(1, 13, 0)), DMPD_NO_SUCH_OBJECT);
	assert_int_equal(get(&world, OID(1, 0, 0)), DMPD_NO_SUCH_OBJECT);
	assert_int_equal(get(&world, OID(5, 1, 37, 1)), DMPD_NO_SUCH_OBJECT);
	assert_int_equal(get(&world, OID(5, 2, 2, 1)), DMPD_NO_SUCH_OBJECT);
	assert_int_equal(get(&world, OID(10, 1, 0)), DMPD_NO_SUCH_OBJECT);
	mib_world_done(&world);
}

static void
index_columns_and_notify_objects_cannot_be_read(void **state)
{
	struct mib_world world;

	(void)state;
	mib_world_make(&world, 1);
	for (uint32_t table = 3; table <= 8; table++)
		assert_int_equal(get(&world, OID(table, 1, 1, 1)), DMPD_NO_SUCH_OBJECT);
	for (uint32_t k = 1; k <= 22; k++)
		assert_int_equal(get(&world, OID(9, k, 0)), DMPD_NO_SUCH_OBJECT);
	mib_world_done(&world);
}

static void
get_of_an_absent_instance_says_no_such_instance(void **state)
{
	struct mib_world world;

	(void)state;
	mib_world_make(&world, 1);
	assert_int_equal(get(&world, OID(1, 1)), DMPD_NO_SUCH_INSTANCE);
	assert_int_equal(get(&world, OID(1, 1, 1)), DMPD_NO_SUCH_INSTANCE);
	assert_int_equal(get(&world, OID(1, 1, 0, 0)), DMPD_NO_SUCH_INSTANCE);
	assert_int_equal(get(&world, OID(5, 1, 2)), DMPD_NO_SUCH_INSTANCE);
	for (uint32_t table = 3; table <= 8; table++) {
		assert_int_equal(get(&world, OID(table, 1, 2, 1)), DMPD_FOUND);
		assert_int_equal(
		    get(&world, OID(table, 1, 2, 0)), DMPD_NO_SUCH_INSTANCE);
		assert_int_equal(
		    get(&world, OID(table, 1, 2, 2)), DMPD_NO_SUCH_INSTANCE);
		assert_int_equal(
		    get(&world, OID(table, 1, 2, 1, 1)), DMPD_NO_SUCH_INSTANCE);
	}
	mib_world_done(&world);
}

static void
walk_goes_on_when_the_board_is_replaced(void **state)
{
	static const uint32_t SIZES[] = {2, 300, 0, 50, 1};
	struct mib_world world;
	struct oid oid = {.len = 0}, found;
	size_t steps = 0;

	(void)state;
	mib_world_make(&world, 100);
	while (next(&world.view, &oid, &found) == DMPD_FOUND) {
		assert_true(compare(&oid, &found) < 0);
		oid = found;
		if (++steps % 97 == 0) {
			size_t size = steps / 97 % (sizeof SIZES / sizeof *SIZES);

			mib_world_swap(&world, SIZES[size]);
			assert_true(dmp_board_refresh(world.reader));
			dmpd_mib_begin(&world.view);
		}
	}
	assert_true(steps > 97);
	mib_world_done(&world);
}

static void
one_request_shows_one_moment(void **state)
{
	struct mib_world world;
	struct dmpd_value value;
	const struct dmp_board_host_live live = {
	    .state = DMP_STATE_DOWN, .severity = DMP_SEVERITY_CRITICAL};
	const uint32_t host_state[] = {HOST_TABLE, 1, 5, 1};

	(void)state;
	mib_world_make(&world, 1);
	assert_int_equal(dmpd_mib_get(&world.view, host_state, 4, &value), DMPD_FOUND);
	assert_int_equal(value.number, DMP_STATE_UP);
	dmp_board_write(world.board, DMP_BOARD_HOST, 0, &live);
	assert_int_equal(dmpd_mib_get(&world.view, host_state, 4, &value), DMPD_FOUND);
	assert_int_equal(value.number, DMP_STATE_UP);
	dmpd_mib_begin(&world.view);
	assert_int_equal(dmpd_mib_get(&world.view, host_state, 4, &value), DMPD_FOUND);
	assert_int_equal(value.number, DMP_STATE_DOWN);
	mib_world_done(&world);
}

/* A manager that reads many columns of a row goes row by row. */
static void
rows_read_column_by_column_are_the_rows_of_a_walk(void **state)
{
	enum { ROWS = 50, COLUMNS = PORT_LAST - PORT_FIRST + 1 };
	struct mib_world world;
	struct oid oids[COLUMNS];

	(void)state;
	mib_world_make(&world, ROWS);
	for (uint32_t c = 0; c < COLUMNS; c++)
		oids[c] = OID(PORT_TABLE, 1, PORT_FIRST + c);
	for (uint32_t i = 0; i < ROWS; i++) {
		for (uint32_t c = 0; c < COLUMNS; c++) {
			assert_next(&world.view, oids[c],
			    OID(PORT_TABLE, 1, PORT_FIRST + c,
			        mib_world_index(i, ROWS)));
			oids[c] = OID(
			    PORT_TABLE, 1, PORT_FIRST + c, mib_world_index(i, ROWS));
		}
	}
	mib_world_done(&world);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(
	        walk_meets_every_instance_once_in_ascending_order_without_rows),
	    cmocka_unit_test(
	        walk_meets_every_instance_once_in_ascending_order_with_one_row),
	    cmocka_unit_test(
	        walk_meets_every_instance_once_in_ascending_order_with_1000_rows),
	    cmocka_unit_test(columns_ascend_and_have_names),
	    cmocka_unit_test(get_returns_what_getnext_returned),
	    cmocka_unit_test(getnext_gives_the_smallest_instance_after_any_oid),
	    cmocka_unit_test(getnext_starts_before_between_and_inside_any_prefix),
	    cmocka_unit_test(getnext_ends_after_the_last_table),
	    cmocka_unit_test(greatest_index_is_found_and_followed_by_the_next_column),
	    cmocka_unit_test(get_of_an_unknown_object_says_no_such_object),
	    cmocka_unit_test(index_columns_and_notify_objects_cannot_be_read),
	    cmocka_unit_test(get_of_an_absent_instance_says_no_such_instance),
	    cmocka_unit_test(walk_goes_on_when_the_board_is_replaced),
	    cmocka_unit_test(one_request_shows_one_moment),
	    cmocka_unit_test(rows_read_column_by_column_are_the_rows_of_a_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
