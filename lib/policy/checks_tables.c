/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "policy/checks.h"

/* Checks of a placed map and of its tables. Entries are sorted by VA. */

static const struct mmp_plan *plan_of(const struct mmp_check_input *input)
{
	return &input->layout->plan;
}

static uint64_t last_va(const struct mmp_plan *plan, const struct mmp_region *r)
{
	return (r->va + r->size - 1) & plan->shape.va_mask;
}

static bool wraps(const struct mmp_plan *plan, const struct mmp_region *r)
{
	return r->size && last_va(plan, r) < r->va;
}

void mmp_check_spare_tables(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_tables *t = &input->layout->tables;
	const char *key = input->platform->rules->known.tables_max;

	if (!t->shape.limited || t->shape.fixed || t->used < t->shape.max_tables)
		return;
	mmp_finding_add(findings, check,
			"all %u translation tables are used at boot: none is left for "
			"dynamic shared memory and mappings at run time",
			t->shape.max_tables);
	if (key)
		mmp_finding_fix(findings, "raise %s", key);
}

void mmp_finding_of_va(struct mmp_findings *findings, const struct mmp_check *check,
		       const struct mmp_plan *plan, const struct mmp_region *r)
{
	char what[96];

	snprintf(what, sizeof(what), "would have virtual 0x%" PRIx64 " to 0x%" PRIx64,
		 r->va, last_va(plan, r));
	mmp_finding_of_entry(findings, check, r, what);
}

void mmp_check_va_wraps(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	const struct mmp_plan *plan = input->plan;

	for (size_t n = 0; n < plan->count; n++)
		if (wraps(plan, &plan->regions[n]))
			mmp_finding_of_va(findings, check, plan, &plan->regions[n]);
}

void mmp_check_mapped_twice(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_plan *plan = plan_of(input);
	const struct mmp_region *widest = NULL;

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (!r->size || r->mapping != MMP_MAP_BLOCKS || wraps(plan, r))
			continue;
		if (widest && r->va <= last_va(plan, widest)) {
			mmp_finding_add(
				findings, check,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64
				" is given virtual 0x%" PRIx64 ", which %s at 0x%" PRIx64
				" already has",
				mmp_memtype_label(input->platform->rules, r->type), r->pa,
				r->size, r->va,
				mmp_memtype_label(input->platform->rules, widest->type),
				widest->pa);
			mmp_finding_about(findings, r->type, r->pa, r->size);
			mmp_finding_about(findings, widest->type, widest->pa,
					  widest->size);
			findings->last->subject_count = 1; /* as in the stop */
		}
		if (!widest || last_va(plan, r) > last_va(plan, widest))
			widest = r;
	}
}
