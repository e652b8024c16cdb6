/* SPDX-License-Identifier: BSD-2-Clause */
#include "side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "document.h"
#include "import/import.h"
#include "import/verify.h"
#include "memory.h"
#include "json/text.h"

/* --- documents ------------------------------------------------------------------------- */

/* Call a method and return a member of its answer; if there is none, the failure. */
static json_t *ask(struct session *session, const char *method, json_t *take_params,
		   const char *outer, const char *member, struct outcome *ret_failed)
{
	struct outcome outcome = call(session, method, take_params);
	json_t *value;

	json_decref(take_params);
	if (outcome.failure) {
		*ret_failed = outcome;
		return NULL;
	}
	value = outer ? json_object_get(outcome.value, outer) : outcome.value;
	value = json_incref(json_object_get(value, member));
	outcome_done(&outcome);
	return value;
}

/* {"name"}; for NAME@REVISION {"name", "revision"}. */
static json_t *named(const char *word)
{
	const char *at = strrchr(word, '@');
	char *name;
	json_t *params;

	if (!at || !at[1] || strspn(at + 1, "0123456789") != strlen(at + 1))
		return json_pack("{s:s}", "name", word);
	name = memory_copy(word, (size_t)(at - word));
	params = json_pack("{s:s, s:I}", "name", name, "revision",
			   (json_int_t)strtoull(at + 1, NULL, 10));
	free(name);
	return params;
}

json_t *side_document(struct session *session, const char *word,
		      struct outcome *ret_failed)
{
	struct outcome no_build = { 0 };
	struct mmp_error err;
	json_t *document;

	if (document_is_file(word)) {
		document = document_read(word, &err);
		if (!document)
			*ret_failed = outcome_failed(&err);
		return document;
	}
	document =
		ask(session, "platform.get", named(word), NULL, "document", ret_failed);
	if (document)
		return document;
	document = ask(session, "build.get", json_pack("{s:s}", "id", word), "manifest",
		       "platform", &no_build);
	outcome_done(document ? ret_failed : &no_build);
	if (document)
		*ret_failed = (struct outcome){ 0 };
	return document;
}

/* --- logs ------------------------------------------------------------------------------ */

bool side_is_log(const json_t *side)
{
	return json_is_string(json_object_get(side, "log"));
}

static int add_log(struct mmp_import *import, const json_t *log, struct mmp_error *err)
{
	const char *letters = mmp_json_string(log, "bytes");
	size_t length = strlen(letters);
	char *bytes = memory_zeroed(MMP_BASE64_ROOM(length) + 1, 1);
	long size = mmp_base64_decode(letters, length, (uint8_t *)bytes);

	if (size < 0)
		abort(); /* we encoded it ourselves */
	return mmp_import_add(import, mmp_json_string(log, "log"), bytes, (size_t)size,
			      err);
}

/* Read the document and the log together. The caller owns the import; NULL with *err. */
static struct mmp_import *import_both(const json_t *log, const json_t *document,
				      const struct mmp_import_wish *wish,
				      struct mmp_error *err)
{
	struct mmp_import *import = mmp_import_new();

	if (!import)
		abort();
	if (!mmp_import_add_document(import, "the other side", document, err) &&
	    !add_log(import, log, err) && !mmp_import_read(import, wish, err))
		return import;
	mmp_import_free(import);
	return NULL;
}

/* One difference as a change of a diff. */
static json_t *change_of(const json_t *difference)
{
	const json_t *line = json_object_get(difference, "line");
	const char *board = mmp_json_string(difference, "board");
	const char *platform = mmp_json_string(difference, "platform");
	char where[32] = "";

	if (json_is_integer(line))
		snprintf(where, sizeof(where), "line %" JSON_INTEGER_FORMAT ": ",
			 json_integer_value(line));
	return json_pack("{s:s, s:o}", "kind", "log", "text",
			 json_sprintf("%s%s: the board has %s, the platform computes %s",
				      where, mmp_json_string(difference, "entry"),
				      *board ? board : "no such entry",
				      *platform ? platform : "no such entry"));
}

static json_t *changes_of(const json_t *verified)
{
	json_t *changes = json_array(), *one;
	size_t i;

	json_array_foreach(json_object_get(verified, "differences"), i, one)
		json_array_append_new(changes, change_of(one));
	return changes;
}

int side_of_log(const json_t *log, const json_t *document, json_t **ret_document,
		json_t **ret_changes, struct mmp_error *err)
{
	struct mmp_import_wish wish = { .name = json_string_value(
						json_object_get(document, "name")) };
	struct mmp_import *import = import_both(log, document, &wish, err);
	json_t *result, *verified = NULL;

	if (!import)
		return -1;
	result = mmp_import_result(import, &wish, err);
	mmp_import_free(import);
	if (!result)
		return -1;
	*ret_document = json_incref(json_object_get(result, "document"));
	json_decref(result);
	wish.rules = json_string_value(json_object_get(*ret_document, "rules"));
	import = import_both(log, *ret_document, &wish, err);
	if (import)
		verified = mmp_import_verify(import, err);
	mmp_import_free(import);
	if (!verified) {
		json_decref(*ret_document);
		return -1;
	}
	*ret_changes = changes_of(verified);
	json_decref(verified);
	return 0;
}
