/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_LAYOUT_H
#define MMP_LAYOUT_H

/*
 * Everything that boot computes from a platform, in one value: plan, tables,
 * registers, and the normal world's DDR.
 */

#include "model/registers.h"
#include "tables/tables.h"
#include "tables/walk.h"

struct mmp_layout {
	const struct mmp_platform *platform; /* borrowed */
	struct mmp_plan plan;
	struct mmp_tables tables;
	struct mmp_ddr ddr;
	struct mmp_register registers[MMP_REGISTERS_MAX];
	unsigned register_count;
	struct mmp_register facts[MMP_FACTS_MAX]; /* more that an answer says */
	unsigned fact_count;
	uint64_t tcr_after_discovery; /* TCR_EL1 once DDR is known; 0: not reported */
};

/* An empty layout; mmp_layout_done frees what mmp_layout_make allocates. */
void mmp_layout_init(struct mmp_layout *layout);
void mmp_layout_done(struct mmp_layout *layout);

/*
 * Compute. A layout made before is reused. -1 with MMP_FIRMWARE_STOP: mmp_layout_stop()
 * is where, and plan, tables and the rest are not to be read.
 */
int mmp_layout_make(struct mmp_layout *layout, const struct mmp_platform *platform,
		    const struct mmp_placement *placement, struct mmp_error *err);

/* Where the firmware stops while it makes map or tables; NULL if it does not. */
const struct mmp_stop *mmp_layout_stop(const struct mmp_layout *layout);

/* Registers by name, or by what they are for; 0 if there is none. */
uint64_t mmp_layout_register(const struct mmp_layout *layout, const char *name);
uint64_t mmp_layout_register_for(const struct mmp_layout *layout,
				 enum mmp_register_role role);

/* The walker of one base table; `memory` must outlive it. */
struct mmp_memory mmp_layout_memory(const struct mmp_layout *layout);
struct mmp_walker mmp_layout_walker(const struct mmp_layout *layout,
				    const struct mmp_memory *memory, uint32_t base_id);

/*
 * Walk every base table in full, where it is in `memory`, and compare with the plan;
 * errors as mmp_walk_verify has them.
 */
int mmp_layout_verify_in(const struct mmp_layout *layout, const struct mmp_memory *memory,
			 struct mmp_error *err);
int mmp_layout_verify(const struct mmp_layout *layout, struct mmp_error *err);

#endif
