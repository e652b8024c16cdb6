/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/regime.h"
#include "base/page.h"
#include "plan/planner.h"
#include "plan/range.h"
#include "policy/checks.h"
#include "policy/overlaps.h"

/* Checks of the map's entries, placed or not. */

static const struct mmp_plan *plan_of(const struct mmp_check_input *input)
{
	return &input->layout->plan;
}

void mmp_finding_of_entry(struct mmp_findings *findings, const struct mmp_check *check,
			  const struct mmp_region *r, const char *what)
{
	const char *label = mmp_memtype_label(findings->current->rules, r->type);
	char size[MMP_SIZE_WORDS];

	if (!r->pa && r->mapping != MMP_MAP_BLOCKS) /* virtual space */
		mmp_finding_add(findings, check, "%s of %s %s", label,
				mmp_size_words(findings->current, r->size, size), what);
	else
		mmp_finding_add(findings, check, "%s at 0x%" PRIx64 " %s %s", label,
				r->pa, mmp_size_words(findings->current, r->size, size),
				what);
	mmp_finding_about(findings, r->type, r->pa, r->size);
}

void mmp_check_write_execute(const struct mmp_check *check,
			     const struct mmp_check_input *input,
			     struct mmp_findings *findings)
{
	const struct mmp_plan *plan = plan_of(input);

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		struct mmp_leaf leaf;

		if (r->mapping == MMP_MAP_BLOCKS && mmp_check_leaf(input, r, &leaf) &&
		    !leaf.read_only && !(leaf.pxn && leaf.uxn))
			mmp_finding_of_entry(findings, check, r,
					     "can be written and executed");
	}
}

uint64_t mmp_region_last(const struct mmp_region *r, uint64_t mask)
{
	uint64_t last = mmp_range_last(r->pa, r->size, mask);

	return last < r->pa ? mask : last; /* if it wraps: up to the top */
}

void mmp_check_pa_over_descriptor(const struct mmp_check *check,
				  const struct mmp_check_input *input,
				  struct mmp_findings *findings)
{
	const struct mmp_plan *plan = plan_of(input);
	unsigned bits = plan->shape.regime->format->address_bits;

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		char what[64];

		if (!(mmp_region_last(r, input->pa_mask) >> bits) || !r->size ||
		    !mmp_check_is_mapped(input, r))
			continue;
		snprintf(what, sizeof(what), "is beyond the %u bits of a descriptor",
			 bits);
		mmp_finding_of_entry(findings, check, r, what);
	}
}

/* If the entry is a single registration, propose to make that one whole pages. */
static void propose_pages(struct mmp_findings *findings, const struct mmp_region *r,
			  uint64_t base)
{
	uint64_t size = mmp_page_up(r->pa + r->size - base);
	const struct mmp_finding *f = findings->last;
	size_t ordinal;

	if (f->region_count != 1 || f->regions[0].ordinal < 0)
		return;
	ordinal = (size_t)f->regions[0].ordinal;
	mmp_finding_propose(findings, "register 0x%" PRIx64 " size 0x%" PRIx64, base,
			    size);
	mmp_propose_edit(findings, MMP_EDIT_ADDR, ordinal, base);
	mmp_propose_edit(findings, MMP_EDIT_SIZE, ordinal, size);
}

void mmp_check_unaligned(const struct mmp_check *check,
			 const struct mmp_check_input *input,
			 struct mmp_findings *findings)
{
	const struct mmp_plan *plan = plan_of(input);

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		uint64_t base = mmp_page_down(r->pa);

		if (!((r->pa | r->size) & MMP_PAGE_MASK))
			continue;
		mmp_finding_of_entry(findings, check, r, "is not in whole 4 KiB pages");
		propose_pages(findings, r, base);
	}
}
