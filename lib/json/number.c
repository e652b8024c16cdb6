/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define EXACT_MAX (INT64_C(1) << 53)
#define KNOWN_MAX 9 /* longer lists of keys are left out of messages */

int mmp_json_number(const json_t *value, const char *what, uint64_t *ret_number,
		    struct mmp_error *err)
{
	if (json_is_string(value)) {
		if (mmp_number_parse(json_string_value(value), ret_number, err))
			return mmp_while(err, "%s", what);
		return 0;
	}
	if (!json_is_integer(value))
		return mmp_fail(err, MMP_INVALID,
				"%s: %smust be a number, such as \"0x9000000\", "
				"\"2M\" or 4096",
				what, value ? "" : "missing; ");
	if (json_integer_value(value) < 0 || json_integer_value(value) > EXACT_MAX)
		return mmp_fail(err, MMP_INVALID,
				"%s: %" JSON_INTEGER_FORMAT
				" is not in 0 .. 2^53; write larger ones as a hex string",
				what, json_integer_value(value));
	*ret_number = (uint64_t)json_integer_value(value);
	return 0;
}

json_t *mmp_json_hex(uint64_t number, int digits)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%0*" PRIx64, digits, number);
	return json_string_nocheck(text);
}

int mmp_json_text_of(const json_t *value, const char *what, const char **ret_text,
		     struct mmp_error *err)
{
	if (!value)
		return mmp_fail(err, MMP_INVALID, "%s: missing", what);
	if (!json_is_string(value))
		return mmp_fail(err, MMP_INVALID, "%s: must be a string", what);
	*ret_text = json_string_value(value);
	return 0;
}

int mmp_json_text(const json_t *object, const char *key, const char *what,
		  const char **ret_text, struct mmp_error *err)
{
	return mmp_json_text_of(json_object_get(object, key), what, ret_text, err);
}

int mmp_json_unknown_key(const char *what, const char *key, const char *const *known,
			 size_t count, struct mmp_error *err)
{
	const char *nearest = mmp_nearest(key, known, count);

	mmp_fail(err, MMP_INVALID, "%s%s%.64s: no such key%s%s%s%s", what,
		 *what ? "." : "", key, nearest ? "; nearest: \"" : "",
		 nearest ? nearest : "", nearest ? "\"" : "",
		 count <= KNOWN_MAX ? "; known:" : "");
	for (size_t i = 0; i < count && count <= KNOWN_MAX; i++) {
		struct mmp_error before = *err;

		mmp_fail(err, MMP_INVALID, "%s %s", before.text, known[i]);
	}
	return -1;
}

bool mmp_json_is_known(const char *key, const char *const *known, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(known[i], key))
			return true;
	return false;
}

int mmp_json_known_keys(const json_t *object, const char *what, const char *const *known,
			size_t count, struct mmp_error *err)
{
	void *at = json_object_iter((json_t *)(uintptr_t)object);

	for (; at; at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
		const char *key = json_object_iter_key(at);

		if (!mmp_json_is_known(key, known, count))
			return mmp_json_unknown_key(what, key, known, count, err);
	}
	return 0;
}
