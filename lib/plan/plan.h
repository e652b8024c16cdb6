/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PLAN_H
#define MMP_PLAN_H

/*
 * The plan: what the firmware's memory map will be, and the numbers from which its
 * translation tables and registers follow. Made from a platform by its rule set's
 * planner; holds no bit of any descriptor.
 */

#include "model/platform.h"

enum mmp_mapping {
	MMP_MAP_BLOCKS, /* the largest blocks that fit, up to max_block_shift */
	MMP_MAP_EMPTY,  /* tables are made as if it were mapped at PA 0; entries stay 0 */
	MMP_MAP_NOTHING, /* no tables */
	MMP_MAP_COUNTER, /* entries are (0 | running address): not present */
};

/* One entry of the memory map. */
struct mmp_region {
	uint64_t pa, va, size; /* bytes */
	uint32_t attr;         /* of the type */
	uint8_t type;
	uint8_t granule_shift; /* log2 of the firmware's region_size; 0: that is 0 */
	uint8_t max_block_shift;
	uint8_t mapping; /* enum mmp_mapping */
};

/* The runs of memory that tables lie in. */
enum mmp_table_run {
	MMP_RUN_INDEX, /* what the rule set notes of each base table (tables->notes) */
	MMP_RUN_BASE,
	MMP_RUN_USER, /* a page for each thread's user mode; empty at boot */
	MMP_RUN_XLAT,
	MMP_RUN_COUNT
};

/* Where the firmware itself lays these runs. */
struct mmp_table_places {
	bool follow;   /* one behind the other from `from`; else the linker put them */
	uint64_t from; /* first byte of free memory ... */
	uint64_t room; /* ... and its size; 0: not known */
	uint8_t count, order[MMP_RUN_COUNT]; /* by address */
	bool known; /* the configuration says where the base and the other tables are: */
	uint64_t base_pa, xlat_pa;
};

/* How the tables of a rule set are laid out and where they end. */
struct mmp_table_shape {
	const struct mmp_regime *regime; /* set before the planner runs */
	unsigned va_bits, base_level;
	uint32_t base_entries;               /* in one base table */
	uint32_t cores, boot_core, per_core; /* base tables: cores * per_core */
	uint32_t
		copy_core; /* whose base table is copied to the others; as a rule boot_core */
	bool index_major; /* memory order [index][core], else [core][index] */
	bool limited;     /* at most max_tables, else as boot memory allows */
	uint32_t max_tables;
	uint64_t boot_memory;     /* bytes; UINT64_MAX: no limit */
	uint64_t boot_memory_tmp; /* of them, taken from the top before the tables */
	/*
	 * Where no limit was stated: bytes that the image leaves free, UINT64_MAX if that is
	 * not known, and what else the firmware takes of them, before its map and after its
	 * tables.
	 */
	uint64_t boot_room, boot_room_before, boot_room_after;
	uint32_t user_tables;      /* one a thread, in boot memory before the others */
	uint32_t user_table_bytes; /* of one; 0: as the other tables */
	uint32_t tables_a_page;    /* of boot memory; 0: each table is taken alone */
	unsigned boot_alignment;   /* bytes, of everything taken; lengths too; 0: none */
	uint64_t user_va_end; /* user mode has the addresses below; 0: as the rules say */
	bool fixed;   /* nothing is mapped after boot, so no table need be spare */
	bool asserts; /* core_debug */
	uint64_t pa_mask, va_mask; /* what of an address the firmware's types hold */
	struct mmp_table_places places;
};

/* The numbers that registers are made from; lib/arch makes them. */
struct mmp_register_plan {
	unsigned ps;          /* TCR_EL1.IPS */
	bool ps_stops;        /* the firmware stops for it: MMP_STOP_PA_WIDTH */
	unsigned parange;     /* what the CPU has */
	uint64_t map_offset;  /* VA - PA of the core's base, modulo 2^64 */
	uint32_t ttbr0_table; /* the base table that TTBR0 is set to; +core offset */
	bool has_offsets;     /* ttbr0_core_offset and map_offset are reported */
	bool has_ttbr1;
	bool has_max_pa;
	bool ps_stops_early; /* before the highest virtual address is looked at */
	bool no_contextidr;  /* short: CONTEXTIDR is not written */
};

/* The firmware's array of map entries. */
struct mmp_map_room {
	bool limited;     /* no more than `entries`; else it doubles when it is full */
	size_t entries;   /* that it was built with */
	size_t allocated; /* what it has room for when the map is made */
	size_t late;      /* mappings at run time that find an entry, once booted */
};

