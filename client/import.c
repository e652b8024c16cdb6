/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "import/import.h"
#include "printer.h"
#include "runs.h"
#include "json/text.h"

/* platform import: turns the files of a build and a board into a platform document. */

static const char *local_text(const json_t *local, const char *key)
{
	return json_string_value(json_object_get(local, key));
}

static int add_inputs(struct mmp_import *import, const json_t *local,
		      struct mmp_error *err)
{
	json_t *input;
	size_t i;

	json_array_foreach(json_object_get(local, "inputs"), i, input)
		if (mmp_import_add_path(import, json_string_value(input), err))
			return -1;
	return 0;
}

/* Add the stored platform to import into; its revision guards the write. */
static int add_kept(struct mmp_import *import, struct session *session, const char *name,
		    json_t *put, struct outcome *ret_failed, struct mmp_error *err)
{
	json_t *params = json_pack("{s:s}", "name", name);
	struct outcome outcome = call(session, "platform.get", params);
	int failed;

	json_decref(params);
	if (outcome.failure) {
		*ret_failed = outcome;
		return -1;
	}
	json_object_set(put, "if_revision", json_object_get(outcome.value, "revision"));
	failed = mmp_import_add_document(import, name,
					 json_object_get(outcome.value, "document"), err);
	outcome_done(&outcome);
	return failed;
}

static int write_document(const char *path, const json_t *document, struct mmp_error *err)
{
	FILE *file = fopen(path, "we");
	int failed;

	if (!file)
		return mmp_fail(err, MMP_SYSTEM, "%s: %s", path, strerror(errno));
	failed = json_dumpf(document, file, JSON_INDENT(2)) || fputc('\n', file) == EOF;
	failed |= fclose(file) != 0;
	return failed ? mmp_fail(err, MMP_SYSTEM, "%s: %s", path, strerror(errno)) : 0;
}

/* Store the document, and add the answer to the result. */
static struct outcome keep_platform(struct session *session, json_t *result, json_t *put)
{
	struct outcome outcome;

	json_object_set(put, "document", json_object_get(result, "document"));
	outcome = call(session, "platform.put", put);
	if (outcome.failure) {
		json_decref(result);
		return outcome;
	}
	json_object_set(result, "kept", outcome.value);
	outcome_done(&outcome);
	return (struct outcome){ .value = result };
}

/* Import one context of the inputs: *ret_result, or -1 with *ret_failed or *err. */
static int import_context(struct session *session, const json_t *local, json_t *put,
			  unsigned context, json_t **ret_result,
			  struct outcome *ret_failed, struct mmp_error *err)
{
	const char *into = local_text(local, "into");
	const struct mmp_import_wish wish = { .name = into ? into
							   : local_text(local, "name"),
					      .rules = local_text(local, "rules"),
					      .context = context,
					      .cpu = local_text(local, "cpu") };
	struct mmp_import *import = mmp_import_new();
	int failed;

	if (!import)
		abort();
	failed = add_inputs(import, local, err) ||
		 (into && add_kept(import, session, into, put, ret_failed, err)) ||
		 mmp_import_read(import, &wish, err) ||
		 !(*ret_result = mmp_import_result(import, &wish, err));
	mmp_import_free(import);
	return failed ? -1 : 0;
}

/* A log of all boot stages gives one platform for each: {"platforms": [...]}. */
static int import_others(struct session *session, const json_t *local, json_t *put,
			 json_t **result, struct outcome *ret_failed,
			 struct mmp_error *err)
{
	json_int_t count = json_integer_value(json_object_get(*result, "contexts"));
	json_t *all;

	if (count < 2)
		return 0;
	all = json_pack("{s:[o]}", "platforms", *result);
	*result = all;
	for (unsigned i = 1; i < count; i++) {
		json_t *one;

		if (import_context(session, local, put, i, &one, ret_failed, err))
			return -1;
		json_array_append_new(json_object_get(all, "platforms"), one);
	}
	return 0;
}

