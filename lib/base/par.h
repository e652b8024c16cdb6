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

/* One question of the proof, and what our own walker says. */
struct mmp_probe {
	uint64_t va;
	bool write; /* translated for a write, else for a read */
	struct mmp_par expected;
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
