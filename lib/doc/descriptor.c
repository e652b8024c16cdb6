/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/descriptor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch/regime.h"
#include "doc/platform.h"
#include "json/number.h"

/* The settings for a question about single descriptors. */
struct descriptor_question {
	const struct mmp_rules *rules;
	struct mmp_config config;
	const struct mmp_format *format;
	int level;
};

/* Refuse short descriptors for an architecture that does not have them. */
static int check_short(const struct descriptor_question *q, struct mmp_error *err)
{
	const struct mmp_config_key *key =
		mmp_config_key_find(q->rules, q->rules->known.long_descriptors);

	if (!key || mmp_config_get(&q->config, key) || q->format->descriptor_bytes == 4)
		return 0;
	return mmp_fail(
		err, MMP_INVALID,
		"config.%s: false has no effect with 64-bit descriptors: choose an "
		"architecture that has short ones, or leave it out",
		key->name);
}

static int ask_rules(struct descriptor_question *q, const char *rules,
		     const json_t *config, struct mmp_error *err)
{
	json_t *none = json_object();
	int failed =
		mmp_rules_find(rules, &q->rules, err) ||
		mmp_config_read_some(q->rules, config ? config : none, &q->config, err);

	json_decref(none);
	if (failed)
		return -1;
	q->format = q->rules->regime(q->rules, &q->config)->format;
	return check_short(q, err);
}

static int make_question(struct descriptor_question *q, const char *rules,
			 const json_t *config, const char *format, uint64_t level,
			 struct mmp_error *err)
{
	if (ask_rules(q, rules, config, err))
		return -1;
	if (format && mmp_format_find(format, &q->format, err))
		return -1;
	if (level == MMP_LAST_LEVEL)
		level = (uint64_t)q->format->last_level;
	if (level < (uint64_t)q->format->first_level ||
	    level > (uint64_t)q->format->last_level)
		return mmp_fail(err, MMP_INVALID,
				"level: %" PRIu64 ", but %s has levels %d to %d", level,
				q->format->name, q->format->first_level,
				q->format->last_level);
	q->level = (int)level;
	return 0;
}

static json_t *write_type(const struct descriptor_question *q, unsigned number)
{
	const struct mmp_memtype *type = &q->rules->types[number];
	char text[MMP_WORDS_SIZE];
	json_t *out = json_pack("{s:i, s:s?, s:s?, s:s?}", "number",
				(int)mmp_memtype_number(q->rules, number), "name",
				type->name, "label", type->label, "about", type->about);

	if (type->stops) {
		json_object_set_new(out, "panic", json_string("invalid type"));
		return out;
	}
	uint32_t attr = q->rules->attr(q->rules, &q->config, number);

	json_object_set_new(out, "attr", mmp_json_hex(attr, 8));
	json_object_set_new(out, "attributes", mmp_attr_words_write(q->rules, attr));
	json_object_set_new(out, "text",
			    json_string(q->rules->attr_text(q->rules, attr, text)));
	return out;
}

int mmp_memtypes_write(const char *rules, const json_t *config, json_t **ret_list,
		       struct mmp_error *err)
{
	struct descriptor_question q;
	json_t *list;

	if (ask_rules(&q, rules, config, err))
		return -1;
	list = json_array();
	for (unsigned number = 0; number < q.rules->type_count; number++)
		if (q.rules->types[number].name || q.rules->types[number].stops)
			json_array_append_new(list, write_type(&q, number));
	*ret_list = list;
	return 0;
}

/* A rule set with `type_of` names the values of AttrIndx itself. */
static const char *meaning(const struct mmp_rules *rules, const struct mmp_field *field,
			   uint64_t value)
{
	if (rules->type_of && !strcmp(field->name, "AttrIndx") &&
	    value < rules->memory_count)
		return rules->memory[value].name;
	return field->values ? field->values[value] : field->about;
}

json_t *mmp_fields_write(const struct mmp_rules *rules, const struct mmp_format *format,
			 int level, uint64_t descriptor)
{
	size_t count;
	const struct mmp_field *fields = format->fields(level, descriptor, &count);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		uint64_t value;

		if (!fields[i].width)
			continue;
		value = mmp_field_get(&fields[i], descriptor);
		json_array_append_new(
			list, json_pack("{s:s, s:i, s:i, s:o, s:s}", "name",
					fields[i].name, "lsb", fields[i].lsb, "width",
					fields[i].width, "value", mmp_json_hex(value, 1),
					"meaning", meaning(rules, &fields[i], value)));
	}
	return list;
}

static json_t *sentence(const struct descriptor_question *q, uint64_t descriptor,
			uint32_t attr)
{
	uint64_t at = q->format->address(q->level, descriptor);
	uint64_t bytes = UINT64_C(1) << q->format->shift(q->level);
	char text[MMP_WORDS_SIZE];

	switch (q->format->kind(q->level, descriptor)) {
	case MMP_ENTRY_TABLE:
		return json_sprintf(
			"Level %d entry that points to the next table at 0x%" PRIx64 ".",
			q->level, at);
	case MMP_ENTRY_LEAF:
		if (!q->format->leaf_allowed(q->level))
			return json_sprintf(
				"Level %d entry that is reserved, as there are no "
				"blocks at that level: an access faults.",
				q->level);
		return json_sprintf("Level %d entry that maps 0x%" PRIx64
				    " bytes at 0x%" PRIx64 ": %s.",
				    q->level, bytes, at,
				    q->rules->attr_text(q->rules, attr, text));
	case MMP_ENTRY_INVALID:
		break;
	}
	return json_sprintf("Level %d entry that maps nothing: %s.", q->level,
			    attr && q->rules->unmapped ? q->rules->unmapped(attr)
						       : "an access faults");
}

