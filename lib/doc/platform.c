/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/platform.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "doc/number.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define VECTOR_FORMAT "optee-map-vector-1"

/* The keys of a document, and those that only a vector has. */
static const char *const document_keys[] = { "format", "name", "rules", "config",
					     "registrations" };
static const char *const vector_keys[] = { "format", "name",          "rules",
					   "config", "registrations", "class",
					   "note",   "output",        "optee_version" };
static const char *const registration_keys[] = { "section", "type", "name",
						 "addr",    "size", "origin" };

/* A name or an origin: any text, but not of any length. */
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

int mmp_registration_read(const struct mmp_rules *rules, const json_t *value,
			  const char *what, struct mmp_registration *ret_one,
			  struct mmp_error *err)
{
	struct mmp_registration one = { .origin = "platform" };
	const char *section, *type;

	if (!json_is_object(value))
		return mmp_fail(err, MMP_INVALID, "%s: an object is wanted", what);
	if (mmp_json_known_keys(value, "", registration_keys, COUNT(registration_keys),
				err) ||
	    mmp_json_text(value, "section", "section", &section, err) ||
	    mmp_section_find(section, &one.section, err) ||
	    mmp_json_text(value, "type", "type", &type, err) ||
	    mmp_memtype_find(rules, type, &one.type, err) ||
	    read_words(value, "name", &one.name, err) ||
	    (json_object_get(value, "origin") &&
	     read_words(value, "origin", &one.origin, err)) ||
	    mmp_json_number(json_object_get(value, "addr"), "addr", &one.addr, err) ||
	    mmp_json_number(json_object_get(value, "size"), "size", &one.size, err))
		return mmp_while(err, "%s", what);
	*ret_one = one;
	return 0;
}

json_t *mmp_registration_write(const struct mmp_rules *rules,
			       const struct mmp_registration *one)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:s}", "section",
			 mmp_section_names[one->section], "type",
			 rules->types[one->type].name, "name", one->name, "addr",
			 mmp_json_hex(one->addr, 1), "size", mmp_json_hex(one->size, 1),
			 "origin", one->origin);
}

static int read_registrations(struct mmp_platform *platform, const json_t *list,
			      struct mmp_error *err)
{
	size_t i;
	json_t *value;

	if (!json_is_array(list))
		return mmp_fail(err, MMP_INVALID, "registrations: %s",
				list ? "an array is wanted" : "missing");
	json_array_foreach(list, i, value)
	{
		const char *name = json_string_value(json_object_get(value, "name"));
		struct mmp_registration one;
		char what[96];

		snprintf(what, sizeof(what), "registrations[%zu]%s%.48s%s", i,
			 name ? " \"" : "", name ? name : "", name ? "\"" : "");
		if (mmp_registration_read(platform->rules, value, what, &one, err) ||
		    mmp_platform_add(platform, &one, err))
			return -1;
	}
	return 0;
}

/* A vector names the firmware's version where it is not the newest; its `rules`, where
 * it has them, are that version again. */
static const char *rules_of_vector(const json_t *document)
{
	const char *version =
		json_string_value(json_object_get(document, "optee_version"));

	return version && !strcmp(version, "3.4.0") ? "optee-3.4" : "optee-4.10";
}

static int read_head(const json_t *document, const char **ret_name,
		     const struct mmp_rules **ret_rules, struct mmp_error *err)
{
	const char *format, *rules;
	bool vector;

	if (!json_is_object(document))
		return mmp_fail(
			err, MMP_INVALID,
			"platform: a document is wanted, an object of format \"%s\"",
			MMP_PLATFORM_FORMAT);
	if (!json_object_get(document, "format"))
		return mmp_fail(err, MMP_INVALID, "format: missing; \"%s\" is wanted",
				MMP_PLATFORM_FORMAT);
	if (mmp_json_text(document, "format", "format", &format, err))
		return -1;
	vector = !strcmp(format, VECTOR_FORMAT);
	if (!vector && strcmp(format, MMP_PLATFORM_FORMAT) != 0)
		return mmp_fail(err, MMP_INVALID,
				"format: \"%.32s\", but \"%s\" is wanted", format,
				MMP_PLATFORM_FORMAT);
	if (vector ? mmp_json_known_keys(document, "", vector_keys, COUNT(vector_keys),
					 err)
		   : mmp_json_known_keys(document, "", document_keys,
					 COUNT(document_keys), err))
		return -1;
	if (vector)
		rules = rules_of_vector(document);
	else if (mmp_json_text(document, "rules", "rules", &rules, err))
		return -1;
	if (mmp_json_text(document, "name", "name", ret_name, err) ||
	    mmp_name_check("name", *ret_name, err))
		return -1;
	return mmp_rules_find(rules, ret_rules, err);
}

int mmp_platform_read(const json_t *document, struct mmp_platform **ret_platform,
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
			       err)) {
		mmp_platform_free(platform);
		return -1;
	}
	*ret_platform = platform;
	return 0;
}

json_t *mmp_platform_write(const struct mmp_platform *platform)
{
	json_t *list = json_array();

	for (size_t i = 0; i < platform->count; i++)
		json_array_append_new(
			list, mmp_registration_write(platform->rules,
						     &platform->registrations[i]));
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "format", MMP_PLATFORM_FORMAT,
			 "name", platform->name, "rules", platform->rules->name, "config",
			 mmp_config_write(&platform->config), "registrations", list);
}
