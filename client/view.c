/* SPDX-License-Identifier: BSD-2-Clause */
#include "view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "memory.h"
#include "model/rules.h"
#include "printer.h"
#include "json/text.h"

#define COLUMNS_MAX 12

/* The first member found of alternative names, as rule sets differ: "addr|pa". */
static const json_t *member_of(const json_t *value, const char *names, size_t length)
{
	const json_t *found = NULL;

	for (const char *at = names; !found && at < names + length;) {
		size_t one = strcspn(at, "|.");
		char *key = memory_copy(at, one);

		found = json_object_get(value, key);
		free(key);
		at += one + 1;
	}
	return found;
}

/* The value at a dotted path, or NULL; "" is the value itself. */
static const json_t *value_at(const json_t *value, const char *path)
{
	while (*path && value) {
		size_t length = strcspn(path, ".");

		value = member_of(value, path, length);
		path += length + (path[length] == '.');
	}
	return value;
}

/* The number of a value, which is a JSON number or text such as "0x9000000". */
static int read_number(const json_t *value, uint64_t *ret_number)
{
	struct mmp_error err;

	if (json_is_string(value))
		return mmp_number_parse(json_string_value(value), ret_number, &err);
	if (!json_is_integer(value))
		return -1;
	*ret_number = (uint64_t)json_integer_value(value);
	return 0;
}

static char *write_plain(const json_t *value)
{
	char *dumped, *text;

	if (!value || json_is_null(value))
		return memory_print("-");
	if (json_is_string(value))
		return memory_print("%s", json_string_value(value));
	if (json_is_boolean(value))
		return memory_print("%s", json_is_true(value) ? "yes" : "no");
	if (json_is_real(value))
		return memory_print("%.2f", json_real_value(value));
	dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	text = memory_print("%s", dumped ? dumped : "");
	free(dumped);
	return text;
}

static char *write_size(uint64_t number)
{
	char text[MMP_SIZE_TEXT_SIZE];

	return memory_print("%s", mmp_size_print(number, text));
}

/* With one decimal: "4.1 MiB". */
static char *write_bytes(uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024)
		return memory_print("%" PRIu64 " bytes", bytes);
	for (; value >= 1023.95 && unit < 3; unit++)
		value /= 1024;
	return memory_print("%.1f %s", value, units[unit]);
}

static char *write_time(uint64_t number)
{
	time_t seconds = (time_t)number;
	struct tm local;
	char text[32];

	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", localtime_r(&seconds, &local));
	return memory_print("%s", text);
}

static char *write_seconds(uint64_t seconds)
{
	if (seconds < 60)
		return memory_print("%" PRIu64 " s", seconds);
	if (seconds < 3600)
		return memory_print("%" PRIu64 " min %" PRIu64 " s", seconds / 60,
				    seconds % 60);
	if (seconds < 86400)
		return memory_print("%" PRIu64 " h %" PRIu64 " min", seconds / 3600,
				    seconds / 60 % 60);
	return memory_print("%" PRIu64 " d %" PRIu64 " h", seconds / 86400,
			    seconds / 3600 % 24);
}

static char *write_address(uint64_t number)
{
	return memory_print("0x%08" PRIx64, number);
}

/* Conversion of numbers to cells; a value that is not a number is written unchanged. */
static char *(*const number_cells[CELL_KIND_COUNT])(uint64_t number) = {
	[CELL_ADDRESS] = write_address, [CELL_SIZE] = write_size,
	[CELL_BYTES] = write_bytes,     [CELL_TIME] = write_time,
	[CELL_SECONDS] = write_seconds,
};

static char *write_last(const json_t *item, const char *path)
{
	uint64_t first, size;

	if (read_number(value_at(item, path), &first) ||
	    read_number(value_at(item, "size"), &size) || size == 0)
		return memory_print("-");
	return write_address(first + size - 1);
}

static char *write_list(const json_t *value)
{
	char *text = memory_print("%s", "");
	size_t i;
	json_t *item;

	json_array_foreach(value, i, item) {
		char *one = write_plain(item), *all;

		all = memory_print("%s%s%s", text, i ? ", " : "", one);
		free(one);
		free(text);
		text = all;
	}
	return text;
}

static size_t length_of(const json_t *value)
{
	return json_is_object(value) ? json_object_size(value) : json_array_size(value);
}

static char *write_default(const json_t *key, const json_t *value)
{
	if (json_is_true(json_object_get(key, "required")))
		return memory_print("required");
	if (json_is_boolean(value))
		return memory_print("%s", json_is_true(value) ? "true" : "false");
	return write_plain(value);
}

static char *write_cell(const struct column *column, const json_t *item)
{
	const json_t *value = value_at(item, column->path);
	uint64_t number;

	if (column->cell == CELL_LAST)
		return write_last(item, column->path);
	if (column->cell == CELL_DEFAULT)
		return write_default(item, value);
	if (!value || json_is_null(value))
		return memory_print("-");
	if (number_cells[column->cell] && read_number(value, &number) == 0)
		return number_cells[column->cell](number);
	if (column->cell == CELL_SHORT && json_is_string(value))
		return memory_copy(json_string_value(value), 12);
	if (column->cell == CELL_LENGTH)
		return memory_print("%zu", length_of(value));
	if ((column->cell == CELL_LIST || column->cell == CELL_NOTE) &&
	    json_is_array(value))
		return write_list(value);
	return write_plain(value);
}

