/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "import/import.h"
#include "page.h"
#include "runs.h"

/* platform import: files that a build and a board leave become a platform document. */

static const char *local_text(const json_t *local, const char *key)
{
	return json_string_value(json_object_get(local, key));
}

static int add_inputs(struct mmp_import *import, const json_t *local,
		      struct mmp_error *err)
{
	json_t *input;
	size_t i;

	json_array_foreach(json_object_get(local, "inputs"), i,
			   input) if (mmp_import_add_path(import,
							  json_string_value(input),
							  err)) return -1;
	return 0;
}

/* The platform that is imported into again; its revision guards the write. */
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

/* Keep the document; the answer joins the result. */
static struct outcome keep(struct session *session, json_t *result, json_t *put)
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

static struct outcome import_all(struct mmp_import *import, struct session *session,
				 json_t *local, json_t *put)
{
	const char *into = local_text(local, "into"),
		   *output = local_text(local, "output");
	const struct mmp_import_wish wish = { .name = into ? into
							   : local_text(local, "name"),
					      .rules = local_text(local, "rules"),
					      .cpu = local_text(local, "cpu") };
	struct outcome failed = { 0 };
	struct mmp_error err;
	json_t *result;

	if (add_inputs(import, local, &err) ||
	    (into && add_kept(import, session, into, put, &failed, &err)) ||
	    mmp_import_read(import, &wish, &err) ||
	    !(result = mmp_import_result(import, &wish, &err)))
		return failed.failure ? failed : outcome_failed(&err);
	if (output && write_document(output, json_object_get(result, "document"), &err)) {
		json_decref(result);
		return outcome_failed(&err);
	}
	if (into || json_is_true(json_object_get(local, "put")))
		return keep(session, result, put);
	return (struct outcome){ .value = result };
}

struct outcome import_run(struct session *session, const struct command *command,
			  json_t *params, json_t *local)
{
	struct mmp_import *import = mmp_import_new();
	json_t *put = json_object();
	struct outcome outcome;

	(void)command, (void)params;
	if (!import)
		abort();
	outcome = import_all(import, session, local, put);
	mmp_import_free(import);
	json_decref(put);
	return outcome;
}

/* --- for people --------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static void print_value(FILE *to, const json_t *value)
{
	char *text = json_is_string(value) ? strdup(json_string_value(value))
					   : json_dumps(value, JSON_ENCODE_ANY);

	page_text(to, INK_PLAIN, text ? text : "nothing");
	free(text);
}

static void print_head(FILE *to, const json_t *value)
{
	const json_t *document = json_object_get(value, "document");
	json_t *file;
	size_t i;

	page_text(to, INK_PLAIN, text_of(document, "name"));
	fputs(": ", to);
	page_text(to, INK_PLAIN, text_of(document, "rules"));
	fprintf(to, ", %" JSON_INTEGER_FORMAT " values imported, %zu registrations, from",
		json_integer_value(json_object_get(value, "imported")),
		json_array_size(json_object_get(document, "registrations")));
	json_array_foreach(json_object_get(value, "files"), i, file)
	{
		fputs(i ? ", " : " ", to);
		page_text(to, INK_PLAIN, text_of(file, "file"));
	}
	fputc('\n', to);
}

static void print_defaults(FILE *to, const json_t *value)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(value, "defaults"), i, one)
	{
		fputs(i ? ", " : "Nothing says these, so they have their defaults: ", to);
		page_text(to, INK_PLAIN, text_of(one, "key"));
		fputc(' ', to);
		print_value(to, json_object_get(one, "value"));
	}
	if (i)
		fputc('\n', to);
}

static void print_list(FILE *to, const char *what, const json_t *list)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
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
		page_text(to, INK_PLAIN, text_of(one, "section"));
		fputs(" are those of ", to);
		page_text(to, INK_PLAIN, text_of(one, "from"));
		fputs(", not of ", to);
		page_text(to, INK_PLAIN, text_of(one, "instead_of"));
		fputc('\n', to);
		print_list(to, "only the first has", json_object_get(one, "only_here"));
		print_list(to, "only the second has", json_object_get(one, "only_there"));
		return;
	}
	page_text(to, INK_PLAIN, text_of(one, "key"));
	fputs(" is ", to);
	print_value(to, json_object_get(one, "value"));
	fputs(" (", to);
	page_text(to, INK_PLAIN, text_of(one, "from"));
	fputs(")", to);
	json_array_foreach(json_object_get(one, "instead_of"), i, other)
	{
		fputs(", not ", to);
		print_value(to, json_object_get(other, "value"));
		fputs(" (", to);
		page_text(to, INK_PLAIN, text_of(other, "from"));
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
	json_array_foreach(list, i, one)
	{
		fputs("Changed: ", to);
		page_text(to, INK_PLAIN, text_of(one, "key"));
		if (strcmp(text_of(one, "key"), "registrations") != 0) {
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
	json_array_foreach(json_object_get(value, "remarks"), i, one)
	{
		page_text(to, INK_PLAIN, json_string_value(one));
		fputc('\n', to);
	}
	print_defaults(to, value);
	print_changes(to, json_object_get(value, "changes"));
}

/* The document goes to stdout, where a file or a pipe may take it, and words to stderr. */
int import_show(const json_t *value, const json_t *local, struct mmp_error *err)
{
	const json_t *kept = json_object_get(value, "kept");
	const char *output = local_text(local, "output");

	if (kept) {
		print_report(stdout, value);
		printf("Kept as revision %" JSON_INTEGER_FORMAT " of ",
		       json_integer_value(json_object_get(kept, "revision")));
		page_text(stdout, INK_PLAIN, text_of(kept, "name"));
		if (json_object_get(kept, "verdict")) {
			fputs("; verdict: ", stdout);
			page_text(stdout, INK_PLAIN, text_of(kept, "verdict"));
		}
		putchar('\n');
		return 0;
	}
	if (output) {
		print_report(stdout, value);
		return 0;
	}
	print_report(stderr, value);
	if (json_dumpf(json_object_get(value, "document"), stdout, JSON_INDENT(2)))
		return mmp_fail(err, MMP_SYSTEM, "stdout: %s", strerror(errno));
	putchar('\n');
	return 0;
}
