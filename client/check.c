/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "call.h"
#include "document.h"
#include "findings.h"
#include "import/tree_check.h"
#include "locate.h"
#include "memory.h"
#include "printer.h"
#include "report.h"
#include "runs.h"
#include "json/text.h"

/* --- one platform after the other ------------------------------------------------------ */

/* One of the platforms: its document and the document's text, or its name. */
struct checked_source {
	const char *word;
	struct mmp_buffer text;
	json_t *platform; /* what is sent to the daemon */
};

static int read_source(struct checked_source *source, struct mmp_error *err)
{
	const char *where = strcmp(source->word, "-") == 0 ? "stdin" : source->word;

	if (!document_is_file(source->word)) {
		source->platform = json_string(source->word);
		return 0;
	}
	if (document_bytes(source->word, &source->text, err))
		return -1;
	source->platform = mmp_json_parse(source->text.bytes ? source->text.bytes : "",
					  source->text.length, SIZE_MAX, err);
	if (!source->platform)
		return mmp_while(err, "%s", where);
	if (json_is_object(source->platform))
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"%s: must be a platform document, which is an object", where);
}

/* The document of a platform: as it was read, or as the daemon stores it. */
static json_t *load_source(struct session *session, const struct checked_source *source,
			   struct outcome *ret_failed)
{
	struct outcome outcome;
	json_t *params, *document;

	if (json_is_object(source->platform))
		return json_incref(source->platform);
	params = json_pack("{s:O}", "name", source->platform);
	outcome = call(session, "platform.get", params);
	json_decref(params);
	if (outcome.failure) {
		*ret_failed = outcome;
		return NULL;
	}
	document = json_incref(json_object_get(outcome.value, "document"));
	outcome_done(&outcome);
	return document;
}

/*
 * Add the findings of the device tree; an error among them means that it does not pass.
 */
static void take_tree_findings(json_t *answer, json_t *findings, json_t *node)
{
	json_t *one, *reasons = json_object_get(answer, "reasons");
	size_t i;

	json_array_foreach(findings, i, one) {
		const char *severity =
			json_string_value(json_object_get(one, "severity"));

		json_array_append(json_object_get(answer, "findings"), one);
		if (strcmp(severity, "error") != 0)
			continue;
		json_object_set_new(answer, "passed", json_false());
		json_array_append(reasons, json_object_get(one, "message"));
	}
	if (node)
		json_object_set(answer, "device_tree_node", node);
}

static int check_tree(struct session *session, const struct checked_source *source,
		      const char *path, struct outcome *outcome, struct mmp_error *err)
{
	struct outcome failed = { 0 };
	struct mmp_buffer bytes = MMP_BUFFER_EMPTY;
	json_t *document = load_source(session, source, &failed), *findings = NULL;
	json_t *node = NULL;

	if (!document) {
		outcome_done(outcome);
		*outcome = failed;
		return 0;
	}
	if (!document_bytes(path, &bytes, err)) {
		findings = mmp_import_tree_check(document, bytes.bytes ? bytes.bytes : "",
						 bytes.length, &node, err);
		if (!findings)
			mmp_while(err, "%s", path);
	}
	if (findings)
		take_tree_findings(outcome->value, findings, node);
	mmp_buffer_done(&bytes);
	json_decref(document);
	json_decref(node);
	json_decref(findings);
	return findings ? 0 : -1;
}

/* Check one platform. If it cannot be checked, only this one has an error. */
static struct outcome check_source(struct session *session, const struct command *command,
				   struct checked_source *source, const json_t *params,
				   const char *tree)
{
	struct mmp_error err;
	struct outcome outcome;
	json_t *asked;

	if (read_source(source, &err))
		return outcome_failed(&err);
	asked = json_copy((json_t *)(uintptr_t)params);
	json_object_set(asked, "platform", source->platform);
	if (source->text.length)
		document_remember("platform", source->word, &source->text);
	outcome = call(session, command->method, asked);
	json_decref(asked);
	locate_mistakes(outcome.failure);
	if (outcome.value && source->text.length)
		locate_findings(json_object_get(outcome.value, "findings"),
				strcmp(source->word, "-") == 0 ? "stdin" : source->word,
				&source->text, source->platform);
	if (outcome.value && tree && check_tree(session, source, tree, &outcome, &err)) {
		outcome_done(&outcome);
		return outcome_failed(&err);
	}
	return outcome;
}

