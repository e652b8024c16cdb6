/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "doc/layout.h"
#include "doc/platform.h"
#include "policy/policy.h"
#include "rules/optee/attr.h"
#include "rules/optee/optee.h"
#include "tables/layout.h"

/* What release 3.4.0 does that no recording shows. */

#define DRAM UINT64_C(0xe000000)

static struct mmp_platform *platform;
static struct mmp_layout layout;
static struct mmp_error err;

static void add(unsigned section, unsigned type, uint64_t addr, uint64_t size)
{
	const struct mmp_registration one = { section,    type, addr, size, "",
					      "platform", 0,    0,    0 };

	assert_int_equal(mmp_platform_add(platform, &one, &err), 0);
}

static void map(unsigned type, uint64_t addr, uint64_t size)
{
	add(OPTEE_SECTION_PHYS_MEM_MAP, type, addr, size);
}

/* A core that fills its 2 MiB, so that no pager space is made. */
static int begin(void **state)
{
	struct optee_config *c;

	(void)state;
	platform = mmp_platform_new("board", &optee_rules[V3_4]);
	assert_non_null(platform);
	mmp_layout_init(&layout);
	c = optee_edit(&platform->config);
	c->trusted_dram = (struct mmp_range){ DRAM, 0x1000000, true };
	c->tee_ram.start = DRAM;
	c->tee_ram.ph_size = c->tee_ram.va_size = 0x200000;
	c->reserved_shm = (struct mmp_range){ 0x42000000, 0x200000, true };
	c->max_xlat_tables = 40;
	c->max_xlat_tables_given = true;
	map(OPTEE_TEE_RAM, DRAM, 0x200000);
	return 0;
}

static int end(void **state)
{
	(void)state;
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	return 0;
}

static void stands(void)
{
	if (mmp_layout_make(&layout, platform, NULL, &err))
		fail_msg("%s", err.text);
}

static const struct mmp_stop *stops(const char *id)
{
	assert_int_equal(mmp_layout_make(&layout, platform, NULL, &err), -1);
	assert_int_equal(err.code, MMP_FIRMWARE_STOP);
	assert_string_equal(mmp_layout_stop(&layout)->info->id, id);
	return mmp_layout_stop(&layout);
}

static const struct mmp_region *region(unsigned type)
{
	for (size_t n = 0; n < layout.plan.count; n++)
		if (layout.plan.regions[n].type == type)
			return &layout.plan.regions[n];
	fail_msg("no region of type %u", type);
	return NULL;
}

static void merged(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size, uint64_t pa,
		   uint64_t size)
{
	begin(NULL);
	map(OPTEE_RAM_SEC, a, a_size);
	map(OPTEE_RAM_SEC, b, b_size);
	stands();
	assert_int_equal(region(OPTEE_RAM_SEC)->pa, pa);
	assert_int_equal(region(OPTEE_RAM_SEC)->size, size);
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
	begin(state);
}

static void neighbours_are_not_merged(void **state)
{
	(void)state;
	map(OPTEE_RAM_SEC, 0x60000000, 0x200000);
	map(OPTEE_RAM_SEC, 0x60200000, 0x200000);
	stands();
	assert_int_equal(region(OPTEE_RAM_SEC)->size, 0x200000);
	assert_int_equal(layout.plan.count, 5);
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

static int by_pa(const void *one, const void *other)
{
	const struct mmp_region *a = one, *b = other;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->pa != b->pa)
		return a->pa < b->pa ? -1 : 1;
	return (a->size > b->size) - (a->size < b->size);
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
	qsort(layout.plan.regions, layout.plan.count, sizeof(*layout.plan.regions),
	      by_pa);
	for (size_t n = 0; n < layout.plan.count; n++) {
		const struct mmp_region *r = &layout.plan.regions[n];

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

		begin(state);
		optee_edit(&platform->config)->mmap_regions = 1000;
		for (unsigned n = 0; n < 60 + round % 100; n++) {
			struct entry added;

			random = random * 1664525 + 1013904223;
			added.pa = 0x60000000 + (random >> 8) % spread * 0x1000;
			random = random * 1664525 + 1013904223;
			added.size = (1 + (random >> 8) % 16) * 0x1000;
			map(OPTEE_RAM_SEC, added.pa, added.size);
			count = insert(list, count, added);
		}
		assert_int_equal(mmp_plan_make(&layout.plan, platform, &err), 0);
		compare_with(list, count);
		end(state);
	}
	begin(state);
}

static void the_map_holds_two_registrations_less_than_it_has_entries(void **state)
{
	(void)state;
	optee_edit(&platform->config)->mmap_regions = 13;
	for (uint64_t n = 0; n < 10; n++)
		map(OPTEE_RAM_SEC, 0x60000000 + n * 0x400000, 0x200000);
	stands();
	map(OPTEE_RAM_SEC, 0x70000000, 0x200000);
	stops("map-full-va-space");
	map(OPTEE_RAM_SEC, 0x71000000, 0x200000);
	map(OPTEE_RAM_SEC, 0x72000000, 0x200000);
	assert_string_equal(stops("map-full")->undefined_before, "");
}

