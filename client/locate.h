/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_LOCATE_H
#define CLIENT_LOCATE_H

#include <jansson.h>

#include "base/buffer.h"

/*
 * Give each finding of the array a "location": {file, line, column} in the document that
 * it is about. That is the first registration it names; else the config key that its
 * words name; else the document's "config", or its beginning. `text` is what the file
 * holds, `document` what was parsed of it.
 */
void locate_findings(json_t *findings, const char *file, const struct mmp_buffer *text,
		     const json_t *document);

/*
 * Where the mistakes that the daemon found in a document are in the file that it was
 * read from: "file", "line" and "column" in each of failure's data.mistakes.
 */
void locate_mistakes(json_t *failure);

/* "board.json:7:12: what is wrong", or without a file what is wrong alone; the caller's. */
char *mistake_line(const json_t *mistake);

#endif
