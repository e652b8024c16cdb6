/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "rules/tfa/context.h"
#include "tables/fill.h"

/*
 * xlat_tables_map_region() and xlat_tables_unmap_region(). Entries that are already
 * mapped do not change; equal entries are written as a run.
 */

enum { BASE = UINT32_MAX, LEVELS = 4, LAST_LEVEL = 3 };

#define INVALID     UINT64_C(0)
#define POINTER     UINT64_C(3)
#define ADDRESS_END (UINT64_C(1) << 48) /* an address above it has bits in other fields */

struct mapping {
	struct tfa_context *context;
	struct tfa_tables *t;
	const struct tfa_region *region;
	uint64_t first, last;  /* VA */
	uint64_t offset;       /* PA - VA */
	uint64_t word[LEVELS]; /* descriptors without address; 0: not made yet */
	bool leaf[LEVELS];     /* whether blocks of the level may map the region */
	uint64_t failed_at;
	struct mmp_error *err;
};

static inline uint64_t *words_of(const struct tfa_tables *t, uint32_t table)
{
	return table == BASE ? t->base : t->words + (size_t)table * TFA_ENTRIES;
}

static inline uint32_t entries_of(const struct tfa_tables *t, uint32_t table)
{
	return table == BASE ? t->base_entries : TFA_ENTRIES;
}

static int grow(void *array, size_t size, uint32_t capacity)
{
	void *more = realloc(*(void **)array, size * capacity);

	if (!more)
		return -1;
	*(void **)array = more;
	return 0;
}

static int reserve_tables(struct tfa_tables *t, uint32_t tables, struct mmp_error *err)
{
	uint32_t capacity = t->capacity ? 2 * t->capacity : 16;

	if (tables <= t->capacity && tables <= t->words_room)
		return 0;
	if (tables <= t->capacity)
		capacity = t->capacity;
	if (tables > MMP_TABLES_MAX)
		return mmp_fail(
			err, MMP_TOO_LARGE,
			"the regions need more than %u tables, which is the limit",
			MMP_TABLES_MAX);
	if (grow(&t->words, TFA_TABLE_BYTES, capacity) ||
	    grow(&t->counts, sizeof(*t->counts), capacity) ||
	    grow(&t->filled, sizeof(*t->filled), capacity) ||
	    grow(&t->level, sizeof(*t->level), capacity) ||
	    grow(&t->base_va, sizeof(*t->base_va), capacity) ||
	    grow(&t->made_for, sizeof(*t->made_for), capacity))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	t->capacity = t->words_room = capacity;
	return 0;
}

int tfa_tables_start(struct tfa_context *context, struct mmp_error *err)
{
	struct tfa_tables *t = &context->tables;

	if (t->base_entries > t->base_room) {
		if (grow(&t->base, sizeof(*t->base), t->base_entries))
			return mmp_fail(err, MMP_SYSTEM, "out of memory");
		t->base_room = t->base_entries;
	}
	memset(t->base, 0, t->base_entries * sizeof(*t->base));
	t->free_hint = 0;
	if (!t->touched)
		return 0;
	memset(t->words, 0, (size_t)t->touched * TFA_TABLE_BYTES);
	memset(t->counts, 0, t->touched * sizeof(*t->counts));
	memset(t->filled, 0, t->touched * sizeof(*t->filled));
	return 0;
}

/* Set the stop, which ends the mapping. */
static enum tfa_map_end stop_mapping(struct mapping *m, enum tfa_stop which)
{
	m->context->stop = which;
	m->context->stop_region = *m->region;
	return TFA_ENDED;
}

/* xlat_table_get_empty(). If a dynamic image has no table left, *ret_table stays BASE. */
static enum tfa_map_end take_table(struct mapping *m, uint32_t *ret_table)
{
	const struct tfa_config *c = m->context->config;
	struct tfa_tables *t = m->t;
	uint32_t table = c->dynamic ? t->free_hint : t->taken;

