/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "page.h"

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

/* "warning overlap.io: what is wrong", and below it what would mend it. */
static void print_one(FILE *to, const json_t *finding)
{
	const char *severity = text_at(finding, "severity"),
		   *fix = text_at(finding, "fix");
	char *words = memory_print("%s: %s", text_at(finding, "id"),
				   text_at(finding, "message"));

	page_text(to, ink_of(severity), severity);
	fputs(" ", to);
	page_paragraph(to, 4, words);
	free(words);
	if (*fix) {
		words = memory_print("fix: %s", fix);
		fputs("    ", to);
		page_paragraph(to, 4, words);
		free(words);
	}
}

void findings_print(FILE *to, const json_t *findings)
{
	size_t i;
	json_t *finding;

	if (json_array_size(findings))
		putc('\n', to);
	json_array_foreach(findings, i, finding)
	{
		print_one(to, finding);
	}
}
