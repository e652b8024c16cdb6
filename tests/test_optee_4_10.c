/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "optee_board.h"
#include "rules/optee/attr.h"
#include "rules/optee/optee.h"
#include "tables/placement.h"

/* What release 4.10.0 does that no recording shows. */

#define DRAM UINT64_C(0x60000000)
#define SHM  UINT64_C(0x70000000)

static struct optee_config *config;

static struct mmp_range range(uint64_t base, uint64_t size)
{
	return (struct mmp_range){ base, size, true };
}

static int begin(void **state)
{
	(void)state;
	begin_with(&optee_rules[V4_10_257]);
	config = optee_edit(&board.platform->config);
	config->dyn_config = false;
	config->trusted_dram = range(DRAM, 0x2000000);
	config->tee_ram.start = DRAM;
	config->tee_ram.ph_size = config->tee_ram.va_size = 0x200000;
	config->layout.unpg_rx = range(DRAM, 0x8d000);
	config->layout.unpg_rw = range(DRAM + 0x8d000, 0x52000);
	config->layout.free = range(DRAM + 0xdf000, 0x121000);
	config->reserved_shm = range(SHM, 0x200000);
	config->max_xlat_tables = 40;
	config->max_xlat_tables_given = true;
	map(OPTEE_NSEC_SHM, SHM, 0x200000);
	return 0;
}

static const struct mmp_region *region(unsigned type, uint64_t pa)
{
	for (size_t n = 0; n < board.layout.plan.count; n++)
		if (board.layout.plan.regions[n].type == type &&
		    board.layout.plan.regions[n].pa == pa)
			return &board.layout.plan.regions[n];
	fail_msg("no region of type %u at 0x%llx", type, (unsigned long long)pa);
	return NULL;
}

/* The last entry on the way to `va`, from the boot core's base table. */
static struct mmp_walk walk(uint64_t va)
{
	struct mmp_memory memory = mmp_layout_memory(&board.layout);
	struct mmp_walker walker = mmp_layout_walker(&board.layout, &memory, 0);

	return mmp_walk(&walker, (struct mmp_va){ va });
}

static uint64_t entry(uint64_t va, unsigned from_last)
{
	struct mmp_walk w = walk(va);

	assert_true(w.count > from_last);
	return w.steps[w.count - 1 - from_last].descriptor;
}

static void arm32(bool lpae)
{
	config->arch = OPTEE_ARM32;
	config->lpae = lpae;
}

static void a_virtual_space_with_an_address_writes_the_address_alone(void **state)
{
	const struct mmp_region *r;

	(void)state;
	map(OPTEE_RES_VASPACE, 0x50000000, 0x201000);
	computes();
	r = region(OPTEE_RES_VASPACE, 0x50000000);
	assert_int_equal(entry(r->va, 0), 0x50000000);
	assert_int_equal(entry(r->va + 0x200000, 0), 0x50200000);
	assert_int_equal(mmp_layout_verify(&board.layout, &board.err), 0);
}

static void arm32_maps_no_region_of_2_gib(void **state)
{
	(void)state;
	arm32(true);
	config->trusted_dram = range(0x1000000, 0x2000000);
	config->layout.unpg_rx = range(0x1000000, 0x8d000);
	config->layout.unpg_rw = range(0x108d000, 0x52000);
	config->layout.free = range(0x10df000, 0x121000);
	map(OPTEE_RAM_NSEC, 0x80000000, 0x80000000);
	computes();
	assert_int_equal(region(OPTEE_RAM_NSEC, 0x80000000)->mapping, MMP_MAP_NOTHING);
	assert_int_equal(mmp_layout_verify(&board.layout, &board.err), 0);
}

static void arm32_keeps_an_entry_whose_size_lost_its_upper_half(void **state)
{
	(void)state;
	arm32(true);
	config->large_phys_addr = true;
	map(OPTEE_RAM_NSEC, 0x80000000, UINT64_C(0x100000000));
	computes();
	assert_int_equal(region(OPTEE_RAM_NSEC, 0x80000000)->size, 0);
}

static void an_address_that_wraps_to_zero_stays_there(void **state)
{
	const struct mmp_region *r;

	(void)state;
	arm32(false);
	map(OPTEE_IO_SEC, 0xfffff000, 0x4000);
	computes();
	r = region(OPTEE_IO_SEC, 0xfffff000);
	assert_int_equal(walk(r->va).pa.at, 0xfffff000);
	for (uint64_t at = 0x1000; at < 0x4000; at += 0x1000)
		assert_int_equal(walk(r->va + at).pa.at, 0);
}

static void virtual_space_of_the_core_has_secure_tables(void **state)
{
	const uint64_t nonsecure = 0x8;

	(void)state;
	arm32(false);
	config->dyn_config = true;
	config->tee_dyn_vaspace_size = 0x1000;
	config->reserved_vaspace_size = 0x1000;
	computes();
	assert_int_equal(entry(region(OPTEE_TEE_DYN_VASPACE, 0)->va, 1) & nonsecure, 0);
	assert_int_equal(entry(region(OPTEE_RES_VASPACE, 0)->va, 1) & nonsecure,
			 nonsecure);
}

