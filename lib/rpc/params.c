/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/params.h"

#include <assert.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "json/text.h"

enum { NAMES_MAX = 32 };

#define EXACT_MAX (INT64_C(1) << 53) /* other readers of JSON round larger numbers */

static int wanted(const char *what, json_t *value, struct mmp_error *err)
{
	return mmp_fail(err, MMP_INVALID, "must be %s, not %s", what,
			mmp_json_kind(value));
}

static int take_number(json_t *value, uint64_t *ret_number, struct mmp_error *err)
{
	json_int_t number = json_integer_value(value);

	if (json_is_string(value))
		return mmp_number_parse(json_string_value(value), ret_number, err);
	if (!json_is_integer(value))
		return wanted("a number, or a string such as \"0x1000\" or \"2M\"", value,
			      err);
	if (number < 0)
		return mmp_fail(err, MMP_INVALID, "%lld is less than 0",
				(long long)number);
	if (number > EXACT_MAX)
		return mmp_fail(err, MMP_INVALID,
				"%lld is over 2^53: write it as a string, \"0x%llx\"",
				(long long)number, (long long)number);
	*ret_number = (uint64_t)number;
	return 0;
}

static int take_text(const struct mmp_param *param, json_t *value, void *at,
		     struct mmp_error *err)
{
	(void)param;
	if (!json_is_string(value))
		return wanted("a string", value, err);
	*(const char **)at = json_string_value(value);
	return 0;
}

static int take_uint(const struct mmp_param *param, json_t *value, void *at,
		     struct mmp_error *err)
{
	(void)param;
	return take_number(value, at, err);
}

static int take_optional(const struct mmp_param *param, json_t *value, void *at,
			 struct mmp_error *err)
{
	struct mmp_optional *optional = at;

	(void)param;
	optional->given = true;
	return take_number(value, &optional->value, err);
}

static int take_flag(const struct mmp_param *param, json_t *value, void *at,
		     struct mmp_error *err)
{
	(void)param;
	if (!json_is_boolean(value))
		return wanted("true or false", value, err);
	*(bool *)at = json_is_true(value);
	return 0;
}

static int take_object(const struct mmp_param *param, json_t *value, void *at,
		       struct mmp_error *err)
{
	(void)param;
	if (!json_is_object(value))
		return wanted("an object", value, err);
	*(json_t **)at = value;
	return 0;
}

static int take_array(const struct mmp_param *param, json_t *value, void *at,
		      struct mmp_error *err)
{
	(void)param;
	if (!json_is_array(value))
		return wanted("an array", value, err);
	*(json_t **)at = value;
	return 0;
}

static int take_text_or_object(const struct mmp_param *param, json_t *value, void *at,
			       struct mmp_error *err)
{
	(void)param;
	if (!json_is_string(value) && !json_is_object(value))
		return wanted("a string or an object", value, err);
	*(json_t **)at = value;
	return 0;
}

static int take_flag_or_names(const struct mmp_param *param, json_t *value, void *at,
			      struct mmp_error *err)
{
	const json_t *name;
	size_t i;

	(void)param;
	if (!json_is_boolean(value) && !json_is_array(value))
		return wanted("true, false or an array of strings", value, err);
	json_array_foreach(value, i, name)
		if (!json_is_string(name))
			return mmp_fail(err, MMP_INVALID,
					"[%zu] must be a string, not %s", i,
					mmp_json_kind(name));
	*(json_t **)at = value;
	return 0;
}

static int no_such_choice(const struct mmp_param *param, const char *given,
			  struct mmp_error *err)
{
	struct mmp_buffer all = MMP_BUFFER_EMPTY;

	for (const char *const *choice = param->choices; *choice; choice++)
		mmp_buffer_printf(&all, "%s%s", all.length ? ", " : "", *choice);
	mmp_fail(err, MMP_INVALID, "\"%.40s\" is not one of %s", given, all.bytes);
	mmp_buffer_done(&all);
	return -1;
}

static int take_choice(const struct mmp_param *param, json_t *value, void *at,
		       struct mmp_error *err)
{
	const char *given = json_string_value(value);

	if (!given)
		return wanted("a string", value, err);
	for (int i = 0; param->choices[i]; i++)
		if (!strcmp(param->choices[i], given)) {
			*(int *)at = i;
			return 0;
		}
	return no_such_choice(param, given, err);
}

