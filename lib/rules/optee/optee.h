/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_H
#define MMP_OPTEE_H

/*
 * OP-TEE: the whole of what mmp knows of that firmware is in this folder. rules_*.c have
 * the types, stops and defaults of a release, plan_*.c its memory map, checks_*.c its
 * findings.
 */

#include "rules/optee/config.h"

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

/* OP-TEE 4.10.0-257 (August 2026), 30 memory types. */
extern const struct mmp_rules mmp_optee_4_10;

enum mmp_optee_4_10_type {
	OPTEE_TEE_RAM = 1,
	OPTEE_TEE_RAM_RX,
	OPTEE_TEE_RAM_RO,
	OPTEE_TEE_RAM_RW,
	OPTEE_INIT_RAM_RO,
	OPTEE_INIT_RAM_RX,
	OPTEE_NEX_RAM_RO,
	OPTEE_NEX_RAM_RW,
	OPTEE_NEX_DYN_VASPACE,
	OPTEE_TEE_DYN_VASPACE,
	OPTEE_TEE_COHERENT,
	OPTEE_TEE_ASAN,
	OPTEE_IDENTITY_MAP_RX,
	OPTEE_NSEC_SHM,
	OPTEE_NEX_NSEC_SHM,
	OPTEE_RAM_NSEC,
	OPTEE_RAM_SEC,
	OPTEE_ROM_SEC,
	OPTEE_IO_NSEC,
	OPTEE_IO_SEC,
	OPTEE_EXT_DT,
	OPTEE_MANIFEST_DT,
	OPTEE_TRANSFER_LIST,
	OPTEE_RES_VASPACE,
	OPTEE_SHM_VASPACE,
	OPTEE_TS_VASPACE,
	OPTEE_PAGER_VASPACE,
	OPTEE_SDP_MEM,
	OPTEE_DDR_OVERALL,
	OPTEE_SEC_RAM_OVERALL,
	OPTEE_MAXTYPE,
	OPTEE_TYPE_COUNT
};

/* OP-TEE 3.4.0 (January 2019), 19 memory types. */
extern const struct mmp_rules mmp_optee_3_4;

/* Base tables a core (LPAE), or in all (short descriptors): 2 where the core is unmapped at EL0. */
unsigned mmp_optee_3_4_base_tables(const struct optee_config *config);

enum mmp_optee_3_4_type {
	OPTEE_3_4_END,
	OPTEE_3_4_TEE_RAM,
	OPTEE_3_4_TEE_RAM_RX,
	OPTEE_3_4_TEE_RAM_RO,
	OPTEE_3_4_TEE_RAM_RW,
	OPTEE_3_4_TEE_COHERENT,
	OPTEE_3_4_TEE_ASAN,
	OPTEE_3_4_TA_RAM,
	OPTEE_3_4_NSEC_SHM,
	OPTEE_3_4_RAM_NSEC,
	OPTEE_3_4_RAM_SEC,
	OPTEE_3_4_IO_NSEC,
	OPTEE_3_4_IO_SEC,
	OPTEE_3_4_RES_VASPACE,
	OPTEE_3_4_SHM_VASPACE,
	OPTEE_3_4_TA_VASPACE,
	OPTEE_3_4_PAGER_VASPACE,
	OPTEE_3_4_SDP_MEM,
	OPTEE_3_4_DDR_OVERALL,
	OPTEE_3_4_MAXTYPE,
	OPTEE_3_4_TYPE_COUNT
};

#endif
