/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "doc/build.h"
#include "doc/build_private.h"
#include "doc/platform.h"
#include "vector.h"
#include "json/text.h"

/* The comparison of finished tables with the plan: no bit of them goes unnoticed. */

static struct mmp_build *build_of(const char *vector)
{
	struct mmp_build_request request = { .pool_given = true, .pool_size = 0x100000 };
	const json_t *dram;
	struct mmp_platform *platform;
	struct mmp_build *build = NULL;
	json_t *json = vector_read(vector), *stop = NULL;
	struct mmp_error err;

	dram = json_object_get(json_object_get(json, "config"), "trusted_dram");
	request.pool_pa = strtoull(mmp_json_string(dram, "base"), NULL, 16) +
			  0x400000; /* after the core */
	if (mmp_platform_read(json, &platform, &err) ||
	    mmp_build_make(platform, &request, &build, &stop, &err))
		fail_msg("%s: %s", vector, err.text);
	json_decref(json);
	return build;
}

/* PXN of a section says nothing where XN is set; a section is in a base table. */
static bool says_nothing(const struct mmp_tables *t, size_t at, uint64_t word, size_t bit)
{
	bool is_base = at < (size_t)t->base_count * t->base_bytes;

	return t->format->descriptor_bytes == 4 && is_base && bit == 0 &&
	       (word & 1 << 4) && (word & 1 << 1);
}

/* Flip every `every`-th bit of what is not zero, and see the verifier notice. */
static void check_bits(const char *vector, size_t every)
{
	struct mmp_build *build = build_of(vector);
	const struct mmp_layout *layout = &build->layout;
	struct mmp_memory memory = mmp_build_memory(build);
	size_t bytes = layout->tables.format->descriptor_bytes, flipped = 0, seen = 0;
	struct mmp_error err;

	assert_int_equal(mmp_layout_verify_in(layout, &memory, &err), 0);
	for (size_t at = 0; at + bytes <= build->length; at += bytes) {
		uint64_t word = 0;

		memcpy(&word, build->bytes + at, bytes);
		for (size_t bit = 0; word && bit < 8 * bytes; bit++) {
			if (seen++ % every ||
			    says_nothing(&layout->tables, at, word, bit))
				continue;
			build->bytes[at + bit / 8] ^= (uint8_t)(1u << bit % 8);
			if (!mmp_layout_verify_in(layout, &memory, &err))
				fail_msg("%s: bit %zu of the word at offset 0x%zx",
					 vector, bit, at);
			assert_int_equal(err.code, MMP_SYSTEM);
			build->bytes[at + bit / 8] ^= (uint8_t)(1u << bit % 8);
			flipped++;
		}
	}
	assert_true(flipped > 100);
	assert_int_equal(mmp_layout_verify_in(layout, &memory, &err), 0);
	mmp_build_free(build);
}

static void a_flipped_bit_of_a_long_descriptor_is_noticed(void **state)
{
	(void)state;
	check_bits("real/real_default", 7);
}

static void a_flipped_bit_of_a_short_descriptor_is_noticed(void **state)
{
	(void)state;
	check_bits("optee-4.10/short/d7_005_qemu_virt_dyn", 7);
}

static void a_mapping_that_nobody_asked_for_is_noticed(void **state)
{
	struct mmp_build *build = build_of("real/real_default");
	struct mmp_memory memory = mmp_build_memory(build);
	size_t bytes = build->layout.tables.format->descriptor_bytes, from = 0;
	struct mmp_error err;
	uint64_t word = 0;

	(void)state;
	while (!word) {
		memcpy(&word, build->bytes + from, bytes);
		from += bytes;
	}
	for (size_t at = from; at + bytes <= build->length; at += bytes) {
		uint64_t free_word = 0;

		memcpy(&free_word, build->bytes + at, bytes);
		if (free_word)
			continue;
		memcpy(build->bytes + at, &word, bytes);
		assert_int_equal(mmp_layout_verify_in(&build->layout, &memory, &err), -1);
		memset(build->bytes + at, 0, bytes);
		break;
	}
	assert_int_equal(mmp_layout_verify_in(&build->layout, &memory, &err), 0);
	mmp_build_free(build);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flipped_bit_of_a_long_descriptor_is_noticed),
		cmocka_unit_test(a_flipped_bit_of_a_short_descriptor_is_noticed),
		cmocka_unit_test(a_mapping_that_nobody_asked_for_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
