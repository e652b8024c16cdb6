/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_LOCATE_H
#define CLIENT_LOCATE_H

#include <jansson.h>

#include "base/buffer.h"

/*
 * Give each finding of the array a "location": {file, line, column} in the document
 * concerned. That is the first registration it names; else the config key that its text
 * names; else the document's "config", or its beginning. `text` is the contents of the
 * file, `document` the JSON parsed from it.
 */
void locate_findings(json_t *findings, const char *file, const struct mmp_buffer *text,
		     const json_t *document);

/*
 * Locate the mistakes that the daemon found in a document in the file that it was read
 * from: sets "file", "line" and "column" in each of failure's data.mistakes.
 */
void locate_mistakes(json_t *failure);

/*
 * "board.json:7:12: what is wrong", or only what is wrong if no file is known. The
 * caller frees it.
 */
char *mistake_line(const json_t *mistake);

#endif
