/* SPDX-License-Identifier: BSD-2-Clause */
#include "plan/plan.h"
#include "rules/optee/config.h"
#include "rules/optee/types.h"

/*
 * What OP-TEE itself changes in its tables after boot, as observed on live systems with
 * 4.10: unused boot memory is unmapped, virtual spaces are filled, the pager moves pages,
 * and a core that runs a trusted application has its table in the user slot.
 */

static bool is_space(unsigned type)
{
	return type == OPTEE_RES_VASPACE || type == OPTEE_SHM_VASPACE ||
	       type == OPTEE_TEE_DYN_VASPACE || type == OPTEE_NEX_DYN_VASPACE;
}

/* Whether the page is after the end of the image, where boot memory is. */
static bool is_boot_memory(const struct optee_config *config,
			   const struct mmp_region *region, uint64_t va)
{
	uint64_t pa = region->pa + (va - region->va);
	const struct mmp_range *free = &config->layout.free;

	return free->given && pa >= free->base && pa - free->base < free->size;
}

const char *optee_later(const struct mmp_later_change *change)
{
	const struct optee_config *config = optee_config(change->plan->platform);
	const struct mmp_region *region;

	if (change->region < 0)
		return change->is_user_slot && !change->was_mapped && change->is_table
			       ? "a trusted application is mapped"
			       : NULL;
	region = &change->plan->regions[change->region];
	if (is_space(region->type) && !change->was_mapped)
		return "mapped at run time";
	if (config->pager &&
	    (optee_is_tee_ram(region->type) || region->type == OPTEE_PAGER_VASPACE))
		return "moved by the pager";
	if (optee_is_tee_ram(region->type) && change->was_mapped && !change->is_mapped &&
	    is_boot_memory(config, region, change->va))
		return "boot memory that is freed";
	return NULL;
}
