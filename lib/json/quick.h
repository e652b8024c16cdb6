/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_QUICK_H
#define MMP_JSON_QUICK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/*
 * Read JSON quickly, for long documents: jansson takes each character through two
 * function calls, and this reads whole strings. It knows only what documents are made
 * of. A number with a fraction or of more than 18 digits, a \u escape, a long key and
 * everything that is wrong is left to jansson, which then reads the text from its start
 * and has the words for what is wrong.
 *
 * Returns what json_loadb returns with JSON_DECODE_ANY and JSON_REJECT_DUPLICATES, or
 * NULL: ask jansson. The caller has limited the depth, as this is recursive.
 */
json_t *mmp_json_quick(const char *text, size_t length);

/*
 * The same one token after another, for a reader that knows what the text must have, and
 * that leaves every other text to mmp_json_parse. Begin with the text from `at` to `end`
 * and the rest zero; free `text` at the end.
 */
struct mmp_quick {
	const char *at, *end;
	struct mmp_buffer text; /* the last string, if it had an escape */
};

/* The next character that is not white space; 0 at the end. */
char mmp_quick_next(struct mmp_quick *quick);

/* Move over that character, over a word such as "true"; false if it is not next. */
bool mmp_quick_takes(struct mmp_quick *quick, char token);
bool mmp_quick_word(struct mmp_quick *quick, const char *word);

/* Read the string that is next. Borrowed from the text, or until the next string. */
bool mmp_quick_string(struct mmp_quick *quick, const char **ret_text, size_t *ret_length);

/* Read the number that is next, if it is a whole one of at most 18 digits. */
bool mmp_quick_integer(struct mmp_quick *quick, int64_t *ret_number);

#endif
