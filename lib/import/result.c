/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "doc/platform.h"
#include "import/cores.h"
#include "import/import_private.h"
#include "json/number.h"

/* A result being built: the document, and the report about it. */
struct result {
	struct mmp_import *import;
	json_t *config, *values; /* of the document; the origins of its values */
	size_t imported;
};

/* The object that holds a dotted key, created if missing; *ret_last is the last part. */
static json_t *holder_of(json_t *root, const char *key, const char **ret_last)
{
	const char *dot;

	while ((dot = strchr(key, '.'))) {
		char part[128];
		json_t *next;

		snprintf(part, sizeof(part), "%.*s", (int)(dot - key), key);
		next = json_object_get(root, part);
		if (!json_is_object(next)) {
			next = json_object();
			json_object_set_new(root, part, next);
		}
		root = next;
		key = dot + 1;
	}
	*ret_last = key;
	return root;
}

static json_t *source_of(const struct mmp_evidence *evidence, const struct mmp_fact *fact)
{
	const struct mmp_origin *origin = &fact->origin;
	json_t *source = json_pack("{s:s, s:s}", "key", fact->key, "file",
				   evidence->files[origin->file].name);

	if (origin->what)
		json_object_set_new(source, "what", json_string(origin->what));
	if (origin->line)
		json_object_set_new(source, "line", json_integer(origin->line));
	return source;
}

static void take_fact(struct result *r, const struct mmp_fact *fact)
{
	const char *last;
	json_t *holder = holder_of(r->config, fact->key, &last);

	json_object_set_new(holder, last, mmp_merge_value(fact));
	if (fact->origin.rank == MMP_RANK_CORE)
		return;
	json_array_append_new(r->values, source_of(&r->import->evidence, fact));
	r->imported += fact->origin.rank != MMP_RANK_DOCUMENT;
}

/* Whether these rules have the key. A release without the feature refuses it. */
static bool is_wanted(const struct result *r, const struct mmp_fact *fact)
{
	const struct mmp_rules *rules = r->import->rules;
	const struct mmp_config_key *key = mmp_config_key_find(rules, fact->key);

	if (!key)
		return false;
	return mmp_key_use(rules, key) != MMP_KEY_OFF ||
	       (fact->form == MMP_FACT_FLAG && !fact->value);
}

static void take_facts(struct result *r)
{
	const struct mmp_evidence *evidence = &r->import->evidence;

	for (size_t i = 0; i < evidence->fact_count; i++) {
		const struct mmp_fact *best =
			mmp_merge_fact(evidence, evidence->facts[i].key);

		if (best == &evidence->facts[i] && is_wanted(r, best))
			take_fact(r, best);
	}
}

static json_t *part_of(const struct mmp_evidence *evidence, const struct mmp_claim *one,
		       enum mmp_part part)
{
	switch ((int)part) {
	case MMP_PART_SECTION:
		return json_string(one->section);
	case MMP_PART_TYPE:
		return json_string(one->type);
	case MMP_PART_NAME:
		return json_string(one->name);
	case MMP_PART_ADDR:
		return mmp_json_hex(one->addr, 1);
	case MMP_PART_VA:
		return mmp_json_hex(one->va, 1);
	case MMP_PART_SIZE:
		return mmp_json_hex(one->size, 1);
	case MMP_PART_ATTR:
		return mmp_json_hex(one->attr, 8);
	case MMP_PART_GRANULARITY:
		return one->granularity ? mmp_json_hex(one->granularity, 1) : NULL;
	case MMP_PART_ORIGIN:
		return json_string(evidence->files[one->origin.file].name);
	default:
		return NULL;
	}
}

/* The fields that the section of a registration has, under the rule set's names. */
static json_t *registration_of(const struct result *r, const struct mmp_claim *one)
{
	const struct mmp_rules *rules = r->import->rules;
	json_t *made = json_object();
	struct mmp_error err;
	unsigned section = 0, parts;

	mmp_section_find(rules, one->section, &section, &err);
	parts = rules->sections[section].parts;
	for (const struct mmp_registration_key *k = rules->registration_keys; k->name;
	     k++) {
		bool has = !parts || parts & k->part || k->part == MMP_PART_SECTION ||
			   k->part == MMP_PART_ORIGIN;
		json_t *value = has ? part_of(&r->import->evidence, one, k->part) : NULL;

		if (value)
			json_object_set_new(made, k->name, value);
	}
	return made;
}

/* The registrations of the file in use for each section, in file order. */
static json_t *registrations_of(struct result *r)
{
	const struct mmp_evidence *evidence = &r->import->evidence;
	json_t *list = json_array();

	for (size_t i = 0; i < evidence->claim_count; i++) {
		const struct mmp_claim *one = &evidence->claims[i];

		if (mmp_merge_claims(evidence, one->section) != (int)one->origin.file)
			continue;
		json_array_append_new(list, registration_of(r, one));
		r->imported += one->origin.rank != MMP_RANK_DOCUMENT;
	}
	return list;
}

/*
 * DRAM from a device tree, or from a document that is merged with. A board prints DRAM
 * with holes where memory was taken out, so its ranges are not used as declarations.
 */
static json_t *dram_of(const struct mmp_evidence *evidence)
{
	json_t *list = json_array();
	enum mmp_rank best = MMP_RANK_DEFAULT;

	for (size_t i = 0; i < evidence->dram_count; i++)
		if (evidence->dram[i].origin.rank > best &&
		    evidence->dram[i].origin.rank <= MMP_RANK_TREE)
			best = evidence->dram[i].origin.rank;
	for (size_t i = 0; i < evidence->dram_count; i++) {
		const struct mmp_dram *one = &evidence->dram[i];

		if (one->origin.rank == best)
			json_array_append_new(list, json_pack("{s:o, s:o, s:s}", "base",
							      mmp_json_hex(one->base, 1),
							      "size",
							      mmp_json_hex(one->size, 1),
							      "note", one->note));
	}
	return list;
}

