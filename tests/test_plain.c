/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/range.h"
#include "rules/optee/pipeline.h"

/*
 * Where the firmware has nested loops, the planners have something quicker. Here are
 * the loops, as plain as they can be, and random platforms: both find the same.
 */

#define PAGE UINT64_C(0x1000)
#define CORE UINT64_C(0xe000000)
#define FROM UINT64_C(0x40000000)
enum { CASES = 400, MOST = 300 };

static uint64_t random_state = UINT64_C(0x6d6d70);

static uint64_t below(uint64_t end)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 16) % end;
}

static bool one_in(uint64_t n)
{
	return !below(n);
}

static struct mmp_platform *new_platform(const struct mmp_rules *rules)
{
	struct mmp_platform *platform = mmp_platform_new("random", rules);
	struct optee_config *c = optee_edit(&platform->config);

	c->va_bits = 39;
	c->pa_bits = 48;
	c->dyn_config = rules == &optee_rules[V4_10_257];
	c->secure_data_path = c->dyn_shm = true;
	c->trusted_dram = (struct mmp_range){ CORE, 0xf00000, true };
	c->reserved_shm.given = false;
	c->tee_ram.start = CORE;
	c->tee_ram.ph_size = c->tee_ram.va_size = 0x200000;
	c->layout.unpg_rx = (struct mmp_range){ CORE, 0x7b000, true };
	c->layout.unpg_rw = (struct mmp_range){ CORE + 0x7b000, 0x49000, true };
	c->layout.free = (struct mmp_range){ CORE + 0xc4000, 0x13c000, true };
	return platform;
}

static void add(struct mmp_platform *platform, unsigned section, unsigned type,
		uint64_t addr, uint64_t size)
{
	const struct mmp_registration one = { .section = section,
					      .name = "one",
					      .origin = "platform",
					      .type = type,
					      .addr = addr,
					      .size = size };
	struct mmp_error err;

	assert_int_equal(mmp_platform_add(platform, &one, &err), 0);
}

/* Whole pages, near each other or not; seldom empty, seldom past the end. */
static void add_random(struct mmp_platform *platform, unsigned section, unsigned type,
		       uint64_t pages)
{
	uint64_t size = (1 + below(one_in(8) ? 40 : 4)) * PAGE;
	uint64_t addr = FROM + below(pages) * PAGE;

	if (one_in(200))
		size = 0;
	if (one_in(200))
		addr = -PAGE;
	add(platform, section, type, addr, size);
}

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
	size_t count = below(40);

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
		struct mmp_platform *p = specials(20 + below(4000));
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
		uint64_t pages = 200 + below(4000);
		struct mmp_platform *p = specials(pages);
		struct mmp_plan plan = { .platform = p,
					 .count = below(60),
					 .regions = regions };
		int plain;

		for (size_t i = 0; i < plan.count; i++)
			regions[i] = (struct mmp_region){
				.pa = FROM + below(pages) * PAGE,
				.size = below(8) * PAGE,
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

static int by_type_and_pa(const void *one, const void *other)
{
	const struct mmp_region *a = one, *b = other;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->pa != b->pa)
		return a->pa < b->pa ? -1 : 1;
	return (a->size > b->size) - (a->size < b->size);
}

/* Type, address and size of every entry with an address, sorted; returns how many. */
static size_t entries_of(const struct mmp_plan *plan, struct mmp_region *to)
{
	size_t count = 0;

	for (size_t n = 0; n < plan->count; n++)
		if (plan->regions[n].pa)
			to[count++] =
				(struct mmp_region){ .type = plan->regions[n].type,
						     .pa = plan->regions[n].pa,
						     .size = plan->regions[n].size };
	qsort(to, count, sizeof(*to), by_type_and_pa);
	return count;
}

static struct mmp_platform *many(const struct mmp_rules *rules, unsigned secure,
				 unsigned nonsecure)
{
	struct mmp_platform *p = new_platform(rules);
	uint64_t pages = 100 + below(one_in(2) ? 300 : 3000);
	size_t count = 50 + below(MOST - 60);
	bool downward = one_in(3);

	optee_edit(&p->config)->secure_data_path = optee_edit(&p->config)->dyn_shm =
		false;
	if (rules == &optee_rules[V3_4])
		add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_TEE_RAM_RX, CORE, 0x200000);
	for (size_t i = 0; i < count; i++) {
		unsigned type = one_in(3) ? nonsecure : secure;

		if (downward)
			add(p, OPTEE_SECTION_PHYS_MEM_MAP, type,
			    FROM + (count - i) * PAGE * 2, (1 + below(4)) * PAGE);
		else
			add(p, OPTEE_SECTION_PHYS_MEM_MAP, type,
			    FROM + below(pages) * PAGE,
			    (1 + below(one_in(8) ? 40 : 4)) * PAGE);
	}
	return p;
}

/* A limit on boot memory, that is never met, makes the planner add one by one. */
static void a_map_made_in_groups_is_that_made_one_by_one(void **state)
{
	struct mmp_region a[MOST], b[MOST];

	(void)state;
	for (unsigned n = 0; n < CASES; n++) {
		struct mmp_platform *p =
			many(&optee_rules[V4_10_257], OPTEE_RAM_SEC, OPTEE_RAM_NSEC);
		struct mmp_plan groups, plain;
		struct mmp_error err;
		size_t count;

		mmp_plan_init(&groups);
		mmp_plan_init(&plain);
		assert_int_equal(mmp_plan_make(&groups, p, &err), 0);
		optee_edit(&p->config)->boot_mem_size_given = true;
		optee_edit(&p->config)->boot_mem_size = 64 << 20;
		assert_int_equal(mmp_plan_make(&plain, p, &err), 0);
		count = entries_of(&groups, a);
		assert_int_equal(entries_of(&plain, b), count);
		assert_memory_equal(a, b, count * sizeof(*a));
		mmp_plan_done(&groups);
		mmp_plan_done(&plain);
		mmp_platform_free(p);
	}
}

