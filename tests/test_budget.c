/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/stop.h"
#include "budget_of.h"
#include "doc/budget.h"
#include "rules/optee/optee.h"
#include "vector.h"

/* Budgets that were worked out by hand. */

struct wanted {
	int level;
	uint64_t va;
	const char *type; /* NULL: of a core */
	enum mmp_table_reason reason;
};

static void assert_tables(const struct mmp_budget *b, const struct wanted *wanted,
			  uint32_t count)
{
	const struct mmp_rules *rules = b->layout.platform->rules;

	assert_int_equal(b->layout.tables.used, count);
	for (uint32_t n = 0; n < count; n++) {
		const struct mmp_xlat *x = &b->layout.tables.xlat[n];

		assert_int_equal(x->level, wanted[n].level);
		assert_int_equal(x->base_va, wanted[n].va);
		assert_int_equal(b->tables[n].reason, wanted[n].reason);
		assert_int_equal(x->region == MMP_NO_REGION, wanted[n].type == NULL);
		if (wanted[n].type)
			assert_string_equal(
				mmp_memtype_label(rules,
						  b->layout.plan.regions[x->region].type),
				wanted[n].type);
	}
}

static void assert_budget(const char *vector, const struct wanted *wanted, uint32_t count)
{
	struct mmp_platform *platform = vector_platform(vector);
	struct mmp_budget budget;

	make(&budget, platform);
	assert_tables(&budget, wanted, count);
	mmp_budget_done(&budget);
	mmp_platform_free(platform);
}

/*
 * The core's 2 MiB begin at 0xe100000, so they touch two blocks, and pages are all that
 * it is mapped in; the virtual space of 1 MiB ends in the middle of a block; the rest of
 * the secure memory begins where the core's data does, 0x17b000 into a block, and is
 * congruent from there on. Devices, the windows and shared memory are on blocks.
 */
static void the_tables_of_qemu(void **state)
{
	static const struct wanted wanted[] = {
		{ 2, 0, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 3, 0xe000000, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 3, 0xe200000, "TEE_RAM_RW", MMP_TABLE_UNITS },
		{ 3, 0xee00000, "TEE_DYN_VASPACE", MMP_TABLE_ENDS },
		{ 3, 0x11400000, "SEC_RAM_OVERALL", MMP_TABLE_BEGINS },
	};

	(void)state;
	assert_budget("../../platforms/qemu-armv8a", wanted, COUNT(wanted));
}

/*
 * Shared memory of exactly two blocks is not made congruent, and its PA is 1 MiB into
 * a block: 1024 pages in two tables. So does the RAM_SEC of one block. The secure memory
 * is larger, so it is congruent, but begins and ends inside of blocks.
 */
static void the_tables_of_dra7(void **state)
{
	static const struct wanted wanted[] = {
		{ 2, 0x80000000, "NSEC_SHM", MMP_TABLE_UNITS },
		{ 3, 0xb8200000, "NSEC_SHM", MMP_TABLE_SHIFTED },
		{ 3, 0xb8400000, "NSEC_SHM", MMP_TABLE_SHIFTED },
		{ 3, 0xb8600000, "SEC_RAM_OVERALL", MMP_TABLE_BEGINS },
		{ 3, 0xba200000, "SEC_RAM_OVERALL", MMP_TABLE_ENDS },
		{ 3, 0xba400000, "RAM_SEC", MMP_TABLE_SHIFTED },
		{ 3, 0xbda00000, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 3, 0xbdc00000, "TEE_RAM_RW", MMP_TABLE_UNITS },
	};

	(void)state;
	assert_budget("optee-4.10/lpae/d026_ti_dra7xx_lpae", wanted, COUNT(wanted));
}

/*
 * Short descriptors: blocks of 1 MiB. Code and data share the core's MiB, of which they
 * leave nothing; each range of 0x1103000 and 0x103000 bytes has a rest of three pages,
 * and the second of two that share a table has its pages in the next one too.
 */
static void the_tables_of_short_descriptors(void **state)
{
	static const struct wanted wanted[] = {
		{ 2, 0xe100000, "TEE_RAM_RX", MMP_TABLE_ENDS },
		{ 2, 0x12d00000, "RAM_SEC", MMP_TABLE_ENDS },
		{ 2, 0x12e00000, "RAM_SEC", MMP_TABLE_SHIFTED },
		{ 2, 0x13000000, "RAM_NSEC", MMP_TABLE_ENDS },
		{ 2, 0x14200000, "RAM_NSEC", MMP_TABLE_ENDS },
		{ 2, 0x14300000, "RAM_NSEC", MMP_TABLE_SHIFTED },
	};

	(void)state;
	assert_budget("optee-3.4/platforms-short/v7d008_xlat_exhaust_4", wanted,
		      COUNT(wanted));
}

/*
 * 48 bits: the five of QEMU and a level 1; then one for each base table, two for each of
 * four cores, but for the one that has it.
 */
