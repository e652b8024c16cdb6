/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "import/import_private.h"

/* A key that starts with '.' is private: no document has it. */
static bool is_private(const char *key)
{
	return key[0] == '.';
}

/*
 * The parent of a dotted key: "layout.free" of "layout.free.start"; false if there is
 * none.
 */
static bool parent_of(const char *key, char parent[128])
{
	const char *dot = strrchr(key, '.');

	if (!dot || dot == key)
		return false;
	snprintf(parent, 128, "%.*s", (int)(dot - key), key);
	return true;
}

const struct mmp_fact *mmp_merge_fact(const struct mmp_evidence *evidence,
				      const char *key)
{
	const struct mmp_fact *best = mmp_evidence_best(evidence, key), *whole;
	char parent[128];

	if (!best || !parent_of(key, parent))
		return best;
	whole = mmp_evidence_best(evidence, parent);
	if (whole && whole->form == MMP_FACT_NULL &&
	    whole->origin.rank > best->origin.rank)
		return NULL;
	return best;
}

json_t *mmp_merge_value(const struct mmp_fact *fact)
{
	char text[24];

	switch (fact->form) {
	case MMP_FACT_FLAG:
		return json_boolean(fact->value);
	case MMP_FACT_COUNT:
		return json_integer((json_int_t)fact->value);
	case MMP_FACT_HEX:
		snprintf(text, sizeof(text), "0x%" PRIx64, fact->value);
		return json_string(text);
	case MMP_FACT_TEXT:
		return json_string(fact->text);
	case MMP_FACT_NULL:
		break;
	}
	return json_null();
}

/* Numbers are compared by value, whatever form they are written in. */
static bool same_value(const struct mmp_fact *one, const struct mmp_fact *other)
{
	if (one->form == MMP_FACT_TEXT || other->form == MMP_FACT_TEXT)
		return one->form == other->form && strcmp(one->text, other->text) == 0;
	if (one->form == MMP_FACT_NULL || other->form == MMP_FACT_NULL)
		return one->form == other->form;
	return one->value == other->value;
}

/* The origin as text: "board: boot.log line 18, Mapping core at". */
static json_t *from(const struct mmp_evidence *evidence, const struct mmp_origin *origin)
{
	char text[512], line[32] = "";

	if (origin->line)
		snprintf(line, sizeof(line), " line %u", origin->line);
	mmp_text_print(text, sizeof(text), "%s: %.200s%s%s%.200s",
		       mmp_rank_names[origin->rank],
		       evidence->file_count ? evidence->files[origin->file].name : "",
		       line, origin->what ? ", " : "", origin->what ? origin->what : "");
	return json_string(text);
}

/* List every source of lower rank that disagrees with the fact in use. */
static json_t *disagreement(const struct mmp_evidence *evidence,
			    const struct mmp_fact *best)
{
	json_t *others = json_array();

	for (size_t i = 0; i < evidence->fact_count; i++) {
		const struct mmp_fact *one = &evidence->facts[i];

		/*
		 * A document may be overridden by measured values without being
		 * reported.
		 */
		if (strcmp(one->key, best->key) == 0 && !same_value(one, best) &&
		    one->origin.rank != MMP_RANK_DOCUMENT)
			json_array_append_new(others,
					      json_pack("{s:o, s:o}", "value",
							mmp_merge_value(one), "from",
							from(evidence, &one->origin)));
	}
	if (!json_array_size(others)) {
		json_decref(others);
		return NULL;
	}
	return json_pack("{s:s, s:o, s:o, s:o}", "key", best->key, "value",
			 mmp_merge_value(best), "from", from(evidence, &best->origin),
			 "instead_of", others);
}

/* --- registrations ------------------------------------------------------------------- */

static size_t claims_of(const struct mmp_evidence *evidence, const char *section,
			unsigned file, const struct mmp_claim **list)
{
	size_t count = 0;

	for (size_t i = 0; i < evidence->claim_count; i++) {
		const struct mmp_claim *one = &evidence->claims[i];

		if (one->origin.file == file && strcmp(one->section, section) == 0)
			list[count++] = one;
	}
	return count;
}

static int by_content(const void *a, const void *b)
{
	const struct mmp_claim *one = *(const struct mmp_claim *const *)a;
	const struct mmp_claim *other = *(const struct mmp_claim *const *)b;
	int order = strcmp(one->type, other->type);

	if (order)
		return order;
	if (one->addr != other->addr)
		return one->addr > other->addr ? 1 : -1;
	return (one->size > other->size) - (one->size < other->size);
}

/* Report what is in one list and not in the other; both are sorted by content. */
static void note_missing(json_t *to, const struct mmp_claim **in, size_t in_count,
			 const struct mmp_claim **from_list, size_t from_count)
{
	for (size_t i = 0, j = 0; i < in_count; i++) {
		char text[384];

		while (j < from_count && by_content(&from_list[j], &in[i]) < 0)
			j++;
		if (j < from_count && by_content(&from_list[j], &in[i]) == 0) {
			j++;
			continue;
		}
		mmp_text_print(text, sizeof(text),
			       "%.100s \"%.100s\" 0x%" PRIx64 "+0x%" PRIx64, in[i]->type,
			       in[i]->name, in[i]->addr, in[i]->size);
		json_array_append_new(to, json_string(text));
	}
}

struct merged_lists {
	const struct mmp_claim **one, **other;
	size_t count, other_count;
};