static void insertions_in_the_middle_run_past_the_array(void **state)
{
	(void)state;
	optee_edit(&platform->config)->mmap_regions = 13;
	for (uint64_t n = 0; n < 15; n++)
		map(OPTEE_RAM_SEC, 0x70000000 - n * 0x400000, 0x200000);
	assert_string_equal(
		stops("map-full-va-space")->undefined_before,
		"writes 2 entries past the end of the map's array before this");
}

static void types_behind_the_virtual_spaces_overflow_without_a_panic(void **state)
{
	(void)state;
	optee_edit(&platform->config)->mmap_regions = 13;
	for (uint64_t n = 0; n < 12; n++)
		map(OPTEE_PAGER_VASPACE, 0x70000000 + n * 0x400000, 0x200000);
	assert_int_equal(stops("map-overflow")->info->kind, MMP_STOP_UNDEFINED);
}

static void devices_below_the_first_2_mib_are_mapped_from_0(void **state)
{
	(void)state;
	map(OPTEE_IO_SEC, 0x1000, 0x1000);
	stands();
	assert_int_equal(region(OPTEE_IO_SEC)->pa, 0);
	assert_int_equal(region(OPTEE_IO_SEC)->size, 0x200000);
}

static void a_build_without_debug_keeps_neither_text_nor_function(void **state)
{
	const json_t *stop;
	json_t *answer;

	(void)state;
	map(OPTEE_RAM_SEC, 0x60000000, 0x200100);
	optee_edit(&platform->config)->core_debug = false;
	stops("unaligned");
	answer = mmp_layout_stop_write(&layout);
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
	stands();
	assert_int_equal(layout.plan.count, 3);
}

static void an_empty_virtual_space_panics_in_the_registers(void **state)
{
	(void)state;
	optee_edit(&platform->config)->reserved_vaspace_size = 0;
	stops("pa-width");
	assert_int_equal(layout.plan.max_pa, UINT64_MAX);
}

static void arm32_does_not_map_a_region_of_2_gib(void **state)
{
	(void)state;
	optee_edit(&platform->config)->arch = OPTEE_ARM32;
	map(OPTEE_RAM_NSEC, 0x20000000, 0x80000000);
	stands();
	assert_int_equal(region(OPTEE_RAM_NSEC)->mapping, MMP_MAP_NOTHING);
	assert_int_equal(layout.tables.used, 1);
}

static void a_gap_in_the_core_becomes_pager_space_without_the_pager(void **state)
{
	const struct mmp_region *r;

	(void)state;
	optee_edit(&platform->config)->tee_ram.va_size = 0x300000;
	stands();
	r = region(OPTEE_PAGER_VASPACE);
	assert_int_equal(r->va, DRAM + 0x200000);
	assert_int_equal(r->size, 0x100000);
	assert_int_equal(r->mapping, MMP_MAP_COUNTER);
	assert_int_equal(mmp_layout_verify(&layout, &err), 0);
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
	stands();
	plan = layout.plan;
	big.max_block_shift = region(OPTEE_RAM_NSEC)->max_block_shift;
	plan.regions = &big;
	plan.count = 1;
	assert_int_equal(mmp_tables_make(&layout.tables, &plan, NULL, &err), 0);
	assert_int_equal(layout.tables.used, 0);
	for (uint32_t n = 0; n < 4; n++)
		assert_int_equal(
			mmp_descriptor_at(layout.tables.format, layout.tables.base, n),
			n == 1 || n == 2 ? 0x60000000000f25 + 0x40000000 * (n + 1ull)
					 : 0);
}

static void memory_that_wraps_is_walked_from_0_on(void **state)
{
	(void)state;
	optee_edit(&platform->config)->arch = OPTEE_ARM32;
	for (unsigned lpae = 0; lpae < 2; lpae++) {
		optee_edit(&platform->config)->lpae = lpae;
		map(OPTEE_RAM_NSEC, 0xfffff000, 0x11000);
		stands();
		assert_int_equal(mmp_layout_verify(&layout, &err), 0);
	}
}

static void ddr(uint64_t addr, uint64_t size)
{
	add(OPTEE_SECTION_DDR_OVERALL, OPTEE_DDR_OVERALL, addr, size);
}

static void sdp(uint64_t addr, uint64_t size)
{
	optee_edit(&platform->config)->secure_data_path = true;
	add(OPTEE_SECTION_SDP_MEM, OPTEE_SDP_MEM, addr, size);
}

