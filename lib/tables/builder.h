/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_BUILDER_H
#define MMP_BUILDER_H

/*
 * State of the tables under construction, shared by the builder's files: build.c has the
 * stages, build_map.c writes regions, build_memory.c allocates. A new table is zeroed
 * only up to the entries already passed (`filled`), so a table that is written from end
 * to end is touched once.
 */

#include <string.h>

#include "tables/tables.h"

enum { LEVELS = 4, LEAVES = 32, LEAVES_SHIFT = 27 };

/* The format's geometry of one level, queried once. */
struct level {
	unsigned shift;
	uint32_t entries;
	bool leaf, table;
};

/*
 * The rights of a region's attribute word, and its descriptors by level, without address;
 * 0: not made yet.
 */
struct leaves {
	uint32_t attr;
	struct mmp_leaf leaf;
	uint64_t word[LEVELS];
};

/* A table while it is written. */
struct table {
	uint8_t *bytes;
	uint64_t base_va;
	uint32_t entries, xlat; /* xlat: index, or NO_XLAT for a base table */
	int level;
	bool secure; /* short: security of what it maps */
};

struct mmp_builder {
	struct mmp_tables *t;
	const struct mmp_plan *plan;
	const struct mmp_format *format;
	const struct mmp_region *region;
	struct leaves *leaves; /* of the current region */
	bool counts;           /* whether the region's PA advances with its VA */
	bool maps; /* whether its entries are leaves; else words without rights */
	bool secure;
	bool pa_stays_zero;  /* a PA that wraps to 0 stays 0 */
	uint64_t pointer[2]; /* to a next table, without address: non-secure, secure */
	struct level level[LEVELS];
	struct leaves made[LEAVES]; /* by attribute word, so that regions share them: */
	uint32_t made_known;        /* those whose bit is set are valid */
	struct table path[LEVELS];  /* the tables entered last, by level up to `depth` */
	int depth;
};

enum { NO_XLAT = UINT32_MAX };

/* build.c: set the stop; `va` is that of the region being mapped. Returns -1. */
int mmp_builder_stop(struct mmp_builder *b, enum mmp_table_stop which, uint64_t va);

/* Fail because we, not the firmware, ran out of memory. Returns -1. */
int mmp_builder_no_memory(struct mmp_builder *b);

/*
 * build_memory.c: zeroed base tables, and what boot memory holds before the other tables.
 */
int mmp_builder_reserve(struct mmp_builder *b);

/* For rules->begin_tables: reserve a number of `bytes` bytes for each base table. */
int mmp_builder_take_notes(struct mmp_builder *b, unsigned bytes);

/* Make the next table besides the base tables; its entries are not written yet. */
int mmp_builder_new_table(struct mmp_builder *b, enum mmp_table_stop when_none,
			  uint64_t va, uint32_t *ret_xlat);

/* The same, and link it from entry n of a table, which must be empty. */
int mmp_builder_make_next(struct mmp_builder *b, struct table *table, uint32_t n,
			  uint64_t va, uint32_t *ret_xlat);

/*
 * build_map.c: enter the base table, map regions in order of VA, finish the last table.
 */
void mmp_builder_enter(struct mmp_builder *b);
int mmp_builder_map(struct mmp_builder *b, const struct mmp_region *region);
void mmp_builder_leave(struct mmp_builder *b);

/* Write `count` entries from n on: word, word + step, ... */
void mmp_builder_write(struct mmp_builder *b, const struct table *table, uint32_t n,
		       uint32_t count, uint64_t word, uint64_t step);

/* Read entry n of a table; entries that were not written yet are 0. */
static inline uint64_t mmp_builder_load(const struct mmp_builder *b,
					const struct table *table, uint32_t n)
{
	if (table->xlat != NO_XLAT && n >= b->t->xlat[table->xlat].filled)
		return 0;
	if (b->format->descriptor_bytes == 8)
		return ((const uint64_t *)(const void *)table->bytes)[n];
	return ((const uint32_t *)(const void *)table->bytes)[n];
}

/* Zero the entries up to `n` that were not written yet. */
static inline void mmp_builder_fill_up_to(struct mmp_builder *b,
					  const struct table *table, uint32_t n)
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

/* The builder's view of a table that is not a base table, for writing. */
static inline struct table mmp_builder_table(const struct mmp_builder *b, uint32_t xlat)
{
	return (struct table){
		.bytes = b->t->xlat_bytes + xlat * b->t->xlat_size,
		.base_va = b->t->xlat[xlat].base_va,
		.entries = b->level[b->t->xlat[xlat].level].entries,
		.xlat = xlat,
		.level = b->t->xlat[xlat].level,
	};
}

/* The index of the table at a physical address. */
static inline uint32_t mmp_builder_xlat_at(const struct mmp_builder *b, uint64_t pa)
{
	return (uint32_t)((pa - b->t->placement.xlat_pa) / b->t->xlat_size);
}

/* The descriptor that points to a table, for the current region. */
static inline uint64_t mmp_builder_pointer_to(const struct mmp_builder *b, uint32_t xlat)
{
	return b->pointer[b->secure] | (b->t->placement.xlat_pa + xlat * b->t->xlat_size);
}

/* The bytes of a base table, at its place in memory order. */
static inline uint8_t *mmp_builder_base(const struct mmp_tables *t, uint32_t core,
					uint32_t index)
{
	return t->base + mmp_base_place(&t->shape, core, index) * t->base_bytes;
}

#endif
