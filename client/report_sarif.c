/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "memory.h"
#include "report.h"
#include "json/text.h"
#include "json/writer.h"

/*
 * Source: Static Analysis Results Interchange Format (SARIF) Version 2.1.0, OASIS
 * Standard, 27 March 2020. Each function's comment names the section.
 */

#define SCHEMA                                                                           \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"            \
	"sarif-schema-2.1.0.json"

/* 3.27.10: level. */
static const char *level_of(const json_t *object)
{
	const char *severity = mmp_json_string(object, "severity");

	return strcmp(severity, "info") == 0 ? "note" : severity;
}

/* 3.4.3: a relative path is kept, others become file URIs; RFC 3986 escapes. */
static char *uri_of(const char *path)
{
	char *uri = memory_print("%s", path[0] == '/' ? "file://" : "");

	for (; *path; path++) {
		bool plain = isalnum((unsigned char)*path) || strchr("-._~/", *path);
		char *more = memory_print(plain ? "%s%c" : "%s%%%02X", uri,
					  (unsigned char)*path);

		free(uri);
		uri = more;
	}
	return uri;
}

/* 3.28: location. Stored platforms have no file, only a name (3.33: logicalLocation). */
static json_t *location(const json_t *finding, const char *source)
{
	const json_t *at = json_object_get(finding, "location");
	char *uri;
	json_t *out;

	if (!at)
		return json_pack("{s:[{s:s, s:s}]}", "logicalLocations",
				 "fullyQualifiedName", source, "kind", "module");
	uri = uri_of(mmp_json_string(at, "file"));
	out = json_pack("{s:{s:{s:s}, s:{s:O, s:O}}}", "physicalLocation",
			"artifactLocation", "uri", uri, "region", "startLine",
			json_object_get(at, "line"), "startColumn",
			json_object_get(at, "column"));
	free(uri);
	return out;
}

/* 3.27.17: an identity that stays the same while lines and addresses move. */
static char *fingerprint(const json_t *finding, const char *platform)
{
	char *print = memory_print("%s/%s", platform, mmp_json_string(finding, "id"));
	const json_t *region;
	size_t i;

	json_array_foreach(json_object_get(finding, "regions"), i, region) {
		const char *name = mmp_json_string(region, "name");
		char *more = memory_print("%s/%s", print,
					  *name ? name : mmp_json_string(region, "type"));

		free(print);
		print = more;
	}
	return print;
}

/* 3.27.23: suppression. */
static json_t *suppressions(const json_t *finding)
{
	const json_t *waiver = json_object_get(finding, "waived");
	char *why;
	json_t *out;

	if (!waiver)
		return NULL;
	why = memory_print("%s (%s%s%s)", mmp_json_string(waiver, "reason"),
			   mmp_json_string(waiver, "who"),
			   *mmp_json_string(waiver, "until") ? ", until " : "",
			   mmp_json_string(waiver, "until"));
	out = json_pack("[{s:s, s:s, s:s}]", "kind", "external", "status", "accepted",
			"justification", why);
	free(why);
	return out;
}

/* 3.11: message. */
static void write_words(struct mmp_writer *w, const char *key, const char *text)
{
	mmp_member_begin(w, key, '{');
	mmp_member_text(w, "text", text);
	mmp_writer_end(w, '}');
}

/* 3.27: result. `state` is the baselineState (3.27.24), NULL if nothing is compared. */
static json_t *result(const json_t *finding, const json_t *platform, const char *state)
{
	const char *name = mmp_json_string(json_object_get(platform, "platform"), "name");
	const char *fix = mmp_json_string(finding, "fix");
	char *text = memory_print("%s%s%s", mmp_json_string(finding, "message"),
				  *fix ? "\nFix: " : "", fix);
	char *print = fingerprint(finding, name);
	struct mmp_writer w = MMP_BUILDER;
	json_t *hidden = suppressions(finding);

	mmp_writer_begin(&w, '{');
	mmp_member_text(&w, "ruleId", mmp_json_string(finding, "id"));
	mmp_member_text(&w, "level", level_of(finding));
	write_words(&w, "message", text);
	mmp_member_begin(&w, "locations", '[');
	mmp_writer_take(&w, location(finding, mmp_json_string(platform, "source")));
	mmp_writer_end(&w, ']');
	mmp_member_begin(&w, "partialFingerprints", '{');
	mmp_member_text(&w, "mmpFinding/v1", print);
	mmp_writer_end(&w, '}');
	if (state)
		mmp_member_text(&w, "baselineState", state);
	if (hidden)
		mmp_member_take(&w, "suppressions", hidden);
	mmp_writer_end(&w, '}');
	free(text);
	free(print);
	return mmp_writer_done(&w);
}

