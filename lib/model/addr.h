/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_ADDR_H
#define MMP_ADDR_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Physical and virtual addresses are distinct types, so that mixing them up does not
 * compile.
 */
struct mmp_pa {
	uint64_t at;
}; /* physical, bytes */
struct mmp_va {
	uint64_t at;
}; /* virtual, bytes */

#endif
