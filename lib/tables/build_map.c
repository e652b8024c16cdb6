/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "tables/builder.h"
#include "tables/fill.h"

/*
 * Regions are mapped in order, each piece starting at the base level. A piece becomes a
 * block if its address, its size and the region's own limit allow one; otherwise it goes
 * to the next table, which is made if it is missing. Entries are written as runs.
 */

void mmp_builder_write(struct mmp_builder *b, const struct table *table, uint32_t n,
		       uint32_t count, uint64_t word, uint64_t step)
{
	if (b->format->descriptor_bytes == 8) {
		mmp_fill_words((uint64_t *)(void *)table->bytes + n, count, word, step);
	} else {
		uint32_t *at = (uint32_t *)(void *)table->bytes + n;

		for (uint32_t i = 0; i < count; i++)
			at[i] = (uint32_t)(word + i * step);
	}
}

/*
 * A word is the descriptor with the address ORed in. As long as the address has no bits
 * that the descriptor has too, the next word is the previous one plus the step. Address
 * bits from 48 up can collide with the upper attributes; then, and if the address wraps,
 * each word is made separately.
 */
static void write_leaves(struct mmp_builder *b, const struct table *table, uint32_t n,
			 uint32_t count, uint64_t leaf, uint64_t pa)
{
	uint64_t step = b->counts ? UINT64_C(1) << b->level[table->level].shift : 0;
	uint64_t mask = b->t->shape.pa_mask;
	uint64_t last = pa + (count - 1) * step, varies = pa ^ last;
	uint64_t field = (UINT64_C(1) << b->format->address_bits) - 1;

	/* the usual case: all addresses fit the descriptor's address bits */
	if (last >= pa && last <= (mask & field) && !(leaf & field & ~(step - 1))) {
		mmp_builder_write(b, table, n, count, leaf | pa, step);
		return;
	}
	for (unsigned shift = 1; shift < 64; shift *= 2)
		varies |= varies >> shift;
	if (last >= pa && last <= mask && !(leaf & (pa | varies) & ~(step - 1))) {
		mmp_builder_write(b, table, n, count, leaf | pa, step);
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		mmp_builder_write(b, table, n + i, 1, leaf | ((pa + i * step) & mask), 0);
}

/*
 * Whether the firmware sees a used entry; it does not see some words of MMP_MAP_COUNTER.
 */
static bool is_seen(const struct mmp_builder *b, int level, uint64_t word)
{
	const struct mmp_platform *p = b->plan->platform;

	return p->rules->decode(p->rules, &p->config, b->format, level, word) != 0;
}

static bool occupied(const struct mmp_builder *b, const struct table *table, uint32_t n,
		     uint32_t count)
{
	uint64_t any = 0;

	if (table->xlat != NO_XLAT) {
		uint32_t filled = b->t->xlat[table->xlat].filled;

		if (n >= filled)
			return false;
		if (n + count > filled)
			count = filled - n;
	}
	for (uint32_t i = 0; i < count; i++)
		any |= mmp_builder_load(b, table, n + i);
	if (!any)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (is_seen(b, table->level, mmp_builder_load(b, table, n + i)))
			return true;
	return false;
}

static uint64_t leaf_word(struct mmp_builder *b, int level)
{
	uint64_t *word = &b->leaves->word[level];

	if (!b->maps)
		return 0;
	if (!*word)
		*word = b->format->leaf(level, &b->leaves->leaf);
	return *word;
}

static int put_leaves(struct mmp_builder *b, const struct table *table, uint32_t n,
		      uint32_t count, uint64_t va, uint64_t pa)
{
	uint64_t leaf = leaf_word(b, table->level);

	if (occupied(b, table, n, count))
		return mmp_builder_stop(b, MMP_STOP_MAPPED_TWICE, va);
	mmp_builder_fill_up_to(b, table, n);
	write_leaves(b, table, n, count, leaf, pa);
	if (table->xlat != NO_XLAT && b->t->xlat[table->xlat].filled < n + count)
		b->t->xlat[table->xlat].filled = (uint16_t)(n + count);
	return 0;
}

int mmp_builder_make_next(struct mmp_builder *b, struct table *table, uint32_t n,
			  uint64_t va, uint32_t *ret_xlat)
{
	unsigned shift = b->level[table->level].shift;

	if (mmp_builder_new_table(b, MMP_STOP_NO_TABLE, va, ret_xlat))
		return -1;
	b->t->xlat[*ret_xlat].level = (int8_t)(table->level + 1);
	b->t->xlat[*ret_xlat].base_va = table->base_va + ((uint64_t)n << shift);
	mmp_builder_fill_up_to(b, table, n + 1);
	mmp_builder_write(b, table, n, 1, mmp_builder_pointer_to(b, *ret_xlat), 0);
	return 0;
}

/*
 * Whether the table in `word` may map the region: in some formats the pointer has its
 * security.
 */
static bool same_security(const struct mmp_builder *b, int level, uint64_t word)
{
	struct mmp_leaf leaf = { 0 };

	if (!b->format->security_in_pointer)
		return true;
	if (b->format->kind(level, word) == MMP_ENTRY_TABLE)
		b->format->read_pointer(level, word, &leaf.nonsecure);
	else
		b->format->read_leaf(level, 0, word, &leaf);
	return b->secure == !leaf.nonsecure;
}

/* Handle a word that is not a table pointer and is in the way of pieces of `level`. */
static int in_the_way(struct mmp_builder *b, struct table *table, uint32_t n, int level,
		      uint64_t va, uint32_t *ret_xlat)
{
	const struct mmp_rules *rules = b->plan->platform->rules;

	if (rules->divide)
		return rules->divide(b, table, n, level, va, ret_xlat);
	return mmp_builder_stop(b, MMP_STOP_MAPPED_TWICE, va);
}

/* Enter the table under entry `n`, on the way to `level`. It is made if there is none. */
static int next_table(struct mmp_builder *b, struct table *table, uint32_t n, int level,
		      uint64_t va, uint32_t *ret_xlat)
{
	uint64_t word = mmp_builder_load(b, table, n);

	if (!b->level[table->level].table)
		return mmp_builder_stop(b, MMP_STOP_NO_TABLE, va);
	switch (b->format->kind(table->level, word)) {
	case MMP_ENTRY_INVALID:
		if (word)
			return in_the_way(b, table, n, level, va, ret_xlat);
		break;
	case MMP_ENTRY_TABLE:
		if (!same_security(b, table->level, word))
			return mmp_builder_stop(b, MMP_STOP_SECURITY_MIX, va);
		*ret_xlat =
			mmp_builder_xlat_at(b, b->format->address(table->level, word));
		return 0;
	case MMP_ENTRY_LEAF:
		if (!same_security(b, table->level, word))
			return mmp_builder_stop(b, MMP_STOP_SECURITY_MIX, va);
		return in_the_way(b, table, n, level, va, ret_xlat);
	}
	return mmp_builder_make_next(b, table, n, va, ret_xlat);
}

static bool is_leaf(const struct mmp_builder *b, int level, uint64_t va, uint64_t pa,
		    uint64_t size)
{
	unsigned shift = b->level[level].shift;
	uint64_t block = UINT64_C(1) << shift;

	return b->level[level].leaf && shift <= b->region->max_block_shift &&
	       !((va | pa) & (block - 1)) && size >= block;
}

/* The level at which the firmware, starting at the base, would write this piece. */
static int leaf_level(const struct mmp_builder *b, uint64_t va, uint64_t pa,
		      uint64_t size)
{
	int level = (int)b->t->shape.base_level;

	while (level <= b->format->last_level && !is_leaf(b, level, va, pa, size))
		level++;
	return level;
}

/* Leave the deepest table. Regions come in order of VA, so it is finished. */
static void leave(struct mmp_builder *b)
{
	const struct table *table = &b->path[b->depth--];

	mmp_builder_fill_up_to(b, table, table->entries);
}

static bool covers(const struct mmp_builder *b, const struct table *table, uint64_t va)
{
	return va >= table->base_va &&
	       (va - table->base_va) >> b->level[table->level].shift < table->entries;
}

/* A region of the other security must go through the check on the way down. */
static bool suits(const struct mmp_builder *b, const struct table *table)
{
	return !b->format->security_in_pointer || table->secure == b->secure;
}

/*
 * The firmware starts each piece at the base level. The tables entered for the previous
 * piece that still cover this one need not be entered again.
 */
static void climb(struct mmp_builder *b, uint64_t va, int level)
{
	while (b->depth > (int)b->t->shape.base_level &&
	       (b->depth > level || !covers(b, &b->path[b->depth], va) ||
		!suits(b, &b->path[b->depth])))
		leave(b);
}

static int descend(struct mmp_builder *b, uint32_t n, int level, uint64_t va)
{
	uint32_t xlat = 0;

	if (next_table(b, &b->path[b->depth], n, level, va, &xlat))
		return -1;
	b->depth++;
	b->path[b->depth] = mmp_builder_table(b, xlat);
	b->path[b->depth].secure = b->secure;
	return 0;
}

/*
 * The firmware computes the index into the base table in 32 bits; higher VA bits are
 * lost.
 */
static uint64_t seen_address(const struct mmp_builder *b, uint64_t va)
{
	unsigned bits = b->level[b->t->shape.base_level].shift + 32;

	return bits < 64 ? va & ((UINT64_C(1) << bits) - 1) : va;
}

/* How many entries from `pa` on come before a PA that wraps to 0 and stays 0. */
static uint64_t before_wrap(const struct mmp_builder *b, uint64_t pa, unsigned shift)
{
	if (!b->pa_stays_zero || !b->counts)
		return UINT64_MAX;
	return ((b->t->shape.pa_mask - pa) >> shift) + 1;
}

static uint64_t pa_after(struct mmp_builder *b, uint64_t pa, uint64_t bytes)
{
	if (!b->counts)
		return pa;
	pa = (pa + bytes) & b->t->shape.pa_mask;
	if (!pa && b->pa_stays_zero)
		b->counts = false;
	return pa;
}

static int map_range(struct mmp_builder *b, uint64_t va, uint64_t pa, uint64_t size)
{
	while (size) {
		int level = leaf_level(b, va, pa, size);
		uint64_t seen = seen_address(b, va), count, n;
		struct table *table;
		unsigned shift;

		climb(b, seen, level);
		table = &b->path[b->depth];
		shift = b->level[table->level].shift;
		n = (seen - table->base_va) >> shift;
		if (n >= table->entries)
			return mmp_builder_stop(b, MMP_STOP_OUTSIDE_BASE, va);
		if (b->depth < level) {
			if (descend(b, (uint32_t)n, level, va))
				return -1;
			continue;
		}
		count = size >> shift;
		if (count > table->entries - n)
			count = table->entries - n;
		if (count > before_wrap(b, pa, shift))
			count = before_wrap(b, pa, shift);
		if (put_leaves(b, table, (uint32_t)n, (uint32_t)count, va, pa))
			return -1;
		va = (va + (count << shift)) & b->t->shape.va_mask;
		pa = pa_after(b, pa, count << shift);
		size -= count << shift;
	}
	return 0;
}

static struct leaves *leaves_of(struct mmp_builder *b, const struct mmp_region *region)
{
	const struct mmp_platform *p = b->plan->platform;
	unsigned at = (region->attr * UINT32_C(2654435761)) >> LEAVES_SHIFT;
	struct leaves *leaves = &b->made[at];

	if (!(b->made_known >> at & 1) || leaves->attr != region->attr) {
		leaves->attr = region->attr;
		memset(leaves->word, 0, sizeof(leaves->word));
		p->rules->leaf(p->rules, &p->config, b->format, region->attr,
			       &leaves->leaf);
	}
	b->made_known |= UINT32_C(1) << at;
	return leaves;
}

int mmp_builder_map(struct mmp_builder *b, const struct mmp_region *region)
{
	if (region->mapping == MMP_MAP_NOTHING)
		return 0;
	b->region = region;
	b->leaves = leaves_of(b, region);
	b->secure = !b->leaves->leaf.nonsecure;
	b->counts = region->mapping != MMP_MAP_EMPTY;
	b->maps = region->mapping == MMP_MAP_BLOCKS;
	return map_range(b, region->va, region->mapping == MMP_MAP_EMPTY ? 0 : region->pa,
			 region->size);
}

void mmp_builder_enter(struct mmp_builder *b)
{
	const struct mmp_table_shape *shape = &b->t->shape;

	b->depth = (int)shape->base_level;
	b->path[b->depth] =
		(struct table){ .bytes = mmp_builder_base(b->t, shape->boot_core, 0),
				.entries = shape->base_entries,
				.xlat = NO_XLAT,
				.level = b->depth };
}

void mmp_builder_leave(struct mmp_builder *b)
{
	climb(b, 0, (int)b->t->shape.base_level);
}
