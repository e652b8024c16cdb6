/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "database.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "store/dialect.h"
#include "store/migrations.h"
#include "store/store.h"

static const struct mmp_signature eva = { 1000, 1000, 7, "eva",
					  "2026-01-01T00:00:00.000Z" };
static const struct mmp_signature ion = { 1001, 1001, 8, "ion",
					  "2026-01-02T00:00:00.000Z" };

static const struct mmp_page all;
static struct mmp_store *store;
static struct mmp_error err;

static int set_up(void **state)
{
	(void)state;
	err = (struct mmp_error){ 0 };
	return mmp_store_open(test_database(":memory:"), &store, &err);
}

static int tear_down(void **state)
{
	(void)state;
	mmp_store_close(store);
	return 0;
}

#define REGION(section_, type_, name_, origin_, addr_, size_)                            \
	{                                                                                \
		.section = section_, .type = type_, .name = name_, .origin = origin_,    \
		.addr = addr_, .size = size_                                             \
	}

static const struct mmp_region_row regions[] = {
	REGION("phys_mem_map", "MEM_AREA_IO_SEC", "UART", "platform", 0x9000000, 0x1000),
	REGION("phys_mem_map", "MEM_AREA_IO_NSEC", "", "platform", 0, 0),
	REGION("nsec_ddr", "MEM_AREA_DDR_OVERALL", "top", "board.c", 0xfffffffffffff000,
	       0x1000),
	REGION("phys_mem_map", "MEM_AREA_IO_SEC", "UART", "platform", 0x8000000000000000,
	       UINT64_MAX),
};

static uint64_t put(const char *name, size_t count, uint64_t if_revision,
		    const struct mmp_signature *by)
{
	struct mmp_platform_row row = { .name = name,
					.rules = "optee-4.10",
					.config = "{\"nb_core\":4}",
					.regions_count = count,
					.regions = regions };
	uint64_t revision = 0;

	return mmp_store_platform_put(store, &row, if_revision, by, &revision, &err)
		       ? 0
		       : revision;
}

struct seen {
	struct mmp_buffer text;
	uint64_t revision;
};

static int see_platform(void *data, const struct mmp_platform_row *row,
			struct mmp_error *ret_err)
{
	struct seen *seen = data;

	(void)ret_err;
	seen->revision = row->revision;
	mmp_buffer_printf(&seen->text, "%s@%" PRIu64 " %s %s %zu %s %s;", row->name,
			  row->revision, row->rules, row->config ? row->config : "-",
			  row->regions_count, row->user, row->time);
	return 0;
}

static int see_region(void *data, const struct mmp_region_row *row,
		      struct mmp_error *ret_err)
{
	struct seen *seen = data;

	(void)ret_err;
	mmp_buffer_printf(&seen->text, "%s %s '%s' %" PRIx64 "+%" PRIx64 " %s;",
			  row->section, row->type, row->name, row->addr, row->size,
			  row->origin);
	return 0;
}

static int see_history(void *data, const struct mmp_history_row *row,
		       struct mmp_error *ret_err)
{
	struct seen *seen = data;

	(void)ret_err;
	mmp_buffer_printf(&seen->text, "%s %s %s>%s %" PRId64 ";", row->by.user,
			  row->action, row->before ? row->before : "", row->after,
			  row->by.uid);
	return 0;
}

#define FIRST                                                                            \
	"phys_mem_map MEM_AREA_IO_SEC 'UART' 9000000+1000 platform;"                     \
	"phys_mem_map MEM_AREA_IO_NSEC '' 0+0 platform;"
#define LAST                                                                             \
	"nsec_ddr MEM_AREA_DDR_OVERALL 'top' fffffffffffff000+1000 board.c;"             \
	"phys_mem_map MEM_AREA_IO_SEC 'UART' 8000000000000000+ffffffffffffffff "         \
	"platform;"

static void has_regions(const char *name, uint64_t revision, const char *wanted)
{
	struct seen seen = { 0 };

	mmp_buffer_text(&seen.text, "");
	assert_int_equal(mmp_store_platform_regions(store, name, revision, see_region,
						    &seen, &err),
			 0);
	assert_string_equal(seen.text.bytes, wanted);
	mmp_buffer_done(&seen.text);
}