/* A column without a value in any item does not exist in this rule set. */
static bool is_used(const struct column *column, const json_t *items)
{
	size_t i;
	json_t *item;

	json_array_foreach(items, i, item) {
		if (value_at(item, column->path))
			return true;
	}
	return false;
}

static void print_table(FILE *to, const struct section *section, const json_t *items)
{
	const struct column *used[COLUMNS_MAX];
	struct printer_table table = { 0 };
	bool right[COLUMNS_MAX] = { false };
	size_t i;
	json_t *item;

	for (const struct column *column = section->columns; column->title; column++) {
		if (!is_used(column, items))
			continue;
		right[table.columns] =
			column->cell == CELL_SIZE || column->cell == CELL_LENGTH;
		used[table.columns++] = column;
		table.notes += column->cell == CELL_NOTE;
		printer_table_add(&table, memory_print("%s", column->title));
	}
	table.right = right;
	json_array_foreach(items, i, item) {
		for (size_t n = 0; n < table.columns; n++)
			printer_table_add(&table, write_cell(used[n], item));
	}
	printer_table_print(to, &table, INK_STRONG);
}

static void print_facts(FILE *to, const struct section *section, const json_t *item)
{
	struct printer_table table = { .columns = 2 };

	for (const struct column *column = section->columns; column->title; column++) {
		const json_t *value = value_at(item, column->path);

		if (!value || json_is_null(value))
			continue;
		printer_table_add(&table, memory_print("%s", column->title));
		printer_table_add(&table, write_cell(column, item));
	}
	printer_table_print(to, &table, INK_PLAIN);
}

static bool is_default(const struct mmp_config_key *key, const json_t *value)
{
	uint64_t number;

	if (key->type == MMP_KEY_CHOICE)
		return json_is_string(value) &&
		       !strcmp(json_string_value(value), key->choices[key->fallback]);
	if (key->type == MMP_KEY_FLAG)
		return json_is_true(value) == (key->fallback != 0);
	return read_number(value, &number) == 0 && number == key->fallback;
}

/* Print the keys that the rule set requires, or that differ from the default. */
static void print_config(FILE *to, const json_t *document)
{
	static const enum cell cells[] = {
		[MMP_KEY_ADDRESS] = CELL_ADDRESS, [MMP_KEY_SIZE] = CELL_SIZE
	};
	const json_t *config = json_object_get(document, "config");
	struct printer_table table = { .columns = 2 };
	const struct mmp_rules *rules;
	struct mmp_error err;

	if (mmp_rules_find(mmp_json_string(document, "rules"), &rules, &err))
		return;
	for (const struct mmp_config_key *key = rules->keys; key->name; key++) {
		const struct column column = { key->name, key->name,
					       key->type < sizeof(cells) /
								       sizeof(cells[0])
						       ? cells[key->type]
						       : CELL_TEXT };
		const json_t *value = value_at(config, key->name);

		if (!value || json_is_null(value) || key->type == MMP_KEY_OBJECT ||
		    (!key->required && is_default(key, value)))
			continue;
		printer_table_add(&table, memory_print("%s", key->name));
		printer_table_add(&table, write_cell(&column, config));
	}
	printer_table_print(to, &table, INK_PLAIN);
}

static void print_lines(FILE *to, const json_t *text)
{
	for (const char *at = json_string_value(text); at && *at;) {
		size_t length = strcspn(at, "\n");
		char *line = memory_copy(at, length);

		printer_text(to, INK_PLAIN, line);
		putc('\n', to);
		free(line);
		at += length + (at[length] == '\n');
	}
}

static void print_section(FILE *to, const struct section *section, const json_t *value)
{
	if (section->kind == SECTION_TABLE && json_array_size(value) == 0) {
		fprintf(to, "%s\n", section->empty);
	} else if (section->kind == SECTION_TABLE) {
		print_table(to, section, value);
	} else if (section->kind == SECTION_CONFIG) {
		print_config(to, value);
	} else if (section->kind == SECTION_LINES) {
		print_lines(to, value);
	} else {
		print_facts(to, section, value);
	}
}

static bool has_facts(const struct section *section, const json_t *part)
{
	for (const struct column *column = section->columns; column->title; column++) {
		const json_t *value = value_at(part, column->path);

		if (value && !json_is_null(value))
			return true;
	}
	return false;
}

/*
 * An empty table without a text for that, or no facts: print nothing, not even a title.
 */
static bool is_silent(const struct section *section, const json_t *part)
{
	if (section->kind == SECTION_FACTS)
		return !has_facts(section, part);
	if (section->kind == SECTION_CONFIG || section->kind == SECTION_LINES)
		return false;
	return !section->empty && !json_array_size(part);
}

void view_print(FILE *to, const struct view *view, const json_t *value)
{
	bool first = true;

	if (!view) {
		json_dumpf(value, to, JSON_INDENT(2) | JSON_ENSURE_ASCII);
		putc('\n', to);
		return;
	}
	for (const struct section *section = view->sections; section->kind; section++) {
		const json_t *part = value_at(value, section->path);

		if (!part || json_is_null(part) || is_silent(section, part))
			continue;
		if (section->title) {
			fputs(first ? "" : "\n", to);
			printer_text(to, INK_STRONG, section->title);
			putc('\n', to);
		}
		print_section(to, section, part);
		first = false;
	}
}