static void the_tables_of_base_level_0(void **state)
{
	static const struct wanted wanted[13] = {
		{ 1, 0, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 2, 0, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 3, 0xe000000, "TEE_RAM_RX", MMP_TABLE_UNITS },
		{ 3, 0xe200000, "TEE_RAM_RW", MMP_TABLE_UNITS },
		{ 3, 0xee00000, "TEE_DYN_VASPACE", MMP_TABLE_ENDS },
		{ 3, 0x11400000, "SEC_RAM_OVERALL", MMP_TABLE_BEGINS },
		{ .level = 1 },
		{ .level = 1 },
		{ .level = 1 },
		{ .level = 1 },
		{ .level = 1 },
		{ .level = 1 },
		{ .level = 1 },
	};

	(void)state;
	assert_budget("real/real_va48", wanted, COUNT(wanted));
}

/* --- limits, and what comes later ---------------------------------------------------- */

/* Boot memory: of 64-byte needs nothing, of whole tables each. */
static void boot_memory_is_counted_in_tables(void **state)
{
	struct mmp_platform *p = qemu();
	struct mmp_budget budget;
	uint64_t enough;

	(void)state;
	optee_edit(&p->config)->layout.free.given = false;
	make(&budget, p);
	assert_int_equal(mmp_budget_limit(&budget), UINT64_MAX);
	assert_int_equal(mmp_budget_spare(&budget), UINT64_MAX);
	enough = budget.layout.tables.boot_memory_used +
		 budget.layout.plan.shape.boot_memory_tmp;
	mmp_budget_done(&budget);
	optee_edit(&p->config)->boot_mem_size_given = true;
	for (uint64_t more = 0; more < 3 * 4096; more += 1024) {
		optee_edit(&p->config)->boot_mem_size = enough + more;
		make(&budget, p);
		assert_int_equal(mmp_budget_spare(&budget), more / 4096);
		mmp_budget_done(&budget);
	}
	for (uint64_t less = 1; less < 3 * 4096; less += 1024) {
		optee_edit(&p->config)->boot_mem_size = enough - less;
		make(&budget, p);
		assert_int_equal(mmp_budget_short(&budget), less / 4096 + 1);
		assert_true(mmp_budget_has(&budget, 1)); /* booted, it has other memory */
		mmp_budget_done(&budget);
	}
	mmp_platform_free(p);
}

/*
 * Measured on a board: 4 tables, 2 threads and 4 cores took 28,992 bytes that stay and
 * 29,768 that are given back.
 */
