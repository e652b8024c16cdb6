/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/build.h"
#include "doc/platform.h"
#include "rules/optee/optee.h"

/*
 * Where real boots had their tables: every recorded address of every vector of
 * vectors/real, from the placement that was recorded with it, and from the rule set
 * alone where boot memory decides.
 */

static const char *folder(void)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/tests/vectors/real",
		 getenv("top_srcdir") ? getenv("top_srcdir") : ".");
	return path;
}

static json_t *load(const char *name)
{
	char path[1024];
	json_t *json;

	snprintf(path, sizeof(path), "%s/%s", folder(), name);
	json = json_load_file(path, 0, NULL);
	assert_non_null(json);
	return json;
}

static int make(const json_t *vector, const char *placement, const char *pool,
		struct mmp_build **ret_build, struct mmp_error *err)
{
	json_t *json = placement ? json_loads(placement, JSON_DECODE_ANY, NULL) : NULL;
	json_t *range = pool ? json_loads(pool, 0, NULL) : NULL, *stop = NULL;
	struct mmp_build_request request;
	struct mmp_platform *platform;
	int failed;

	if (mmp_platform_read(vector, &platform, err))
		fail_msg("%s", err->text);
	failed = mmp_build_request_read(range, json, &request, err);
	if (failed)
		mmp_platform_free(platform);
	else
		failed = mmp_build_make(platform, &request, ret_build, &stop, err);
	json_decref(json);
	json_decref(range);
	json_decref(stop);
	return failed;
}

static uint64_t number(const json_t *value)
{
	assert_true(json_is_string(value));
	return strtoull(json_string_value(value), NULL, 16);
}

static void check_tables(const char *name, const struct mmp_build *build,
			 const json_t *output)
{
	const json_t *tables = json_object_get(output, "tables");
	const json_t *ttbr0 = json_object_get(output, "ttbr0_base");
	const json_t *user = json_object_get(json_object_get(output, "placement"),
					     "user_l2_tables_pa");

	for (size_t i = 0; i < json_array_size(tables); i++) {
		const json_t *table = json_array_get(tables, i);
		uint32_t id = (uint32_t)json_integer_value(json_object_get(table, "id"));
		uint64_t want = number(json_object_get(table, "table_pa"));
		uint64_t got = mmp_tables_view(&build->layout.tables, id).pa;

		if (want != got)
			fail_msg("%s: table %u: recorded 0x%" PRIx64
				 ", placed 0x%" PRIx64,
				 name, id, want, got);
	}
	if (ttbr0)
		assert_true(number(ttbr0) ==
			    mmp_tables_view(&build->layout.tables, 0).pa);
	if (user)
		assert_true(number(user) == build->runs.run[MMP_RUN_USER].pa);
}

static uint64_t base_register_of(const struct mmp_build *build)
{
	for (unsigned i = 0; i < build->register_count; i++)
		if (!strcmp(build->registers[i].name, "ttbr0_el1"))
			return build->registers[i].value;
	return 0;
}

static void check_vector(const char *name, unsigned *placed, unsigned *derived)
{
	json_t *vector = load(name), *output = json_object_get(vector, "output");
	json_t *placement = json_object_get(output, "placement");
	struct mmp_build *given, *alone;
	struct mmp_error err;
	char text[256];

	if (placement) {
		snprintf(text, sizeof(text),
			 "{\"base_tables_pa\": \"%s\", \"xlat_tables_pa\": \"%s\"}",
			 json_string_value(json_object_get(placement, "base_tables_pa")),
			 json_string_value(json_object_get(placement, "xlat_tables_pa")));
		if (make(vector, text, NULL, &given, &err))
			fail_msg("%s: %s", name, err.text);
		check_tables(name, given, output);
		++*placed;
		if (optee_edit(&given->platform->config)->dyn_config) {
			if (make(vector, "\"firmware\"", NULL, &alone, &err))
				fail_msg("%s: %s", name, err.text);
			check_tables(name, alone, output);
			assert_memory_equal(&alone->id, &given->id, sizeof(given->id));
			++*derived;
			mmp_build_free(alone);
		}
		mmp_build_free(given);
	}
	json_decref(vector);
}

