/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_STOPS_H
#define MMP_OPTEE_STOPS_H

/*
 * Stops of OP-TEE while it makes its map, its tables, or its list of DDR. The firmware's
 * text and the function differ between releases; the meaning does not, and the id is the
 * same in all releases.
 */

#include "model/rules.h"
#include "rules/optee/version.h"

enum optee_stop {
	OPTEE_STOP_SECURE_EMPTY,
	OPTEE_STOP_LOAD_ADDRESS,
	OPTEE_STOP_SEC_NSEC,
	OPTEE_STOP_LOAD_BELOW_SECURE,
	OPTEE_STOP_TA_LOAD_BELOW_SECURE,
	OPTEE_STOP_TA_ROOM,
	OPTEE_STOP_TA_ROOM_SECOND,
	OPTEE_STOP_ADDRESS_ZERO,
	OPTEE_STOP_NO_ENTRY,          /* add_phys_mem */
	OPTEE_STOP_NO_ENTRY_SPACE,    /* add_va_space */
	OPTEE_STOP_NO_ENTRY_PAGER,    /* add_pager_vaspace */
	OPTEE_STOP_NO_ENTRY_IDENTITY, /* mem_map_add_id_map */
	OPTEE_STOP_PAST_ARRAY,
	OPTEE_STOP_SPECIAL_OVERLAP,
	OPTEE_STOP_SDP_DDR,
	OPTEE_STOP_BOOT_MEMORY,
	OPTEE_STOP_ALIGNMENT,
	OPTEE_STOP_PAGER_SPACE,
	OPTEE_STOP_VA_ALIGNMENT,
	OPTEE_STOP_VA_SIZE,
	OPTEE_STOP_INVALID_TYPE,
	OPTEE_STOP_TEE_RAM_BELOW,
	OPTEE_STOP_TEE_RAM_BEYOND,
	OPTEE_STOP_FLAT_ALIGNMENT,
	OPTEE_STOP_NO_VA,
	OPTEE_STOP_TEE_RAM_PLACE,
	OPTEE_STOP_TA_RAM_PLACE,
	OPTEE_STOP_SEC_RAM_PLACE,
	OPTEE_STOP_NSEC_SHM_PLACE,
	OPTEE_STOP_UNHANDLED_TYPE,
	OPTEE_STOP_SHM_LIST_END,
	OPTEE_STOP_PARTIAL_PAGE,
	OPTEE_STOP_USER_VA,       /* 3.0, short descriptors */
	OPTEE_STOP_UNMAPPABLE,    /* 3.0, short descriptors */
	OPTEE_STOP_NO_L2,         /* 3.0, short descriptors */
	OPTEE_STOP_NO_L2_NULL,    /* the same without asserts */
	OPTEE_STOP_PAST_BASE,     /* 3.0 */
	OPTEE_STOP_PAGE_TWICE,    /* 3.0, short descriptors */
	OPTEE_STOP_SECTION_TWICE, /* 3.0, short descriptors */
	OPTEE_STOP_TABLE_TWICE,   /* 3.0, short descriptors */
	OPTEE_STOP_DDR_BOTH,
	OPTEE_STOP_DDR_PARTIAL,
	OPTEE_STOP_DDR_OVERLAP,
	OPTEE_STOP_DDR_WRAPS,
	OPTEE_STOP_DDR_PA_WIDTH,
	OPTEE_STOP_DDR_GONE,
	OPTEE_STOP_TABLES, /* the first of enum mmp_table_stop; the others follow */
	OPTEE_STOP_COUNT = OPTEE_STOP_TABLES + MMP_TABLE_STOP_COUNT
};

/* By release, then stop; a stop that the release does not have has no id. */
extern const struct mmp_stop_info optee_stops[OPTEE_VERSION_COUNT][OPTEE_STOP_COUNT];

#endif