static const char *state_of(const json_t *finding)
{
	const json_t *is_new = json_object_get(finding, "new");

	if (!is_new)
		return NULL;
	return json_is_true(is_new) ? "new" : "unchanged";
}

/* 3.49: reportingDescriptor, once for each kind of finding. */
static void add_rules(json_t *rules, json_t *known, const json_t *platform)
{
	const json_t *check;
	size_t i;

	json_array_foreach(json_object_get(platform, "checks"), i, check) {
		const char *id = mmp_json_string(check, "id"),
			   *fix = mmp_json_string(check, "fix");

		if (json_object_get(known, id))
			continue;
		json_object_set_new(known, id, json_true());
		json_array_append_new(
			rules,
			json_pack("{s:s, s:{s:s}, s:{s:s}, s:{s:s}}", "id", id,
				  "shortDescription", "text",
				  mmp_json_string(check, "about"), "help", "text",
				  *fix ? fix : mmp_json_string(check, "about"),
				  "defaultConfiguration", "level", level_of(check)));
	}
}

static void add_results(json_t *results, const json_t *platform)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(json_object_get(platform, "findings"), i, finding) {
		json_array_append_new(results,
				      result(finding, platform, state_of(finding)));
	}
	json_array_foreach(json_object_get(platform, "gone"), i, finding) {
		json_array_append_new(results, result(finding, platform, "absent"));
	}
}

/* 3.58: notification, for a platform that could not be checked. */
static void add_error(json_t *notifications, const json_t *platform)
{
	const json_t *error = json_object_get(platform, "error");
	char *text;

	if (!error)
		return;
	text = memory_print("%s: %s", mmp_json_string(platform, "source"),
			    mmp_json_string(error, "message"));
	json_array_append_new(notifications, json_pack("{s:s, s:{s:s}}", "level", "error",
						       "message", "text", text));
	free(text);
}

/* 3.14: run, with the tool (3.18) and what it met (3.20: invocation). */
static void write_run(struct mmp_writer *w, json_t *take_rules, json_t *take_results,
		      json_t *take_errors)
{
	mmp_writer_begin(w, '{');
	mmp_member_begin(w, "tool", '{');
	mmp_member_begin(w, "driver", '{');
	mmp_member_text(w, "name", "mmp");
	mmp_member_text(w, "version", PACKAGE_VERSION);
	mmp_member_take(w, "rules", take_rules);
	mmp_writer_end(w, '}');
	mmp_writer_end(w, '}');
	mmp_member_begin(w, "invocations", '[');
	mmp_writer_begin(w, '{');
	mmp_member_flag(w, "executionSuccessful", json_array_size(take_errors) == 0);
	mmp_member_take(w, "toolExecutionNotifications", take_errors);
	mmp_writer_end(w, '}');
	mmp_writer_end(w, ']');
	mmp_member_take(w, "results", take_results);
	mmp_writer_end(w, '}');
}

int report_sarif(FILE *to, const json_t *value)
{
	json_t *rules = json_array(), *known = json_object(), *results = json_array();
	json_t *errors = json_array(), *log;
	struct mmp_writer w = MMP_BUILDER;
	const json_t *platform;
	size_t i;
	int failed;

	json_array_foreach(json_object_get(value, "platforms"), i, platform) {
		add_rules(rules, known, platform);
		add_results(results, platform);
		add_error(errors, platform);
	}
	json_decref(known);
	mmp_writer_begin(&w, '{');
	mmp_member_text(&w, "$schema", SCHEMA);
	mmp_member_text(&w, "version", "2.1.0");
	mmp_member_begin(&w, "runs", '[');
	write_run(&w, rules, results, errors);
	mmp_writer_end(&w, ']');
	mmp_writer_end(&w, '}');
	log = mmp_writer_done(&w);
	failed = !log || json_dumpf(log, to, JSON_INDENT(1)) || fputc('\n', to) < 0;
	json_decref(log);
	return failed ? -1 : 0;
}