/* Add the outcome to the answer; returns the exit status for it. */
static int take_outcome(json_t *platforms, const char *word, struct outcome *outcome)
{
	json_t *one = outcome->value ? json_incref(outcome->value) : json_object();
	bool passed = json_is_true(json_object_get(one, "passed"));
	int status = outcome->failure ? outcome_exit(outcome) : passed ? 0 : MMP_EXIT_NO;

	json_object_set_new(one, "source", json_string(word));
	if (outcome->failure) {
		json_object_set_new(one, "passed", json_false());
		json_object_set(one, "error", outcome->failure);
	}
	json_array_append_new(platforms, one);
	outcome_done(outcome);
	return status;
}

/* A platform that could not be checked is worse than one that does not pass. */
static int worse(int one, int other)
{
	if (one == MMP_EXIT_DONE || (one == MMP_EXIT_NO && other != MMP_EXIT_DONE))
		return other;
	return one;
}

struct outcome check_run(struct session *session, const struct command *command,
			 json_t *params, json_t *local)
{
	json_t *platforms, *word;
	const json_t *reports = json_object_get(local, "reports");
	const char *tree = json_string_value(json_object_get(local, "tree"));
	struct mmp_error err;
	int status = 0;
	json_t *value;
	size_t i;

	if (reports_check(reports, &err))
		return outcome_failed(&err);
	platforms = json_array();
	json_array_foreach(json_object_get(local, "platforms"), i, word) {
		struct checked_source source = { .word = json_string_value(word) };
		struct outcome outcome =
			check_source(session, command, &source, params, tree);

		status = worse(status, take_outcome(platforms, source.word, &outcome));
		json_decref(source.platform);
		mmp_buffer_done(&source.text);
	}
	value = json_pack("{s:b, s:o}", "passed", status == 0, "platforms", platforms);
	if (reports_write(reports, value, &err)) {
		json_decref(value);
		return outcome_failed(&err);
	}
	return (struct outcome){ .value = value, .status = status };
}

/* --- for people ------------------------------------------------------------------------ */

/*
 * Print all mistakes of a document that could not be read; returns whether there are
 * any.
 */
static bool print_mistakes_of(const json_t *error)
{
	const json_t *data = json_object_get(error, "data"), *mistake;
	json_int_t omitted =
		json_integer_value(json_object_get(data, "mistakes_omitted"));
	size_t i;

	json_array_foreach(json_object_get(data, "mistakes"), i, mistake) {
		char *line = mistake_line(mistake);

		fputs("    ", stdout);
		printer_paragraph(stdout, 4, line);
		free(line);
	}
	if (omitted)
		printf("    and %" JSON_INTEGER_FORMAT " more\n", omitted);
	return i > 0;
}

static void print_reasons(const json_t *platform)
{
	const json_t *error = json_object_get(platform, "error"), *reason;
	size_t i;

	if (error && !print_mistakes_of(error)) {
		fputs("    ", stdout);
		printer_paragraph(stdout, 4,
				  json_string_value(json_object_get(error, "message")));
	}
	json_array_foreach(json_object_get(platform, "reasons"), i, reason) {
		fputs("    ", stdout);
		printer_paragraph(stdout, 4, json_string_value(reason));
	}
}

static void print_waivers(const json_t *platform)
{
	size_t waived = 0, i;
	const json_t *finding;

	json_array_foreach(json_object_get(platform, "findings"), i, finding) {
		waived += json_object_get(finding, "waived") != NULL;
	}
	if (waived)
		printf("    %zu finding%s waived\n", waived, waived == 1 ? "" : "s");
}

int check_show(const json_t *value, const json_t *local, struct mmp_error *err)
{
	const json_t *platform;
	size_t i;

	(void)local, (void)err;
	json_array_foreach(json_object_get(value, "platforms"), i, platform) {
		bool passed = json_is_true(json_object_get(platform, "passed"));

		printer_text(stdout, INK_STRONG,
			     json_string_value(json_object_get(platform, "source")));
		fputs(": ", stdout);
		printer_text(stdout, passed ? INK_GOOD : INK_BAD,
			     passed ? "passed" : "failed");
		putchar('\n');
		print_reasons(platform);
		print_waivers(platform);
		findings_print(stdout, platform);
		if (json_object_get(platform, "device_tree_node")) {
			fputs("\nThe node to paste into the device tree:\n\n", stdout);
			fputs(json_string_value(
				      json_object_get(platform, "device_tree_node")),
			      stdout);
		}
		if (i + 1 < json_array_size(json_object_get(value, "platforms")))
			putchar('\n');
	}
	return 0;
}