/* The same, read `most` stored regions at a time. */
static size_t has_regions_in_parts(const char *name, uint64_t revision, uint64_t most,
				   const char *wanted)
{
	struct mmp_region_cursor cursor;
	struct seen seen = { 0 };
	size_t parts = 0;
	int more;

	mmp_buffer_text(&seen.text, "");
	assert_int_equal(mmp_store_regions_begin(store, name, revision, &cursor, &err),
			 0);
	do {
		more = mmp_store_regions_some(store, &cursor, most, see_region, &seen,
					      &err);
		parts++;
	} while (more > 0);
	assert_int_equal(more, 0);
	assert_string_equal(seen.text.bytes, wanted);
	mmp_buffer_done(&seen.text);
	return parts;
}

static void is_at(const char *name, uint64_t revision, const char *wanted)
{
	struct seen seen = { 0 };

	if (mmp_store_platform_get(store, name, revision, see_platform, &seen, &err))
		fail_msg("%s", err.text);
	assert_string_equal(seen.text.bytes, wanted);
	mmp_buffer_done(&seen.text);
}

static void is_missing(const char *name, uint64_t revision, const char *words)
{
	struct seen seen = { 0 };

	assert_int_equal(
		mmp_store_platform_get(store, name, revision, see_platform, &seen, &err),
		-1);
	assert_int_equal(err.code, MMP_NOT_FOUND);
	assert_non_null(strstr(err.text, words));
}

static void every_bit_of_a_platform_comes_back_in_order(void **state)
{
	(void)state;
	assert_int_equal(put("virt", 4, MMP_ANY_REVISION, &eva), 1);
	is_at("virt", 0,
	      "virt@1 optee-4.10 {\"nb_core\":4} 4 eva 2026-01-01T00:00:00.000Z;");
	has_regions("virt", 1, FIRST LAST);
}

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

/* Register regions[2], which is FIRST's successor; the ordinal it gets. */
static uint64_t registers(uint64_t if_revision, struct mmp_platform_tip *tip)
{
	uint64_t revision, ordinal = 0;

	if (mmp_store_region_add(store, "virt", &regions[2], if_revision, &ion, tip,
				 &revision, &ordinal, &err))
		fail_msg("%s", err.text);
	return ordinal;
}

#define THIRD_OF_IT "nsec_ddr MEM_AREA_DDR_OVERALL 'top' fffffffffffff000+1000 board.c;"

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
	has_regions("virt", 3, FIRST THIRD_OF_IT THIRD_OF_IT);
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
	has_regions("virt", 9, THIRD_OF_IT THIRD_OF_IT);
	has_regions_in_parts("virt", 9, 1, THIRD_OF_IT THIRD_OF_IT);
	has_regions("virt", 2, FIRST THIRD_OF_IT);
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
		THIRD_OF_IT,
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
	struct mmp_region_cursor cursor;

	assert_int_equal(mmp_store_regions_begin(store, name, revision, &cursor, &err),
			 0);
	return cursor.end - cursor.position;
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
	has_regions("virt", LAST_KEPT + 1, FIRST THIRD_OF_IT);
	has_regions("virt", LAST_KEPT, FIRST);
	has_regions_in_parts("virt", LAST_KEPT - 1, 100, FIRST THIRD_OF_IT);
	has_regions("virt", 1, FIRST);
	registers(MMP_ANY_REVISION, NULL);
	has_regions_in_parts("virt", LAST_KEPT + 3, 1, FIRST THIRD_OF_IT);
	is_at("virt", LAST_KEPT + 2,
	      "virt@2007 optee-4.10 {\"nb_core\":4} 2 eva 2026-01-01T00:00:00.000Z;");
	is_at("virt", LAST_KEPT + 3,
	      "virt@2008 optee-4.10 {\"nb_core\":4} 3 ion 2026-01-02T00:00:00.000Z;");
	comes_and_goes(1, 1);
	has_regions("virt", LAST_KEPT + 5,
		    "phys_mem_map MEM_AREA_IO_SEC 'UART' 9000000+1000 "
		    "platform;" THIRD_OF_IT THIRD_OF_IT);
}

static void of_two_who_change_the_same_revision_one_wins(void **state)
{
	struct seen seen = { 0 };

	(void)state;
	assert_int_equal(put("virt", 1, 0, &eva), 1);
	assert_int_equal(put("virt", 2, 1, &eva), 2);
	assert_int_equal(put("virt", 3, 1, &ion), 0);
	assert_int_equal(err.code, MMP_CONFLICT);
	assert_non_null(
		strstr(err.text, "if_revision is 1, but revision 2 is the newest"));
	assert_int_equal(put("virt", 3, 2, &ion), 3);
	assert_int_equal(put("virt", 3, 0, &ion), 0);
	assert_int_equal(put("other", 3, 5, &ion), 0);
	assert_non_null(strstr(err.text, "the platform does not exist"));
	assert_int_equal(mmp_store_history(store, "platform", "virt", &all, see_history,
					   &seen, &err),
			 0);
	assert_string_equal(seen.text.bytes, "eva platform.put >1 1000;eva platform.put "
					     "1>2 1000;ion platform.put 2>3 1001;");
	mmp_buffer_done(&seen.text);
}

