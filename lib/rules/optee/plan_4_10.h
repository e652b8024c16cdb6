/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_PLAN_4_10_H
#define MMP_OPTEE_PLAN_4_10_H

/*
 * Inside the planner of optee-4.10: the steps of core_init_mmu_map(), in order. Each
 * returns 0, or -1 with plan->stop noted (or without it where memory ran out).
 */

#include "plan/planner.h"
#include "rules/optee/optee.h"

extern const struct mmp_policy optee_4_10_policy;

enum optee_4_10_stop {
	OPTEE_STOP_LOAD_ADDRESS,
	OPTEE_STOP_SEC_NSEC,
	OPTEE_STOP_LOAD_BELOW_SECURE,
	OPTEE_STOP_ADDRESS_ZERO,
	OPTEE_STOP_SDP_OVERLAP,
	OPTEE_STOP_BOOT_MEMORY,
	OPTEE_STOP_ALIGNMENT,
	OPTEE_STOP_PAGER_SPACE,
	OPTEE_STOP_VA_ALIGNMENT,
	OPTEE_STOP_VA_SIZE,
	OPTEE_STOP_INVALID_TYPE,
	OPTEE_STOP_NO_VA,
	OPTEE_STOP_TEE_RAM_PLACE,
	OPTEE_STOP_SEC_RAM_PLACE,
	OPTEE_STOP_NSEC_SHM_PLACE,
	OPTEE_STOP_UNHANDLED_TYPE,
	OPTEE_STOP_DDR_BOTH,
	OPTEE_STOP_DDR_OVERLAP,
	OPTEE_STOP_DDR_PA_WIDTH,
	OPTEE_STOP_DDR_GONE,
	OPTEE_STOP_COUNT
};

extern const struct mmp_stop_info optee_4_10_stops[OPTEE_STOP_COUNT];

/* Widths of the firmware's types, and what else the steps share. */
struct optee_4_10 {
	struct mmp_plan *plan;
	const struct optee_config *config;
	uint64_t pa_mask, va_mask, size_mask;
	uint64_t pgdir;           /* bytes */
	uint64_t initial_offset;  /* of the core behind the first secure-only range */
	uint64_t longest;         /* no entry added to is longer, bytes */
	size_t map_capacity;      /* entries the firmware's array has */
	uint64_t boot_memory_tmp; /* bytes taken for that array */
};

uint32_t optee_4_10_attr(const struct optee_4_10 *o, unsigned type);

bool optee_4_10_is_tee_ram(unsigned type);  /* 4 KiB granule, flat from the base */
bool optee_4_10_is_va_space(unsigned type); /* nothing physical behind it */

int optee_4_10_begin_boot_memory(struct optee_4_10 *o); /* boot_mem_init() */
int optee_4_10_collect(struct optee_4_10 *o);
int optee_4_10_grow(struct optee_4_10 *o); /* room for one more map entry */
int optee_4_10_assign(struct optee_4_10 *o);
int optee_4_10_check(struct optee_4_10 *o);
int optee_4_10_plan(struct mmp_plan *plan); /* struct mmp_rules has the contract */
int optee_4_10_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan);

/* The stop of check_mem_map() that an entry leads to, or OPTEE_STOP_COUNT; and why. */
enum optee_4_10_stop optee_4_10_refused(const struct mmp_plan *plan,
					const struct mmp_region *region,
					uint64_t pa_mask);
const char *optee_4_10_refused_what(enum optee_4_10_stop which);

/* SDP memory of the test may lie in secure memory (mmp_may_meet). */
bool optee_4_10_is_test_memory(const struct mmp_platform *platform,
			       const struct mmp_registration *sdp, unsigned type);

/* Whether DDR of the normal world must be strictly outside entries of this type. */
bool optee_4_10_keeps_ddr_out(unsigned type);
unsigned optee_4_10_pa_width(const struct optee_config *config); /* bits */

/* Note a stop that is about one region. */
int optee_4_10_stop(struct optee_4_10 *o, enum optee_4_10_stop which,
		    const struct mmp_region *region, const char *what);

#endif
