/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch/format.h"
#include "arch/regime.h"
#include "rules/optee/attr.h"
#include "rules/optee/checks.h"

/*
 * Regions in virtual space: what user mode needs, and what is available. Entries are
 * sorted by VA.
 */

static const struct mmp_plan *va_plan(const struct mmp_check_input *input)
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

static const char *label_of(const struct mmp_check_input *input,
			    const struct mmp_region *r)
{
	return mmp_memtype_label(input->platform->rules, r->type);
}

/* The entries that have pages in [base, base + size). */
struct slot {
	const struct mmp_region *first;
	unsigned count;
	uint64_t bytes;
};

static struct slot slot_of(const struct mmp_plan *plan, uint64_t base, uint64_t size)
{
	uint64_t last = base + (size - 1);
	struct slot slot = { NULL, 0, 0 };

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		uint64_t from = r->va > base ? r->va : base, to = last_va(plan, r);

		if (!has_tables(r) || to < base || r->va > last)
			continue;
		if (!slot.count++)
			slot.first = r;
		slot.bytes += (to < last ? to : last) - from + 1;
	}
	return slot;
}

enum { GIB_SHIFT = 30, SLOTS_MAX = 8 };

static void say_no_user_va(const struct mmp_check *check,
			   const struct mmp_check_input *input,
			   struct mmp_findings *findings,
			   const struct slot slots[SLOTS_MAX + 1], unsigned count)
{
	char text[400] = "";
	unsigned least = 1;

	for (unsigned n = 1; n <= count; n++) {
		const struct slot *s = &slots[n];
		size_t length = strlen(text);
		char more[32] = "";

		if (s->count > 1)
			snprintf(more, sizeof(more), " and %u more", s->count - 1);
		snprintf(text + length, sizeof(text) - length,
			 "%s[%uG,%uG) has %s at 0x%" PRIx64 "%s", n > 1 ? ", " : "", n,
			 n + 1, label_of(input, s->first), s->first->va, more);
		if (s->bytes < slots[least].bytes)
			least = n;
	}
	mmp_finding_add(findings, check, "%s", count ? text : "there is only one slot");
	for (unsigned n = 1; n <= count; n++)
		if (slots[n].first->pa)
			mmp_finding_about(findings, slots[n].first->type,
					  slots[n].first->pa, slots[n].first->size);
	findings->last->subject_count = 0; /* as in the stop */
	if (count)
		mmp_finding_fix(findings,
				"%s: [%uG,%uG) has the least in it, 0x%" PRIx64
				" bytes, %s at virtual 0x%" PRIx64 " first",
				check->fix, least, least + 1, slots[least].bytes,
				label_of(input, slots[least].first),
				slots[least].first->va);
}

/*
 * set_user_va_idx(): user mode gets the first level 1 entry that is 0, other than entry
 * 0.
 */
void optee_check_no_user_va(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_plan *plan = va_plan(input);
	const struct mmp_table_shape *shape = &plan->shape;
	struct slot slots[SLOTS_MAX + 1];
	uint32_t count;

	if (!optee_seeks_user_entry(plan, &count) || count > SLOTS_MAX)
		return;
	if (shape->base_level == 1 && count >= shape->base_entries)
		count = shape->base_entries - 1;
	if (optee_has_own_level_1(plan) && !slot_of(plan, 0, UINT64_C(1) << 39).count)
		return;
	for (unsigned n = 1; n <= count; n++) {
		slots[n] = slot_of(plan, (uint64_t)n << GIB_SHIFT, 1u << GIB_SHIFT);
		if (!slots[n].count)
			return;
	}
	say_no_user_va(check, input, findings, slots, count);
}

/* TTBR0 changes with user mode, and maps everything below. */
void optee_check_in_user_va(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_plan *plan = va_plan(input);
	uint64_t end = plan->shape.user_va_end;
	struct slot slot = { NULL, 0, 0 };
	char more[32] = "";

	if (end)
		slot = slot_of(plan, 0, end);
	if (!slot.count)
		return;
	if (slot.count > 1)
		snprintf(more, sizeof(more), " and %u more", slot.count - 1);
	mmp_finding_add(findings, check,
			"%s at virtual 0x%" PRIx64
			"%s: user mode has what is below 0x%" PRIx64,
			label_of(input, slot.first), slot.first->va, more, end);
	for (size_t n = 0; n < plan->count; n++)
		if (has_tables(&plan->regions[n]) && plan->regions[n].va < end &&
		    plan->regions[n].pa)
			mmp_finding_about(findings, plan->regions[n].type,
					  plan->regions[n].pa, plan->regions[n].size);
}

static bool wraps(const struct mmp_plan *plan, const struct mmp_region *r)
{
	return r->size && last_va(plan, r) < r->va;
}

static bool is_outside_base(const struct mmp_plan *plan, const struct mmp_region *r)
{
	const struct mmp_format *format = plan->shape.regime->format;
	unsigned shift = format->shift((int)plan->shape.base_level);

	return has_tables(r) && !wraps(plan, r) &&
	       last_va(plan, r) >> shift >= plan->shape.base_entries;
}

