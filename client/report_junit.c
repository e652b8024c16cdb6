/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "report.h"
#include "json/text.h"

/*
 * A test suite for each platform, in it a test case for each check, and one for each
 * other reason to fail. Source: junit-10.xsd of Jenkins' xUnit plugin.
 */

/* XML 1.0, 2.2: no control characters are allowed except tab and newline. */
static void put_xml(FILE *to, const char *text)
{
	static const char *const escapes[128] = {
		['<'] = "&lt;",   ['>'] = "&gt;",   ['&'] = "&amp;",
		['"'] = "&quot;", ['\n'] = "&#10;", ['\t'] = "&#9;"
	};

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 128 && escapes[c])
			fputs(escapes[c], to);
		else
			fputc(c < 0x20 ? '?' : c, to);
	}
}

static void put_attribute(FILE *to, const char *name, const char *value)
{
	fprintf(to, " %s=\"", name);
	put_xml(to, value);
	fputc('"', to);
}

static void open_case(FILE *to, const char *platform, const char *name)
{
	fputs("    <testcase", to);
	put_attribute(to, "classname", platform);
	put_attribute(to, "name", name);
	fputs(" time=\"0\">", to);
}

static void put_failure(FILE *to, const char *what, const char *type, const char *message,
			const char *text)
{
	fprintf(to, "\n      <%s", what);
	put_attribute(to, "type", type);
	put_attribute(to, "message", message);
	fputc('>', to);
	put_xml(to, text);
	fprintf(to, "</%s>\n    ", what);
}

/* The messages of all failing findings of the check. */
static char *failures_of(const json_t *findings, const char *id)
{
	char *words = memory_print("%s", "");
	const json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding) {
		const json_t *at = json_object_get(finding, "location");
		const char *fix = mmp_json_string(finding, "fix");
		char *more;

		if (!json_is_true(json_object_get(finding, "fails")) ||
		    strcmp(mmp_json_string(finding, "id"), id) != 0)
			continue;
		more = memory_print("%s%s:%" JSON_INTEGER_FORMAT ": %s%s%s\n", words,
				    at ? mmp_json_string(at, "file") : "platform",
				    json_integer_value(json_object_get(at, "line")),
				    mmp_json_string(finding, "message"),
				    *fix ? "\nfix: " : "", fix);
		free(words);
		words = more;
	}
	return words;
}

static bool fails(const json_t *check)
{
	return json_integer_value(json_object_get(check, "failing")) > 0;
}

static void put_check(FILE *to, const json_t *check, const json_t *platform)
{
	const char *id = mmp_json_string(check, "id");

	open_case(to, mmp_json_string(platform, "source"), id);
	if (fails(check)) {
		char *words = failures_of(json_object_get(platform, "findings"), id);

		put_failure(to, "failure", mmp_json_string(check, "severity"),
			    mmp_json_string(check, "about"), words);
		free(words);
	}
	fputs("</testcase>\n", to);
}

static size_t count_failures(const json_t *platform)
{
	const json_t *check;
	size_t count = 0, i;

	json_array_foreach(json_object_get(platform, "checks"), i, check) {
		count += fails(check);
	}
	return count;
}

/* The decision as a test case of its own: not all reasons are findings. */
static void put_decision(FILE *to, const json_t *platform)
{
	const json_t *reason, *reasons = json_object_get(platform, "reasons");
	size_t i;

	open_case(to, mmp_json_string(platform, "source"), "gate");
	json_array_foreach(reasons, i, reason) {
		put_failure(to, "failure", "gate", json_string_value(reason), "");
	}
	fputs("</testcase>\n", to);
}

static void put_platform(FILE *to, const json_t *platform)
{
	const json_t *error = json_object_get(platform, "error"), *check;
	const json_t *checks = json_object_get(platform, "checks");
	size_t failures = count_failures(platform), i;

	failures += json_array_size(json_object_get(platform, "reasons")) > 0;
	fputs("  <testsuite", to);
	put_attribute(to, "name", mmp_json_string(platform, "source"));
	fprintf(to, " tests=\"%zu\" failures=\"%zu\" errors=\"%d\" skipped=\"0\">\n",
		json_array_size(checks) + 1, failures, error != NULL);
	json_array_foreach(checks, i, check) {
		put_check(to, check, platform);
	}
	if (error) {
		open_case(to, mmp_json_string(platform, "source"), "gate");
		put_failure(to, "error",
			    mmp_json_string(json_object_get(error, "data"), "kind"),
			    mmp_json_string(error, "message"), "");
		fputs("</testcase>\n", to);
	} else {
		put_decision(to, platform);
	}
	fputs("  </testsuite>\n", to);
}

int report_junit(FILE *to, const json_t *value)
{
	const json_t *platform;
	size_t i;

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mmp\">\n",
	      to);
	json_array_foreach(json_object_get(value, "platforms"), i, platform) {
		put_platform(to, platform);
	}
	fputs("</testsuites>\n", to);
	return 0;
}
