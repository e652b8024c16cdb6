/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_DOCUMENT_H
#define CLIENT_DOCUMENT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * Does the word name a file rather than a platform? "-" (stdin), and what has a "/"
 * in it or ends in ".json" or ".log". A file of another name is written "./name".
 */
bool document_is_file(const char *word);

/*
 * The platform document (or recorded vector) in a file, or on stdin where `path` is
 * "-". What is inside is the daemon's to check. A new reference, or NULL with *err.
 */
json_t *document_read(const char *path, struct mmp_error *err);

/* The same of bytes that were read already; `path` is for messages. */
json_t *document_parse(const char *path, const struct mmp_buffer *bytes,
		       struct mmp_error *err);

/*
 * From now on the bytes of the file are those of the parameter `key`, so that mistakes
 * which the daemon finds in it can be located (locate.h). NULL where it has none.
 */
void document_remember(const char *key, const char *path, const struct mmp_buffer *bytes);
const struct mmp_buffer *document_remembered(const char *key, const char **ret_path);

/* The JSON of any kind in such a file: a new reference, or NULL with *err. */
json_t *document_value(const char *path, struct mmp_error *err);

/* A file, or stdin where the path is "-", as bytes; no more than a request may have. */
int document_bytes(const char *path, struct mmp_buffer *bytes, struct mmp_error *err);

#endif
