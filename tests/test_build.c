#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/build.h"
#include "doc/platform.h"

static struct mmp_platform *platform_of(const char *vector)
{
	struct mmp_platform *platform = NULL;
	struct mmp_error err;
	char path[512];
	json_t *json;

	snprintf(path, sizeof(path), "%s/tests/vectors/%s.json",
		 getenv("top_srcdir") ? getenv("top_srcdir") : ".", vector);
	json = json_load_file(path, 0, NULL);
	assert_non_null(json);
	if (mmp_platform_read(json, &platform, &err))
		fail_msg("%s: %s", vector, err.text);
	json_decref(json);
	return platform;
}

static struct mmp_build *build_of(const char *vector, uint64_t pa, uint64_t size)
{
	struct mmp_build *build = NULL;
	struct mmp_error err;
	json_t *stop = NULL;

	const struct mmp_build_request request = {
		true, pa, size, false, { { 0 }, { 0 } }
	};

	if (mmp_build_make(platform_of(vector), &request, &build, &stop, &err))
		fail_msg("%s: %s", vector, err.text);
	return build;
}

static void the_same_input_gives_the_same_build(void **state)
{
	struct mmp_build *a = build_of("real/real_noaslr", 0xe1c4000, 0x100000);
	struct mmp_build *b = build_of("real/real_noaslr", 0xe1c4000, 0x100000);

	(void)state;
	assert_memory_equal(&a->id, &b->id, sizeof(a->id));
	assert_int_equal(a->length, b->length);
	assert_memory_equal(a->bytes, b->bytes, a->length);
	mmp_build_free(a);
	mmp_build_free(b);
}

static void a_kept_build_reads_back_as_it_was(void **state)
{
	struct mmp_build *a = build_of("real/real_va48", 0xe200000, 0x100000), *b;
	struct mmp_error err;

	(void)state;
	if (mmp_build_read(a->manifest, a->manifest_length, a->bytes, a->length, &b,
			   &err))
		fail_msg("%s", err.text);
	assert_memory_equal(&a->id, &b->id, sizeof(a->id));
	assert_memory_equal(&a->bytes_digest, &b->bytes_digest, sizeof(a->id));
	assert_true(a->ttbr0_el1 == b->ttbr0_el1 && a->tcr_el1 == b->tcr_el1);
	mmp_build_free(a);
	mmp_build_free(b);
}

