/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_H
#define MMP_OPTEE_H

/*
 * OP-TEE: the whole of what mmp knows of that firmware is in this folder. Releases share
 * one planner (pipeline.h); releases.c has what sets them apart, types.c their memory
 * types, stops.c where they stop, keys.c which configuration keys they have, checks_*.c
 * their findings.
 */

#include "rules/optee/config.h"
#include "rules/optee/types.h"
#include "rules/optee/version.h"

extern const struct mmp_firmware mmp_optee;

/* The linker sections that macros of the firmware register in. */
enum optee_section {
	OPTEE_SECTION_PHYS_MEM_MAP, /* register_phys_mem and its _ul and pgdir forms */
	OPTEE_SECTION_SDP_MEM,      /* register_sdp_mem */
	OPTEE_SECTION_NSEC_DDR,     /* register_dynamic_shm, deprecated in 4.x */
	OPTEE_SECTION_DDR_OVERALL,  /* register_ddr */
	OPTEE_SECTION_COUNT
};

extern const struct mmp_section mmp_optee_sections[OPTEE_SECTION_COUNT];
extern const struct mmp_registration_key mmp_optee_registration_keys[];

/* Short descriptors, every release: TTBR0 maps what is below for user mode (TTBCR.N 7). */
#define OPTEE_SHORT_USER_VA_END 0x2000000u

/* A rule set per release (rules.c), by enum optee_version. */
extern const struct mmp_rules optee_rules[OPTEE_VERSION_COUNT];

/* The attribute word of a type under a configuration. */
uint32_t optee_attr(const struct mmp_rules *rules, const struct mmp_config *config,
		    unsigned type);

/* What a release makes of a key (keys.c). */
enum mmp_key_use optee_key_use(const struct mmp_rules *rules,
			       const struct mmp_config_key *key);

/* A line of the firmware's log (log.c). */
const char *optee_log_region(const struct mmp_plan *plan, size_t n,
			     char text[MMP_LOG_SIZE]);

/* Another release's platform under this one (adopt.c). */
int optee_adopt(struct mmp_platform *to, const struct mmp_platform *from,
		struct mmp_error *err);

/* The plan and discover hooks of struct mmp_rules. */
int optee_plan(struct mmp_plan *plan);
int optee_begin_tables(struct mmp_builder *b);
void optee_trace_no_table(const struct mmp_plan *plan, struct mmp_stop *stop);
bool optee_pa_stays_zero(const struct mmp_plan *plan);
int optee_divide(struct mmp_builder *b, struct table *table, uint32_t n, int level,
		 uint64_t va, uint32_t *ret_xlat);
int optee_finish_tables(struct mmp_builder *b);
int optee_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan);

/* Findings, by the first release that has them so. */
extern const struct mmp_policy optee_policy_3_4, optee_policy_3_8, optee_policy_3_12;
extern const struct mmp_policy optee_policy_4_5;

/* Base level 0: each base table gets a level 1 of its own. */
bool optee_has_own_level_1(const struct mmp_plan *plan);
/*
 * Whether the firmware looks for an entry of level 1 that user mode gets; then 1 to
 * *ret_last are looked at.
 */
bool optee_seeks_user_entry(const struct mmp_plan *plan, uint32_t *ret_last);

#endif
