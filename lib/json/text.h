/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_TEXT_H
#define MMP_JSON_TEXT_H

#include <jansson.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * JSON text as it crosses the socket, both ways and at both ends.
 *
 * Reading is stricter than jansson's default, as what is refused here would be
 * misread elsewhere: a key that is given twice, text that is not UTF-8, \u0000,
 * a number that no 64-bit integer or double holds, nesting deeper than
 * MMP_DEPTH_MAX. All of these are MMP_PARSE.
 */

/*
 * A new reference to the one value that text[0 .. length) is, or NULL with *err.
 * MMP_TOO_LARGE: it holds more than values_max values, its own parts counted; a value
 * of two bytes takes hundreds in memory, so that the length of a text bounds little.
 */
json_t *mmp_json_parse(const char *text, size_t length, size_t values_max,
		       struct mmp_error *err);

/*
 * Append `value` on one line, without a newline. -1 with MMP_TOO_LARGE if that
 * takes more than `max` bytes, and then the buffer is as it was before.
 */
int mmp_json_print(json_t *value, size_t max, struct mmp_buffer *buffer,
		   struct mmp_error *err);

/*
 * A new string of `text`, which need not be UTF-8: what is not is replaced by "?".
 * For words that were cut at some byte, such as those of an error.
 */
json_t *mmp_json_words(const char *text);

/* The string under `key`, borrowed; "" if the object has none. */
const char *mmp_json_string(const json_t *object, const char *key);

/* "a string", "an array": what kind of thing a value is, for messages. */
const char *mmp_json_kind(const json_t *value);

#endif
