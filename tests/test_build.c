/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "doc/build.h"
#include "doc/platform.h"
#include "rules/optee/optee.h"
#include "vector.h"

static struct mmp_build *build_of(const char *vector, uint64_t pa, uint64_t size)
{
	struct mmp_build *build = NULL;
	struct mmp_error err;
	json_t *stop = NULL;

	const struct mmp_build_request request = { .pool_given = true,
						   .pool_pa = pa,
						   .pool_size = size,
						   .accept = json_true() };

	if (mmp_build_make(vector_platform(vector), &request, &build, &stop, &err))
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
	assert_int_equal(a->register_count, b->register_count);
	for (unsigned i = 0; i < a->register_count; i++) {
		assert_string_equal(a->registers[i].name, b->registers[i].name);
		assert_true(a->registers[i].value == b->registers[i].value);
	}
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
		  "pool: 0xe1c4800 is not a multiple of 0x1000; 0xe1c5000 is" },
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

		const struct mmp_build_request request = { .pool_given = true,
							   .pool_pa = rows[i].pa,
							   .pool_size = rows[i].size,
							   .accept = json_true() };

		assert_int_equal(mmp_build_make(vector_platform("real/real_noaslr"),
						&request, &build, &stop, &err),
				 -1);
		assert_string_equal(err.text, rows[i].says);
		assert_int_equal(err.code, MMP_INVALID);
	}
}

