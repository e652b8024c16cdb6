/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "doc/platform.h"
#include "import/reader.h"
#include "json/text.h"

/*
 * A platform document to merge with: its values apply where no other file states one,
 * so values that were edited by hand stay.
 */

static bool probe(const char *bytes, size_t size)
{
	size_t at = 0;

	while (at < size && isspace((unsigned char)bytes[at]))
		at++;
	return at < size && bytes[at] == '{';
}

/* The document that a recorded vector stands for; NULL if it is not a vector. */
static json_t *document_of_vector(const json_t *vector)
{
	struct mmp_platform *platform;
	struct mmp_error none;
	json_t *document;

	if (mmp_platform_read(vector, &platform, &none))
		return NULL;
	document = mmp_platform_write(platform);
	mmp_platform_free(platform);
	return document;
}

static int open_document(struct mmp_import_file *file, struct mmp_error *err)
{
	json_error_t fault;
	json_t *document =
		json_loadb(file->bytes, file->size, JSON_REJECT_DUPLICATES, &fault);

	if (!document)
		return mmp_fail(err, MMP_PARSE, "line %d: %s", fault.line, fault.text);
	if (!json_is_object(document) ||
	    !json_is_object(json_object_get(document, "config"))) {
		json_decref(document);
		return mmp_fail(err, MMP_INVALID,
				"JSON without \"config\"; a platform document was "
				"expected");
	}
	file->made =
		json_object_get(document, "rules") ? NULL : document_of_vector(document);
	if (file->made)
		json_decref(document);
	else
		file->made = document;
	return 0;
}

static void close_document(struct mmp_import_file *file)
{
	json_decref(file->made);
}

static const char *rules_of(const json_t *document)
{
	return json_string_value(json_object_get(document, "rules"));
}

static size_t owned(const struct mmp_import_file *file,
		    const struct mmp_firmware *firmware)
{
	const char *name = rules_of(file->made);

	for (const struct mmp_rules *const *all = firmware->rules; name && *all; all++)
		if (strcmp((*all)->name, name) == 0)
			return 1;
	return 0;
}

static void state_value(struct mmp_evidence *evidence, const struct mmp_origin *origin,
			const char *key, const json_t *value)
{
	struct mmp_error err;
	uint64_t number;

	if (json_is_null(value))
		mmp_evidence_null(evidence, origin, key);
	else if (json_is_boolean(value))
		mmp_evidence_flag(evidence, origin, key, json_is_true(value));
	else if (json_is_integer(value))
		mmp_evidence_count(evidence, origin, key,
				   (uint64_t)json_integer_value(value));
	else if (json_is_string(value) &&
		 !mmp_number_parse(json_string_value(value), &number, &err))
		mmp_evidence_hex(evidence, origin, key, number);
	else if (json_is_string(value))
		mmp_evidence_text(evidence, origin, key, json_string_value(value));
}

static void state_object(struct mmp_evidence *evidence, const struct mmp_origin *origin,
			 const char *prefix, const json_t *object)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)object, name, value) {
		char key[128];

		snprintf(key, sizeof(key), "%.60s%.60s", prefix, name);
		if (json_is_object(value) && strlen(key) < 100) {
			strcat(key, ".");
			state_object(evidence, origin, key, value);
		} else {
			state_value(evidence, origin, key, value);
		}
	}
}

static uint64_t json_number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	struct mmp_error err;
	uint64_t number;

	if (json_is_integer(value))
		return (uint64_t)json_integer_value(value);
	if (!json_is_string(value) ||
	    mmp_number_parse(json_string_value(value), &number, &err))
		return 0;
	return number;
}

static void read_part(const json_t *registration, const struct mmp_registration_key *key,
		      struct mmp_claim *one)
{
	uint64_t number = json_number(registration, key->name);
	char *text = (char *)(uintptr_t)mmp_json_string(registration, key->name);

	switch ((int)key->part) {
	case MMP_PART_SECTION:
		one->section = text;
		break;
	case MMP_PART_TYPE:
		one->type = text;
		break;
	case MMP_PART_NAME:
		one->name = text;
		break;
	case MMP_PART_ADDR:
		one->addr = number;
		break;
	case MMP_PART_VA:
		one->va = number;
		break;
	case MMP_PART_SIZE:
		one->size = number;
		break;
	case MMP_PART_ATTR:
		one->attr = (uint32_t)number;
		break;
	case MMP_PART_GRANULARITY:
		one->granularity = number;
		break;
	default:
		break;
	}
}

static void read(struct mmp_import_file *file, const struct mmp_firmware *firmware,
		 struct mmp_evidence *evidence)
{
	struct mmp_origin origin = { .file = file->number, .rank = MMP_RANK_DOCUMENT };
	const struct mmp_registration_key *keys = firmware->rules[0]->registration_keys;
	size_t i;
	json_t *one;

	state_object(evidence, &origin, "", json_object_get(file->made, "config"));
	json_array_foreach(json_object_get(file->made, "registrations"), i, one) {
		struct mmp_claim claim = { .section = (char *)"",
					   .type = (char *)"",
					   .name = (char *)"",
					   .origin = origin };

		for (const struct mmp_registration_key *k = keys; k->name; k++)
			read_part(one, k, &claim);
		mmp_evidence_claim_all(evidence, &claim);
	}
	json_array_foreach(json_object_get(file->made, "dram"), i, one)
		mmp_evidence_dram(evidence, &origin, json_number(one, "base"),
				  json_number(one, "size"),
				  *mmp_json_string(one, "note")
					  ? mmp_json_string(one, "note")
					  : mmp_json_string(one, "owner"));
}

const struct mmp_reader mmp_reader_document = {
	.kind = "document",
	.about = "a platform document to merge with",
	.rank = MMP_RANK_DOCUMENT,
	.probe = probe,
	.open = open_document,
	.close = close_document,
	.owned = owned,
	.read = read,
};