static void sdp_at_the_start_of_ddr_moves_it_without_making_it_shorter(void **state)
{
	(void)state;
	ddr(0x80000000, 0x10000000);
	sdp(0x80000000, 0x1000000);
	stands();
	assert_int_equal(layout.ddr.count, 1);
	assert_int_equal(layout.ddr.ranges[0].pa, 0x81000000);
	assert_int_equal(layout.ddr.ranges[0].size, 0x10000000);
}

static void ddr_that_is_all_sdp_leaves_nothing_to_read(void **state)
{
	(void)state;
	ddr(0x80000000, 0x10000000);
	sdp(0x80000000, 0x10000000);
	stands();
	assert_string_equal(layout.ddr.stop.info->id, "ddr-all-secure");
	assert_int_equal(layout.ddr.stop.info->kind, MMP_STOP_UNDEFINED);
}

static void only_the_last_bank_of_ddr_is_checked_for_its_end(void **state)
{
	(void)state;
	ddr(0xffffffffffff0000, 0x20000);
	stands();
	assert_string_equal(layout.ddr.stop.info->id, "ddr-wraps");
	ddr(0xffffffffffff1000, 0x1000);
	stands();
	assert_string_equal(layout.ddr.stop.info->id, "ddr-over-pa-width");
}

static void ddr_raises_the_width_of_addresses_but_never_lowers_it(void **state)
{
	(void)state;
	ddr(0x80000000, 0x10000000);
	map(OPTEE_RAM_NSEC, 0x900000000, 0x200000);
	stands();
	assert_string_equal(layout.facts[0].name, "tcr_el1_after_discovery");
	assert_int_equal(layout.facts[0].value, 0x180803f20);
	ddr(0x1000000000, 0x10000000);
	stands();
	assert_int_equal(layout.facts[0].value, 0x280803f20);
}

/* A block, and in it a second region. */
static int build_overlap(uint64_t size, uint64_t at, uint64_t second_size)
{
	struct mmp_plan plan;
	struct mmp_region regions[2] = {
		{ .pa = 0x40000000, .va = 0x40000000, .size = size, .attr = 0x1831 },
		{ .pa = at, .va = 0x40000000 + at, .size = second_size, .attr = 0x1831 },
	};

	stands();
	plan = layout.plan;
	regions[0].type = regions[1].type = OPTEE_RAM_SEC;
	regions[0].max_block_shift = regions[1].max_block_shift = 30;
	plan.regions = regions;
	plan.count = 2;
	return mmp_tables_make(&layout.tables, &plan, NULL, &err);
}

/* Its pieces have the bits of tables: one more level down is whatever the block maps. */
static void a_block_in_the_way_is_split_once(void **state)
{
	(void)state;
	assert_int_equal(build_overlap(0x200000, 0x1000, 0x1000), -1);
	assert_string_equal(layout.tables.stop.info->id, "mapped-twice");
	assert_int_equal(layout.tables.stop.tables_used, 2);
	assert_int_equal(build_overlap(0x40000000, 0x200000, 0x200000), -1);
	assert_string_equal(layout.tables.stop.info->id, "mapped-twice");
	assert_int_equal(layout.tables.stop.tables_used, 1);
	assert_int_equal(build_overlap(0x40000000, 0x1000, 0x1000), -1);
	assert_string_equal(layout.tables.stop.info->id, "split-not-a-table");
	assert_int_equal(layout.tables.stop.info->kind, MMP_STOP_UNDEFINED);
	optee_edit(&platform->config)->max_xlat_tables = 1;
	assert_int_equal(build_overlap(0x200000, 0x1000, 0x1000), -1);
	assert_string_equal(layout.tables.stop.info->id, "tables-exhausted");
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

	stands();
	plan = layout.plan;
	regions[0].type = OPTEE_PAGER_VASPACE;
	regions[0].mapping = MMP_MAP_COUNTER;
	regions[1].type = regions[2].type = OPTEE_RAM_SEC;
	regions[2].va = 0x40003000 + block;
	for (unsigned n = 0; n < 3; n++)
		regions[n].max_block_shift = 30;
	plan.regions = regions;
	plan.count = 3;
	return mmp_tables_make(&layout.tables, &plan, NULL, &err);
}

/* The words of the pager's space count up from 0: only the first one is empty. */
static void pages_over_the_pagers_space_split_what_is_no_block(void **state)
{
	struct mmp_tables *t = &layout.tables;

	(void)state;
	assert_int_equal(build_over_pager_space(0x200000), -1);
	assert_string_equal(t->stop.info->id, "mapped-twice");
	assert_int_equal(t->stop.tables_used, 3);

	optee_edit(&platform->config)->arch = OPTEE_ARM32;
	optee_edit(&platform->config)->lpae = false;
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
	optee_edit(&platform->config)->nb_core = 4;
	optee_edit(&platform->config)->boot_core_pos = 3;
	stands();
	assert_int_equal(mmp_layout_register(&layout, "ttbr0_table"), 6);
	optee_edit(&platform->config)->unmap_core_at_el0 = false;
	stands();
	assert_int_equal(mmp_layout_register(&layout, "ttbr0_table"), 3);
	optee_edit(&platform->config)->arch = OPTEE_ARM32;
	stands();
	assert_int_equal(mmp_layout_register(&layout, "ttbr0_table"), 3);
}