/* What the platform asks for is its own doing, and no bug of ours. */
static void a_region_that_no_descriptor_can_map_is_refused_by_its_name(void **state)
{
	static const struct {
		const char *vector, *type; /* NULL: no region more */
		uint64_t addr, size, pool;
		const char *says;
	} rows[] = {
		{ "real/real_noaslr", "MEM_AREA_IO_SEC", UINT64_C(1) << 48, 0x1000,
		  0xe1c4000,
		  "IO_SEC at 0x1000000000000 size 0x1000 goes past 0xffffffffffff, the "
		  "last that a descriptor holds: the firmware's tables will map "
		  "something "
		  "else there" },
		{ "optee-4.10/short/d7_007_qemu_virt_nosmp", "MEM_AREA_ROM_SEC",
		  0xfffff000, 0x3000, 0xe200000,
		  "ROM_SEC at 0xfffff000 size 0x3000 goes past 0xffffffff, the last that "
		  "a "
		  "descriptor holds: the firmware's tables will map something else "
		  "there" },
		{ "optee-3.4/lpae/sd038_wrap_pa_64", NULL, 0, 0, 0x60400000,
		  "IO_SEC at 0xffffffffffe00000 size 0x400000 goes past 0xffffffffffff, "
		  "the last that a descriptor holds: the firmware's tables will map "
		  "something else there" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mmp_platform *platform = vector_platform(rows[i].vector);
		const struct mmp_build_request request = { .pool_given = true,
							   .pool_pa = rows[i].pool,
							   .pool_size = 0x100000,
							   .accept = json_true() };
		struct mmp_registration more = { .addr = rows[i].addr,
						 .size = rows[i].size,
						 .name = "x",
						 .origin = "platform" };
		struct mmp_build *build;
		struct mmp_error err;
		json_t *stop;

		if (rows[i].type) {
			assert_int_equal(mmp_memtype_find(platform->rules, rows[i].type,
							  &more.type, &err),
					 0);
			assert_int_equal(mmp_platform_add(platform, &more, &err), 0);
		}
		assert_int_equal(mmp_build_make(platform, &request, &build, &stop, &err),
				 -1);
		assert_string_equal(err.text, rows[i].says);
		assert_int_equal(err.code, MMP_INVALID);
	}
}

static void a_region_past_the_last_virtual_address_is_told_from_a_bug(void **state)
{
	struct mmp_build *build = build_of("real/real_noaslr", 0xe1c4000, 0x6000);
	struct mmp_plan *plan = &build->layout.plan;
	struct mmp_region *last = &plan->regions[plan->count - 1];
	struct mmp_error err;

	(void)state;
	last->va = 0xfffff000;
	last->size = 0x1000;
	assert_int_equal(mmp_layout_verify(&build->layout, &err), -1);
	assert_int_equal(err.code, MMP_SYSTEM);
	last->size = 0x1001;
	assert_int_equal(mmp_layout_verify(&build->layout, &err), -1);
	assert_int_equal(err.code, MMP_INVALID);
	assert_non_null(strstr(err.text, "has virtual addresses from 0xfffff000 on, past "
					 "0xffffffff, the last that there is"));
	mmp_build_free(build);
}

static void a_pool_of_exactly_the_needed_size_will_do(void **state)
{
	struct mmp_build *build = build_of("real/real_noaslr", 0xe1c4000, 0x6000);

	(void)state;
	assert_int_equal(build->length, 0x6000);
	mmp_build_free(build);
}

/* Does the walk of any core's tables differ from the plan? */
static bool noticed(const struct mmp_build *build)
{
	struct mmp_memory memory = { .runs = { { build->pool_pa, build->bytes,
						 build->length } } };
	struct mmp_error err;

	if (!mmp_layout_verify_in(&build->layout, &memory, &err))
		return false;
	assert_int_equal(err.code, MMP_SYSTEM);
	return true;
}

static bool noticed_flipped(struct mmp_build *build, size_t at, unsigned bit)
{
	bool found;

	build->bytes[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
	found = noticed(build);
	build->bytes[at + bit / 8] ^= (uint8_t)(1 << bit % 8);
	return found;
}

/*
 * How many of an entry's bits are tried, from bit `entry` on: all of a base table's, of a
 * table's descriptors and of some pages; one of the others, and of some empty entries.
 */
static unsigned bits_tried(const struct mmp_table_view *view, size_t entry, uint64_t word)
{
	if (word && (view->level < 3 || entry % 31 == 0))
		return 64;
	return word || view->level < 3 || entry % 8 == 0;
}

static void a_flipped_bit_in_a_descriptor_is_caught_by_the_walk(void **state)
{
	struct mmp_build *build = build_of("real/real_noaslr", 0xe1c4000, 0x6000);
	const struct mmp_tables *tables = &build->layout.tables;
	unsigned flipped = 0;

	(void)state;
	assert_false(noticed(build));
	for (uint32_t id = 0; id < mmp_tables_count(tables); id++) {
		struct mmp_table_view view = mmp_tables_view(tables, id);

		for (size_t i = 0; i < view.entries; i++) {
			size_t at = view.pa - build->pool_pa + 8 * i;
			uint64_t word;
			unsigned bits;

			memcpy(&word, build->bytes + at, sizeof(word));
			bits = bits_tried(&view, i, word);
			for (size_t bit = i; bit < i + bits; bit++, flipped++)
				if (!noticed_flipped(build, at, bit % 64))
					fail_msg("table %u, entry %zu: bit %zu of 0x%llx",
						 id, i, bit % 64,
						 (unsigned long long)word);
		}
	}
	assert_true(flipped > 3000);
	mmp_build_free(build);
}

/* As if a bit had been lost in the database; *err says how that was found. */
static int read_back(const struct mmp_build *build, const char *manifest,
		     struct mmp_error *err)
{
	struct mmp_build *back;

	if (mmp_build_read(manifest, strlen(manifest), build->bytes, build->length, &back,
			   err))
		return -1;
	mmp_build_free(back);
	return 0;
}

static void a_kept_build_that_was_spoilt_is_refused(void **state)
{
	struct mmp_build *build = build_of("real/real_noaslr", 0xe1c4000, 0x6000);
	char was[MMP_DIGEST_TEXT_SIZE], is[MMP_DIGEST_TEXT_SIZE], *promise;
	struct mmp_digest digest;
	struct mmp_error err;

	(void)state;
	assert_int_equal(read_back(build, build->manifest, &err), 0);
	build->bytes[0x5000 + 8 * 379] ^= 0x80; /* a page of TEE_RAM_RW: AP[2] */
	assert_int_equal(read_back(build, build->manifest, &err), -1);
	assert_non_null(strstr(err.text, "its stored bytes are damaged"));

	/* On purpose, with a manifest that goes with it: only the walk can tell. */
	mmp_digest_print(&build->bytes_digest, was);
	digest = mmp_digest_of(build->bytes, build->length);
	mmp_digest_print(&digest, is);
	promise = strstr(build->manifest, was);
	assert_non_null(promise);
	memcpy(promise, is, strlen(is));
	assert_int_equal(read_back(build, build->manifest, &err), -1);
	assert_non_null(strstr(err.text, "has other write access"));
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

/* Is this page asked for, to read and to write? */
static bool asks(const struct mmp_probe *questions, size_t count, uint64_t va)
{
	bool found[2] = { false, false };

	for (size_t i = 0; i < count; i++)
		if (questions[i].va == va)
			found[questions[i].access % 2] = true;
	return found[0] && found[1];
}

static void a_proof_asks_for_both_ends_of_every_region_and_of_every_hole(void **state)
{
	struct mmp_build *build = build_of("real/real_noaslr", 0xe1c4000, 0x6000);
	const struct mmp_plan *plan = &build->layout.plan;
	uint64_t from = 0, all = UINT64_C(1) << plan->shape.va_bits;
	size_t count, faults = 0, read_only = 0, holes = 0;
	struct mmp_probe *questions = mmp_build_probes(build, &count);

	(void)state;
	assert_non_null(questions);
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		uint64_t end = r->va + r->size;

		if (r->mapping != MMP_MAP_BLOCKS)
			continue;
		assert_true(asks(questions, count, r->va));
		assert_true(asks(questions, count, end - 0x1000));
		if (r->va > from) {
			assert_true(asks(questions, count, from));
			assert_true(asks(questions, count, r->va - 0x1000));
			holes++;
		}
		from = end;
	}
	assert_int_equal(holes, 3);
	assert_true(asks(questions, count, from) && asks(questions, count, all - 0x1000));
	assert_true(asks(questions, count, all)); /* past the end of all tables */
	for (size_t i = 0; i < count; i++) {
		faults += questions[i].expected.fault;
		read_only += questions[i].access == MMP_PROBE_WRITE &&
			     questions[i].expected.fault_status == 0xf;
	}
	assert_true(faults > 64 && faults < count);
	assert_true(read_only >= 2); /* code is not writable: a fault at level 3 */
	free(questions);
	mmp_build_free(build);
}

/* So many more regions, of a page each, after the last: as far apart as a table reaches. */
static void add_far_pages(struct mmp_plan *plan, uint32_t count)
{
	const uint64_t reach = 0x200000;
	struct mmp_region page = plan->regions[plan->count - 1];

	page.va = (page.va + page.size + reach - 1) & ~(reach - 1);
	page.size = 0x1000;
	plan->regions = realloc(plan->regions, (plan->count + count) * sizeof(page));
	assert_non_null(plan->regions);
	for (uint32_t i = 0; i < count; i++) {
		plan->regions[plan->count++] = page;
		page.va += reach;
	}
}

/* How many tables there are then; 0 where that is refused. */
static uint32_t tables_with(uint32_t far_pages)
{
	struct mmp_platform *platform = vector_platform("real/real_va48");
	struct mmp_layout layout;
	struct mmp_error err;
	uint32_t used = 0;

	optee_edit(&platform->config)->core_debug =
		false; /* else user mode wants a free entry */
	mmp_layout_init(&layout);
	assert_int_equal(mmp_plan_make(&layout.plan, platform, &err), 0);
	add_far_pages(&layout.plan, far_pages);
	if (!mmp_tables_make(&layout.tables, &layout.plan, NULL, &err)) {
		used = layout.tables.used;
	} else {
		assert_int_equal(err.code, MMP_TOO_LARGE);
		assert_non_null(strstr(err.text, "more than 65536 tables"));
	}
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	return used;
}

static void tables_are_made_to_their_limit_and_refused_beyond(void **state)
{
	/* And one more for each 512 of them. */
	uint32_t count = 65000, more = MMP_TABLES_MAX - tables_with(count);

	(void)state;
	assert_in_range(more, 2, 500);
	count += more - 1;
	if (tables_with(count) < MMP_TABLES_MAX)
		count++;
	assert_int_equal(tables_with(count), MMP_TABLES_MAX);
	assert_int_equal(tables_with(count + 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_input_gives_the_same_build),
		cmocka_unit_test(a_kept_build_reads_back_as_it_was),
		cmocka_unit_test(a_pool_that_cannot_be_is_refused_with_what_would_do),
		cmocka_unit_test(
			a_region_that_no_descriptor_can_map_is_refused_by_its_name),
		cmocka_unit_test(
			a_region_past_the_last_virtual_address_is_told_from_a_bug),
		cmocka_unit_test(a_pool_of_exactly_the_needed_size_will_do),
		cmocka_unit_test(a_flipped_bit_in_a_descriptor_is_caught_by_the_walk),
		cmocka_unit_test(a_kept_build_that_was_spoilt_is_refused),
		cmocka_unit_test(a_walk_says_the_path_and_the_region),
		cmocka_unit_test(
			a_proof_asks_for_both_ends_of_every_region_and_of_every_hole),
		cmocka_unit_test(tables_are_made_to_their_limit_and_refused_beyond),
	};
	return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