static bool same_lists(struct merged_lists *lists)
{
	if (lists->count != lists->other_count)
		return false;
	for (size_t i = 0; i < lists->count; i++)
		if (by_content(&lists->one[i], &lists->other[i]))
			return false;
	return true;
}

static void collect_lists(const struct mmp_evidence *evidence, const char *section,
			  unsigned file, unsigned other, struct merged_lists *lists)
{
	lists->count = claims_of(evidence, section, file, lists->one);
	lists->other_count = claims_of(evidence, section, other, lists->other);
	qsort(lists->one, lists->count, sizeof(*lists->one), by_content);
	qsort(lists->other, lists->other_count, sizeof(*lists->other), by_content);
}

static bool lists_new(struct merged_lists *lists, const struct mmp_evidence *evidence)
{
	lists->one = calloc(evidence->claim_count + 1, sizeof(*lists->one));
	lists->other = calloc(evidence->claim_count + 1, sizeof(*lists->other));
	return lists->one && lists->other;
}

static void lists_free(struct merged_lists *lists)
{
	free(lists->one);
	free(lists->other);
}

/* The rank of a file's claims for a section, or -1 if it has none. */
static int rank_of(const struct mmp_evidence *evidence, const char *section,
		   unsigned file)
{
	for (size_t i = 0; i < evidence->claim_count; i++) {
		const struct mmp_claim *one = &evidence->claims[i];

		if (one->origin.file == file && strcmp(one->section, section) == 0)
			return one->origin.rank;
	}
	return -1;
}

static int highest(const struct mmp_evidence *evidence, const char *section, int below)
{
	int best = -1, best_rank = -1;

	for (unsigned file = 0; file < evidence->file_count; file++) {
		int rank = rank_of(evidence, section, file);

		if (rank > best_rank && rank < below) {
			best = (int)file;
			best_rank = rank;
		}
	}
	return best;
}

/*
 * A board's list lacks names that the compiler dropped and may have been cut, so if the
 * image has the same ranges the image's list is used.
 */
int mmp_merge_claims(const struct mmp_evidence *evidence, const char *section)
{
	int best = highest(evidence, section, MMP_RANK_COUNT), image;
	struct merged_lists lists = { 0 };

	if (best < 0 || rank_of(evidence, section, (unsigned)best) != MMP_RANK_BOARD)
		return best;
	image = highest(evidence, section, MMP_RANK_BOARD);
	if (image < 0 || rank_of(evidence, section, (unsigned)image) != MMP_RANK_IMAGE)
		return best;
	if (lists_new(&lists, evidence)) {
		collect_lists(evidence, section, (unsigned)best, (unsigned)image, &lists);
		if (same_lists(&lists))
			best = image;
	}
	lists_free(&lists);
	return best;
}

static json_t *list_disagreement(const struct mmp_evidence *evidence, const char *section,
				 unsigned file, unsigned other,
				 struct merged_lists *lists)
{
	json_t *extra = json_array(), *missing = json_array();

	collect_lists(evidence, section, file, other, lists);
	note_missing(extra, lists->one, lists->count, lists->other, lists->other_count);
	note_missing(missing, lists->other, lists->other_count, lists->one, lists->count);
	if (!json_array_size(extra) && !json_array_size(missing)) {
		json_decref(extra);
		json_decref(missing);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "section", section, "from",
			 evidence->files[file].name, "instead_of",
			 evidence->files[other].name, "only_here", extra, "only_there",
			 missing);
}

static void note_lists(const struct mmp_evidence *evidence, const char *section,
		       json_t *to)
{
	int best = mmp_merge_claims(evidence, section);
	struct merged_lists lists = { 0 };

	if (best >= 0 && lists_new(&lists, evidence))
		for (unsigned file = 0; file < evidence->file_count; file++) {
			int rank = rank_of(evidence, section, file);
			json_t *one = NULL;

			if (file != (unsigned)best && rank > MMP_RANK_DOCUMENT)
				one = list_disagreement(evidence, section, (unsigned)best,
							file, &lists);
			if (one)
				json_array_append_new(to, one);
		}
	lists_free(&lists);
}

/* --- all of them --------------------------------------------------------------------- */

static bool seen_before(const struct mmp_evidence *evidence, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(evidence->facts[i].key, evidence->facts[n].key) == 0)
			return true;
	return false;
}

static bool section_before(const struct mmp_evidence *evidence, size_t n)
{
	return n &&
	       strcmp(evidence->claims[n - 1].section, evidence->claims[n].section) == 0;
}

json_t *mmp_merge_disagreements(const struct mmp_evidence *evidence)
{
	json_t *list = json_array(), *sections = json_object(), *one;

	for (size_t i = 0; i < evidence->fact_count; i++) {
		const struct mmp_fact *best;

		if (is_private(evidence->facts[i].key) || seen_before(evidence, i))
			continue;
		best = mmp_merge_fact(evidence, evidence->facts[i].key);
		one = best ? disagreement(evidence, best) : NULL;
		if (one)
			json_array_append_new(list, one);
	}
	for (size_t i = 0; i < evidence->claim_count; i++) {
		const char *section = evidence->claims[i].section;

		if (section_before(evidence, i) || json_object_get(sections, section))
			continue;
		json_object_set_new(sections, section, json_true());
		note_lists(evidence, section, list);
	}
	json_decref(sections);
	return list;
}
