/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "policy/overlaps.h"
#include "rules/optee/checks_3_4.h"
#include "rules/optee/pipeline.h"
#include "rules/optee/types.h"

/*
 * Compare registrations with what is mapped. This release merges ranges of one type to a
 * size that is not their union, and rounds devices out to whole level 2 (short: level 1)
 * entries.
 */

static bool is_va_space(unsigned type)
{
	return type == OPTEE_RES_VASPACE || type == OPTEE_SHM_VASPACE ||
	       type == OPTEE_PAGER_VASPACE;
}

/* Four lists of ranges, with the type as side: enough for each of the checks below. */
struct range_lists {
	struct mmp_extent *one, *other, *pieces;
	size_t one_count, other_count, piece_count;
};

static bool make_lists(struct range_lists *l, const struct mmp_check_input *input)
{
	size_t room = input->platform->count + input->layout->plan.count + 1;

	*l = (struct range_lists){ 0 };
	if (optee_3_4_hides_all(input->platform))
		return false;
	l->one = malloc(5 * room * sizeof(*l->one));
	l->other = l->one + room;
	l->pieces = l->other + room;
	return l->one != NULL;
}

/* Registrations as they are in the list, or as they were requested. */
static size_t collect_ranges(const struct mmp_check_input *input, struct mmp_extent *to,
			     bool listed, bool devices_only)
{
	const struct mmp_platform *p = input->platform;
	const struct mmp_widths widths = mmp_widths_of(p->rules, &p->config);
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];
		struct mmp_region as = { .pa = r->addr, .size = r->size };

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP || is_va_space(r->type) ||
		    !r->size || (devices_only && !optee_is_io(r->type)))
			continue;
		if (listed)
			as = optee_listed(optee_release_of(input->platform->rules),
					  &widths, r);
		if (!mmp_extent_of(&to[count], as.pa, as.size, widths.pa))
			continue;
		to[count].of = i;
		to[count++].side = r->type;
	}
	return mmp_extents_unite(to, count);
}

static size_t collect_map(const struct mmp_check_input *input, struct mmp_extent *to)
{
	const struct mmp_plan *plan = &input->layout->plan;
	size_t count = 0;

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (is_va_space(r->type) ||
		    !mmp_extent_of(&to[count], r->pa, r->size, input->pa_mask))
			continue;
		to[count].of = n;
		to[count++].side = r->type;
	}
	return mmp_extents_unite(to, count);
}

void optee_3_4_mapped_short(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	struct range_lists l;

	if (make_lists(&l, input)) {
		l.one_count = collect_ranges(input, l.one, true, false);
		l.other_count = collect_map(input, l.other);
		l.piece_count = mmp_extents_minus(l.one, l.one_count, l.other,
						  l.other_count, l.pieces);
	}
	for (size_t i = 0; i < l.piece_count && !mmp_findings_full(findings); i++) {
		const struct mmp_extent *e = &l.pieces[i];

		mmp_finding_add(findings, check,
				"0x%" PRIx64 " bytes at 0x%" PRIx64
				" are registered as %s, but its merged entry ends before",
				e->last - e->base + 1, e->base,
				mmp_memtype_label(input->platform->rules, (int)e->side));
		mmp_finding_about(findings, (int)e->side, e->base, e->last - e->base + 1);
	}
	free(l.one);
}

void optee_3_4_mapped_long(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	struct range_lists l;

	if (make_lists(&l, input)) {
		l.one_count = collect_map(input, l.one);
		l.other_count = collect_ranges(input, l.other, true, false);
		l.piece_count = mmp_extents_minus(l.one, l.one_count, l.other,
						  l.other_count, l.pieces);
	}
	for (size_t i = 0; i < l.piece_count && !mmp_findings_full(findings); i++) {
		const struct mmp_extent *e = &l.pieces[i];
		const struct mmp_region *r = &input->layout->plan.regions[e->of];

		mmp_finding_add(findings, check,
				"0x%" PRIx64 " bytes at 0x%" PRIx64
				" are mapped as %s and were not registered so",
				e->last - e->base + 1, e->base,
				mmp_memtype_label(input->platform->rules, (int)e->side));
		mmp_finding_about(findings, (int)e->side, r->pa, r->size);
	}
	free(l.one);
}

