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

enum { KEYS_MAX = 16 };

/* The keys of a document, and those that only a vector has. */
static const char *const document_keys[] = { "format",   "name",          "rules",
					     "config",   "registrations", "waivers",
					     "contexts", "dram",          "sources" };
static const char *const vector_keys[] = { "format",        "name",  "rules", "config",
					   "registrations", "class", "note",  "output" };

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
static int read_version(const json_t *document, const struct mmp_firmware *firmware,
			const char **ret_rules, struct mmp_error *err)
{
	const json_t *version = json_object_get(document, firmware->vector_version);

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

/* *ret_recorder: whose recording it is; NULL if it is a document. */
static int read_format(const json_t *document, const struct mmp_firmware **ret_recorder,
		       struct mmp_error *err)
{
	const char *format;

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
	*ret_recorder = recorded_from(format);
	if (!*ret_recorder && strcmp(format, MMP_PLATFORM_FORMAT) != 0)
		return mmp_fail(err, MMP_INVALID, "format: \"%.32s\", but must be \"%s\"",
				format, MMP_PLATFORM_FORMAT);
	return 0;
}

/* The keys that it may have. Returns how many. */
static size_t list_keys(const struct mmp_firmware *recorder, const char *known[KEYS_MAX])
{
	const char *const *keys = recorder ? vector_keys : document_keys;
	size_t count = recorder ? COUNT(vector_keys) : COUNT(document_keys);

	_Static_assert(COUNT(vector_keys) < KEYS_MAX && COUNT(document_keys) <= KEYS_MAX,
		       "with the key of the version they fit");
	memcpy(known, keys, count * sizeof(*known));
	if (recorder)
		known[count++] = recorder->vector_version;
	return count;
}

static int read_rules(const json_t *document, const struct mmp_firmware *recorder,
		      const char **ret_rules, struct mmp_error *err)
{
	return recorder ? read_version(document, recorder, ret_rules, err)
			: mmp_json_text(document, "rules", "rules", ret_rules, err);
}

static int read_name(const json_t *document, const char **ret_name, struct mmp_error *err)
{
	return mmp_json_text(document, "name", "name", ret_name, err) ||
			       mmp_name_check("name", *ret_name, err)
		       ? -1
		       : 0;
}

static int read_head(const json_t *document, const char **ret_name,
		     const struct mmp_rules **ret_rules, struct mmp_error *err)
{
	const struct mmp_firmware *recorder;
	const char *rules, *known[KEYS_MAX];

	if (read_format(document, &recorder, err) ||
	    mmp_json_known_keys(document, "", known, list_keys(recorder, known), err) ||
	    read_rules(document, recorder, &rules, err) ||
	    read_name(document, ret_name, err))
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

static void gather_keys(const json_t *document, const struct mmp_firmware *recorder,
			struct mmp_mistakes *mistakes)
{
	const char *known[KEYS_MAX], *key;
	size_t count = list_keys(recorder, known);
	struct mmp_error err = { .code = MMP_OK };
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)document, key, value) {
		if (mmp_json_is_known(key, known, count))
			continue;
		if (!mmp_mistakes_are_full(mistakes))
			mmp_json_unknown_key("", key, known, count, &err);
		mmp_mistake(mistakes, &err, "%s", key);
	}
}

/*
 * Each part of the head is read once, whatever is wrong with those before it. Returns the
 * rule set; NULL if it cannot be read.
 */
static const struct mmp_rules *gather_head(const json_t *document,
					   struct mmp_mistakes *mistakes)
{
	const struct mmp_firmware *recorder = NULL;
	const struct mmp_rules *rules = NULL;
	const char *name, *rules_name = NULL;
	const char *rules_key = "rules";
	struct mmp_error err;

	if (read_format(document, &recorder, &err))
		mmp_mistake(mistakes, &err, "format");
	gather_keys(document, recorder, mistakes);
	if (recorder && !json_object_get(document, "rules"))
		rules_key = recorder->vector_version;
	if (read_rules(document, recorder, &rules_name, &err)) {
		mmp_mistake(mistakes, &err, "%s", rules_key);
		/* The rest of a recording is read by the rules of the newest release. */
		rules_name = recorder ? recorder->rules_of_version(NULL) : NULL;
	}
	if (read_name(document, &name, &err))
		mmp_mistake(mistakes, &err, "name");
	if (rules_name && mmp_rules_find(rules_name, &rules, &err)) {
		mmp_mistake(mistakes, &err, "%s", rules_key);
		rules = NULL;
	}
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
	    mmp_registrations_read(platform, json_object_get(document, "registrations"),
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
