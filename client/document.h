/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_DOCUMENT_H
#define CLIENT_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * Whether the word names a file rather than a platform: "-" (stdin), or a word that has
 * a "/" in it or ends in ".json" or ".log". A file with another name is written
 * "./name".
 */
bool document_is_file(const char *word);

/*
 * Read the platform document (or recorded vector) in a file, or on stdin if `path` is
 * "-". The contents are checked by the daemon. A new reference, or NULL with *err.
 */
json_t *document_read(const char *path, struct mmp_error *err);

/* The same for bytes that were already read; `path` is for messages. */
json_t *document_parse(const char *path, const struct mmp_buffer *bytes,
		       struct mmp_error *err);

/*
 * Remember the bytes of the file for the parameter `key`, so that mistakes which the
 * daemon finds can be located in it (locate.h). NULL if they are not remembered.
 */
void document_remember(const char *key, const char *path, const struct mmp_buffer *bytes);
const struct mmp_buffer *document_remembered(const char *key, const char **ret_path);

/* Read any JSON value from such a file: a new reference, or NULL with *err. */
json_t *document_value(const char *path, struct mmp_error *err);

/*
 * Read a file, or stdin if the path is "-", as bytes, up to the size limit of a
 * request.
 */
int document_bytes(const char *path, struct mmp_buffer *bytes, struct mmp_error *err);

#endif