/* clang-format off */
/* What each kind accepts, and its JSON Schema. */
static const struct kind {
	int (*take)(const struct mmp_param *param, json_t *value, void *at,
		    struct mmp_error *err);
	const char *schema;
} kinds[] = {
	[MMP_PARAM_TEXT]     = { take_text, "{\"type\":\"string\"}" },
	[MMP_PARAM_UINT]     = { take_uint, "{\"type\":[\"integer\",\"string\"],\"minimum\":0}" },
	[MMP_PARAM_OPTIONAL] = { take_optional, "{\"type\":[\"integer\",\"string\"],\"minimum\":0}" },
	[MMP_PARAM_ADDRESS]  = { take_uint, "{\"type\":[\"string\",\"integer\"],\"minimum\":0,"
				 "\"examples\":[\"0x9000000\"]}" },
	[MMP_PARAM_FLAG]     = { take_flag, "{\"type\":\"boolean\"}" },
	[MMP_PARAM_OBJECT]   = { take_object, "{\"type\":\"object\"}" },
	[MMP_PARAM_ARRAY]    = { take_array, "{\"type\":\"array\"}" },
	[MMP_PARAM_TEXT_OR_OBJECT] = { take_text_or_object, "{\"type\":[\"string\",\"object\"]}" },
	[MMP_PARAM_FLAG_OR_NAMES] = { take_flag_or_names, "{\"type\":[\"boolean\",\"array\"],\"items\":{\"type\":\"string\"}}" },
	[MMP_PARAM_CHOICE]   = { take_choice, "{\"type\":\"string\"}" },
};
/* clang-format on */
static_assert(sizeof(kinds) / sizeof(kinds[0]) == MMP_PARAM_KIND_COUNT,
	      "a kind of parameter has no row");

static int unknown_param(const struct mmp_method *method, const char *name,
			 struct mmp_error *err)
{
	const char *names[NAMES_MAX], *near;
	size_t count = 0;

	for (const struct mmp_param *p = method->params; p && p->name; p++)
		if (count < NAMES_MAX)
			names[count++] = p->name;
	if (!count)
		return mmp_fail(err, MMP_INVALID, "%.80s: %s takes no parameters", name,
				method->name);
	near = mmp_nearest(name, names, count);
	if (!near)
		return mmp_fail(err, MMP_INVALID, "%.80s: is not a parameter of %s", name,
				method->name);
	return mmp_fail(err, MMP_INVALID,
			"%.80s: is not a parameter of %s; did you mean %s?", name,
			method->name, near);
}

static const struct mmp_param *find_param(const struct mmp_param *params,
					  const char *name)
{
	for (const struct mmp_param *p = params; p && p->name; p++)
		if (!strcmp(p->name, name))
			return p;
	return NULL;
}

static int refuse_unknown(const struct mmp_method *method, json_t *given,
			  struct mmp_error *err)
{
	const char *name;
	json_t *value;

	json_object_foreach(given, name, value)
		if (!find_param(method->params, name))
			return unknown_param(method, name, err);
	return 0;
}

static int fill_one(const struct mmp_param *param, json_t *value, void *out,
		    struct mmp_error *err)
{
	if (!value)
		return param->required ? mmp_fail(err, MMP_INVALID, "%s: missing (%s)",
						  param->name, param->about)
				       : 0;
	if (kinds[param->kind].take(param, value, (char *)out + param->offset, err))
		return mmp_while(err, "%s", param->name);
	return 0;
}

int mmp_params_fill(const struct mmp_method *method, json_t *given, void *out,
		    struct mmp_error *err)
{
	if (given && !json_is_object(given))
		return mmp_fail(err, MMP_INVALID,
				"params: %s takes them by name, as an object, not in %s",
				method->name, mmp_json_kind(given));
	if (refuse_unknown(method, given, err))
		return -1;
	for (const struct mmp_param *p = method->params; p && p->name; p++)
		if (fill_one(p, json_object_get(given, p->name), out, err))
			return -1;
	return 0;
}

json_t *mmp_param_schema(const struct mmp_param *param)
{
	json_t *schema = json_loads(kinds[param->kind].schema, 0, NULL);
	json_t *choices;

	if (param->kind != MMP_PARAM_CHOICE)
		return schema;
	choices = json_array();
	for (const char *const *choice = param->choices; *choice; choice++)
		json_array_append_new(choices, json_string(*choice));
	json_object_set_new(schema, "enum", choices);
	return schema;
}
