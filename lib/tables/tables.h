/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_TABLES_H
#define MMP_TABLES_H

/*
 * Translation tables as the firmware makes them: base tables first, then the others in
 * order of creation, with their addresses in memory.
 */

#include "arch/format.h"
#include "plan/plan.h"

/* Where tables are in physical memory. Each run is contiguous. */
struct mmp_placement {
	uint64_t base_pa; /* of the base tables */
	uint64_t xlat_pa; /* of the other tables, in order of creation */
};

/* A table that is not a base table. */
struct mmp_xlat {
	uint64_t base_va; /* of its entry 0 */
	uint16_t filled;  /* entries from here on are not written yet (builder only) */
	int8_t level;     /* -1: nothing points to it */
	int32_t regions;  /* how many go through it, with tables->has_regions */
	uint32_t region;  /* of the plan, that it was made for, or MMP_NO_REGION */
};

/* With base level 0 each core gets a level 1 table, which is made for no region. */
#define MMP_NO_REGION UINT32_MAX

struct mmp_tables {
	const struct mmp_format *format;
	struct mmp_table_shape shape;
	struct mmp_placement placement;

	uint8_t *base; /* base_count tables of base_bytes, in memory order */
	uint32_t base_count;
	size_t base_bytes;

	uint8_t *xlat_bytes; /* `used` tables of xlat_size */
	size_t xlat_size;
	uint32_t used, capacity;
	struct mmp_xlat *xlat; /* `used` of them */
	/* If some of the used tables are free again: the others, in order. */
	uint32_t *shown, shown_count;
	bool some_free, has_regions;
	uint32_t in_use; /* what the firmware counts as used; without some_free: used */

	int user_va_idx;  /* -1: none */
	bool has_user_va; /* the firmware searched for that entry */
	/*
	 * A number that the rule set notes for each base table, in core-major order: the
	 * table that user mode gets. Each takes note_bytes in memory; 0 bytes: there are
	 * no notes.
	 */
	uint32_t *notes;
	unsigned note_bytes;
	uint64_t boot_memory_used; /* bytes, if the shape counts them */
	struct mmp_stop stop;
	size_t base_room;    /* of `base`, bytes */
	uint32_t notes_room; /* of `notes` */
};

/* Initialise without tables; mmp_tables_done frees what mmp_tables_make allocates. */
void mmp_tables_init(struct mmp_tables *tables);
void mmp_tables_done(struct mmp_tables *tables);

/*
 * Build the tables of a plan. Tables made before are reused. With `placement` NULL the
 * base tables are at 0 and the others after them. -1 with MMP_FIRMWARE_STOP (tables->stop
 * says where) or MMP_SYSTEM.
 */
int mmp_tables_make(struct mmp_tables *tables, const struct mmp_plan *plan,
		    const struct mmp_placement *placement, struct mmp_error *err);

/*
 * Boot memory in bytes: how much the firmware takes until the tables are made and in use,
 * and how much there is; UINT64_MAX if it is not known, or if tables do not come from it.
 */
uint64_t mmp_boot_memory_needed(const struct mmp_table_shape *shape,
				const struct mmp_tables *tables);
uint64_t mmp_boot_memory_there(const struct mmp_table_shape *shape);

/* The index in memory order of base table `index` of a core. */
static inline size_t mmp_base_place(const struct mmp_table_shape *shape, uint32_t core,
				    uint32_t index)
{
	return shape->index_major ? (size_t)index * shape->cores + core
				  : (size_t)core * shape->per_core + index;
}

/* Where the other tables begin if all tables are in one pool. */
size_t mmp_tables_xlat_offset(const struct mmp_tables *tables);

/*
 * The number of tables in layout.compute's answer: base tables in core-major order, then
 * the others.
 */
uint32_t mmp_tables_count(const struct mmp_tables *tables);

struct mmp_table_view {
	bool is_base;
	bool lost; /* no base table points to it: the firmware lost it when copying */
	uint32_t core, index; /* of a base table */
	uint32_t xlat_index;  /* if it is not a base table */
	int level;            /* -1: nothing points to it */
	int32_t regions;
	uint64_t base_va, pa;
	uint32_t entries;
	const uint8_t *bytes; /* borrowed */
};

/* Whether the base tables that were filled are not those in use, which are then empty. */
bool mmp_tables_lost(const struct mmp_tables *tables);

/* Table `id`; its bytes are borrowed. */
struct mmp_table_view mmp_tables_view(const struct mmp_tables *tables, uint32_t id);

/* Read entry `n` of a table's bytes in the given format. */
uint64_t mmp_descriptor_at(const struct mmp_format *format, const uint8_t *bytes,
			   uint32_t n);

/* The id of the table at `pa`, or -1. */
int64_t mmp_tables_id_at(const struct mmp_tables *tables, uint64_t pa);

#endif
