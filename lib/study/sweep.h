/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SWEEP_H
#define MMP_SWEEP_H

/*
 * A sweep: the layout of one platform for many ASLR seeds, each computed completely. A
 * sweep is cut into independent chunks, so that threads can share the work; chunks are
 * joined in order.
 */

#include "tables/layout.h"

/* Seeds first, first + step, ... : count of them. */
struct mmp_seeds {
	uint64_t first, step, count;
};

#define MMP_SEED_STEP UINT64_C(0x1000) /* a smaller step gives the same base */

/*
 * Every page-aligned base of an address space of va_bits bits, if there are at most 2^20;
 * otherwise 2^20 of them, spread over all of it, and *ret_sampled is true. The step of a
 * sample is an odd number of pages, so that it includes every page offset of 4 GiB: the
 * tables that are needed depend on the offset of the base in its 2 MiB and in its GiB.
 */
struct mmp_seeds mmp_seeds_all(const struct mmp_platform *platform, bool *ret_sampled);

/*
 * Where the core is placed: at the first, second or third candidate, or at its load
 * address.
 */
enum { MMP_SWEEP_LOAD_ADDRESS = MMP_ATTEMPTS_MAX, MMP_SWEEP_PLACES };

/* Consecutive seeds with the same outcome. */
struct mmp_interval {
	uint64_t first, last, count;      /* seeds */
	const struct mmp_stop_info *stop; /* NULL: it boots, but from its load address */
};

#define MMP_SWEEP_TABLES 1024 /* more are counted in the last row of the histogram */

struct mmp_sweep {
	uint64_t count, failed;
	uint64_t places[MMP_SWEEP_PLACES]; /* of the seeds that boot */
	/* What the seeds need that boot, or that only a limit stops. */
	uint64_t measured;
	uint32_t fewest_tables, most_tables;
	uint64_t fewest_seed, most_seed;        /* the first seed that needs so many */
	size_t most_entries;                    /* of the memory map */
	uint64_t with_tables[MMP_SWEEP_TABLES]; /* seeds that need n tables */
	size_t interval_count, interval_capacity;
	struct mmp_interval *intervals; /* seeds that stop or fall back, ascending */
	size_t intervals_omitted;       /* over MMP_INTERVALS_MAX */
	struct mmp_interval omitted;    /* the last of the omitted ones */
};

/* Check that the rule set supports ASLR; otherwise MMP_INVALID. */
bool mmp_has_aslr(const struct mmp_platform *platform, struct mmp_error *err);

/* Initialise an empty sweep; mmp_sweep_done frees the intervals. */
void mmp_sweep_init(struct mmp_sweep *sweep);
void mmp_sweep_done(struct mmp_sweep *sweep);

/*
 * Compute seeds[from .. from + count), with ASLR enabled whatever the configuration says.
 * Seed 0 would disable it, so its base is computed with seed 1, which is in the same
 * page. Safe in any thread. -1 is MMP_SYSTEM.
 */
int mmp_sweep_chunk(struct mmp_sweep *sweep, const struct mmp_platform *platform,
		    const struct mmp_seeds *seeds, uint64_t from, uint64_t count,
		    struct mmp_error *err);

/* Append the next chunk. -1 is MMP_SYSTEM. */
int mmp_sweep_join(struct mmp_sweep *sweep, const struct mmp_sweep *chunk, uint64_t step,
		   struct mmp_error *err);

#endif
