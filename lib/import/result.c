/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "doc/platform.h"
#include "import/cores.h"
#include "import/import_private.h"

static int apply_cpu(struct mmp_import *import, const char *cpu, struct mmp_error *err)
{
	const struct mmp_origin origin = { .rank = MMP_RANK_CORE, .what = cpu };
	const struct mmp_core *core;

	if (!cpu)
		return 0;
	if (mmp_core_find(cpu, &core, err))
		return mmp_while(err, "--cpu");
	mmp_evidence_count(&import->evidence, &origin, "cpu.parange", core->parange);
	mmp_evidence_flag(&import->evidence, &origin, "cpu.bti", core->bti);
	mmp_evidence_flag(&import->evidence, &origin, "cpu.mte", core->mte);
	return 0;
}

/*
 * What null means for a key that may be null, from the key's description: "no limit".
 * NULL for keys that are ranges, where null means that there is no range.
 */
static const char *meaning_of_null(const struct import_result *r, const char *name)
{
	const struct mmp_config_key *key = mmp_config_key_find(r->import->rules, name);
	const char *meaning = key && key->about ? strstr(key->about, "null: ") : NULL;

	if (!meaning || mmp_key_use(r->import->rules, key) != MMP_KEY_USED)
		return NULL;
	return meaning + strlen("null: ");
}

/*
 * List the leaves of the config that no input set: {"key", "value"}, and for null what
 * it "means".
 */
static void note_defaults(const struct import_result *r, const char *prefix,
			  const json_t *config, json_t *to)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)config, name, value) {
		const char *means;
		char key[128];

		snprintf(key, sizeof(key), "%.60s%.60s", prefix, name);
		means = json_is_null(value) ? meaning_of_null(r, key) : NULL;
		if (json_is_object(value) && strlen(key) < 100) {
			strcat(key, ".");
			note_defaults(r, key, value, to);
		} else if ((!json_is_null(value) || means) &&
			   !mmp_merge_fact(&r->import->evidence, key)) {
			json_array_append_new(to,
					      json_pack("{s:s, s:O, s:s*}", "key", key,
							"value", value, "means", means));
		}
	}
}

static json_t *remarks_of(const struct mmp_evidence *evidence)
{
	json_t *list = json_array();

	for (size_t i = 0; i < evidence->remark_count; i++)
		json_array_append_new(list, json_string(evidence->remarks[i].text));
	return list;
}

/* List the leaves that differ between two documents' parts: {"key", "was", "is"}. */
static void note_changes(const char *prefix, const json_t *was, const json_t *is,
			 json_t *to)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)is, name, value) {
		json_t *before = json_object_get(was, name);
		char key[128];

		snprintf(key, sizeof(key), "%.60s%.60s", prefix, name);
		if (json_is_object(value) && json_is_object(before) &&
		    strlen(key) < 100) {
			strcat(key, ".");
			note_changes(key, before, value, to);
		} else if (!json_equal(value, before)) {
			json_array_append_new(to,
					      json_pack("{s:s, s:O?, s:O}", "key", key,
							"was", before, "is", value));
		}
	}
}

/* The changes to the document that was merged with; NULL if there was none. */
static json_t *changes_of(const struct mmp_import *import, const json_t *whole)
{
	for (size_t i = 0; i < import->count; i++) {
		struct mmp_platform *platform;
		struct mmp_error err;
		json_t *before, *list;

		if (import->files[i].reader != &mmp_reader_document ||
		    mmp_platform_read(import->files[i].made, &platform, &err))
			continue;
		before = mmp_platform_write(platform);
		list = json_array();
		note_changes("", json_object_get(before, "config"),
			     json_object_get(whole, "config"), list);
		if (!json_equal(json_object_get(before, "registrations"),
				json_object_get(whole, "registrations")))
			json_array_append_new(
				list,
				json_pack("{s:s, s:O, s:O}", "key", "registrations",
					  "was", json_object_get(before, "registrations"),
					  "is", json_object_get(whole, "registrations")));
		json_decref(before);
		mmp_platform_free(platform);
		return list;
	}
	return NULL;
}

static int explain_missing(const struct mmp_import *import, struct mmp_error *err)
{
	const char *needs = import->evidence.needs;

	for (size_t i = 0; i < import->count && !needs; i++)
		needs = import->files[i].reader->needs;
	if (!strstr(err->text, "missing"))
		return mmp_while(err, "what was imported");
	return mmp_while(err, "these inputs do not say everything%s%s",
			 needs ? "; add " : "", needs ? needs : "");
}

json_t *mmp_import_result(struct mmp_import *import, const struct mmp_import_wish *wish,
			  struct mmp_error *err)
{
	struct import_result r = { import, json_object(), json_array(), 0 };
	struct mmp_platform *platform;
	json_t *document, *whole, *defaults = json_array(), *result = NULL, *changes;

	if (apply_cpu(import, wish->cpu, err))
		goto out;
	document = mmp_result_document(&r, wish);
	if (mmp_platform_read(document, &platform, err)) {
		explain_missing(import, err);
		json_decref(document);
		goto out;
	}
	mmp_result_declare_secure(import, platform, document);
	mmp_platform_free(platform);
	if (mmp_platform_read(document, &platform, err)) {
		json_decref(document);
		goto out;
	}
	whole = mmp_platform_write(platform);
	note_defaults(&r, "", json_object_get(whole, "config"), defaults);
	if (!json_array_size(json_object_get(whole, "registrations")))
		mmp_evidence_remark(&import->evidence,
				    "no input says which regions are registered: add the "
				    "linked image or a boot log");
	changes = changes_of(import, whole);
	result = json_pack("{s:O, s:I, s:O, s:o, s:o}", "document", whole, "imported",
			   (json_int_t)r.imported, "defaults", defaults, "disagreements",
			   mmp_merge_disagreements(&import->evidence), "remarks",
			   remarks_of(&import->evidence));
	json_object_set_new(result, "files", mmp_result_files(&import->evidence));
	if (import->evidence.contexts > 1)
		json_object_set_new(result, "contexts",
				    json_integer(import->evidence.contexts));
	if (changes)
		json_object_set_new(result, "changes", changes);
	json_decref(whole);
	json_decref(document);
	mmp_platform_free(platform);
out:
	json_decref(defaults);
	json_decref(r.config);
	json_decref(r.values);
	return result;
}
