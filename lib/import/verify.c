/* SPDX-License-Identifier: BSD-2-Clause */
#include "import/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "doc/platform.h"
#include "import/import_private.h"
#include "tables/layout.h"

enum { TEXT_SIZE = 256 };

/* What the differences mean; each is reported once. */
enum meaning {
	MEANS_MOVED = 1 << 0,   /* the same entry at another VA */
	MEANS_RESIZED = 1 << 1, /* the same start, another size: a different link */
	MEANS_MISSING = 1 << 2, /* the board has an entry that the platform lacks */
	MEANS_EXTRA = 1 << 3,
	MEANS_GRANULE = 1 << 4,
	MEANS_STOP = 1 << 5,
};

struct verifying {
	const struct mmp_evidence *evidence;
	struct mmp_platform *platform;
	struct mmp_layout layout;
	bool stops; /* the layout could not be made: the firmware would stop */
	struct mmp_error stop;
	const struct mmp_boot_row **rows; /* the board's map */
	size_t row_count;
	bool *matched; /* by region of the plan */
	json_t *differences;
	unsigned means;
};

static const char *region_type(const struct verifying *v, const struct mmp_region *region)
{
	const struct mmp_rules *rules = v->platform->rules;

	if (region->type < rules->type_count && rules->types[region->type].name)
		return rules->types[region->type].name;
	return "";
}

static json_t *row_text(const struct mmp_boot_row *row)
{
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text),
		 "va 0x%" PRIx64 " pa 0x%" PRIx64 " size 0x%" PRIx64
		 " granule 0x%" PRIx64,
		 row->a, row->b, row->c, row->d);
	return json_string(text);
}

static json_t *region_text(const struct mmp_region *region)
{
	char text[TEXT_SIZE];

	snprintf(text, sizeof(text),
		 "va 0x%" PRIx64 " pa 0x%" PRIx64 " size 0x%" PRIx64
		 " granule 0x%" PRIx64,
		 region->va, region->pa, region->size,
		 region->granule_shift ? UINT64_C(1) << region->granule_shift : 0);
	return json_string(text);
}

static void note_row(struct verifying *v, const struct mmp_boot_row *row,
		     const struct mmp_region *region, unsigned means)
{
	v->means |= means;
	json_array_append_new(v->differences,
			      json_pack("{s:o, s:s, s:o, s:o}", "line",
					row ? json_integer(row->line) : json_null(),
					"entry", row ? row->type : region_type(v, region),
					"board", row ? row_text(row) : json_null(),
					"platform",
					region ? region_text(region) : json_null()));
}

static uint64_t granule_of(const struct mmp_region *region)
{
	return region->granule_shift ? UINT64_C(1) << region->granule_shift : 0;
}

static bool is_same(const struct verifying *v, const struct mmp_boot_row *row,
		    const struct mmp_region *region)
{
	return strcmp(row->type, region_type(v, region)) == 0 && row->a == region->va &&
	       row->b == region->pa && row->c == region->size &&
	       (!row->d || row->d == granule_of(region));
}

/*
 * The first region that is not matched yet and has the type and PA (and size), or NULL.
 */
static struct mmp_region *find_region(const struct verifying *v,
				      const struct mmp_boot_row *row, bool whole,
				      bool by_size)
{
	for (size_t i = 0; i < v->layout.plan.count; i++) {
		struct mmp_region *region = &v->layout.plan.regions[i];

		if (v->matched[i] || strcmp(row->type, region_type(v, region)) != 0)
			continue;
		if (whole ? is_same(v, row, region)
			  : row->b == region->pa && (!by_size || row->c == region->size))
			return region;
	}
	return NULL;
}

static void mark_covered(struct verifying *v, const struct mmp_region *region)
{
	v->matched[region - v->layout.plan.regions] = true;
}

static unsigned meaning_of(const struct mmp_boot_row *row,
			   const struct mmp_region *region)
{
	if (row->c != region->size)
		return MEANS_RESIZED;
	return row->a != region->va ? MEANS_MOVED : MEANS_GRANULE;
}

