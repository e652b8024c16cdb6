/* SPDX-License-Identifier: BSD-2-Clause */
#include "arch/regime.h"
#include "base/page.h"
#include "rules/optee/optee.h"
#include "rules/optee/releases.h"
#include "tables/builder.h"

/*
 * Where the firmware's tables are special: blocks in the way, the user's slot, and
 * checks.
 */

/*
 * A block is in the way of pieces of `level`. The firmware splits it, level by level, and
 * then finds the page taken. If it splits incorrectly, the pieces have the bits of a
 * table, and the second step down leads into the block's own memory.
 */
static int split(struct mmp_builder *b, const struct table *table, int level, uint64_t va)
{
	bool shifts = optee_release_of(b->plan->platform->rules)->split_shifts &&
		      b->t->shape.regime != &mmp_regime_pl1_short;
	uint32_t xlat;

	for (int at = table->level; at < level; at++) {
		if (at > table->level && shifts && at < b->format->last_level)
			return mmp_builder_stop(b, MMP_STOP_BROKEN_SPLIT, va);
		if (!b->level[at].table)
			return mmp_builder_stop(b, MMP_STOP_NO_TABLE, va);
		if (mmp_builder_new_table(b, MMP_STOP_NO_TABLE, va, &xlat))
			return -1;
	}
	return mmp_builder_stop(b, MMP_STOP_MAPPED_TWICE, va);
}

/*
 * A word of MMP_MAP_COUNTER is in the way of pieces of `level`: not present, but not 0.
 * The firmware splits it as if it were a block. With short descriptors the pieces are
 * such words again; otherwise the address bits turn them into valid entries.
 */
static int divide_counter(struct mmp_builder *b, struct table *table, uint32_t n,
			  int level, uint64_t va, uint32_t *ret_xlat)
{
	uint64_t word = mmp_builder_load(b, table, n);
	struct table made;

	if (b->t->shape.regime != &mmp_regime_pl1_short)
		return split(b, table, level, va);
	if (mmp_builder_make_next(b, table, n, va, ret_xlat))
		return -1;
	made = mmp_builder_table(b, *ret_xlat);
	mmp_builder_write(b, &made, 0, made.entries, word, MMP_PAGE);
	b->t->xlat[*ret_xlat].filled = (uint16_t)made.entries;
	return 0;
}

int optee_divide(struct mmp_builder *b, struct table *table, uint32_t n, int level,
		 uint64_t va, uint32_t *ret_xlat)
{
	uint64_t word = mmp_builder_load(b, table, n);

	if (b->format->kind(table->level, word) == MMP_ENTRY_INVALID)
		return divide_counter(b, table, n, level, va, ret_xlat);
	return split(b, table, level, va);
}

/* --- what the firmware notes and looks for --------------------------------------------- */

bool optee_has_own_level_1(const struct mmp_plan *plan)
{
	return !plan->shape.base_level;
}

bool optee_seeks_user_entry(const struct mmp_plan *plan, uint32_t *ret_last)
{
	*ret_last = optee_release_of(plan->platform->rules)->user_slot_1_to_3
			    ? 3
			    : plan->shape.base_entries - 1;
	return plan->shape.regime != &mmp_regime_pl1_short;
}

/* The numbers of those level 1 tables; l1_idx_t truncates them to its width. */
int optee_begin_tables(struct mmp_builder *b)
{
	if (!optee_has_own_level_1(b->plan))
		return 0;
	return mmp_builder_take_notes(b, b->t->shape.max_tables <= UINT8_MAX ? 1 : 2);
}

void optee_trace_no_table(const struct mmp_plan *plan, struct mmp_stop *stop)
{
	const struct optee_release *release = optee_release_of(plan->platform->rules);
	unsigned most = plan->shape.max_tables;

	if (plan->shape.regime == &mmp_regime_pl1_short) {
		if (release->dyn_config)
			mmp_stop_trace(stop, "alloc_l2_table: %u L2 tables exhausted",
				       most);
	} else if (release->exhausted_traced) {
		mmp_stop_trace(stop,
			       "core_mmu_xlat_table_alloc: %u xlat tables exhausted",
			       most);
	}
}

bool optee_pa_stays_zero(const struct mmp_plan *plan)
{
	return optee_release_of(plan->platform->rules)->va_spaces_mapped;
}

/* set_user_va_idx(). */
static int find_user_va(struct mmp_builder *b)
{
	struct mmp_tables *t = b->t;
	struct table table = { .bytes = mmp_builder_base(t, t->shape.copy_core, 0),
			       .entries = t->shape.base_entries,
			       .xlat = NO_XLAT,
			       .level = (int)t->shape.base_level };
	uint32_t last;

	if (!optee_seeks_user_entry(b->plan, &last))
		return 0;
	t->has_user_va = true;
	if (t->note_bytes) {
		uint64_t word = mmp_builder_load(b, &table, 0);

		if (b->format->kind(0, word) == MMP_ENTRY_INVALID) {
			t->user_va_idx = 1;
			return 0;
		}
		table = mmp_builder_table(
			b, mmp_builder_xlat_at(b, b->format->address(0, word)));
	}
	for (uint32_t n = 1; n <= last && n < table.entries; n++)
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
	t->notes[core * t->shape.per_core + index] =
		to & ((UINT32_C(1) << 8 * t->note_bytes) - 1);
	return 0;
}

static int own_level_1_tables(struct mmp_builder *b)
{
	const struct mmp_table_shape *shape = &b->t->shape;

	b->region = NULL;
	b->secure = true;
	for (uint32_t index = 0; b->t->note_bytes && index < shape->per_core; index++)
		for (uint32_t core = 0; core < shape->cores; core++)
			if (own_level_1(b, core, index))
				return -1;
	return 0;
}

static int check_max_va(struct mmp_builder *b)
{
	const struct mmp_table_shape *shape = &b->t->shape;
	bool lpae = shape->regime != &mmp_regime_pl1_short;

	for (size_t n = 0; lpae && shape->asserts && n < b->plan->count; n++) {
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

int optee_finish_tables(struct mmp_builder *b)
{
	if (find_user_va(b) || own_level_1_tables(b))
		return -1;
	if (b->plan->registers.ps_stops_early && check_pa_width(b))
		return -1;
	return check_max_va(b) || check_pa_width(b) ? -1 : 0;
}
