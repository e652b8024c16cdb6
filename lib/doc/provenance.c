/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/provenance.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "base/limits.h"
#include "json/number.h"
#include "json/text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { WHAT_SIZE = 160 };

static int check_range(const json_t *one, const char *what, struct mmp_error *err)
{
	static const char *const keys[] = { "base", "size", "note", "owner" };
	const char *key = json_object_get(one, "owner") ? "owner" : "note", *note;
	uint64_t base, size;

	if (!json_is_object(one))
		return mmp_fail(err, MMP_INVALID, "%s: must be an object", what);
	if (mmp_json_known_keys(one, "", keys, COUNT(keys), err) ||
	    mmp_json_number(json_object_get(one, "base"), "base", &base, err) ||
	    mmp_json_number(json_object_get(one, "size"), "size", &size, err) ||
	    (json_object_get(one, key) && mmp_json_text(one, key, key, &note, err)))
		return mmp_while(err, "%s", what);
	if (!size || base + (size - 1) < base)
		return mmp_fail(err, MMP_INVALID,
				"%s: 0x%" PRIx64 " size 0x%" PRIx64
				" is empty or goes past 2^64",
				what, base, size);
	return 0;
}

int mmp_dram_check(const json_t *dram, struct mmp_error *err)
{
	json_t *one;
	size_t i;

	if (!json_is_array(dram))
		return mmp_fail(err, MMP_INVALID, "dram: must be an array of ranges");
	if (json_array_size(dram) > MMP_IMPORT_VALUES_MAX)
		return mmp_fail(err, MMP_TOO_LARGE, "dram: more than %d ranges",
				MMP_IMPORT_VALUES_MAX);
	json_array_foreach(dram, i, one) {
		char what[WHAT_SIZE];

		snprintf(what, sizeof(what), "dram[%zu]", i);
		if (check_range(one, what, err))
			return -1;
	}
	return 0;
}

static int check_file(const json_t *one, struct mmp_error *err)
{
	static const char *const keys[] = { "file", "kind", "sha256" };
	const char *file, *kind, *digest;
	struct mmp_digest parsed;

	if (!json_is_object(one))
		return mmp_fail(err, MMP_INVALID, "must be an object");
	if (mmp_json_known_keys(one, "", keys, COUNT(keys), err) ||
	    mmp_json_text(one, "file", "file", &file, err) ||
	    mmp_json_text(one, "kind", "kind", &kind, err) ||
	    mmp_json_text(one, "sha256", "sha256", &digest, err))
		return -1;
	return mmp_digest_parse(digest, &parsed, err);
}

static int check_files(const json_t *files, struct mmp_error *err)
{
	json_t *one;
	size_t i;

	if (!json_is_array(files) || json_array_size(files) > MMP_IMPORT_FILES_MAX)
		return mmp_fail(err, MMP_INVALID,
				"sources.files: must be an array of at most %d files",
				MMP_IMPORT_FILES_MAX);
	json_array_foreach(files, i, one)
		if (check_file(one, err))
			return mmp_while(err, "sources.files[%zu]", i);
	return 0;
}

static bool is_file(const json_t *files, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach(files, i, one)
		if (strcmp(json_string_value(json_object_get(one, "file")), name) == 0)
			return true;
	return false;
}

static int check_value(const json_t *one, const json_t *files, struct mmp_error *err)
{
	static const char *const keys[] = { "key", "file", "what", "line" };
	const json_t *what = json_object_get(one, "what");
	const json_t *line = json_object_get(one, "line");
	const char *key, *file;

	if (!json_is_object(one))
		return mmp_fail(err, MMP_INVALID, "must be an object");
	if (mmp_json_known_keys(one, "", keys, COUNT(keys), err) ||
	    mmp_json_text(one, "key", "key", &key, err) ||
	    mmp_json_text(one, "file", "file", &file, err))
		return -1;
	if (!is_file(files, file))
		return mmp_fail(err, MMP_INVALID,
				"file: \"%.80s\" is not in sources.files", file);
	if (what &&
	    (!json_is_string(what) || json_string_length(what) > MMP_REGION_NAME_MAX))
		return mmp_fail(err, MMP_INVALID,
				"what: must be a string of at most %d bytes",
				MMP_REGION_NAME_MAX);
	if (line && (!json_is_integer(line) || json_integer_value(line) < 1))
		return mmp_fail(err, MMP_INVALID, "line: must be a number from 1 on");
	return 0;
}

int mmp_sources_check(const json_t *sources, struct mmp_error *err)
{
	static const char *const keys[] = { "files", "values" };
	const json_t *files = json_object_get(sources, "files");
	const json_t *values = json_object_get(sources, "values");
	json_t *one;
	size_t i;

	if (!json_is_object(sources) || !json_is_array(values))
		return mmp_fail(err, MMP_INVALID,
				"sources: must be an object with files and values");
	if (mmp_json_known_keys(sources, "", keys, COUNT(keys), err))
		return mmp_while(err, "sources");
	if (check_files(files, err))
		return -1;
	if (json_array_size(values) > MMP_IMPORT_VALUES_MAX)
		return mmp_fail(err, MMP_TOO_LARGE, "sources.values: more than %d",
				MMP_IMPORT_VALUES_MAX);
	json_array_foreach(values, i, one)
		if (check_value(one, files, err))
			return mmp_while(err, "sources.values[%zu]", i);
	return 0;
}
