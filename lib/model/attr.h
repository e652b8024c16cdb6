/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_ATTR_H
#define MMP_ATTR_H

/*
 * The firmware's own word for what a mapping allows (TEE_MATTR_*), before any
 * translation-table format turns it into descriptor bits. Bit positions are the
 * firmware's; `mmp_attr_bits` names each for people.
 *
 * Source: OP-TEE 4.10 and 3.4, core/include/mm/tee_mmu_types.h.
 */

#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#define MMP_ATTR_VALID_BLOCK		0x00000001u
#define MMP_ATTR_HIDDEN_BLOCK		0x00000002u	/* optee-3.4 */
#define MMP_ATTR_HIDDEN_DIRTY_BLOCK	0x00000004u	/* optee-3.4 */
#define MMP_ATTR_TABLE			0x00000008u
#define MMP_ATTR_PR			0x00000010u
#define MMP_ATTR_PW			0x00000020u
#define MMP_ATTR_PX			0x00000040u
#define MMP_ATTR_UR			0x00000080u
#define MMP_ATTR_UW			0x00000100u
#define MMP_ATTR_UX			0x00000200u
#define MMP_ATTR_GLOBAL			0x00000400u
#define MMP_ATTR_SECURE			0x00000800u
#define MMP_ATTR_GUARDED		0x00008000u	/* optee-4.10; LOCKED in optee-3.4 */
/* clang-format on */

#define MMP_ATTR_KIND_SHIFT 12
#define MMP_ATTR_KIND_MASK  7u

/* Bits 14:12: the kind of memory. The number is the AttrIndx of the firmware's MAIR. */
enum mmp_kind {
	MMP_KIND_DEVICE_NGNRE,
	MMP_KIND_NORMAL, /* inner and outer write-back, read and write allocate */
	MMP_KIND_DEVICE_NGNRNE,
	MMP_KIND_TAGGED, /* normal, with allocation tags where the CPU has them */
	MMP_KIND_COUNT
};

static inline unsigned mmp_attr_kind(uint32_t attr)
{
	return attr >> MMP_ATTR_KIND_SHIFT & MMP_ATTR_KIND_MASK;
}

struct mmp_attr_bit {
	uint32_t bit;
	const char *name; /* the firmware's, without TEE_MATTR_ */
	const char *about;
};

extern const struct mmp_attr_bit mmp_attr_bits[]; /* ends with bit 0 */
extern const char *const mmp_kind_names[MMP_KIND_COUNT];

/* "secure P-RW cached" and the like, for people. Returns `text`. */
#define MMP_ATTR_TEXT_SIZE 96
const char *mmp_attr_print(uint32_t attr, char text[MMP_ATTR_TEXT_SIZE]);

#endif
