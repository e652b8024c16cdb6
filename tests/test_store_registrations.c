/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "stored_platforms.h"

static void every_revision_is_kept(void **state)
{
	uint64_t revision, ordinal;
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(put("virt", 2, MMP_ANY_REVISION, &eva), 1);
	for (int i = 2; i < 4; i++)
		assert_int_equal(mmp_store_region_add(store, "virt", &regions[i],
						      MMP_ANY_REVISION, &ion, NULL,
						      &revision, &ordinal, &err),
				 0);
	assert_int_equal(revision, 3);
	assert_int_equal(ordinal, 3);
	assert_int_equal(mmp_store_region_remove(store, "virt", 1, MMP_ANY_REVISION, &eva,
						 see_region, &seen, &revision, &err),
			 0);
	assert_int_equal(revision, 4);
	assert_string_equal(seen.text.bytes,
			    "phys_mem_map MEM_AREA_IO_NSEC '' 0+0 platform;");
	mmp_buffer_done(&seen.text);
	has_regions("virt", 1, FIRST);
	has_regions("virt", 3, FIRST LAST);
	has_regions("virt", 4,
		    "phys_mem_map MEM_AREA_IO_SEC 'UART' 9000000+1000 platform;" LAST);
	is_at("virt", 3,
	      "virt@3 optee-4.10 {\"nb_core\":4} 4 ion 2026-01-02T00:00:00.000Z;");
	is_missing("virt", 5, "no revision 5, the newest is 4");
}

/* Revisions that only register a region, between others that do more. */
static void every_revision_between_two_changes_has_its_time_and_its_count(void **state)
{
	(void)state;
	assert_int_equal(put("virt", 2, MMP_ANY_REVISION, &eva), 1);
	registers(MMP_ANY_REVISION, NULL);
	registers(2, NULL);
	assert_int_equal(put("virt", 1, 3, &eva), 4);
	assert_int_equal(registers(4, NULL), 1);
	is_at("virt", 1,
	      "virt@1 optee-4.10 {\"nb_core\":4} 2 eva 2026-01-01T00:00:00.000Z;");
	is_at("virt", 2,
	      "virt@2 optee-4.10 {\"nb_core\":4} 3 ion 2026-01-02T00:00:00.000Z;");
	is_at("virt", 3,
	      "virt@3 optee-4.10 {\"nb_core\":4} 4 ion 2026-01-02T00:00:00.000Z;");
	is_at("virt", 4,
	      "virt@4 optee-4.10 {\"nb_core\":4} 1 eva 2026-01-01T00:00:00.000Z;");
	is_at("virt", 5,
	      "virt@5 optee-4.10 {\"nb_core\":4} 2 ion 2026-01-02T00:00:00.000Z;");
	has_regions("virt", 3, FIRST THIRD THIRD);
	is_missing("virt", 6, "no revision 6, the newest is 5");
}

/* Whatever was done in between: the registration is found out to be behind it. */
static void an_outdated_tip_does_no_harm(void **state)
{
	struct mmp_platform_tip tip = { 0 }, old;
	uint64_t revision;
	uint64_t ordinal;

	(void)state;
	put("virt", 2, MMP_ANY_REVISION, &eva);
	assert_int_equal(registers(MMP_ANY_REVISION, &tip), 2);
	old = tip;
	assert_int_equal(registers(2, &tip), 3);
	assert_int_equal(registers(MMP_ANY_REVISION, NULL), 4);
	assert_int_equal(registers(MMP_ANY_REVISION, &old), 5);
	put("virt", 1, MMP_ANY_REVISION, &eva);
	assert_int_equal(mmp_store_region_add(store, "virt", &regions[2], 3, &ion, &tip,
					      &revision, &ordinal, &err),
			 -1);
	assert_int_equal(err.code, MMP_CONFLICT);
	assert_int_equal(registers(MMP_ANY_REVISION, &tip), 1);
	assert_int_equal(registers(7, &tip), 2);
	assert_int_equal(mmp_store_platform_remove(store, "virt", MMP_ANY_REVISION, &eva,
						   &revision, &err),
			 0);
	assert_int_equal(mmp_store_region_add(store, "virt", &regions[2],
					      MMP_ANY_REVISION, &ion, &tip, &revision,
					      &ordinal, &err),
			 -1);
	assert_int_equal(err.code, MMP_NOT_FOUND);
	assert_non_null(strstr(err.text, "was removed by its revision 9"));
}