static void a_removed_platform_keeps_its_past_and_its_count(void **state)
{
	struct seen seen = { 0 };
	uint64_t revision;

	(void)state;
	assert_int_equal(put("virt", 2, MMP_ANY_REVISION, &eva), 1);
	assert_int_equal(
		mmp_store_platform_remove(store, "virt", 9, &ion, &revision, &err), -1);
	assert_int_equal(err.code, MMP_CONFLICT);
	assert_int_equal(
		mmp_store_platform_remove(store, "virt", 1, &ion, &revision, &err), 0);
	assert_int_equal(revision, 2);
	is_missing("virt", 0, "was removed by its revision 2");
	is_missing("virt", 2, "was removed by its revision 2");
	has_regions("virt", 1, FIRST);
	assert_int_equal(mmp_store_platform_remove(store, "virt", MMP_ANY_REVISION, &ion,
						   &revision, &err),
			 -1);
	assert_int_equal(err.code, MMP_NOT_FOUND);
	mmp_buffer_text(&seen.text, "");
	assert_int_equal(
		mmp_store_platform_list(store, NULL, 0, see_platform, &seen, &err), 0);
	assert_string_equal(seen.text.bytes, "");
	mmp_buffer_done(&seen.text);
	assert_int_equal(put("virt", 1, 0, &eva), 3);
	is_at("virt", 0,
	      "virt@3 optee-4.10 {\"nb_core\":4} 1 eva 2026-01-01T00:00:00.000Z;");
}

static void what_is_not_there_is_not_found(void **state)
{
	uint64_t revision, ordinal;
	struct seen seen = { 0 };

	(void)state;
	is_missing("virt", 0, "no such");
	assert_int_equal(mmp_store_region_add(store, "virt", regions, MMP_ANY_REVISION,
					      &eva, NULL, &revision, &ordinal, &err),
			 -1);
	assert_int_equal(err.code, MMP_NOT_FOUND);
	put("virt", 2, MMP_ANY_REVISION, &eva);
	assert_int_equal(mmp_store_region_remove(store, "virt", 2, MMP_ANY_REVISION, &eva,
						 see_region, &seen, &revision, &err),
			 -1);
	assert_int_equal(err.code, MMP_NOT_FOUND);
	assert_non_null(strstr(err.text, "has no region 2: it has 2"));
	is_at("virt", 0,
	      "virt@1 optee-4.10 {\"nb_core\":4} 2 eva 2026-01-01T00:00:00.000Z;");
}

static void the_list_has_one_row_a_platform_by_name(void **state)
{
	struct seen seen = { 0 };

	(void)state;
	put("b", 1, MMP_ANY_REVISION, &eva);
	put("a", 1, MMP_ANY_REVISION, &eva);
	put("b", 2, MMP_ANY_REVISION, &ion);
	assert_int_equal(
		mmp_store_platform_list(store, NULL, 0, see_platform, &seen, &err), 0);
	assert_string_equal(seen.text.bytes,
			    "a@1 optee-4.10 - 1 eva 2026-01-01T00:00:00.000Z;"
			    "b@2 optee-4.10 - 2 ion 2026-01-02T00:00:00.000Z;");
	mmp_buffer_done(&seen.text);
}

static int count_region(void *data, const struct mmp_region_row *row,
			struct mmp_error *ret_err)
{
	size_t *count = data;

	(void)ret_err;
	if (row->addr != *count * 0x1000)
		fail_msg("region %zu is at %" PRIx64, *count, row->addr);
	++*count;
	return 0;
}

#define THIRD "nsec_ddr MEM_AREA_DDR_OVERALL 'top' fffffffffffff000+1000 board.c;"

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
	struct mmp_region_cursor cursor;
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
	assert_int_equal(has_regions_in_parts("virt", 4, 1, ""), 1);
	has_regions_in_parts("virt", 3, 1, FIRST THIRD);
	assert_int_equal(mmp_store_regions_begin(store, "nobody", 1, &cursor, &err), -1);
}