static void use_pager(void)
{
	config->pager = true;
	config->tee_ram.ph_size = 0x180000;
	config->layout.free = (struct mmp_range){ 0 };
	config->layout.init_rx = range(DRAM + 0xdf000, 0xb000);
	config->layout.init_ro = range(DRAM + 0xea000, 0x3000);
}

static void short_descriptors_prefer_no_direction_for_the_pager(void **state)
{
	const uint64_t base = DRAM + 0xc0000; /* in the upper half of its megabyte */

	(void)state;
	arm32(false);
	use_pager();
	config->trusted_dram = range(base, 0x2000000);
	config->tee_ram.start = base;
	config->layout.unpg_rx.base = base;
	config->layout.unpg_rw.base = base + 0x8d000;
	config->layout.init_rx.base = base + 0xdf000;
	config->layout.init_ro.base = base + 0xea000;
	computes();
	assert_int_equal(board.layout.plan.regions[0].type, OPTEE_TEE_RAM_RX);
	assert_int_equal(board.layout.plan.regions[0].va, base);
}

static void the_pager_maps_a_registered_space_of_its_own_in_pages(void **state)
{
	const struct mmp_region *r;

	(void)state;
	use_pager();
	config->tee_ram.ph_size = 0x200000; /* so that what follows is aligned */
	config->tee_ram.va_size = 0x400000;
	map(OPTEE_PAGER_VASPACE, 0x50000000, 0x200000);
	computes();
	r = region(OPTEE_PAGER_VASPACE, 0x50000000);
	assert_int_equal(entry(r->va + 0x1000, 0), 0x50001000);
}

static void the_pagers_space_ends_where_the_last_entry_of_the_core_does(void **state)
{
	(void)state;
	use_pager();
	map(OPTEE_TEE_RAM_RO, DRAM + 0x170000, 0x1000);
	computes();
	assert_int_equal(region(OPTEE_PAGER_VASPACE, 0)->size, 0x8f000);
}

static void a_relocatable_core_knows_no_sram(void **state)
{
	(void)state;
	config->trusted_sram = range(0x4000000, 0x100000);
	config->phys_relocatable = true;
	computes();
	assert_int_equal(board.layout.plan.secure_count, 1);
	assert_int_equal(board.layout.plan.secure[0].base, DRAM);
	assert_int_equal(board.layout.plan.registers.map_offset, 0);
}

/* Each of these stops a build that asserts; `ndebug` where the others go on. */
static void of_boot_memory(void)
{
	config->boot_mem_size = 0x437;
	config->boot_mem_size_given = true;
}

static void of_boot_memory_with_an_odd_end(void)
{
	config->boot_mem_size = 1096 + 7;
	config->boot_mem_size_given = true;
	config->mmap_regions = 14;
}

static void of_boot_memory_before_the_first_check(void)
{
	config->boot_mem_size = 575;
	config->boot_mem_size_given = true;
	config->reserved_shm = config->trusted_dram;
}

static void of_a_map_that_grows(void)
{
	config->boot_mem_size = 576 + 2 * 40 + 4 * 40;
	config->boot_mem_size_given = true;
	config->mmap_regions = 2;
}

static void of_a_pager_without_space(void)
{
	use_pager();
	config->tee_ram.va_size = config->tee_ram.ph_size;
}

static void of_a_registered_pager_space(void)
{
	config->layout.free.size -= 0x1000;
	map(OPTEE_PAGER_VASPACE, 0x50000000, 0x200000);
}

static void of_a_small_registered_pager_space(void)
{
	map(OPTEE_PAGER_VASPACE, 0x50000000, 0x1000);
}

/* Its load address is refused too, but only after the sort. */
static void of_an_invalid_type_that_ties(void)
{
	arm32(false);
	config->trusted_dram.base = 0x1000000;
	config->layout.unpg_rx.base = 0x1000000;
	config->layout.unpg_rw.base = 0x108d000;
	config->layout.free.base = 0x10df000;
	map(OPTEE_TS_VASPACE, 0x50000000, 0x1000);
	map(OPTEE_IO_SEC, 0x50000000, 0x1000);
}

static void of_an_invalid_type_alone(void)
{
	of_an_invalid_type_that_ties();
	board.platform->registrations[board.platform->count - 1].addr = 0x51000000;
}

