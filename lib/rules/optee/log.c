/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "plan/plan.h"
#include "rules/optee/optee.h"

/*
 * What dump_mmap_table() prints after its name and line. It is the same in every release:
 * core/arch/arm/mm/core_mmu.c, later core/mm/core_mmu.c.
 */
const char *optee_log_region(const struct mmp_plan *plan, size_t n,
			     char text[MMP_LOG_SIZE])
{
	const struct mmp_region *r = &plan->regions[n];

	snprintf(text, MMP_LOG_SIZE,
		 "type %-12s va 0x%08" PRIx64 "..0x%08" PRIx64 " pa 0x%08" PRIx64
		 "..0x%08" PRIx64 " size 0x%08" PRIx64 " (%s)\n",
		 mmp_memtype_label(plan->platform->rules, r->type), r->va,
		 r->va + r->size - 1, r->pa, r->pa + r->size - 1, r->size,
		 r->granule_shift == 12 ? "smallpg" : "pgdir");
	return text;
}
