/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "doc/layout.h"
#include "optee_board.h"
#include "region_order.h"
#include "rules/optee/attr.h"
#include "rules/optee/optee.h"

/* What release 3.4.0 does with its map that no recording shows. */

static void merged(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size, uint64_t pa,
		   uint64_t size)
{
	begin_3_4(NULL);
	map(OPTEE_RAM_SEC, a, a_size);
	map(OPTEE_RAM_SEC, b, b_size);
	computes();
	assert_int_equal(region_of(OPTEE_RAM_SEC)->pa, pa);
	assert_int_equal(region_of(OPTEE_RAM_SEC)->size, size);
	end(NULL);
}

static void a_merge_takes_the_larger_size_and_what_the_start_moved(void **state)
{
	const uint64_t a = 0x60000000;

	end(state);
	/* lower and shorter: the true union */
	merged(a + 0x2000, 0x6000, a, 0x3000, a, 0x8000);
	/* lower and longer: too long */
	merged(a + 0x2000, 0x2000, a, 0x5000, a, 0x7000);
	/* higher: the tail is lost */
	merged(a, 0x4000, a + 0x3000, 0x4000, a, 0x4000);
	merged(a, 0x4000, a + 0x3000, 0x6000, a, 0x6000);
	/* equal start: the larger */
	merged(a, 0x4000, a, 0x5000, a, 0x5000);
	begin_3_4(state);
}

static void neighbours_are_not_merged(void **state)
{
	(void)state;
	map(OPTEE_RAM_SEC, 0x60000000, 0x200000);
	map(OPTEE_RAM_SEC, 0x60200000, 0x200000);
	computes();
	assert_int_equal(region_of(OPTEE_RAM_SEC)->size, 0x200000);
	assert_int_equal(board.layout.plan.count, 5);
}

/* The firmware's list, said again as plainly as can be. */
struct entry {
	uint64_t pa, size;
};

static size_t insert(struct entry *list, size_t count, struct entry added)
{
	size_t n = 0;

	for (; n < count; n++) {
		uint64_t last = list[n].pa + list[n].size - 1;
		uint64_t pa = added.pa < list[n].pa ? added.pa : list[n].pa;

		if ((list[n].pa <= added.pa && added.pa <= last) ||
		    (added.pa <= list[n].pa && list[n].pa <= added.pa + added.size - 1)) {
			list[n].size =
				(added.size > list[n].size ? added.size : list[n].size) +
				(list[n].pa - pa);
			list[n].pa = pa;
			return count;
		}
		if (added.pa < list[n].pa)
			break;
	}
	memmove(list + n + 1, list + n, (count - n) * sizeof(*list));
	list[n] = added;
	return count + 1;
}

static int by_entry(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;

	if (a->pa != b->pa)
		return a->pa < b->pa ? -1 : 1;
	return (a->size > b->size) - (a->size < b->size);
}

static void compare_with(struct entry *list, size_t count)
{
	size_t found = 0;

	qsort(list, count, sizeof(*list), by_entry);
	qsort(board.layout.plan.regions, board.layout.plan.count,
	      sizeof(*board.layout.plan.regions), by_type_and_place);
	for (size_t n = 0; n < board.layout.plan.count; n++) {
		const struct mmp_region *r = &board.layout.plan.regions[n];

		if (r->type != OPTEE_RAM_SEC)
			continue;
		assert_true(found < count);
		assert_int_equal(r->pa, list[found].pa);
		assert_int_equal(r->size, list[found].size);
		found++;
	}
	assert_int_equal(found, count);
}

static void many_registrations_merge_as_one_by_one(void **state)
{
	uint32_t random = 1;

	end(state);
	for (unsigned round = 0; round < 200; round++) {
		static struct entry list[200];
		unsigned spread = 1u << (8 + round % 8);
		size_t count = 0;

		begin_3_4(state);
		optee_edit(&board.platform->config)->mmap_regions = 1000;
		for (unsigned n = 0; n < 60 + round % 100; n++) {
			struct entry added;

			random = random * 1664525 + 1013904223;
			added.pa = 0x60000000 + (random >> 8) % spread * 0x1000;
			random = random * 1664525 + 1013904223;
			added.size = (1 + (random >> 8) % 16) * 0x1000;
			map(OPTEE_RAM_SEC, added.pa, added.size);
			count = insert(list, count, added);
		}
		assert_int_equal(
			mmp_plan_make(&board.layout.plan, board.platform, &board.err), 0);
		compare_with(list, count);
		end(state);
	}
	begin_3_4(state);
}

