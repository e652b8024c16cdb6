/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "doc/contexts.h"
#include "doc/mistakes.h"
#include "doc/provenance.h"
#include "doc/waiver.h"
#include "json/number.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum { KEYS_MAX = 16, WHAT_SIZE = 96 };

/* The keys of a document, and those that only a vector has. */
static const char *const document_keys[] = { "format",   "name",          "rules",
					     "config",   "registrations", "waivers",
					     "contexts", "dram",          "sources" };
static const char *const vector_keys[] = { "format",        "name",  "rules", "config",
					   "registrations", "class", "note",  "output" };

/* A name or an origin: any text of limited length. */
static int read_words(const json_t *value, const char *key, const char **ret_words,
		      struct mmp_error *err)
{
	const char *words;

	if (mmp_json_text(value, key, key, &words, err))
		return -1;
	if (strlen(words) > MMP_REGION_NAME_MAX)
		return mmp_fail(err, MMP_INVALID,
				"%s: has %zu bytes, at most %d are taken", key,
				strlen(words), MMP_REGION_NAME_MAX);
	*ret_words = words;
	return 0;
}

static const struct mmp_registration_key *key_of_part(const struct mmp_rules *rules,
						      enum mmp_part part)
{
	const struct mmp_registration_key *key = rules->registration_keys;

	while (key->name && key->part != part)
		key++;
	return key;
}

static bool has_part(const struct mmp_rules *rules, unsigned section, enum mmp_part part)
{
	unsigned parts = rules->sections[section].parts;

	return !parts || parts & part || part == MMP_PART_SECTION ||
	       part == MMP_PART_ORIGIN;
}

/* Where the number of a part is stored; NULL if it is not a 64-bit number. */
static uint64_t *part_of(struct mmp_registration *one, enum mmp_part part)
{
	switch ((int)part) {
	case MMP_PART_ADDR:
		return &one->addr;
	case MMP_PART_VA:
		return &one->va;
	case MMP_PART_SIZE:
		return &one->size;
	case MMP_PART_GRANULARITY:
		return &one->granularity;
	default:
		return NULL;
	}
}

static int read_attr(const json_t *value, const char *key, uint32_t *ret_attr,
		     struct mmp_error *err)
{
	uint64_t attr;

	if (mmp_json_number(value, key, &attr, err))
		return -1;
	if (attr > UINT32_MAX)
		return mmp_fail(err, MMP_INVALID, "%s: 0x%" PRIx64 " is over 32 bits",
				key, attr);
	*ret_attr = (uint32_t)attr;
	return 0;
}

static int read_part(const struct mmp_rules *rules, const json_t *registration,
		     const struct mmp_registration_key *key, struct mmp_registration *one,
		     struct mmp_error *err)
{
	const json_t *value = json_object_get(registration, key->name);
	uint64_t *number = part_of(one, key->part);
	const char *type;

	if (value && !has_part(rules, one->section, key->part))
		return mmp_fail(err, MMP_INVALID, "%s: %s has none", key->name,
				rules->sections[one->section].name);
	if (!value && (!key->required || !has_part(rules, one->section, key->part))) {
		if (number)
			*number = key->fallback;
		return 0;
	}
	if (number)
		return mmp_json_number(value, key->name, number, err);
	switch ((int)key->part) {
	case MMP_PART_TYPE:
		return mmp_json_text(registration, key->name, key->name, &type, err) ||
				       mmp_memtype_find(rules, type, &one->type, err)
			       ? -1
			       : 0;
	case MMP_PART_NAME:
		return read_words(registration, key->name, &one->name, err);
	case MMP_PART_ORIGIN:
		return read_words(registration, key->name, &one->origin, err);
	case MMP_PART_ATTR:
		return read_attr(value, key->name, &one->attr, err);
	default: /* the section was already read; the words only repeat the attribute */
		return 0;
	}
}