static void tables_lie_where_real_boots_had_them(void **state)
{
	DIR *all = opendir(folder());
	unsigned placed = 0, derived = 0, files = 0;
	struct dirent *one;

	(void)state;
	assert_non_null(all);
	while ((one = readdir(all))) {
		if (!strstr(one->d_name, ".json"))
			continue;
		files++;
		check_vector(one->d_name, &placed, &derived);
	}
	closedir(all);
	printf("%u files, %u placed by their addresses, %u by the rule set alone\n",
	       files, placed, derived);
	assert_int_equal(placed, files);
	assert_true(derived > 40 && derived < placed);
}

static void a_build_where_the_firmware_puts_it_reads_back(void **state)
{
	json_t *vector = load("real_va48.json");
	struct mmp_build *a, *b = NULL;
	struct mmp_error err;

	(void)state;
	if (make(vector, "\"firmware\"", NULL, &a, &err) ||
	    mmp_build_read(a->manifest, a->manifest_length, a->bytes, a->length, &b,
			   &err))
		fail_msg("%s", err.text);
	assert_memory_equal(&a->id, &b->id, sizeof(a->id));
	assert_true(base_register_of(a) == 0xe1c5000 && base_register_of(b) == 0xe1c5000);
	assert_true(b->as_firmware && b->pool_pa == 0xe1c4000);
	mmp_build_free(a);
	mmp_build_free(b);
	json_decref(vector);
}

static void the_bytes_hold_index_base_user_and_other_tables(void **state)
{
	json_t *vector = load("real_va48.json");
	json_t *index =
		json_object_get(json_object_get(vector, "output"), "user_l1_table_idx");
	struct mmp_build *build;
	struct mmp_error err;

	(void)state;
	if (make(vector, "\"firmware\"", NULL, &build, &err))
		fail_msg("%s", err.text);
	assert_int_equal(build->length, 0xe1dc000 - 0xe1c4000);
	assert_int_equal(json_array_size(index), 8);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(build->bytes[i], json_integer_value(json_array_get(
							  json_array_get(index, i), 2)));
	for (size_t i = 0xe1cd000 - 0xe1c4000; i < 0xe1cf000 - 0xe1c4000; i++)
		assert_int_equal(build->bytes[i], 0);
	assert_true(build->bytes[0x1000] & 1);
	mmp_build_free(build);
	json_decref(vector);
}