static void a_partial_page_of_pager_space_stops_in_the_tables(void **state)
{
	(void)state;
	optee_edit(&platform->config)->tee_ram.va_size += 0x800;
	stops("tee-ram-unaligned");
	optee_edit(&platform->config)->core_debug = false;
	assert_int_equal(stops("region-unaligned")->tables_used, 0);
	optee_edit(&platform->config)->arch = OPTEE_ARM32;
	stops("region-unaligned");
	optee_edit(&platform->config)->lpae = false;
	stops("tables-exhausted");
}

/* The size of an entry is a size_t; it is looked at in as many bits as an address. */
static void arm32_loses_the_high_half_of_a_size(void **state)
{
	(void)state;
	optee_edit(&platform->config)->arch = OPTEE_ARM32;
	optee_edit(&platform->config)->large_phys_addr = true;
	map(OPTEE_RAM_NSEC, 0x200000000, 0x100000000);
	map(OPTEE_RAM_NSEC, 0x200200000, 0x200000);
	stands();
	assert_int_equal(region(OPTEE_RAM_NSEC)->size, 0);
	assert_int_equal(layout.plan.count, 5);
}

static void a_second_level_table_has_one_security(void **state)
{
	struct mmp_region regions[2] = {
		{ .pa = 0x1000, .va = 0x40000000, .size = 0x1000, .attr = 0x1831 },
		{ .pa = 0x3000, .va = 0x40001000, .size = 0x1000, .attr = 0x1031 },
	};
	struct mmp_plan plan;

	(void)state;
	optee_edit(&platform->config)->arch = OPTEE_ARM32;
	optee_edit(&platform->config)->lpae = false;
	stands();
	plan = layout.plan;
	regions[0].type = OPTEE_RAM_SEC;
	regions[1].type = OPTEE_RAM_NSEC;
	regions[0].max_block_shift = regions[1].max_block_shift = 30;
	plan.regions = regions;
	plan.count = 2;
	assert_int_equal(mmp_tables_make(&layout.tables, &plan, NULL, &err), -1);
	assert_string_equal(layout.tables.stop.info->id, "table-security-mix");
}

static void one_layout_may_be_made_of_tables_of_any_size(void **state)
{
	(void)state;
	optee_edit(&platform->config)->max_xlat_tables = 400;
	for (unsigned n = 0; n < 20; n++)
		map(OPTEE_RAM_SEC, 0x60001000 + n * 0x1000000, 0x400000);
	for (unsigned n = 0; n < 4; n++) {
		optee_edit(&platform->config)->arch = n % 2 ? OPTEE_ARM64 : OPTEE_ARM32;
		optee_edit(&platform->config)->lpae = n % 2;
		stands();
		assert_int_equal(mmp_layout_verify(&layout, &err), 0);
	}
}

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
	int failed = mmp_platform_read(d, ret, &err);

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
		assert_int_equal(err.code, MMP_INVALID);
		assert_non_null(strstr(err.text, "optee-3.4 has no CFG_"));
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
	mmp_layout_make(&layout, read, NULL, &err);
	mmp_findings_init(&findings);
	mmp_policy_run(&findings, read, &layout);
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
	assert_int_equal(mmp_platform_read(written, &again, &err), 0);
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

		assert_int_equal(mmp_platform_add(again, &core, &err), 0);
		if (mmp_layout_make(&layout, again, NULL, &err))
			fail_msg("%s", err.text);
		assert_int_equal(layout.plan.shape.per_core, cases[i].tables);
		mmp_platform_free(again);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

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
		TEST(a_block_in_the_way_is_split_once),
		TEST(pages_over_the_pagers_space_split_what_is_no_block),
		TEST(each_core_starts_with_a_table_of_its_own),
		TEST(a_partial_page_of_pager_space_stops_in_the_tables),
		TEST(arm32_loses_the_high_half_of_a_size),
		TEST(a_second_level_table_has_one_security),
		TEST(one_layout_may_be_made_of_tables_of_any_size),
		TEST(options_of_later_releases_are_refused_where_they_would_matter),
		TEST(options_without_effect_are_noted_once_each),
		TEST(what_the_compiler_would_refuse_is_an_error),
		TEST(a_core_unmapped_at_el0_has_a_second_base_table_on_any_architecture),
	};
	return cmocka_run_group_tests_name("optee-3.4", tests, NULL, NULL);
}