static size_t registration_keys(const struct mmp_rules *rules,
				const char *known[KEYS_MAX])
{
	size_t count = 0;

	for (const struct mmp_registration_key *k = rules->registration_keys; k->name;
	     k++)
		known[count++] = k->name;
	return count;
}

static int read_section(const struct mmp_rules *rules, const json_t *value,
			struct mmp_registration *one, struct mmp_error *err)
{
	const char *key = key_of_part(rules, MMP_PART_SECTION)->name, *section;

	return mmp_json_text(value, key, key, &section, err) ||
			       mmp_section_find(rules, section, &one->section, err)
		       ? -1
		       : 0;
}

static int read_parts(const struct mmp_rules *rules, const json_t *value,
		      struct mmp_registration *one, struct mmp_error *err)
{
	const char *known[KEYS_MAX];

	if (!json_is_object(value))
		return mmp_fail(err, MMP_INVALID, "must be an object");
	if (mmp_json_known_keys(value, "", known, registration_keys(rules, known), err) ||
	    read_section(rules, value, one, err))
		return -1;
	for (const struct mmp_registration_key *k = rules->registration_keys; k->name;
	     k++)
		if (read_part(rules, value, k, one, err))
			return -1;
	return 0;
}

int mmp_registration_read(const struct mmp_rules *rules, const json_t *value,
			  const char *what, struct mmp_registration *ret_one,
			  struct mmp_error *err)
{
	struct mmp_registration one = { .name = "", .origin = "platform" };

	if (read_parts(rules, value, &one, err))
		return mmp_while(err, "%s", what);
	*ret_one = one;
	return 0;
}

/* Record a mistake in a part. */
static void mistake_of(struct mmp_mistakes *mistakes, struct mmp_error *err,
		       const char *what, size_t n, const char *key)
{
	mmp_while(err, "%s", what);
	mmp_mistake(mistakes, err, "registrations.%zu.%s", n, key);
}

static void gather_parts(const struct mmp_rules *rules, const json_t *value,
			 const char *what, size_t n, struct mmp_mistakes *mistakes)
{
	struct mmp_registration one = { .name = "", .origin = "platform" };
	const char *known[KEYS_MAX], *key;
	size_t count = registration_keys(rules, known);
	struct mmp_error err;
	json_t *part;

	json_object_foreach((json_t *)(uintptr_t)value, key, part) {
		if (!mmp_json_is_known(key, known, count)) {
			mmp_json_unknown_key("", key, known, count, &err);
			mistake_of(mistakes, &err, what, n, key);
		}
	}
	if (read_section(rules, value, &one, &err)) {
		mistake_of(mistakes, &err, what, n,
			   key_of_part(rules, MMP_PART_SECTION)->name);
		return;
	}
	for (const struct mmp_registration_key *k = rules->registration_keys; k->name;
	     k++)
		if (read_part(rules, value, k, &one, &err))
			mistake_of(mistakes, &err, what, n, k->name);
}

static void name_registration(const json_t *value, size_t n, char what[WHAT_SIZE])
{
	const char *name = json_string_value(json_object_get(value, "name"));

	snprintf(what, WHAT_SIZE, "registrations[%zu]%s%.48s%s", n, name ? " \"" : "",
		 name ? name : "", name ? "\"" : "");
}

static void gather_registration(const struct mmp_rules *rules,
				const struct mmp_config *config, const json_t *value,
				size_t n, struct mmp_mistakes *mistakes)
{
	size_t before = json_array_size(mistakes->list) + mistakes->omitted;
	struct mmp_registration one;
	struct mmp_error err;
	char what[WHAT_SIZE];

	name_registration(value, n, what);
	if (mmp_registration_read(rules, value, what, &one, &err)) {
		if (json_is_object(value))
			gather_parts(rules, value, what, n, mistakes);
		if (json_array_size(mistakes->list) + mistakes->omitted == before)
			mmp_mistake(mistakes, &err, "registrations.%zu", n);
	} else if (rules->check_registration &&
		   rules->check_registration(rules, config, &one, &err)) {
		mmp_while(&err, "%s", what);
		mmp_mistake(mistakes, &err, "registrations.%zu", n);
	}
}

