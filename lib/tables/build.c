/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "tables/tables.h"

/*
 * core_mmu_map_region() for every region, in order, starting each piece at the base
 * level: a block where address, size and the region's own limit allow one, else the
 * next table, made where it is missing. Entries are written as runs. A new table is
 * zeroed only as far as its entries have been passed (`filled`), so a table that is
 * written from end to end is touched once.
 */

#define PAGE 4096u

enum { LEVELS = 4, LEAVES = 32 };

/* The format's geometry of one level, asked for once. */
struct level {
	unsigned shift;
	uint32_t entries;
	bool leaf, table;
};

/* Descriptors of one attribute word without address, by level; 0: not made yet. */
struct leaves {
	uint32_t attr;
	uint64_t word[LEVELS];
};

/* A table while it is being written. */
struct table {
	uint8_t *bytes;
	uint64_t base_va;
	uint32_t entries, xlat; /* xlat: index, or NO_XLAT for a base table */
	int level;
	bool secure; /* short: what may lie in it */
};

struct builder {
	struct mmp_tables *t;
	const struct mmp_plan *plan;
	const struct mmp_format *format;
	const struct mmp_region *region;
	struct leaves *leaves; /* of the region */
	bool counts;           /* whether the region's PA moves on with its VA */
	bool secure;
	uint64_t pointer[2]; /* to a next table, without address: non-secure, secure */
	struct level level[LEVELS];
	struct leaves made[LEAVES]; /* by type, so that regions of a type share them */
	struct table
		path[LEVELS]; /* by level, base level .. depth: the tables last entered */
	int depth;
};

enum { NO_XLAT = UINT32_MAX };

static int stop_at(struct builder *b, enum mmp_table_stop which, uint64_t va)
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

static int no_memory(struct builder *b)
{
	b->t->stop.info = NULL;
	return -1;
}

static uint64_t load(const struct builder *b, const struct table *table, uint32_t n)
{
	if (table->xlat != NO_XLAT && n >= b->t->xlat[table->xlat].filled)
		return 0;
	if (b->format->descriptor_bytes == 8)
		return ((const uint64_t *)(const void *)table->bytes)[n];
	return ((const uint32_t *)(const void *)table->bytes)[n];
}

/* Let entries up to `n` be written ones. */
static void fill_up_to(struct builder *b, const struct table *table, uint32_t n)
{
	struct mmp_xlat *x;
	size_t bytes = b->format->descriptor_bytes;

	if (table->xlat == NO_XLAT)
		return;
	x = &b->t->xlat[table->xlat];
	if (x->filled >= n)
		return;
	memset(table->bytes + x->filled * bytes, 0, (n - x->filled) * bytes);
	x->filled = (uint16_t)n;
}

/* Two entries to a store, the widest that every 64-bit machine has; eight a turn. */
typedef uint64_t pair __attribute__((vector_size(16), aligned(8), may_alias));

static void fill(uint64_t *at, uint32_t count, uint64_t word, uint64_t step)
{
	pair a = { word, word + step }, two = { 2 * step, 2 * step };
	pair b = a + two, c = b + two, d = c + two, eight = { 8 * step, 8 * step };
	uint32_t i;

	for (i = 0; i + 8 <= count; i += 8) {
		pair *to = (pair *)(void *)(at + i);

		to[0] = a;
		to[1] = b;
		to[2] = c;
		to[3] = d;
		a += eight;
		b += eight;
		c += eight;
		d += eight;
	}
	for (; i < count; i++)
		at[i] = word + i * step;
}

static void write_run(struct builder *b, const struct table *table, uint32_t n,
		      uint32_t count, uint64_t word, uint64_t step)
{
	if (b->format->descriptor_bytes == 8) {
		fill((uint64_t *)(void *)table->bytes + n, count, word, step);
	} else {
		uint32_t *at = (uint32_t *)(void *)table->bytes + n;

		for (uint32_t i = 0; i < count; i++)
			at[i] = (uint32_t)(word + i * step);
	}
}

/*
 * Words are the descriptor with the address ORed in. From one entry to the next that
 * is an addition as long as the address has no bit that the descriptor has too; bits
 * from 48 up can meet the upper attributes, and then each word is made on its own. So
 * it is where the address wraps.
 */