/* Describe the descriptor in a few words. A pointer has no attributes of its own. */
static json_t *phrase(const struct descriptor_question *q, uint64_t descriptor,
		      uint32_t attr)
{
	char text[MMP_WORDS_SIZE];

	switch (q->format->kind(q->level, descriptor)) {
	case MMP_ENTRY_TABLE:
		return json_string("a pointer to the next table");
	case MMP_ENTRY_LEAF:
		return json_string(q->rules->attr_text(q->rules, attr, text));
	case MMP_ENTRY_INVALID:
		break;
	}
	return json_string("nothing mapped");
}

/* Whether the word is valid at this level without losing any bit of its address. */
static bool fits_here(const struct descriptor_question *q, uint64_t descriptor, int other)
{
	return q->format->kind(q->level, descriptor) == MMP_ENTRY_LEAF &&
	       q->format->leaf_allowed(q->level) &&
	       q->format->address(q->level, descriptor) ==
		       q->format->address(other, descriptor);
}

/* Suggest another level for a word that maps nothing at this one. */
static json_t *hint(const struct descriptor_question *q, uint64_t descriptor)
{
	if (!descriptor || q->format->kind(q->level, descriptor) == MMP_ENTRY_TABLE)
		return NULL;
	for (int level = q->format->last_level; level > 0; level--)
		if (level != q->level && q->format->leaf_allowed(level) &&
		    q->format->kind(level, descriptor) == MMP_ENTRY_LEAF &&
		    (level > q->level ||
		     q->format->kind(q->level, descriptor) == MMP_ENTRY_INVALID) &&
		    !fits_here(q, descriptor, level))
			return json_sprintf(
				"at level %d it maps 0x%" PRIx64 " bytes at 0x%" PRIx64
				": if the word is from there, ask with level %d",
				level, UINT64_C(1) << q->format->shift(level),
				q->format->address(level, descriptor), level);
	return NULL;
}

static json_t *write_descriptor(const struct descriptor_question *q, uint64_t descriptor,
				uint32_t attr)
{
	return json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o*}", "descriptor",
		mmp_json_hex(descriptor, (int)q->format->descriptor_digits), "attr",
		mmp_json_hex(attr, 8), "attributes", mmp_attr_words_write(q->rules, attr),
		"text", phrase(q, descriptor, attr), "fields",
		mmp_fields_write(q->rules, q->format, q->level, descriptor), "sentence",
		sentence(q, descriptor, attr), "hint", hint(q, descriptor));
}

static int attr_of(const struct descriptor_question *q, const json_t *attr,
		   const char *type, uint32_t *ret_attr, struct mmp_error *err)
{
	uint64_t number;
	unsigned n;

	if (!attr == !type)
		return mmp_fail(err, MMP_INVALID, "attr, type: give exactly one of them");
	if (attr) {
		if (mmp_json_number(attr, "attr", &number, err))
			return -1;
		if (number > UINT32_MAX)
			return mmp_fail(err, MMP_INVALID,
					"attr: 0x%" PRIx64 " is over 32 bits", number);
		*ret_attr = (uint32_t)number;
		return 0;
	}
	if (mmp_memtype_find(q->rules, type, &n, err))
		return -1;
	if (q->rules->types[n].stops)
		return mmp_fail(
			err, MMP_INVALID,
			"type: %s cannot be mapped; the firmware panics \"invalid type\"",
			type);
	*ret_attr = q->rules->attr(q->rules, &q->config, n) | q->rules->valid;
	return 0;
}

int mmp_descriptor_encode(const char *rules, const json_t *config, const char *format,
			  uint64_t level, const json_t *attr, const char *type,
			  const json_t *pa, json_t **ret_answer, struct mmp_error *err)
{
	uint64_t at = 0, descriptor;
	struct descriptor_question q;
	uint32_t word = 0;

	if (make_question(&q, rules, config, format, level, err) ||
	    attr_of(&q, attr, type, &word, err) ||
	    q.rules->encode(q.rules, &q.config, q.format, q.level, word, &descriptor,
			    err) ||
	    (pa && mmp_json_number(pa, "pa", &at, err)))
		return -1;
	if (at & ((UINT64_C(1) << q.format->shift(q.format->last_level)) - 1))
		return mmp_fail(err, MMP_INVALID,
				"pa: 0x%" PRIx64 " is not a multiple of 0x1000", at);
	descriptor |= at;
	if (q.format->descriptor_bytes == 4 && descriptor > UINT32_MAX)
		return mmp_fail(err, MMP_INVALID,
				"pa: 0x%" PRIx64
				" is over the 32 bits of a short descriptor",
				at);
	*ret_answer = write_descriptor(&q, descriptor, word);
	return 0;
}

int mmp_descriptor_decode(const char *rules, const json_t *config, const char *format,
			  uint64_t level, const json_t *descriptor, json_t **ret_answer,
			  struct mmp_error *err)
{
	struct descriptor_question q;
	uint64_t word;

	if (make_question(&q, rules, config, format, level, err) ||
	    mmp_json_number(descriptor, "descriptor", &word, err))
		return -1;
	if (q.format->descriptor_bytes == 4 && word > UINT32_MAX)
		return mmp_fail(err, MMP_INVALID,
				"descriptor: 0x%" PRIx64
				" is over the 32 bits of a short descriptor",
				word);
	*ret_answer = write_descriptor(
		&q, word, q.rules->decode(q.rules, &q.config, q.format, q.level, word));
	return 0;
}