static void a_revision_stays_the_same_while_it_is_read(void **state)
{
	struct mmp_region_cursor cursor;
	struct seen seen = { 0 };
	uint64_t revision, ordinal;

	(void)state;
	make_revisions();
	mmp_buffer_text(&seen.text, "");
	assert_int_equal(mmp_store_regions_begin(store, "virt", 3, &cursor, &err), 0);
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

static void the_limit_of_registrations_fits_and_no_more(void **state)
{
	struct mmp_region_row *many = calloc(MMP_REGISTRATIONS_MAX, sizeof(*many));
	struct mmp_platform_row row = { .name = "big",
					.rules = "optee-4.10",
					.config = "{}",
					.regions_count = MMP_REGISTRATIONS_MAX,
					.regions = many };
	uint64_t revision, ordinal;
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < MMP_REGISTRATIONS_MAX; i++) {
		many[i] = regions[0];
		many[i].addr = i * 0x1000;
	}
	assert_int_equal(mmp_store_platform_put(store, &row, MMP_ANY_REVISION, &eva,
						&revision, &err),
			 0);
	assert_int_equal(
		mmp_store_platform_regions(store, "big", 1, count_region, &count, &err),
		0);
	assert_int_equal(count, MMP_REGISTRATIONS_MAX);
	assert_int_equal(mmp_store_region_add(store, "big", regions, MMP_ANY_REVISION,
					      &eva, NULL, &revision, &ordinal, &err),
			 -1);
	assert_int_equal(err.code, MMP_TOO_LARGE);
	free(many);
}

/* Every lead byte of a three-byte character has its two others. */
static int see_whole(void *data, const struct mmp_history_row *row,
		     struct mmp_error *ret_err)
{
	int leads = 0, others = 0;

	(void)ret_err;
	for (const char *c = row->about; *c; c++) {
		leads += ((unsigned char)*c & 0xf0) == 0xe0;
		others += ((unsigned char)*c & 0xc0) == 0x80;
	}
	assert_int_equal(others, 2 * leads);
	*(int *)data += leads;
	return 0;
}

static void a_line_of_history_is_cut_between_characters(void **state)
{
	struct mmp_region_row euros = regions[0];
	uint64_t revision, ordinal;
	char name[301];
	int leads = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		memcpy(name + 3 * i, "\xe2\x82\xac", 4);
	put("virt", 1, MMP_ANY_REVISION, &eva);
	for (int shift = 0; shift < 3; shift++) {
		char shifted[310];

		snprintf(shifted, sizeof(shifted), "%.*s%s", shift, "xxx", name);
		euros.name = shifted;
		assert_int_equal(mmp_store_region_add(store, "virt", &euros,
						      MMP_ANY_REVISION, &eva, NULL,
						      &revision, &ordinal, &err),
				 0);
	}
	assert_int_equal(mmp_store_history(store, "platform", "virt", &all, see_whole,
					   &leads, &err),
			 0);
	assert_int_equal(leads, 20 + 19 + 19); /* of 60 bytes */
}

static uint64_t put_named(const char *name, uint64_t if_revision)
{
	struct mmp_platform_row row = { .name = name,
					.rules = "optee-4.10",
					.config = "{}" };
	uint64_t revision = 0;

	return mmp_store_platform_put(store, &row, if_revision, &eva, &revision, &err)
		       ? 0
		       : revision;
}

static void one_that_fails_in_a_group_leaves_the_others_as_they_are(void **state)
{
	(void)state;
	mmp_store_group_begin(store);
	assert_false(mmp_store_group_wrote(store));
	assert_int_equal(put_named("a", MMP_ANY_REVISION), 1);
	assert_true(mmp_store_group_wrote(store));
	assert_int_equal(put_named("a", 7), 0); /* a conflict */
	assert_int_equal(err.code, MMP_CONFLICT);
	assert_int_equal(put_named("a", 1), 2);
	assert_int_equal(put_named("b", MMP_ANY_REVISION), 1);
	assert_int_equal(mmp_store_group_end(store, &err), 0);
	assert_int_equal(put_named("a", 2), 3);
	assert_int_equal(put_named("b", 1), 2);
}

/* --- a server of an older version -------------------------------------------------------- */