void mmp_registrations_mistakes(const struct mmp_rules *rules,
				const struct mmp_config *config, const json_t *list,
				struct mmp_mistakes *mistakes)
{
	struct mmp_error err;
	json_t *value;
	size_t i;

	if (!json_is_array(list)) {
		mmp_fail(&err, MMP_INVALID, "registrations: %s",
			 list ? "must be an array" : "missing");
		mmp_mistake(mistakes, &err, "registrations");
	}
	json_array_foreach(list, i, value) {
		gather_registration(rules, config, value, i, mistakes);
	}
}

void mmp_attr_words_print(struct mmp_writer *w, const struct mmp_rules *rules,
			  uint32_t attr)
{
	char text[MMP_WORDS_SIZE] = "", *at = text, *word;

	if (rules->attr_words)
		rules->attr_words(rules, attr, text);
	mmp_writer_begin(w, '[');
	while ((word = strsep(&at, " ")))
		if (*word)
			mmp_writer_text(w, word);
	mmp_writer_end(w, ']');
}

json_t *mmp_attr_words_write(const struct mmp_rules *rules, uint32_t attr)
{
	struct mmp_writer builder = MMP_BUILDER;

	mmp_attr_words_print(&builder, rules, attr);
	return mmp_writer_done(&builder);
}

static void write_part(struct mmp_writer *w, const struct mmp_rules *rules,
		       struct mmp_registration *one, enum mmp_part part)
{
	switch (part) {
	case MMP_PART_SECTION:
		mmp_writer_text(w, rules->sections[one->section].name);
		break;
	case MMP_PART_TYPE:
		mmp_writer_text(w, rules->types[one->type].name);
		break;
	case MMP_PART_NAME:
		mmp_writer_text(w, one->name);
		break;
	case MMP_PART_ORIGIN:
		mmp_writer_text(w, one->origin);
		break;
	case MMP_PART_ATTR:
		mmp_writer_hex(w, one->attr, 8);
		break;
	case MMP_PART_WORDS:
		mmp_attr_words_print(w, rules, one->attr);
		break;
	case MMP_PART_ADDR:
	case MMP_PART_VA:
	case MMP_PART_SIZE:
	case MMP_PART_GRANULARITY:
		mmp_writer_hex(w, *part_of(one, part), 1);
		break;
	}
}

void mmp_registration_print(struct mmp_writer *w, const struct mmp_rules *rules,
			    const struct mmp_registration *registration,
			    const uint64_t *ordinal)
{
	struct mmp_registration one = *registration;

	mmp_writer_begin(w, '{');
	for (const struct mmp_registration_key *k = rules->registration_keys; k->name;
	     k++)
		if (has_part(rules, one.section, k->part)) {
			mmp_writer_key(w, k->name);
			write_part(w, rules, &one, k->part);
		}
	if (ordinal)
		mmp_member_number(w, "ordinal", (int64_t)*ordinal);
	mmp_writer_end(w, '}');
}

json_t *mmp_registration_write(const struct mmp_rules *rules,
			       const struct mmp_registration *registration)
{
	struct mmp_writer builder = MMP_BUILDER;

	mmp_registration_print(&builder, rules, registration, NULL);
	return mmp_writer_done(&builder);
}

static int add_registration(struct mmp_platform *platform, const json_t *value, size_t n,
			    struct mmp_error *err)
{
	struct mmp_registration one = { .name = "", .origin = "platform" };
	const struct mmp_rules *rules = platform->rules;
	char what[WHAT_SIZE];

	if (read_parts(rules, value, &one, err) ||
	    (rules->check_registration &&
	     rules->check_registration(rules, &platform->config, &one, err))) {
		name_registration(value, n, what);
		return mmp_while(err, "%s", what);
	}
	return mmp_platform_add(platform, &one, err);
}

static int read_registrations(struct mmp_platform *platform, const json_t *list,
			      struct mmp_error *err)
{
	size_t i;
	json_t *value;

