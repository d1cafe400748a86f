/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/eventlog_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "engine/eventlog.h"

enum row_kind { ROW_TEXT, ROW_FLAG, ROW_U16, ROW_U32, ROW_I64 };

struct dmp_row_field {
	uint16_t offset;
	uint16_t size;
	enum row_kind kind;
};

#define FIELD(type, member, kind)                                                      \
	{                                                                              \
		offsetof(struct type, member), sizeof(((struct type *)0)->member),     \
		    kind                                                               \
	}

/* Enumerations are stored through uint32_t. */
_Static_assert(sizeof(enum dmp_state) == sizeof(uint32_t), "enum is not 32 bits");
_Static_assert(sizeof(enum dmp_event_type) == sizeof(uint32_t), "enum is not 32 bits");
_Static_assert(sizeof(enum dmp_admin_scope) == sizeof(uint32_t), "enum is not 32 bits");
_Static_assert(sizeof(enum dmp_admin) == sizeof(uint32_t), "enum is not 32 bits");
_Static_assert(sizeof(enum dmp_reason) == sizeof(uint32_t), "enum is not 32 bits");

static const struct dmp_row_field EVENT_FIELDS[] = {
    FIELD(dmp_event, sequence, ROW_U32),
    FIELD(dmp_event, epoch, ROW_U32),
    FIELD(dmp_event, type, ROW_U32),
    FIELD(dmp_event, time_ms, ROW_I64),
    FIELD(dmp_event, source, ROW_TEXT),
    FIELD(dmp_event, key, ROW_TEXT),
    FIELD(dmp_event, message, ROW_TEXT),
    FIELD(dmp_event, state, ROW_U32),
    FIELD(dmp_event, previous_state, ROW_U32),
    FIELD(dmp_event, severity, ROW_U32),
    FIELD(dmp_event, reason, ROW_U32),
    FIELD(dmp_event, level, ROW_U32),
    FIELD(dmp_event, host_name, ROW_TEXT),
    FIELD(dmp_event, address, ROW_TEXT),
    FIELD(dmp_event, service, ROW_TEXT),
    FIELD(dmp_event, transport, ROW_U32),
    FIELD(dmp_event, port, ROW_U16),
    FIELD(dmp_event, port_index, ROW_U32),
    FIELD(dmp_event, host_index, ROW_U32),
};

static const struct dmp_row_field PROBLEM_FIELDS[] = {
    FIELD(dmp_problem, index, ROW_U32),
    FIELD(dmp_problem, key, ROW_TEXT),
    FIELD(dmp_problem, type, ROW_U32),
    FIELD(dmp_problem, state, ROW_U32),
    FIELD(dmp_problem, severity, ROW_U32),
    FIELD(dmp_problem, reason, ROW_U32),
    FIELD(dmp_problem, message, ROW_TEXT),
    FIELD(dmp_problem, host_index, ROW_U32),
    FIELD(dmp_problem, port_index, ROW_U32),
    FIELD(dmp_problem, since_ms, ROW_I64),
    FIELD(dmp_problem, last_event, ROW_U32),
};

static const struct dmp_row_field SAVED_FIELDS[] = {
    FIELD(dmp_saved_port, key, ROW_TEXT),
    FIELD(dmp_saved_port, state, ROW_U32),
    FIELD(dmp_saved_port, reason, ROW_U32),
    FIELD(dmp_saved_port, change_ms, ROW_I64),
    FIELD(dmp_saved_port, last_event, ROW_U32),
    FIELD(dmp_saved_port, transitions, ROW_U32),
    FIELD(dmp_saved_port, has_answered, ROW_FLAG),
};

static const struct dmp_row_field ADMIN_FIELDS[] = {
    FIELD(dmp_admin_entry, scope, ROW_U32),
    FIELD(dmp_admin_entry, name, ROW_TEXT),
    FIELD(dmp_admin_entry, state, ROW_U32),
    FIELD(dmp_admin_entry, until_ms, ROW_I64),
    FIELD(dmp_admin_entry, since_ms, ROW_I64),
    FIELD(dmp_admin_entry, comment, ROW_TEXT),
};

#define LAYOUT(fields)                                                                 \
	{                                                                              \
		fields, sizeof(fields) / sizeof(fields)[0]                             \
	}
const struct dmp_row_layout dmp_row_event = LAYOUT(EVENT_FIELDS);
const struct dmp_row_layout dmp_row_problem = LAYOUT(PROBLEM_FIELDS);
const struct dmp_row_layout dmp_row_saved_port = LAYOUT(SAVED_FIELDS);
const struct dmp_row_layout dmp_row_admin = LAYOUT(ADMIN_FIELDS);

