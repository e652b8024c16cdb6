/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_PLAN_3_4_H
#define MMP_OPTEE_PLAN_3_4_H

/*
 * Inside the planner of optee-3.4: the steps of core_init_mmu_map(), in order. Each
 * returns 0, or -1 with plan->stop noted (or without it where memory ran out).
 */

#include "plan/planner.h"
#include "rules/optee/optee.h"

extern const struct mmp_policy optee_3_4_policy;

enum optee_3_4_stop {
	OPTEE_3_4_STOP_SEC_NSEC,
	OPTEE_3_4_STOP_ADDRESS_ZERO,
	OPTEE_3_4_STOP_NO_ENTRY,       /* add_phys_mem */
	OPTEE_3_4_STOP_NO_ENTRY_SPACE, /* add_va_space */
	OPTEE_3_4_STOP_NO_ENTRY_PAGER, /* add_pager_vaspace */
	OPTEE_3_4_STOP_PAST_ARRAY,
	OPTEE_3_4_STOP_SPECIAL_OVERLAP,
	OPTEE_3_4_STOP_SDP_DDR,
	OPTEE_3_4_STOP_ALIGNMENT,
	OPTEE_3_4_STOP_INVALID_TYPE,
	OPTEE_3_4_STOP_TEE_RAM_BELOW,
	OPTEE_3_4_STOP_TEE_RAM_BEYOND,
	OPTEE_3_4_STOP_FLAT_ALIGNMENT,
	OPTEE_3_4_STOP_TEE_RAM_PLACE,
	OPTEE_3_4_STOP_TA_RAM_PLACE,
	OPTEE_3_4_STOP_NSEC_SHM_PLACE,
	OPTEE_3_4_STOP_PARTIAL_PAGE,
	OPTEE_3_4_STOP_DDR_BOTH,
	OPTEE_3_4_STOP_DDR_PARTIAL,
	OPTEE_3_4_STOP_DDR_WRAPS,
	OPTEE_3_4_STOP_DDR_PA_WIDTH,
	OPTEE_3_4_STOP_DDR_GONE,
	OPTEE_3_4_STOP_COUNT
};

extern const struct mmp_stop_info optee_3_4_stops[OPTEE_3_4_STOP_COUNT];

struct optee_3_4 {
	struct mmp_plan *plan;
	const struct optee_config *config;
	struct mmp_widths widths;
	bool lpae;
	size_t entries; /* CFG_MMAP_REGIONS, or no end; the array has one more, for END */
};

bool optee_3_4_is_tee_ram(unsigned type); /* exactly these are flat mapped */

/* TCR_EL1.IPS for the highest address; 0 .. 5. More than 48 bits: false. */
bool optee_3_4_pa_size(uint64_t max_pa, unsigned *ret_ps);

int optee_3_4_collect(struct optee_3_4 *o);
int optee_3_4_verify_special(struct optee_3_4 *o); /* SDP memory and nsec DDR */
int optee_3_4_assign(struct optee_3_4 *o);
int optee_3_4_plan(struct mmp_plan *plan); /* struct mmp_rules has the contract */
int optee_3_4_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan);

/* Reserved shared memory may lie in the DDR of the normal world (mmp_may_meet). */
bool optee_3_4_is_shared_memory(const struct mmp_platform *platform,
				const struct mmp_registration *special, unsigned type);

/* What a registration is in the list: devices are rounded out. */
struct mmp_region optee_3_4_listed(const struct mmp_registration *registration,
				   const struct mmp_widths *widths);

/* The stop that an entry leads to by where it lies, or OPTEE_3_4_STOP_COUNT; and why. */
enum optee_3_4_stop optee_3_4_refused(const struct mmp_plan *plan,
				      const struct mmp_region *region, uint64_t va_mask);
const char *optee_3_4_refused_what(enum optee_3_4_stop which);

/* Note a stop that is about one region. */
int optee_3_4_stop(struct optee_3_4 *o, enum optee_3_4_stop which,
		   const struct mmp_region *region, const char *what);

#endif
