/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>

#include "plan/planner.h"
#include "plan/range.h"
#include "policy/overlaps.h"
#include "rules/optee/attr.h"
#include "rules/optee/checks.h"

/* Ranges that must not overlap, and stops that rule sets share. */

void optee_check_invalid_type(const struct mmp_check *check,
			      const struct mmp_check_input *input,
			      struct mmp_findings *findings, bool empty_at_zero)
{
	const struct mmp_platform *p = input->platform;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->section != OPTEE_SECTION_PHYS_MEM_MAP ||
		    !p->rules->types[r->type].stops)
			continue;
		if (!r->size && (r->addr || !empty_at_zero))
			continue; /* dropped before its type is checked */
		mmp_finding_add(findings, check,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64
				" has a type that cannot be mapped",
				mmp_memtype_label(p->rules, (int)r->type), r->addr,
				r->size);
		mmp_finding_registration(findings, i);
		mmp_finding_subject(findings, (int)r->type, r->addr & input->pa_mask,
				    r->size);
	}
}

void optee_check_window(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings, unsigned type, uint64_t mask)
{
	const struct mmp_range *shm = &optee_config(input->platform)->reserved_shm;
	const struct mmp_plan *plan = &input->layout->plan;

	for (unsigned i = 0; shm->given && i < plan->secure_count; i++) {
		const struct mmp_range *s = &plan->secure[i];
		bool last = i + 1 == plan->secure_count;

		if (!mmp_range_intersects(s->base, s->size, shm->base, shm->size, mask))
			continue;
		mmp_finding_add(findings, check,
				"reserved_shm at 0x%" PRIx64 " size 0x%" PRIx64
				" overlaps %s at 0x%" PRIx64 " size 0x%" PRIx64,
				shm->base, shm->size,
				last ? "trusted_dram" : "trusted_sram", s->base, s->size);
		mmp_finding_about(findings, (int)type, shm->base, shm->size);
		mmp_finding_about(findings, -1, s->base, s->size);
	}
}

struct pairs {
	const struct mmp_check *check;
	const struct mmp_check_input *input;
	struct mmp_findings *findings;
	mmp_may_meet *spared;
};

static bool say_pair(struct pairs *pairs, const struct mmp_registration *one,
		     const struct mmp_registration *other)
{
	const struct mmp_registration *all = pairs->input->platform->registrations;
	const struct mmp_rules *rules = pairs->input->platform->rules;

	mmp_finding_add(pairs->findings, pairs->check,
			"%s \"%.48s\" at 0x%" PRIx64 " size 0x%" PRIx64
			" intersects %s \"%.48s\" at 0x%" PRIx64 " size 0x%" PRIx64,
			mmp_memtype_label(rules, (int)one->type), one->name, one->addr,
			one->size, mmp_memtype_label(rules, (int)other->type),
			other->name, other->addr, other->size);
	mmp_finding_registration(pairs->findings, (size_t)(one - all));
	mmp_finding_subject(pairs->findings, (int)one->type, one->addr, one->size);
	mmp_finding_registration(pairs->findings, (size_t)(other - all));
	mmp_finding_subject(pairs->findings, (int)other->type, other->addr, other->size);
	return !mmp_findings_full(pairs->findings);
}

/* The later registration comes first, as in the firmware. */
static bool one_section(void *context, const struct mmp_extent *a,
			const struct mmp_extent *b)
{
	struct pairs *pairs = context;
	const struct mmp_registration *all = pairs->input->platform->registrations;

	if (a->of > b->of)
		return say_pair(pairs, &all[a->of], &all[b->of]);
	return say_pair(pairs, &all[b->of], &all[a->of]);
}

static bool two_sections(void *context, const struct mmp_extent *a,
			 const struct mmp_extent *b)
{
	struct pairs *pairs = context;
	const struct mmp_registration *all = pairs->input->platform->registrations;

	return say_pair(pairs, &all[a->of], &all[b->of]);
}

static size_t collect_side(const struct mmp_check_input *input,
			   struct mmp_extent *extents, unsigned section, unsigned side,
			   uint64_t mask)
{
	const struct mmp_platform *p = input->platform;
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (r->section != section ||
		    !mmp_extent_of(&extents[count], r->addr, r->size, mask))
			continue;
		extents[count].of = i;
		extents[count++].side = side;
	}
	return count;
}

