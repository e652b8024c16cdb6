/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "doc/platform.h"
#include "import/import_private.h"
#include "json/number.h"

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

static void take_fact(struct import_result *r, const struct mmp_fact *fact)
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
static bool is_wanted(const struct import_result *r, const struct mmp_fact *fact)
{
	const struct mmp_rules *rules = r->import->rules;
	const struct mmp_config_key *key = mmp_config_key_find(rules, fact->key);

	if (!key)
		return false;
	return mmp_key_use(rules, key) != MMP_KEY_OFF ||
	       (fact->form == MMP_FACT_FLAG && !fact->value);
}

static void take_facts(struct import_result *r)
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
static json_t *registration_of(const struct import_result *r, const struct mmp_claim *one)
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
static json_t *registrations_of(struct import_result *r)
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

void mmp_result_declare_secure(const struct mmp_import *import,
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

json_t *mmp_result_files(const struct mmp_evidence *evidence)
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

json_t *mmp_result_document(struct import_result *r, const struct mmp_import_wish *wish)
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
			    json_pack("{s:o, s:O}", "files", mmp_result_files(evidence),
				      "values", r->values));
	return document;
}
