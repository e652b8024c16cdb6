/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PLAN_H
#define MMP_PLAN_H

/*
 * The plan: the firmware's memory map, and the numbers from which its translation tables
 * and registers follow. The planner of a rule set makes it from a platform. It contains
 * no descriptor bits.
 */

#include "model/platform.h"

enum mmp_mapping {
	MMP_MAP_BLOCKS,  /* the largest blocks that fit, up to max_block_shift */
	MMP_MAP_EMPTY,   /* tables are made as for a region at PA 0; entries stay 0 */
	MMP_MAP_NOTHING, /* no tables */
	MMP_MAP_COUNTER, /* entries are (0 | running address): not present */
};

/* One entry of the memory map. */
struct mmp_region {
	uint64_t pa, va, size; /* bytes */
	uint32_t attr;         /* of the type */
	uint8_t type;
	uint8_t granule_shift; /* log2 of the firmware's region_size; 0: it is 0 */
	uint8_t max_block_shift;
	uint8_t mapping; /* enum mmp_mapping */
};

/* The runs of memory that hold tables. */
enum mmp_table_run {
	MMP_RUN_INDEX, /* what the rule set notes for each base table (tables->notes) */
	MMP_RUN_BASE,
	MMP_RUN_USER, /* a page for the user mode of each thread; empty at boot */
	MMP_RUN_XLAT,
	MMP_RUN_COUNT
};

/* Where the firmware itself places these runs. */
struct mmp_table_places {
	bool follow;   /* one after another from `from` on; else the linker's */
	uint64_t from; /* first byte of free memory */
	uint64_t room; /* size of the free memory; 0: not known */
	uint8_t count, order[MMP_RUN_COUNT]; /* by address */
	bool known;                          /* the two addresses below are configured */
	uint64_t base_pa, xlat_pa;
};

/* The geometry of a rule set's tables, and their limits. */
struct mmp_table_shape {
	const struct mmp_regime *regime; /* set before the planner runs */
	unsigned va_bits, base_level;
	uint32_t base_entries;               /* in one base table */
	uint32_t cores, boot_core, per_core; /* base tables: cores * per_core */
	uint32_t
		copy_core; /* its base table is copied to the others; usually boot_core */
	bool index_major;  /* memory order [index][core], else [core][index] */
	bool limited;      /* at most max_tables, else as many as boot memory allows */
	uint32_t max_tables;
	uint64_t boot_memory;     /* bytes; UINT64_MAX: no limit */
	uint64_t boot_memory_tmp; /* bytes of it, taken from the top before the tables */
	/*
	 * If no limit was given: the bytes that the image leaves free, UINT64_MAX if not
	 * known, and what else the firmware takes of them, before its map and after its
	 * tables.
	 */
	uint64_t boot_room, boot_room_before, boot_room_after;
	uint32_t user_tables;      /* one per thread, in boot memory before the others */
	uint32_t user_table_bytes; /* size of one; 0: as the other tables */
	uint32_t tables_a_page;    /* taken together from boot memory; 0: one by one */
	unsigned boot_alignment;   /* bytes, for addresses and lengths taken; 0: none */
	uint64_t user_va_end; /* user mode has the addresses below; 0: as the rules say */
	bool fixed;   /* nothing is mapped after boot, so no spare table is needed */
	bool asserts; /* core_debug */
	uint64_t pa_mask, va_mask; /* the address bits that the firmware's types hold */
	struct mmp_table_places places;
};

/* The numbers that registers are made from; lib/arch makes the registers. */
struct mmp_register_plan {
	unsigned ps;          /* TCR_EL1.IPS */
	bool ps_stops;        /* the firmware stops because of it: MMP_STOP_PA_WIDTH */
	unsigned parange;     /* of the CPU */
	uint64_t map_offset;  /* VA - PA of the core's base, modulo 2^64 */
	uint32_t ttbr0_table; /* the base table in TTBR0, plus the core's offset */
	bool has_offsets;     /* ttbr0_core_offset and map_offset are reported */
	bool has_ttbr1;
	bool has_max_pa;
	bool ps_stops_early; /* before the highest virtual address is checked */
	bool no_contextidr;  /* short: CONTEXTIDR is not written */
};

/* The firmware's array of map entries. */
struct mmp_map_room {
	bool limited;     /* at most `entries`; else it doubles when it is full */
	size_t entries;   /* that it was built with */
	size_t allocated; /* its capacity when the map is made */
	size_t late; /* mappings at run time that still find a free entry after boot */
};

