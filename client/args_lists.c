/* SPDX-License-Identifier: BSD-2-Clause */
#include "args_kinds.h"

#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "memory.h"

/* Words that become lists, or items of lists. */

static json_t *list_at(json_t *into, const char *key)
{
	json_t *list = json_object_get(into, key);

	if (!list) {
		list = json_array();
		json_object_set_new(into, key, list);
	}
	return list;
}

static int append_text(const char *key, const char *text, size_t length, json_t *list,
		       struct mmp_error *err)
{
	json_t *value = json_stringn(text, length);

	if (!value)
		return mmp_fail(err, MMP_BAD_REQUEST, "%s is not UTF-8", key);
	json_array_append_new(list, value);
	return 0;
}

int take_each(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	return append_text(key, text, strlen(text), list_at(into, key), err);
}

/*
 * Refuse an empty list: it may come from an unset variable of a script, and must not turn
 * a test off.
 */
static int refuse_empty(const char *key, struct mmp_error *err)
{
	return mmp_fail(err, MMP_BAD_REQUEST,
			"%s: is empty; leave the option out instead", key);
}

int take_names(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	json_t *list = list_at(into, key);

	if (!text[strspn(text, ",")])
		return refuse_empty(key, err);
	while (*text) {
		size_t length = strcspn(text, ",");

		if (length && append_text(key, text, length, list, err))
			return -1;
		text += length + (text[length] == ',');
	}
	return 0;
}

/*
 * Once the option is given without names, it means all, even if it is also given with
 * names.
 */
int take_flag_or_names(const char *key, const char *text, json_t *into,
		       struct mmp_error *err)
{
	if (text && !json_is_true(json_object_get(into, key)))
		return take_names(key, text, into, err);
	json_object_set_new(into, key, json_true());
	return 0;
}

/* "tables=2,map=1,boot-memory=16K"; dashes become underscores in the parameter. */
int take_amounts(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	json_t *amounts = json_object_get(into, key);

	if (!amounts) {
		amounts = json_object();
		json_object_set_new(into, key, amounts);
	}
	if (!*text)
		return refuse_empty(key, err);
	while (*text) {
		size_t length = strcspn(text, ","), name = strcspn(text, "=,");
		char *one = memory_copy(text, length);

		if (name >= length) {
			mmp_fail(err, MMP_BAD_REQUEST,
				 "\"%.64s\" is not NAME=NUMBER, such as tables=2", one);
			free(one);
			return -1;
		}
		one[name] = '\0';
		for (char *at = one; *at; at++)
			*at = *at == '-' ? '_' : *at;
		json_object_set_new(amounts, one, json_string(one + name + 1));
		free(one);
		text += length + (text[length] == ',');
	}
	return 0;
}

/* A file with an array of waivers, or with an object that contains one. */
int take_waivers(const char *key, const char *text, json_t *into, struct mmp_error *err)
{
	json_t *file = document_value(text, err);
	json_t *waivers = json_is_array(file) ? file : json_object_get(file, "waivers");
	int failed;

	if (!file)
		return -1;
	if (json_is_array(waivers))
		json_array_extend(list_at(into, key), waivers);
	else
		mmp_fail(err, MMP_INVALID,
			 "%s: must be an array of waivers, or an object with \"waivers\"",
			 text);
	failed = json_is_array(waivers) ? 0 : -1;
	json_decref(file);
	return failed;
}
