/* SPDX-License-Identifier: BSD-2-Clause */
/* What every command prints through: tables, JSON, CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "cli/output.h"

static const struct dmp_column columns[] = {
    {"name", "NAME", DMP_COLUMN_TEXT},
    {"size", "SIZE", DMP_COLUMN_NUMBER},
    {NULL, "SHOWN", DMP_COLUMN_TEXT},
    {"hidden", NULL, DMP_COLUMN_TEXT},
    {"note", "NOTE", DMP_COLUMN_TEXT},
};

struct capture {
	char *text;
	size_t size;
	FILE *out;
	struct dmp_writer *writer;
};

static void
begin(struct capture *c, enum dmp_format format, unsigned width, bool colour)
{
	struct dmp_writer_options options = {
	    .format = format, .width = width, .colour = colour};

	c->out = open_memstream(&c->text, &c->size);
	assert_non_null(c->out);
	assert_int_equal(
	    dmp_writer_new(c->out, &options, columns, 5, &c->writer), DMP_OK);
}

static void
row(struct capture *c, const char *name, int64_t size, const char *note)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%lld", (long long)size);
	const struct dmp_cell cells[] = {
	    {.text = name, .colour = DMP_COLOUR_RED},
	    {.text = size ? number : "", .number = size, .present = size != 0},
	    {.text = "shown"},
	    {.text = "hidden"},
	    {.text = note},
	};
	assert_int_equal(dmp_writer_row(c->writer, cells), DMP_OK);
}

static void
finish(struct capture *c)
{
	assert_int_equal(dmp_writer_end(c->writer, DMP_OK), DMP_OK);
	assert_int_equal(fclose(c->out), 0);
}

static void
json_without_rows_is_an_empty_array(void **state)
{
	struct capture c;

	(void)state;
	begin(&c, DMP_FORMAT_JSON, 0, false);
	finish(&c);
	assert_string_equal(c.text, "[]\n");
	free(c.text);
}

static void
json_is_an_array_of_objects_for_any_number_of_rows(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 3; n++) {
		struct capture c;
		json_t *array;

		begin(&c, DMP_FORMAT_JSON, 0, false);
		for (size_t i = 0; i < n; i++)
			row(&c, "a\"b\\c\001\xff", i == 0 ? 0 : 7, NULL);
		finish(&c);
		array = json_loads(c.text, JSON_REJECT_DUPLICATES, NULL);
		assert_true(json_is_array(array));
		assert_int_equal(json_array_size(array), n);
		assert_string_equal(json_string_value(json_object_get(
		                        json_array_get(array, 0), "name")),
		    "a\"b\\c..");
		assert_true(
		    json_is_null(json_object_get(json_array_get(array, 0), "size")));
		assert_null(json_object_get(json_array_get(array, 0), "SHOWN"));
		assert_string_equal(json_string_value(json_object_get(
		                        json_array_get(array, n - 1), "hidden")),
		    "hidden");
		json_decref(array);
		free(c.text);
	}
}

static void
csv_has_a_header_and_quotes_what_needs_it(void **state)
{
	struct capture c;

	(void)state;
	begin(&c, DMP_FORMAT_CSV, 0, false);
	row(&c, "plain", 5, "with, comma");
	row(&c, "say \"hi\"", 0, "line\nbreak");
	row(&c, "minus", -5, "");
	finish(&c);
	assert_string_equal(c.text, "name,size,hidden,note\n"
	                            "plain,5,hidden,\"with, comma\"\n"
	                            "\"say \"\"hi\"\"\",,hidden,line break\n"
	                            "minus,-5,hidden,\n");
	free(c.text);
}

static void
csv_disarms_formulas(void **state)
{
	struct capture c;

	(void)state;
	begin(&c, DMP_FORMAT_CSV, 0, false);
	row(&c, "=HYPERLINK(\"x\")", 0, "-");
	row(&c, "@SUM(1)", 0, "+1");
	finish(&c);
	assert_string_equal(c.text, "name,size,hidden,note\n"
	                            "\"'=HYPERLINK(\"\"x\"\")\",,hidden,-\n"
	                            "\"'@SUM(1)\",,hidden,\"'+1\"\n");
	free(c.text);
}

static void
table_aligns_columns_and_numbers_to_the_right(void **state)
{
	struct capture c;

	(void)state;
	begin(&c, DMP_FORMAT_TABLE, 0, false);
	row(&c, "a", 5, "x");
	row(&c, "longer name", 12345, "y");
	finish(&c);
	assert_string_equal(c.text, "NAME          SIZE  SHOWN  NOTE\n"
	                            "a                5  shown  x\n"
	                            "longer name  12345  shown  y\n");
	free(c.text);
}

static void
table_without_rows_has_no_header(void **state)
{
	struct capture c;

	(void)state;
	begin(&c, DMP_FORMAT_TABLE, 0, false);
	finish(&c);
	assert_int_equal(c.size, 0);
	free(c.text);
}

static void
table_keeps_its_widths_and_header_over_a_flush(void **state)
{
	struct capture c;

	(void)state;
	begin(&c, DMP_FORMAT_TABLE, 0, false);
	row(&c, "longer name", 5, "x");
	assert_int_equal(dmp_writer_flush(c.writer), DMP_OK);
	row(&c, "a", 5, "y");
	finish(&c);
	assert_string_equal(c.text, "NAME         SIZE  SHOWN  NOTE\n"
	                            "longer name     5  shown  x\n"
	                            "a               5  shown  y\n");
	free(c.text);
}

static void
table_is_cut_to_the_width_of_the_terminal(void **state)
{
	struct capture c;
	const char *line;

	(void)state;
	begin(&c, DMP_FORMAT_TABLE, 40, false);
	row(&c, "a", 5, "0123456789012345678901234567890123456789");
	finish(&c);
	line = strchr(c.text, '\n') + 1;
	assert_int_equal(strcspn(line, "\n"), 40);
	free(c.text);
}

static void
table_has_colour_only_when_asked(void **state)
{
	struct capture c;

	(void)state;
	begin(&c, DMP_FORMAT_TABLE, 0, false);
	row(&c, "a", 5, "x");
	finish(&c);
	assert_null(strchr(c.text, '\033'));
	free(c.text);
	begin(&c, DMP_FORMAT_TABLE, 0, true);
	row(&c, "a", 5, "x");
	finish(&c);
	assert_non_null(strstr(c.text, "\033[31ma   \033[0m"));
	free(c.text);
}

static void
no_format_lets_control_characters_through(void **state)
{
	(void)state;
	for (int format = DMP_FORMAT_TABLE; format <= DMP_FORMAT_CSV; format++) {
		struct capture c;

		begin(&c, (enum dmp_format)format, 0, false);
		row(&c, "evil\033[2J\x9b\x07", 1, "\r\033]0;title\007");
		finish(&c);
		for (size_t i = 0; i < c.size; i++)
			assert_true(c.text[i] == '\n' ||
			            (c.text[i] >= 0x20 && c.text[i] < 0x7f));
		free(c.text);
	}
}

static void
a_full_disk_is_an_error(void **state)
{
	struct dmp_writer_options options = {.format = DMP_FORMAT_JSON};
	struct dmp_writer *writer;
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	assert_int_equal(dmp_writer_new(full, &options, columns, 5, &writer), DMP_OK);
	assert_int_equal(dmp_writer_end(writer, DMP_OK), DMP_EIO);
	(void)fclose(full);
}

static void
what_went_wrong_first_is_what_the_end_tells(void **state)
{
	struct capture c;

	(void)state;
	begin(&c, DMP_FORMAT_JSON, 0, false);
	assert_int_equal(dmp_writer_end(c.writer, DMP_ENOMEM), DMP_ENOMEM);
	(void)fclose(c.out);
	free(c.text);
	assert_int_equal(dmp_writer_end(NULL, DMP_ENOMEM), DMP_ENOMEM);
	assert_int_equal(dmp_writer_end(NULL, DMP_OK), DMP_OK);
}

static void
a_table_shows_numbers_that_have_no_text(void **state)
{
	static const struct dmp_column numbers[] = {{"a", "A", DMP_COLUMN_NUMBER},
	    {"b", "B", DMP_COLUMN_NUMBER}, {"c", "C", DMP_COLUMN_NUMBER}};
	const struct dmp_cell cells[] = {{.number = -12, .present = true},
	    {.number = 5, .present = false},
	    {.text = "1 ms", .number = 1, .present = true}};
	const struct dmp_writer_options options = {.format = DMP_FORMAT_TABLE};
	struct dmp_writer *writer;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	assert_int_equal(dmp_writer_new(out, &options, numbers, 3, &writer), DMP_OK);
	assert_int_equal(dmp_writer_row(writer, cells), DMP_OK);
	assert_int_equal(dmp_writer_end(writer, DMP_OK), DMP_OK);
	(void)fclose(out);
	assert_string_equal(text, "  A  B  C\n-12     1 ms\n");
	free(text);
}

static void
every_format_has_a_word_that_finds_it(void **state)
{
	(void)state;
	for (int i = 0; i < DMP_FORMATS; i++) {
		enum dmp_format format;

		assert_true(
		    dmp_format_find(dmp_format_word((enum dmp_format)i), &format));
		assert_int_equal(format, i);
	}
	assert_null(dmp_format_word(DMP_FORMATS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_without_rows_is_an_empty_array),
	    cmocka_unit_test(json_is_an_array_of_objects_for_any_number_of_rows),
	    cmocka_unit_test(csv_has_a_header_and_quotes_what_needs_it),
	    cmocka_unit_test(csv_disarms_formulas),
	    cmocka_unit_test(table_aligns_columns_and_numbers_to_the_right),
	    cmocka_unit_test(table_without_rows_has_no_header),
	    cmocka_unit_test(table_keeps_its_widths_and_header_over_a_flush),
	    cmocka_unit_test(table_is_cut_to_the_width_of_the_terminal),
	    cmocka_unit_test(table_has_colour_only_when_asked),
	    cmocka_unit_test(no_format_lets_control_characters_through),
	    cmocka_unit_test(a_full_disk_is_an_error),
	    cmocka_unit_test(what_went_wrong_first_is_what_the_end_tells),
	    cmocka_unit_test(a_table_shows_numbers_that_have_no_text),
	    cmocka_unit_test(every_format_has_a_word_that_finds_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