/* The documents of a result: one, or an array of them. A new reference. */
static json_t *documents_of(const json_t *result)
{
	const json_t *platforms = json_object_get(result, "platforms");
	json_t *list, *one;
	size_t i;

	if (!platforms)
		return json_incref(json_object_get(result, "document"));
	list = json_array();
	json_array_foreach((json_t *)(uintptr_t)platforms, i, one)
		json_array_append(list, json_object_get(one, "document"));
	return list;
}

static struct outcome report_import(struct session *session, const json_t *local,
				    json_t *put, json_t *result)
{
	const char *output = local_text(local, "output");
	bool kept =
		local_text(local, "into") || json_is_true(json_object_get(local, "put"));
	json_t *platforms = json_object_get(result, "platforms"), *one;
	json_t *documents = documents_of(result);
	struct outcome outcome = { .value = result };
	struct mmp_error err;
	size_t i;
	int failed = output ? write_document(output, documents, &err) : 0;

	json_decref(documents);
	if (failed) {
		json_decref(result);
		return outcome_failed(&err);
	}
	if (kept && !platforms)
		return keep_platform(session, result, put);
	json_array_foreach(platforms, i, one) {
		if (!kept)
			break;
		outcome = keep_platform(session, json_incref(one), put);
		if (outcome.failure) {
			json_decref(result);
			return outcome;
		}
		json_decref(outcome.value);
		outcome.value = result;
	}
	return outcome;
}

struct outcome import_run(struct session *session, const struct command *command,
			  json_t *params, json_t *local)
{
	struct outcome failed = { 0 };
	json_t *put = json_object(), *result = NULL;
	struct outcome outcome;
	struct mmp_error err;

	(void)command, (void)params;
	if (import_context(session, local, put, 0, &result, &failed, &err) ||
	    import_others(session, local, put, &result, &failed, &err)) {
		json_decref(result);
		outcome = failed.failure ? failed : outcome_failed(&err);
	} else {
		outcome = report_import(session, local, put, result);
	}
	json_decref(put);
	return outcome;
}

/* --- for people --------------------------------------------------------------------------- */

static void print_value(FILE *to, const json_t *value)
{
	char *text = json_is_string(value) ? strdup(json_string_value(value))
					   : json_dumps(value, JSON_ENCODE_ANY);

	printer_text(to, INK_PLAIN, text ? text : "nothing");
	free(text);
}

static void print_head(FILE *to, const json_t *value)
{
	const json_t *document = json_object_get(value, "document");
	json_t *file;
	size_t i;

	printer_text(to, INK_PLAIN, mmp_json_string(document, "name"));
	fputs(": ", to);
	printer_text(to, INK_PLAIN, mmp_json_string(document, "rules"));
	fprintf(to, ", %" JSON_INTEGER_FORMAT " values imported, %zu registrations, from",
		json_integer_value(json_object_get(value, "imported")),
		json_array_size(json_object_get(document, "registrations")));
	json_array_foreach(json_object_get(value, "files"), i, file) {
		fputs(i ? ", " : " ", to);
		printer_text(to, INK_PLAIN, mmp_json_string(file, "file"));
	}
	fputc('\n', to);
}

static void print_defaults(FILE *to, const json_t *value)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(value, "defaults"), i, one) {
		fputs(i ? ", " : "No input gives these, so they have their defaults: ",
		      to);
		printer_text(to, INK_PLAIN, mmp_json_string(one, "key"));
		fputc(' ', to);
		print_value(to, json_object_get(one, "value"));
		if (json_object_get(one, "means"))
			fprintf(to, " (%s)", mmp_json_string(one, "means"));
	}
	if (i)
		fputc('\n', to);
}

static void print_list(FILE *to, const char *what, const json_t *list)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		fprintf(to, "    %s ", what);
		print_value(to, one);
		fputc('\n', to);
	}
}

