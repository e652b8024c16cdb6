/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/requests.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "json/text.h"

/*
 * What no request may hold and JSON allows: \u0000 in a string, an integer over 64 bits.
 * jansson refuses the whole line for either. Then the line is read again with a marker in
 * its place, and the requests that hold one are refused, each by itself.
 */

/* U+FDD0 and U+FDD1 are no characters, so that no text that means something has them. */
#define NUL_MARK   "\xef\xb7\x90"
#define WIDE_MARK  "\xef\xb7\x91"
#define UNREADABLE "\xef\xb7\x90unreadable"

static const char *put_string(struct mmp_buffer *out, const char *at, const char *end)
{
	const char *from = at++;

	while (at < end && *at != '"') {
		if (*at != '\\' || at + 1 >= end) {
			at++;
			continue;
		}
		if (end - at >= 6 && !memcmp(at, "\\u0000", 6)) {
			mmp_buffer_add(out, from, (size_t)(at - from));
			mmp_buffer_text(out, NUL_MARK);
			at += 6;
			from = at;
			continue;
		}
		at += 2;
	}
	at = at < end ? at + 1 : end;
	mmp_buffer_add(out, from, (size_t)(at - from));
	return at;
}

static bool is_wide(const char *at, size_t length)
{
	enum { DIGITS_MAX = 40 };
	char text[DIGITS_MAX + 1];

	for (size_t i = 0; i < length; i++)
		if (!isdigit((unsigned char)at[i]) && (at[i] != '-' || i))
			return false; /* a real, or no number at all */
	if (length > DIGITS_MAX)
		return true;
	memcpy(text, at, length);
	text[length] = '\0';
	errno = 0;
	strtoll(text, NULL, 10);
	return errno == ERANGE;
}

static const char *put_number(struct mmp_buffer *out, const char *at, const char *end)
{
	size_t length = 0;

	while (at + length < end &&
	       (isalnum((unsigned char)at[length]) ||
		strchr("+-.", at[length]) != NULL) &&
	       at[length])
		length++;
	if (is_wide(at, length)) {
		mmp_buffer_text(out, "\"" WIDE_MARK);
		mmp_buffer_add(out, at, length);
		mmp_buffer_text(out, "\"");
	} else {
		mmp_buffer_add(out, at, length);
	}
	return at + length;
}

static void put_marked(struct mmp_buffer *out, const char *text, size_t length)
{
	const char *at = text, *end = text + length;

	while (at < end) {
		if (*at == '"')
			at = put_string(out, at, end);
		else if (*at == '-' || isdigit((unsigned char)*at))
			at = put_number(out, at, end);
		else
			mmp_buffer_add(out, at++, 1);
	}
}

/* Why a value cannot be taken, or NULL. */
static const char *fault_of(const json_t *value)
{
	const char *key, *fault = NULL;
	json_t *part;
	size_t i;

	if (json_is_string(value)) {
		if (strstr(json_string_value(value), NUL_MARK))
			return "a string has \\u0000, which no text here may have";
		if (strstr(json_string_value(value), WIDE_MARK))
			return "an integer is over 64 bits";
	}
	json_array_foreach(value, i, part) {
		if (!fault)
			fault = fault_of(part);
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, part) {
		if (strstr(key, NUL_MARK))
			fault = "a key has \\u0000, which no text here may have";
		if (!fault)
			fault = fault_of(part);
	}
	return fault;
}

static void mark(json_t *request)
{
	const char *fault = fault_of(request);

	if (!fault || !json_is_object(request))
		return;
	if (fault_of(json_object_get(request, "id")))
		json_object_set_new(request, "id", json_null());
	json_object_set_new(request, UNREADABLE, json_string(fault));
}

json_t *mmp_requests_parse(const char *text, size_t length, size_t values_max,
			   struct mmp_error *err)
{
	json_t *line = mmp_json_parse(text, length, values_max, err), *request;
	struct mmp_buffer marked = { 0 };
	struct mmp_error ignored;
	size_t i;

	if (line || err->code != MMP_PARSE)
		return line;
	put_marked(&marked, text, length);
	if (!marked.failed && marked.length)
		line = mmp_json_parse(marked.bytes, marked.length, values_max, &ignored);
	mmp_buffer_done(&marked);
	json_array_foreach(line, i, request)
		mark(request);
	if (!json_is_object(line))
		return line;
	if (!json_object_get(line, "method")) { /* no request at all */
		json_decref(line);
		return NULL;
	}
	mark(line);
	return line;
}

int mmp_request_check(const json_t *request, struct mmp_error *err)
{
	const char *fault = json_string_value(json_object_get(request, UNREADABLE));

	return fault ? mmp_fail(err, MMP_INVALID, "%s", fault) : 0;
}
