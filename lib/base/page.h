/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PAGE_H
#define MMP_PAGE_H

#include <stdint.h>

/* The smallest unit that a translation maps. Boot memory and pools are counted in it. */
#define MMP_PAGE_SHIFT 12
#define MMP_PAGE       (UINT64_C(1) << MMP_PAGE_SHIFT) /* bytes */
#define MMP_PAGE_MASK  (MMP_PAGE - 1) /* the offset of an address in its page */

#endif