static void the_map_holds_two_registrations_less_than_it_has_entries(void **state)
{
	(void)state;
	optee_edit(&board.platform->config)->mmap_regions = 13;
	for (uint64_t n = 0; n < 10; n++)
		map(OPTEE_RAM_SEC, 0x60000000 + n * 0x400000, 0x200000);
	computes();
	map(OPTEE_RAM_SEC, 0x70000000, 0x200000);
	stops("map-full-va-space");
	map(OPTEE_RAM_SEC, 0x71000000, 0x200000);
	map(OPTEE_RAM_SEC, 0x72000000, 0x200000);
	assert_string_equal(stops("map-full")->undefined_before, "");
}

static void insertions_in_the_middle_run_past_the_array(void **state)
{
	(void)state;
	optee_edit(&board.platform->config)->mmap_regions = 13;
	for (uint64_t n = 0; n < 15; n++)
		map(OPTEE_RAM_SEC, 0x70000000 - n * 0x400000, 0x200000);
	assert_string_equal(
		stops("map-full-va-space")->undefined_before,
		"writes 2 entries past the end of the map's array before this");
}

static void types_behind_the_virtual_spaces_overflow_without_a_panic(void **state)
{
	(void)state;
	optee_edit(&board.platform->config)->mmap_regions = 13;
	for (uint64_t n = 0; n < 12; n++)
		map(OPTEE_PAGER_VASPACE, 0x70000000 + n * 0x400000, 0x200000);
	assert_int_equal(stops("map-overflow")->info->kind, MMP_STOP_UNDEFINED);
}

static void devices_below_the_first_2_mib_are_mapped_from_0(void **state)
{
	(void)state;
	map(OPTEE_IO_SEC, 0x1000, 0x1000);
	computes();
	assert_int_equal(region_of(OPTEE_IO_SEC)->pa, 0);
	assert_int_equal(region_of(OPTEE_IO_SEC)->size, 0x200000);
}

static void a_build_without_debug_keeps_neither_text_nor_function(void **state)
{
	const json_t *stop;
	json_t *answer;

	(void)state;
	map(OPTEE_RAM_SEC, 0x60000000, 0x200100);
	optee_edit(&board.platform->config)->core_debug = false;
	stops("unaligned");
	answer = mmp_layout_stop_write(&board.layout);
	stop = json_object_get(answer, "firmware");
	assert_string_equal(json_string_value(json_object_get(stop, "message")), "");
	assert_string_equal(json_string_value(json_object_get(stop, "func")), "?");
	assert_string_equal(json_string_value(json_object_get(stop, "file")), "?");
	json_decref(answer);
}

static void an_empty_registration_is_passed_over_at_any_address(void **state)
{
	(void)state;
	map(OPTEE_IO_SEC, 0, 0);
	map(OPTEE_SDP_MEM, 0x123, 0);
	computes();
	assert_int_equal(board.layout.plan.count, 3);
}

static void an_empty_virtual_space_panics_in_the_registers(void **state)
{
	(void)state;
	optee_edit(&board.platform->config)->reserved_vaspace_size = 0;
	stops("pa-width");
	assert_int_equal(board.layout.plan.max_pa, UINT64_MAX);
}

static void arm32_does_not_map_a_region_of_2_gib(void **state)
{
	(void)state;
	optee_edit(&board.platform->config)->arch = OPTEE_ARM32;
	map(OPTEE_RAM_NSEC, 0x20000000, 0x80000000);
	computes();
	assert_int_equal(region_of(OPTEE_RAM_NSEC)->mapping, MMP_MAP_NOTHING);
	assert_int_equal(board.layout.tables.used, 1);
}

static void a_gap_in_the_core_becomes_pager_space_without_the_pager(void **state)
{
	const struct mmp_region *r;

	(void)state;
	optee_edit(&board.platform->config)->tee_ram.va_size = 0x300000;
	computes();
	r = region_of(OPTEE_PAGER_VASPACE);
	assert_int_equal(r->va, BOARD_DRAM + 0x200000);
	assert_int_equal(r->size, 0x100000);
	assert_int_equal(r->mapping, MMP_MAP_COUNTER);
	assert_int_equal(mmp_layout_verify(&board.layout, &board.err), 0);
}

static void a_gigabyte_is_one_block(void **state)
{
	struct mmp_region big = { .pa = 0x80000000,
				  .va = 0x40000000,
				  .size = 0x80000000,
				  .attr = 0x1031,
				  .type = OPTEE_RAM_NSEC };
	struct mmp_plan plan;

	(void)state;
	map(OPTEE_RAM_NSEC, 0x80000000, 0x80000000);
	computes();
	plan = board.layout.plan;
	big.max_block_shift = region_of(OPTEE_RAM_NSEC)->max_block_shift;
	plan.regions = &big;
	plan.count = 1;
	assert_int_equal(mmp_tables_make(&board.layout.tables, &plan, NULL, &board.err),
			 0);
	assert_int_equal(board.layout.tables.used, 0);
	for (uint32_t n = 0; n < 4; n++)
		assert_int_equal(mmp_descriptor_at(board.layout.tables.format,
						   board.layout.tables.base, n),
				 n == 1 || n == 2
					 ? 0x60000000000f25 + 0x40000000 * (n + 1ull)
					 : 0);
}

