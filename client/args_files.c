/* SPDX-License-Identifier: BSD-2-Clause */
#include "args_kinds.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "document.h"
#include "memory.h"

/* Words that name files, whose contents go to the daemon. */

static int take_bytes(const char *key, const char *path, const struct mmp_buffer *bytes,
		      json_t *into, struct mmp_error *err)
{
	json_t *document = document_parse(path, bytes, err);

	if (!document)
		return -1;
	document_remember(key, path, bytes);
	json_object_set_new(into, key, document);
	return 0;
}

int take_document(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	struct mmp_buffer bytes = MMP_BUFFER_EMPTY;
	int failed = document_bytes(text, &bytes, err) ||
		     take_bytes(key, text, &bytes, into, err);

	mmp_buffer_done(&bytes);
	return failed ? -1 : 0;
}

int take_platform(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	return document_is_file(text) ? take_document(key, text, into, err)
				      : take_text(key, text, into, err);
}

/* A file that begins like JSON is a document; any other file is a boot log. */
static bool is_json(const struct mmp_buffer *bytes)
{
	size_t blank = bytes->length ? strspn(bytes->bytes, " \t\r\n") : 0;

	return blank == bytes->length || bytes->bytes[blank] == '{';
}

/* A log goes to the command as {"log": its name, "bytes": in base64}. */
int take_side(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	struct mmp_buffer bytes = MMP_BUFFER_EMPTY;
	char *letters = NULL;
	int failed;

	if (!document_is_file(text))
		return take_text(key, text, into, err);
	failed = document_bytes(text, &bytes, err) || mmp_buffer_add(&bytes, "", 1);
	if (!failed)
		bytes.length--;
	if (!failed && is_json(&bytes)) {
		failed = take_bytes(key, text, &bytes, into, err);
	} else if (!failed) {
		letters = mmp_base64_encode(bytes.bytes, bytes.length);
		json_object_set_new(into, key,
				    json_pack("{s:s, s:s}", "log", text, "bytes",
					      letters ? letters : ""));
	}
	free(letters);
	mmp_buffer_done(&bytes);
	return failed;
}

/* The daemon may run in another folder, so send it an absolute path. */
int take_path(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	char here[PATH_MAX], path[PATH_MAX * 2];

	if (text[0] == '/')
		return take_text(key, text, into, err);
	if (!getcwd(here, sizeof(here)))
		return mmp_fail(err, MMP_SYSTEM, "the current folder: %s",
				strerror(errno));
	snprintf(path, sizeof(path), "%s/%s", here, text);
	return take_text(key, path, into, err);
}

int take_dump_address(const char *key, const char *text, json_t *into,
		      struct mmp_error *err)
{
	json_t *dump = json_object_get(into, key), *one = json_object();

	if (!dump) {
		dump = json_array();
		json_object_set_new(into, key, dump);
	}
	json_array_append_new(dump, one);
	return take_address("address", text, one, err);
}

int take_dump_file(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	json_t *dump = json_object_get(into, key);
	json_t *last = json_array_get(dump, json_array_size(dump) - 1);
	struct mmp_buffer bytes = MMP_BUFFER_EMPTY;
	char *letters = NULL;
	int failed;

	if (!last || json_object_get(last, "bytes"))
		return mmp_fail(
			err, MMP_BAD_REQUEST,
			"%s: --address ADDRESS must come before it, with the address "
			"that its bytes were read from",
			text);
	failed = document_bytes(text, &bytes, err);
	if (!failed)
		letters = mmp_base64_encode(bytes.bytes, bytes.length);
	if (letters)
		json_object_set_new(last, "bytes", json_string(letters));
	free(letters);
	mmp_buffer_done(&bytes);
	return failed;
}
