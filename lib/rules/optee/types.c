/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/types.h"

#include "rules/optee/attr.h"

/*
 * The memory types of all releases, in the order of their numbers in each release: the
 * number of a type is its index among those that a release has.
 */

/* Cached memory of the core is tagged memory from 3.18 on. */
#define CACHED       0x1000u
#define CORE(v, low) (((v) < V3_18 ? CACHED : 0x3000u) | (low))
#define ALL(v)       1

/* In a release `v`: the row of a type that exists there, else an empty row. */
#define TYPE(exists, type, label_text, word, about_text)                                 \
	[OPTEE_##type] = {                                                               \
		.name = (exists) ? "MEM_AREA_" #type : NULL,                             \
		.label = (exists) ? (label_text) : NULL,                                 \
		.attr = (exists) ? (word) : 0,                                           \
		.about = (exists) ? (about_text) : NULL,                                 \
	}
/* core_mmu_type_to_attr() panics for it. */
#define PANICS(exists, type, label_text, about_text)                                     \
	[OPTEE_##type] = {                                                               \
		.name = (exists) ? "MEM_AREA_" #type : NULL,                             \
		.label = (exists) ? (label_text) : NULL,                                 \
		.stops = (exists),                                                       \
		.about = (exists) ? (about_text) : NULL,                                 \
	}

/* clang-format off */
#define TYPES(v) [v] = { \
	/* exists, type, label, attribute word, about */ \
	[OPTEE_END] = { .name = (v) < V4_4 ? "MEM_AREA_END" : NULL, .label = (v) < V4_4 ? "END" : NULL, .stops = true, \
		.about = (v) < V4_4 ? "ends the firmware's map; if registered, it hides what comes after it" : "no type has this number" }, \
	TYPE(true,        TEE_RAM,         "TEE_RAM_RWX",     CORE(v, 0x871), "the core, when its data is executable"), \
	TYPE(true,        TEE_RAM_RX,      "TEE_RAM_RX",      CORE(v, 0x851), "code of the core"), \
	TYPE(true,        TEE_RAM_RO,      "TEE_RAM_RO",      CORE(v, 0x811), "constants of the core"), \
	TYPE(true,        TEE_RAM_RW,      "TEE_RAM_RW",      CORE(v, 0x831), "data of the core"), \
	TYPE(v >= V3_15,  INIT_RAM_RO,     "INIT_RAM_RO",     CORE(v, 0x811), "constants of init (pager)"), \
	TYPE(v >= V3_15,  INIT_RAM_RX,     "INIT_RAM_RX",     CORE(v, 0x851), "code of init (pager)"), \
	TYPE(v >= V3_15,  NEX_RAM_RO,      "NEX_RAM_RO",      CORE(v, 0x831), "constants of the nexus, writable while it starts"), \
	TYPE(v >= V3_5,   NEX_RAM_RW,      "NEX_RAM_RW",      CORE(v, 0x831), "data of the nexus"), \
	TYPE(v >= V4_6,   NEX_DYN_VASPACE, "NEX_DYN_VASPACE", CORE(v, 0x831), "virtual space of the nexus; tables without descriptors"), \
	TYPE(v >= V4_6,   TEE_DYN_VASPACE, "TEE_DYN_VASPACE", CORE(v, 0x831), "virtual space of the core; tables without descriptors"), \
	TYPE(true,        TEE_COHERENT,    "TEE_COHERENT",    0x0871, "uncached memory of the core, executable; not flat mapped"), \
	TYPE(true,        TEE_ASAN,        "TEE_ASAN",        CORE(v, 0x831), "shadow memory of the address sanitizer"), \
	TYPE(v >= V3_8,   IDENTITY_MAP_RX, "IDENTITY_MAP_RX", CORE(v, 0x851), "code that turns the MMU on, mapped at its own address (ASLR)"), \
	TYPE(v < V4_5,    TA_RAM,          "TA_RAM",          CORE(v, 0x831), "secure memory that trusted applications run from"), \
	TYPE(true,        NSEC_SHM,        "NSEC_SHM",        0x1031, "memory shared with the normal world, in the reserved window"), \
	TYPE(v >= V3_22,  NEX_NSEC_SHM,    "NEX_NSEC_SHM",    0x1031, "shared memory of the nexus; stops the boot when registered"), \
	TYPE(true,        RAM_NSEC,        "RAM_NSEC",        0x1031, "non-secure RAM"), \
	TYPE(true,        RAM_SEC,         "RAM_SEC",         0x1831, "secure RAM"), \
	TYPE(v >= V4_1,   ROM_SEC,         "ROM_SEC",         0x1811, "secure ROM"), \
	TYPE(true,        IO_NSEC,         "IO_NSEC",         0x0031, (v) < V3_5 ? "non-secure peripherals; rounded out to whole sections" : "non-secure peripherals"), \
	TYPE(true,        IO_SEC,          "IO_SEC",          0x0831, (v) < V3_5 ? "secure peripherals; rounded out to whole sections" : "secure peripherals"), \
	TYPE(v >= V3_8,   EXT_DT,          "EXT_DT",          0x0031, "the external device tree"), \
	TYPE(v >= V4_0,   MANIFEST_DT,     "MANIFEST_DT",     0x1811, "the manifest device tree"), \
	TYPE(v >= V4_1,   TRANSFER_LIST,   "TRANSFER_LIST",   0x1831, "the transfer list of firmware handoff"), \
	TYPE(true,        RES_VASPACE,     "RES_VASPACE",     0x0000, "virtual space for mappings at run time"), \
	TYPE(true,        SHM_VASPACE,     "SHM_VASPACE",     0x0000, "virtual space for dynamic shared memory"), \
	PANICS(v < V3_15, TA_VASPACE,      "TA_VASPACE",      "virtual space of trusted applications; only looked up"), \
	PANICS(v >= V3_15, TS_VASPACE,     "TS_VASPACE",      "virtual space of trusted applications; only looked up"), \
	TYPE(true,        PAGER_VASPACE,   "PAGER_VASPACE",   0x0800, "virtual space that the pager fills"), \
	PANICS(true,      SDP_MEM,         "SDP_MEM",         "secure data path memory; only in section sdp_mem"), \
	PANICS(v >= V3_1, DDR_OVERALL,     "DDR_OVERALL",     "all DDR; only in section ddr_overall"), \
	TYPE(v >= V3_5,   SEC_RAM_OVERALL, "SEC_RAM_OVERALL", (v) < V4_5 ? 0x1831 : 0x3831, (v) < V4_5 ? "all secure RAM (virtualization)" : "all secure RAM but code and constants of the core"), \
	[OPTEE_MAXTYPE] = { .stops = true, .about = "one past the last type" }, \
},

