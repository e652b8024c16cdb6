/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "arch/format.h"
#include "model/attr.h"
#include "policy/checks.h"

/* Checks of a placed map and of what its tables will be. Entries are sorted by VA. */

static const struct mmp_plan *plan_of(const struct mmp_check_input *input)
{
	return &input->layout->plan;
}

static uint64_t last_va(const struct mmp_plan *plan, const struct mmp_region *r)
{
	return (r->va + r->size - 1) & plan->shape.va_mask;
}

static bool has_tables(const struct mmp_region *r)
{
	return r->size && r->mapping != MMP_MAP_NOTHING;
}

void mmp_check_spare_tables(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_tables *t = &input->layout->tables;

	if (t->shape.limited && t->used >= t->shape.max_tables)
		mmp_finding_add(findings, check,
				"all %u translation tables are used at boot: dynamic "
				"shared memory and mappings at run time find none",
				t->shape.max_tables);
}

/* The first entry that has pages in [base, base + size). */
static const struct mmp_region *user_of(const struct mmp_plan *plan, uint64_t base,
					uint64_t size)
{
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (has_tables(r) && last_va(plan, r) >= base && r->va < base + size)
			return r;
	}
	return NULL;
}

/* set_user_va_idx(): user mode gets the first level 1 entry, of those but entry 0, that is 0. */
void mmp_check_no_user_va(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings)
{
	enum { GIB_SHIFT = 30, SLOTS_MAX = 8 };
	const struct mmp_plan *plan = plan_of(input);
	const struct mmp_table_shape *shape = &plan->shape;
	const struct mmp_region *users[SLOTS_MAX];
	char text[256];
	int length = 0;
	unsigned slots = shape->user_va_last;

	if (!shape->search_user_va || slots > SLOTS_MAX)
		return;
	if (shape->base_level == 1 && slots >= shape->base_entries)
		slots = shape->base_entries - 1;
	if (shape->own_level_1 && !user_of(plan, 0, UINT64_C(1) << 39))
		return;
	for (unsigned n = 1; n <= slots; n++) {
		users[n - 1] = user_of(plan, (uint64_t)n << GIB_SHIFT, 1u << GIB_SHIFT);
		if (!users[n - 1])
			return;
	}
	for (unsigned n = 1; n <= slots; n++)
		length += snprintf(
			text + length, sizeof(text) - (size_t)length,
			"%s[%uG,%uG) has %s at 0x%" PRIx64, n > 1 ? ", " : "", n, n + 1,
			mmp_memtype_label(input->platform->rules, users[n - 1]->type),
			users[n - 1]->va);
	mmp_finding_add(findings, check, "%s", slots ? text : "there is but one slot");
	for (unsigned n = 1; n <= slots; n++)
		if (users[n - 1]->pa)
			mmp_finding_about(findings, users[n - 1]->type, users[n - 1]->pa,
					  users[n - 1]->size);
	findings->last->subject_count = 0; /* the stop has none */
}

static void say_va(struct mmp_findings *findings, const struct mmp_check *check,
		   const struct mmp_plan *plan, const struct mmp_region *r)
{
	char what[96];

	snprintf(what, sizeof(what), "would have virtual 0x%" PRIx64 " to 0x%" PRIx64,
		 r->va, last_va(plan, r));
	mmp_finding_of_entry(findings, check, r, what);
}

void mmp_check_va_outside(const struct mmp_check *check,
			  const struct mmp_check_input *input,
			  struct mmp_findings *findings)
{
	const struct mmp_plan *plan = plan_of(input);
	const struct mmp_format *format = mmp_formats[plan->shape.encoding.format];
	unsigned shift = format->shift((int)plan->shape.base_level);

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		uint64_t last = last_va(plan, r);

		if (has_tables(r) && last >= r->va &&
		    last >> shift >= plan->shape.base_entries)
			say_va(findings, check, plan, r);
	}
}

void mmp_check_max_va(const struct mmp_check *check, const struct mmp_check_input *input,
		      struct mmp_findings *findings)
{
	const struct mmp_plan *plan = plan_of(input);

	if (!plan->shape.check_max_va || !input->platform->config.core_debug)
		return;
	for (size_t n = 0; n < plan->count; n++)
		if (last_va(plan, &plan->regions[n]) >> plan->shape.va_bits)
			say_va(findings, check, plan, &plan->regions[n]);
}

void mmp_check_mapped_twice(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_plan *plan = plan_of(input);
	const struct mmp_region *widest = NULL;

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (!r->size || r->mapping != MMP_MAP_BLOCKS || last_va(plan, r) < r->va)
			continue;
		if (widest && r->va <= last_va(plan, widest)) {
			mmp_finding_add(
				findings, check,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64
				" is given virtual 0x%" PRIx64 ", which %s at 0x%" PRIx64
				" has",
				mmp_memtype_label(input->platform->rules, r->type), r->pa,
				r->size, r->va,
				mmp_memtype_label(input->platform->rules, widest->type),
				widest->pa);
			mmp_finding_about(findings, r->type, r->pa, r->size);
			mmp_finding_about(findings, widest->type, widest->pa,
					  widest->size);
			findings->last->subject_count = 1; /* as the stop has it */
		}
		if (!widest || last_va(plan, r) > last_va(plan, widest))
			widest = r;
	}
}

/* Short descriptors: level 1 says of a whole level 2 table whether it is secure. */
void mmp_check_security_mix(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	enum { MIB_SHIFT = 20 };
	const struct mmp_plan *plan = plan_of(input);
	const struct mmp_region *before = NULL;

	if (plan->shape.encoding.format != MMP_FORMAT_SHORT)
		return;
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (!has_tables(r) || last_va(plan, r) < r->va)
			continue;
		if (before && last_va(plan, before) < r->va &&
		    last_va(plan, before) >> MIB_SHIFT == r->va >> MIB_SHIFT &&
		    (before->attr & MMP_ATTR_SECURE) != (r->attr & MMP_ATTR_SECURE))
			say_va(findings, check, plan, r);
		before = r;
	}
}
