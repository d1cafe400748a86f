/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/output.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"

enum { CELL_TEXT = 1024, GAP = 2, WIDTH_MIN = 8 };

struct output_kept {
	char *text;
	enum dmp_colour colour;
};

struct dmp_writer {
	FILE *out;
	struct dmp_writer_options options;
	const struct dmp_column *columns;
	size_t n_columns;
	size_t n_rows;  /* written or kept so far */
	size_t *widths; /* table: only grow, so that a followed table stays in line */
	struct output_kept *kept; /* table: n_columns for each row since the flush */
	size_t n_kept;            /* rows */
	size_t capacity;
	bool has_header;
};

static const char *const output_formats[DMP_FORMATS] = {
    [DMP_FORMAT_TABLE] = "table",
    [DMP_FORMAT_JSON] = "json",
    [DMP_FORMAT_CSV] = "csv",
    [DMP_FORMAT_NAGIOS] = "nagios",
    [DMP_FORMAT_PROMETHEUS] = "prometheus",
    [DMP_FORMAT_WINDOWS] = "windows",
    [DMP_FORMAT_NFTABLES] = "nftables",
};

const char *
dmp_format_word(enum dmp_format format)
{
	return format < DMP_FORMATS ? output_formats[format] : NULL;
}

bool
dmp_format_find(const char *word, enum dmp_format *ret_format)
{
	for (int i = 0; i < DMP_FORMATS; i++) {
		if (strcmp(word, output_formats[i]) == 0) {
			*ret_format = (enum dmp_format)i;
			return true;
		}
	}
	return false;
}

static void
output_clean(char text[CELL_TEXT], const char *raw)
{
	if (raw)
		dmp_text_printable(text, CELL_TEXT, raw, strlen(raw));
	else
		text[0] = '\0';
}

/* --- CSV --- */

/* RFC 4180 2.  A text that a spreadsheet would take for a formula is led by an
 * apostrophe: what a host answers must not be computed by whoever opens the file. */
static void
output_csv_text(FILE *out, const char *text)
{
	bool formula = *text && strchr("=+-@", *text) && text[1];

	if (!formula && !strpbrk(text, ",\"\r\n")) {
		(void)fputs(text, out);
		return;
	}
	(void)fputc('"', out);
	if (formula)
		(void)fputc('\'', out);
	for (; *text; text++) {
		if (*text == '"')
			(void)fputc('"', out);
		(void)fputc(*text, out);
	}
	(void)fputc('"', out);
}

static void
output_csv_header(struct dmp_writer *w)
{
	const char *separator = "";

	for (size_t i = 0; i < w->n_columns; i++) {
		if (!w->columns[i].key)
			continue;
		(void)fprintf(w->out, "%s%s", separator, w->columns[i].key);
		separator = ",";
	}
	(void)fputc('\n', w->out);
}

static enum dmp_status
output_csv_row(struct dmp_writer *w, const struct dmp_cell *cells)
{
	const char *separator = "";
	char text[CELL_TEXT];

	for (size_t i = 0; i < w->n_columns; i++) {
		if (!w->columns[i].key)
			continue;
		(void)fputs(separator, w->out);
		separator = ",";
		if (w->columns[i].kind == DMP_COLUMN_NUMBER) {
			if (cells[i].present)
				(void)fprintf(
				    w->out, "%lld", (long long)cells[i].number);
			continue;
		}
		output_clean(text, cells[i].text);
		output_csv_text(w->out, text);
	}
	(void)fputc('\n', w->out);
	return DMP_OK;
}

/* --- JSON --- */

static json_t *
output_json_value(const struct dmp_column *column, const struct dmp_cell *cell)
{
	char text[CELL_TEXT];

	if (column->kind == DMP_COLUMN_NUMBER)
		return cell->present ? json_integer(cell->number) : json_null();
	output_clean(text, cell->text);
	return json_string(text);
}