static bool is_declared(const struct mmp_evidence *evidence,
			const struct mmp_range *range)
{
	for (size_t i = 0; i < evidence->dram_count; i++) {
		const struct mmp_dram *one = &evidence->dram[i];

		if (one->origin.rank <= MMP_RANK_TREE && range->base >= one->base &&
		    range->base - one->base < one->size &&
		    range->size <= one->size - (range->base - one->base))
			return true;
	}
	return false;
}

/* A device tree for Linux leaves secure memory out; take it from the platform. */
static void declare_secure(const struct mmp_import *import,
			   const struct mmp_platform *platform, json_t *document)
{
	const struct mmp_rules *rules = platform->rules;
	struct mmp_range ranges[MMP_SECURE_RANGES_MAX];
	json_t *dram = json_object_get(document, "dram");
	unsigned count = 0;

	if (json_array_size(dram) && rules->secure)
		count = rules->secure(rules, &platform->config, ranges);
	for (unsigned i = 0; i < count; i++)
		if (ranges[i].size && !is_declared(&import->evidence, &ranges[i]))
			json_array_append_new(
				dram, json_pack("{s:o, s:o, s:s}", "base",
						mmp_json_hex(ranges[i].base, 1), "size",
						mmp_json_hex(ranges[i].size, 1), "note",
						"secure memory of the platform"));
}

static json_t *files_of(const struct mmp_evidence *evidence)
{
	json_t *list = json_array();

	for (size_t i = 0; i < evidence->file_count; i++) {
		char digest[MMP_DIGEST_TEXT_SIZE];

		mmp_digest_print(&evidence->files[i].digest, digest);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "file",
						      evidence->files[i].name, "kind",
						      evidence->files[i].kind, "sha256",
						      digest));
	}
	return list;
}

/* Copy the letters, digits, '-' and '.' of a text, for use in a name. */
static void name_part(const char *text, char *to, size_t size)
{
	size_t length = 0;

	for (; *text && length + 1 < size; text++)
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			   "0123456789-_.",
			   *text))
			to[length++] = *text;
	to[length] = '\0';
}

/* For one of several images in a log, append the image's own name to the given one. */
static const char *name_in_context(const struct mmp_import *import, const char *given,
				   char name[128])
{
	const struct mmp_fact *fact = mmp_evidence_best(&import->evidence, ".name");

	if (fact && fact->text)
		mmp_text_print(name, 128, "%.60s-%.60s", given, fact->text);
	else
		mmp_text_print(name, 128, "%.60s-%u", given,
			       import->evidence.context + 1);
	return name;
}

/*
 * The platform name: --name, else that of a document, else of the evidence, else
 * "imported".
 */
static const char *platform_name(const struct mmp_import *import,
				 const struct mmp_import_wish *wish, char name[128])
{
	const struct mmp_fact *fact = mmp_evidence_best(&import->evidence, ".name");

	if (wish->name)
		return import->evidence.contexts > 1
			       ? name_in_context(import, wish->name, name)
			       : wish->name;
	for (size_t i = 0; i < import->count; i++)
		if (import->files[i].reader == &mmp_reader_document &&
		    json_string_value(json_object_get(import->files[i].made, "name")))
			return json_string_value(
				json_object_get(import->files[i].made, "name"));
	if (fact && fact->text)
		name_part(fact->text, name, 128);
	else
		strcpy(name, "imported");
	return name;
}

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

/* Waivers of a platform stay when it is imported again. */
static void keep_waivers(const struct mmp_import *import, json_t *document)
{
	for (size_t i = 0; i < import->count; i++) {
		json_t *waivers =
			import->files[i].reader == &mmp_reader_document
				? json_object_get(import->files[i].made, "waivers")
				: NULL;

		if (waivers)
			json_object_set(document, "waivers", waivers);
	}
}

static json_t *write_document(struct result *r, const struct mmp_import_wish *wish)
{
	const struct mmp_evidence *evidence = &r->import->evidence;
	json_t *dram = dram_of(evidence), *document;
	char name[128];

	take_facts(r);
	document = json_pack("{s:s, s:s, s:s, s:O, s:o}", "format", MMP_PLATFORM_FORMAT,
			     "name", platform_name(r->import, wish, name), "rules",
			     r->import->rules->name, "config", r->config, "registrations",
			     registrations_of(r));
	if (json_array_size(dram))
		json_object_set(document, "dram", dram);
	json_decref(dram);
	keep_waivers(r->import, document);
	json_object_set_new(document, "sources",
			    json_pack("{s:o, s:O}", "files", files_of(evidence), "values",
				      r->values));
	return document;
}

/*
 * --- the report about it
 * --------------------------------------------------------------
 */

/*
 * What null means for a key that may be null, from the key's description: "no limit".
 * NULL for keys that are ranges, where null means that there is no range.
 */
static const char *meaning_of_null(const struct result *r, const char *name)
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
static void note_defaults(const struct result *r, const char *prefix,
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
	struct result r = { import, json_object(), json_array(), 0 };
	struct mmp_platform *platform;
	json_t *document, *whole, *defaults = json_array(), *result = NULL, *changes;

	if (apply_cpu(import, wish->cpu, err))
		goto out;
	document = write_document(&r, wish);
	if (mmp_platform_read(document, &platform, err)) {
		explain_missing(import, err);
		json_decref(document);
		goto out;
	}
	declare_secure(import, platform, document);
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
	json_object_set_new(result, "files", files_of(&import->evidence));
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
