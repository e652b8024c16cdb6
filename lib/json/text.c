/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/text.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"

/*
 * From behind the opening quote of a string to its closing quote, or to the last byte.
 * Most bytes of a text are in strings, so four at a time are looked at.
 */
static const char *skip_string(const char *at, const char *end)
{
	static const bool stops[256] = { ['"'] = true, ['\\'] = true };

	for (; at < end; at++) {
		const unsigned char *next = (const unsigned char *)at;

		while (end - at > 4 && !(stops[next[0]] | stops[next[1]] |
					 stops[next[2]] | stops[next[3]]))
			at += 4, next += 4;
		if (*at == '"')
			return at;
		if (*at == '\\')
			at++;
	}
	return end - 1;
}

struct extent {
	size_t levels;  /* depth of nesting */
	size_t values;  /* an upper bound: an empty array counts as if it had a value */
	size_t members; /* of the largest object; an upper bound, too */
};

/* What is open at a level of nesting. */
struct nesting {
	bool is_object;
	size_t members;
};

static size_t larger(size_t one, size_t other)
{
	return one > other ? one : other;
}

/* Neither recursive nor allocating, as it runs before anything that is. */
static struct extent extent_of(const char *text, size_t length)
{
	struct nesting nested[MMP_DEPTH_MAX + 1] = { 0 };
	struct extent extent = { .values = 1 };
	size_t level = 0;

	for (const char *at = text, *end = text + length; at < end; at++) {
		if (*at == '"')
			at = skip_string(at + 1, end);
		else if ((*at == ']' || *at == '}') && level)
			level--;
		if (*at != '[' && *at != '{' && *at != ',')
			continue;
		extent.values++;
		if (*at != ',')
			extent.levels = larger(extent.levels, ++level);
		if (level > MMP_DEPTH_MAX)
			continue;
		if (*at != ',')
			nested[level] = (struct nesting){ *at == '{', 0 };
		nested[level].members += nested[level].is_object;
		extent.members = larger(extent.members, nested[level].members);
	}
	return extent;
}

static int check_extent(const char *text, size_t length, size_t values_max,
			struct mmp_error *err)
{
	struct extent extent = extent_of(text, length);

	if (extent.levels > MMP_DEPTH_MAX)
		return mmp_fail(err, MMP_PARSE,
				"nested %zu levels deep, %d are the limit", extent.levels,
				MMP_DEPTH_MAX);
	if (extent.values > values_max)
		return mmp_fail(err, MMP_TOO_LARGE, "%zu values in it, %zu are the limit",
				extent.values, values_max);
	if (extent.members > MMP_MEMBERS_MAX)
		return mmp_fail(err, MMP_TOO_LARGE,
				"%zu members of one object in it, %d are the limit",
				extent.members, MMP_MEMBERS_MAX);
	return 0;
}

/* jansson says nothing where it has no memory to begin with. */
static int tell_fault(const json_error_t *fault, struct mmp_error *err)
{
	if (json_error_code(fault) == json_error_out_of_memory || !*fault->text)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	return mmp_fail(err, MMP_PARSE, "not JSON: %s, at line %d, column %d (byte %d)",
			fault->text, fault->line, fault->column, fault->position);
}

enum { STRICT = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES };

json_t *mmp_json_parse(const char *text, size_t length, size_t values_max,
		       struct mmp_error *err)
{
	json_error_t fault = { 0 };
	json_t *value;

	if (check_extent(text, length, values_max, err))
		return NULL;
	value = json_loadb(text, length, STRICT, &fault);
	if (!value)
		tell_fault(&fault, err);
	return value;
}

static struct mmp_parsed *load(const char *text, size_t length, size_t flags,
			       struct mmp_error *err)
{
	json_error_t fault;
	struct mmp_parsed *parsed = mmp_parsed_load(text, length, flags, &fault);

	if (!parsed)
		tell_fault(&fault, err);
	return parsed;
}

struct mmp_parsed *mmp_json_read(const char *text, size_t length, size_t values_max,
				 struct mmp_error *err)
{
	return check_extent(text, length, values_max, err)
		       ? NULL
		       : load(text, length, STRICT, err);
}

struct mmp_parsed *mmp_json_read_own(const char *text, size_t length,
				     struct mmp_error *err)
{
	return load(text, length, JSON_DECODE_ANY, err);
}

struct sink {
	struct mmp_buffer *buffer;
	size_t max; /* the most bytes that the buffer may reach */
};

static int append_piece(const char *bytes, size_t length, void *data)
{
	struct sink *sink = data;

	if (length > sink->max - sink->buffer->length)
		return -1;
	return mmp_buffer_add(sink->buffer, bytes, length);
}

int mmp_json_print(json_t *value, size_t max, struct mmp_buffer *buffer,
		   struct mmp_error *err)
{
	size_t before = buffer->length;
	struct sink sink = { buffer, before + max };

	if (!json_dump_callback(value, append_piece, &sink,
				JSON_COMPACT | JSON_ENCODE_ANY))
		return 0;
	buffer->length = before;
	if (buffer->failed)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	return mmp_fail(err, MMP_TOO_LARGE, "over %zu bytes of JSON", max);
}

json_t *mmp_json_words(const char *text)
{
	json_t *words = json_string(text);
	struct mmp_buffer clean = MMP_BUFFER_EMPTY;

	if (words)
		return words;
	while (*text) {
		size_t length = mmp_utf8_length(text);

		mmp_buffer_add(&clean, length ? text : "?", length ? length : 1);
		text += length ? length : 1;
	}
	words = json_stringn(clean.bytes, clean.length);
	mmp_buffer_done(&clean);
	return words;
}

const char *mmp_json_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

const char *mmp_json_kind(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "a whole number";
	case JSON_REAL:
		return "a number with a fraction";
	case JSON_TRUE:
	case JSON_FALSE:
		return "a flag";
	case JSON_NULL:
		return "null";
	}
	return "nothing";
}