const struct mmp_memtype optee_types[OPTEE_VERSION_COUNT][OPTEE_TYPE_COUNT] = {
	OPTEE_EACH_VERSION(TYPES)
};
/* clang-format on */

bool optee_is_va_space(unsigned type)
{
	switch (type) {
	case OPTEE_NEX_DYN_VASPACE:
	case OPTEE_TEE_DYN_VASPACE:
	case OPTEE_RES_VASPACE:
	case OPTEE_SHM_VASPACE:
	case OPTEE_TA_VASPACE:
	case OPTEE_TS_VASPACE:
	case OPTEE_PAGER_VASPACE:
		return true;
	default:
		return false;
	}
}

enum optee_ddr_use optee_ddr_use_of(enum optee_version version, unsigned type)
{
	switch (type) {
	case OPTEE_NSEC_SHM:
		return OPTEE_DDR_CUT;
	case OPTEE_EXT_DT:
		return OPTEE_DDR_IGNORED;
	case OPTEE_MANIFEST_DT:
		return version < V4_0 ? OPTEE_DDR_OUTSIDE : OPTEE_DDR_IGNORED;
	case OPTEE_RAM_NSEC:
		return version < V4_1 ? OPTEE_DDR_OUTSIDE : OPTEE_DDR_IGNORED;
	default:
		return version >= V3_12 && optee_is_va_space(type) ? OPTEE_DDR_IGNORED
								   : OPTEE_DDR_OUTSIDE;
	}
}