	while (c->dynamic && table < t->touched && t->counts[table])
		table++;
	t->free_hint = table;
	if (table >= c->max_xlat_tables) {
		if (c->dynamic)
			return TFA_TABLES_OUT;
		return stop_mapping(m,
				    c->debug ? TFA_STOP_NO_TABLE : TFA_STOP_PAST_ARRAY);
	}
	if (reserve_tables(t, table + 1, m->err))
		return TFA_ENDED;
	*ret_table = table;
	t->taken += !c->dynamic;
	return TFA_MAPPED;
}

/*
 * Make entry `n` point to a new table. With `filled_whole` none of its entries will stay
 * 0.
 */
static enum tfa_map_end make_table(struct mapping *m, uint32_t parent, uint32_t n,
				   uint64_t va, int level, bool filled_whole,
				   uint32_t *ret_table)
{
	struct tfa_tables *t = m->t;
	enum tfa_map_end end = take_table(m, ret_table);
	uint32_t table = *ret_table;

	if (end != TFA_MAPPED)
		return end;
	if (table >= t->touched) {
		if (!filled_whole)
			memset(words_of(t, table), 0, TFA_TABLE_BYTES);
		t->counts[table] = 0;
		t->filled[table] = 0;
		t->touched = table + 1;
	}
	t->level[table] = (int8_t)level;
	t->base_va[table] = va;
	t->made_for[table] = m->region->op;
	words_of(t, parent)[n] =
		(t->xlat_pa + (uint64_t)table * TFA_TABLE_BYTES) | POINTER;
	if (parent != BASE && t->filled[parent] <= n)
		t->filled[parent] = (uint16_t)(n + 1);
	return TFA_MAPPED;
}

/* Write leaves to at[0 .. count), the first for `va`. The address is ORed in. */
static void write_leaves(const struct mapping *m, uint64_t *at, uint32_t count,
			 uint64_t va, int level)
{
	uint64_t pa = va + m->offset, step = UINT64_C(1) << tfa_shift(level);

	if (pa + count * step <= ADDRESS_END && pa < ADDRESS_END) {
		mmp_fill_words(at, count, m->word[level] | pa, step);
		return;
	}
	for (uint32_t i = 0; i < count; i++)
		at[i] = m->word[level] | (pa + i * step);
}

/*
 * Write leaves to the entries n .. n + count that map nothing. Stops before a pointer.
 * Returns how many entries it has passed, or 0 if the firmware stops.
 */
static uint32_t map_leaves(struct mapping *m, uint32_t table, uint32_t n, uint32_t count,
			   uint64_t va, int level)
{
	uint64_t *at = words_of(m->t, table) + n;
	uint32_t filled = table == BASE ? m->t->base_entries : m->t->filled[table];
	uint32_t known = filled <= n ? 0 : filled - n < count ? filled - n : count;
	uint32_t i = 0, shift = tfa_shift(level), next;

	while (i < count) {
		uint32_t from = i;

		while (i < known && at[i] == INVALID)
			i++;
		if (i == known)
			i = count;
		if (i > from) {
			if (!m->word[level]) {
				enum tfa_stop which = tfa_descriptor(
					m->context->config, m->region->attr, level,
					&m->word[level]);

				if (which != TFA_NO_STOP) {
					stop_mapping(m, which);
					return 0;
				}
			}
			write_leaves(m, at + from, i - from,
				     va + ((uint64_t)from << shift), level);
		}
		while (i < known && at[i] != INVALID) {
			if (tfa_points(m->t, level, at[i], &next))
				goto out;
			i++;
		}
	}
out:
	if (table != BASE && m->t->filled[table] < n + i)
		m->t->filled[table] = (uint16_t)(n + i);
	return i;
}