/* add_phys_mem() of release 3.4, line by line; false where it finds no entry. */
static bool plain_add(struct mmp_region *list, size_t *count, size_t limit,
		      const struct mmp_registration *r)
{
	size_t n;

	for (n = 0;; n++) {
		struct mmp_region *e = &list[n];
		uint64_t pa;

		if (n >= limit)
			return false;
		if (n == *count)
			break;
		if (e->type == r->type &&
		    mmp_range_intersects(e->pa, e->size, r->addr, r->size, UINT64_MAX)) {
			pa = e->pa < r->addr ? e->pa : r->addr;
			e->size = (e->size > r->size ? e->size : r->size) + e->pa - pa;
			e->pa = pa;
			return true;
		}
		if (r->type < e->type || (r->type == e->type && r->addr < e->pa))
			break;
	}
	memmove(list + n + 1, list + n, (*count - n) * sizeof(*list));
	list[n] = (struct mmp_region){ .type = (uint8_t)r->type,
				       .pa = r->addr,
				       .size = r->size };
	++*count;
	return true;
}

static void a_static_map_fills_as_the_firmware_fills_it(void **state)
{
	struct mmp_region list[MOST], made[MOST];
	size_t full = 0, past = 0, stands = 0;

	(void)state;
	for (unsigned n = 0; n < 2 * CASES; n++) {
		struct mmp_platform *p =
			many(&optee_rules[V3_4], OPTEE_RAM_SEC, OPTEE_RAM_NSEC);
		size_t limit = one_in(2) ? 10 + below(MOST) : MOST, count = 0, i = 0;
		struct mmp_plan plan;
		struct mmp_error err;
		char entries[64];

		optee_edit(&p->config)->mmap_regions = limit;
		while (i < p->count &&
		       plain_add(list, &count, limit, &p->registrations[i]))
			i++;
		mmp_plan_init(&plan);
		mmp_plan_make(&plan, p, &err);
		snprintf(entries, sizeof(entries), "the map has %zu entries by now",
			 count);
		if (i < p->count) {
			assert_ptr_equal(plan.stop.info,
					 &optee_stops[V3_4][OPTEE_STOP_NO_ENTRY]);
			assert_non_null(strstr(plan.stop.detail, entries));
			assert_int_equal(plan.count, count);
			full++;
		} else if (count + 2 > limit) {
			assert_non_null(plan.stop.info);
			past++;
		} else {
			assert_null(plan.stop.info);
			assert_int_equal(entries_of(&plan, made), count);
			qsort(list, count, sizeof(*list), by_type_and_pa);
			assert_memory_equal(list, made, count * sizeof(*list));
			stands++;
		}
		mmp_plan_done(&plan);
		mmp_platform_free(p);
	}
	assert_true(full > CASES / 8 && past && stands > CASES / 2);
}

/* Its size does not fit into a size_t, so its last byte is that of the address space. */
static void an_entry_of_4_gib_at_0_meets_all_in_3_4(void **state)
{
	struct mmp_platform *p = new_platform(&optee_rules[V3_4]);
	struct mmp_plan plan;
	struct mmp_error err;
	size_t count = 0;

	(void)state;
	optee_edit(&p->config)->arch = OPTEE_ARM32;
	optee_edit(&p->config)->lpae = optee_edit(&p->config)->large_phys_addr = true;
	optee_edit(&p->config)->core_debug = optee_edit(&p->config)->secure_data_path =
		false;
	add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_TEE_RAM_RX, CORE, 0x200000);
	add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_RAM_SEC, 0, UINT64_C(1) << 32);
	add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_RAM_SEC, UINT64_C(1) << 33, PAGE);
	mmp_plan_init(&plan);
	mmp_plan_make(&plan, p, &err);
	assert_true(plan.collected);
	for (size_t n = 0; n < plan.count; n++)
		count += plan.regions[n].type == OPTEE_RAM_SEC;
	assert_int_equal(count, 1);
	mmp_plan_done(&plan);
	mmp_platform_free(p);
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
	uint64_t step = 8 + below(40);
	bool apart = !one_in(4);

	memset(pages, 0, PAGES);
	if (rules == &optee_rules[V3_4])
		add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_TEE_RAM_RX, CORE, 0x200000);
	for (uint64_t at = 0; at + 2 * step < PAGES; at += step) {
		uint64_t size = apart ? 1 + below(step) : 2 * step - 1;

		if (one_in(5))
			continue;
		add(p, OPTEE_SECTION_DDR_OVERALL, ddr, FROM + at * PAGE, size * PAGE);
		mark(pages, FROM + at * PAGE, size * PAGE, 1);
	}
	for (uint64_t at = below(step); most_sdp-- && at + step < PAGES;
	     at += below(3 * step)) {
		uint64_t size = one_in(20) ? 1 + below(step) : 1;

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
		cmocka_unit_test(a_map_made_in_groups_is_that_made_one_by_one),
		cmocka_unit_test(a_static_map_fills_as_the_firmware_fills_it),
		cmocka_unit_test(an_entry_of_4_gib_at_0_meets_all_in_3_4),
		cmocka_unit_test(ddr_is_what_no_sdp_memory_lies_in),
		cmocka_unit_test(ddr_of_3_4_is_cut_as_the_firmware_cuts_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
