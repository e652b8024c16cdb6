/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "doc/platform.h"
#include "doc/sweep.h"
#include "rules/optee/optee.h"
#include "vector.h"

static void chunk(struct mmp_sweep *sweep, const struct mmp_platform *platform,
		  const struct mmp_seeds *seeds, uint64_t from, uint64_t count)
{
	struct mmp_error err;

	mmp_sweep_init(sweep);
	if (mmp_sweep_chunk(sweep, platform, seeds, from, count, &err))
		fail_msg("%s", err.text);
}

static void all_bases_of_32_bits_are_seeds_a_page_apart(void **state)
{
	struct mmp_platform platform = { .rules = &optee_rules[V4_10_257] };
	struct mmp_seeds seeds;
	bool sampled;

	(void)state;
	optee_edit(&platform.config)->va_bits = 32;
	seeds = mmp_seeds_all(&platform, &sampled);
	assert_true(!sampled && !seeds.first && seeds.step == 0x1000 &&
		    seeds.count == 1 << 20);
}

/* Every page of 4 GiB is among the bases of a sample once, and no hole is wide. */
static void a_sample_has_every_page_of_4_gib_and_all_of_the_space(void **state)
{
	bool *seen = malloc(1 << 20), sampled;

	(void)state;
	assert_non_null(seen);
	for (unsigned bits = 33; bits <= 48; bits++) {
		struct mmp_platform platform = { .rules = &optee_rules[V4_10_257] };
		struct mmp_seeds seeds;

		optee_edit(&platform.config)->va_bits = bits;
		seeds = mmp_seeds_all(&platform, &sampled);
		assert_true(sampled && !seeds.first && seeds.count == 1 << 20);
		assert_true(seeds.step * seeds.count >= UINT64_C(1) << bits);
		assert_true(seeds.step <= (UINT64_C(1) << (bits - 20)) + 0x1000);
		memset(seen, 0, 1 << 20);
		for (uint64_t i = 0; i < seeds.count; i++) {
			bool *page = &seen[i * seeds.step >> 12 & 0xfffff];

			assert_true(!*page);
			*page = true;
		}
	}
	free(seen);
}

/* Cut anywhere, the parts joined are the whole. */
static void chunks_joined_are_the_sweep(void **state)
{
	struct mmp_platform *platform = vector_platform("real/real_aslr");
	const struct mmp_seeds seeds = { 0xf1000000, 0x1000, 4096 };
	struct mmp_sweep whole, joined, part;
	struct mmp_error err;
	json_t *a, *b;

	(void)state;
	chunk(&whole, platform, &seeds, 0, 4096);
	mmp_sweep_init(&joined);
	for (uint64_t at = 0; at < 4096; at += 1000) {
		chunk(&part, platform, &seeds, at, at + 1000 > 4096 ? 4096 - at : 1000);
		assert_int_equal(mmp_sweep_join(&joined, &part, seeds.step, &err), 0);
		mmp_sweep_done(&part);
	}
	a = mmp_sweep_write(&whole, &seeds, false);
	b = mmp_sweep_write(&joined, &seeds, false);
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
	mmp_sweep_done(&whole);
	mmp_sweep_done(&joined);
	mmp_platform_free(platform);
}

/* One seed, swept alone: it is this one, it boots, and needs so many tables. */
static void check_one(const struct mmp_platform *platform, const struct mmp_seeds *seeds,
		      uint64_t i, unsigned place, uint32_t tables)
{
	struct mmp_sweep one;

	chunk(&one, platform, seeds, i, 1);
	assert_int_equal(one.places[place], 1);
	assert_int_equal(one.most_tables, tables);
	assert_int_equal(one.most_seed, seeds->first + i * seeds->step);
	mmp_sweep_done(&one);
}

