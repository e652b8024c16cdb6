/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/mmu.h"
#include "loader/registers.h"

/*
 * Tests whether an instruction runs: one is planted, and EL1 or EL0 is sent there under
 * the live tables. TTBR0 and its tables stay as they were pushed; the vectors that
 * return to us are mapped by a TTBR1 of our own, which is disabled again afterwards.
 * Source: Arm ARM, DDI 0487, D17.2 (TCR_EL1, ESR_EL1) and D8.3 (descriptors).
 */

#define SVC_0 UINT32_C(0xd4000001)

/*
 * TCR_EL1: the fields of TTBR1, with 4 KiB granules, 4 GiB, inner shareable write-back.
 */
#define TCR_TTBR1 UINT64_C(0xffff0000)
#define TCR_OURS  (UINT64_C(2) << 30 | UINT64_C(0x35) << 24 | UINT64_C(32) << 16)
#define OUR_VA    UINT64_C(0xffffffff00000000)

#define SCTLR_WXN (UINT64_C(1) << 19)

#define DESC_TABLE    UINT64_C(3)
#define DESC_PAGE     UINT64_C(3)
#define DESC_READONLY (UINT64_C(1) << 7)
#define DESC_SHARED   (UINT64_C(3) << 8)
#define DESC_ACCESSED (UINT64_C(1) << 10)
#define DESC_UXN      (UINT64_C(1) << 54)

enum { SPSR_EL1 = 0x3c5, SPSR_EL0 = 0x3c0, SPSR_BRANCHED = 3 << 10 };
enum { EC_SVC = 0x15, EC_ABORT_LOWER = 0x20, EC_ABORT = 0x21, EC_BTI = 0x0d };

extern const uint8_t probe_vectors[]; /* in start.S */
uint64_t loader_enter(uint64_t va, uint64_t spsr);

static uint64_t tables[3][512] __attribute__((aligned(4096)));

/* The first memory type in MAIR_EL1 that is not a device; 0 if there is none. */
static uint64_t normal_index(void)
{
	uint64_t mair = read_register(mair_el1);

	for (unsigned int i = 0; i < 8; i++)
		if (mair >> 8 * i >> 4 & 15)
			return i;
	return 0;
}

static void open_ttbr1(uint64_t tcr)
{
	tables[0][0] = (uintptr_t)tables[1] | DESC_TABLE;
	tables[1][0] = (uintptr_t)tables[2] | DESC_TABLE;
	tables[2][0] = (uintptr_t)probe_vectors | DESC_UXN | DESC_ACCESSED | DESC_SHARED |
		       DESC_READONLY | normal_index() << 2 | DESC_PAGE;
	mmu_clean((uintptr_t)tables, sizeof(tables));
	write_register(ttbr1_el1, (uintptr_t)tables[0]);
	write_register(tcr_el1, (tcr & ~TCR_TTBR1) | TCR_OURS);
	write_register(vbar_el1, OUR_VA);
	barrier("isb\n\ttlbi alle1\n\tdsb sy\n\tic iallu\n\tdsb sy\n\tisb");
}

static void close_ttbr1(uint64_t tcr)
{
	write_register(tcr_el1, tcr);
	write_register(ttbr1_el1, 0);
	barrier("isb\n\ttlbi alle1\n\tdsb sy\n\tisb");
}

static void plant(uint64_t pa, uint32_t instruction)
{
	*(volatile uint32_t *)(uintptr_t)pa = instruction;
	mmu_clean(pa, sizeof(instruction));
	barrier("ic iallu\n\tdsb sy\n\tisb");
}

static enum wire_ran read_syndrome(uint64_t esr)
{
	switch (esr >> 26 & 0x3f) {
	case EC_SVC:
		return WIRE_RAN;
	case EC_ABORT:
	case EC_ABORT_LOWER:
	case EC_BTI:
		return WIRE_RAN_NOT;
	default:
		return WIRE_NOT_BACK;
	}
}

/* FEAT_BTI: set BTYPE as after a branch, which a guarded page does not accept. */
static uint64_t spsr_of(const struct wire_trial *trial)
{
	uint64_t spsr = trial->level & WIRE_LEVEL_MASK ? SPSR_EL1 : SPSR_EL0;

	return trial->level & WIRE_BRANCHED ? spsr | SPSR_BRANCHED : spsr;
}

/*
 * The word that a trial has overwritten, while it runs. If writing it back causes an
 * exception, the loader starts again and tries it once more, but no more often.
 */
enum { ATTEMPTS = 2 };
static struct {
	volatile uint32_t attempts; /* left; 0: nothing is overwritten */
	uint32_t before;
	uint64_t pa;
} planted;

static void begin_trial(uint64_t pa)
{
	planted.pa = pa;
	planted.before = *(volatile uint32_t *)(uintptr_t)pa;
	planted.attempts = ATTEMPTS;
	plant(pa, SVC_0);
}

void mmu_end_trial(void)
{
	if (planted.attempts) {
		planted.attempts--;
		plant(planted.pa, planted.before);
	}
	planted.attempts = 0;
}

struct wire_trial_result mmu_execute(const struct wire_trial *trial, uint64_t pa)
{
	uint64_t tcr = read_register(tcr_el1), sctlr = read_register(sctlr_el1), esr;

	begin_trial(pa);
	write_register(sctlr_el1, trial->level & WIRE_WXN ? sctlr | SCTLR_WXN : sctlr);
	open_ttbr1(tcr); /* also invalidates old translations */
	esr = loader_enter(trial->va, spsr_of(trial));
	write_register(sctlr_el1, sctlr);
	close_ttbr1(tcr);
	mmu_end_trial();
	return (struct wire_trial_result){ (uint8_t)read_syndrome(esr), (uint32_t)esr };
}