enum mmp_attempt_result {
	MMP_ATTEMPT_MAPPED,
	MMP_ATTEMPT_NO_VA,
	MMP_ATTEMPT_NO_USER_VA,
	MMP_ATTEMPT_IDENTITY_CLASH
};

extern const char *const mmp_attempt_names[];

/* One try at placing the core with ASLR. */
struct mmp_attempt {
	uint64_t base;
	enum mmp_attempt_result result;
};

/* What one registration returned, where the firmware's registrations are calls. */
struct mmp_result {
	const char *code; /* "0" or the name of the error: "-ENOMEM" */
	bool has_va, has_attr;
	uint64_t va;   /* that the firmware chose */
	uint32_t attr; /* that it read back ... */
	int level;     /* ... from a descriptor of this level */
};

#define MMP_ATTEMPTS_MAX 3

struct mmp_plan {
	const struct mmp_platform *platform; /* borrowed */
	struct mmp_table_shape shape;
	struct mmp_register_plan registers;
	struct mmp_attempt attempts[MMP_ATTEMPTS_MAX];
	unsigned attempt_count;
	uint64_t max_pa; /* where the rule set computes it, else 0 */
	struct mmp_range secure[MMP_SECURE_RANGES_MAX]; /* the secure-only ranges */
	unsigned secure_count;
	bool collected; /* regions[] is the whole map, if not placed yet */
	struct mmp_map_room map;
	size_t count;
	size_t hidden; /* entries behind `count` that the firmware does not see */
	size_t result_count;
	struct mmp_stop stop; /* where the firmware would stop; info NULL: it does not */

	/* From here on, what stays from one making to the next. */
	/*
	 * Set by who wants to know all: what the firmware only tests, without making
	 * anything of it, is noted in `stop` and does not end the making.
	 */
	bool past_tests;
	bool past_limits; /* set by who wants to know how many entries the map needs */
	size_t capacity, result_capacity;
	struct mmp_region *regions; /* by VA, ascending, once made */
	struct mmp_region *spare;   /* scratch of the same capacity */
	struct mmp_result *results; /* of the registrations up to a stop; or none */
	/* What the rule set keeps for itself, and its end. */
	void *own;
	void (*own_done)(void *own);
};

/*
 * What the tables must map: by VA, without overlaps. The regions themselves, unless the
 * rule set lets regions overlap or change later (rules->pieces). mmp_pieces_done() frees.
 */
struct mmp_pieces {
	const struct mmp_region *pieces;
	size_t count;
	struct mmp_region *made; /* NULL: pieces are the plan's regions */
};

/* -1: out of memory. */
int mmp_pieces_make(struct mmp_pieces *pieces, const struct mmp_plan *plan);
void mmp_pieces_done(struct mmp_pieces *pieces);

/* A plan that holds nothing; mmp_plan_done frees what it came to hold. */
void mmp_plan_init(struct mmp_plan *plan);
void mmp_plan_done(struct mmp_plan *plan);

/*
 * Make the plan of a platform; a plan that was made before is reused, so that many
 * in a row need no memory. Returns -1 with MMP_FIRMWARE_STOP where the firmware
 * would stop (plan->stop says where; regions are as far as it came, in no order to
 * rely on), or MMP_SYSTEM.
 */
int mmp_plan_make(struct mmp_plan *plan, const struct mmp_platform *platform,
		  struct mmp_error *err);

/* Normal-world DDR as the firmware discovers it later in boot. */
struct mmp_ddr {
	size_t count, capacity;
	struct mmp_region *ranges; /* pa and size */
	unsigned ps; /* where has_ps: TCR_EL1.IPS, which discovery may raise */
	bool has_ps;
	struct mmp_stop stop; /* discovery stops; the layout stands all the same */
};

/* No ranges yet; mmp_ddr_done frees them. */
void mmp_ddr_init(struct mmp_ddr *ddr);
void mmp_ddr_done(struct mmp_ddr *ddr);

/* Fills ddr from a made plan. A stop is no error; -1 is MMP_SYSTEM. */
int mmp_ddr_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan,
		     struct mmp_error *err);

/* Turn a stop into the error that carries it; returns -1. */
int mmp_stop_error(const struct mmp_stop *stop, const struct mmp_platform *platform,
		   struct mmp_error *err);

#endif
