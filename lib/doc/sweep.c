/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/sweep.h"

#include "json/writer.h"

/* A seed represents its whole page: the low 12 bits do not change the base. */
static uint64_t last_seed(uint64_t seed, uint64_t step)
{
	return step == MMP_SEED_STEP ? seed | (MMP_SEED_STEP - 1) : seed;
}

static void write_interval(struct mmp_writer *w, const struct mmp_interval *i,
			   uint64_t step)
{
	const struct mmp_stop_info *stop = i->stop;

	mmp_writer_begin(w, '{');
	mmp_member_hex(w, "first", i->first, 1);
	mmp_member_hex(w, "last", last_seed(i->last, step), 1);
	mmp_member_number(w, "count", (int64_t)i->count);
	if (stop) {
		mmp_member_text(w, "id", stop->id);
		mmp_member_text(w, "kind", mmp_stop_kind_names[stop->kind]);
		mmp_member_text(w, "message", stop->message);
		mmp_member_text(w, "func", stop->func);
		mmp_member_text(w, "about", stop->about);
	}
	mmp_writer_end(w, '}');
}

/* Intervals of seeds that stop, or of those that boot from the load address. */
static void write_intervals(struct mmp_writer *w, const char *key,
			    const struct mmp_sweep *sweep, bool stops, uint64_t step)
{
	mmp_member_begin(w, key, '[');
	for (size_t i = 0; i < sweep->interval_count; i++)
		if (!sweep->intervals[i].stop != stops)
			write_interval(w, &sweep->intervals[i], step);
	mmp_writer_end(w, ']');
}

static void write_places(struct mmp_writer *w, const struct mmp_sweep *sweep)
{
	mmp_member_begin(w, "candidates", '{');
	mmp_member_number(w, "first", (int64_t)sweep->places[0]);
	mmp_member_number(w, "second", (int64_t)sweep->places[1]);
	mmp_member_number(w, "third", (int64_t)sweep->places[2]);
	mmp_member_number(w, "load_address",
			  (int64_t)sweep->places[MMP_SWEEP_LOAD_ADDRESS]);
	mmp_writer_end(w, '}');
}

static void write_histogram(struct mmp_writer *w, const struct mmp_sweep *sweep)
{
	mmp_member_begin(w, "histogram", '[');
	for (uint32_t n = 0; n < MMP_SWEEP_TABLES; n++) {
		if (!sweep->with_tables[n])
			continue;
		mmp_writer_begin(w, '[');
		mmp_writer_number(w, n);
		mmp_writer_number(w, (int64_t)sweep->with_tables[n]);
		mmp_writer_end(w, ']');
	}
	mmp_writer_end(w, ']');
}

static void write_table_counts(struct mmp_writer *w, const struct mmp_sweep *sweep)
{
	if (!sweep->measured) {
		mmp_member_null(w, "xlat_tables");
		return;
	}
	mmp_member_begin(w, "xlat_tables", '{');
	mmp_member_number(w, "most", sweep->most_tables);
	mmp_member_hex(w, "most_seed", sweep->most_seed, 1);
	mmp_member_number(w, "fewest", sweep->fewest_tables);
	mmp_member_hex(w, "fewest_seed", sweep->fewest_seed, 1);
	write_histogram(w, sweep);
	mmp_writer_end(w, '}');
}

static void write_seeds(struct mmp_writer *w, const struct mmp_seeds *seeds, bool sampled)
{
	uint64_t last = seeds->first + (seeds->count - 1) * seeds->step;

	mmp_member_begin(w, "seeds", '{');
	mmp_member_hex(w, "first", seeds->first, 1);
	mmp_member_hex(w, "last", last_seed(last, seeds->step), 1);
	mmp_member_hex(w, "step", seeds->step, 1);
	mmp_member_number(w, "count", (int64_t)seeds->count);
	mmp_member_flag(w, "sampled", sampled);
	mmp_writer_end(w, '}');
}

json_t *mmp_sweep_write(const struct mmp_sweep *sweep, const struct mmp_seeds *seeds,
			bool sampled)
{
	struct mmp_writer w = MMP_BUILDER;

	mmp_writer_begin(&w, '{');
	write_seeds(&w, seeds, sampled);
	mmp_member_number(&w, "failed", (int64_t)sweep->failed);
	write_intervals(&w, "failures", sweep, true, seeds->step);
	write_intervals(&w, "fallbacks", sweep, false, seeds->step);
	write_places(&w, sweep);
	write_table_counts(&w, sweep);
	mmp_member_number(&w, "map_entries", (int64_t)sweep->most_entries);
	mmp_member_number(&w, "intervals_omitted", (int64_t)sweep->intervals_omitted);
	mmp_writer_end(&w, '}');
	return mmp_writer_done(&w);
}
