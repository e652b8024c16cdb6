/* SPDX-License-Identifier: BSD-2-Clause */
#include "tables/layout.h"

#include "base/stop.h"

#include <string.h>

#include "arch/regime.h"

void mmp_layout_init(struct mmp_layout *layout)
{
	memset(layout, 0, sizeof(*layout));
}

void mmp_layout_done(struct mmp_layout *layout)
{
	mmp_plan_done(&layout->plan);
	mmp_tables_done(&layout->tables);
	mmp_ddr_done(&layout->ddr);
	mmp_layout_init(layout);
}

static void set_registers(struct mmp_layout *l)
{
	const struct mmp_rules *rules = l->platform->rules;

	l->fact_count = rules->facts ? rules->facts(&l->plan, &l->ddr, l->facts) : 0;
	l->register_count = rules->registers
				    ? rules->registers(&l->plan, &l->tables, l->registers)
				    : 0;
}

int mmp_layout_make(struct mmp_layout *layout, const struct mmp_platform *platform,
		    const struct mmp_placement *placement, struct mmp_error *err)
{
	layout->platform = platform;
	mmp_stop_clear(&layout->tables.stop);
	if (mmp_stop_seen(err) || mmp_stop_check(err) ||
	    mmp_plan_make(&layout->plan, platform, err) || mmp_stop_check(err) ||
	    mmp_tables_make(&layout->tables, &layout->plan, placement, err) ||
	    mmp_ddr_discover(&layout->ddr, &layout->plan, err))
		return -1;
	set_registers(layout);
	return 0;
}

const struct mmp_stop *mmp_layout_stop(const struct mmp_layout *layout)
{
	if (layout->plan.stop.info)
		return &layout->plan.stop;
	return layout->tables.stop.info ? &layout->tables.stop : NULL;
}

uint64_t mmp_layout_register(const struct mmp_layout *layout, const char *name)
{
	for (unsigned i = 0; i < layout->register_count; i++)
		if (!strcmp(layout->registers[i].name, name))
			return layout->registers[i].value;
	return 0;
}

uint64_t mmp_layout_register_for(const struct mmp_layout *layout,
				 enum mmp_register_role role)
{
	for (unsigned i = 0; i < layout->register_count; i++)
		if (layout->registers[i].role == role)
			return layout->registers[i].value;
	return 0;
}

struct mmp_memory mmp_layout_memory(const struct mmp_layout *layout)
{
	const struct mmp_tables *t = &layout->tables;
	struct mmp_memory memory = { 0 };

	memory.runs[0].pa = t->placement.base_pa;
	memory.runs[0].bytes = t->base;
	memory.runs[0].size = t->base_count * t->base_bytes;
	memory.runs[1].pa = t->placement.xlat_pa;
	memory.runs[1].bytes = t->xlat_bytes;
	memory.runs[1].size = t->used * t->xlat_size;
	return memory;
}

struct mmp_walker mmp_layout_walker(const struct mmp_layout *layout,
				    const struct mmp_memory *memory, uint32_t base_id)
{
	return (struct mmp_walker){
		.format = layout->tables.format,
		.memory = memory,
		.base_pa = mmp_tables_view(&layout->tables, base_id).pa,
		.base_entries = layout->tables.shape.base_entries,
		.base_level = (int)layout->tables.shape.base_level,
	};
}

static int verify_plan(const struct mmp_layout *layout, const struct mmp_plan *plan,
		       const struct mmp_memory *memory, struct mmp_error *err)
{
	for (uint32_t id = 0; id < layout->tables.base_count; id++) {
		struct mmp_walker walker = mmp_layout_walker(layout, memory, id);
		bool mapped = mmp_tables_view(&layout->tables, id).index == 0 &&
			      !mmp_tables_lost(&layout->tables);

		if (!mmp_walk_verify(&walker, plan, mapped, err))
			continue;
		if (err->code == MMP_SYSTEM)
			mmp_while(err, "base table %u", id);
		return -1;
	}
	return 0;
}

/* What the tables must map can differ from the map (rules->pieces). */
int mmp_layout_verify_in(const struct mmp_layout *layout, const struct mmp_memory *memory,
			 struct mmp_error *err)
{
	struct mmp_plan plan = layout->plan;
	struct mmp_pieces pieces;
	int failed;

	if (mmp_pieces_make(&pieces, &layout->plan))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	plan.regions = (struct mmp_region *)(uintptr_t)pieces.pieces;
	plan.count = pieces.count;
	failed = verify_plan(layout, &plan, memory, err);
	mmp_pieces_done(&pieces);
	return failed;
}

int mmp_layout_verify(const struct mmp_layout *layout, struct mmp_error *err)
{
	struct mmp_memory memory = mmp_layout_memory(layout);

	return mmp_layout_verify_in(layout, &memory, err);
}
