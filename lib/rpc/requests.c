/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/requests.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/text.h"

/*
 * Values that JSON allows but no request may hold: \u0000 and half a surrogate pair in
 * a string, an integer over 64 bits, a number beyond a double. For any of these jansson
 * refuses the whole line. The line is then read again with a marker in the value's
 * place, and only the requests that hold one are refused.
 */

/* U+FDD0 to U+FDD3 are noncharacters, so they do not occur in meaningful text. */
#define NUL_MARK   "\xef\xb7\x90"
#define WIDE_MARK  "\xef\xb7\x91"
#define HALF_MARK  "\xef\xb7\x92"
#define REAL_MARK  "\xef\xb7\x93"
#define UNREADABLE "\xef\xb7\x90unreadable"

/* The code unit of "\uXXXX", or -1 if it is not one. */
static int unit_at(const char *at, const char *end)
{
	char digits[5] = "";

	if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
		return -1;
	memcpy(digits, at + 2, 4);
	return strspn(digits, "0123456789abcdefABCDEF") == 4
		       ? (int)strtol(digits, NULL, 16)
		       : -1;
}

/*
 * The marker for an escape that cannot be accepted, or NULL; *ret_length: of the
 * escape.
 */
static const char *mark_of(const char *at, const char *end, size_t *ret_length)
{
	int unit = unit_at(at, end);
	bool low_follows = unit >= 0 && (unit_at(at + 6, end) & 0xfc00) == 0xdc00;

	*ret_length = unit < 0 ? 2 : 6;
	if (unit >= 0 && (unit & 0xfc00) == 0xd800 && low_follows)
		*ret_length = 12;
	else if (unit >= 0 && (unit & 0xf800) == 0xd800)
		return HALF_MARK;
	return unit == 0 ? NUL_MARK : NULL;
}

static const char *put_string(struct mmp_buffer *out, const char *at, const char *end)
{
	const char *from = at++, *instead;
	size_t length;

	while (at < end && *at != '"') {
		if (*at != '\\' || at + 1 >= end) {
			at++;
			continue;
		}
		instead = mark_of(at, end, &length);
		if (instead) {
			mmp_buffer_add(out, from, (size_t)(at - from));
			mmp_buffer_text(out, instead);
			from = at + length;
		}
		at += length;
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
			return false; /* a real, or not a number at all */
	if (length > DIGITS_MAX)
		return true;
	memcpy(text, at, length);
	text[length] = '\0';
	errno = 0;
	strtoll(text, NULL, 10);
	return errno == ERANGE;
}

static bool is_beyond_double(const char *at, size_t length)
{
	enum { TEXT_MAX = 400 };
	char text[TEXT_MAX + 1], *end;

	if (length > TEXT_MAX)
		return true;
	memcpy(text, at, length);
	text[length] = '\0';
	return isinf(strtod(text, &end)) && !*end;
}

static const char *put_number(struct mmp_buffer *out, const char *at, const char *end)
{
	size_t length = 0;

	while (at + length < end &&
	       (isalnum((unsigned char)at[length]) ||
		strchr("+-.", at[length]) != NULL) &&
	       at[length])
		length++;
	if (is_wide(at, length) || is_beyond_double(at, length)) {
		mmp_buffer_text(out, "\"");
		mmp_buffer_text(out, is_wide(at, length) ? WIDE_MARK : REAL_MARK);
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

static const char *fault_in(const char *text)
{
	static const char *const faults[][2] = {
		{ NUL_MARK, "a text has \\u0000, which no text here may have" },
		{ HALF_MARK,
		  "a text has half of a surrogate pair, which is not a character" },
		{ WIDE_MARK, "an integer is over 64 bits" },
		{ REAL_MARK, "a number is beyond what 64-bit floating point holds" },
	};

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strstr(text, faults[i][0]))
			return faults[i][1];
	return NULL;
}

/* Why a value cannot be accepted, or NULL. */
static const char *fault_of(const json_t *value)
{
	const char *key, *fault = NULL;
	json_t *part;
	size_t i;

	if (json_is_string(value))
		return fault_in(json_string_value(value));
	json_array_foreach(value, i, part) {
		if (!fault)
			fault = fault_of(part);
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, part) {
		if (!fault)
			fault = fault_in(key) ? fault_in(key) : fault_of(part);
	}
	return fault;
}

static int mark(json_t *request)
{
	const char *fault = fault_of(request);

	if (!fault || !json_is_object(request))
		return 0;
	if (fault_of(json_object_get(request, "id")) &&
	    json_object_set_new(request, "id", json_null()))
		return -1;
	return json_object_set_new(request, UNREADABLE, json_string(fault));
}

/* Mark a request, or each of a batch. */
static int mark_line(json_t *line)
{
	json_t *request;
	size_t i;

	if (!json_is_array(line))
		return mark(line);
	json_array_foreach(line, i, request) {
		if (mark(request))
			return -1;
	}
	return 0;
}

/*
 * The text with markers instead of such values; NULL: it is not JSON for another reason, or
 * memory ran out, which *err says.
 */
static struct mmp_parsed *parse_marked(const char *text, size_t length, size_t values_max,
				       struct mmp_error *err)
{
	struct mmp_buffer marked = { 0 };
	struct mmp_error why = { .code = MMP_OK };
	struct mmp_parsed *line = NULL;

	put_marked(&marked, text, length);
	if (marked.failed)
		mmp_fail(&why, MMP_SYSTEM, "out of memory");
	else if (marked.length)
		line = mmp_json_read(marked.bytes, marked.length, values_max, &why);
	mmp_buffer_done(&marked);
	if (why.code == MMP_SYSTEM)
		*err = why;
	return line;
}

struct mmp_parsed *mmp_requests_parse(const char *text, size_t length, size_t values_max,
				      struct mmp_error *err)
{
	struct mmp_parsed *line = mmp_json_read(text, length, values_max, err);

	if (line || err->code != MMP_PARSE)
		return line;
	line = parse_marked(text, length, values_max, err);
	if (!line)
		return NULL;
	if (json_is_object(line->root) && !json_object_get(line->root, "method")) {
		mmp_parsed_unref(line); /* not a request at all */
		return NULL;
	}
	if (mmp_parsed_change(line, mark_line)) {
		mmp_parsed_unref(line);
		mmp_fail(err, MMP_SYSTEM, "out of memory");
		return NULL;
	}
	return line;
}

int mmp_request_check(const json_t *request, struct mmp_error *err)
{
	const char *fault = json_string_value(json_object_get(request, UNREADABLE));

	return fault ? mmp_fail(err, MMP_INVALID, "%s", fault) : 0;
}