/* What rounding adds to devices, in pieces; `of` is that of the rounded range. */
static bool excess(struct range_lists *l, const struct mmp_check_input *input)
{
	if (!make_lists(l, input))
		return false;
	l->one_count = collect_ranges(input, l->one, true, true);
	l->other_count = collect_ranges(input, l->other, false, true);
	l->piece_count = mmp_extents_minus(l->one, l->one_count, l->other, l->other_count,
					   l->pieces);
	return l->piece_count > 0;
}

void optee_3_4_rounded(const struct mmp_check *check, const struct mmp_check_input *input,
		       struct mmp_findings *findings)
{
	struct range_lists l;
	size_t piece = 0;

	if (!excess(&l, input)) {
		free(l.one);
		return;
	}
	for (size_t i = 0; i < l.one_count && !mmp_findings_full(findings); i++) {
		const struct mmp_extent *e = &l.one[i];
		uint64_t added = 0, size = e->last - e->base + 1;

		for (; piece < l.piece_count && l.pieces[piece].side == e->side &&
		       l.pieces[piece].base >= e->base && l.pieces[piece].last <= e->last;
		     piece++)
			added += l.pieces[piece].last - l.pieces[piece].base + 1;
		if (!added)
			continue;
		mmp_finding_add(findings, check,
				"%s: 0x%" PRIx64 " bytes were registered in 0x%" PRIx64
				" to 0x%" PRIx64 ", all 0x%" PRIx64 " are mapped",
				mmp_memtype_label(input->platform->rules, (int)e->side),
				size - added, e->base, e->last, size);
		mmp_finding_about(findings, (int)e->side, e->base, size);
	}
	free(l.one);
}

struct over {
	const struct mmp_check *check;
	const struct mmp_check_input *input;
	struct mmp_findings *findings;
};

static bool over(void *context, const struct mmp_extent *piece,
		 const struct mmp_extent *other)
{
	struct over *o = context;
	const struct mmp_registration *all = o->input->platform->registrations;
	const struct mmp_registration *r = &all[piece->of], *hit = &all[other->of];

	if (hit->section == OPTEE_SECTION_PHYS_MEM_MAP && hit->type == r->type)
		return true;
	mmp_finding_add(o->findings, o->check,
			"\"%.64s\" (%s at 0x%" PRIx64 " size 0x%" PRIx64
			") is mapped with 0x%" PRIx64 " to 0x%" PRIx64
			" next to it, where \"%.64s\" (%s at 0x%" PRIx64
			" size 0x%" PRIx64 ") is",
			r->name,
			mmp_memtype_label(o->input->platform->rules, (int)r->type),
			r->addr, r->size, piece->base, piece->last, hit->name,
			mmp_memtype_label(o->input->platform->rules, (int)hit->type),
			hit->addr, hit->size);
	mmp_finding_registration(o->findings, piece->of);
	mmp_finding_registration(o->findings, other->of);
	return !mmp_findings_full(o->findings);
}

void optee_3_4_rounded_over(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	struct over o = { check, input, findings };
	const struct mmp_platform *p = input->platform;
	struct range_lists l;
	size_t count;

	if (excess(&l, input)) {
		count = l.piece_count;
		for (size_t i = 0; i < count; i++)
			l.pieces[i].side = 0;
		for (size_t i = 0; i < p->count; i++) {
			const struct mmp_registration *r = &p->registrations[i];

			if (!mmp_extent_of(&l.pieces[count], r->addr, r->size,
					   input->pa_mask))
				continue;
			l.pieces[count].of = i;
			l.pieces[count++].side = 1;
		}
		mmp_extents_overlaps(l.pieces, count, true, over, &o);
	}
	free(l.one);
}
