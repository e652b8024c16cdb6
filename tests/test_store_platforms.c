/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "database.h"
#include "stored_platforms.h"

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

static void every_bit_of_a_platform_comes_back_in_order(void **state)
{
	(void)state;
	assert_int_equal(put("virt", 4, MMP_ANY_REVISION, &eva), 1);
	is_at("virt", 0,
	      "virt@1 optee-4.10 {\"nb_core\":4} 4 eva 2026-01-01T00:00:00.000Z;");
	has_regions("virt", 1, FIRST LAST);
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

/* --- the configuration, encoded ------------------------------------------------------------ */

static const unsigned char encoded[] = { 0, 1, '\'', '\\', 0x80, 0xff, 0 };

static uint64_t put_encoded(const char *config, const void *bytes, size_t size)
{
	const struct mmp_platform_row row = { .name = "virt",
					      .rules = "rules",
					      .config = config,
					      .encoded = bytes,
					      .encoded_size = size };
	uint64_t revision = 0;

	if (mmp_store_platform_put(store, &row, MMP_ANY_REVISION, &eva, &revision, &err))
		fail_msg("%s", err.text);
	return revision;
}

/* `data` is the number of bytes that there are to be. */
static int check_encoded(void *data, const struct mmp_platform_row *row,
			 struct mmp_error *ret_err)
{
	size_t *size = data;

	(void)ret_err;
	assert_int_equal(row->encoded_size, *size);
	assert_int_equal(!row->encoded, !*size);
	if (*size)
		assert_memory_equal(row->encoded, encoded, *size);
	return 0;
}

static void has_encoded(uint64_t revision, size_t size)
{
	if (mmp_store_platform_get(store, "virt", revision, check_encoded, &size, &err))
		fail_msg("%s", err.text);
}

static void
the_bytes_of_a_configuration_come_back_with_each_of_its_revisions(void **state)
{
	size_t none = 0;

	(void)state;
	put_encoded("{}", encoded, sizeof(encoded));
	has_encoded(1, sizeof(encoded));
	assert_int_equal(registers(1, NULL), 0);
	has_encoded(0, sizeof(encoded));
	put_encoded("{ }", NULL, 0);
	has_encoded(0, 0);
	has_encoded(2, sizeof(encoded));
	assert_int_equal(
		mmp_store_platform_list(store, NULL, 0, check_encoded, &none, &err), 0);
}

static void a_configuration_without_its_bytes_gets_them_when_it_is_put_again(void **state)
{
	(void)state;
	put_encoded("{}", NULL, 0);
	put_encoded("{}", encoded, sizeof(encoded));
	has_encoded(2, sizeof(encoded));
	has_encoded(1, 0);
	put_encoded("{}", NULL, 0);
	has_encoded(3, sizeof(encoded));
	put_encoded("{}", encoded, 3);
	has_encoded(4, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(one_that_fails_in_a_group_leaves_the_others_as_they_are),
		TEST(every_bit_of_a_platform_comes_back_in_order),
		TEST(of_two_who_change_the_same_revision_one_wins),
		TEST(a_removed_platform_keeps_its_past_and_its_count),
		TEST(what_is_not_there_is_not_found),
		TEST(the_list_has_one_row_a_platform_by_name),
		TEST(a_line_of_history_is_cut_between_characters),
		TEST(the_bytes_of_a_configuration_come_back_with_each_of_its_revisions),
		TEST(a_configuration_without_its_bytes_gets_them_when_it_is_put_again),
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