/* Two platforms as version 1 kept them, one of the tree that was called optee-4.10. */
static const char version_1[] =
	"CREATE TABLE mmp_schema (version INTEGER NOT NULL);"
	"INSERT INTO mmp_schema VALUES (1);"
	"INSERT INTO platform VALUES (1, 'virt', 2, 0, 2), (2, 'old', 1, 0, 0);"
	"INSERT INTO platform_config VALUES (1, 1, 'optee-4.10', '{}'), "
	"(2, 2, 'optee-3.4', '{}');"
	"INSERT INTO platform_revision VALUES "
	"(1, 1, 1, 0, '2026-01-01T00:00:00.000Z', 'eva'), "
	"(1, 2, 1, 1, '2026-01-01T00:00:01.000Z', 'eva'), "
	"(2, 1, 2, 0, '2026-01-01T00:00:00.000Z', 'eva');"
	"INSERT INTO region VALUES "
	"(1, 0, 1, 2, 'phys_mem_map', 'MEM_AREA_IO_SEC', 'gone', 0, 4096, 'platform'), "
	"(1, 1, 2, 9223372036854775807, 'phys_mem_map', 'MEM_AREA_IO_SEC', 'UART', "
	"150994944, 4096, 'platform');";

static void ask(PGconn *server, const char *sql)
{
	PGresult *result = PQexec(server, sql);

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		fail_msg("%s", PQerrorMessage(server));
	PQclear(result);
}

static int see_rules(void *data, const struct mmp_platform_row *row,
		     struct mmp_error *error)
{
	(void)error;
	snprintf(data, 32, "%s", row->rules);
	return 0;
}

static int count_renaming(void *data, const struct mmp_history_row *row,
			  struct mmp_error *error)
{
	(void)error;
	if (!strcmp(row->action, "rules.rename")) {
		assert_string_equal(row->before, "2");
		assert_string_equal(row->by.time, "2026-01-01T00:00:01.000Z");
		assert_non_null(strstr(row->about, "\"optee-4.10-257\""));
		++*(int *)data;
	}
	return 0;
}

/* Its two revisions are as they were, and a third follows. */
static void goes_on_after_its_upgrade(void)
{
	assert_int_equal(registers(2, NULL), 1);
	has_regions("virt", 3,
		    "phys_mem_map MEM_AREA_IO_SEC 'UART' 9000000+1000 "
		    "platform;" THIRD_OF_IT);
	has_regions_in_parts("virt", 3, 1,
			     "phys_mem_map MEM_AREA_IO_SEC 'UART' 9000000+1000 "
			     "platform;" THIRD_OF_IT);
	is_at("virt", 2, "virt@2 optee-4.10-257 {} 1 eva 2026-01-01T00:00:01.000Z;");
	is_at("virt", 3, "virt@3 optee-4.10-257 {} 2 ion 2026-01-02T00:00:00.000Z;");
}

/* On SQLite: test_store.c. */
static void platforms_of_a_server_keep_their_rules_under_another_name(void **state)
{
	static const char *const names[] = { "virt", "old" };
	static const char *const rules[] = { "optee-4.10-257", "optee-3.4" };
	char *schema = dialect_postgres(mmp_migrations[0], NULL), seen[32];
	PGconn *server;

	(void)state;
	if (test_server()) {
		server = PQconnectdb(test_database(""));
		ask(server, schema);
		ask(server, version_1);
		PQfinish(server);
		assert_int_equal(mmp_store_open(test_server(), &store, &err), 0);
		for (int n = 0; n < 2; n++) {
			int renamed = 0;

			if (mmp_store_platform_get(store, names[n], 0, see_rules, seen,
						   &err))
				fail_msg("%s", err.text);
			assert_string_equal(seen, rules[n]);
			assert_int_equal(mmp_store_history(store, "platform", names[n],
							   &all, count_renaming, &renamed,
							   &err),
					 0);
			assert_int_equal(renamed, !n);
		}
		goes_on_after_its_upgrade();
		mmp_store_close(store);
	}
	free(schema);
}

/* A server of version 7 with a host, whose mmpd is connected and holds its name. */
static PGconn *older_mmpd(void)
{
	PGconn *server = PQconnectdb(test_database(""));
	char *schema = NULL;

	ask(server, "CREATE TABLE mmp_schema (version INTEGER NOT NULL);"
		    "INSERT INTO mmp_schema VALUES (7)");
	for (int i = 0; i < 7; i++) {
		schema = dialect_postgres(mmp_migrations[i], NULL);
		ask(server, schema);
		free(schema);
	}
	ask(server, "INSERT INTO host VALUES ('attic', 0);"
		    "INSERT INTO platform VALUES (1, 'virt', 1, 0, 0)");
	PQclear(PQexec(server, "SELECT pg_advisory_lock(8747501, hashtext('attic'))"));
	return server;
}