	if (!json_is_array(list))
		return mmp_fail(err, MMP_INVALID, "registrations: %s",
				list ? "must be an array" : "missing");
	json_array_foreach(list, i, value) {
		if (add_registration(platform, value, i, err))
			return -1;
	}
	return 0;
}

/* The firmware whose recordings have that format, or NULL. */
static const struct mmp_firmware *recorded_from(const char *format)
{
	for (const struct mmp_firmware *const *f = mmp_firmwares; *f; f++)
		if ((*f)->vector_format && !strcmp((*f)->vector_format, format))
			return *f;
	return NULL;
}

static int unknown_version(const struct mmp_firmware *firmware, const char *version,
			   struct mmp_error *err)
{
	const char *name = firmware->rules[0]->name, *nearest;
	char wanted[64];

	snprintf(wanted, sizeof(wanted), "%.*s%.40s", (int)(strcspn(name, "-") + 1), name,
		 version);
	nearest = mmp_rules_nearest(wanted);
	return mmp_fail(err, MMP_INVALID, "%s: \"%.40s\" is not a known release%s%s",
			firmware->vector_version, version, nearest ? "; nearest: " : "",
			nearest ? nearest : "");
}

/* `rules` of a recording: a rule set, or the firmware's name and a version. */
static int read_vector_rules(const json_t *document, const struct mmp_firmware *firmware,
			     const char **ret_rules, struct mmp_error *err)
{
	const struct mmp_rules *known;
	const char *rules, *version, *mapped;

	if (mmp_json_text(document, "rules", "rules", &rules, err))
		return -1;
	version = strchr(rules, '-');
	mapped = version ? firmware->rules_of_version(version + 1) : NULL;
	*ret_rules = mapped && mmp_rules_find(rules, &known, err) ? mapped : rules;
	return 0;
}

/*
 * A recording names the firmware version that made it; `rules`, if present, overrides
 * it.
 */
static int read_vector_head(const json_t *document, const struct mmp_firmware *firmware,
			    const char **ret_rules, struct mmp_error *err)
{
	const json_t *version = json_object_get(document, firmware->vector_version);
	const char *known[KEYS_MAX];
	size_t count = 0;

	for (; count < COUNT(vector_keys); count++)
		known[count] = vector_keys[count];
	known[count++] = firmware->vector_version;
	if (mmp_json_known_keys(document, "", known, count, err))
		return -1;
	if (json_object_get(document, "rules"))
		return read_vector_rules(document, firmware, ret_rules, err);
	if (version && !json_is_string(version))
		return mmp_fail(err, MMP_INVALID, "%s: must be a string",
				firmware->vector_version);
	*ret_rules = firmware->rules_of_version(json_string_value(version));
	if (!*ret_rules)
		return unknown_version(firmware, json_string_value(version), err);
	return 0;
}

static int read_head(const json_t *document, const char **ret_name,
		     const struct mmp_rules **ret_rules, struct mmp_error *err)
{
	const struct mmp_firmware *firmware;
	const char *format, *rules;

	if (!json_is_object(document))
		return mmp_fail(
			err, MMP_INVALID,
			"platform: must be a document, an object of format \"%s\"",
			MMP_PLATFORM_FORMAT);
	if (!json_object_get(document, "format"))
		return mmp_fail(err, MMP_INVALID, "format: missing; must be \"%s\"",
				MMP_PLATFORM_FORMAT);
	if (mmp_json_text(document, "format", "format", &format, err))
		return -1;
	firmware = recorded_from(format);
	if (!firmware && strcmp(format, MMP_PLATFORM_FORMAT) != 0)
		return mmp_fail(err, MMP_INVALID, "format: \"%.32s\", but must be \"%s\"",
				format, MMP_PLATFORM_FORMAT);
	if (firmware ? read_vector_head(document, firmware, &rules, err)
		     : mmp_json_known_keys(document, "", document_keys,
					   COUNT(document_keys), err) ||
			       mmp_json_text(document, "rules", "rules", &rules, err))
		return -1;
	if (mmp_json_text(document, "name", "name", ret_name, err) ||
	    mmp_name_check("name", *ret_name, err))
		return -1;
	return mmp_rules_find(rules, ret_rules, err);
}