enum mmp_attempt_result {
	MMP_ATTEMPT_MAPPED,
	MMP_ATTEMPT_NO_VA,
	MMP_ATTEMPT_NO_USER_VA,
	MMP_ATTEMPT_IDENTITY_CLASH
};

extern const char *const mmp_attempt_names[];

/* One attempt to place the core with ASLR. */
struct mmp_attempt {
	uint64_t base;
	enum mmp_attempt_result result;
};

/* What one registration returned, if the firmware's registrations are calls. */
struct mmp_result {
	const char *code; /* "0" or the name of an error: "-ENOMEM" */
	bool has_va, has_attr;
	uint64_t va;   /* chosen by the firmware */
	uint32_t attr; /* read back from a descriptor */
	int level;     /* level of that descriptor */
};

#define MMP_ATTEMPTS_MAX 3

struct mmp_plan {
	const struct mmp_platform *platform; /* borrowed */
	struct mmp_table_shape shape;
	struct mmp_register_plan registers;
	struct mmp_attempt attempts[MMP_ATTEMPTS_MAX];
	unsigned attempt_count;
	uint64_t max_pa; /* if the rule set computes it, else 0 */
	struct mmp_range secure[MMP_SECURE_RANGES_MAX]; /* the secure-only ranges */
	unsigned secure_count;
	bool collected; /* regions[] has the whole map, even if not placed yet */
	struct mmp_map_room map;
	size_t count;
	size_t hidden; /* entries after `count` that the firmware does not see */
	size_t result_count;
	struct mmp_stop stop; /* where the firmware stops; info NULL: it does not */

	/* The fields below are kept when the plan is made again. */
	/*
	 * Set by callers that want all problems: conditions that the firmware only tests
	 * are noted in `stop` and do not end the computation.
	 */
	bool past_tests;
	bool past_limits; /* set to find out how many entries the map needs */
	size_t capacity, result_capacity;
	struct mmp_region *regions; /* by VA, ascending, once the plan is made */
	struct mmp_region *spare;   /* scratch of the same capacity */
	struct mmp_result *results; /* of the registrations up to a stop; or none */
	/* The rule set's own data, and the function that frees it. */
	void *own;
	void (*own_done)(void *own);
};

/*
 * What the tables must map, sorted by VA and without overlaps. It is the plan's regions,
 * unless the rule set allows regions to overlap or change later (rules->pieces). Free
 * with mmp_pieces_done().
 */
struct mmp_pieces {
	const struct mmp_region *pieces;
	size_t count;
	struct mmp_region *made; /* NULL: pieces are the plan's regions */
};

/* Fill in the pieces. -1: out of memory. */
int mmp_pieces_make(struct mmp_pieces *pieces, const struct mmp_plan *plan);
void mmp_pieces_done(struct mmp_pieces *pieces);

/* Initialise an empty plan; mmp_plan_done frees what it allocates. */
void mmp_plan_init(struct mmp_plan *plan);
void mmp_plan_done(struct mmp_plan *plan);

/*
 * Make the plan of a platform. A plan that was made before is reused, so that making many
 * in a row allocates nothing. Returns -1 with MMP_FIRMWARE_STOP if the firmware would
 * stop (plan->stop says where; the regions are incomplete and in no particular order), or
 * MMP_SYSTEM.
 */
int mmp_plan_make(struct mmp_plan *plan, const struct mmp_platform *platform,
		  struct mmp_error *err);

/* Normal-world DDR as the firmware discovers it later in boot. */
struct mmp_ddr {
	size_t count, capacity;
	struct mmp_region *ranges; /* pa and size */
	unsigned ps;               /* TCR_EL1.IPS if has_ps; discovery may raise it */
	bool has_ps;
	struct mmp_stop stop; /* discovery stops; the layout stays valid */
};

/* Initialise without ranges; mmp_ddr_done frees them. */
void mmp_ddr_init(struct mmp_ddr *ddr);
void mmp_ddr_done(struct mmp_ddr *ddr);

/* Fill in `ddr` from a finished plan. A stop is not an error; -1 is MMP_SYSTEM. */
int mmp_ddr_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan,
		     struct mmp_error *err);

/* Convert a stop to an error. Returns -1. */
int mmp_stop_error(const struct mmp_stop *stop, const struct mmp_platform *platform,
		   struct mmp_error *err);

#endif
