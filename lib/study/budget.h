/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_BUDGET_H
#define MMP_BUDGET_H

/*
 * The budget of a platform: how many translation tables and map entries it needs, what
 * each region of its map costs and why, how many are left of its limits, and which
 * changes would save some. If the firmware stops because it has too few tables or
 * entries, the numbers are those that would be enough.
 *
 * Nothing is estimated: a price is the difference to the platform computed again without
 * the region, and a suggestion was computed and found to save something.
 */

#include "base/limits.h"
#include "tables/layout.h"

/* Why a table was needed instead of a block of the level above. */
enum mmp_table_reason {
	MMP_TABLE_OF_CORE, /* base level 0: every base table needs its own level 1 */
	MMP_TABLE_UNITS,   /* the region never uses blocks of that size */
	MMP_TABLE_SHIFTED, /* PA and VA have different offsets in a block */
	MMP_TABLE_PART,    /* the region begins and ends in this block */
	MMP_TABLE_BEGINS,
	MMP_TABLE_ENDS,
	MMP_TABLE_REASON_COUNT
};

extern const char *const mmp_table_reason_names[MMP_TABLE_REASON_COUNT];

/* A table of layout.tables.xlat[], and the regions with entries in or below it. */
struct mmp_table_cost {
	enum mmp_table_reason reason;
	uint64_t size; /* of the VA range that it covers, bytes */
	size_t first,
		count; /* regions[first .. first + count), also those without tables */
};

/* Whether the price of a region is known. */
enum mmp_price {
	MMP_PRICE_CORE, /* no registration made it, so it cannot be left out */
	MMP_PRICE_KNOWN,
	MMP_PRICE_STOPS,    /* without it the firmware could not make its map */
	MMP_PRICE_LEFT_OUT, /* over MMP_BUDGET_WORK */
	MMP_PRICE_COUNT
};

extern const char *const mmp_price_names[MMP_PRICE_COUNT];

/* The cost of a region of layout.plan.regions[]. */
struct mmp_region_cost {
	uint32_t first_table;      /* made for it: tables[first_table .. + made) */
	uint32_t made, shared;     /* shared: existing tables that it uses */
	uint64_t descriptors;      /* entries that map it, or that it keeps empty */
	size_t first_registration; /* origins[first_registration .. + registrations) ... */
	size_t registrations;      /* ... are what it was made of */
	enum mmp_price price;
	int64_t saves; /* tables saved without it; negative: more are needed */
};

/* Tables that pages mapped at run time need, in addition to those of boot. */
struct mmp_shm_cost {
	int64_t region;     /* the window, SHM_VASPACE; -1: it has none */
	uint64_t bytes;     /* requested, in whole pages */
	bool fits;          /* whether the window is large enough at all */
	uint64_t at_once;   /* for one mapping, with the window as it is after boot */
	uint64_t scattered; /* if each page is where it needs the most */
	uint64_t window;    /* the whole window, in the long run: none is freed */
};

/* Room for devices mapped at run time, in RES_VASPACE; they need no tables. */
struct mmp_late_room {
	int64_t region;   /* the window, RES_VASPACE; -1: it has none */
	uint64_t granule; /* a mapping takes a multiple of it, bytes */
	uint64_t largest; /* bytes of one mapping: it must fit in one table */
	uint64_t count;   /* mappings of one granule */
};

enum mmp_change {
	MMP_CHANGE_ROUND,     /* round a device to whole blocks */
	MMP_CHANGE_ROUND_ALL, /* round all devices */
	MMP_CHANGE_JOIN, /* extend a registration to the end of another of its type */
	MMP_CHANGE_MOVE, /* move memory to the boundary of a block */
	MMP_CHANGE_DROP, /* remove a registration that is inside another */
	MMP_CHANGE_KEY,  /* change a key of the configuration */
	MMP_CHANGE_COUNT
};

struct mmp_suggestion {
	enum mmp_change change;
	size_t registrations; /* how many it changes; the first two are in ordinals */
	size_t ordinals[2];   /* MMP_CHANGE_JOIN: the second one is left out */
	uint64_t addr, size;  /* of the first one, after the change */
	bool moves_window;    /* reserved_shm moves with it */
	const struct mmp_config_key *key; /* MMP_CHANGE_KEY: set it to `to` */
	uint64_t to;
	const char *but;         /* a warning; NULL: none */
	int64_t tables, entries; /* saved */
};

struct mmp_budget {
	struct mmp_layout as_is;  /* what the firmware makes, up to its stop */
	struct mmp_layout layout; /* without limits on tables and map */
	struct mmp_table_cost *tables;
	struct mmp_region_cost *regions;
	uint32_t *region_of; /* of each registration; MMP_NO_REGION: of none */
	size_t *origins;     /* of each registration; MMP_NO_REGION: none */
	size_t registered;   /* their number */
	size_t merged;       /* of those, without an entry of their own */
	struct mmp_shm_cost shm;
	struct mmp_late_room late;
	size_t suggestion_count;
	struct mmp_suggestion suggestions[MMP_SUGGESTIONS_MAX];
	size_t prices_left_out, changes_left_out; /* not computed, or over the limit */
};

#define MMP_BUDGET_SHM 0x100000u /* bytes of shared memory, by default */

/* Initialise an empty budget; mmp_budget_done frees what measuring allocates. */
void mmp_budget_init(struct mmp_budget *budget);
void mmp_budget_done(struct mmp_budget *budget);

/*
 * Compute the budget of a platform, which must outlive it, with `shm` bytes of shared
 * memory mapped at run time. -1 with MMP_FIRMWARE_STOP if the firmware stops for another
 * reason than a limit, so that the map or the tables cannot be made: as_is has the stop.
 * The work is limited by MMP_BUDGET_WORK; safe in any thread.
 */
int mmp_budget_make(struct mmp_budget *budget, const struct mmp_platform *platform,
		    uint64_t shm, struct mmp_error *err);

/* The most tables there may be; UINT64_MAX if only memory limits them. */
uint64_t mmp_budget_limit(const struct mmp_budget *budget);
uint64_t mmp_budget_spare(const struct mmp_budget *budget); /* or UINT64_MAX */
uint64_t mmp_budget_short(const struct mmp_budget *budget);

/* Map entries in excess of the firmware's array. */
size_t mmp_budget_entries_short(const struct mmp_budget *budget);

/*
 * Bytes of boot memory that are missing, as far as that is known; and that are spare, or
 * UINT64_MAX if that is not known.
 */
uint64_t mmp_budget_bytes_short(const struct mmp_budget *budget);
uint64_t mmp_budget_bytes_spare(const struct mmp_budget *budget);

/* Whether that many further tables are available at run time. */
bool mmp_budget_has(const struct mmp_budget *budget, uint64_t tables);

#endif