/* Members that are kept as they are, and who checks them. */
static const struct {
	const char *key;
	int (*check)(const json_t *value, struct mmp_error *err);
} note_keys[] = {
	{ "waivers", mmp_waivers_check },
	{ "contexts", mmp_contexts_check },
	{ "dram", mmp_dram_check },
	{ "sources", mmp_sources_check },
};

/* Read the DRAM ranges, which checks of the platform compare with. */
static int take_dram(const json_t *list, struct mmp_platform *platform,
		     struct mmp_error *err)
{
	json_t *value;
	size_t i;

	json_array_foreach(list, i, value) {
		const json_t *owner = json_object_get(value, "owner");
		const char *note =
			json_string_value(owner ? owner : json_object_get(value, "note"));
		struct mmp_dram_range one = { .note = note ? note : "" };

		if (mmp_json_number(json_object_get(value, "base"), "base", &one.base,
				    err) ||
		    mmp_json_number(json_object_get(value, "size"), "size", &one.size,
				    err))
			return -1;
		if (mmp_platform_add_dram(platform, &one, err))
			return mmp_while(err, "dram[%zu]", i);
	}
	return 0;
}

int mmp_notes_read(const json_t *document, struct mmp_platform *platform,
		   struct mmp_error *err)
{
	json_t *notes = json_object();

	for (size_t i = 0; i < COUNT(note_keys); i++) {
		json_t *value = json_object_get(document, note_keys[i].key);

		if (value && note_keys[i].check(value, err)) {
			json_decref(notes);
			return -1;
		}
		if (value)
			json_object_set(notes, note_keys[i].key, value);
	}
	if (json_object_size(notes))
		platform->notes = json_dumps(notes, JSON_COMPACT);
	json_decref(notes);
	return take_dram(json_object_get(document, "dram"), platform, err);
}

void mmp_notes_remove(json_t *document)
{
	for (size_t i = 0; i < COUNT(note_keys); i++)
		json_object_del(document, note_keys[i].key);
}

json_t *mmp_notes_write(const struct mmp_platform *platform)
{
	json_t *notes = platform->notes ? json_loads(platform->notes, 0, NULL) : NULL;

	return notes ? notes : json_object();
}

/*
 * A document that consists of contexts only stands for its first context, with the
 * other contexts and the outer name added. A new reference; NULL if it is not such a
 * document.
 */
static json_t *first_of_contexts(const json_t *document)
{
	json_t *contexts = json_object_get(document, "contexts");
	json_t *first = json_array_get(contexts, 0), *rest, *main;

	if (!json_is_object(first) || json_object_get(document, "rules"))
		return NULL;
	rest = json_copy(contexts);
	json_array_remove(rest, 0);
	main = json_copy(first);
	json_object_set(main, "name", json_object_get(document, "name"));
	json_object_set_new(main, "contexts", rest);
	return main;
}

/* --- all mistakes ---------------------------------------------------------------------- */

/* The key at the beginning of a mistake's text; "" if it is not a key of the document. */
static const char *named_member(const json_t *document, const struct mmp_error *err,
				char key[WHAT_SIZE])
{
	snprintf(key, WHAT_SIZE, "%.*s", (int)strcspn(err->text, ":[."), err->text);
	return json_object_get(document, key) ? key : "";
}

/* The rule set, if it can be read. */
static const struct mmp_rules *gather_head(const json_t *document,
					   struct mmp_mistakes *mistakes)
{
	json_t *rest = json_copy((json_t *)(uintptr_t)document);
	const struct mmp_rules *rules = NULL;
	struct mmp_error err;
	const char *name;
	char key[WHAT_SIZE];

