/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_BUILDER_H
#define MMP_BUILDER_H

/*
 * Tables while they are built, shared by the files of the builder: build.c has the
 * stages, build_map.c writes regions, build_memory.c makes room. A new table is zeroed
 * only as far as its entries have been passed (`filled`), so a table that is written
 * from end to end is touched once.
 */

#include <string.h>

#include "tables/tables.h"

enum { LEVELS = 4, LEAVES = 32, LEAVES_SHIFT = 27 };

/* The format's geometry of one level, asked for once. */
struct level {
	unsigned shift;
	uint32_t entries;
	bool leaf, table;
};

/* What a region's attribute word comes to: its rights, and descriptors without address
 * by level; 0: not made yet. */
struct leaves {
	uint32_t attr;
	struct mmp_leaf leaf;
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

struct mmp_builder {
	struct mmp_tables *t;
	const struct mmp_plan *plan;
	const struct mmp_format *format;
	const struct mmp_region *region;
	struct leaves *leaves; /* of the region */
	bool counts;           /* whether the region's PA moves on with its VA */
	bool maps; /* whether its entries are leaves; else words without rights */
	bool secure;
	bool pa_stays_zero; /* a PA that wraps to 0 counts no further, as PA 0 does not */
	uint64_t pointer[2]; /* to a next table, without address: non-secure, secure */
	struct level level[LEVELS];
	struct leaves made[LEAVES]; /* by attribute word, so that regions share them: */
	uint32_t made_known;        /* those whose bit is set */
	struct table
		path[LEVELS]; /* by level, base level .. depth: the tables last entered */
	int depth;
};

enum { NO_XLAT = UINT32_MAX };

/* build.c: the firmware stops here (`va`: of the region that is being mapped); -1. */
int mmp_builder_stop(struct mmp_builder *b, enum mmp_table_stop which, uint64_t va);

/* Not a stop of the firmware, but of ours; -1. */
int mmp_builder_no_memory(struct mmp_builder *b);

/* build_memory.c: base tables, zeroed, and what boot memory holds before the others. */
int mmp_builder_reserve(struct mmp_builder *b);

/* For rules->begin_tables: keep a number of so many bytes for each base table. */
int mmp_builder_take_notes(struct mmp_builder *b, unsigned bytes);

/* The next table that is no base table; its entries are not written yet. */
int mmp_builder_new_table(struct mmp_builder *b, enum mmp_table_stop when_none,
			  uint64_t va, uint32_t *ret_xlat);

/* The same, linked from entry n of a table that has nothing there. */
int mmp_builder_make_next(struct mmp_builder *b, struct table *table, uint32_t n,
			  uint64_t va, uint32_t *ret_xlat);

/* build_map.c: begin at the base table, map regions in order of VA, finish the last. */
void mmp_builder_enter(struct mmp_builder *b);
int mmp_builder_map(struct mmp_builder *b, const struct mmp_region *region);
void mmp_builder_leave(struct mmp_builder *b);

/* Entries n .. n + count: word, word + step, ... */
void mmp_builder_write(struct mmp_builder *b, const struct table *table, uint32_t n,
		       uint32_t count, uint64_t word, uint64_t step);

/* Entry n of a table; entries that were not written yet are 0. */
static inline uint64_t mmp_builder_load(const struct mmp_builder *b,
					const struct table *table, uint32_t n)
{
	if (table->xlat != NO_XLAT && n >= b->t->xlat[table->xlat].filled)
		return 0;
	if (b->format->descriptor_bytes == 8)
		return ((const uint64_t *)(const void *)table->bytes)[n];
	return ((const uint32_t *)(const void *)table->bytes)[n];
}

/* Let entries up to `n` be written ones. */
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

/* A table that is no base table, to be written to. */
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

/* The descriptor that points to a table, for the region being mapped. */
static inline uint64_t mmp_builder_pointer_to(const struct mmp_builder *b, uint32_t xlat)
{
	return b->pointer[b->secure] | (b->t->placement.xlat_pa + xlat * b->t->xlat_size);
}

/* The bytes of a base table, wherever the shape puts it. */
static inline uint8_t *mmp_builder_base(const struct mmp_tables *t, uint32_t core,
					uint32_t index)
{
	return t->base + mmp_base_place(&t->shape, core, index) * t->base_bytes;
}

#endif
