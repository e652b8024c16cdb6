/* SPDX-License-Identifier: BSD-2-Clause */
#include "study/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "study/measure.h"

#define BASES_MAX (UINT64_C(1) << 20)

struct mmp_seeds mmp_seeds_all(const struct mmp_platform *platform, bool *ret_sampled)
{
	unsigned bits = platform->rules->va_bits(platform->rules, &platform->config);
	uint64_t bases = UINT64_C(1) << (bits - 12);

	*ret_sampled = bases > BASES_MAX;
	if (*ret_sampled)
		return (struct mmp_seeds){ 0, MMP_SEED_STEP * (bases / BASES_MAX | 1),
					   BASES_MAX };
	return (struct mmp_seeds){ 0, MMP_SEED_STEP, bases };
}

bool mmp_has_aslr(const struct mmp_platform *platform, struct mmp_error *err)
{
	if (platform->rules->set_seed)
		return true;
	mmp_fail(err, MMP_INVALID, "platform %s: %s has no ASLR, so there are no seeds",
		 platform->name, platform->rules->name);
	return false;
}

void mmp_sweep_init(struct mmp_sweep *sweep)
{
	memset(sweep, 0, sizeof(*sweep));
	sweep->fewest_tables = UINT32_MAX;
}

void mmp_sweep_done(struct mmp_sweep *sweep)
{
	free(sweep->intervals);
	mmp_sweep_init(sweep);
}

static struct mmp_interval *last_interval(struct mmp_sweep *sweep)
{
	if (sweep->intervals_omitted)
		return &sweep->omitted;
	return sweep->interval_count ? &sweep->intervals[sweep->interval_count - 1]
				     : NULL;
}

static int add_interval(struct mmp_sweep *sweep, const struct mmp_interval *new,
			uint64_t step)
{
	struct mmp_interval *last = last_interval(sweep), *more;
	size_t capacity;

	if (last && last->stop == new->stop && last->last + step == new->first) {
		last->last = new->last;
		last->count += new->count;
		return 0;
	}
	if (sweep->interval_count >= MMP_INTERVALS_MAX) {
		sweep->intervals_omitted++;
		sweep->omitted = *new;
		return 0;
	}
	if (sweep->interval_count == sweep->interval_capacity) {
		capacity = sweep->interval_capacity ? 2 * sweep->interval_capacity : 16;
		more = realloc(sweep->intervals, capacity * sizeof(*more));
		if (!more)
			return -1;
		sweep->intervals = more;
		sweep->interval_capacity = capacity;
	}
	sweep->intervals[sweep->interval_count++] = *new;
	return 0;
}

/* The candidate that was taken; the load address if all were rejected. */
static unsigned place_of(const struct mmp_plan *plan)
{
	unsigned last = plan->attempt_count - 1;

	if (!plan->attempt_count || plan->attempts[last].result != MMP_ATTEMPT_MAPPED)
		return MMP_SWEEP_LOAD_ADDRESS;
	return last;
}

static void count_tables(struct mmp_sweep *sweep, uint32_t tables, uint64_t seed)
{
	uint32_t row = tables < MMP_SWEEP_TABLES ? tables : MMP_SWEEP_TABLES - 1;

	sweep->measured++;
	sweep->with_tables[row]++;
	if (tables > sweep->most_tables) {
		sweep->most_tables = tables;
		sweep->most_seed = seed;
	}
	if (tables < sweep->fewest_tables) {
		sweep->fewest_tables = tables;
		sweep->fewest_seed = seed;
	}
}

