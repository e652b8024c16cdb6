/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_LEAF_H
#define MMP_LEAF_H

/*
 * What a leaf descriptor (a page or a block) allows, as the MMU sees it, in any format. A
 * rule set converts its attribute word to one of these; a format converts it to bits and
 * back.
 */

#include <stdbool.h>
#include <stdint.h>

struct mmp_leaf {
	uint8_t memory; /* number of the memory attributes: AttrIndx, or TEX[0]:C:B */
	uint8_t shareability; /* as SH: 0 none, 2 outer, 3 inner; short: S is bit 1 */
	bool nonsecure;       /* NS */
	bool nse;             /* NSE: root, or realm if nonsecure is set too */
	bool user;            /* AP[1] */
	bool read_only;       /* AP[2] */
	bool accessed;        /* AF */
	bool not_global;      /* nG */
	bool pxn;             /* never executed in privileged mode */
	bool uxn;     /* never executed in user mode; XN if there is only one bit */
	bool guarded; /* GP */
};

#endif
