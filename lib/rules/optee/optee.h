/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_H
#define MMP_OPTEE_H

/*
 * OP-TEE: everything that mmp knows about this firmware is in this folder. Releases share
 * one planner (pipeline.h). releases.c has the differences between them, types.c their
 * memory types, stops.c their stops, keys.c their configuration keys, checks_*.c their
 * findings.
 */

#include "rules/optee/config.h"
#include "rules/optee/types.h"
#include "rules/optee/version.h"

extern const struct mmp_firmware mmp_optee;

/* The linker sections in which the firmware's macros register. */
enum optee_section {
	OPTEE_SECTION_PHYS_MEM_MAP, /* register_phys_mem and its _ul and pgdir forms */
	OPTEE_SECTION_SDP_MEM,      /* register_sdp_mem */
	OPTEE_SECTION_NSEC_DDR,     /* register_dynamic_shm, deprecated in 4.x */
	OPTEE_SECTION_DDR_OVERALL,  /* register_ddr */
	OPTEE_SECTION_COUNT
};

extern const struct mmp_section mmp_optee_sections[OPTEE_SECTION_COUNT];
extern const struct mmp_registration_key mmp_optee_registration_keys[];

/*
 * Short descriptors, every release: TTBR0 maps the addresses below for user mode (TTBCR.N
 * 7).
 */
#define OPTEE_SHORT_USER_VA_END 0x2000000u

/* A rule set per release (rules.c), by enum optee_version. */
extern const struct mmp_rules optee_rules[OPTEE_VERSION_COUNT];

/* The attribute word of a type under a configuration. */
uint32_t optee_attr(const struct mmp_rules *rules, const struct mmp_config *config,
		    unsigned type);

/* How a release uses a key (keys.c). */
enum mmp_key_use optee_key_use(const struct mmp_rules *rules,
			       const struct mmp_config_key *key);

/* A line of the firmware's log (log.c). */
const char *optee_log_region(const struct mmp_plan *plan, size_t n,
			     char text[MMP_LOG_SIZE]);

/* Secure memory that is left for trusted applications (applications.c). */
int optee_application_memory(const struct mmp_plan *plan,
			     struct mmp_range ranges[MMP_APPLICATION_RANGES_MAX]);

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

/* Checks, named after the first release that they are for. */
extern const struct mmp_policy optee_policy_3_4, optee_policy_3_8, optee_policy_3_12;
extern const struct mmp_policy optee_policy_4_5;

/* Whether each base table gets a level 1 table of its own (base level 0). */
bool optee_has_own_level_1(const struct mmp_plan *plan);
/*
 * Whether the firmware looks for a level 1 entry for user mode; if so, it checks entries
 * 1 to *ret_last.
 */
bool optee_seeks_user_entry(const struct mmp_plan *plan, uint32_t *ret_last);

#endif
