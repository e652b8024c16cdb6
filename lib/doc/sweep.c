/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/sweep.h"

#include "json/number.h"

/* A seed represents its whole page: the low 12 bits do not change the base. */
static uint64_t last_seed(uint64_t seed, uint64_t step)
{
	return step == MMP_SEED_STEP ? seed | (MMP_SEED_STEP - 1) : seed;
}

static json_t *write_interval(const struct mmp_interval *i, uint64_t step)
{
	const struct mmp_stop_info *stop = i->stop;
	json_t *out = json_pack("{s:o, s:o, s:I}", "first", mmp_json_hex(i->first, 1),
				"last", mmp_json_hex(last_seed(i->last, step), 1),
				"count", (json_int_t)i->count);

	if (!stop)
		return out;
	json_object_set_new(out, "id", json_string(stop->id));
	json_object_set_new(out, "kind", json_string(mmp_stop_kind_names[stop->kind]));
	json_object_set_new(out, "message", json_string(stop->message));
	json_object_set_new(out, "func", json_string(stop->func));
	json_object_set_new(out, "about", json_string(stop->about));
	return out;
}

/* Intervals of seeds that stop, or of those that boot from the load address. */
static json_t *write_intervals(const struct mmp_sweep *sweep, bool stops, uint64_t step)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sweep->interval_count; i++)
		if (!sweep->intervals[i].stop != stops)
			json_array_append_new(list,
					      write_interval(&sweep->intervals[i], step));
	return list;
}

static json_t *write_places(const struct mmp_sweep *sweep)
{
	return json_pack("{s:I, s:I, s:I, s:I}", "first", (json_int_t)sweep->places[0],
			 "second", (json_int_t)sweep->places[1], "third",
			 (json_int_t)sweep->places[2], "load_address",
			 (json_int_t)sweep->places[MMP_SWEEP_LOAD_ADDRESS]);
}

static json_t *write_histogram(const struct mmp_sweep *sweep)
{
	json_t *list = json_array();

	for (uint32_t n = 0; n < MMP_SWEEP_TABLES; n++)
		if (sweep->with_tables[n])
			json_array_append_new(
				list, json_pack("[i, I]", (int)n,
						(json_int_t)sweep->with_tables[n]));
	return list;
}

static json_t *write_table_counts(const struct mmp_sweep *sweep)
{
	if (!sweep->measured)
		return json_null();
	return json_pack("{s:i, s:o, s:i, s:o, s:o}", "most", (int)sweep->most_tables,
			 "most_seed", mmp_json_hex(sweep->most_seed, 1), "fewest",
			 (int)sweep->fewest_tables, "fewest_seed",
			 mmp_json_hex(sweep->fewest_seed, 1), "histogram",
			 write_histogram(sweep));
}

json_t *mmp_sweep_write(const struct mmp_sweep *sweep, const struct mmp_seeds *seeds,
			bool sampled)
{
	uint64_t last = seeds->first + (seeds->count - 1) * seeds->step;

	return json_pack(
		"{s:{s:o, s:o, s:o, s:I, s:b}, s:I, s:o, s:o, s:o, s:o, s:I, s:I}",
		"seeds", "first", mmp_json_hex(seeds->first, 1), "last",
		mmp_json_hex(last_seed(last, seeds->step), 1), "step",
		mmp_json_hex(seeds->step, 1), "count", (json_int_t)seeds->count,
		"sampled", (int)sampled, "failed", (json_int_t)sweep->failed, "failures",
		write_intervals(sweep, true, seeds->step), "fallbacks",
		write_intervals(sweep, false, seeds->step), "candidates",
		write_places(sweep), "xlat_tables", write_table_counts(sweep),
		"map_entries", (json_int_t)sweep->most_entries, "intervals_omitted",
		(json_int_t)sweep->intervals_omitted);
}