void optee_check_ddr_twice(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings)
{
	struct pairs pairs = { check, input, findings, NULL };
	struct mmp_extent *all;

	if (!mmp_platform_uses(input->platform, OPTEE_SECTION_DDR_OVERALL))
		return;
	all = malloc(input->platform->count * sizeof(*all));
	if (all)
		mmp_extents_overlaps(all,
				     collect_side(input, all, OPTEE_SECTION_DDR_OVERALL,
						  0, input->pa_mask),
				     false, one_section, &pairs);
	free(all);
}

void optee_check_sections(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings, unsigned one, unsigned other,
			  uint64_t mask)
{
	struct pairs pairs = { check, input, findings, NULL };
	struct mmp_extent *all;
	size_t count;

	if (!mmp_platform_uses(input->platform, one) ||
	    !mmp_platform_uses(input->platform, other))
		return;
	all = malloc(input->platform->count * sizeof(*all));
	if (!all)
		return;
	count = collect_side(input, all, one, 0, mask);
	count += collect_side(input, all + count, other, 1, mask);
	mmp_extents_overlaps(all, count, true, two_sections, &pairs);
	free(all);
}

static bool special_and_entry(void *context, const struct mmp_extent *a,
			      const struct mmp_extent *b)
{
	struct pairs *pairs = context;
	const struct mmp_platform *p = pairs->input->platform;
	const struct mmp_registration *r = &p->registrations[a->of];
	const struct mmp_region *entry = &pairs->input->layout->plan.regions[b->of];

	if (pairs->spared(p, r, entry->type))
		return true;
	mmp_finding_add(pairs->findings, pairs->check,
			"%s \"%.48s\" at 0x%" PRIx64 " size 0x%" PRIx64
			" intersects %s at 0x%" PRIx64 " size 0x%" PRIx64,
			mmp_memtype_label(p->rules, (int)r->type), r->name, r->addr,
			r->size, mmp_memtype_label(p->rules, entry->type), entry->pa,
			entry->size);
	mmp_finding_registration(pairs->findings, a->of);
	mmp_finding_subject(pairs->findings, (int)r->type, r->addr, r->size);
	mmp_finding_about(pairs->findings, entry->type, entry->pa, entry->size);
	return !mmp_findings_full(pairs->findings);
}

/* All entries except the virtual spaces, which the firmware adds later. */
static size_t add_entries(const struct mmp_check_input *input, struct mmp_extent *extents,
			  uint64_t mask)
{
	const struct mmp_platform *p = input->platform;
	const struct mmp_plan *plan = &input->layout->plan;
	size_t count = 0;

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		const struct mmp_memtype *type = &p->rules->types[r->type];

		if (r->mapping == MMP_MAP_EMPTY ||
		    (!r->pa && !(type->attr & MMP_ATTR_PR)) ||
		    !mmp_extent_of(&extents[count], r->pa, r->size, mask))
			continue;
		extents[count].of = n;
		extents[count++].side = 1;
	}
	return count;
}

void optee_check_special(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings, unsigned section, uint64_t mask,
			 mmp_may_meet *spared)
{
	struct pairs pairs = { check, input, findings, spared };
	struct mmp_extent *all;
	size_t count;

	if (!mmp_platform_uses(input->platform, section))
		return;
	all = malloc((input->platform->count + input->layout->plan.count) * sizeof(*all));
	if (!all)
		return;
	count = collect_side(input, all, section, 0, mask);
	mmp_extents_overlaps(all, count, false, one_section, &pairs);
	for (size_t i = 0; i < count; i++)
		all[i].side = 0;
	count += add_entries(input, all + count, mask);
	mmp_extents_overlaps(all, count, true, special_and_entry, &pairs);
	free(all);
}

/* Both linker sections for DDR are used. */
void optee_check_ddr_both(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings)
{
	const struct mmp_platform *p = input->platform;

	if (!optee_config(p)->dyn_shm || !optee_config(p)->core_debug ||
	    !mmp_platform_uses(p, OPTEE_SECTION_NSEC_DDR) ||
	    !mmp_platform_uses(p, OPTEE_SECTION_DDR_OVERALL))
		return;
	mmp_finding_add(findings, check,
			"there are registrations in both ddr_overall and nsec_ddr");
	for (size_t i = 0; i < p->count; i++)
		if (p->registrations[i].section == OPTEE_SECTION_NSEC_DDR ||
		    p->registrations[i].section == OPTEE_SECTION_DDR_OVERALL)
			mmp_finding_registration(findings, i);
}
