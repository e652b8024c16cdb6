/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/mmu.h"

#include <string.h>

#include "loader/registers.h"

/* Source of all bits here: Arm ARM, DDI 0487, the registers of that name. */

#define BLOCK        (UINT64_C(1) << 21) /* mapped by a level 2 entry */
#define BLOCKS_A_GIB 512
#define GIBS         4
#define PAGE         UINT64_C(0x1000)
#define PAGES        512 /* of a block */
#define SPLIT_MAX    4   /* how many blocks can be mapped page by page */

/* Descriptors at absolute positions: type, AttrIndx, AP[1] (RES1 at EL3), AP[2], SH, AF, XN. */
#define DESC_BLOCK           UINT64_C(1)
#define DESC_TABLE           UINT64_C(3)
#define DESC_PAGE            UINT64_C(3)
#define DESC_DEVICE          (UINT64_C(0) << 2)
#define DESC_NORMAL          (UINT64_C(1) << 2)
#define DESC_RES1            (UINT64_C(1) << 6)
#define DESC_READ_ONLY       (UINT64_C(1) << 7)
#define DESC_INNER_SHAREABLE (UINT64_C(3) << 8)
#define DESC_ACCESSED        (UINT64_C(1) << 10)
#define DESC_XN              (UINT64_C(1) << 54)

#define MAIR_EL3_VALUE UINT64_C(0xff00) /* 0: Device-nGnRnE, 1: write-back */

/*
 * RES1, 4 KiB granule, 32-bit physical addresses; walks inner shareable, write-back;
 * T0SZ 32: 4 GiB, so that a walk begins at level 1 with four entries.
 */
#define TCR_EL3_VALUE (UINT64_C(1) << 31 | UINT64_C(1) << 23 | UINT64_C(0x3500) | 32)

#define SCTLR_M        (UINT64_C(1) << 0)
#define SCTLR_C        (UINT64_C(1) << 2)
#define SCTLR_I        (UINT64_C(1) << 12)
#define SCTLR_EL1_RES1 UINT64_C(0x30d00800)

/*
 * For AArch32: RES1 bits, CP15BEN; TRE and AFE as OP-TEE sets them with short
 * descriptors.
 */
#define SCTLR32_RES1  UINT64_C(0x00c50838)
#define SCTLR32_SHORT UINT64_C(0x30000000)

#define SCR_RW (UINT64_C(1) << 10)

uint64_t loader_at(uint64_t va, uint64_t access); /* in start.S */

static uint64_t level1[GIBS] __attribute__((aligned(32)));
static uint64_t level2[GIBS][BLOCKS_A_GIB] __attribute__((aligned(4096)));
static uint64_t level3[SPLIT_MAX][PAGES] __attribute__((aligned(4096)));
static unsigned int split_count;

static const uint64_t kinds[] = {
	[MMU_CODE] = DESC_NORMAL | DESC_READ_ONLY | DESC_INNER_SHAREABLE,
	[MMU_OWN] = DESC_NORMAL | DESC_INNER_SHAREABLE | DESC_XN,
	[MMU_WINDOW] = DESC_NORMAL | DESC_INNER_SHAREABLE | DESC_XN,
	[MMU_DEVICE] = DESC_DEVICE | DESC_XN,
};

/* The table of a block that is mapped page by page; NULL if there are too many. */
static uint64_t *split_block(uint64_t *entry)
{
	if ((*entry & DESC_TABLE) == DESC_TABLE)
		return (uint64_t *)(uintptr_t)(*entry & ~(PAGE - 1));
	if (*entry || split_count == SPLIT_MAX)
		return NULL;
	*entry = (uintptr_t)level3[split_count] | DESC_TABLE;
	return level3[split_count++];
}