static void a_server_is_not_upgraded_while_an_older_mmpd_uses_it(void **state)
{
	PGconn *older;

	(void)state;
	if (!test_server())
		return;
	older = older_mmpd();
	assert_int_equal(mmp_store_open(test_server(), &store, &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	assert_non_null(strstr(err.text, "schema version 7 and is used by 1 older mmpd "
					 "(host attic): end all older ones"));
	PQfinish(older);
	assert_int_equal(mmp_store_open(test_server(), &store, &err), 0);
	mmp_store_close(store);
}

/* It had lost the server, and with it its name, when the schema was changed. */
static void an_older_mmpd_that_comes_back_after_an_upgrade_cannot_write(void **state)
{
	PGconn *older;
	PGresult *result;

	(void)state;
	if (!test_server())
		return;
	older = older_mmpd();
	PQclear(PQexec(older, "SELECT pg_advisory_unlock_all()"));
	assert_int_equal(mmp_store_open(test_server(), &store, &err), 0);
	result = PQexec(older, "INSERT INTO platform_revision (platform, revision, "
			       "config, regions, time, \"user\") VALUES "
			       "(1, 2, NULL, 0, '', '')");
	assert_int_equal(PQresultStatus(result), PGRES_FATAL_ERROR);
	assert_non_null(strstr(PQresultErrorMessage(result), "\"regions\""));
	PQclear(result);
	PQfinish(older);
	mmp_store_close(store);
}

/* As above, with this program as the older one. */
static void after_an_upgrade_a_host_that_comes_back_says_that_it_is_too_old(void **state)
{
	PGconn *newer;

	(void)state;
	if (!test_server())
		return;
	assert_int_equal(mmp_store_open(test_database(""), &store, &err), 0);
	assert_int_equal(mmp_store_host(store, "attic", &err), 0);
	assert_int_equal(put("virt", 2, MMP_ANY_REVISION, &eva), 1);
	newer = PQconnectdb(test_server());
	PQclear(PQexec(newer, "SELECT pg_terminate_backend(pid, 5000) FROM "
			      "pg_stat_activity WHERE application_name = 'mmpd'"));
	ask(newer, "UPDATE mmp_schema SET version = 99");
	PQfinish(newer);
	assert_int_equal(put("virt", 2, MMP_ANY_REVISION, &eva), 0); /* the loss shows */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(put("virt", 2, MMP_ANY_REVISION, &eva), 0);
		assert_int_equal(err.code, MMP_CONFLICT);
		assert_non_null(strstr(err.text, "schema version 99, and this program"));
	}
	mmp_store_close(store);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(one_that_fails_in_a_group_leaves_the_others_as_they_are),
		TEST(every_bit_of_a_platform_comes_back_in_order),
		TEST(every_revision_is_kept),
		TEST(every_revision_between_two_changes_has_its_time_and_its_count),
		TEST(an_outdated_tip_does_no_harm),
		TEST(the_first_region_can_be_removed_again_and_again),
		TEST(the_region_with_each_ordinal_is_found),
		TEST(removed_regions_are_passed_over_up_to_a_limit),
		TEST(a_revision_that_is_read_in_parts_is_the_same),
		TEST(a_revision_stays_the_same_while_it_is_read),
		TEST(of_two_who_change_the_same_revision_one_wins),
		TEST(a_removed_platform_keeps_its_past_and_its_count),
		TEST(what_is_not_there_is_not_found),
		TEST(the_list_has_one_row_a_platform_by_name),
		TEST(a_line_of_history_is_cut_between_characters),
		cmocka_unit_test(
			platforms_of_a_server_keep_their_rules_under_another_name),
		cmocka_unit_test(a_server_is_not_upgraded_while_an_older_mmpd_uses_it),
		cmocka_unit_test(
			an_older_mmpd_that_comes_back_after_an_upgrade_cannot_write),
		cmocka_unit_test(
			after_an_upgrade_a_host_that_comes_back_says_that_it_is_too_old),
	};
	/* On a server each row is a round trip, which makes this one half a minute. */
	const struct CMUnitTest of_files[] = {
		TEST(the_limit_of_registrations_fits_and_no_more),
	};

	if (cmocka_run_group_tests_name("store_platforms", tests, NULL, NULL))
		return 1;
	if (test_server())
		return 0;
	return cmocka_run_group_tests_name("store_limits", of_files, NULL, NULL);
}
