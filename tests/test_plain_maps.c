/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plain_platform.h"
#include "plan/range.h"
#include "region_order.h"
#include "rules/optee/pipeline.h"

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
	qsort(to, count, sizeof(*to), by_type_and_place);
	return count;
}

static struct mmp_platform *many(const struct mmp_rules *rules, unsigned secure,
				 unsigned nonsecure)
{
	struct mmp_platform *p = new_platform(rules);
	uint64_t pages = 100 + random_below(one_in(2) ? 300 : 3000);
	size_t count = 50 + random_below(MOST - 60);
	bool downward = one_in(3);

	optee_edit(&p->config)->secure_data_path = optee_edit(&p->config)->dyn_shm =
		false;
	if (rules == &optee_rules[V3_4])
		add(p, OPTEE_SECTION_PHYS_MEM_MAP, OPTEE_TEE_RAM_RX, CORE, 0x200000);
	for (size_t i = 0; i < count; i++) {
		unsigned type = one_in(3) ? nonsecure : secure;

		if (downward)
			add(p, OPTEE_SECTION_PHYS_MEM_MAP, type,
			    FROM + (count - i) * PAGE * 2, (1 + random_below(4)) * PAGE);
		else
			add(p, OPTEE_SECTION_PHYS_MEM_MAP, type,
			    FROM + random_below(pages) * PAGE,
			    (1 + random_below(one_in(8) ? 40 : 4)) * PAGE);
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
		size_t limit = one_in(2) ? 10 + random_below(MOST) : MOST, count = 0,
		       i = 0;
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
			qsort(list, count, sizeof(*list), by_type_and_place);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_made_in_groups_is_that_made_one_by_one),
		cmocka_unit_test(a_static_map_fills_as_the_firmware_fills_it),
		cmocka_unit_test(an_entry_of_4_gib_at_0_meets_all_in_3_4),
	};

	random_begin(DEFAULT_SEED, 0);
	return cmocka_run_group_tests_name("plain_maps", tests, NULL, NULL);
}
