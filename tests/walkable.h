/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WALKABLE_H
#define WALKABLE_H

#include "arch/regime.h"
#include "plan/plan.h"

/*
 * Whether the walker can tell what a plan holds: it reads descriptors, and what is
 * beyond their bits, or wraps, is not in them.
 */
static inline bool can_be_walked(const struct mmp_plan *plan)
{
	bool lpae = plan->shape.regime != &mmp_regime_pl1_short;
	uint64_t limit = lpae ? UINT64_MAX >> 16 : UINT32_MAX;

	if (plan->shape.pa_mask < limit)
		limit = plan->shape.pa_mask;
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		uint64_t last = r->pa + (r->size - 1), va = r->va + (r->size - 1);

		if (r->mapping != MMP_MAP_BLOCKS || !r->size)
			continue;
		if (last < r->pa || last > limit || va < r->va ||
		    va >> plan->shape.va_bits)
			return false;
	}
	return true;
}

#endif
