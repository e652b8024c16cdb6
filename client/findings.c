/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "printer.h"

static const char *text_at(const json_t *finding, const char *key)
{
	const char *text = json_string_value(json_object_get(finding, key));

	return text ? text : "";
}

static enum ink ink_of(const char *severity)
{
	if (strcmp(severity, "error") == 0)
		return INK_BAD;
	return strcmp(severity, "warning") == 0 ? INK_WARN : INK_FAINT;
}

/* The registrations and ranges that the finding is about: `#3 "uart0", #4 "uart1"`. */
static char *regions_of(const json_t *finding)
{
	char *words = memory_print("%s", "");
	const json_t *region;
	size_t i;

	json_array_foreach(json_object_get(finding, "regions"), i, region) {
		const json_t *ordinal = json_object_get(region, "ordinal");
		char *more;

		if (!ordinal)
			continue;
		more = memory_print("%s%s#%" JSON_INTEGER_FORMAT " \"%s\"", words,
				    *words ? ", " : "", json_integer_value(ordinal),
				    text_at(region, "name"));
		free(words);
		words = more;
	}
	return words;
}

static void print_line(FILE *to, const char *what, const char *text)
{
	char *words;

	if (!*text)
		return;
	words = memory_print("%s: %s", what, text);
	fputs("    ", to);
	printer_paragraph(to, 4, words);
	free(words);
}

/*
 * Print "platform.json:12: ", which editors and CI systems recognise; returns its
 * width.
 */
static size_t print_location(FILE *to, const json_t *finding)
{
	const json_t *at = json_object_get(finding, "location");
	char *place;
	size_t length;

	if (!at)
		return 0;
	place = memory_print("%s:%" JSON_INTEGER_FORMAT ": ", text_at(at, "file"),
			     json_integer_value(json_object_get(at, "line")));
	printer_text(to, INK_PLAIN, place);
	length = strlen(place);
	free(place);
	return length;
}

/* Print who accepted the finding, and why. */
static void print_waiver(FILE *to, const json_t *finding)
{
	const json_t *waiver = json_object_get(finding, "waived");
	const char *until = text_at(waiver, "until");
	char *words;

	if (!waiver)
		return;
	words = memory_print("%s%s%s: %s", text_at(waiver, "who"),
			     *until ? ", until " : "", until, text_at(waiver, "reason"));
	print_line(to, "waived by", words);
	free(words);
}

/* Print "warning covered: what is wrong", what it is about, and how to fix it. */
static void print_one(FILE *to, const json_t *finding)
{
	const char *severity = text_at(finding, "severity");
	char *words = memory_print("%s%s: %s", text_at(finding, "id"),
				   json_is_true(json_object_get(finding, "stops"))
					   ? " (stops the boot)"
					   : "",
				   text_at(finding, "message"));
	const char *news =
		json_is_true(json_object_get(finding, "new")) ? ", new, " : " ";
	char *regions = regions_of(finding);
	size_t used;

	used = print_location(to, finding) + strlen(severity) + strlen(news);
	printer_text(to, ink_of(severity), severity);
	fputs(news, to);
	printer_paragraph_after(to, used, 4, words);
	free(words);
	print_line(to, "registrations", regions);
	free(regions);
	print_line(to, "fix", text_at(finding, "fix"));
	print_waiver(to, finding);
}

static bool is_because_of(const json_t *finding, const char *id)
{
	const char *because = json_string_value(json_object_get(finding, "because_of"));

	return because && strcmp(because, id) == 0;
}

/* Print the consequences of a finding below it: they are fixed along with it. */
static void print_consequences(FILE *to, const json_t *findings, const char *id)
{
	const json_t *one;
	size_t i;

	json_array_foreach(findings, i, one) {
		char *words;

		if (!is_because_of(one, id))
			continue;
		words = memory_print("%s%s: %s", text_at(one, "id"),
				     json_is_true(json_object_get(one, "stops"))
					     ? " (stops the boot)"
					     : "",
				     text_at(one, "message"));
		print_line(to, "and so", words);
		free(words);
	}
}

/* Whether the finding that causes it is in the list and prints it. */
static bool is_folded(const json_t *findings, const json_t *finding)
{
	const json_t *one;
	size_t i;

	json_array_foreach(findings, i, one) {
		if (is_because_of(finding, text_at(one, "id")))
			return true;
	}
	return false;
}

void findings_print(FILE *to, const json_t *answer)
{
	const json_t *findings = json_object_get(answer, "findings");
	const json_t *omitted = json_object_get(answer, "findings_omitted");
	size_t i;
	json_t *finding;

	if (json_array_size(findings))
		putc('\n', to);
	json_array_foreach(findings, i, finding) {
		const char *id = text_at(finding, "id");
		bool is_first = true;
		size_t k;

		for (k = 0; k < i; k++)
			if (strcmp(text_at(json_array_get(findings, k), "id"), id) == 0)
				is_first = false;
		if (is_folded(findings, finding))
			continue;
		print_one(to, finding);
		if (is_first)
			print_consequences(to, findings, id);
	}
	if (omitted)
		fprintf(to, "and %" JSON_INTEGER_FORMAT " findings more\n",
			json_integer_value(omitted));
}
