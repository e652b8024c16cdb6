/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "args.h"
#include "base/limits.h"
#include "printer.h"
#include "view.h"

static struct mmp_error err;

/* --- the command line ------------------------------------------------------------------ */

/* Split at blanks, find the command and parse what follows it. */
static int parse(const char *line, json_t **ret_params)
{
	char *copy = strdup(line), *words[16], *at = copy;
	const struct command *command;
	json_t *local = NULL;
	int count = 0, used, failed = -1;

	while ((words[count] = strsep(&at, " ")))
		count++;
	command = command_find(count, words, &used, &err);
	if (command)
		failed = args_parse(command, count - used, words + used, ret_params,
				    &local, &err);
	if (!failed)
		json_decref(local);
	free(copy);
	return failed;
}

static void words_become_the_parameters_of_a_call(void **state)
{
	static const struct {
		const char *line, *params;
	} rows[] = {
		{ "platform get virt", "{\"name\": \"virt\"}" },
		{ "platform get virt --revision 3",
		  "{\"name\": \"virt\", \"revision\": 3}" },
		{ "platform get --revision=3 virt",
		  "{\"name\": \"virt\", \"revision\": 3}" },
		{ "platform get -- --odd", "{\"name\": \"--odd\"}" },
		{ "build create virt --pool 0xe1c4000+64K",
		  "{\"platform\": \"virt\", \"pool\": {\"base\": \"0xe1c4000\", "
		  "\"size\": "
		  "\"0x10000\"}}" },
		{ "build create virt --placement firmware",
		  "{\"platform\": \"virt\", \"placement\": \"firmware\"}" },
		{ "memtype list --config lpae=false --config arch=arm32",
		  "{\"config\": {\"lpae\": false, \"arch\": \"arm32\"}}" },
		{ "job get 7", "{\"job\": 7}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *params = NULL, *wanted = json_loads(rows[i].params, 0, NULL);

		if (parse(rows[i].line, &params))
			fail_msg("%s: %s", rows[i].line, err.text);
		if (!json_equal(params, wanted))
			fail_msg("%s: %s", rows[i].line, json_dumps(params, 0));
		json_decref(params);
		json_decref(wanted);
	}
}

static void wrong_usage_says_what_is_wrong_and_what_would_be_right(void **state)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
		{ "platfrom list", "platform" },
		{ "platform lst", "list" },
		{ "platform get", "PLATFORM" },
		{ "platform get a b", "unexpected argument \"b\"" },
		{ "platform get a --revison 3", "--revision" },
		{ "platform get a --revision", "--revision" },
		{ "platform get a --revision x", "revision" },
		{ "build create a --pool 64K", "BASE+SIZE" },
		{ "job get x", "job" },
		{ "memtype list --config lpea=false", "lpae" },
		{ "platform import a --put=yes", "--put" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		json_t *params = NULL;

		if (!parse(rows[i].line, &params))
			fail_msg("%s was taken", rows[i].line);
		assert_int_equal(mmp_code_info(err.code)->exit, 2);
		if (!strstr(err.text, rows[i].says))
			fail_msg("%s: \"%s\" without \"%s\"", rows[i].line, err.text,
				 rows[i].says);
	}
}

static void each_row_of_a_command_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++)
		for (const struct arg *row = commands[i].words; row && row->name; row++)
			for (const struct arg *other = row + 1; other->name; other++)
				if (!strcmp(row->name, other->name))
					fail_msg("%s %s: %s twice", commands[i].noun,
						 commands[i].verb ? commands[i].verb : "",
						 row->name);
}

/* --- what people see ------------------------------------------------------------------- */

/* What `print` writes. To be freed. */
static char *printed(void (*print)(FILE *to, const void *data), const void *data)
{
	char *text = NULL;
	size_t length = 0;
	FILE *to = open_memstream(&text, &length);

	print(to, data);
	fclose(to);
	return text;
}

static void print_plain(FILE *to, const void *data)
{
	printer_text(to, INK_BAD, data);
}

static void nothing_that_is_printed_drives_the_terminal(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{ "plain", "plain" },
		{ "a\033[2Jb", "a\\x1b[2Jb" },
		{ "bell\a", "bell\\x07" },
		{ "\x7f", "\\x7f" },
		{ "\xc2\x9b"
		  "1m",
		  "\\x9b1m" },
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = printed(print_plain, rows[i].text);

		assert_string_equal(text, rows[i].printed);
		free(text);
	}
}

static void print_words(FILE *to, const void *data)
{
	printer_paragraph(to, 4, data);
}

static void a_paragraph_is_filled_to_80_columns_and_indented(void **state)
{
	char words[40 * 6 + 1] = "", *text, *at, *line;

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(words, "word. ");
	text = at = printed(print_words, words);
	for (int n = 0; (line = strsep(&at, "\n")) && *line; n++) {
		assert_true(strlen(line) <= 80);
		assert_int_equal(strspn(line, " "), n ? 4 : 0);
	}
	free(text);
}

static void print_rows(FILE *to, const void *data)
{
	static const bool right[] = { false, true };
	struct printer_table table = { .columns = 2, .right = right };

	for (const char *const *cell = data; *cell; cell++)
		printer_table_add(&table, strdup(*cell));
	printer_table_print(to, &table, INK_STRONG);
}

