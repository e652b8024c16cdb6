/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/position.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* A position in valid JSON, and the end of the text. */
struct position_reader {
	const char *at, *end;
};

static char peek(struct position_reader *r)
{
	while (r->at < r->end && strchr(" \t\r\n", *r->at))
		r->at++;
	return r->at < r->end ? *r->at : '\0';
}

static void skip_string(struct position_reader *r)
{
	for (r->at++; r->at < r->end && *r->at != '"'; r->at++)
		if (*r->at == '\\' && r->at + 1 < r->end)
			r->at++;
	if (r->at < r->end)
		r->at++;
}

/* Not recursive: brackets are counted, strings are skipped. */
static void skip_value(struct position_reader *r)
{
	size_t depth = 0;

	do {
		char c = peek(r);

		if (c == '"') {
			skip_string(r);
		} else if (c == '{' || c == '[') {
			depth++;
			r->at++;
		} else if (depth && (c == '}' || c == ']')) {
			depth--;
			r->at++;
		} else if (depth && (c == ',' || c == ':')) {
			r->at++;
		} else if (r->at < r->end) {
			while (r->at < r->end && !strchr(" \t\r\n,:]}", *r->at))
				r->at++;
		}
	} while (depth && r->at < r->end);
}

/* Keys of documents have no escapes, so they are compared as written. */
static bool is_key(const char *from, const char *to, const char *name, size_t length)
{
	return (size_t)(to - from) == length + 2 && !memcmp(from + 1, name, length);
}

/* Move to the value of a member; *ret_key is where its key begins. */
static bool enter_object(struct position_reader *r, const char *name, size_t length,
			 const char **ret_key)
{
	r->at++;
	while (peek(r) == '"') {
		const char *key = r->at;
		bool found;

		skip_string(r);
		found = is_key(key, r->at, name, length);
		if (peek(r) == ':')
			r->at++;
		if (found) {
			*ret_key = key;
			return peek(r) != '\0';
		}
		skip_value(r);
		if (peek(r) == ',')
			r->at++;
	}
	return false;
}

static bool enter_array(struct position_reader *r, const char *index, size_t length)
{
	size_t left = 0;

	for (size_t i = 0; i < length; i++) {
		if (!isdigit((unsigned char)index[i]) || left > (size_t)(r->end - r->at))
			return false;
		left = left * 10 + (size_t)(index[i] - '0');
	}
	for (r->at++; peek(r) && *r->at != ']'; left--) {
		if (!left)
			return true;
		skip_value(r);
		if (peek(r) == ',')
			r->at++;
	}
	return false;
}

static struct mmp_json_position position_of(const char *text, const char *at)
{
	struct mmp_json_position position = { 1, 1 };

	for (; text < at; text++) {
		if (*text == '\n') {
			position.line++;
			position.column = 1;
		} else if ((*text & 0xc0) != 0x80) {
			position.column++;
		}
	}
	return position;
}

int mmp_json_position(const char *text, size_t length, const char *path,
		      struct mmp_json_position *ret_position)
{
	struct position_reader r = { text, text + length };
	const char *at = peek(&r) ? r.at : text;

	while (*path) {
		size_t part = strcspn(path, ".");
		bool found;

		if (peek(&r) == '{') {
			found = enter_object(&r, path, part, &at);
		} else {
			found = peek(&r) == '[' && enter_array(&r, path, part);
			at = r.at;
		}
		if (!found)
			return -1;
		path += part + (path[part] == '.');
	}
	*ret_position = position_of(text, at);
	return 0;
}