static int count_layout(struct mmp_sweep *sweep, const struct mmp_layout *layout,
			uint64_t seed, uint64_t step)
{
	const struct mmp_stop *stop = mmp_layout_stop(layout);
	const struct mmp_interval here = { seed, seed, 1, stop ? stop->info : NULL };
	unsigned place = place_of(&layout->plan);

	sweep->count++;
	if (layout->plan.count > sweep->most_entries)
		sweep->most_entries = layout->plan.count;
	if (stop) {
		sweep->failed++;
		return add_interval(sweep, &here, step);
	}
	sweep->places[place]++;
	count_tables(sweep, layout->tables.used, seed);
	return place == MMP_SWEEP_LOAD_ADDRESS ? add_interval(sweep, &here, step) : 0;
}

/* What a seed that stops at a limit would need without it. */
static int count_needs(struct mmp_sweep *sweep, struct mmp_layout *scratch,
		       const struct mmp_platform *platform, uint64_t seed,
		       struct mmp_error *err)
{
	struct mmp_measure measure;

	if (mmp_measure(scratch, platform, MMP_PAST_LIMITS, &measure, err))
		return -1;
	if (!measure.whole)
		return 0;
	count_tables(sweep, measure.tables, seed);
	if (measure.entries > sweep->most_entries)
		sweep->most_entries = measure.entries;
	return 0;
}

/* Compute map and tables for one seed; the later steps of boot do not depend on it. */
static int compute_seed(struct mmp_layout *layout, const struct mmp_platform *platform,
			struct mmp_error *err)
{
	mmp_stop_clear(&layout->tables.stop);
	if (mmp_plan_make(&layout->plan, platform, err) ||
	    mmp_tables_make(&layout->tables, &layout->plan, NULL, err))
		return err->code == MMP_FIRMWARE_STOP ? 0 : -1;
	return 0;
}

int mmp_sweep_chunk(struct mmp_sweep *sweep, const struct mmp_platform *platform,
		    const struct mmp_seeds *seeds, uint64_t from, uint64_t count,
		    struct mmp_error *err)
{
	struct mmp_platform seeded = *platform;
	struct mmp_layout layout, scratch;
	int failed = 0;

	mmp_layout_init(&layout);
	mmp_layout_init(&scratch);
	for (uint64_t i = from; !failed && i < from + count; i++) {
		uint64_t seed = seeds->first + i * seeds->step;

		seeded.rules->set_seed(seeded.rules, &seeded.config, seed ? seed : 1);
		failed = compute_seed(&layout, &seeded, err);
		if (!failed && count_layout(sweep, &layout, seed, seeds->step))
			failed = mmp_fail(err, MMP_SYSTEM, "out of memory");
		if (!failed && mmp_layout_stop(&layout))
			failed = count_needs(sweep, &scratch, &seeded, seed, err);
	}
	mmp_layout_done(&layout);
	mmp_layout_done(&scratch);
	return failed;
}

int mmp_sweep_join(struct mmp_sweep *sweep, const struct mmp_sweep *chunk, uint64_t step,
		   struct mmp_error *err)
{
	sweep->count += chunk->count;
	sweep->failed += chunk->failed;
	sweep->measured += chunk->measured;
	for (unsigned i = 0; i < MMP_SWEEP_PLACES; i++)
		sweep->places[i] += chunk->places[i];
	for (unsigned i = 0; i < MMP_SWEEP_TABLES; i++)
		sweep->with_tables[i] += chunk->with_tables[i];
	if (chunk->most_tables > sweep->most_tables) {
		sweep->most_tables = chunk->most_tables;
		sweep->most_seed = chunk->most_seed;
	}
	if (chunk->fewest_tables < sweep->fewest_tables) {
		sweep->fewest_tables = chunk->fewest_tables;
		sweep->fewest_seed = chunk->fewest_seed;
	}
	if (chunk->most_entries > sweep->most_entries)
		sweep->most_entries = chunk->most_entries;
	for (size_t i = 0; i < chunk->interval_count; i++)
		if (add_interval(sweep, &chunk->intervals[i], step))
			return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (chunk->intervals_omitted)
		sweep->omitted = chunk->omitted;
	sweep->intervals_omitted += chunk->intervals_omitted;
	return 0;
}