#define FORTY_BYTES "/a/path/that/has/no/space/and/40/columns"
/* Wider than the 120 columns that a table has in a file. */
#define LONG_WORD FORTY_BYTES FORTY_BYTES FORTY_BYTES FORTY_BYTES

static void columns_are_as_wide_as_their_characters(void **state)
{
	static const char *const cells[] = { "NAME",      "SIZE", "caf\xc3\xa9", "2M",
					     "long name", "128K", NULL };
	char *text = printed(print_rows, cells);

	(void)state;
	assert_string_equal(text, "NAME       SIZE\n"
				  "caf\xc3\xa9         2M\n"
				  "long name  128K\n");
	free(text);
}

static void words_wider_than_their_column_keep_the_next_one_aligned(void **state)
{
	static const char *const cells[] = { "LINE",  "B", LONG_WORD, "x",
					     "short", "y", NULL };
	char *text = printed(print_rows, cells);
	size_t width = strlen(LONG_WORD "  x\n");

	(void)state;
	assert_int_equal(strlen(text), 3 * width);
	assert_memory_equal(text + width - 2, "B\n" LONG_WORD "  x\n", 2 + width);
	assert_string_equal(text + 3 * width - 3, " y\n");
	free(text);
}

static const struct column unit_facts[] = {
	{ "size", "size", CELL_SIZE },    { "address", "addr", CELL_ADDRESS },
	{ "last", "addr", CELL_LAST },    { "time", "seconds", CELL_SECONDS },
	{ "long", "days", CELL_SECONDS }, { "memory", "seconds", CELL_BYTES },
	{ "much", "much", CELL_BYTES },   { "little", "little", CELL_BYTES },
	{ "digest", "id", CELL_SHORT },   { "holds", "all", CELL_LENGTH },
	{ "list", "all", CELL_LIST },     { "absent", "none", CELL_TEXT },
	{ "flag", "flag", CELL_TEXT },    { NULL, NULL, CELL_TEXT },
};
static const struct section unit_sections[] = {
	{ SECTION_FACTS, NULL, "", unit_facts, NULL },
	{ SECTION_END, NULL, NULL, NULL, NULL },
};

static void print_view(FILE *to, const void *data)
{
	static const struct view view = { unit_sections };

	view_print(to, &view, data);
}

static void values_have_the_units_that_people_read(void **state)
{
	json_t *value =
		json_loads("{\"size\": \"0x200000\", \"addr\": \"0x1000\", \"seconds\": "
			   "3725, \"days\": 183840, \"much\": 1610612736, \"little\": "
			   "1023, \"id\": \"0123456789abcdef0123\", \"all\": [\"a\", "
			   "\"b\"], \"none\": null, \"flag\": true}",
			   0, NULL);
	char *text = printed(print_view, value);

	(void)state;
	assert_string_equal(text, "size     2M\n"
				  "address  0x00001000\n"
				  "last     0x00200fff\n"
				  "time     1 h 2 min\n"
				  "long     2 d 3 h\n"
				  "memory   3.6 KiB\n"
				  "much     1.5 GiB\n"
				  "little   1023 bytes\n"
				  "digest   0123456789ab\n"
				  "holds    2\n"
				  "list     a, b\n"
				  "flag     yes\n");
	free(text);
	json_decref(value);
}

static const struct section line_sections[] = {
	{ SECTION_LINES, NULL, "text", NULL, NULL },
	{ SECTION_END, NULL, NULL, NULL, NULL },
};

static void print_lines(FILE *to, const void *data)
{
	static const struct view view = { line_sections };

	view_print(to, &view, data);
}

static void a_text_is_printed_line_by_line_and_cannot_control_the_terminal(void **state)
{
	json_t *value = json_loads("{\"text\": \"# A b\\nc 1\\n\\u001b[2J\"}", 0, NULL);
	char *text = printed(print_lines, value);

	(void)state;
	assert_string_equal(text, "# A b\nc 1\n\\x1b[2J\n");
	free(text);
	json_decref(value);
}

static void print_plainly(FILE *to, const void *data)
{
	view_print(to, NULL, data);
}

static void an_answer_without_a_view_is_printed_as_json(void **state)
{
	json_t *value = json_loads("{\"count\": 36, \"of\": \"\\u009b\"}", 0, NULL);
	char *text = printed(print_plainly, value);

	(void)state;
	assert_string_equal(text, "{\n  \"count\": 36,\n  \"of\": \"\\u009B\"\n}\n");
	free(text);
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_the_parameters_of_a_call),
		cmocka_unit_test(wrong_usage_says_what_is_wrong_and_what_would_be_right),
		cmocka_unit_test(each_row_of_a_command_has_a_name_of_its_own),
		cmocka_unit_test(nothing_that_is_printed_drives_the_terminal),
		cmocka_unit_test(a_paragraph_is_filled_to_80_columns_and_indented),
		cmocka_unit_test(columns_are_as_wide_as_their_characters),
		cmocka_unit_test(words_wider_than_their_column_keep_the_next_one_aligned),
		cmocka_unit_test(values_have_the_units_that_people_read),
		cmocka_unit_test(
			a_text_is_printed_line_by_line_and_cannot_control_the_terminal),
		cmocka_unit_test(an_answer_without_a_view_is_printed_as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
