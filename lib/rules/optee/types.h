/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_TYPES_H
#define MMP_OPTEE_TYPES_H

/*
 * The memory types (MEM_AREA_*) of all releases. A number means the same type in every
 * release; the firmware's own number, which only its messages show, is
 * mmp_memtype_number().
 */

#include "model/rules.h"
#include "rules/optee/version.h"

enum optee_type {
	OPTEE_END, /* the firmware's terminator; from 4.4 on no type has number 0 */
	OPTEE_TEE_RAM,
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
	OPTEE_TA_RAM,
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
	OPTEE_TA_VASPACE, /* up to 3.14; then TS_VASPACE */
	OPTEE_TS_VASPACE,
	OPTEE_PAGER_VASPACE,
	OPTEE_SDP_MEM,
	OPTEE_DDR_OVERALL,
	OPTEE_SEC_RAM_OVERALL,
	OPTEE_MAXTYPE,
	OPTEE_TYPE_COUNT
};

/* By release, then type; rows of types that the release does not have are empty. */
extern const struct mmp_memtype optee_types[OPTEE_VERSION_COUNT][OPTEE_TYPE_COUNT];

/* The core's own memory: placed first, with a 4 KiB granule in releases that do so. */
static inline bool optee_is_tee_ram(unsigned type)
{
	return (type >= OPTEE_TEE_RAM && type <= OPTEE_NEX_RAM_RW) ||
	       type == OPTEE_TEE_ASAN;
}

/* Devices: rounded out by the macro, or up to 3.4 by the firmware. */
static inline bool optee_is_io(unsigned type)
{
	return type == OPTEE_IO_NSEC || type == OPTEE_IO_SEC;
}

bool optee_is_va_space(unsigned type); /* nothing physical behind it */

/* Where the check of the finished map allows a type. */
enum optee_place {
	OPTEE_ANYWHERE,
	OPTEE_IN_SECURE,
	OPTEE_IN_SECURE_TA,
	OPTEE_IN_SECURE_OVERALL,
	OPTEE_IN_SHM_WINDOW,
	OPTEE_NOWHERE,
};

/* Where check_mem_map() requires an entry of this type to be. */
static inline enum optee_place optee_place_of(enum optee_version version, unsigned type)
{
	switch (type) {
	case OPTEE_TEE_RAM:
	case OPTEE_TEE_RAM_RX:
	case OPTEE_TEE_RAM_RO:
	case OPTEE_TEE_RAM_RW:
	case OPTEE_INIT_RAM_RO:
	case OPTEE_INIT_RAM_RX:
	case OPTEE_NEX_RAM_RO:
	case OPTEE_NEX_RAM_RW:
	case OPTEE_IDENTITY_MAP_RX:
		return OPTEE_IN_SECURE;
	case OPTEE_TA_RAM:
		return OPTEE_IN_SECURE_TA;
	case OPTEE_SEC_RAM_OVERALL:
		return version < V4_5 ? OPTEE_ANYWHERE : OPTEE_IN_SECURE_OVERALL;
	case OPTEE_NSEC_SHM:
		return OPTEE_IN_SHM_WINDOW;
	case OPTEE_ROM_SEC:
		return version == V4_1 ? OPTEE_NOWHERE : OPTEE_ANYWHERE;
	case OPTEE_NEX_NSEC_SHM:
		return OPTEE_NOWHERE;
	default:
		return OPTEE_ANYWHERE;
	}
}

/* How discovery of DDR treats the entries of a type. */
enum optee_ddr_use { OPTEE_DDR_OUTSIDE, OPTEE_DDR_CUT, OPTEE_DDR_IGNORED };

/* How discovery treats entries of this type. */
enum optee_ddr_use optee_ddr_use_of(enum optee_version version, unsigned type);

#endif
