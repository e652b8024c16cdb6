/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SWEEP_H
#define MMP_SWEEP_H

/*
 * A sweep: the layout of one platform for many ASLR seeds, each computed in full. A
 * sweep is cut into chunks that know nothing of each other, so that threads can share
 * the work; chunks are joined in order.
 */

#include "tables/layout.h"

/* Seeds first, first + step, ... : count of them. */
struct mmp_seeds {
	uint64_t first, step, count;
};

#define MMP_SEED_STEP UINT64_C(0x1000) /* a smaller one gives the same base */

/*
 * Every page-aligned base of a va_bits wide address space, where that is at most
 * 2^20 of them; else 2^20 spread over all of it, and *ret_sampled is true. The step of
 * a sample is an odd number of pages, so that every page of 4 GiB is among them: what
 * tables are needed depends on how the base is in its 2 MiB and its GiB.
 */
struct mmp_seeds mmp_seeds_all(const struct mmp_platform *platform, bool *ret_sampled);

/* Where the core came to be: the first, second or third candidate, or its load address. */
enum { MMP_SWEEP_LOAD_ADDRESS = MMP_ATTEMPTS_MAX, MMP_SWEEP_PLACES };

/* Seeds in a row with one outcome. */
struct mmp_interval {
	uint64_t first, last, count;      /* seeds */
	const struct mmp_stop_info *stop; /* NULL: it boots, from its load address */
};

#define MMP_SWEEP_TABLES 1024 /* more are counted in the last row of the histogram */

struct mmp_sweep {
	uint64_t count, failed;
	uint64_t places[MMP_SWEEP_PLACES]; /* of the seeds that boot */
	/* Of those that boot, and of those that only a limit stops: what they would need. */
	uint64_t measured;
	uint32_t fewest_tables, most_tables;
	uint64_t fewest_seed, most_seed;        /* the first that needs so many */
	size_t most_entries;                    /* of the memory map */
	uint64_t with_tables[MMP_SWEEP_TABLES]; /* seeds that need n tables */
	size_t interval_count, interval_capacity;
	struct mmp_interval *intervals; /* of seeds that stop or fall back, ascending */
	size_t intervals_omitted;       /* behind MMP_INTERVALS_MAX of them */
	struct mmp_interval omitted;    /* the last such */
};

/* Whether the rule set knows ASLR at all; else MMP_INVALID. */
bool mmp_has_aslr(const struct mmp_platform *platform, struct mmp_error *err);

/* Nothing counted yet; mmp_sweep_done frees the intervals. */
void mmp_sweep_init(struct mmp_sweep *sweep);
void mmp_sweep_done(struct mmp_sweep *sweep);

/*
 * Compute seeds[from .. from + count). ASLR is on, whatever the configuration says;
 * seed 0 would turn it off, so the base that it stands for is asked for with seed 1,
 * which is in the same page. Safe in any thread. -1 is MMP_SYSTEM.
 */
int mmp_sweep_chunk(struct mmp_sweep *sweep, const struct mmp_platform *platform,
		    const struct mmp_seeds *seeds, uint64_t from, uint64_t count,
		    struct mmp_error *err);

/* Append the chunk that follows. -1 is MMP_SYSTEM. */
int mmp_sweep_join(struct mmp_sweep *sweep, const struct mmp_sweep *chunk, uint64_t step,
		   struct mmp_error *err);

#endif