/* What the sweep says of a seed is what the plain computation says. */
static void a_sweep_agrees_with_the_plain_computation_of_every_seed(void **state)
{
	struct mmp_platform *platform = vector_platform("real/real_aslr");
	const struct mmp_seeds seeds = { 0xf1b00000, 0x1000, 2048 };
	uint64_t failed = 0, places[MMP_SWEEP_PLACES] = { 0 };
	struct mmp_layout layout;
	struct mmp_sweep sweep;
	struct mmp_error err;
	uint32_t most = 0;

	(void)state;
	chunk(&sweep, platform, &seeds, 0, seeds.count);
	for (uint64_t i = 0; i < seeds.count; i++) {
		unsigned last;

		optee_edit(&platform->config)->aslr_seed = seeds.first + i * seeds.step;
		mmp_layout_init(&layout); /* nothing is reused */
		if (mmp_layout_make(&layout, platform, NULL, &err)) {
			failed++;
		} else {
			last = layout.plan.attempt_count - 1;
			if (layout.plan.attempts[last].result != MMP_ATTEMPT_MAPPED)
				last = MMP_SWEEP_LOAD_ADDRESS;
			places[last]++;
			check_one(platform, &seeds, i, last, layout.tables.used);
			if (layout.tables.used > most)
				most = layout.tables.used;
		}
		mmp_layout_done(&layout);
	}
	assert_int_equal(sweep.failed, failed);
	assert_memory_equal(sweep.places, places, sizeof(places));
	assert_int_equal(sweep.most_tables, most);
	assert_true(places[0] && places[1]);
	mmp_sweep_done(&sweep);
	mmp_platform_free(platform);
}

/* Low bits of a seed do not move the base, and seed 0 stands for its page. */
static void a_page_of_seeds_has_one_layout(void **state)
{
	struct mmp_platform *platform = vector_platform("real/real_aslr");
	static const uint64_t pages[] = { 0, 0x71f00000, 0xffeff000 };
	struct mmp_layout a, b;
	struct mmp_error err;

	(void)state;
	mmp_layout_init(&a);
	mmp_layout_init(&b);
	for (size_t i = 0; i < COUNT(pages); i++)
		for (uint64_t low = 1; low < 0x1000; low += 0x3ff) {
			optee_edit(&platform->config)->aslr_seed =
				pages[i] ? pages[i] : 1;
			assert_int_equal(mmp_layout_make(&a, platform, NULL, &err), 0);
			optee_edit(&platform->config)->aslr_seed = pages[i] | low;
			assert_int_equal(mmp_layout_make(&b, platform, NULL, &err), 0);
			assert_int_equal(a.plan.count, b.plan.count);
			assert_memory_equal(a.plan.regions, b.plan.regions,
					    a.plan.count * sizeof(*a.plan.regions));
		}
	mmp_layout_done(&a);
	mmp_layout_done(&b);
	mmp_platform_free(platform);
}

/* Too few tables for some bases: those seeds are intervals, with the panic. */
static void seeds_that_fail_are_intervals_with_their_panic(void **state)
{
	struct mmp_platform *platform = vector_platform("real/real_aslr");
	const struct mmp_seeds seeds = { 0x71c00000, 0x1000, 2048 };
	uint64_t counted = 0;
	struct mmp_sweep sweep;

	(void)state;
	optee_edit(&platform->config)->dyn_config = false;
	optee_edit(&platform->config)->max_xlat_tables = 6;
	optee_edit(&platform->config)->max_xlat_tables_given = true;
	chunk(&sweep, platform, &seeds, 0, seeds.count);
	assert_true(sweep.failed > 0 && sweep.failed < sweep.count);
	for (size_t i = 0; i < sweep.interval_count; i++) {
		const struct mmp_interval *it = &sweep.intervals[i];

		assert_string_equal(it->stop->message, "Can't divide MMU entry");
		assert_int_equal((it->last - it->first) / 0x1000 + 1, it->count);
		counted += it->count;
	}
	assert_int_equal(counted, sweep.failed);
	mmp_sweep_done(&sweep);
	mmp_platform_free(platform);
}

static uint64_t booted(const struct mmp_sweep *sweep)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < MMP_SWEEP_PLACES; i++)
		count += sweep->places[i];
	return count;
}