	/* Correct or remove what is wrong, and read the rest. */
	while (read_head(rest, &name, &rules, &err)) {
		rules = NULL;
		named_member(rest, &err, key);
		mmp_mistake(mistakes, &err, "%s", key);
		if (!strcmp(key, "format"))
			json_object_set_new(rest, key, json_string(MMP_PLATFORM_FORMAT));
		else if (!strcmp(key, "name"))
			json_object_set_new(rest, key, json_string("name"));
		else if (!*key || !strcmp(key, "rules") || json_object_del(rest, key))
			break;
	}
	json_decref(rest);
	return rules;
}

static void gather_notes(const json_t *document, struct mmp_mistakes *mistakes)
{
	struct mmp_error err;

	for (size_t i = 0; i < COUNT(note_keys); i++) {
		const json_t *value = json_object_get(document, note_keys[i].key);

		if (value && note_keys[i].check(value, &err))
			mmp_mistake(mistakes, &err, "%s", note_keys[i].key);
	}
}

json_t *mmp_platform_mistakes(const json_t *document, size_t *ret_omitted)
{
	struct mmp_mistakes mistakes = { json_array(), 0 };
	const struct mmp_rules *rules = gather_head(document, &mistakes);
	const json_t *given = json_object_get(document, "config");
	struct mmp_config config;
	struct mmp_error err;

	if (rules && !given) {
		mmp_fail(&err, MMP_INVALID, "config: missing");
		mmp_mistake(&mistakes, &err, "%s", "");
	} else if (rules) {
		mmp_config_mistakes(rules, given, &config, &mistakes);
		mmp_registrations_mistakes(rules, &config,
					   json_object_get(document, "registrations"),
					   &mistakes);
	}
	gather_notes(document, &mistakes);
	*ret_omitted = mistakes.omitted;
	return mistakes.list;
}

static int read_platform(const json_t *document, struct mmp_platform **ret_platform,
			 struct mmp_error *err)
{
	const struct mmp_rules *rules;
	const json_t *config = json_object_get(document, "config");
	struct mmp_platform *platform;
	const char *name;

	if (read_head(document, &name, &rules, err))
		return -1;
	if (!config)
		return mmp_fail(err, MMP_INVALID, "config: missing");
	platform = mmp_platform_new(name, rules);
	if (!platform)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (mmp_config_read(rules, config, &platform->config, err) ||
	    read_registrations(platform, json_object_get(document, "registrations"),
			       err) ||
	    mmp_notes_read(document, platform, err)) {
		mmp_platform_free(platform);
		return -1;
	}
	*ret_platform = platform;
	return 0;
}

int mmp_platform_read(const json_t *document, struct mmp_platform **ret_platform,
		      struct mmp_error *err)
{
	json_t *first = first_of_contexts(document);
	int failed;

	if (!first)
		return read_platform(document, ret_platform, err);
	failed = mmp_contexts_check(json_object_get(document, "contexts"), err) ||
		 read_platform(first, ret_platform, err);
	json_decref(first);
	return failed ? -1 : 0;
}

void mmp_platform_print(struct mmp_writer *w, const struct mmp_platform *platform)
{
	const struct mmp_rules *rules = platform->rules;

	mmp_writer_begin(w, '{');
	mmp_member_text(w, "format", MMP_PLATFORM_FORMAT);
	mmp_member_text(w, "name", platform->name);
	mmp_member_text(w, "rules", rules->name);
	mmp_member_take(w, "config", mmp_config_write(rules, &platform->config));
	mmp_member_begin(w, "registrations", '[');
	for (size_t i = 0; i < platform->count; i++)
		mmp_registration_print(w, rules, &platform->registrations[i], NULL);
	mmp_writer_end(w, ']');
	mmp_writer_members(w, mmp_notes_write(platform));
	mmp_writer_end(w, '}');
}

json_t *mmp_platform_write(const struct mmp_platform *platform)
{
	struct mmp_writer builder = MMP_BUILDER;

	mmp_platform_print(&builder, platform);
	return mmp_writer_done(&builder);
}
