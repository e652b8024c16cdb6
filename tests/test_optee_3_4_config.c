/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <string.h>

#include "doc/layout.h"
#include "doc/platform.h"
#include "optee_board.h"
#include "policy/policy.h"
#include "rules/optee/optee.h"

/* What the configuration of release 3.4.0 may hold. */

static json_t *document(const char *config)
{
	json_t *c = json_loads(config, 0, NULL);

	assert_non_null(c);
	json_object_set_new(c, "trusted_dram",
			    json_pack("{s:s, s:s}", "base", "0xe000000", "size", "16M"));
	json_object_set_new(c, "tee_ram",
			    json_pack("{s:s, s:s, s:s}", "start", "0xe000000", "ph_size",
				      "2M", "va_size", "2M"));
	return json_pack("{s:s, s:s, s:s, s:o, s:[]}", "format", MMP_PLATFORM_FORMAT,
			 "name", "board", "rules", "optee-3.4", "config", c,
			 "registrations");
}

static int reads(const char *config, struct mmp_platform **ret)
{
	json_t *d = document(config);
	int failed = mmp_platform_read(d, ret, &board.err);

	json_decref(d);
	return failed;
}

static void options_of_later_releases_are_refused_where_they_would_matter(void **state)
{
	static const char *const refused[] = {
		"{\"aslr\": true}",       "{\"ns_virtualization\": true}",
		"{\"dyn_config\": true}", "{\"bti\": true}",
		"{\"memtag\": true}",
	};
	struct mmp_platform *read;

	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		assert_int_equal(reads(refused[i], &read), -1);
		assert_int_equal(board.err.code, MMP_INVALID);
		assert_non_null(strstr(board.err.text, "optee-3.4 has no CFG_"));
	}
	assert_int_equal(reads("{\"pa_bits\": 40, \"aslr\": false}", &read), 0);
	assert_int_equal(optee_edit(&read->config)->mmap_regions, 127);
	mmp_platform_free(read);
}

/* How often a finding is said of an empty platform with that configuration. */
static unsigned found(const char *config, const char *id)
{
	struct mmp_findings findings;
	struct mmp_platform *read;
	unsigned count = 0;

	assert_int_equal(reads(config, &read), 0);
	mmp_layout_make(&board.layout, read, NULL, &board.err);
	mmp_findings_init(&findings);
	mmp_policy_run(&findings, read, &board.layout);
	for (size_t i = 0; i < findings.count; i++)
		count += !strcmp(findings.items[i].id, id);
	mmp_findings_done(&findings);
	mmp_platform_free(read);
	return count;
}

static void options_without_effect_are_noted_once_each(void **state)
{
	static const char *const noted[] = {
		"{\"pa_bits\": 40}",
		"{\"nex_dyn_vaspace_size\": \"2M\"}",
		"{\"boot_mem_size\": \"2M\"}",
		"{\"cpu\": {\"parange\": 2, \"mte\": true}}",
		"{\"layout\": {\"free\": {\"start\": \"0x1000\", \"size\": \"4K\"}}}",
		"{\"layout\": {\"identity_map\": {\"start\": 0, \"end\": \"4K\"}}}",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(noted); i++)
		assert_int_equal(found(noted[i], "ignored-key"), 1);
	assert_int_equal(found("{\"pa_bits\": 32, \"cpu\": {\"parange\": 5}, \"layout\": "
			       "{\"unpg_rx\": {\"start\": \"4K\", \"size\": \"4K\"}}}",
			       "ignored-key"),
			 0);
}

static void what_the_compiler_would_refuse_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(found("{\"mmap_regions\": 12}", "does-not-compile"), 1);
	assert_int_equal(found("{\"mmap_regions\": 13}", "does-not-compile"), 0);
	assert_int_equal(found("{\"va_bits\": 36}", "does-not-compile"), 1);
	assert_int_equal(found("{\"va_bits\": 36, \"unmap_core_at_el0\": false}",
			       "does-not-compile"),
			 0);
}

/* Written and read again, as the store does it. */
static struct mmp_platform *kept(const char *config)
{
	struct mmp_platform *read, *again;
	json_t *written, *twice;

	assert_int_equal(reads(config, &read), 0);
	written = mmp_platform_write(read);
	assert_int_equal(mmp_platform_read(written, &again, &board.err), 0);
	twice = mmp_platform_write(again);
	assert_true(json_equal(written, twice));
	json_decref(written);
	json_decref(twice);
	mmp_platform_free(read);
	return again;
}

static void
a_core_unmapped_at_el0_has_a_second_base_table_on_any_architecture(void **state)
{
	static const struct {
		const char *config;
		unsigned tables;
	} cases[] = {
		{ "{\"arch\": \"arm32\", \"lpae\": false}", 2 },
		{ "{\"arch\": \"arm32\", \"aslr\": false}", 2 },
		{ "{\"arch\": \"arm32\", \"unmap_core_at_el0\": false}", 1 },
		{ "{\"arch\": \"arm32\", \"aslr\": false, \"ns_virtualization\": false, "
		  "\"dyn_config\": false, \"bti\": false, \"memtag\": false}",
		  2 },
		{ "{\"aslr\": false, \"ns_virtualization\": false, \"dyn_config\": "
		  "false, \"bti\": false, \"memtag\": false}",
		  2 },
	};

	const struct mmp_registration core = { .section = OPTEE_SECTION_PHYS_MEM_MAP,
					       .type = OPTEE_TEE_RAM,
					       .name = "core",
					       .origin = "platform",
					       .addr = 0xe000000,
					       .size = 0x200000 };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mmp_platform *again = kept(cases[i].config);

		assert_int_equal(mmp_platform_add(again, &core, &board.err), 0);
		if (mmp_layout_make(&board.layout, again, NULL, &board.err))
			fail_msg("%s", board.err.text);
		assert_int_equal(board.layout.plan.shape.per_core, cases[i].tables);
		mmp_platform_free(again);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin_3_4, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(options_of_later_releases_are_refused_where_they_would_matter),
		TEST(options_without_effect_are_noted_once_each),
		TEST(what_the_compiler_would_refuse_is_an_error),
		TEST(a_core_unmapped_at_el0_has_a_second_base_table_on_any_architecture),
	};

	return cmocka_run_group_tests_name("configuration of optee-3.4", tests, NULL,
					   NULL);
}
