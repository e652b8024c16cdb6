/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_PLACEMENT_H
#define MMP_PLACEMENT_H

/*
 * Where finished tables are in memory: in a pool of our own, or where the firmware
 * itself would have put them, so that they can be compared with memory read out of a
 * running board. The rule set decides which run follows which (mmp_table_places).
 */

#include "tables/tables.h"

/* A run of memory; size 0: there is none. */
struct mmp_run {
	uint64_t pa, size;  /* bytes */
	uint64_t room;      /* what is set aside for it: at least size */
	uint64_t alignment; /* a power of two */
};

struct mmp_runs {
	struct mmp_run run[MMP_RUN_COUNT];
};

extern const char *const mmp_run_names[MMP_RUN_COUNT]; /* for messages */
extern const char *const mmp_run_keys[MMP_RUN_COUNT];  /* "base_tables_pa": in JSON */

/* Known addresses, of a running board or from a symbol table. */
struct mmp_placement_given {
	bool given[MMP_RUN_COUNT];
	uint64_t pa[MMP_RUN_COUNT];
};

/* Base tables at the pool's first byte, the others after them, nothing else. */
void mmp_place_in_pool(struct mmp_runs *runs, const struct mmp_tables *tables,
		       uint64_t pool_pa);

/*
 * As the firmware does. What is not given follows from the rule set; where it cannot,
 * or where runs are unaligned, overlap, or leave free memory, MMP_INVALID says the
 * number that would do. `tables` were made before, wherever they are: their number
 * does not depend on it.
 */
int mmp_place_as_firmware(struct mmp_runs *runs, const struct mmp_tables *tables,
			  const struct mmp_placement_given *placing,
			  struct mmp_error *err);

/* From the first byte of the first run through the last of the last, in whole pages. */
struct mmp_range mmp_runs_span(const struct mmp_runs *runs);

/* What mmp_tables_make needs. */
struct mmp_placement mmp_runs_placement(const struct mmp_runs *runs);

/* Write the runs of made tables into bytes[0 .. length), whose first byte is at `pa`. */
void mmp_runs_fill(const struct mmp_runs *runs, const struct mmp_tables *tables,
		   uint64_t pa, uint8_t *bytes, size_t length);

#endif
