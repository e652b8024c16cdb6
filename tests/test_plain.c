/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plain_platform.h"
#include "plan/range.h"
#include "rules/optee/pipeline.h"

/* Ranges of 64 bits; the top of the address space is not special. */
static const struct mmp_predicates wide = { UINT64_MAX, UINT64_MAX };

static bool meet(const struct mmp_registration *a, const struct mmp_registration *b)
{
	return mmp_range_intersects(a->addr, a->size, b->addr, b->size, UINT64_MAX);
}

static int plain_pair(const struct mmp_platform *p, unsigned section, size_t *one,
		      size_t *other)
{
	const struct mmp_registration *all = p->registrations;

	for (*one = 0; *one < p->count; ++*one)
		for (*other = *one + 1; *other < p->count; ++*other)
			if (all[*one].section == section &&
			    all[*other].section == section &&
			    meet(&all[*one], &all[*other]))
				return 1;
	return 0;
}

static int plain_across(const struct mmp_platform *p, unsigned first, unsigned second,
			size_t *one, size_t *other)
{
	const struct mmp_registration *all = p->registrations;

	for (*one = 0; *one < p->count; ++*one)
		for (*other = 0; *other < p->count; ++*other)
			if (all[*one].section == first && all[*other].section == second &&
			    meet(&all[*one], &all[*other]))
				return 1;
	return 0;
}

static struct mmp_platform *specials(uint64_t pages)
{
	struct mmp_platform *p = new_platform(&optee_rules[V4_10_257]);
	size_t count = random_below(40);

	for (size_t i = 0; i < count; i++)
		add_random(p, one_in(2) ? OPTEE_SECTION_SDP_MEM : OPTEE_SECTION_NSEC_DDR,
			   OPTEE_SDP_MEM, pages);
	return p;
}

static void pairs_are_those_that_nested_loops_find_first(void **state)
{
	size_t a = 0, b = 0, c = 0, d = 0, found = 0;

	(void)state;
	for (unsigned n = 0; n < 2 * CASES; n++) {
		struct mmp_platform *p = specials(20 + random_below(4000));
		int plain = plain_pair(p, OPTEE_SECTION_SDP_MEM, &a, &b);

		assert_int_equal(mmp_first_pair(p, OPTEE_SECTION_SDP_MEM, &wide, &c, &d),
				 plain);
		assert_true(!plain || (a == c && b == d));
		found += plain != 0;
		plain = plain_across(p, OPTEE_SECTION_SDP_MEM, OPTEE_SECTION_NSEC_DDR, &a,
				     &b);
		assert_int_equal(mmp_first_across(p, OPTEE_SECTION_SDP_MEM,
						  OPTEE_SECTION_NSEC_DDR, &wide, &c, &d),
				 plain);
		assert_true(!plain || (a == c && b == d));
		found += plain != 0;
		mmp_platform_free(p);
	}
	assert_in_range(found, CASES / 2, 3 * CASES);
}

static bool sdp_may_meet(const struct mmp_platform *platform,
			 const struct mmp_registration *sdp, unsigned type)
{
	return type == OPTEE_IO_SEC && sdp->addr & PAGE;
}

static int plain_on_map(const struct mmp_plan *plan, size_t *one, size_t *entry)
{
	const struct mmp_platform *p = plan->platform;

	for (*one = 0; *one < p->count; ++*one)
		for (*entry = 0; *entry < plan->count; ++*entry) {
			const struct mmp_registration *r = &p->registrations[*one];
			const struct mmp_region *e = &plan->regions[*entry];

			if (r->section == OPTEE_SECTION_SDP_MEM &&
			    mmp_range_intersects(r->addr, r->size, e->pa, e->size,
						 UINT64_MAX) &&
			    !sdp_may_meet(p, r, e->type))
				return 1;
		}
	return 0;
}

static void entries_met_are_those_that_nested_loops_find_first(void **state)
{
	size_t a = 0, b = 0, c = 0, d = 0, found = 0;
	struct mmp_region regions[60];

	(void)state;
	for (unsigned n = 0; n < 2 * CASES; n++) {
		uint64_t pages = 200 + random_below(4000);
		struct mmp_platform *p = specials(pages);
		struct mmp_plan plan = { .platform = p,
					 .count = random_below(60),
					 .regions = regions };
		int plain;

		for (size_t i = 0; i < plan.count; i++)
			regions[i] = (struct mmp_region){
				.pa = FROM + random_below(pages) * PAGE,
				.size = random_below(8) * PAGE,
				.type = one_in(2) ? OPTEE_IO_SEC : OPTEE_IO_NSEC,
			};
		plain = plain_on_map(&plan, &a, &b);
		assert_int_equal(mmp_first_on_map(&plan, plan.count,
						  OPTEE_SECTION_SDP_MEM, &wide,
						  sdp_may_meet, &c, &d),
				 plain);
		assert_true(!plain || (a == c && b == d));
		found += plain != 0;
		mmp_platform_free(p);
	}
	assert_in_range(found, CASES / 4, 2 * CASES - CASES / 4);
}

enum { PAGES = 4096 };

static void mark(char *pages, uint64_t addr, uint64_t size, char with)
{
	for (uint64_t at = addr; at < addr + size; at += PAGE)
		if (at >= FROM && at < FROM + PAGES * PAGE)
			pages[(at - FROM) / PAGE] = with;
}

