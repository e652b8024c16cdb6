/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "optee_board.h"
#include "rules/optee/optee.h"

/* What release 3.4.0 does in its tables that no recording shows. */

/* A block, and in it a second region. */
static int build_overlap(uint64_t size, uint64_t at, uint64_t second_size)
{
	struct mmp_plan plan;
	struct mmp_region regions[2] = {
		{ .pa = 0x40000000, .va = 0x40000000, .size = size, .attr = 0x1831 },
		{ .pa = at, .va = 0x40000000 + at, .size = second_size, .attr = 0x1831 },
	};

	computes();
	plan = board.layout.plan;
	regions[0].type = regions[1].type = OPTEE_RAM_SEC;
	regions[0].max_block_shift = regions[1].max_block_shift = 30;
	plan.regions = regions;
	plan.count = 2;
	return mmp_tables_make(&board.layout.tables, &plan, NULL, &board.err);
}

/* Its pieces have the bits of tables: one more level down is whatever the block maps. */
static void a_block_in_the_way_is_split_once(void **state)
{
	(void)state;
	assert_int_equal(build_overlap(0x200000, 0x1000, 0x1000), -1);
	assert_string_equal(board.layout.tables.stop.info->id, "mapped-twice");
	assert_int_equal(board.layout.tables.stop.tables_used, 2);
	assert_int_equal(build_overlap(0x40000000, 0x200000, 0x200000), -1);
	assert_string_equal(board.layout.tables.stop.info->id, "mapped-twice");
	assert_int_equal(board.layout.tables.stop.tables_used, 1);
	assert_int_equal(build_overlap(0x40000000, 0x1000, 0x1000), -1);
	assert_string_equal(board.layout.tables.stop.info->id, "split-not-a-table");
	assert_int_equal(board.layout.tables.stop.info->kind, MMP_STOP_UNDEFINED);
	optee_edit(&board.platform->config)->max_xlat_tables = 1;
	assert_int_equal(build_overlap(0x200000, 0x1000, 0x1000), -1);
	assert_string_equal(board.layout.tables.stop.info->id, "tables-exhausted");
}

/* A pager space of two blocks, and a page over each of them. */
static int build_over_pager_space(uint64_t block)
{
	struct mmp_plan plan;
	struct mmp_region regions[3] = {
		{ .va = 0x40000000, .size = 2 * block, .attr = 0x800 },
		{ .pa = 0x1000, .va = 0x40001000, .size = 0x1000, .attr = 0x1831 },
		{ .pa = 0x5000, .size = 0x1000, .attr = 0x1831 },
	};

	computes();
	plan = board.layout.plan;
	regions[0].type = OPTEE_PAGER_VASPACE;
	regions[0].mapping = MMP_MAP_COUNTER;
	regions[1].type = regions[2].type = OPTEE_RAM_SEC;
	regions[2].va = 0x40003000 + block;
	for (unsigned n = 0; n < 3; n++)
		regions[n].max_block_shift = 30;
	plan.regions = regions;
	plan.count = 3;
	return mmp_tables_make(&board.layout.tables, &plan, NULL, &board.err);
}

/* The words of the pager's space count up from 0: only the first one is empty. */
static void pages_over_the_pagers_space_split_what_is_no_block(void **state)
{
	struct mmp_tables *t = &board.layout.tables;

	(void)state;
	assert_int_equal(build_over_pager_space(0x200000), -1);
	assert_string_equal(t->stop.info->id, "mapped-twice");
	assert_int_equal(t->stop.tables_used, 3);

	optee_edit(&board.platform->config)->arch = OPTEE_ARM32;
	optee_edit(&board.platform->config)->lpae = false;
	assert_int_equal(build_over_pager_space(0x100000), 0);
	assert_int_equal(t->used, 2);
	for (uint32_t n = 0; n < 256; n++) {
		const uint8_t *second = t->xlat_bytes + t->xlat_size;

		assert_int_equal(mmp_descriptor_at(t->format, t->xlat_bytes, n),
				 n == 1 ? 0x1c17 : 0);
		assert_int_equal(mmp_descriptor_at(t->format, second, n),
				 n == 3 ? 0x5c17 : 0x100000 + n * 0x1000);
	}
}