/* Match identical entries first, then those that moved, then those that grew. */
static void compare_map(struct verifying *v)
{
	const struct mmp_region **pairs = calloc(v->row_count + 1, sizeof(*pairs));

	for (int pass = 0; pairs && pass < 3; pass++)
		for (size_t i = 0; i < v->row_count; i++) {
			if (!pairs[i])
				pairs[i] =
					find_region(v, v->rows[i], pass == 0, pass == 1);
			else
				continue;
			if (pairs[i])
				mark_covered(v, pairs[i]);
		}
	for (size_t i = 0; pairs && i < v->row_count; i++) {
		if (!pairs[i])
			note_row(v, v->rows[i], NULL, MEANS_MISSING);
		else if (!is_same(v, v->rows[i], pairs[i]))
			note_row(v, v->rows[i], pairs[i],
				 meaning_of(v->rows[i], pairs[i]));
	}
	for (size_t i = 0; pairs && i < v->layout.plan.count; i++)
		if (!v->matched[i])
			note_row(v, NULL, &v->layout.plan.regions[i], MEANS_EXTRA);
	free(pairs);
}

/*
 * --- the layout, with the seed that the board used
 * ----------------------------------------
 */

static int make_layout(struct verifying *v, struct mmp_error *err)
{
	v->stops = false;
	if (!mmp_layout_make(&v->layout, v->platform, NULL, &v->stop))
		return 0;
	v->stops = v->stop.code == MMP_FIRMWARE_STOP;
	if (v->stops)
		return 0;
	*err = v->stop;
	return -1;
}

static bool map_is_same(const struct verifying *v)
{
	if (v->stops || v->layout.plan.count != v->row_count)
		return false;
	for (size_t i = 0; i < v->row_count; i++)
		if (!is_same(v, v->rows[i], &v->layout.plan.regions[i]))
			return false;
	return true;
}

static bool has_a_base(const struct mmp_evidence *evidence)
{
	for (size_t i = 0; i < evidence->boot_count; i++)
		if (evidence->boot[i].kind == MMP_BOOT_TRIED)
			return true;
	return false;
}

/* The seed behind the candidates in the log; a log without candidates had no seed. */
static bool find_seed(const struct verifying *v, uint64_t *ret_seed)
{
	const struct mmp_fact *fact = mmp_evidence_best(v->evidence, "aslr_seed");

	if (!has_a_base(v->evidence)) {
		*ret_seed = 0;
		return true;
	}
	if (!fact || fact->origin.rank != MMP_RANK_BOARD)
		return false;
	*ret_seed = fact->value;
	return true;
}

/* --- what it means --------------------------------------------------------------------------- */

static void list_doubt(json_t *to, const char *format, const char *what)
{
	char text[2 * TEXT_SIZE];

	snprintf(text, sizeof(text), format, what);
	json_array_append_new(to, json_string(text));
}

/* The names of the board's entries that the platform does not map. */
static void name_missing(const struct verifying *v, json_t *to)
{
	for (size_t i = 0; i < v->evidence->boot_count; i++) {
		const struct mmp_boot_row *row = &v->evidence->boot[i];
		char text[TEXT_SIZE];
		bool found = false;

		if (row->kind != MMP_BOOT_ADDED)
			continue;
		for (size_t j = 0; j < v->layout.plan.count; j++) {
			const struct mmp_region *r = &v->layout.plan.regions[j];

			found |= strcmp(region_type(v, r), row->type) == 0 &&
				 row->a >= r->pa && row->a - r->pa < r->size;
		}
		if (found)
			continue;
		mmp_text_print(text, sizeof(text),
			       "%.80s \"%.80s\" 0x%" PRIx64 "+0x%" PRIx64, row->type,
			       row->name, row->a, row->b);
		list_doubt(to, "a registration is missing from the platform: %s", text);
	}
}