static void print_disagreement(FILE *to, const json_t *one)
{
	json_t *other;
	size_t i;

	if (json_object_get(one, "section")) {
		fputs("The registrations of ", to);
		printer_text(to, INK_PLAIN, mmp_json_string(one, "section"));
		fputs(" are those of ", to);
		printer_text(to, INK_PLAIN, mmp_json_string(one, "from"));
		fputs(", not of ", to);
		printer_text(to, INK_PLAIN, mmp_json_string(one, "instead_of"));
		fputc('\n', to);
		print_list(to, "only the first has", json_object_get(one, "only_here"));
		print_list(to, "only the second has", json_object_get(one, "only_there"));
		return;
	}
	printer_text(to, INK_PLAIN, mmp_json_string(one, "key"));
	fputs(" is ", to);
	print_value(to, json_object_get(one, "value"));
	fputs(" (", to);
	printer_text(to, INK_PLAIN, mmp_json_string(one, "from"));
	fputs(")", to);
	json_array_foreach(json_object_get(one, "instead_of"), i, other) {
		fputs(", not ", to);
		print_value(to, json_object_get(other, "value"));
		fputs(" (", to);
		printer_text(to, INK_PLAIN, mmp_json_string(other, "from"));
		fputs(")", to);
	}
	fputc('\n', to);
}

static void print_changes(FILE *to, const json_t *list)
{
	json_t *one;
	size_t i;

	if (json_is_array(list) && !json_array_size(list))
		fputs("Nothing has changed.\n", to);
	json_array_foreach(list, i, one) {
		fputs("Changed: ", to);
		printer_text(to, INK_PLAIN, mmp_json_string(one, "key"));
		if (strcmp(mmp_json_string(one, "key"), "registrations") != 0) {
			fputs(" was ", to);
			print_value(to, json_object_get(one, "was"));
			fputs(" and is ", to);
			print_value(to, json_object_get(one, "is"));
		}
		fputc('\n', to);
	}
}

static void print_report(FILE *to, const json_t *value)
{
	json_t *one;
	size_t i;

	print_head(to, value);
	json_array_foreach(json_object_get(value, "disagreements"), i, one)
		print_disagreement(to, one);
	json_array_foreach(json_object_get(value, "remarks"), i, one) {
		printer_text(to, INK_PLAIN, json_string_value(one));
		fputc('\n', to);
	}
	print_defaults(to, value);
	print_changes(to, json_object_get(value, "changes"));
}

static void print_kept(const json_t *value)
{
	const json_t *kept = json_object_get(value, "kept");

	if (!kept)
		return;
	printf("Stored as revision %" JSON_INTEGER_FORMAT " of ",
	       json_integer_value(json_object_get(kept, "revision")));
	printer_text(stdout, INK_PLAIN, mmp_json_string(kept, "name"));
	if (json_object_get(kept, "verdict")) {
		fputs("; verdict: ", stdout);
		printer_text(stdout, INK_PLAIN, mmp_json_string(kept, "verdict"));
	}
	putchar('\n');
}

static void print_reports(FILE *to, const json_t *value)
{
	const json_t *platforms = json_object_get(value, "platforms");
	json_t *one;
	size_t i;

	if (!platforms) {
		print_report(to, value);
		print_kept(value);
		return;
	}
	json_array_foreach((json_t *)(uintptr_t)platforms, i, one) {
		print_report(to, one);
		print_kept(one);
	}
}

/* The document goes to stdout, for a file or a pipe, and the text to stderr. */
int import_show(const json_t *value, const json_t *local, struct mmp_error *err)
{
	bool words = local_text(local, "output") || local_text(local, "into") ||
		     json_is_true(json_object_get(local, "put"));
	json_t *documents;
	int failed;

	print_reports(words ? stdout : stderr, value);
	if (words)
		return 0;
	documents = documents_of(value);
	failed = json_dumpf(documents, stdout, JSON_INDENT(2));
	json_decref(documents);
	putchar('\n');
	return failed ? mmp_fail(err, MMP_SYSTEM, "stdout: %s", strerror(errno)) : 0;
}
