/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PAR_H
#define MMP_PAR_H

/*
 * The translation of one address, as PAR_EL1 reports it, and the items of a proof. Both
 * the walker, which computes the expected result, and the link to the board, which
 * delivers the actual one, use these types.
 */

#include <stdbool.h>
#include <stdint.h>

struct mmp_par {
	bool fault;
	uint8_t fault_status; /* FST, if fault */
	uint64_t pa;          /* address of the 4 KiB page, if no fault */
	uint8_t memory;       /* ATTR: the byte of MAIR */
	uint8_t shareability; /* SH */
	bool nonsecure;       /* NS */
};

/* The kind of access: by EL1 (PL1 in AArch32), or by EL0, its user mode. */
enum mmp_probe_access {
	MMP_PROBE_READ,
	MMP_PROBE_WRITE,
	MMP_PROBE_USER_READ,
	MMP_PROBE_USER_WRITE,
	MMP_PROBE_ACCESS_COUNT
};

/* "read", "write", "user read", "user write" */
const char *mmp_probe_access_name(enum mmp_probe_access access);

/* One question of a proof, with the answer that our own walker gives. */
struct mmp_probe {
	uint64_t va;
	enum mmp_probe_access access;
	struct mmp_par expected;
};

/* How an instruction is tried. */
enum mmp_trial_kind {
	MMP_TRIAL_PLAIN,
	MMP_TRIAL_BRANCHED, /* as the target of an indirect branch (FEAT_BTI) */
	MMP_TRIAL_WXN, /* with SCTLR_EL1.WXN set: writable memory is never executable */
	MMP_TRIAL_KIND_COUNT
};

/*
 * One instruction that a proof tries to execute, and whether it runs according to our own
 * walker. It is at the first page of a region, or at the last one if nothing can be
 * written to the first.
 */
struct mmp_trial {
	uint32_t region; /* index in the plan */
	uint8_t level;   /* exception level, 0 or 1 */
	enum mmp_trial_kind kind;
	bool device, nonsecure;
	bool runs;
	struct {
		uint64_t va, pa;
		uint8_t fault_status; /* of the abort, if it does not run; 0: BTI */
	} pages[2];
};

/* Decode a 64-bit PAR_EL1. */
struct mmp_par mmp_par_of(uint64_t par);

/* As words: "pa 0xe100000, memory 0xff, sharing 3, secure". Returns `text`. */
#define MMP_PAR_TEXT_SIZE 96
const char *mmp_par_print(const struct mmp_par *par, char text[MMP_PAR_TEXT_SIZE]);

/*
 * Whether two results are the same. For faults only the status is compared. For pages
 * everything is, but shareability only if the memory is cacheable: for Device and
 * Non-cacheable memory the Arm ARM allows PAR_EL1.SH to read as outer shareable whatever
 * the descriptor says.
 */
bool mmp_par_same(const struct mmp_par *a, const struct mmp_par *b);

#endif
