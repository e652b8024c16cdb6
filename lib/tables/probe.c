/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables/probe.h"

#include <stdlib.h>

#include "arch/regime.h"
#include "arch/registers.h"
#include "base/limits.h"
#include "base/page.h"

struct asking {
	const struct mmp_layout *layout;
	struct mmp_walker walker;
	uint64_t mair;
	struct mmp_probe *questions;
	size_t count;
};

/*
 * Output addresses from here on are address size faults. AArch32 always has 40 bits,
 * AArch64 TCR_EL1.IPS.
 */
uint64_t mmp_probe_pa_limit(const struct mmp_layout *layout)
{
	const struct mmp_register_plan *r = &layout->plan.registers;
	unsigned ps = r->ps < r->parange ? r->ps : r->parange;

	if (!layout->plan.shape.regime->aarch64)
		return UINT64_C(1) << 40;
	return ps < MMP_PA_SIZES ? UINT64_C(1) << mmp_pa_widths[ps] : 0;
}

static void add_probe(struct asking *a, uint64_t va)
{
	struct mmp_walk walk = mmp_walk(&a->walker, (struct mmp_va){ va });

	if (!a->layout->plan.shape.regime->aarch64 && va > UINT32_MAX)
		return; /* no such address */
	/* Where nothing is mapped, EL0 gets the same fault as EL1. */
	for (enum mmp_probe_access access = MMP_PROBE_READ;
	     access <
	     (walk.end == MMP_WALK_MAPPED ? MMP_PROBE_ACCESS_COUNT : MMP_PROBE_USER_READ);
	     access++)
		a->questions[a->count++] =
			(struct mmp_probe){ mmp_page_down(va), access,
					    mmp_walk_par(&walk, access, a->mair) };
}

static bool has_pages(const struct mmp_region *r)
{
	return r->mapping == MMP_MAP_BLOCKS && r->size >= MMP_PAGE;
}

static void ask_regions(struct asking *a)
{
	const struct mmp_plan *plan = &a->layout->plan;

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (!has_pages(r))
			continue;
		add_probe(a, r->va);
		add_probe(a, r->va + r->size - MMP_PAGE);
	}
}

/*
 * Ask at both ends of a hole, which a block that is too long would reach, and in the
 * middle.
 */
static void ask_hole(struct asking *a, uint64_t from, uint64_t end)
{
	uint64_t pages = (end - from) / MMP_PAGE;

	if (pages > 0)
		add_probe(a, from);
	if (pages > 2)
		add_probe(a, from + pages / 2 * MMP_PAGE);
	if (pages > 1)
		add_probe(a, end - MMP_PAGE);
}

/* Ask in the holes between regions, and past the end of all tables. */
static void ask_holes(struct asking *a)
{
	const struct mmp_plan *plan = &a->layout->plan;
	uint64_t from = 0, end = UINT64_C(1) << plan->shape.va_bits;

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (!has_pages(r))
			continue;
		if (r->va > from)
			ask_hole(a, from, r->va);
		from = r->va + r->size;
	}
	if (from < end)
		ask_hole(a, from, end);
	add_probe(a, end);
}

static uint64_t mapped_bytes(const struct mmp_plan *plan)
{
	uint64_t bytes = 0;

	for (size_t n = 0; n < plan->count; n++)
		if (has_pages(&plan->regions[n]))
			bytes += plan->regions[n].size;
	return bytes;
}

/*
 * The address `offset` bytes into the mapped memory, as if the regions were contiguous.
 */
static uint64_t in_mapped(const struct mmp_plan *plan, uint64_t offset)
{
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (!has_pages(r))
			continue;
		if (offset < r->size)
			return r->va + offset;
		offset -= r->size;
	}
	return 0;
}

/* Spread questions: half over the whole address space, half over what is mapped. */
static void ask_spread(struct asking *a)
{
	const struct mmp_plan *plan = &a->layout->plan;
	uint64_t space = UINT64_C(1) << plan->shape.va_bits, mapped = mapped_bytes(plan);
	unsigned half = MMP_SPREAD_PROBES / 2;

	for (unsigned i = 0; i < half; i++) {
		add_probe(a, space / half * i + space / half / 2);
		add_probe(a, in_mapped(plan, mapped / half * i + mapped / half / 2));
	}
}

struct mmp_probe *mmp_probe_make(const struct mmp_layout *layout,
				 const struct mmp_memory *memory, size_t *ret_count)
{
	/* each region: both ends by EL1 and EL0; each hole: three by EL1 */
	size_t most = 14 * layout->plan.count + 4 * (4 + MMP_SPREAD_PROBES);
	struct asking a = { .layout = layout,
			    .walker = mmp_layout_walker(layout, memory, 0),
			    .mair = mmp_layout_register_for(layout, MMP_REGISTER_MAIR) };

	if (most > MMP_PROBES_MAX)
		return NULL;
	a.walker.pa_limit = mmp_probe_pa_limit(layout);
	a.questions = calloc(most, sizeof(*a.questions));
	if (!a.questions)
		return NULL;
	ask_regions(&a);
	ask_holes(&a);
	ask_spread(&a);
	*ret_count = a.count;
	return a.questions;
}