static void memory_that_wraps_is_walked_from_0_on(void **state)
{
	(void)state;
	optee_edit(&board.platform->config)->arch = OPTEE_ARM32;
	for (unsigned lpae = 0; lpae < 2; lpae++) {
		optee_edit(&board.platform->config)->lpae = lpae;
		map(OPTEE_RAM_NSEC, 0xfffff000, 0x11000);
		computes();
		assert_int_equal(mmp_layout_verify(&board.layout, &board.err), 0);
	}
}

static void ddr(uint64_t addr, uint64_t size)
{
	add(OPTEE_SECTION_DDR_OVERALL, OPTEE_DDR_OVERALL, addr, size);
}

static void sdp(uint64_t addr, uint64_t size)
{
	optee_edit(&board.platform->config)->secure_data_path = true;
	add(OPTEE_SECTION_SDP_MEM, OPTEE_SDP_MEM, addr, size);
}

static void sdp_at_the_start_of_ddr_moves_it_without_making_it_shorter(void **state)
{
	(void)state;
	ddr(0x80000000, 0x10000000);
	sdp(0x80000000, 0x1000000);
	computes();
	assert_int_equal(board.layout.ddr.count, 1);
	assert_int_equal(board.layout.ddr.ranges[0].pa, 0x81000000);
	assert_int_equal(board.layout.ddr.ranges[0].size, 0x10000000);
}

static void ddr_that_is_all_sdp_leaves_nothing_to_read(void **state)
{
	(void)state;
	ddr(0x80000000, 0x10000000);
	sdp(0x80000000, 0x10000000);
	computes();
	assert_string_equal(board.layout.ddr.stop.info->id, "ddr-all-secure");
	assert_int_equal(board.layout.ddr.stop.info->kind, MMP_STOP_UNDEFINED);
}

static void only_the_last_bank_of_ddr_is_checked_for_its_end(void **state)
{
	(void)state;
	ddr(0xffffffffffff0000, 0x20000);
	computes();
	assert_string_equal(board.layout.ddr.stop.info->id, "ddr-wraps");
	ddr(0xffffffffffff1000, 0x1000);
	computes();
	assert_string_equal(board.layout.ddr.stop.info->id, "ddr-over-pa-width");
}

static void ddr_raises_the_width_of_addresses_but_never_lowers_it(void **state)
{
	(void)state;
	ddr(0x80000000, 0x10000000);
	map(OPTEE_RAM_NSEC, 0x900000000, 0x200000);
	computes();
	assert_string_equal(board.layout.facts[0].name, "tcr_el1_after_discovery");
	assert_int_equal(board.layout.facts[0].value, 0x180803f20);
	ddr(0x1000000000, 0x10000000);
	computes();
	assert_int_equal(board.layout.facts[0].value, 0x280803f20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_3_4, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_merge_takes_the_larger_size_and_what_the_start_moved),
		TEST(neighbours_are_not_merged),
		TEST(many_registrations_merge_as_one_by_one),
		TEST(the_map_holds_two_registrations_less_than_it_has_entries),
		TEST(insertions_in_the_middle_run_past_the_array),
		TEST(types_behind_the_virtual_spaces_overflow_without_a_panic),
		TEST(devices_below_the_first_2_mib_are_mapped_from_0),
		TEST(a_build_without_debug_keeps_neither_text_nor_function),
		TEST(an_empty_registration_is_passed_over_at_any_address),
		TEST(an_empty_virtual_space_panics_in_the_registers),
		TEST(arm32_does_not_map_a_region_of_2_gib),
		TEST(a_gap_in_the_core_becomes_pager_space_without_the_pager),
		TEST(a_gigabyte_is_one_block),
		TEST(memory_that_wraps_is_walked_from_0_on),
		TEST(sdp_at_the_start_of_ddr_moves_it_without_making_it_shorter),
		TEST(ddr_that_is_all_sdp_leaves_nothing_to_read),
		TEST(only_the_last_bank_of_ddr_is_checked_for_its_end),
		TEST(ddr_raises_the_width_of_addresses_but_never_lowers_it),
	};

	return cmocka_run_group_tests_name("optee-3.4", tests, NULL, NULL);
}
