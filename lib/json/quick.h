/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_JSON_QUICK_H
#define MMP_JSON_QUICK_H

#include <jansson.h>
#include <stddef.h>

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

#endif