/* The va_bits that would be enough for all of them; 0 if no such width is available. */
static unsigned enough_va_bits(const struct mmp_check_input *input)
{
	enum { VA_BITS_MAX = 48 };
	const struct mmp_plan *plan = va_plan(input);
	uint64_t highest = 0;
	unsigned bits = plan->shape.va_bits;

	if (optee_config(input->platform)->arch != OPTEE_ARM64)
		return 0;
	for (size_t n = 0; n < plan->count; n++)
		if (!wraps(plan, &plan->regions[n]) &&
		    last_va(plan, &plan->regions[n]) > highest)
			highest = last_va(plan, &plan->regions[n]);
	while (bits < VA_BITS_MAX && highest >> bits)
		bits++;
	return highest >> bits ? 0 : bits;
}

/* The base of the core determines the addresses of all regions. */
static void say_beyond(struct mmp_findings *findings, const struct mmp_check *check,
		       const struct mmp_check_input *input, const struct mmp_region *r)
{
	unsigned bits = enough_va_bits(input);

	mmp_finding_of_va(findings, check, va_plan(input), r);
	if (bits)
		mmp_finding_fix(
			findings,
			"va_bits %u would do: the core begins at virtual 0x%" PRIx64,
			bits,
			va_plan(input)->secure[0].base +
				va_plan(input)->registers.map_offset);
}

void optee_check_va_outside(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings)
{
	const struct mmp_plan *plan = va_plan(input);

	for (size_t n = 0; n < plan->count; n++)
		if (is_outside_base(plan, &plan->regions[n]))
			say_beyond(findings, check, input, &plan->regions[n]);
}

/* Entries inside the base table, as those outside are reported by another check. */
void optee_check_max_va(const struct mmp_check *check,
			const struct mmp_check_input *input,
			struct mmp_findings *findings)
{
	const struct mmp_plan *plan = va_plan(input);

	if (plan->shape.regime == &mmp_regime_pl1_short ||
	    !optee_config(input->platform)->core_debug)
		return;
	for (size_t n = 0; n < plan->count; n++)
		if (last_va(plan, &plan->regions[n]) >> plan->shape.va_bits &&
		    !is_outside_base(plan, &plan->regions[n]))
			say_beyond(findings, check, input, &plan->regions[n]);
}

/* core_mmu_add_mapping() needs the byte after a mapping in the same table, too. */
void optee_check_window_cut(const struct mmp_check *check,
			    const struct mmp_check_input *input,
			    struct mmp_findings *findings, unsigned type)
{
	const struct mmp_plan *plan = va_plan(input);

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		uint64_t end = ((r->va >> GIB_SHIFT) + 1) << GIB_SHIFT;

		if (r->type != type || plan->shape.regime == &mmp_regime_pl1_short ||
		    wraps(plan, r) || !r->size || last_va(plan, r) < end)
			continue;
		mmp_finding_add(findings, check,
				"%s has virtual 0x%" PRIx64 " to 0x%" PRIx64
				", its first table ends at 0x%" PRIx64
				": core_mmu_add_mapping() can map 0x%" PRIx64
				" bytes at the most",
				label_of(input, r), r->va, last_va(plan, r), end,
				end - r->va - 1);
		mmp_finding_about(findings, r->type, r->pa, r->size);
	}
}

/* Two entries that are in the same level 2 table. */
static bool share_mib(const struct mmp_plan *plan, const struct mmp_region *a,
		      const struct mmp_region *b)
{
	enum { MIB_SHIFT = 20 };

	return last_va(plan, a) < b->va &&
	       last_va(plan, a) >> MIB_SHIFT == b->va >> MIB_SHIFT;
}

static bool is_secure(const struct mmp_region *r)
{
	return r->attr & MMP_ATTR_SECURE;
}

/*
 * Short descriptors: the level 1 entry determines whether a whole level 2 table is
 * secure.
 */
void optee_check_security_mix(const struct mmp_check *check,
			      const struct mmp_check_input *input,
			      struct mmp_findings *findings)
{
	const struct mmp_plan *plan = va_plan(input);
	const struct mmp_region *before = NULL;

	if (plan->shape.regime != &mmp_regime_pl1_short)
		return;
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		char what[128];

		if (!has_tables(r) || wraps(plan, r))
			continue;
		if (before && share_mib(plan, before, r) &&
		    is_secure(before) != is_secure(r)) {
			snprintf(what, sizeof(what),
				 "has virtual 0x%" PRIx64
				 ", in the MiB of %s at 0x%" PRIx64,
				 r->va, label_of(input, before), before->va);
			mmp_finding_of_entry(findings, check, r, what);
			mmp_finding_about(findings, before->type, before->pa,
					  before->size);
			findings->last->subject_count = 1; /* as in the stop */
		}
		before = r;
	}
}