/* As a window that moves: the first region goes, another comes. */
static void the_first_region_can_be_removed_again_and_again(void **state)
{
	struct seen seen = { 0 };
	uint64_t revision;

	(void)state;
	put("virt", 2, MMP_ANY_REVISION, &eva);
	registers(MMP_ANY_REVISION, NULL);
	assert_int_equal(mmp_store_region_remove(store, "virt", 1, MMP_ANY_REVISION, &eva,
						 see_region, &seen, &revision, &err),
			 0);
	for (int i = 0; i < 3; i++) {
		registers(MMP_ANY_REVISION, NULL);
		assert_int_equal(
			mmp_store_region_remove(store, "virt", 0, MMP_ANY_REVISION, &eva,
						see_region, &seen, &revision, &err),
			0);
	}
	assert_int_equal(revision, 9);
	has_regions("virt", 9, THIRD THIRD);
	has_regions_in_parts("virt", 9, 1, THIRD THIRD);
	has_regions("virt", 2, FIRST THIRD);
	put("virt", 2, MMP_ANY_REVISION, &eva);
	has_regions("virt", 10, FIRST);
	mmp_buffer_done(&seen.text);
}

/* It begins at the end of the platform that is nearer. */
static void the_region_with_each_ordinal_is_found(void **state)
{
	static const char *const each[] = {
		"phys_mem_map MEM_AREA_IO_SEC 'UART' 9000000+1000 platform;",
		"phys_mem_map MEM_AREA_IO_NSEC '' 0+0 platform;",
		THIRD,
		("phys_mem_map MEM_AREA_IO_SEC 'UART' "
		 "8000000000000000+ffffffffffffffff platform;"),
	};

	(void)state;
	for (size_t count = 1; count <= 4; count++) {
		for (size_t ordinal = 0; ordinal < count; ordinal++) {
			struct seen seen = { 0 };
			uint64_t revision;

			put("virt", count, MMP_ANY_REVISION, &eva);
			assert_int_equal(mmp_store_region_remove(store, "virt", ordinal,
								 MMP_ANY_REVISION, &eva,
								 see_region, &seen,
								 &revision, &err),
					 0);
			assert_string_equal(seen.text.bytes, each[ordinal]);
			mmp_buffer_done(&seen.text);
		}
	}
}

/* The rows that are looked through for the regions of a revision. */
static uint64_t rows_of(const char *name, uint64_t revision)
{
	struct mmp_region_cursor first = first_of(name, revision);

	return first.end - first.position;
}

/* A region is registered and removed, many times in one transaction. */
static uint64_t comes_and_goes(uint64_t ordinal, int times)
{
	struct seen seen = { 0 };
	uint64_t revision = 0;

	mmp_store_group_begin(store);
	for (int i = 0; i < times; i++) {
		registers(MMP_ANY_REVISION, NULL);
		assert_int_equal(
			mmp_store_region_remove(store, "virt", ordinal, MMP_ANY_REVISION,
						&eva, see_region, &seen, &revision, &err),
			0);
	}
	assert_int_equal(mmp_store_group_end(store, &err), 0);
	mmp_buffer_done(&seen.text);
	return revision;
}

