/* SPDX-License-Identifier: BSD-2-Clause */
#include "locate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "memory.h"
#include "json/position.h"
#include "json/text.h"

static bool is_part_of_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* Whether the words name the key, and not as part of a longer name. */
static bool is_named(const char *words, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = words; (at = strstr(at, key)); at++) {
		bool begins = at == words || (!is_part_of_name(at[-1]) && at[-1] != '.');

		if (begins && !is_part_of_name(at[length]))
			return true;
	}
	return false;
}

/*
 * The longest dotted config key that the finding names; NULL if there is none. `prefix`
 * is "" or "layout." and so on. The caller frees the result.
 */
static char *named_key(const json_t *finding, json_t *config, const char *prefix)
{
	char *best = NULL;
	const char *key;
	json_t *value;

	json_object_foreach(config, key, value) {
		char *name = memory_print("%s%s", prefix, key);
		char *deeper = memory_print("%s.", name), *found;

		found = json_is_object(value) ? named_key(finding, value, deeper) : NULL;
		free(deeper);
		if (!found && (is_named(mmp_json_string(finding, "message"), name) ||
			       is_named(mmp_json_string(finding, "fix"), name)))
			found = memory_print("%s", name);
		free(name);
		if (found && (!best || strlen(found) > strlen(best))) {
			free(best);
			best = found;
		} else {
			free(found);
		}
	}
	return best;
}

/* The path in the document of what the finding is about. The caller frees the result. */
static char *path_of(const json_t *finding, const json_t *document)
{
	const json_t *region;
	char *key, *path;
	size_t i;

	json_array_foreach(json_object_get(finding, "regions"), i, region) {
		const json_t *ordinal = json_object_get(region, "ordinal");

		if (json_is_integer(ordinal))
			return memory_print("registrations.%" JSON_INTEGER_FORMAT,
					    json_integer_value(ordinal));
	}
	key = named_key(finding, json_object_get(document, "config"), "");
	path = memory_print("config%s%s", key ? "." : "", key ? key : "");
	free(key);
	return path;
}

void locate_findings(json_t *findings, const char *file, const struct mmp_buffer *text,
		     const json_t *document)
{
	json_t *finding;
	size_t i;

	json_array_foreach(findings, i, finding) {
		struct mmp_json_position at = { 1, 1 };
		char *path = path_of(finding, document);

		mmp_json_position(text->bytes, text->length, path, &at);
		free(path);
		json_object_set_new(finding, "location",
				    json_pack("{s:s, s:i, s:i}", "file", file, "line",
					      (int)at.line, "column", (int)at.column));
	}
}

/* In an answer of `platform get --json` the document is one level deeper. */
static bool find_position(const struct mmp_buffer *bytes, const char *path,
			  struct mmp_json_position *ret_at)
{
	char *inside = memory_print("document%s%s", *path ? "." : "", path);
	bool found = !mmp_json_position(bytes->bytes, bytes->length, inside, ret_at) ||
		     !mmp_json_position(bytes->bytes, bytes->length, path, ret_at);

	free(inside);
	return found;
}

void locate_mistakes(json_t *failure)
{
	json_t *data = json_object_get(failure, "data"), *mistake;
	const struct mmp_buffer *bytes;
	const char *path;
	size_t i;

	bytes = document_remembered(mmp_json_string(data, "parameter"), &path);
	json_array_foreach(json_object_get(data, "mistakes"), i, mistake) {
		struct mmp_json_position at = { 1, 1 };

		if (!bytes)
			return;
		find_position(bytes, mmp_json_string(mistake, "path"), &at);
		json_object_set_new(mistake, "file", json_string(path));
		json_object_set_new(mistake, "line", json_integer(at.line));
		json_object_set_new(mistake, "column", json_integer(at.column));
	}
}

char *mistake_line(const json_t *mistake)
{
	const char *message = mmp_json_string(mistake, "message");
	const char *file = mmp_json_string(mistake, "file");

	if (!*file)
		return memory_print("%s", message);
	return memory_print("%s:%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT ": %s",
			    file, json_integer_value(json_object_get(mistake, "line")),
			    json_integer_value(json_object_get(mistake, "column")),
			    message);
}
