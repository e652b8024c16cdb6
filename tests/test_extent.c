/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/search.h"
#include "plan/extent.h"
#include "tests/check.h"

enum { MOST = 3000, ROUNDS = 60 };

static uint64_t random_state = 20261129;

static uint64_t draw(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

/* `spread`: how many bits of an address differ; few make many that begin at one place. */
static void fill(struct mmp_extent *extents, size_t count, unsigned spread)
{
	memset(extents, 0, count * sizeof(*extents));
	for (size_t i = 0; i < count; i++) {
		uint64_t base = (draw() >> (64 - spread)) << (draw() % 2 ? 12 : 0);

		extents[i].base = base;
		extents[i].last = base + draw() % 5 * 0x1000;
		extents[i].of = i;
		extents[i].side = (unsigned)(draw() % 3 << 16 | draw() % 30);
	}
}

static bool is_before(const struct mmp_extent *a, const struct mmp_extent *b,
		      bool by_side)
{
	if (by_side && a->side != b->side)
		return a->side < b->side;
	if (a->base != b->base)
		return a->base < b->base;
	return a->last != b->last ? a->last < b->last : a->of < b->of;
}

/* In order, and each of those that were there is there once. */
static void check_sorted(const struct mmp_extent *sorted, const struct mmp_extent *before,
			 size_t count, bool by_side)
{
	uint8_t *seen = calloc(count + 1, 1);

	for (size_t i = 0; i < count; i++) {
		assert_false(seen[sorted[i].of]);
		seen[sorted[i].of] = 1;
		assert_memory_equal(&sorted[i], &before[sorted[i].of], sizeof(*sorted));
		if (i)
			assert_true(is_before(&sorted[i - 1], &sorted[i], by_side));
	}
	free(seen);
}

static void extents_of_any_number_and_spread_are_sorted(void **state)
{
	struct mmp_extent *extents = malloc(MOST * sizeof(*extents));
	struct mmp_extent *before = malloc(MOST * sizeof(*before));

	(void)state;
	for (unsigned i = 0; i < ROUNDS; i++) {
		size_t count = draw() % (i % 3 ? MOST : 80);
		unsigned spread = 1 + (unsigned)(draw() % 52);

		for (unsigned by_side = 0; by_side < 2; by_side++) {
			fill(extents, count, spread);
			memcpy(before, extents, count * sizeof(*before));
			if (by_side)
				mmp_extents_sort_by_side(extents, count);
			else
				mmp_extents_sort(extents, count);
			check_sorted(extents, before, count, by_side);
		}
	}
	free(extents);
	free(before);
}

static void united_extents_hold_what_they_held_and_are_apart(void **state)
{
	struct mmp_extent *extents = malloc(MOST * sizeof(*extents));
	struct mmp_extent *before = malloc(MOST * sizeof(*before));
	size_t count = 500, united;

	(void)state;
	fill(extents, count, 14);
	memcpy(before, extents, count * sizeof(*before));
	united = mmp_extents_unite(extents, count);
	for (size_t i = 1; i < united; i++)
		assert_true(extents[i].side > extents[i - 1].side ||
			    extents[i].base > extents[i - 1].last + 1);
	for (size_t i = 0; i < count; i++) {
		size_t n = 0;

		while (n < united && (extents[n].side != before[i].side ||
				      extents[n].last < before[i].last))
			n++;
		assert_true(n < united && extents[n].base <= before[i].base);
	}
	free(extents);
	free(before);
}

static void the_first_that_is_not_before_is_found_wherever_it_is(void **state)
{
	(void)state;
	for (size_t count = 0; count < 40; count++)
		for (size_t first = 0; first <= count; first++)
			assert_int_equal(MMP_LOWER_BOUND(n, 0, count, n < first), first);
	assert_int_equal(MMP_LOWER_BOUND(n, 7, 7, true), 7);
	assert_int_equal(MMP_LOWER_BOUND(n, 5, 9, n < 3), 5);
}

static void a_number_is_read_lowest_byte_first(void **state)
{
	static const uint8_t bytes[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x88 };

	(void)state;
	assert_int_equal(mmp_load_little(bytes, 0), 0);
	assert_int_equal(mmp_load_little(bytes, 4), 0x04030201);
	assert_int_equal(mmp_load_little(bytes, 8), UINT64_C(0x8807060504030201));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extents_of_any_number_and_spread_are_sorted),
		cmocka_unit_test(united_extents_hold_what_they_held_and_are_apart),
		cmocka_unit_test(the_first_that_is_not_before_is_found_wherever_it_is),
		cmocka_unit_test(a_number_is_read_lowest_byte_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