static json_t *meanings(struct verifying *v)
{
	json_t *list = json_array();

	if (v->stops)
		list_doubt(list, "according to the platform the firmware stops: %s",
			   v->stop.text);
	if (v->means & MEANS_RESIZED)
		list_doubt(
			list, "%s; import the build that the board runs",
			"ranges have other sizes: the board runs another link or another "
			"configuration");
	if (v->means & MEANS_MISSING && !v->stops)
		name_missing(v, list);
	if (v->means & MEANS_EXTRA)
		list_doubt(list, "%s",
			   "the platform maps what the board does not: a registration "
			   "too many, "
			   "or a log that is cut");
	if (v->means & MEANS_GRANULE)
		list_doubt(list, "%s",
			   "blocks of another size: another release or format");
	if (v->means == MEANS_MOVED)
		list_doubt(list, "%s",
			   "all ranges are the same but have other virtual addresses: "
			   "another seed, or another width of virtual addresses");
	return list;
}

static json_t *hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	return json_string(text);
}

static json_t *answer_of(struct verifying *v, bool seed_known, uint64_t seed)
{
	const struct mmp_rules *rules = v->platform->rules;
	uint64_t given = mmp_config_value(rules, &v->platform->config, "aslr_seed");
	json_t *answer;

	if (!map_is_same(v))
		compare_map(v);
	answer = json_pack("{s:b, s:I, s:O, s:o, s:s, s:s?}", "same",
			   json_array_size(v->differences) == 0 && !v->stops, "compared",
			   (json_int_t)v->row_count, "differences", v->differences,
			   "means", meanings(v), "rules", rules->name, "release",
			   v->evidence->release);
	if (seed_known && has_a_base(v->evidence))
		json_object_set_new(answer, "seed", hex(seed));
	json_object_set_new(answer, "seed_given", hex(given));
	return answer;
}

static void collect_rows(struct verifying *v)
{
	v->rows = calloc(v->evidence->boot_count + 1, sizeof(*v->rows));
	for (size_t i = 0; v->rows && i < v->evidence->boot_count; i++)
		if (v->evidence->boot[i].kind == MMP_BOOT_MAPPED)
			v->rows[v->row_count++] = &v->evidence->boot[i];
}

/* Verify with the document as it is first, then with the seed of the board. */
static json_t *verify_boot(struct verifying *v, struct mmp_error *err)
{
	struct mmp_config before = v->platform->config;
	const struct mmp_rules *rules = v->platform->rules;
	uint64_t seed = 0;
	bool known = find_seed(v, &seed);
	json_t *answer;

	if (make_layout(v, err))
		return NULL;
	if (!map_is_same(v) && known && rules->set_seed) {
		rules->set_seed(rules, &v->platform->config, seed);
		if (make_layout(v, err))
			return NULL;
	}
	v->matched = calloc(v->layout.plan.count + 1, sizeof(*v->matched));
	if (!v->matched || !v->rows) {
		mmp_fail(err, MMP_SYSTEM, "out of memory");
		return NULL;
	}
	if (v->stops)
		v->layout.plan.count = 0;
	v->platform->config = before; /* report against the document as it was given */
	answer = answer_of(v, known, seed);
	return answer;
}

static const json_t *import_document(const struct mmp_import *import)
{
	for (size_t i = 0; i < import->count; i++)
		if (import->files[i].reader == &mmp_reader_document)
			return import->files[i].made;
	return NULL;
}

json_t *mmp_import_verify(const struct mmp_import *import, struct mmp_error *err)
{
	struct verifying v = { .evidence = &import->evidence };
	json_t *answer = NULL;

	if (mmp_platform_read(import_document(import), &v.platform, err))
		return NULL;
	mmp_layout_init(&v.layout);
	v.differences = json_array();
	collect_rows(&v);
	if (!v.row_count)
		mmp_fail(err, MMP_INVALID,
			 "the log has no line of a memory map (dump_mmap_table); the "
			 "firmware prints it at log level 3 and above");
	else
		answer = verify_boot(&v, err);
	json_decref(v.differences);
	free(v.rows);
	free(v.matched);
	mmp_layout_done(&v.layout);
	mmp_platform_free(v.platform);
	return answer;
}