/* Banks apart from each other or not, SDP memory over and in them. */
static struct mmp_platform *banks(const struct mmp_rules *rules, unsigned ddr,
				  unsigned sdp, size_t most_sdp, char *pages)
{
	struct mmp_platform *p = new_platform(rules);
	uint64_t step = 8 + random_below(40);
	bool apart = !one_in(4);

	memset(pages, 0, PAGES);
	if (rules == &optee_rules[V3_4])
		add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_TEE_RAM_RX, CORE, 0x200000);
	for (uint64_t at = 0; at + 2 * step < PAGES; at += step) {
		uint64_t size = apart ? 1 + random_below(step) : 2 * step - 1;

		if (one_in(5))
			continue;
		add(p, OPTEE_SECTION_DDR_OVERALL, ddr, FROM + at * PAGE, size * PAGE);
		mark(pages, FROM + at * PAGE, size * PAGE, 1);
	}
	for (uint64_t at = random_below(step); most_sdp-- && at + step < PAGES;
	     at += random_below(3 * step)) {
		uint64_t size = one_in(20) ? 1 + random_below(step) : 1;

		add(p, OPTEE_SECTION_SDP_MEM, sdp, FROM + at * PAGE, size * PAGE);
		mark(pages, FROM + at * PAGE, size * PAGE, 0);
		at += size;
	}
	add(p, OPTEE_SECTION_DDR_OVERALL, ddr, FROM + PAGES * PAGE,
	    PAGE); /* always left */
	return p;
}

static void ddr_is_what_no_sdp_memory_lies_in(void **state)
{
	char wanted[PAGES], left[PAGES];

	(void)state;
	for (unsigned n = 0; n < CASES; n++) {
		struct mmp_platform *p = banks(&optee_rules[V4_10_257], OPTEE_DDR_OVERALL,
					       OPTEE_SDP_MEM, PAGES, wanted);
		struct mmp_plan plan;
		struct mmp_error err;
		struct mmp_ddr ddr;

		mmp_plan_init(&plan);
		mmp_ddr_init(&ddr);
		if (mmp_plan_make(&plan, p, &err))
			fail_msg("%s", err.text);
		assert_int_equal(mmp_ddr_discover(&ddr, &plan, &err), 0);
		assert_null(ddr.stop.info);
		memset(left, 0, sizeof(left));
		for (size_t i = 0; i < ddr.count; i++)
			mark(left, ddr.ranges[i].pa, ddr.ranges[i].size, 1);
		assert_memory_equal(left, wanted, sizeof(left));
		mmp_ddr_done(&ddr);
		mmp_plan_done(&plan);
		mmp_platform_free(p);
	}
}

/* carve_out_phys_mem() of release 3.4; false where it panics. */
static bool plain_carve(struct mmp_region *list, size_t *count, uint64_t pa,
			uint64_t size)
{
	for (size_t n = 0; n < *count; n++) {
		struct mmp_region *r = &list[n];
		uint64_t end = pa + size, r_end = r->pa + r->size;

		if (end <= r->pa || r_end <= pa)
			continue;
		if (pa < r->pa || end > r_end)
			return false;
		if (pa == r->pa && end == r_end) {
			memmove(r, r + 1, (--*count - n) * sizeof(*r));
		} else if (pa == r->pa) {
			r->pa = end; /* its size stays */
		} else if (end == r_end) {
			r->size -= size;
		} else {
			memmove(r + 1, r, (*count - n) * sizeof(*r));
			++*count;
			r[0].size = pa - r[0].pa;
			r[1].pa = end;
			r[1].size = r_end - end;
		}
		return true;
	}
	return true;
}

static void ddr_of_3_4_is_cut_as_the_firmware_cuts_it(void **state)
{
	static struct mmp_region list[2 * PAGES];
	size_t stops = 0;
	char pages[PAGES];

	(void)state;
	for (unsigned n = 0; n < 3 * CASES; n++) {
		struct mmp_platform *p =
			banks(&optee_rules[V3_4], OPTEE_DDR_OVERALL, OPTEE_SDP_MEM,
			      one_in(2) ? 3 : PAGES, pages);
		size_t count = 0;
		struct mmp_plan plan;
		struct mmp_error err;
		struct mmp_ddr ddr;
		bool stands = true;

		for (size_t i = 0; i < p->count; i++)
			if (p->registrations[i].section == OPTEE_SECTION_DDR_OVERALL)
				list[count++] = (struct mmp_region){
					.pa = p->registrations[i].addr,
					.size = p->registrations[i].size
				};
		for (size_t i = 0; stands && i < p->count; i++)
			if (p->registrations[i].section == OPTEE_SECTION_SDP_MEM)
				stands = plain_carve(list, &count,
						     p->registrations[i].addr,
						     p->registrations[i].size);
		mmp_plan_init(&plan);
		mmp_ddr_init(&ddr);
		if (mmp_plan_make(&plan, p, &err))
			fail_msg("%s", err.text);
		assert_int_equal(mmp_ddr_discover(&ddr, &plan, &err), 0);
		assert_int_equal(stands, !ddr.stop.info);
		assert_int_equal(ddr.count, count);
		for (size_t i = 0; i < count; i++)
			assert_true(ddr.ranges[i].pa == list[i].pa &&
				    ddr.ranges[i].size == list[i].size);
		stops += !stands;
		mmp_ddr_done(&ddr);
		mmp_plan_done(&plan);
		mmp_platform_free(p);
	}
	assert_in_range(stops, CASES / 4, 3 * CASES - CASES / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_those_that_nested_loops_find_first),
		cmocka_unit_test(entries_met_are_those_that_nested_loops_find_first),
		cmocka_unit_test(ddr_is_what_no_sdp_memory_lies_in),
		cmocka_unit_test(ddr_of_3_4_is_cut_as_the_firmware_cuts_it),
	};

	random_begin(DEFAULT_SEED, 0);
	return cmocka_run_group_tests_name("plain", tests, NULL, NULL);
}
