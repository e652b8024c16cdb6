/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_BUDGET_H
#define MMP_BUDGET_H

/*
 * The budget of a platform: how many translation tables and map entries it needs, what
 * each region of its map costs and why, how many are spare for its limits, and which
 * changes would save some. Where the firmware stops for want of tables or entries, the
 * numbers are those that would do.
 *
 * Nothing here is estimated: a price is the difference to the platform computed again
 * without the region, and a suggestion is one that was computed and found to save.
 */

#include "base/limits.h"
#include "tables/layout.h"

/* Why a table was needed, where a block of the level above it would have saved it. */
enum mmp_table_reason {
	MMP_TABLE_OF_CORE, /* base level 0: every base table gets a level 1 of its own */
	MMP_TABLE_UNITS,   /* blocks of that size are never used for the region */
	MMP_TABLE_SHIFTED, /* PA and VA differ in their offset in a block */
	MMP_TABLE_PART,    /* the region begins and ends in this block */
	MMP_TABLE_BEGINS,
	MMP_TABLE_ENDS,
	MMP_TABLE_REASON_COUNT
};

extern const char *const mmp_table_reason_names[MMP_TABLE_REASON_COUNT];

/* Of layout.tables.xlat[]: a table, and the regions with entries in or below it. */
struct mmp_table_cost {
	enum mmp_table_reason reason;
	uint64_t size; /* of the VA that it covers, bytes */
	size_t first,
		count; /* regions[first .. first + count), those without tables too */
};

/* Whether it is known what a region costs. */
enum mmp_price {
	MMP_PRICE_CORE, /* no registration made it, so none can be left out */
	MMP_PRICE_KNOWN,
	MMP_PRICE_STOPS,    /* without it the firmware could not make its map */
	MMP_PRICE_LEFT_OUT, /* over MMP_BUDGET_WORK */
	MMP_PRICE_COUNT
};

extern const char *const mmp_price_names[MMP_PRICE_COUNT];

/* Of layout.plan.regions[]. */
struct mmp_region_cost {
	uint32_t first_table;      /* made for it: tables[first_table .. + made) */
	uint32_t made, shared;     /* shared: it uses them, and they were there */
	uint64_t descriptors;      /* entries that map it, or that it keeps empty */
	size_t first_registration; /* origins[first_registration .. + registrations) ... */
	size_t registrations;      /* ... are what it was made of */
	enum mmp_price price;
	int64_t saves; /* tables fewer without it; below 0: more, as others move */
};

/* Tables that pages mapped at run time need besides those of boot. */
struct mmp_shm_cost {
	int64_t region;     /* the window, SHM_VASPACE; -1: there is none */
	uint64_t bytes;     /* asked for, in whole pages */
	bool fits;          /* into the window at all */
	uint64_t at_once;   /* one mapping in the window as it is after boot */
	uint64_t scattered; /* each page where it needs the most */
	uint64_t window; /* the whole window, sooner or later: tables are never freed */
};

/* Devices mapped at run time, into RES_VASPACE: they take no tables. */
struct mmp_late_room {
	int64_t region;   /* the window, RES_VASPACE; -1: there is none */
	uint64_t granule; /* a mapping takes whole ones, bytes */
	uint64_t largest; /* bytes of one mapping: it must fit in one table */
	uint64_t count;   /* mappings of one granule */
};

enum mmp_change {
	MMP_CHANGE_ROUND,     /* a device to whole blocks */
	MMP_CHANGE_ROUND_ALL, /* all of them */
	MMP_CHANGE_JOIN,      /* a registration up to the end of another of its type */
	MMP_CHANGE_MOVE,      /* memory to a block's border */
	MMP_CHANGE_DROP,      /* a registration that is in another */
	MMP_CHANGE_KEY,       /* a key of the configuration */
	MMP_CHANGE_COUNT
};

struct mmp_suggestion {
	enum mmp_change change;
	size_t registrations; /* that it changes; the first two are in ordinals */
	size_t ordinals[2];   /* MMP_CHANGE_JOIN: the second is left out */
	uint64_t addr, size;  /* of the first, afterwards */
	bool moves_window;    /* reserved_shm goes with it */
	const struct mmp_config_key
		*key; /* MMP_CHANGE_KEY: has the value `to` afterwards */
	uint64_t to;
	const char *but;         /* what to know before doing it; NULL: nothing */
	int64_t tables, entries; /* saved */
};

struct mmp_budget {
	struct mmp_layout as_is;  /* what the firmware makes, up to where it stops */
	struct mmp_layout layout; /* what it would make with no limit on tables and map */
	struct mmp_table_cost *tables;
	struct mmp_region_cost *regions;
	uint32_t *region_of; /* of each registration; MMP_NO_REGION: of none */
	size_t *origins;     /* ordinals of registrations, those of a region together */
	size_t registered;   /* of them */
	size_t merged;       /* of those, that did not get an entry of their own */
	struct mmp_shm_cost shm;
	struct mmp_late_room late;
	size_t suggestion_count;
	struct mmp_suggestion suggestions[MMP_SUGGESTIONS_MAX];
	size_t prices_left_out, changes_left_out; /* not computed, or no room for them */
};

#define MMP_BUDGET_SHM                                                                   \
	0x100000u /* bytes of shared memory, where nobody asks for others */

/* Nothing measured yet; mmp_budget_done frees what measuring allocates. */
void mmp_budget_init(struct mmp_budget *budget);
void mmp_budget_done(struct mmp_budget *budget);

/*
 * The budget of a platform, which must outlive it, with `shm` bytes of shared memory
 * mapped at run time. -1 with MMP_FIRMWARE_STOP if the firmware stops for another
 * reason than a limit and no map or no tables can be made: as_is says where. Takes time
 * as MMP_BUDGET_WORK allows; safe in any thread.
 */
int mmp_budget_make(struct mmp_budget *budget, const struct mmp_platform *platform,
		    uint64_t shm, struct mmp_error *err);

/* Tables: what there may be, or UINT64_MAX if nothing but memory limits them. */
uint64_t mmp_budget_limit(const struct mmp_budget *budget);
uint64_t mmp_budget_spare(const struct mmp_budget *budget); /* UINT64_MAX the same */
uint64_t mmp_budget_short(const struct mmp_budget *budget);

/* Map entries beyond what the firmware's array may hold. */
size_t mmp_budget_entries_short(const struct mmp_budget *budget);

/* Bytes of boot memory beyond what there is, as far as that is known. */
uint64_t mmp_budget_bytes_short(const struct mmp_budget *budget);

/* Whether that many tables more are there at run time. */
bool mmp_budget_has(const struct mmp_budget *budget, uint64_t tables);

#endif
