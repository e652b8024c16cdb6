/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "memory.h"
#include "printer.h"
#include "runs.h"

struct outcome diff_run(struct session *session, const struct command *command,
			json_t *params, json_t *local)
{
	struct outcome outcome = call(session, command->method, params);

	(void)local;
	if (outcome.value && !json_is_true(json_object_get(outcome.value, "passed")))
		outcome.status = mmp_code_info(MMP_FIRMWARE_STOP)->exit;
	return outcome;
}

/* The first ones, down to where nothing becomes possible that was not, are bad. */
static enum ink ink_of(const char *kind)
{
	static const char *const bad[] = { "stop",  "nonsecure", "execute",
					   "write", "user",      NULL };
	static const char *const warn[] = { "memory", "mapped", "finding", "tables",
					    NULL };

	for (const char *const *at = bad; *at; at++)
		if (strcmp(*at, kind) == 0)
			return INK_BAD;
	for (const char *const *at = warn; *at; at++)
		if (strcmp(*at, kind) == 0)
			return INK_WARN;
	return strcmp(kind, "fixed") == 0 ? INK_GOOD : INK_FAINT;
}

static void print_change(const json_t *change)
{
	const char *kind = json_string_value(json_object_get(change, "kind"));
	const char *text = json_string_value(json_object_get(change, "text"));
	char *padded = memory_print("%-12s ", kind ? kind : "");

	printer_text(stdout, ink_of(kind ? kind : ""), padded);
	printer_paragraph(stdout, 13, text ? text : "");
	free(padded);
}

int diff_show(const json_t *value, const json_t *local, struct mmp_error *err)
{
	json_int_t omitted = json_integer_value(json_object_get(value, "omitted"));
	const json_t *failing = json_object_get(value, "failing"), *one;
	size_t i;

	(void)local, (void)err;
	if (json_is_true(json_object_get(value, "same")))
		puts("no difference");
	json_array_foreach(json_object_get(value, "changes"), i, one) {
		print_change(one);
	}
	if (omitted)
		printf("and %" JSON_INTEGER_FORMAT " changes more\n", omitted);
	json_array_foreach(failing, i, one) {
		printf("%s%s", i ? ", " : "\nfailed on: ", json_string_value(one));
	}
	if (json_array_size(failing))
		putchar('\n');
	return 0;
}
