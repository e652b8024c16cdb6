/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "arch/regime.h"
#include "base/limits.h"

#include "base/stop.h"
#include "tables/builder.h"

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

/* set_user_va_idx(). */
static int find_user_va(struct mmp_builder *b)
{
	struct mmp_tables *t = b->t;
	struct table table = { .bytes = mmp_builder_base(t, t->shape.copy_core, 0),
			       .entries = t->shape.base_entries,
			       .xlat = NO_XLAT,
			       .level = (int)t->shape.base_level };

	if (!t->shape.search_user_va)
		return 0;
	if (t->shape.own_level_1) {
		uint64_t word = mmp_builder_load(b, &table, 0);

		if (b->format->kind(0, word) == MMP_ENTRY_INVALID) {
			t->user_va_idx = 1;
			return 0;
		}
		table = mmp_builder_table(
			b, mmp_builder_xlat_at(b, b->format->address(0, word)));
	}
	for (uint32_t n = 1; n <= t->shape.user_va_last && n < table.entries; n++)
		if (!mmp_builder_load(b, &table, n)) {
			t->user_va_idx = (int)n;
			return 0;
		}
	b->region = NULL;
	return t->shape.asserts ? mmp_builder_stop(b, MMP_STOP_NO_USER_VA, 0) : 0;
}

/* core_init_mmu_prtn_ta(): every base table gets a level 1 of its own under entry 0. */
static int own_level_1(struct mmp_builder *b, uint32_t core, uint32_t index)
{
	struct mmp_tables *t = b->t;
	struct table base = { .bytes = mmp_builder_base(t, core, index),
			      .entries = t->shape.base_entries,
			      .xlat = NO_XLAT,
			      .level = 0 };
	uint64_t word = mmp_builder_load(b, &base, 0);
	bool had = b->format->kind(0, word) == MMP_ENTRY_TABLE;
	uint32_t from = had ? mmp_builder_xlat_at(b, b->format->address(0, word)) : 0,
		 to = from;

	if (!had || core != t->shape.boot_core) {
		if (mmp_builder_new_table(b, MMP_STOP_NO_L1_TABLE, 0, &to))
			return -1;
		t->xlat[to].level = 1;
		if (had)
			memcpy(t->xlat_bytes + to * t->xlat_size,
			       t->xlat_bytes + from * t->xlat_size, t->xlat_size);
		t->xlat[to].filled = had ? (uint16_t)b->format->entries(1) : 0;
		mmp_builder_write(b, &base, 0, 1, mmp_builder_pointer_to(b, to), 0);
	}
	t->user_l1[core * t->shape.per_core + index] =
		to & ((UINT32_C(1) << 8 * t->shape.index_bytes) - 1);
	return 0;
}

static int own_level_1_tables(struct mmp_builder *b)
{
	const struct mmp_table_shape *shape = &b->t->shape;

	b->region = NULL;
	b->secure = true;
	for (uint32_t index = 0; shape->own_level_1 && index < shape->per_core; index++)
		for (uint32_t core = 0; core < shape->cores; core++)
			if (own_level_1(b, core, index))
				return -1;
	return 0;
}

static int check_max_va(struct mmp_builder *b)
{
	const struct mmp_table_shape *shape = &b->t->shape;

	for (size_t n = 0; shape->check_max_va && shape->asserts && n < b->plan->count;
	     n++) {
		const struct mmp_region *r = &b->plan->regions[n];

		if (((r->va + r->size - 1) & shape->va_mask) >> shape->va_bits) {
			b->region = r;
			return mmp_builder_stop(b, MMP_STOP_MAX_VA, r->va);
		}
	}
	return 0;
}

static int check_pa_width(struct mmp_builder *b)
{
	b->region = NULL;
	if (!b->plan->registers.ps_stops)
		return 0;
	return mmp_builder_stop(b, MMP_STOP_PA_WIDTH, 0);
}

static void ask_format(struct mmp_builder *b)
{
	const struct mmp_format *format = b->format;
	int first = format->first_level;

	for (int level = first; level <= format->last_level; level++)
		b->level[level] =
			(struct level){ format->shift(level), format->entries(level),
					format->leaf_allowed(level),
					format->table_allowed(level) };
	b->pointer[false] = format->pointer(true);
	b->pointer[true] = format->pointer(false);
}

static int map_regions(struct mmp_builder *b)
{
	if (b->plan->platform->rules->map_regions)
		return b->plan->platform->rules->map_regions(b);
	mmp_builder_enter(b);
	for (size_t n = 0; n < b->plan->count; n++)
		if (mmp_stopped() || mmp_builder_map(b, &b->plan->regions[n]))
			return -1;
	mmp_builder_leave(b);
	return 0;
}

static int build(struct mmp_builder *b)
{
	ask_format(b);
	if (mmp_builder_reserve(b))
		return -1;
	if (!b->t->placement.xlat_pa)
		b->t->placement.xlat_pa =
			b->t->placement.base_pa + mmp_tables_xlat_offset(b->t);
	if (map_regions(b))
		return -1;
	copy_to_cores(b->t);
	if (find_user_va(b) || own_level_1_tables(b))
		return -1;
	finish_filling(b);
	if (b->plan->registers.ps_stops_early && check_pa_width(b))
		return -1;
	return check_max_va(b) || check_pa_width(b) ? -1 : 0;
}

int mmp_tables_make(struct mmp_tables *tables, const struct mmp_plan *plan,
		    const struct mmp_placement *placement, struct mmp_error *err)
{
	struct mmp_builder b = { .t = tables,
				 .plan = plan,
				 .format = plan->shape.regime->format };

	tables->format = b.format;
	tables->shape = plan->shape;
	tables->placement = placement ? *placement : (struct mmp_placement){ 0 };
	tables->used = 0;
	tables->user_va_idx = -1;
	tables->boot_memory_used = 0;
	tables->some_free = tables->says_regions = false;
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
	if (tables->used >= MMP_TABLES_MAX)
		return mmp_fail(
			err, MMP_TOO_LARGE,
			"platform %.100s: needs more than %u tables, which is the "
			"limit",
			plan->platform->name, MMP_TABLES_MAX);
	return mmp_fail(err, MMP_SYSTEM, "out of memory");
}
