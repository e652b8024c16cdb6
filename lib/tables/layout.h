/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_LAYOUT_H
#define MMP_LAYOUT_H

/*
 * Everything that boot computes from a platform: plan, tables, registers, and the normal
 * world's DDR.
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
	struct mmp_register facts[MMP_FACTS_MAX]; /* additional values for answers */
	unsigned fact_count;
};

/* Initialise an empty layout; mmp_layout_done frees what mmp_layout_make allocates. */
void mmp_layout_init(struct mmp_layout *layout);
void mmp_layout_done(struct mmp_layout *layout);

/*
 * Compute the layout of a platform. A layout made before is reused. -1 with
 * MMP_FIRMWARE_STOP: mmp_layout_stop() is the stop, and plan, tables and the rest must
 * not be read.
 */
int mmp_layout_make(struct mmp_layout *layout, const struct mmp_platform *platform,
		    const struct mmp_placement *placement, struct mmp_error *err);

/* The stop while making the map or tables; NULL if the firmware does not stop. */
const struct mmp_stop *mmp_layout_stop(const struct mmp_layout *layout);

/* The value of a register, by name or by role; 0 if there is none. */
uint64_t mmp_layout_register(const struct mmp_layout *layout, const char *name);
uint64_t mmp_layout_register_for(const struct mmp_layout *layout,
				 enum mmp_register_role role);

/* The memory of all tables, and a walker of one base table; `memory` must outlive it. */
struct mmp_memory mmp_layout_memory(const struct mmp_layout *layout);
struct mmp_walker mmp_layout_walker(const struct mmp_layout *layout,
				    const struct mmp_memory *memory, uint32_t base_id);

/*
 * Walk every base table completely, as it is in `memory`, and compare it with the plan.
 * Errors as for mmp_walk_verify.
 */
int mmp_layout_verify_in(const struct mmp_layout *layout, const struct mmp_memory *memory,
			 struct mmp_error *err);
int mmp_layout_verify(const struct mmp_layout *layout, struct mmp_error *err);

#endif