/* What is needed does not depend on what there is, nor on how many seeds it stops. */
static void tables_are_counted_past_the_limit_that_stops_a_seed(void **state)
{
	static const struct {
		bool pool;
		uint64_t limit, boot_memory;
		uint32_t most;
	} rows[] = {
		{ true, 99, 0, 7 },        { true, 6, 0, 7 },       { true, 0, 0, 7 },
		{ false, 0, 0x400000, 8 }, { false, 0, 0x1000, 8 },
	};
	const struct mmp_seeds seeds = { 0x71c00000, 0x1000, 2048 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mmp_platform *platform = vector_platform("real/real_aslr");
		struct optee_config *c = optee_edit(&platform->config);
		struct mmp_sweep sweep;

		c->dyn_config = !rows[i].pool;
		c->max_xlat_tables = rows[i].limit;
		c->max_xlat_tables_given = rows[i].pool;
		c->boot_mem_size = rows[i].boot_memory;
		c->boot_mem_size_given = !rows[i].pool;
		chunk(&sweep, platform, &seeds, 0, seeds.count);
		assert_int_equal(sweep.measured, 2048);
		assert_int_equal(sweep.most_tables, rows[i].most);
		assert_int_equal(sweep.failed, sweep.measured - booted(&sweep));
		mmp_sweep_done(&sweep);
		mmp_platform_free(platform);
	}
}

/* Nor is anything counted where no limit is the reason. */
static void nothing_is_counted_where_no_tables_can_be_made(void **state)
{
	struct mmp_platform *platform = vector_platform("real/real_aslr");
	const struct mmp_seeds seeds = { 0, 0x1000, 16 };
	struct mmp_sweep sweep;
	json_t *written;

	(void)state;
	memset(&optee_edit(&platform->config)->layout.identity_map, 0,
	       sizeof(optee_edit(&platform->config)->layout.identity_map));
	chunk(&sweep, platform, &seeds, 0, seeds.count);
	written = mmp_sweep_write(&sweep, &seeds, false);
	assert_int_equal(sweep.failed, 16);
	assert_true(json_is_null(json_object_get(written, "xlat_tables")));
	json_decref(written);
	mmp_sweep_done(&sweep);
	mmp_platform_free(platform);
}

/* A sweep grows by an interval of seeds that stop for this reason. */
static void join_interval(struct mmp_sweep *sweep, const struct mmp_seeds *seeds,
			  const struct mmp_stop_info *stop)
{
	struct mmp_interval one = { seeds->first,
				    seeds->first + (seeds->count - 1) * seeds->step,
				    seeds->count, stop };
	struct mmp_sweep part;
	struct mmp_error err;

	mmp_sweep_init(&part);
	part.interval_count = 1;
	part.intervals = &one;
	assert_int_equal(mmp_sweep_join(sweep, &part, seeds->step, &err), 0);
}

static void intervals_are_kept_to_the_limit_and_counted_beyond(void **state)
{
	static const struct mmp_stop_info stop;
	struct mmp_seeds next = { 0, 0x1000, 2 };
	struct mmp_sweep sweep;

	(void)state;
	mmp_sweep_init(&sweep);
	for (int i = 0; i < MMP_INTERVALS_MAX; i++, next.first += 3 * next.step)
		join_interval(&sweep, &next, &stop);
	assert_int_equal(sweep.interval_count, MMP_INTERVALS_MAX);
	assert_int_equal(sweep.intervals_omitted, 0);
	for (size_t omitted = 1; omitted < 4; omitted++, next.first += next.step) {
		for (int pieces = 0; pieces < 3; pieces++, next.first += 2 * next.step)
			join_interval(&sweep, &next, &stop);
		assert_int_equal(sweep.interval_count, MMP_INTERVALS_MAX);
		assert_int_equal(sweep.intervals_omitted, omitted);
	}
	mmp_sweep_done(&sweep);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_bases_of_32_bits_are_seeds_a_page_apart),
		cmocka_unit_test(a_sample_has_every_page_of_4_gib_and_all_of_the_space),
		cmocka_unit_test(chunks_joined_are_the_sweep),
		cmocka_unit_test(a_sweep_agrees_with_the_plain_computation_of_every_seed),
		cmocka_unit_test(a_page_of_seeds_has_one_layout),
		cmocka_unit_test(seeds_that_fail_are_intervals_with_their_panic),
		cmocka_unit_test(tables_are_counted_past_the_limit_that_stops_a_seed),
		cmocka_unit_test(nothing_is_counted_where_no_tables_can_be_made),
		cmocka_unit_test(intervals_are_kept_to_the_limit_and_counted_beyond),
	};
	return cmocka_run_group_tests_name("sweep", tests, NULL, NULL);
}