static void a_pool_that_cannot_be_is_refused_with_what_would_do(void **state)
{
	static const struct {
		uint64_t pa, size;
		const char *says;
	} rows[] = {
		{ 0xe1c4000, 0, "pool: its size is 0" },
		{ 0xfffffffffffff000, 0x2000,
		  "pool: 0xfffffffffffff000 size 0x2000 wraps past 2^64; the largest "
		  "size "
		  "there is 0x1000" },
		{ 0xe1c4800, 0x100000,
		  "pool: 0xe1c4800 is no multiple of 0x1000; 0xe1c5000 is" },
		{ 0xe1c4000, 0x1000,
		  "pool: 0x1000 bytes are too few; 13 tables need 0x6000" },
		{ 0xe1c4000, 0x5fff,
		  "pool: 0x5fff bytes are too few; 13 tables need 0x6000" },
		{ 0x40000000, 0x100000,
		  "pool: 0x40000000 size 0x100000 is not inside the platform's secure "
		  "memory, "
		  "0xe100000 size 0xf00000" },
		{ 0xefff000, 0x2000,
		  "pool: 0xefff000 size 0x2000 is not inside the platform's secure "
		  "memory, "
		  "0xe100000 size 0xf00000" },
		{ UINT64_C(1) << 48, 0x1000,
		  "pool: 0x1000000000000 size 0x1000 goes past the 48 bits that the "
		  "address "
		  "of a table has" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mmp_build *build = NULL;
		struct mmp_error err;
		json_t *stop = NULL;

		const struct mmp_build_request request = {
			true, rows[i].pa, rows[i].size, false, { { 0 }, { 0 } }
		};

		assert_int_equal(mmp_build_make(platform_of("real/real_noaslr"), &request,
						&build, &stop, &err),
				 -1);
		assert_string_equal(err.text, rows[i].says);
		assert_int_equal(err.code, MMP_INVALID);
	}
}

static void a_pool_of_exactly_the_needed_size_will_do(void **state)
{
	struct mmp_build *build = build_of("real/real_noaslr", 0xe1c4000, 0x6000);

	(void)state;
	assert_int_equal(build->length, 0x6000);
	mmp_build_free(build);
}

/* Flip each bit of each descriptor in turn: none goes unnoticed. */
static void a_flipped_bit_in_a_descriptor_is_caught_by_the_walk(void **state)
{
	struct mmp_build *build = build_of("real/real_noaslr", 0xe1c4000, 0x6000);
	struct mmp_memory memory = { .runs = { { build->pool_pa, build->bytes,
						 build->length } } };
	struct mmp_walker walker = mmp_layout_walker(&build->layout, &memory, 0);
	struct mmp_error err;
	unsigned flipped = 0;

	(void)state;
	assert_int_equal(mmp_walk_verify(&walker, &build->layout.plan, true, &err), 0);
	for (size_t at = 0x1000; at < build->length; at += 8) {
		uint64_t word;

		memcpy(&word, build->bytes + at, sizeof(word));
		if (!word)
			continue;
		for (unsigned bit = 0; bit < 64; bit++) {
			uint64_t noisy = word ^ UINT64_C(1) << bit;

			memcpy(build->bytes + at, &noisy, sizeof(noisy));
			if (!mmp_walk_verify(&walker, &build->layout.plan, true, &err))
				fail_msg("bit %u of 0x%llx is not noticed", bit,
					 (unsigned long long)word);
			flipped++;
		}
		memcpy(build->bytes + at, &word, sizeof(word));
	}
	assert_true(flipped > 10000);
	mmp_build_free(build);
}

static void a_walk_says_the_path_and_the_region(void **state)
{
	struct mmp_build *build = build_of("real/real_noaslr", 0xe1c4000, 0x6000);
	json_t *walk = mmp_build_walk_write(build, 0xe100123);
	json_t *hole = mmp_build_walk_write(build, 0x1000);

	(void)state;
	assert_true(json_is_true(json_object_get(walk, "mapped")));
	assert_string_equal(json_string_value(json_object_get(walk, "pa")), "0xe100123");
	assert_int_equal(json_array_size(json_object_get(walk, "path")), 3);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(walk, "region"), "type")),
			    "MEM_AREA_TEE_RAM_RX");
	assert_false(json_is_true(json_object_get(hole, "mapped")));
	json_decref(walk);
	json_decref(hole);
	mmp_build_free(build);
}

static void a_proof_asks_for_both_ends_of_every_region_and_for_every_hole(void **state)
{
	struct mmp_build *build = build_of("real/real_noaslr", 0xe1c4000, 0x6000);
	const struct mmp_plan *plan = &build->layout.plan;
	struct mmp_question *questions;
	size_t count, faults = 0, read_only = 0;

	(void)state;
	questions = mmp_build_probes(build, &count);
	assert_non_null(questions);
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		unsigned found = 0;

		for (size_t i = 0; i < count; i++)
			found += questions[i].va == r->va ||
				 questions[i].va == r->va + r->size - 0x1000;
		assert_true(r->mapping != MMP_MAP_BLOCKS || found >= 4);
	}
	for (size_t i = 0; i < count; i++) {
		faults += questions[i].expected.fault;
		read_only += questions[i].write && questions[i].expected.status == 0xf;
	}
	assert_true(faults > 64 && faults < count);
	assert_true(read_only >= 2); /* code is not writable: a fault at level 3 */
	free(questions);
	mmp_build_free(build);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_input_gives_the_same_build),
		cmocka_unit_test(a_kept_build_reads_back_as_it_was),
		cmocka_unit_test(a_pool_that_cannot_be_is_refused_with_what_would_do),
		cmocka_unit_test(a_pool_of_exactly_the_needed_size_will_do),
		cmocka_unit_test(a_flipped_bit_in_a_descriptor_is_caught_by_the_walk),
		cmocka_unit_test(a_walk_says_the_path_and_the_region),
		cmocka_unit_test(
			a_proof_asks_for_both_ends_of_every_region_and_for_every_hole),
	};
	return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
