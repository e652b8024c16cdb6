/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "memory.h"
#include "printer.h"
#include "runs.h"
#include "json/text.h"

/* A platform that stops still gets an answer; its verdict says so. */
struct outcome explain_run(struct session *session, const struct command *command,
			   json_t *params, json_t *local)
{
	(void)local;
	return call(session, command->method, params);
}

/* Fields that are reserved or left to software, and 0, are shown only by --json. */
static bool is_filler(const json_t *field)
{
	static const char *const fillers[] = { "RES0", "IGNORED", "software", "PBHA",
					       NULL };

	for (const char *const *name = fillers; *name; name++)
		if (strcmp(mmp_json_string(field, "name"), *name) == 0)
			return strtoull(mmp_json_string(field, "value"), NULL, 0) == 0;
	return false;
}

/* Print "[4:2] AttrIndx 0x3 what it means" for each field of a descriptor. */
static void print_fields(const json_t *fields)
{
	struct printer_table table = { .columns = 4 };
	const json_t *field;
	size_t i;

	json_array_foreach(fields, i, field) {
		json_int_t lsb = json_integer_value(json_object_get(field, "lsb"));
		json_int_t width = json_integer_value(json_object_get(field, "width"));

		if (is_filler(field))
			continue;
		printer_table_add(&table,
				  width == 1 ? memory_print("    [%lld]", (long long)lsb)
					     : memory_print("    [%lld:%lld]",
							    (long long)(lsb + width - 1),
							    (long long)lsb));
		printer_table_add(&table,
				  memory_print("%s", mmp_json_string(field, "name")));
		printer_table_add(&table,
				  memory_print("%s", mmp_json_string(field, "value")));
		printer_table_add(&table,
				  memory_print("%s", mmp_json_string(field, "meaning")));
	}
	printer_table_print(stdout, &table, INK_PLAIN);
}

static void print_path(const json_t *path)
{
	const json_t *step;
	size_t i;

	json_array_foreach(path, i, step) {
		printf("  level %" JSON_INTEGER_FORMAT ", entry %" JSON_INTEGER_FORMAT
		       " of the table: ",
		       json_integer_value(json_object_get(step, "level")),
		       json_integer_value(json_object_get(step, "index")));
		printer_text(stdout, INK_STRONG, mmp_json_string(step, "descriptor"));
		putchar('\n');
		print_fields(json_object_get(step, "fields"));
	}
}

int explain_show(const json_t *value, const json_t *local, struct mmp_error *err)
{
	const json_t *reading, *line;
	size_t i, n;

	(void)local, (void)err;
	json_array_foreach(json_object_get(value, "readings"), i, reading) {
		char *title = memory_print("%s as a %s", mmp_json_string(value, "what"),
					   mmp_json_string(reading, "as"));

		if (i)
			putchar('\n');
		printer_text(stdout, INK_STRONG, title);
		putchar('\n');
		free(title);
		json_array_foreach(json_object_get(reading, "lines"), n, line) {
			fputs("  ", stdout);
			printer_paragraph(stdout, 2, json_string_value(line));
		}
		print_path(json_object_get(reading, "path"));
	}
	if (mmp_json_string(value, "verdict")[0] == 's')
		puts("\nThe firmware stops before it makes a map of this platform; "
		     "`mmpctl check` says why.");
	return 0;
}
