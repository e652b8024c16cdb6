/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PAR_H
#define MMP_PAR_H

/*
 * What one address translates to, as PAR_EL1 says it, and one question of a proof: known
 * to the walker that expects an answer and to the line that brings the board's.
 */

#include <stdbool.h>
#include <stdint.h>

struct mmp_par {
	bool fault;
	uint8_t fault_status; /* FST, where fault */
	uint64_t pa;          /* address of the 4 KiB page, where no fault */
	uint8_t memory;       /* ATTR: the byte of MAIR */
	uint8_t shareability; /* SH */
	bool nonsecure;       /* NS */
};

/* Who wants to do what: EL1 (of AArch32 PL1), or EL0, its user mode. */
enum mmp_probe_access {
	MMP_PROBE_READ,
	MMP_PROBE_WRITE,
	MMP_PROBE_USER_READ,
	MMP_PROBE_USER_WRITE,
	MMP_PROBE_ACCESS_COUNT
};

/* "read", "write", "user read", "user write" */
const char *mmp_probe_access_name(enum mmp_probe_access access);

/* One question of the proof, and what our own walker says. */
struct mmp_probe {
	uint64_t va;
	enum mmp_probe_access access;
	struct mmp_par expected;
};

/* How an instruction is tried. */
enum mmp_trial_kind {
	MMP_TRIAL_PLAIN,
	MMP_TRIAL_BRANCHED, /* as if an indirect branch had led there (FEAT_BTI) */
	MMP_TRIAL_WXN,      /* with SCTLR_EL1.WXN: nothing writable is executed */
	MMP_TRIAL_KIND_COUNT
};

/*
 * One instruction of the proof: at the first page of a region, or where nothing can be
 * planted there, at its last; and whether it runs, as our own walker says.
 */
struct mmp_trial {
	uint32_t region; /* of the plan */
	uint8_t level;   /* exception level, 0 or 1 */
	enum mmp_trial_kind kind;
	bool device, nonsecure;
	bool runs;
	struct {
		uint64_t va, pa;
		uint8_t fault_status; /* of the abort, where it does not run; 0: BTI */
	} pages[2];
};

/* The 64-bit PAR_EL1 as a value. */
struct mmp_par mmp_par_of(uint64_t par);

/* As words: "pa 0xe100000, memory 0xff, sharing 3, secure". Returns `text`. */
#define MMP_PAR_TEXT_SIZE 96
const char *mmp_par_print(const struct mmp_par *par, char text[MMP_PAR_TEXT_SIZE]);

/*
 * Whether two say the same. Of a fault only the status counts; of a page everything, but
 * shareability only of cacheable memory: for Device and Non-cacheable memory the Arm ARM
 * lets PAR_EL1.SH say "outer shareable" whatever the descriptor has.
 */
bool mmp_par_same(const struct mmp_par *a, const struct mmp_par *b);

#endif
