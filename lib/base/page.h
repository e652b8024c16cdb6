/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PAGE_H
#define MMP_PAGE_H

#include <stdint.h>

/* The smallest that a translation maps, and what boot memory and pools are counted in. */
#define MMP_PAGE_SHIFT 12
#define MMP_PAGE       (UINT64_C(1) << MMP_PAGE_SHIFT) /* bytes */
#define MMP_PAGE_MASK  (MMP_PAGE - 1) /* of an address: where it is in its page */

#endif