static enum dmp_status
output_json_row(struct dmp_writer *w, const struct dmp_cell *cells)
{
	json_t *object = json_object();
	enum dmp_status status = DMP_ENOMEM;
	char *line = NULL;

	if (!object)
		return DMP_ENOMEM;
	for (size_t i = 0; i < w->n_columns; i++) {
		if (w->columns[i].key &&
		    json_object_set_new(object, w->columns[i].key,
		        output_json_value(&w->columns[i], &cells[i])) != 0)
			goto done;
	}
	line = json_dumps(object, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (!line)
		goto done;
	/* The comma leads: who follows gets each line when its row is known. */
	(void)fprintf(w->out, "%s%s\n", w->n_rows > 0 ? "," : "\n", line);
	status = DMP_OK;
done:
	free(line);
	json_decref(object);
	return status;
}

/* --- table --- */

static enum dmp_status
output_keep_row(struct dmp_writer *w, const struct dmp_cell *cells)
{
	struct output_kept *row;
	char text[CELL_TEXT];
	struct output_kept *kept = dmp_array_grow(
	    w->kept, w->n_kept, &w->capacity, w->n_columns * sizeof(*kept));

	if (!kept)
		return DMP_ENOMEM;
	w->kept = kept;
	row = kept + w->n_kept * w->n_columns;
	for (size_t i = 0; i < w->n_columns; i++) {
		if (w->columns[i].kind == DMP_COLUMN_NUMBER && cells[i].present &&
		    !cells[i].text)
			dmp_text_format(
			    text, sizeof(text), "%lld", (long long)cells[i].number);
		else
			output_clean(text, cells[i].text);
		row[i] = (struct output_kept){strdup(text), cells[i].colour};
		if (!row[i].text) {
			while (i-- > 0)
				free(row[i].text);
			return DMP_ENOMEM;
		}
		if (strlen(text) > w->widths[i])
			w->widths[i] = strlen(text);
	}
	w->n_kept++;
	return DMP_OK;
}

/* The last column that the table shows: it is neither padded nor aligned. */
static size_t
output_last_column(const struct dmp_writer *w)
{
	size_t last = 0;

	for (size_t i = 0; i < w->n_columns; i++) {
		if (w->columns[i].title)
			last = i;
	}
	return last;
}

static void
output_table_cell(struct dmp_writer *w, size_t column, const char *text, size_t left)
{
	int width = (int)w->widths[column];

	if (column == output_last_column(w)) {
		int room = CELL_TEXT;

		if (w->options.width > 0)
			room = w->options.width > left + WIDTH_MIN
			           ? (int)(w->options.width - left)
			           : WIDTH_MIN;
		(void)fprintf(w->out, "%.*s", room, text);
	} else if (w->columns[column].kind == DMP_COLUMN_NUMBER) {
		(void)fprintf(w->out, "%*s", width, text);
	} else {
		(void)fprintf(w->out, "%-*s", width, text);
	}
}

static void
output_table_line(struct dmp_writer *w, const struct output_kept *row)
{
	size_t left = 0;
	bool first = true;

	for (size_t i = 0; i < w->n_columns; i++) {
		enum dmp_colour colour = row ? row[i].colour : DMP_COLOUR_BOLD;

		if (!w->columns[i].title)
			continue;
		if (!first) {
			(void)fprintf(w->out, "%*s", GAP, "");
			left += GAP;
		}
		first = false;
		if (!w->options.colour)
			colour = DMP_COLOUR_NONE;
		if (colour != DMP_COLOUR_NONE)
			(void)fputs(dmp_terminal_code(colour), w->out);
		output_table_cell(w, i, row ? row[i].text : w->columns[i].title, left);
		if (colour != DMP_COLOUR_NONE)
			(void)fputs(dmp_terminal_code(DMP_COLOUR_NONE), w->out);
		left += w->widths[i];
	}
	(void)fputc('\n', w->out);
}

static void
output_forget(struct dmp_writer *w)
{
	for (size_t i = 0; i < w->n_kept * w->n_columns; i++)
		free(w->kept[i].text);
	w->n_kept = 0;
}

static void
output_table_flush(struct dmp_writer *w)
{
	if (w->n_kept > 0 && !w->has_header) {
		output_table_line(w, NULL);
		w->has_header = true;
	}
	for (size_t r = 0; r < w->n_kept; r++)
		output_table_line(w, w->kept + r * w->n_columns);
	output_forget(w);
}

/* --- the writer --- */

static void
output_free(struct dmp_writer *w)
{
	output_forget(w);
	free(w->kept);
	free(w->widths);
	free(w);
}

enum dmp_status
dmp_writer_new(FILE *out, const struct dmp_writer_options *options,
    const struct dmp_column *columns, size_t n_columns, struct dmp_writer **ret_writer)
{
	struct dmp_writer *w = calloc(1, sizeof(*w));

	if (!w)
		return DMP_ENOMEM;
	w->out = out;
	w->options = *options;
	w->columns = columns;
	w->n_columns = n_columns;
	w->widths = calloc(n_columns, sizeof(*w->widths));
	if (!w->widths) {
		output_free(w);
		return DMP_ENOMEM;
	}
	for (size_t i = 0; i < n_columns; i++) {
		if (columns[i].title)
			w->widths[i] = strlen(columns[i].title);
	}
	if (options->format == DMP_FORMAT_JSON)
		(void)fputc('[', out);
	else if (options->format == DMP_FORMAT_CSV)
		output_csv_header(w);
	*ret_writer = w;
	return DMP_OK;
}

enum dmp_status
dmp_writer_row(struct dmp_writer *w, const struct dmp_cell *cells)
{
	enum dmp_status status;

	if (w->options.format == DMP_FORMAT_JSON)
		status = output_json_row(w, cells);
	else if (w->options.format == DMP_FORMAT_CSV)
		status = output_csv_row(w, cells);
	else
		status = output_keep_row(w, cells);
	if (status == DMP_OK)
		w->n_rows++;
	return status;
}

enum dmp_status
dmp_writer_flush(struct dmp_writer *w)
{
	if (w->options.format == DMP_FORMAT_TABLE)
		output_table_flush(w);
	return fflush(w->out) == 0 && !ferror(w->out) ? DMP_OK : DMP_EIO;
}

enum dmp_status
dmp_writer_end(struct dmp_writer *w, enum dmp_status status)
{
	enum dmp_status end;

	if (!w)
		return status;
	if (w->options.format == DMP_FORMAT_JSON)
		(void)fputs("]\n", w->out);
	end = dmp_writer_flush(w);
	output_free(w);
	return status == DMP_OK ? end : status;
}
