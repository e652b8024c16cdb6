/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_BOOT_MEMORY_H
#define MMP_OPTEE_BOOT_MEMORY_H

#include "plan/plan.h"

/* The release of a rule set: 304 for 3.4, 410 for 4.10. */
unsigned optee_release(const struct mmp_rules *rules);

/*
 * Set boot_room* of the shape: how much the image leaves for boot memory if boot_mem_size
 * is not given, and how much the firmware takes of it besides its map and its tables.
 */
void optee_set_boot_room(struct mmp_table_shape *shape,
			 const struct mmp_platform *platform);

#endif
