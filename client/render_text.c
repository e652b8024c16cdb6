/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "locate.h"
#include "memory.h"
#include "printer.h"
#include "render.h"
#include "view.h"

static int print_answer(const struct command *command, const json_t *value,
			const json_t *local, struct mmp_error *err)
{
	if (command->show)
		return command->show(value, local, err);
	view_print(stdout, command->view, value);
	findings_print(stdout, value);
	return 0;
}

/* Print where the firmware would have stopped; builds without core_debug do not say. */
static void print_firmware(const json_t *firmware)
{
	const char *func = json_string_value(json_object_get(firmware, "func"));
	const char *file = json_string_value(json_object_get(firmware, "file"));
	const json_t *line = json_object_get(firmware, "line");
	const json_t *one;
	size_t i;

	if (func && strcmp(func, "?") != 0) {
		fprintf(stderr, "  in the firmware: %s()", func);
		if (file && strcmp(file, "?") != 0)
			fprintf(stderr, ", %s", file);
		if (json_integer_value(line))
			fprintf(stderr, ":%" JSON_INTEGER_FORMAT,
				json_integer_value(line));
		putc('\n', stderr);
	}
	json_array_foreach(json_object_get(firmware, "trace"), i, one) {
		fputs("  it prints: ", stderr);
		printer_text(stderr, INK_PLAIN,
			     json_string_value(one) ? json_string_value(one) : "");
		putc('\n', stderr);
	}
}

static void print_mistake(const json_t *mistake)
{
	char *line = mistake_line(mistake);

	printer_text(stderr, INK_PLAIN, line);
	putc('\n', stderr);
	free(line);
}

/*
 * Print everything that is wrong with a document; returns whether there was such a
 * list.
 */
static bool print_mistakes(const json_t *data)
{
	const json_t *mistakes = json_object_get(data, "mistakes"), *one;
	json_int_t count = (json_int_t)json_array_size(mistakes),
		   omitted =
			   json_integer_value(json_object_get(data, "mistakes_omitted"));
	size_t i;

	if (count == 1 && !omitted)
		fputs("mmpctl: ", stderr);
	json_array_foreach(mistakes, i, one) {
		print_mistake(one);
	}
	if (omitted)
		fprintf(stderr, "and %" JSON_INTEGER_FORMAT " more\n", omitted);
	if (count > 1)
		fprintf(stderr,
			"mmpctl: the document has %" JSON_INTEGER_FORMAT " mistakes\n",
			count + omitted);
	return count > 0;
}

/* What the report of a failed push advises. */
static void print_advice(const json_t *data)
{
	const json_t *job = json_object_get(data, "job");
	const char *advice = json_string_value(
		json_object_get(json_object_get(job, "report"), "advice"));

	if (!advice)
		return;
	printer_text(stderr, INK_PLAIN, "advice: ");
	printer_text(stderr, INK_PLAIN, advice);
	putc('\n', stderr);
}

static void failure(const json_t *failure)
{
	const char *message = json_string_value(json_object_get(failure, "message"));
	const json_t *data = json_object_get(failure, "data");

	fflush(stdout);
	if (print_mistakes(data))
		return;
	printer_text(stderr, INK_BAD, "mmpctl:");
	putc(' ', stderr);
	printer_text(stderr, INK_PLAIN,
		     message ? message : "failed, and mmpd does not say why");
	putc('\n', stderr);
	print_advice(data);
	print_firmware(json_object_get(data, "firmware"));
	findings_print(stderr, data);
}

const struct render render_text = { print_answer, failure };
