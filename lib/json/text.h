/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_TEXT_H
#define MMP_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "json/parsed.h"

/*
 * JSON text on the socket, in both directions, for the daemon and the client.
 *
 * Reading is stricter than jansson's default, as other programs could misread what it
 * refuses: duplicate keys, invalid UTF-8, \u0000, numbers that fit neither a 64-bit
 * integer nor a double, and nesting deeper than MMP_DEPTH_MAX. All of these are
 * MMP_PARSE.
 */

/*
 * Parse the value in text[0 .. length). Returns a new reference, or NULL with *err filled
 * in. More than values_max values, nested ones included, are MMP_TOO_LARGE: a value of
 * two bytes takes hundreds in memory, so limiting the length of the text is not enough.
 * So are more than MMP_MEMBERS_MAX members of one object, as each takes the longer to find
 * the more there are.
 */
json_t *mmp_json_parse(const char *text, size_t length, size_t values_max,
		       struct mmp_error *err);

/* The same for a value that is read and then dropped; see json/parsed.h. */
struct mmp_parsed *mmp_json_read(const char *text, size_t length, size_t values_max,
				 struct mmp_error *err);

/* The same for a text that mmp itself has written and stored: no limits, no duplicates. */
struct mmp_parsed *mmp_json_read_own(const char *text, size_t length,
				     struct mmp_error *err);

/*
 * Append `value` on one line, without a newline. If that takes more than `max` bytes, it
 * fails with MMP_TOO_LARGE and leaves the buffer unchanged.
 */
#define MMP_JSON_ANY_SIZE (SIZE_MAX / 4) /* as `max`: no limit but memory */
int mmp_json_print(json_t *value, size_t max, struct mmp_buffer *buffer,
		   struct mmp_error *err);

/*
 * A new string of `text`, in which invalid UTF-8 is replaced by "?". For texts that may
 * have been cut off at any byte, such as those of an error.
 */
json_t *mmp_json_words(const char *text);

/* The string under `key`, borrowed; "" if the object has none. */
const char *mmp_json_string(const json_t *object, const char *key);

/* The kind of a value for messages: "a string", "an array". */
const char *mmp_json_kind(const json_t *value);

#endif
