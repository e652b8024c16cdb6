/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "call.h"
#include "memory.h"
#include "printer.h"
#include "runs.h"
#include "side.h"

/* Whether changes of this kind fail; "log" is a kind of the client only. */
static bool is_failing_kind(const json_t *fail_on, const char *kind)
{
	const json_t *one;
	size_t i;

	json_array_foreach(fail_on, i, one) {
		const char *name = json_string_value(one);

		if (name && (!strcmp(name, kind) || !strcmp(name, "any")))
			return true;
	}
	return false;
}

/* Add what the board's map has and the platform does not explain. */
static void add_changes(json_t *answer, const json_t *changes, const json_t *fail_on)
{
	if (!json_array_size(changes))
		return;
	json_array_extend(json_object_get(answer, "changes"),
			  (json_t *)(uintptr_t)changes);
	json_object_set_new(answer, "same", json_false());
	if (!is_failing_kind(fail_on, "log"))
		return;
	json_object_set_new(answer, "passed", json_false());
	json_array_append_new(json_object_get(answer, "failing"), json_string("log"));
}

/* The document of the side that is not a log; a new reference. */
static json_t *other_document(struct session *session, const json_t *side,
			      struct outcome *ret_failed)
{
	if (json_is_string(side))
		return side_document(session, json_string_value(side), ret_failed);
	return json_incref((json_t *)(uintptr_t)side);
}

/* Replace the log by the platform that the board booted. */
static int replace_log(struct session *session, json_t *params, const char *key,
		       json_t **ret_changes, struct outcome *ret_failed)
{
	const char *other_key = strcmp(key, "after") == 0 ? "before" : "after";
	const json_t *other = json_object_get(params, other_key);
	json_t *document = NULL, *booted;
	struct mmp_error err;
	int failed;

	if (!other || side_is_log(other))
		failed =
			mmp_fail(&err, MMP_BAD_REQUEST,
				 "a log does not have all of a platform's configuration: "
				 "one of the two sides must be a platform");
	else if (!(document = other_document(session, other, ret_failed)))
		return -1;
	else
		failed = side_of_log(json_object_get(params, key), document, &booted,
				     ret_changes, &err);
	json_decref(document);
	if (failed)
		*ret_failed = outcome_failed(&err);
	else
		json_object_set_new(params, key, booted);
	return failed;
}

struct outcome diff_run(struct session *session, const struct command *command,
			json_t *params, json_t *local)
{
	static const char *const sides[] = { "before", "after" };
	const json_t *fail_on = json_object_get(params, "fail_on");
	json_t *changes = NULL;
	struct outcome outcome = { 0 };

	(void)local;
	for (size_t i = 0; i < 2; i++)
		if (side_is_log(json_object_get(params, sides[i])) &&
		    replace_log(session, params, sides[i], &changes, &outcome))
			return outcome;
	outcome = call(session, command->method, params);
	add_changes(outcome.value, changes, fail_on);
	json_decref(changes);
	if (outcome.value && (!json_is_true(json_object_get(outcome.value, "passed")) ||
			      outcome_is_bad(json_object_get(outcome.value, "after"))))
		outcome.status = MMP_EXIT_NO;
	return outcome;
}

/* Changes that permit something that was not permitted before are bad. */
static enum ink ink_of(const char *kind)
{
	static const char *const bad[] = { "stop",  "nonsecure", "execute",
					   "write", "user",      NULL };
	static const char *const warn[] = { "memory", "mapped", "finding",
					    "tables", "log",    NULL };

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

static const char *of_after(const json_t *value, const char *key)
{
	const char *text =
		json_string_value(json_object_get(json_object_get(value, "after"), key));

	return text ? text : "";
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
	if (outcome_is_bad(json_object_get(value, "after")))
		printf("%-12s %s is %s\n", "verdict", of_after(value, "name"),
		       of_after(value, "verdict"));
	if (omitted)
		printf("and %" JSON_INTEGER_FORMAT " changes more\n", omitted);
	json_array_foreach(failing, i, one) {
		printf("%s%s", i ? ", " : "\nfailed on: ", json_string_value(one));
	}
	if (json_array_size(failing))
		putchar('\n');
	return 0;
}