/* Of two regions, so that two more than MMP_ROWS_AT_ONCE may have ended. */
static void removed_regions_are_passed_over_up_to_a_limit(void **state)
{
	enum { MOST = 2 + MMP_ROWS_AT_ONCE, LAST_KEPT = 1 + 2 * MOST };

	(void)state;
	put("virt", 2, MMP_ANY_REVISION, &eva);
	assert_int_equal(comes_and_goes(2, MOST), LAST_KEPT);
	assert_int_equal(rows_of("virt", LAST_KEPT), 2 + MOST);
	assert_int_equal(comes_and_goes(2, 1), LAST_KEPT + 2);
	assert_int_equal(rows_of("virt", LAST_KEPT + 2), 2);
	has_regions("virt", LAST_KEPT + 2, FIRST);
	has_regions("virt", LAST_KEPT + 1, FIRST THIRD);
	has_regions("virt", LAST_KEPT, FIRST);
	has_regions_in_parts("virt", LAST_KEPT - 1, 100, FIRST THIRD);
	has_regions("virt", 1, FIRST);
	registers(MMP_ANY_REVISION, NULL);
	has_regions_in_parts("virt", LAST_KEPT + 3, 1, FIRST THIRD);
	is_at("virt", LAST_KEPT + 2,
	      "virt@2007 optee-4.10 {\"nb_core\":4} 2 eva 2026-01-01T00:00:00.000Z;");
	is_at("virt", LAST_KEPT + 3,
	      "virt@2008 optee-4.10 {\"nb_core\":4} 3 ion 2026-01-02T00:00:00.000Z;");
	comes_and_goes(1, 1);
	has_regions("virt", LAST_KEPT + 5,
		    "phys_mem_map MEM_AREA_IO_SEC 'UART' 9000000+1000 "
		    "platform;" THIRD THIRD);
}

/* Three revisions, whose regions have the positions 0 to 3, 4 and 5, 4 to 6. */
static void make_revisions(void)
{
	uint64_t revision, ordinal;

	assert_int_equal(put("virt", 4, MMP_ANY_REVISION, &eva), 1);
	assert_int_equal(put("virt", 2, MMP_ANY_REVISION, &eva), 2);
	assert_int_equal(mmp_store_region_add(store, "virt", &regions[2],
					      MMP_ANY_REVISION, &ion, NULL, &revision,
					      &ordinal, &err),
			 0);
}

static void a_revision_that_is_read_in_parts_is_the_same(void **state)
{
	uint64_t revision;

	(void)state;
	make_revisions();
	for (uint64_t most = 1; most <= 8; most++) {
		has_regions_in_parts("virt", 1, most, FIRST LAST);
		has_regions_in_parts("virt", 2, most, FIRST);
		has_regions_in_parts("virt", 3, most, FIRST THIRD);
	}
	/* The newest begins at its own first one, an earlier one at the first of all. */
	assert_int_equal(has_regions_in_parts("virt", 3, 1, FIRST THIRD), 3);
	assert_int_equal(has_regions_in_parts("virt", 2, 1, FIRST), 7);
	assert_int_equal(
		mmp_store_platform_remove(store, "virt", 3, &eva, &revision, &err), 0);
	has_regions_in_parts("virt", 3, 1, FIRST THIRD);
}

static void a_revision_stays_the_same_while_it_is_read(void **state)
{
	struct mmp_region_cursor cursor;
	struct seen seen = { 0 };
	uint64_t revision, ordinal;

	(void)state;
	make_revisions();
	mmp_buffer_text(&seen.text, "");
	cursor = first_of("virt", 3);
	assert_int_equal(
		mmp_store_regions_some(store, &cursor, 1, see_region, &seen, &err), 1);
	assert_int_equal(mmp_store_region_add(store, "virt", regions, MMP_ANY_REVISION,
					      &eva, NULL, &revision, &ordinal, &err),
			 0);
	assert_int_equal(mmp_store_platform_remove(store, "virt", MMP_ANY_REVISION, &eva,
						   &revision, &err),
			 0);
	while (mmp_store_regions_some(store, &cursor, 1, see_region, &seen, &err) > 0)
		continue;
	assert_string_equal(seen.text.bytes, FIRST THIRD);
	mmp_buffer_done(&seen.text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(every_revision_is_kept),
		TEST(every_revision_between_two_changes_has_its_time_and_its_count),
		TEST(an_outdated_tip_does_no_harm),
		TEST(the_first_region_can_be_removed_again_and_again),
		TEST(the_region_with_each_ordinal_is_found),
		TEST(removed_regions_are_passed_over_up_to_a_limit),
		TEST(a_revision_that_is_read_in_parts_is_the_same),
		TEST(a_revision_stays_the_same_while_it_is_read),
	};

	return cmocka_run_group_tests_name("store_registrations", tests, NULL, NULL);
}
