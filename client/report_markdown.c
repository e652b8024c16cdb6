/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "report.h"
#include "json/text.h"

/* User text must not become markup, and a cell must not become two. */
static void put_words(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\`*_{}[]<>#|&", *text))
			fputc('\\', to);
		fputc((unsigned char)*text < 0x20 ? ' ' : *text, to);
	}
}

static void put_finding(FILE *to, const json_t *finding)
{
	const json_t *at = json_object_get(finding, "location");
	const json_t *waiver = json_object_get(finding, "waived");

	fprintf(to, "| %s%s | ", mmp_json_string(finding, "severity"),
		json_is_true(json_object_get(finding, "new")) ? ", new" : "");
	put_words(to, mmp_json_string(finding, "id"));
	fputs(" | ", to);
	if (at) {
		put_words(to, mmp_json_string(at, "file"));
		fprintf(to, ":%" JSON_INTEGER_FORMAT,
			json_integer_value(json_object_get(at, "line")));
	}
	fputs(" | ", to);
	put_words(to, mmp_json_string(finding, "message"));
	if (*mmp_json_string(finding, "fix")) {
		fputs("<br>**Fix:** ", to);
		put_words(to, mmp_json_string(finding, "fix"));
	}
	if (waiver) {
		fputs("<br>**Waived** by ", to);
		put_words(to, mmp_json_string(waiver, "who"));
		fputs(": ", to);
		put_words(to, mmp_json_string(waiver, "reason"));
	}
	fputs(" |\n", to);
}

static void put_platform(FILE *to, const json_t *platform)
{
	const json_t *findings = json_object_get(platform, "findings"), *one;
	const json_t *error = json_object_get(platform, "error");
	size_t i;

	fputs("### ", to);
	put_words(to, mmp_json_string(platform, "source"));
	fprintf(to, ": %s\n\n",
		json_is_true(json_object_get(platform, "passed")) ? "passed" : "failed");
	if (error) {
		put_words(to, mmp_json_string(error, "message"));
		fputs("\n\n", to);
	}
	json_array_foreach(json_object_get(platform, "reasons"), i, one) {
		fputs("- ", to);
		put_words(to, json_string_value(one));
		fputc('\n', to);
	}
	if (json_array_size(findings))
		fputs("\n| severity | finding | where | what |\n|---|---|---|---|\n", to);
	json_array_foreach(findings, i, one) {
		put_finding(to, one);
	}
	fputc('\n', to);
}

int report_markdown(FILE *to, const json_t *value)
{
	const json_t *platform;
	size_t i;

	fprintf(to, "## mmp check: %s\n\n",
		json_is_true(json_object_get(value, "passed")) ? "passed" : "failed");
	json_array_foreach(json_object_get(value, "platforms"), i, platform) {
		put_platform(to, platform);
	}
	return 0;
}
