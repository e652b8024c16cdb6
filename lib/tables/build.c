/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "arch/regime.h"
#include "base/limits.h"

#include "base/stop.h"
#include "tables/builder.h"

enum { REGIONS_A_LOOK = 64 }; /* between checks whether the result is still needed */

int mmp_builder_stop(struct mmp_builder *b, enum mmp_table_stop which, uint64_t va)
{
	const struct mmp_rules *rules = b->plan->platform->rules;
	struct mmp_stop *stop = &b->t->stop;
	const struct mmp_region *r = b->region;

	stop->tables_used = b->t->used;
	if (!r)
		return mmp_stop_at(stop, &rules->table_stops[which], "%s",
				   rules->table_stops[which].about);
	mmp_stop_about(stop, r->type, r->pa, r->size);
	return mmp_stop_at(stop, &rules->table_stops[which],
			   "%s at 0x%" PRIx64 " size 0x%" PRIx64 ", virtual 0x%" PRIx64
			   ", with %u tables used: %s",
			   mmp_memtype_label(rules, r->type), r->pa, r->size, va,
			   b->t->used, rules->table_stops[which].about);
}

int mmp_builder_no_memory(struct mmp_builder *b)
{
	b->t->stop.info = NULL;
	return -1;
}

static void copy_to_cores(struct mmp_tables *t)
{
	uint32_t from = t->shape.copy_core;

	for (uint32_t core = 0; core < t->shape.cores; core++)
		if (core != from)
			memcpy(mmp_builder_base(t, core, 0), mmp_builder_base(t, from, 0),
			       t->base_bytes);
}

static void finish_filling(struct mmp_builder *b)
{
	for (uint32_t n = 0; n < b->t->used; n++) {
		struct table table = mmp_builder_table(b, n);

		mmp_builder_fill_up_to(b, &table, table.entries);
	}
}

static void ask_format(struct mmp_builder *b)
{
	const struct mmp_rules *rules = b->plan->platform->rules;
	const struct mmp_format *format = b->format;
	int first = format->first_level;

	for (int level = first; level <= format->last_level; level++)
		b->level[level] =
			(struct level){ format->shift(level), format->entries(level),
					format->leaf_allowed(level),
					format->table_allowed(level) };
	b->pointer[false] = format->pointer(true);
	b->pointer[true] = format->pointer(false);
	b->pa_stays_zero = rules->pa_stays_zero && rules->pa_stays_zero(b->plan);
}

static int map_regions(struct mmp_builder *b)
{
	if (b->plan->platform->rules->map_regions)
		return b->plan->platform->rules->map_regions(b);
	mmp_builder_enter(b);
	for (size_t n = 0; n < b->plan->count; n++) {
		if (n % REGIONS_A_LOOK == 0 && mmp_stopped())
			return -1;
		if (mmp_builder_map(b, &b->plan->regions[n]))
			return -1;
	}
	mmp_builder_leave(b);
	return 0;
}

static int build(struct mmp_builder *b)
{
	const struct mmp_rules *rules = b->plan->platform->rules;

	ask_format(b);
	if (mmp_builder_reserve(b))
		return -1;
	if (!b->t->placement.xlat_pa)
		b->t->placement.xlat_pa =
			b->t->placement.base_pa + mmp_tables_xlat_offset(b->t);
	if (map_regions(b))
		return -1;
	copy_to_cores(b->t);
	if (rules->finish_tables && rules->finish_tables(b))
		return -1;
	finish_filling(b);
	return 0;
}

int mmp_tables_make(struct mmp_tables *tables, const struct mmp_plan *plan,
		    const struct mmp_placement *placement, struct mmp_error *err)
{
	struct mmp_builder b;

	b.t = tables;
	b.plan = plan;
	b.format = plan->shape.regime->format;
	b.region = NULL;
	b.made_known = 0;
	tables->format = b.format;
	tables->shape = plan->shape;
	tables->placement = placement ? *placement : (struct mmp_placement){ 0 };
	tables->used = 0;
	tables->user_va_idx = -1;
	tables->boot_memory_used = 0;
	tables->some_free = tables->has_regions = tables->has_user_va = false;
	tables->note_bytes = 0;
	mmp_stop_clear(&tables->stop);
	if (plan->platform->rules->make_tables) {
		if (!plan->platform->rules->make_tables(tables, plan, placement, err))
			return 0;
		return tables->stop.info
			       ? mmp_stop_error(&tables->stop, plan->platform, err)
			       : -1;
	}
	if (!build(&b)) {
		tables->in_use = tables->used;
		return 0;
	}
	if (tables->stop.info)
		return mmp_stop_error(&tables->stop, plan->platform, err);
	if (mmp_stop_seen(err))
		return -1;
	if (tables->used >= MMP_TABLES_MAX)
		return mmp_fail(
			err, MMP_TOO_LARGE,
			"platform %.100s: needs more than %u tables, which is the "
			"limit",
			plan->platform->name, MMP_TABLES_MAX);
	return mmp_fail(err, MMP_SYSTEM, "out of memory");
}
