/* SPDX-License-Identifier: BSD-2-Clause */
/* eventlog_record.c - the hourly history of each port in the database: parts go in,
 * sums and records come out.  A record of an older version goes on, one that is
 * damaged, or of a newer version, begins anew. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "engine/eventlog_row.h"
#include "engine/eventlog_store.h"

/* Before this many hours nothing of a record counts any more. */
enum { RECORD_HOURS = DMP_AVAILABILITY_DAYS * 24 };

static bool
record_take(
    sqlite3_stmt *statement, int column, struct dmp_availability_record *ret_record)
{
	const void *blob = sqlite3_column_blob(statement, column);
	int size = sqlite3_column_bytes(statement, column);

	return blob && dmp_availability_record_read(blob, (size_t)size, ret_record);
}

static int
record_get(sqlite3_stmt *get, uint32_t index, struct dmp_availability_record *ret)
{
	int result = sqlite3_bind_int64(get, 1, index);

	*ret = (struct dmp_availability_record){0};
	if (result == SQLITE_OK)
		result = sqlite3_step(get);
	if (result == SQLITE_ROW)
		(void)record_take(get, 0, ret);
	(void)sqlite3_reset(get);
	return result == SQLITE_ROW || result == SQLITE_DONE ? SQLITE_OK : result;
}

static int
record_put(
    sqlite3_stmt *put, uint32_t index, const struct dmp_availability_record *record)
{
	int result = sqlite3_bind_int64(put, 1, index);

	if (result == SQLITE_OK)
		result = sqlite3_bind_int64(put, 2, record->hour);
	if (result == SQLITE_OK)
		result =
		    sqlite3_bind_blob(put, 3, record, sizeof *record, SQLITE_STATIC);
	if (result == SQLITE_OK)
		result = sqlite3_step(put);
	(void)sqlite3_reset(put);
	(void)sqlite3_clear_bindings(put);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int
record_add(sqlite3_stmt *get, sqlite3_stmt *put, const struct dmp_port_part *part,
    struct dmp_port_sums *ret_sums)
{
	struct dmp_availability_record record;
	int result = record_get(get, part->index, &record);

	if (result != SQLITE_OK)
		return result;
	dmp_availability_record_add(&record, &part->part);
	result = record_put(put, part->index, &record);
	if (result == SQLITE_OK) {
		ret_sums->index = part->index;
		dmp_availability_record_sums(&record, record.hour, ret_sums->sums);
	}
	return result;
}

enum dmp_status
dmp_store_add_parts(struct dmp_store *store, const struct dmp_port_part *parts,
    size_t n, struct dmp_port_sums *ret_sums)
{
	sqlite3 *db = dmp_store_database(store);
	sqlite3_stmt *get = NULL;
	sqlite3_stmt *put = NULL;
	int result = sqlite3_prepare_v2(
	    db, "SELECT record FROM availability WHERE idx = ?", -1, &get, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_prepare_v2(db,
		    "INSERT OR REPLACE INTO availability (idx, hour, record)"
		    " VALUES (?,?,?)",
		    -1, &put, NULL);
	for (size_t i = 0; i < n && result == SQLITE_OK; i++)
		result = record_add(get, put, &parts[i], &ret_sums[i]);
	(void)sqlite3_finalize(get);
	(void)sqlite3_finalize(put);
	return dmp_store_result(store, result);
}

enum dmp_status
dmp_store_trim_records(struct dmp_store *store, uint32_t hour)
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(dmp_store_database(store),
	    "DELETE FROM availability WHERE hour < ?", -1, &statement, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_bind_int64(
		    statement, 1, hour > RECORD_HOURS ? hour - RECORD_HOURS : 0);
	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	(void)sqlite3_finalize(statement);
	return dmp_store_result(store, result);
}

enum dmp_status
dmp_store_load_sums(struct dmp_store *store, uint32_t hour,
    struct dmp_port_sums **ret_sums, size_t *ret_n)
{
	struct dmp_port_sums *sums = NULL;
	sqlite3_stmt *statement = NULL;
	size_t capacity = 0;
	size_t n = 0;
	int result = sqlite3_prepare_v2(dmp_store_database(store),
	    "SELECT record, idx FROM availability WHERE idx BETWEEN 1 AND 4294967295"
	    " ORDER BY idx",
	    -1, &statement, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	for (; result == SQLITE_ROW; result = sqlite3_step(statement)) {
		struct dmp_availability_record record;
		struct dmp_port_sums *grown;

		if (!record_take(statement, 0, &record))
			continue;
		grown = dmp_array_grow(sums, n, &capacity, sizeof *grown);
		if (!grown) {
			result = SQLITE_NOMEM;
			break;
		}
		sums = grown;
		sums[n].index = (uint32_t)sqlite3_column_int64(statement, 1);
		dmp_availability_record_sums(
		    &record, hour > record.hour ? hour : record.hour, sums[n].sums);
		n++;
	}
	(void)sqlite3_finalize(statement);
	if (dmp_row_status(result) != DMP_OK) {
		free(sums);
		return dmp_store_result(store, result);
	}
	*ret_sums = sums;
	*ret_n = n;
	return DMP_OK;
}

/* What is too long for a record is not even read. */
enum dmp_status
dmp_row_load_records(sqlite3 *db, uint32_t after, struct dmp_port_record *ret_records,
    size_t max, size_t *ret_n)
{
	sqlite3_stmt *statement = NULL;
	size_t n = 0;
	int result = sqlite3_prepare_v2(db,
	    "SELECT record, idx FROM availability WHERE idx > ?1 AND idx <= 4294967295"
	    " AND typeof(record) = 'blob' AND length(record) <= ?2 ORDER BY idx",
	    -1, &statement, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_bind_int64(statement, 1, after);
	if (result == SQLITE_OK)
		result = sqlite3_bind_int64(
		    statement, 2, sizeof(struct dmp_availability_record));
	if (result == SQLITE_OK && max > 0)
		result = sqlite3_step(statement);
	while (result == SQLITE_ROW && n < max) {
		if (record_take(statement, 0, &ret_records[n].record))
			ret_records[n++].index =
			    (uint32_t)sqlite3_column_int64(statement, 1);
		if (n < max)
			result = sqlite3_step(statement);
	}
	(void)sqlite3_finalize(statement);
	if (dmp_row_status(result) == DMP_OK)
		*ret_n = n;
	return dmp_row_status(result);
}