/* xlat_tables_map_region(). */
static enum tfa_map_end map_into(struct mapping *m, uint32_t table, uint64_t table_va,
				 int level)
{
	struct tfa_tables *t = m->t;
	unsigned shift = tfa_shift(level);
	uint64_t block = UINT64_C(1) << shift, entry = (m->last - table_va) >> shift;
	uint32_t n = m->first > table_va ? (uint32_t)((m->first - table_va) >> shift) : 0;
	uint32_t end =
		entry < entries_of(t, table) ? (uint32_t)entry + 1 : entries_of(t, table);

	if (table != BASE && m->context->config->dynamic)
		t->counts[table]++;
	t->work += end - n;
	while (n < end) {
		uint64_t va = table_va + ((uint64_t)n << shift), word;
		bool whole = va >= m->first && m->last - va >= block - 1;
		enum tfa_map_end mapped;
		uint32_t next = BASE;
		bool points;

		word = words_of(t, table)[n];
		points = tfa_points(t, level, word, &next);
		if (whole && m->leaf[level] && !points) {
			uint64_t blocks = (m->last - va + 1) >> shift;
			uint32_t most = blocks < end - n ? (uint32_t)blocks : end - n;

			most = map_leaves(m, table, n, most, va, level);
			if (!most)
				return TFA_ENDED;
			n += most;
			continue;
		}
		if (!points && word != INVALID) {
			n++; /* already mapped */
			continue;
		}
		if (!points) {
			m->failed_at = va;
			mapped = make_table(m, table, n, va, level + 1,
					    whole && m->leaf[level + 1], &next);
			if (mapped != TFA_MAPPED)
				return mapped;
		}
		mapped = map_into(m, next, va, level + 1);
		if (mapped != TFA_MAPPED)
			return mapped;
		n++;
	}
	return TFA_MAPPED;
}

enum tfa_map_end tfa_map(struct tfa_context *context, const struct tfa_region *region,
			 uint64_t *ret_va, struct mmp_error *err)
{
	struct mapping m = {
		.context = context,
		.t = &context->tables,
		.region = region,
		.first = region->va,
		.last = region->va + region->size - 1,
		.offset = region->pa - region->va,
		.err = err,
	};
	enum tfa_map_end end;

	for (int level = 1; level < LEVELS; level++) {
		uint64_t block = UINT64_C(1) << tfa_shift(level);

		m.leaf[level] = !(m.offset & (block - 1)) && region->granularity >= block;
	}
	end = map_into(&m, BASE, 0, context->tables.base_level);
	*ret_va = m.failed_at;
	return end;
}

/* xlat_tables_unmap_region(). */
static void unmap_from(struct tfa_context *context, uint64_t first, uint64_t last,
		       uint32_t table, uint64_t table_va, int level)
{
	struct tfa_tables *t = &context->tables;
	unsigned shift = tfa_shift(level);
	uint64_t block = UINT64_C(1) << shift, entry = (last - table_va) >> shift;
	uint32_t n = first > table_va ? (uint32_t)((first - table_va) >> shift) : 0;
	uint32_t end =
		entry < entries_of(t, table) ? (uint32_t)entry + 1 : entries_of(t, table);
	uint64_t *words = words_of(t, table);

	t->work += end - n;
	for (; n < end; n++) {
		uint64_t va = table_va + ((uint64_t)n << shift);
		uint32_t next;

		if (tfa_points(t, level, words[n], &next)) {
			unmap_from(context, first, last, next, va, level + 1);
			if (!t->counts[next])
				words[n] = INVALID;
		} else if (va >= first && last - va >= block - 1) {
			words[n] = INVALID;
		}
	}
	if (table == BASE)
		return;
	if (!--t->counts[table] && table < t->free_hint)
		t->free_hint = table;
}

void tfa_unmap(struct tfa_context *context, uint64_t va, uint64_t size)
{
	unmap_from(context, va, va + size - 1, BASE, 0, context->tables.base_level);
}

static void find_levels(struct tfa_tables *t, uint32_t table, uint64_t va, int level)
{
	const uint64_t *words = words_of(t, table);
	uint32_t next;

	if (table != BASE) {
		t->level[table] = (int8_t)level;
		t->base_va[table] = va;
	}
	for (uint32_t n = 0; level < LAST_LEVEL && n < entries_of(t, table); n++)
		if (tfa_points(t, level, words[n], &next))
			find_levels(t, next, va + ((uint64_t)n << tfa_shift(level)),
				    level + 1);
}

void tfa_tables_find_levels(struct tfa_context *context)
{
	struct tfa_tables *t = &context->tables;

	if (t->touched)
		memset(t->level, -1, t->touched);
	find_levels(t, BASE, 0, t->base_level);
}
