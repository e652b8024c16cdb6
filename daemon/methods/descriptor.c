/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/descriptor.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "json/number.h"

/* --- memtype.list --- */

struct types {
	const char *rules;
	json_t *config;
};

#define RULES(type)                                                                      \
	{                                                                                \
		"rules", MMP_PARAM_TEXT, offsetof(type, rules), false,                   \
			"rule set, that is, firmware and release; by default the "       \
			"newest of the first firmware",                                  \
			NULL                                                             \
	}
#define CONFIG(type)                                                                     \
	{                                                                                \
		"config", MMP_PARAM_OBJECT, offsetof(type, config), false,               \
			"configuration keys that affect it; by default those of the "    \
			"rule set",                                                      \
			NULL                                                             \
	}

/* clang-format off */
static const struct mmp_param types_params[] = {
	RULES(struct types),
	CONFIG(struct types),
	{ 0 },
};
/* clang-format on */

static int types(struct mmp_call *call, const void *params, json_t **ret_result,
		 struct mmp_error *err)
{
	const struct types *p = params;
	json_t *all;

	(void)call;
	if (mmp_memtypes_write(methods_rules(p->rules), p->config, &all, err))
		return -1;
	*ret_result =
		json_pack("{s:s, s:o}", "rules", methods_rules(p->rules), "types", all);
	return 0;
}

/* --- descriptor.encode, descriptor.decode --- */

struct descriptor {
	const char *rules, *type, *format;
	json_t *config;
	struct mmp_optional level, attr, pa, word;
};

#define FORMAT                                                                           \
	{                                                                                \
		"format", MMP_PARAM_TEXT, offsetof(struct descriptor, format), false,    \
			"lpae (64-bit) or short; by default what the config asks for",   \
			NULL                                                             \
	}
#define LEVEL                                                                            \
	{                                                                                \
		"level", MMP_PARAM_OPTIONAL, offsetof(struct descriptor, level), false,  \
			"level of the table that it is in; by default the last level",   \
			NULL                                                             \
	}

/* clang-format off */
static const struct mmp_param encode_params[] = {
	RULES(struct descriptor),
	CONFIG(struct descriptor),
	FORMAT,
	LEVEL,
	{ "attr", MMP_PARAM_OPTIONAL, offsetof(struct descriptor, attr), false,
	  "attribute word, instead of a type", NULL },
	{ "type", MMP_PARAM_TEXT, offsetof(struct descriptor, type), false,
	  "memory type whose attributes it gets; --attr instead gives the attribute word", NULL },
	{ "pa", MMP_PARAM_OPTIONAL, offsetof(struct descriptor, pa), false,
	  "physical address that it maps to", NULL },
	{ 0 },
};

static const struct mmp_param decode_params[] = {
	RULES(struct descriptor),
	CONFIG(struct descriptor),
	FORMAT,
	LEVEL,
	{ "descriptor", MMP_PARAM_OPTIONAL, offsetof(struct descriptor, word), true,
	  "the word, as it is in the table", NULL },
	{ 0 },
};
/* clang-format on */

static json_t *number(const struct mmp_optional *given)
{
	return given->given ? mmp_json_hex(given->value, 1) : NULL;
}

static uint64_t level_of(const struct descriptor *p)
{
	return p->level.given ? p->level.value : MMP_LAST_LEVEL;
}

static int encode(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	const struct descriptor *p = params;
	json_t *attr = number(&p->attr), *pa = number(&p->pa);
	int failed;

	(void)call;
	if (!attr == !p->type)
		failed = mmp_fail(err, MMP_INVALID, "give either attr or type");
	else
		failed = mmp_descriptor_encode(methods_rules(p->rules), p->config,
					       p->format, level_of(p), attr, p->type, pa,
					       ret_result, err);
	json_decref(attr);
	json_decref(pa);
	return failed;
}

static int decode(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	const struct descriptor *p = params;
	json_t *word = number(&p->word);
	int failed = mmp_descriptor_decode(methods_rules(p->rules), p->config, p->format,
					   level_of(p), word, ret_result, err);

	(void)call;
	json_decref(word);
	return failed;
}

/* clang-format off */
const struct mmp_method methods_memtype[] = {
	{ "memtype.list", "List the memory types of a rule set, and their attributes",
	  types_params, sizeof(struct types), mmp_memtypes_shape, MMP_READ | MMP_AT_ONCE, types },
	{ 0 },
};

const struct mmp_method methods_descriptor[] = {
	{ "descriptor.encode", "Make the descriptor of a memory type or an attribute word",
	  encode_params, sizeof(struct descriptor), mmp_descriptor_shape, MMP_READ | MMP_AT_ONCE, encode },
	{ "descriptor.decode", "Decode a descriptor, field by field",
	  decode_params, sizeof(struct descriptor), mmp_descriptor_shape, MMP_READ | MMP_AT_ONCE, decode },
	{ 0 },
};
/* clang-format on */