/* Map a block if one fits, otherwise a page; returns the number of bytes mapped. */
static uint64_t map_one(uint64_t pa, uint64_t left, uint64_t attributes)
{
	uint64_t *entry = &level2[pa >> 30][pa >> 21 & (BLOCKS_A_GIB - 1)], *pages;

	if (pa % BLOCK == 0 && left >= BLOCK) {
		*entry = pa | attributes | DESC_BLOCK;
		return BLOCK;
	}
	pages = split_block(entry);
	if (pages)
		pages[pa >> 12 & (PAGES - 1)] = pa | attributes | DESC_PAGE;
	return PAGE;
}

static void map_range(const struct mmu_range *range)
{
	uint64_t attributes = kinds[range->use] | DESC_ACCESSED | DESC_RES1;

	for (uint64_t done = 0; done < range->size;)
		done += map_one(range->base + done, range->size - done, attributes);
}

void mmu_own_map(const struct mmu_range *ranges)
{
	for (size_t i = 0; i < GIBS; i++)
		level1[i] = (uintptr_t)level2[i] | DESC_TABLE;
	for (; ranges->size; ranges++)
		map_range(ranges);
	write_register(mair_el3, MAIR_EL3_VALUE);
	write_register(tcr_el3, TCR_EL3_VALUE);
	write_register(ttbr0_el3, (uintptr_t)level1);
	barrier("dsb sy\n\ttlbi alle3\n\tic iallu\n\tdsb sy\n\tisb");
	write_register(sctlr_el3, read_register(sctlr_el3) | SCTLR_M | SCTLR_C | SCTLR_I);
	barrier("isb");
}

void mmu_clean(uint64_t pa, size_t length)
{
	uint64_t line = UINT64_C(4) << (read_register(ctr_el0) >> 16 & 15);

	for (uint64_t at = pa & ~(line - 1); at < pa + length; at += line)
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	barrier("dsb sy");
}

void mmu_install(uint64_t pa, const uint8_t *bytes, size_t length)
{
	write_register(sctlr_el1, SCTLR_EL1_RES1);
	barrier("isb");
	memcpy((void *)(uintptr_t)pa, bytes, length);
	mmu_clean(pa, length);
}

void mmu_activate(const struct wire_begin *begin)
{
	uint64_t scr = read_register(scr_el3), sctlr = SCTLR_EL1_RES1;

	if (begin->regime != WIRE_AARCH64)
		sctlr = SCTLR32_RES1;
	if (begin->regime == WIRE_AARCH32_SHORT)
		sctlr |= SCTLR32_SHORT;
	write_register(sctlr_el1, SCTLR_EL1_RES1);
	barrier("isb");
	write_register(scr_el3,
		       begin->regime == WIRE_AARCH64 ? scr | SCR_RW : scr & ~SCR_RW);
	barrier("isb");
	write_register(mair_el1, begin->registers[WIRE_MAIR]);
	write_register(tcr_el1, begin->registers[WIRE_TCR]);
	write_register(ttbr0_el1, begin->registers[WIRE_TTBR0]);
	write_register(ttbr1_el1, begin->registers[WIRE_TTBR1]);
	if (begin->regime != WIRE_AARCH64)
		write_register(dacr32_el2, begin->registers[WIRE_DACR]);
	barrier("isb\n\tdsb ishst\n\ttlbi alle1\n\tdsb sy\n\tisb");
	write_register(sctlr_el1, sctlr | SCTLR_M | SCTLR_C | SCTLR_I);
	barrier("isb");
}

uint64_t mmu_translate(uint64_t va, enum wire_access access)
{
	return loader_at(va, access);
}

bool mmu_has_aarch32(void)
{
	return (read_register(id_aa64pfr0_el1) >> 4 & 15) == 2;
}

uint64_t mmu_random(void)
{
	uint64_t value = 0;

	if ((read_register(id_aa64isar0_el1) >> 60 & 15) == 1)
		__asm__ volatile("mrs %0, s3_3_c2_c4_0"
				 : "=r"(value)
				 :
				 : "cc"); /* RNDR */
	return value;
}

bool mmu_has_bti(void)
{
	return (read_register(id_aa64pfr1_el1) & 15) == 1;
}