static const struct {
	const char *vector, *placement, *pool, *says;
} refused_placements[] = {
	{ "real_nodyn.json", "\"firmware\"", NULL,
	  "placement.base_tables_pa: missing; here the firmware's linker decides where "
	  "its base tables are, and the map file has the address" },
	{ "real_nodyn.json", "{\"base_tables_pa\": \"0xe1cb000\"}", NULL,
	  "placement.xlat_tables_pa: missing; here the firmware's linker decides where "
	  "its translation tables are, and the map file has the address" },
	{ "real_nodyn.json",
	  "{\"base_tables_pa\": \"0xe1cb010\", \"xlat_tables_pa\": "
	  "\"0xe1be000\"}",
	  NULL,
	  "placement.base_tables_pa: 0xe1cb010 is not a multiple of 0x20; "
	  "0xe1cb020 "
	  "is" },
	{ "real_nodyn.json",
	  "{\"base_tables_pa\": \"0xe1cb000\", \"xlat_tables_pa\": "
	  "\"0xe1be800\"}",
	  NULL,
	  "placement.user_l2_tables_pa: 0xe1bc800 is not a multiple of 0x1000; "
	  "0xe1bd000 is" },
	{ "real_nodyn.json",
	  "{\"base_tables_pa\": \"0xe1c2000\", \"xlat_tables_pa\": "
	  "\"0xe1be000\"}",
	  NULL,
	  "placement: the base tables at 0xe1c2000 size 0x100 overlap the "
	  "translation tables at 0xe1be000 size 0x5000; base_tables_pa 0xe1c3000 "
	  "would do" },
	{ "real_nodyn.json",
	  "{\"base_tables_pa\": \"0xe1cb000\", \"xlat_tables_pa\": "
	  "\"0xe1be000\"}",
	  "{\"base\": \"0xe1bd000\", \"size\": \"0x10000\"}",
	  "pool: 0xe1bd000 size 0x10000 does not hold the firmware's tables; "
	  "0xe1bc000 size 0x10000 is enough" },
	{ "real_default.json", "\"firmware\"",
	  "{\"base\": \"0xe1c0000\", \"size\": \"0x9000\"}",
	  "pool: 0xe1c0000 size 0x9000 does not hold the firmware's tables; "
	  "0xe1c0000 size 0xa000 is enough" },
	{ "real_default.json",
	  "{\"base_tables_pa\": \"0x40000000\", \"xlat_tables_pa\": "
	  "\"0x40003000\"}",
	  NULL,
	  "pool: 0x40000000 size 0xa000 is not inside the platform's secure "
	  "memory, 0xe100000 size 0xf00000" },
	{ "real_default.json",
	  "{\"base_tables_pa\": \"0xe1c0000\", \"xlat_tables_pa\": "
	  "\"0xfffffffff000\"}",
	  NULL,
	  "placement.xlat_tables_pa: 0xfffffffff000 size 0x7000 goes past the "
	  "48 bits that the address of a table has" },
	{ "real_default.json", "{\"base_table_pa\": \"0xe1c0000\"}", NULL, NULL },
	{ "real_default.json", "\"here\"", NULL,
	  "placement: must be \"firmware\" or an object with the addresses "
	  "base_tables_pa and xlat_tables_pa" },
	{ "real_default.json", NULL, NULL,
	  "pool: missing; without a placement it must give base and size of the memory "
	  "that will hold the tables" },
};

static void what_cannot_be_placed_is_refused_with_what_would_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused_placements); i++) {
		json_t *vector = load(refused_placements[i].vector);
		struct mmp_build *build;
		struct mmp_error err;

		assert_int_equal(make(vector, refused_placements[i].placement,
				      refused_placements[i].pool, &build, &err),
				 -1);
		assert_int_equal(err.code, MMP_INVALID);
		if (refused_placements[i].says)
			assert_string_equal(err.text, refused_placements[i].says);
		else
			assert_non_null(strstr(err.text, "base_tables_pa"));
		json_decref(vector);
	}
}

static void free_memory_that_is_too_small_is_refused(void **state)
{
	json_t *vector = load("real_default.json");
	json_t *layout = json_object_get(json_object_get(vector, "config"), "layout");
	struct mmp_build *build;
	struct mmp_error err;

	(void)state;
	json_object_set_new(json_object_get(layout, "free"), "size",
			    json_string("0x5000"));
	assert_int_equal(make(vector, "\"firmware\"", NULL, &build, &err), -1);
	assert_string_equal(err.text,
			    "placement: map and tables take 0x11588 bytes of boot memory "
			    "from 0xe1c0000, but there are 0x5000");
	json_decref(vector);
}

static void a_larger_pool_around_the_firmware_s_tables_will_do(void **state)
{
	json_t *vector = load("real_default.json");
	struct mmp_build *build;
	struct mmp_error err;

	(void)state;
	if (make(vector, "\"firmware\"",
		 "{\"base\": \"0xe1bf000\", \"size\": \"0x20000\"}", &build, &err))
		fail_msg("%s", err.text);
	assert_int_equal(build->length, 0xb000);
	assert_true(base_register_of(build) == 0xe1c0000 && build->pool_pa == 0xe1bf000);
	mmp_build_free(build);
	json_decref(vector);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_lie_where_real_boots_had_them),
		cmocka_unit_test(a_build_where_the_firmware_puts_it_reads_back),
		cmocka_unit_test(the_bytes_hold_index_base_user_and_other_tables),
		cmocka_unit_test(what_cannot_be_placed_is_refused_with_what_would_do),
		cmocka_unit_test(free_memory_that_is_too_small_is_refused),
		cmocka_unit_test(a_larger_pool_around_the_firmware_s_tables_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