static void what_the_image_leaves_is_the_limit_of_boot_memory(void **state)
{
	struct mmp_platform *p = qemu();
	struct mmp_budget budget;
	const uint64_t needed = 28992 + 29768;

	(void)state;
	optee_edit(&p->config)->layout.free.size = (needed + 0xfff) & ~UINT64_C(0xfff);
	make(&budget, p);
	assert_int_equal(budget.layout.tables.used, 4);
	assert_int_equal(mmp_budget_bytes_short(&budget), 0);
	assert_int_equal(mmp_budget_spare(&budget), 0);
	mmp_budget_done(&budget);
	optee_edit(&p->config)->layout.free.size = needed & ~UINT64_C(0xfff);
	make(&budget, p);
	assert_int_equal(mmp_budget_bytes_short(&budget), needed & 0xfff);
	assert_int_equal(mmp_budget_short(&budget), 1);
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* 10 MiB are five blocks of the level 2 table, unless that ends before them. */
static void devices_mapped_later_must_lie_in_one_table(void **state)
{
	struct mmp_platform *p = qemu();
	struct mmp_budget budget;
	uint64_t base = optee_edit(&p->config)->trusted_dram.base;
	uint64_t *const moved[] = { &optee_edit(&p->config)->trusted_dram.base,
				    &optee_edit(&p->config)->tee_ram.start,
				    &optee_edit(&p->config)->layout.unpg_rx.base,
				    &optee_edit(&p->config)->layout.unpg_rw.base,
				    &optee_edit(&p->config)->layout.free.base };

	(void)state;
	make(&budget, p);
	assert_int_equal(budget.late.granule, 0x200000);
	assert_int_equal(budget.late.count, 5);
	assert_int_equal(budget.late.largest, 0xa00000);
	assert_int_equal(budget.layout.plan.map.late, 5);
	mmp_budget_done(&budget);
	for (size_t i = 0; i < COUNT(moved); i++)
		*moved[i] += 0x3f900000 - base; /* the window: 0x3fc00000-0x405fffff */
	optee_edit(&p->config)->reserved_shm.base = p->registrations[3].addr;
	make(&budget, p);
	assert_int_equal(budget.layout.plan.regions[budget.late.region].va, 0x3fc00000);
	assert_int_equal(budget.late.count, 2);
	assert_int_equal(budget.late.largest, 0x400000 - 1);
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* Release 3.4: what boot leaves of CFG_MMAP_REGIONS, and the window's own entry. */
static void later_mappings_of_3_4_take_the_entries_that_are_left(void **state)
{
	struct mmp_platform *p = vector_platform("optee-3.4/platforms/d001_fvp");
	struct mmp_budget budget;

	(void)state;
	make(&budget, p);
	assert_int_equal(budget.layout.plan.map.late,
			 optee_edit(&p->config)->mmap_regions - budget.layout.plan.count +
				 1);
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

static uint64_t at_once(struct mmp_platform *p, uint64_t bytes, uint64_t *ret_scattered)
{
	struct mmp_budget budget;
	struct mmp_error err;
	uint64_t tables;

	mmp_budget_init(&budget);
	assert_int_equal(mmp_budget_make(&budget, p, bytes, &err), 0);
	tables = budget.shm.fits ? budget.shm.at_once : UINT64_MAX;
	*ret_scattered = budget.shm.scattered;
	mmp_budget_done(&budget);
	return tables;
}

/* A table for each 2 MiB that are begun; a page alone may need one, 16 pages 16. */
static void shared_memory_needs_a_table_for_each_block_it_touches(void **state)
{
	static const struct {
		uint64_t bytes, at_once, scattered;
	} rows[] = {
		{ 0, UINT64_MAX, 0 },
		{ 1, 1, 1 },
		{ 0x1001, 1, 2 },
		{ 0x200000, 1, 16 },
		{ 0x200001, 2, 16 },
		{ 0x800000, 4, 16 },
		{ 0xf48000, 8, 16 },
		{ 0x2000000, 16, 16 },
		{ 0x2000001, UINT64_MAX, 16 },
		{ UINT64_MAX, UINT64_MAX, 16 },
	};
	struct mmp_platform *p = qemu();
	uint64_t scattered;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(at_once(p, rows[i].bytes, &scattered), rows[i].at_once);
		assert_int_equal(scattered, rows[i].scattered);
	}
	mmp_platform_free(p);
}

/* --- bounds -------------------------------------------------------------------------- */

static json_t *written(const struct mmp_budget *budget)
{
	struct mmp_writer builder = MMP_BUILDER;

	mmp_writer_begin(&builder, '{');
	mmp_budget_members(&builder, budget, true, MMP_DETAIL_FULL);
	mmp_writer_end(&builder, '}');
	return mmp_writer_done(&builder);
}

static void the_same_platform_has_the_same_budget(void **state)
{
	struct mmp_platform *p = vector_platform("optee-4.10/lpae/d111_random_005");
	struct mmp_budget a, b;
	json_t *one, *other;

	(void)state;
	make(&a, p);
	make(&b, p);
	one = written(&a);
	other = written(&b);
	assert_true(json_equal(one, other));
	json_decref(one);
	json_decref(other);
	mmp_budget_done(&a);
	mmp_budget_done(&b);
	mmp_platform_free(p);
}

struct stopping {
	atomic_uint_fast64_t looks; /* of the thread that is to be stopped */
	uint64_t wanted;
	atomic_bool stop;
};

/* Once the other thread has looked so often. */
static void *stop_it(void *data)
{
	struct stopping *s = data;

	while (atomic_load(&s->looks) < s->wanted)
		sched_yield();
	atomic_store(&s->stop, true);
	return NULL;
}

/* A platform of which the price of each region is a computation of its own. */
static void a_budget_that_is_stopped_looks_no_more(void **state)
{
	struct mmp_platform *p = qemu();

	(void)state;
	for (unsigned n = 0; n < 60; n++)
		add(p, "MEM_AREA_IO_SEC", "", 0x100000000 + n * 0x2000, 0x1000);
	optee_edit(&p->config)->pa_bits = 36;
	for (uint64_t wanted = 1; wanted < 100; wanted++) {
		struct stopping s = { .wanted = wanted };
		struct mmp_budget budget;
		struct mmp_error err;
		pthread_t thread;

		mmp_stop_count(&s.looks);
		mmp_stop_watch(&s.stop);
		assert_int_equal(pthread_create(&thread, NULL, stop_it, &s), 0);
		mmp_budget_init(&budget);
		mmp_budget_make(&budget, p, 0, &err);
		assert_true(mmp_stop_looks() <= 1);
		while (!mmp_stopped())
			sched_yield();
		pthread_join(thread, NULL);
		mmp_stop_watch(NULL);
		mmp_stop_count(NULL);
		mmp_budget_done(&budget);
	}
	mmp_platform_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tables_of_qemu),
		cmocka_unit_test(the_tables_of_dra7),
		cmocka_unit_test(the_tables_of_short_descriptors),
		cmocka_unit_test(the_tables_of_base_level_0),
		cmocka_unit_test(boot_memory_is_counted_in_tables),
		cmocka_unit_test(what_the_image_leaves_is_the_limit_of_boot_memory),
		cmocka_unit_test(devices_mapped_later_must_lie_in_one_table),
		cmocka_unit_test(later_mappings_of_3_4_take_the_entries_that_are_left),
		cmocka_unit_test(shared_memory_needs_a_table_for_each_block_it_touches),
		cmocka_unit_test(the_same_platform_has_the_same_budget),
		cmocka_unit_test(a_budget_that_is_stopped_looks_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
