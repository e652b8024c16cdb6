/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_ADDR_H
#define MMP_ADDR_H

#include <stdbool.h>
#include <stdint.h>

/* Two kinds of address that the compiler will not let us mix up. */
struct mmp_pa {
	uint64_t at;
}; /* physical, bytes */
struct mmp_va {
	uint64_t at;
}; /* virtual, bytes */

#endif