static int64_t
field_number(const struct dmp_row_field *field, const char *at)
{
	int64_t i64 = 0;
	uint32_t u32 = 0;
	uint16_t u16 = 0;
	bool flag = false;

	switch (field->kind) {
	case ROW_I64:
		memcpy(&i64, at, sizeof i64);
		return i64;
	case ROW_U32:
		memcpy(&u32, at, sizeof u32);
		return u32;
	case ROW_U16:
		memcpy(&u16, at, sizeof u16);
		return u16;
	case ROW_FLAG:
		memcpy(&flag, at, sizeof flag);
		return flag;
	case ROW_TEXT:
		break;
	}
	return 0;
}

static void
field_set_number(const struct dmp_row_field *field, char *at, int64_t value)
{
	uint32_t u32 = value >= 0 && value <= UINT32_MAX ? (uint32_t)value : 0;
	uint16_t u16 = value >= 0 && value <= UINT16_MAX ? (uint16_t)value : 0;
	bool flag = value != 0;

	switch (field->kind) {
	case ROW_I64:
		memcpy(at, &value, sizeof value);
		break;
	case ROW_U32:
		memcpy(at, &u32, sizeof u32);
		break;
	case ROW_U16:
		memcpy(at, &u16, sizeof u16);
		break;
	case ROW_FLAG:
		memcpy(at, &flag, sizeof flag);
		break;
	case ROW_TEXT:
		break;
	}
}

int
dmp_row_bind(
    sqlite3_stmt *statement, const struct dmp_row_layout *layout, const void *row)
{
	int result = SQLITE_OK;

	for (size_t i = 0; i < layout->n && result == SQLITE_OK; i++) {
		const struct dmp_row_field *field = &layout->fields[i];
		const char *at = (const char *)row + field->offset;
		int parameter = (int)i + 1;

		if (field->kind == ROW_TEXT)
			result = sqlite3_bind_text(
			    statement, parameter, at, -1, SQLITE_STATIC);
		else
			result = sqlite3_bind_int64(
			    statement, parameter, field_number(field, at));
	}
	return result;
}

void
dmp_row_read(
    sqlite3_stmt *statement, const struct dmp_row_layout *layout, void *ret_row)
{
	for (size_t i = 0; i < layout->n; i++) {
		const struct dmp_row_field *field = &layout->fields[i];
		char *at = (char *)ret_row + field->offset;
		int column = (int)i;
		const char *text;

		if (field->kind != ROW_TEXT) {
			field_set_number(
			    field, at, sqlite3_column_int64(statement, column));
			continue;
		}
		text = (const char *)sqlite3_column_text(statement, column);
		dmp_text_copy(at, field->size, text ? text : "");
	}
}

enum dmp_status
dmp_row_status(int result)
{
	switch (result & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return DMP_OK;
	case SQLITE_NOMEM:
		return DMP_ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return DMP_EBUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return DMP_ECORRUPT;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_AUTH:
		return DMP_EPERM;
	default:
		return DMP_EIO;
	}
}

bool
dmp_row_uri(char *uri, size_t size, const char *path, const char *parameters)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = sizeof "file:" - 1;

	if (size < used + strlen(parameters) + 2)
		return false;
	size -= strlen(parameters) + 2;
	memcpy(uri, "file:", used);
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (used + 3 > size)
			return false;
		if (!strchr("%?#", c)) {
			uri[used++] = (char)c;
			continue;
		}
		uri[used++] = '%';
		uri[used++] = hex[c >> 4];
		uri[used++] = hex[c & 15];
	}
	uri[used] = '\0';
	dmp_text_format(uri + used, strlen(parameters) + 2, "?%s", parameters);
	return true;
}