static void each_core_starts_with_a_table_of_its_own(void **state)
{
	(void)state;
	optee_edit(&board.platform->config)->nb_core = 4;
	optee_edit(&board.platform->config)->boot_core_pos = 3;
	computes();
	assert_int_equal(mmp_layout_register(&board.layout, "ttbr0_table"), 6);
	optee_edit(&board.platform->config)->unmap_core_at_el0 = false;
	computes();
	assert_int_equal(mmp_layout_register(&board.layout, "ttbr0_table"), 3);
	optee_edit(&board.platform->config)->arch = OPTEE_ARM32;
	computes();
	assert_int_equal(mmp_layout_register(&board.layout, "ttbr0_table"), 3);
}

static void a_partial_page_of_pager_space_stops_in_the_tables(void **state)
{
	(void)state;
	optee_edit(&board.platform->config)->tee_ram.va_size += 0x800;
	stops("tee-ram-unaligned");
	optee_edit(&board.platform->config)->core_debug = false;
	assert_int_equal(stops("region-unaligned")->tables_used, 0);
	optee_edit(&board.platform->config)->arch = OPTEE_ARM32;
	stops("region-unaligned");
	optee_edit(&board.platform->config)->lpae = false;
	stops("tables-exhausted");
}

/* The size of an entry is a size_t; it is looked at in as many bits as an address. */
static void arm32_loses_the_high_half_of_a_size(void **state)
{
	(void)state;
	optee_edit(&board.platform->config)->arch = OPTEE_ARM32;
	optee_edit(&board.platform->config)->large_phys_addr = true;
	map(OPTEE_RAM_NSEC, 0x200000000, 0x100000000);
	map(OPTEE_RAM_NSEC, 0x200200000, 0x200000);
	computes();
	assert_int_equal(region_of(OPTEE_RAM_NSEC)->size, 0);
	assert_int_equal(board.layout.plan.count, 5);
}

static void a_second_level_table_has_one_security(void **state)
{
	struct mmp_region regions[2] = {
		{ .pa = 0x1000, .va = 0x40000000, .size = 0x1000, .attr = 0x1831 },
		{ .pa = 0x3000, .va = 0x40001000, .size = 0x1000, .attr = 0x1031 },
	};
	struct mmp_plan plan;

	(void)state;
	optee_edit(&board.platform->config)->arch = OPTEE_ARM32;
	optee_edit(&board.platform->config)->lpae = false;
	computes();
	plan = board.layout.plan;
	regions[0].type = OPTEE_RAM_SEC;
	regions[1].type = OPTEE_RAM_NSEC;
	regions[0].max_block_shift = regions[1].max_block_shift = 30;
	plan.regions = regions;
	plan.count = 2;
	assert_int_equal(mmp_tables_make(&board.layout.tables, &plan, NULL, &board.err),
			 -1);
	assert_string_equal(board.layout.tables.stop.info->id, "table-security-mix");
}

static void one_layout_may_be_made_of_tables_of_any_size(void **state)
{
	(void)state;
	optee_edit(&board.platform->config)->max_xlat_tables = 400;
	for (unsigned n = 0; n < 20; n++)
		map(OPTEE_RAM_SEC, 0x60001000 + n * 0x1000000, 0x400000);
	for (unsigned n = 0; n < 4; n++) {
		optee_edit(&board.platform->config)->arch =
			n % 2 ? OPTEE_ARM64 : OPTEE_ARM32;
		optee_edit(&board.platform->config)->lpae = n % 2;
		computes();
		assert_int_equal(mmp_layout_verify(&board.layout, &board.err), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_3_4, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_block_in_the_way_is_split_once),
		TEST(pages_over_the_pagers_space_split_what_is_no_block),
		TEST(each_core_starts_with_a_table_of_its_own),
		TEST(a_partial_page_of_pager_space_stops_in_the_tables),
		TEST(arm32_loses_the_high_half_of_a_size),
		TEST(a_second_level_table_has_one_security),
		TEST(one_layout_may_be_made_of_tables_of_any_size),
	};

	return cmocka_run_group_tests_name("tables of optee-3.4", tests, NULL, NULL);
}