static void write_leaves(struct builder *b, const struct table *table, uint32_t n,
			 uint32_t count, uint64_t leaf, uint64_t pa)
{
	uint64_t step = b->counts ? UINT64_C(1) << b->level[table->level].shift : 0;
	uint64_t mask = b->t->shape.pa_mask;
	uint64_t last = pa + (count - 1) * step, varies = pa ^ last;

	for (unsigned shift = 1; shift < 64; shift *= 2)
		varies |= varies >> shift;
	if (last >= pa && last <= mask && !(leaf & (pa | varies) & ~(step - 1))) {
		write_run(b, table, n, count, leaf | pa, step);
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		write_run(b, table, n + i, 1, leaf | ((pa + i * step) & mask), 0);
}

static bool occupied(const struct builder *b, const struct table *table, uint32_t n,
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
		any |= load(b, table, n + i);
	if (!any)
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (b->format->decode(&b->t->shape.encoding, table->level,
				      load(b, table, n + i)))
			return true;
	return false;
}

static uint64_t leaf_word(struct builder *b, int level)
{
	uint64_t *word = &b->leaves->word[level];

	if (!*word)
		*word = b->format->encode(&b->t->shape.encoding, level, b->leaves->attr);
	return *word;
}

static int put_leaves(struct builder *b, const struct table *table, uint32_t n,
		      uint32_t count, uint64_t va, uint64_t pa)
{
	uint64_t leaf = leaf_word(b, table->level);

	if (occupied(b, table, n, count))
		return stop_at(b, MMP_STOP_MAPPED_TWICE, va);
	fill_up_to(b, table, n);
	write_leaves(b, table, n, count, leaf, pa);
	if (table->xlat != NO_XLAT && b->t->xlat[table->xlat].filled < n + count)
		b->t->xlat[table->xlat].filled = (uint16_t)(n + count);
	return 0;
}

static int grow(struct builder *b)
{
	struct mmp_tables *t = b->t;
	uint32_t capacity = t->capacity ? 2 * t->capacity : 16;
	struct mmp_xlat *xlat;
	uint8_t *bytes;

	xlat = realloc(t->xlat, capacity * sizeof(*xlat));
	if (!xlat)
		return no_memory(b);
	t->xlat = xlat;
	bytes = aligned_alloc(PAGE, capacity * t->xlat_size);
	if (!bytes)
		return no_memory(b);
	if (t->used)
		memcpy(bytes, t->xlat_bytes, t->used * t->xlat_size);
	free(t->xlat_bytes);
	t->xlat_bytes = bytes;
	for (int level = (int)t->shape.base_level + 1; level <= b->depth; level++)
		b->path[level].bytes = bytes + b->path[level].xlat * t->xlat_size;
	t->capacity = capacity;
	return 0;
}

/* Take `bytes` of boot memory, aligned; a rule set without it has no limit. */
static int take_boot_memory(struct builder *b, uint64_t bytes, uint64_t alignment)
{
	const struct mmp_table_shape *shape = &b->t->shape;
	uint64_t at = (b->t->boot_memory_used + alignment - 1) & ~(alignment - 1);

	if (shape->limited)
		return 0;
	b->t->boot_memory_used = at + bytes;
	if (shape->boot_memory != UINT64_MAX &&
	    at + bytes + shape->boot_memory_tmp > shape->boot_memory)
		return stop_at(b, MMP_STOP_BOOT_MEMORY, b->region ? b->region->va : 0);
	return 0;
}

static uint32_t region_number(const struct builder *b)
{
	return b->region ? (uint32_t)(b->region - b->plan->regions) : MMP_NO_REGION;
}

static int new_table(struct builder *b, enum mmp_table_stop when_none, uint64_t va,
		     uint32_t *ret_xlat)
{
	struct mmp_tables *t = b->t;

	if (t->shape.limited && t->used >= t->shape.max_tables) {
		if (t->shape.exhausted)
			mmp_stop_trace(&t->stop, t->shape.exhausted, t->shape.max_tables);
		return stop_at(b, when_none, va);
	}
	if (take_boot_memory(b, t->xlat_size, t->xlat_size))
		return -1;
	if (t->used >= MMP_TABLES_MAX)
		return no_memory(b);
	if (t->used == t->capacity && grow(b))
		return -1;
	t->xlat[t->used] = (struct mmp_xlat){ .region = region_number(b) };
	*ret_xlat = t->used++;
	return 0;
}

static struct table table_of(const struct builder *b, uint32_t xlat)
{
	return (struct table){
		.bytes = b->t->xlat_bytes + xlat * b->t->xlat_size,
		.base_va = b->t->xlat[xlat].base_va,
		.entries = b->level[b->t->xlat[xlat].level].entries,
		.xlat = xlat,
		.level = b->t->xlat[xlat].level,
	};
}

static uint32_t xlat_at(const struct builder *b, uint64_t pa)
{
	return (uint32_t)((pa - b->t->placement.xlat_pa) / b->t->xlat_size);
}

static uint64_t pointer_to(const struct builder *b, uint32_t xlat)
{
	return b->pointer[b->secure] | (b->t->placement.xlat_pa + xlat * b->t->xlat_size);
}

static int make_next(struct builder *b, struct table *table, uint32_t n, uint64_t va,
		     uint32_t *ret_xlat)
{
	unsigned shift = b->level[table->level].shift;

	if (new_table(b, MMP_STOP_NO_TABLE, va, ret_xlat))
		return -1;
	b->t->xlat[*ret_xlat].level = (int8_t)(table->level + 1);
	b->t->xlat[*ret_xlat].base_va = table->base_va + ((uint64_t)n << shift);
	fill_up_to(b, table, n + 1);
	write_run(b, table, n, 1, pointer_to(b, *ret_xlat), 0);
	return 0;
}

/* Whether the table under `word` may take the region: short descriptors say NS there. */
static bool same_security(const struct builder *b, int level, uint64_t word)
{
	if (b->t->shape.encoding.format != MMP_FORMAT_SHORT)
		return true;
	return b->secure == !!(b->format->decode(&b->t->shape.encoding, level, word) &
			       MMP_ATTR_SECURE);
}

/*
 * A block is in the way of pieces of `level`. The firmware splits it, level by level,
 * and then finds the page taken. Where it splits wrongly, the pieces have the bits of a
 * table, and the second step down leads into the block's own memory.
 */
static int split(struct builder *b, const struct table *table, int level, uint64_t va)
{
	uint32_t xlat;

	for (int at = table->level; at < level; at++) {
		if (at > table->level && b->t->shape.split_is_broken &&
		    at < b->format->last_level)
			return stop_at(b, MMP_STOP_BROKEN_SPLIT, va);
		if (!b->level[at].table)
			return stop_at(b, MMP_STOP_NO_TABLE, va);
		if (new_table(b, MMP_STOP_NO_TABLE, va, &xlat))
			return -1;
	}
	return stop_at(b, MMP_STOP_MAPPED_TWICE, va);
}

/*
 * A word of MMP_MAP_COUNTER is in the way of pieces of `level`: not present, but not 0.
 * The firmware splits it as if it were a block. With short descriptors the pieces are
 * such words again; else what was meant as an address makes entries of them.
 */
static int divide_counter(struct builder *b, struct table *table, uint32_t n, int level,
			  uint64_t va, uint32_t *ret_xlat)
{
	uint64_t word = load(b, table, n);
	struct table made;

	if (b->t->shape.encoding.format != MMP_FORMAT_SHORT)
		return split(b, table, level, va);
	if (make_next(b, table, n, va, ret_xlat))
		return -1;
	made = table_of(b, *ret_xlat);
	write_run(b, &made, 0, made.entries, word, PAGE);
	b->t->xlat[*ret_xlat].filled = (uint16_t)made.entries;
	return 0;
}

/* The table under entry `n`, on the way to `level`; made where there is none. */
static int next_table(struct builder *b, struct table *table, uint32_t n, int level,
		      uint64_t va, uint32_t *ret_xlat)
{
	uint64_t word = load(b, table, n);

	if (!b->level[table->level].table)
		return stop_at(b, MMP_STOP_NO_TABLE, va);
	switch (b->format->kind(table->level, word)) {
	case MMP_ENTRY_INVALID:
		if (word)
			return divide_counter(b, table, n, level, va, ret_xlat);
		break;
	case MMP_ENTRY_TABLE:
		if (!same_security(b, table->level, word))
			return stop_at(b, MMP_STOP_SECURITY_MIX, va);
		*ret_xlat = xlat_at(b, b->format->address(table->level, word));
		return 0;
	case MMP_ENTRY_LEAF:
		if (!same_security(b, table->level, word))
			return stop_at(b, MMP_STOP_SECURITY_MIX, va);
		return split(b, table, level, va);
	}
	return make_next(b, table, n, va, ret_xlat);
}

static bool is_leaf(const struct builder *b, int level, uint64_t va, uint64_t pa,
		    uint64_t size)
{
	unsigned shift = b->level[level].shift;
	uint64_t block = UINT64_C(1) << shift;

	return b->level[level].leaf && shift <= b->region->max_block_shift &&
	       !((va | pa) & (block - 1)) && size >= block;
}

/* The level that the firmware, coming from the base, would write this piece at. */
static int leaf_level(const struct builder *b, uint64_t va, uint64_t pa, uint64_t size)
{
	int level = (int)b->t->shape.base_level;

	while (level <= b->format->last_level && !is_leaf(b, level, va, pa, size))
		level++;
	return level;
}

/* Leave the deepest table. Regions come by VA, so it is finished. */
static void leave(struct builder *b)
{
	const struct table *table = &b->path[b->depth--];

	fill_up_to(b, table, table->entries);
}

static bool covers(const struct builder *b, const struct table *table, uint64_t va)
{
	return va >= table->base_va &&
	       (va - table->base_va) >> b->level[table->level].shift < table->entries;
}

/* Memory of the other security must meet the check of the way down. */
static bool suits(const struct builder *b, const struct table *table)
{
	return b->t->shape.encoding.format != MMP_FORMAT_SHORT ||
	       table->secure == b->secure;
}

/*
 * Each piece starts at the base level in the firmware. Tables that were entered for
 * the piece before and still cover this one need no second way down.
 */
static void climb(struct builder *b, uint64_t va, int level)
{
	while (b->depth > (int)b->t->shape.base_level &&
	       (b->depth > level || !covers(b, &b->path[b->depth], va) ||
		!suits(b, &b->path[b->depth])))
		leave(b);
}

static int descend(struct builder *b, uint32_t n, int level, uint64_t va)
{
	uint32_t xlat = 0;

	if (next_table(b, &b->path[b->depth], n, level, va, &xlat))
		return -1;
	b->depth++;
	b->path[b->depth] = table_of(b, xlat);
	b->path[b->depth].secure = b->secure;
	return 0;
}

/* The firmware counts entries of the base table in 32 bits; the rest of a VA is lost. */
static uint64_t seen_address(const struct builder *b, uint64_t va)
{
	unsigned bits = b->level[b->t->shape.base_level].shift + 32;

	return bits < 64 ? va & ((UINT64_C(1) << bits) - 1) : va;
}

/* How many entries from `pa` on come before a PA that wrapped to 0 and stays there. */
static uint64_t before_wrap(const struct builder *b, uint64_t pa, unsigned shift)
{
	if (!b->t->shape.pa_stays_zero || !b->counts)
		return UINT64_MAX;
	return ((b->t->shape.pa_mask - pa) >> shift) + 1;
}

static uint64_t pa_after(struct builder *b, uint64_t pa, uint64_t bytes)
{
	if (!b->counts)
		return pa;
	pa = (pa + bytes) & b->t->shape.pa_mask;
	if (!pa && b->t->shape.pa_stays_zero)
		b->counts = false;
	return pa;
}

static int map(struct builder *b, uint64_t va, uint64_t pa, uint64_t size)
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
			return stop_at(b, MMP_STOP_OUTSIDE_BASE, va);
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

static uint8_t *base_table(const struct mmp_tables *t, uint32_t core, uint32_t index)
{
	size_t at = t->shape.index_major ? (size_t)index * t->shape.cores + core
					 : (size_t)core * t->shape.per_core + index;

	return t->base + at * t->base_bytes;
}

/* VALID_BLOCK where it maps; nothing where the region has no descriptors. */
static uint32_t attr_of(const struct mmp_region *region)
{
	switch ((enum mmp_mapping)region->mapping) {
	case MMP_MAP_BLOCKS:
		return region->attr | MMP_ATTR_VALID_BLOCK;
	case MMP_MAP_COUNTER:
		return region->attr;
	case MMP_MAP_EMPTY:
	case MMP_MAP_NOTHING:
		break;
	}
	return 0;
}

static struct leaves *leaves_of(struct builder *b, const struct mmp_region *region)
{
	struct leaves *leaves = &b->made[region->type % LEAVES];
	uint32_t attr = attr_of(region);

	if (leaves->attr != attr)
		*leaves = (struct leaves){ .attr = attr };
	return leaves;
}

static int map_region(struct builder *b, const struct mmp_region *region)
{
	if (region->mapping == MMP_MAP_NOTHING)
		return 0;
	b->region = region;
	b->secure = region->attr & MMP_ATTR_SECURE;
	b->counts = region->mapping != MMP_MAP_EMPTY;
	b->leaves = leaves_of(b, region);
	return map(b, region->va, region->mapping == MMP_MAP_EMPTY ? 0 : region->pa,
		   region->size);
}

/* Tables of another format have another size; their memory is not taken over. */
static void set_xlat_size(struct mmp_tables *t, size_t size)
{
	if (t->xlat_size == size)
		return;
	free(t->xlat_bytes);
	free(t->xlat);
	t->xlat_bytes = NULL;
	t->xlat = NULL;
	t->capacity = 0;
	t->xlat_size = size;
}

static int reserve_base(struct builder *b)
{
	struct mmp_tables *t = b->t;
	size_t bytes;

	t->base_count = t->shape.cores * t->shape.per_core;
	t->base_bytes = (size_t)t->shape.base_entries * b->format->descriptor_bytes;
	set_xlat_size(t, (size_t)b->format->entries(b->format->last_level) *
				 b->format->descriptor_bytes);
	bytes = t->base_count * t->base_bytes;
	if (bytes > t->base_room) {
		free(t->base);
		t->base_room = 0;
		t->base = aligned_alloc(PAGE, (bytes + PAGE - 1) & ~(size_t)(PAGE - 1));
		if (!t->base)
			return no_memory(b);
		t->base_room = bytes;
	}
	if (t->base_count > t->user_l1_room) {
		free(t->user_l1);
		t->user_l1_room = 0;
		t->user_l1 = malloc(t->base_count * sizeof(*t->user_l1));
		if (!t->user_l1)
			return no_memory(b);
		t->user_l1_room = t->base_count;
	}
	memset(t->base, 0, bytes);
	return 0;
}

/* What comes from boot memory before the first table: see core_init_mmu(). */
static int take_fixed_memory(struct builder *b)
{
	struct mmp_tables *t = b->t;

	unsigned index_bytes = t->shape.index_bytes;

	if (t->shape.own_level_1 &&
	    take_boot_memory(b, (uint64_t)t->base_count * index_bytes, index_bytes))
		return -1;
	if (take_boot_memory(b, t->base_count * t->base_bytes, t->base_bytes))
		return -1;
	return take_boot_memory(b, (uint64_t)t->shape.user_tables * t->xlat_size,
				t->xlat_size);
}

static void copy_to_cores(struct mmp_tables *t)
{
	for (uint32_t core = 0; core < t->shape.cores; core++)
		if (core != t->shape.boot_core)
			memcpy(base_table(t, core, 0),
			       base_table(t, t->shape.boot_core, 0), t->base_bytes);
}

static void finish_filling(struct builder *b)
{
	for (uint32_t n = 0; n < b->t->used; n++) {
		struct table table = table_of(b, n);

		fill_up_to(b, &table, table.entries);
	}
}

/* set_user_va_idx(). */
static int find_user_va(struct builder *b)
{
	struct mmp_tables *t = b->t;
	struct table table = { .bytes = base_table(t, t->shape.boot_core, 0),
			       .entries = t->shape.base_entries,
			       .xlat = NO_XLAT,
			       .level = (int)t->shape.base_level };

	if (!t->shape.search_user_va)
		return 0;
	if (t->shape.own_level_1) {
		uint64_t word = load(b, &table, 0);

		if (b->format->kind(0, word) == MMP_ENTRY_INVALID) {
			t->user_va_idx = 1;
			return 0;
		}
		table = table_of(b, xlat_at(b, b->format->address(0, word)));
	}
	for (uint32_t n = 1; n <= t->shape.user_va_last && n < table.entries; n++)
		if (!load(b, &table, n)) {
			t->user_va_idx = (int)n;
			return 0;
		}
	b->region = NULL;
	return t->shape.asserts ? stop_at(b, MMP_STOP_NO_USER_VA, 0) : 0;
}

/* core_init_mmu_prtn_ta(): every base table gets a level 1 of its own under entry 0. */
static int own_level_1(struct builder *b, uint32_t core, uint32_t index)
{
	struct mmp_tables *t = b->t;
	struct table base = { .bytes = base_table(t, core, index),
			      .entries = t->shape.base_entries,
			      .xlat = NO_XLAT,
			      .level = 0 };
	uint64_t word = load(b, &base, 0);
	bool had = b->format->kind(0, word) == MMP_ENTRY_TABLE;
	uint32_t from = had ? xlat_at(b, b->format->address(0, word)) : 0, to = from;

	if (!had || core != t->shape.boot_core) {
		if (new_table(b, MMP_STOP_NO_L1_TABLE, 0, &to))
			return -1;
		t->xlat[to].level = 1;
		if (had)
			memcpy(t->xlat_bytes + to * t->xlat_size,
			       t->xlat_bytes + from * t->xlat_size, t->xlat_size);
		t->xlat[to].filled = had ? (uint16_t)b->format->entries(1) : 0;
		write_run(b, &base, 0, 1, pointer_to(b, to), 0);
	}
	t->user_l1[core * t->shape.per_core + index] =
		to & ((UINT32_C(1) << 8 * t->shape.index_bytes) - 1);
	return 0;
}

static int own_level_1_tables(struct builder *b)
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

static int check_max_va(struct builder *b)
{
	const struct mmp_table_shape *shape = &b->t->shape;

	for (size_t n = 0; shape->check_max_va && shape->asserts && n < b->plan->count;
	     n++) {
		const struct mmp_region *r = &b->plan->regions[n];

		if (((r->va + r->size - 1) & shape->va_mask) >> shape->va_bits) {
			b->region = r;
			return stop_at(b, MMP_STOP_MAX_VA, r->va);
		}
	}
	return 0;
}

static int check_pa_width(struct builder *b)
{
	b->region = NULL;
	if (!b->plan->registers.ps_stops)
		return 0;
	return stop_at(b, MMP_STOP_PA_WIDTH, 0);
}

static void enter_base(struct builder *b)
{
	const struct mmp_table_shape *shape = &b->t->shape;

	b->depth = (int)shape->base_level;
	b->path[b->depth] =
		(struct table){ .bytes = base_table(b->t, shape->boot_core, 0),
				.entries = shape->base_entries,
				.xlat = NO_XLAT,
				.level = b->depth };
}

static void ask_format(struct builder *b)
{
	const struct mmp_format *format = b->format;
	const struct mmp_encoding *e = &b->t->shape.encoding;
	int first = format->first_level;

	for (int level = first; level <= format->last_level; level++)
		b->level[level] =
			(struct level){ format->shift(level), format->entries(level),
					format->leaf_allowed(level),
					format->table_allowed(level) };
	b->pointer[false] = format->encode(e, first, MMP_ATTR_TABLE);
	b->pointer[true] = format->encode(e, first, MMP_ATTR_TABLE | MMP_ATTR_SECURE);
}

static int build(struct builder *b)
{
	ask_format(b);
	if (reserve_base(b) || take_fixed_memory(b))
		return -1;
	if (!b->t->placement.xlat_pa)
		b->t->placement.xlat_pa =
			b->t->placement.base_pa + mmp_tables_xlat_offset(b->t);
	enter_base(b);
	for (size_t n = 0; n < b->plan->count; n++)
		if (map_region(b, &b->plan->regions[n]))
			return -1;
	climb(b, 0, (int)b->t->shape.base_level);
	copy_to_cores(b->t);
	if (find_user_va(b) || own_level_1_tables(b))
		return -1;
	finish_filling(b);
	return check_max_va(b) || check_pa_width(b) ? -1 : 0;
}

int mmp_tables_make(struct mmp_tables *tables, const struct mmp_plan *plan,
		    const struct mmp_placement *placement, struct mmp_error *err)
{
	struct builder b = { .t = tables,
			     .plan = plan,
			     .format = mmp_formats[plan->shape.encoding.format] };

	tables->format = b.format;
	tables->shape = plan->shape;
	tables->placement = placement ? *placement : (struct mmp_placement){ 0 };
	tables->used = 0;
	tables->user_va_idx = -1;
	tables->boot_memory_used = 0;
	mmp_stop_clear(&tables->stop);
	if (!build(&b))
		return 0;
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