enum dmp_status
dmp_row_number(sqlite3 *db, const char *query, uint32_t *ret_number)
{
	static const struct dmp_row_field number = {0, sizeof *ret_number, ROW_U32};
	sqlite3_stmt *statement = NULL;
	uint32_t found = 0;
	int result = sqlite3_prepare_v2(db, query, -1, &statement, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	if (result == SQLITE_ROW)
		field_set_number(
		    &number, (char *)&found, sqlite3_column_int64(statement, 0));
	(void)sqlite3_finalize(statement);
	if (dmp_row_status(result) == DMP_OK)
		*ret_number = found;
	return dmp_row_status(result);
}

/* A row that does not fit the set is passed over. */
static enum dmp_status
load_problem_rows(sqlite3 *db, struct dmp_problem_set *set)
{
	sqlite3_stmt *statement = NULL;
	enum dmp_status status = DMP_OK;
	int result = sqlite3_prepare_v2(db,
	    "SELECT " DMP_PROBLEM_COLUMNS " FROM problem ORDER BY idx", -1, &statement,
	    NULL);

	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	while (result == SQLITE_ROW && status == DMP_OK) {
		struct dmp_problem problem;

		dmp_row_read(statement, &dmp_row_problem, &problem);
		status = dmp_problem_add(set, &problem);
		if (status == DMP_EINVAL)
			status = DMP_OK;
		result = sqlite3_step(statement);
	}
	(void)sqlite3_finalize(statement);
	return status != DMP_OK ? status : dmp_row_status(result);
}

enum dmp_status
dmp_row_load_problems(sqlite3 *db, struct dmp_problem_set *ret_set, uint32_t *ret_as_of)
{
	struct dmp_problem_set set = {0};
	uint32_t as_of = 0;
	enum dmp_status status =
	    dmp_row_status(sqlite3_exec(db, "BEGIN", NULL, NULL, NULL));

	if (status != DMP_OK)
		return status;
	status = dmp_row_number(
	    db, "SELECT value FROM meta WHERE name = 'last_sequence'", &as_of);
	if (status == DMP_OK)
		status = load_problem_rows(db, &set);
	(void)sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	if (status != DMP_OK) {
		dmp_problem_done(&set);
		return status;
	}
	*ret_set = set;
	*ret_as_of = as_of;
	return DMP_OK;
}

/* One that cannot be read is not known. */
void
dmp_row_load_source(sqlite3 *db, char source[DMP_SOURCE_TEXT])
{
	sqlite3_stmt *statement = NULL;
	int result = sqlite3_prepare_v2(db,
	    "SELECT source FROM event ORDER BY sequence DESC LIMIT 1", -1, &statement,
	    NULL);
	const char *text = NULL;

	if (result == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		text = (const char *)sqlite3_column_text(statement, 0);
	dmp_text_safe(source, DMP_SOURCE_TEXT, text ? text : "");
	(void)sqlite3_finalize(statement);
}

enum dmp_status
dmp_row_load_saved(sqlite3 *db, struct dmp_saved_port **ret_ports, size_t *ret_n)
{
	struct dmp_saved_port *ports = NULL;
	sqlite3_stmt *statement = NULL;
	size_t n = 0;
	size_t capacity = 0;
	int result = sqlite3_prepare_v2(db,
	    "SELECT " DMP_SAVED_COLUMNS " FROM saved_port ORDER BY key", -1, &statement,
	    NULL);

	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	for (; result == SQLITE_ROW; result = sqlite3_step(statement)) {
		struct dmp_saved_port *grown =
		    dmp_array_grow(ports, n, &capacity, sizeof *grown);

		if (!grown) {
			result = SQLITE_NOMEM;
			break;
		}
		ports = grown;
		dmp_row_read(statement, &dmp_row_saved_port, &ports[n++]);
	}
	(void)sqlite3_finalize(statement);
	if (dmp_row_status(result) != DMP_OK) {
		free(ports);
		return dmp_row_status(result);
	}
	*ret_ports = ports;
	*ret_n = n;
	return DMP_OK;
}

enum dmp_status
dmp_row_load_admins(sqlite3 *db, struct dmp_admin_set *ret_set)
{
	struct dmp_admin_set set = {0};
	sqlite3_stmt *statement = NULL;
	enum dmp_status status = DMP_OK;
	int result = sqlite3_prepare_v2(
	    db, "SELECT " DMP_ADMIN_COLUMNS " FROM admin", -1, &statement, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_step(statement);
	while (result == SQLITE_ROW && status == DMP_OK) {
		struct dmp_admin_entry entry = {0};

		dmp_row_read(statement, &dmp_row_admin, &entry);
		status = dmp_admin_set(&set, &entry);
		if (status != DMP_ENOMEM)
			status = DMP_OK;
		result = sqlite3_step(statement);
	}
	(void)sqlite3_finalize(statement);
	if (status == DMP_OK)
		status = dmp_row_status(result);
	if (status != DMP_OK) {
		dmp_admin_done(&set);
		return status;
	}
	*ret_set = set;
	return DMP_OK;
}
