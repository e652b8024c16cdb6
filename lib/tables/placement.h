/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PLACEMENT_H
#define MMP_PLACEMENT_H

/*
 * Where finished tables are in memory: in a pool of our own, or where the firmware itself
 * would put them, for comparison with memory read from a running board. The rule set
 * decides in which order the runs come (mmp_table_places).
 */

#include "tables/tables.h"

/* A run of memory; size 0: it does not exist. */
struct mmp_run {
	uint64_t pa, size;  /* bytes */
	uint64_t room;      /* reserved for it: at least size */
	uint64_t alignment; /* a power of two */
};

struct mmp_runs {
	struct mmp_run run[MMP_RUN_COUNT];
};

extern const char *const mmp_run_keys[MMP_RUN_COUNT]; /* "base_tables_pa": in JSON */

/* Known addresses, from a running board or a symbol table. */
struct mmp_placement_given {
	bool given[MMP_RUN_COUNT];
	uint64_t pa[MMP_RUN_COUNT];
};

/* Place the base tables at the start of the pool, followed by the other tables. */
void mmp_place_in_pool(struct mmp_runs *runs, const struct mmp_tables *tables,
		       uint64_t pool_pa);

/*
 * Place the tables like the firmware. Addresses that are not given follow from the rule
 * set. MMP_INVALID if they do not, or if runs are unaligned, overlap, or exceed free
 * memory; the message has the value that would be right. `tables` must be made, for any
 * placement: their number does not depend on it.
 */
int mmp_place_as_firmware(struct mmp_runs *runs, const struct mmp_tables *tables,
			  const struct mmp_placement_given *placing,
			  struct mmp_error *err);

/* From the first byte of the first run to the last byte of the last, in whole pages. */
struct mmp_range mmp_runs_span(const struct mmp_runs *runs);

/* The placement for mmp_tables_make. */
struct mmp_placement mmp_runs_placement(const struct mmp_runs *runs);

/*
 * Copy the runs of finished tables into bytes[0 .. length), whose first byte is at `pa`.
 */
void mmp_runs_fill(const struct mmp_runs *runs, const struct mmp_tables *tables,
		   uint64_t pa, uint8_t *bytes, size_t length);

#endif
