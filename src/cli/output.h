/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * output.h - rows of cells as a table, as JSON or as CSV.
 *
 * How it works: a command describes its columns once and hands over rows.  A column
 * with a key is in JSON and CSV, one with a title is in the table; most have both.
 * JSON is an array, whatever the number of rows, with one object per line (behind a
 * comma, but for the first); CSV is RFC 4180 with a header line.  JSON and CSV are
 * streamed; a table is kept until flush(), for its widths.  Whatever a cell contains,
 * what is written is printable ASCII.
 */
#ifndef DMP_OUTPUT_H
#define DMP_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"
#include "cli/terminal.h"

enum dmp_format {
	DMP_FORMAT_TABLE = 0,
	DMP_FORMAT_JSON,
	DMP_FORMAT_CSV,
	DMP_FORMAT_NAGIOS,
	DMP_FORMAT_PROMETHEUS,
	DMP_FORMAT_WINDOWS,  /* firewall rules in PowerShell */
	DMP_FORMAT_NFTABLES, /* firewall rules for nft */
	DMP_FORMATS
};

#define DMP_FORMAT_BIT(name) (1u << DMP_FORMAT_##name)
#define DMP_FORMAT_ROWS                                                                \
	(DMP_FORMAT_BIT(TABLE) | DMP_FORMAT_BIT(JSON) | DMP_FORMAT_BIT(CSV))

/* NULL past the last. */
const char *dmp_format_word(enum dmp_format format);
bool dmp_format_find(const char *word, enum dmp_format *ret_format);

enum dmp_column_kind { DMP_COLUMN_TEXT = 0, DMP_COLUMN_NUMBER };

struct dmp_column {
	const char *key;   /* in JSON and CSV; NULL = not there */
	const char *title; /* in the table; NULL = not there */
	enum dmp_column_kind kind;
};

/* text: shown in the table, and the value of TEXT columns (NULL = empty).  number: the
 * value of NUMBER columns, if present (else null or empty); the table shows the text
 * instead when there is one. */
struct dmp_cell {
	const char *text;
	int64_t number;
	bool present;
	enum dmp_colour colour;
};

struct dmp_writer;

struct dmp_writer_options {
	enum dmp_format format; /* TABLE, JSON or CSV */
	bool colour;
	unsigned width; /* cut the table's last column to fit, 0 = never */
};

/* columns are borrowed until end().  Writes what stands before the first row. */
enum dmp_status dmp_writer_new(FILE *out, const struct dmp_writer_options *options,
    const struct dmp_column *columns, size_t n_columns,
    struct dmp_writer **ret_writer) DMP_CHECK_RESULT;

/* One cell for each column. */
enum dmp_status dmp_writer_row(
    struct dmp_writer *writer, const struct dmp_cell *cells) DMP_CHECK_RESULT;

/* Print what is kept and push it out of the stream's buffer. */
enum dmp_status dmp_writer_flush(struct dmp_writer *writer) DMP_CHECK_RESULT;

/* Flush, write what stands after the last row, and free.  Returns the status of what
 * was done before unless that is DMP_OK, else DMP_EIO when anything could not be
 * written.  NULL is allowed. */
enum dmp_status dmp_writer_end(
    struct dmp_writer *writer, enum dmp_status status) DMP_CHECK_RESULT;

#endif
