/* SPDX-License-Identifier: BSD-2-Clause */
#include "document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "memory.h"
#include "json/text.h"

static bool ends_in(const char *word, const char *end)
{
	size_t length = strlen(word);

	return length > strlen(end) && strcmp(word + length - strlen(end), end) == 0;
}

bool document_is_file(const char *word)
{
	return strcmp(word, "-") == 0 || strchr(word, '/') || ends_in(word, ".json") ||
	       ends_in(word, ".log");
}

/* Stop reading a document when it is over the limit of a request. */
static int read_all(FILE *file, const char *path, struct mmp_buffer *text,
		    struct mmp_error *err)
{
	char bytes[65536];
	size_t got;

	while ((got = fread(bytes, 1, sizeof(bytes), file)) > 0) {
		if (text->length + got > MMP_LINE_MAX)
			return mmp_fail(err, MMP_TOO_LARGE,
					"%s is over %u bytes, the limit of a request",
					path, MMP_LINE_MAX);
		if (mmp_buffer_add(text, bytes, got))
			return mmp_fail(err, MMP_SYSTEM, "no memory for %s", path);
	}
	return ferror(file)
		       ? mmp_fail(err, MMP_BAD_REQUEST, "%s: %s", path, strerror(errno))
		       : 0;
}

int document_bytes(const char *path, struct mmp_buffer *bytes, struct mmp_error *err)
{
	bool from_stdin = strcmp(path, "-") == 0;
	FILE *file = from_stdin ? stdin : fopen(path, "re");
	int failed;

	if (!file)
		return mmp_fail(err, errno == ENOENT ? MMP_NOT_FOUND : MMP_BAD_REQUEST,
				"%s: %s", path, strerror(errno));
	failed = read_all(file, path, bytes, err);
	if (!from_stdin)
		fclose(file);
	return failed;
}

static json_t *parse(const char *path, const struct mmp_buffer *text,
		     struct mmp_error *err)
{
	json_t *value = mmp_json_parse(text->bytes ? text->bytes : "", text->length,
				       SIZE_MAX, err);

	if (!value)
		mmp_while(err, "%s", strcmp(path, "-") == 0 ? "stdin" : path);
	return value;
}

json_t *document_value(const char *path, struct mmp_error *err)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	json_t *value = NULL;

	if (document_bytes(path, &text, err) == 0)
		value = parse(path, &text, err);
	mmp_buffer_done(&text);
	return value;
}

/* The documents of this command; freed when the process ends. */
static struct {
	const char *key;
	char *path;
	struct mmp_buffer bytes;
} remembered[4];

void document_remember(const char *key, const char *path, const struct mmp_buffer *bytes)
{
	for (size_t i = 0; i < sizeof(remembered) / sizeof(remembered[0]); i++) {
		if (remembered[i].key && strcmp(remembered[i].key, key) != 0)
			continue;
		free(remembered[i].path);
		mmp_buffer_done(&remembered[i].bytes);
		remembered[i].key = key;
		remembered[i].path =
			memory_print("%s", strcmp(path, "-") == 0 ? "stdin" : path);
		mmp_buffer_add(&remembered[i].bytes, bytes->bytes, bytes->length);
		return;
	}
}

const struct mmp_buffer *document_remembered(const char *key, const char **ret_path)
{
	for (size_t i = 0; i < sizeof(remembered) / sizeof(remembered[0]); i++)
		if (remembered[i].key && strcmp(remembered[i].key, key) == 0) {
			*ret_path = remembered[i].path;
			return &remembered[i].bytes;
		}
	return NULL;
}

/* Accept a document, or the output of `platform get --json`, which contains one. */
static json_t *take_inside(const char *path, json_t *take_value, struct mmp_error *err)
{
	json_t *inside = json_object_get(take_value, "document");

	if (json_is_object(take_value) && !json_is_object(inside))
		return take_value;
	if (json_is_object(inside))
		json_incref(inside);
	else
		mmp_fail(err, MMP_INVALID,
			 "%s holds %s; a platform document is an object", path,
			 mmp_json_kind(take_value));
	json_decref(take_value);
	return inside;
}

json_t *document_parse(const char *path, const struct mmp_buffer *bytes,
		       struct mmp_error *err)
{
	json_t *value = parse(path, bytes, err);

	return value ? take_inside(path, value, err) : NULL;
}

json_t *document_read(const char *path, struct mmp_error *err)
{
	json_t *value = document_value(path, err);

	return value ? take_inside(path, value, err) : NULL;
}