static void stops_are_the_firmwares(void **state)
{
	static const struct {
		void (*change)(void);
		enum mmp_stop_kind kind;
		const char *message, *func;
	} rows[] = {
		{ of_boot_memory, MMP_STOP_PANIC, "", "mem_alloc_tmp" },
		{ of_boot_memory_with_an_odd_end, MMP_STOP_PANIC, "", "mem_alloc_tmp" },
		{ of_boot_memory_before_the_first_check, MMP_STOP_PANIC, "",
		  "mem_alloc_tmp" },
		{ of_a_map_that_grows, MMP_STOP_PANIC, "", "mem_alloc_tmp" },
		{ of_an_invalid_type_that_ties, MMP_STOP_PANIC, "invalid type",
		  "core_mmu_type_to_attr" },
		{ of_an_invalid_type_alone, MMP_STOP_PANIC, "", "init_mem_map" },
		{ of_a_pager_without_space, MMP_STOP_ASSERT,
		  "end - begin < TEE_RAM_VA_SIZE", "add_pager_vaspace" },
		{ of_a_registered_pager_space, MMP_STOP_ASSERT,
		  "!(va & (map->region_size - 1))", "assign_mem_va_dir" },
		{ of_a_small_registered_pager_space, MMP_STOP_ASSERT,
		  "!(map->size & (map->region_size - 1))", "assign_mem_va_dir" },
	};

	end(state);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct mmp_stop_info *info;

		begin(state);
		rows[i].change();
		assert_int_equal(
			mmp_layout_make(&board.layout, board.platform, NULL, &board.err),
			-1);
		assert_int_equal(board.err.code, MMP_FIRMWARE_STOP);
		info = mmp_layout_stop(&board.layout)->info;
		assert_int_equal(info->kind, rows[i].kind);
		assert_string_equal(info->message, rows[i].message);
		assert_string_equal(info->func, rows[i].func);
		end(state);
	}
	begin(state);
}

static void without_asserts_alignment_is_not_asked_for(void **state)
{
	static void (*const changes[])(void) = { of_a_registered_pager_space,
						 of_a_small_registered_pager_space };

	end(state);
	for (size_t i = 0; i < COUNT(changes); i++) {
		begin(state);
		changes[i]();
		config->core_debug = false;
		computes();
		assert_int_equal(region(OPTEE_PAGER_VASPACE, 0x50000000)->mapping,
				 MMP_MAP_COUNTER);
		end(state);
	}
	begin(state);
}

/* Each region has a table of its own, so that numbers of tables pass 255. */
static void many_tables(uint64_t limit)
{
	config->va_bits = config->pa_bits = 48;
	config->dyn_config = true;
	config->max_xlat_tables = limit;
	config->layout.free.size = 0x1000000;
	config->nb_core = 2;
	config->unmap_core_at_el0 = true;
	for (uint64_t n = 0; n < 300; n++)
		map(OPTEE_IO_SEC, 0x100000000 + n * 0x1000000, 0x1000);
	computes();
	assert_true(board.layout.tables.used > 300);
}

/* The last base table's number, as memory of the board would hold it. */
static uint32_t last_number_in_memory(unsigned *ret_bytes)
{
	const struct mmp_placement_given placing = { 0 };
	const struct mmp_run *index;
	struct mmp_range span;
	struct mmp_runs runs;
	uint32_t number = 0;
	uint8_t *memory;

	if (mmp_place_as_firmware(&runs, &board.layout.tables, &placing, &board.err))
		fail_msg("%s", board.err.text);
	span = mmp_runs_span(&runs);
	memory = malloc(span.size);
	assert_non_null(memory);
	mmp_runs_fill(&runs, &board.layout.tables, span.base, memory, span.size);
	index = &runs.run[MMP_RUN_INDEX];
	*ret_bytes = (unsigned)(index->size / board.layout.tables.base_count);
	for (unsigned i = *ret_bytes; i; i--)
		number = number << 8 |
			 memory[index->pa - span.base + index->size - *ret_bytes + i - 1];
	free(memory);
	return number;
}

static void numbers_of_level_1_tables_have_a_byte_where_the_limit_has(void **state)
{
	static const struct {
		uint64_t limit;
		uint32_t mask;
		unsigned bytes;
	} rows[] = { { 255, 0xff, 1 }, { 256, 0xffff, 2 } };

	end(state);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const uint32_t last = 3;
		unsigned bytes;

		begin(state);
		many_tables(rows[i].limit);
		assert_int_equal(board.layout.tables.notes[last],
				 (board.layout.tables.used - 1) & rows[i].mask);
		assert_int_equal(last_number_in_memory(&bytes),
				 board.layout.tables.notes[last]);
		assert_int_equal(bytes, rows[i].bytes);
		end(state);
	}
	begin(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_virtual_space_with_an_address_writes_the_address_alone),
		TEST(arm32_maps_no_region_of_2_gib),
		TEST(arm32_keeps_an_entry_whose_size_lost_its_upper_half),
		TEST(an_address_that_wraps_to_zero_stays_there),
		TEST(virtual_space_of_the_core_has_secure_tables),
		TEST(short_descriptors_prefer_no_direction_for_the_pager),
		TEST(the_pager_maps_a_registered_space_of_its_own_in_pages),
		TEST(the_pagers_space_ends_where_the_last_entry_of_the_core_does),
		TEST(a_relocatable_core_knows_no_sram),
		TEST(stops_are_the_firmwares),
		TEST(without_asserts_alignment_is_not_asked_for),
		TEST(numbers_of_level_1_tables_have_a_byte_where_the_limit_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
