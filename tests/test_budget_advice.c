/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "budget_of.h"
#include "doc/budget.h"
#include "rules/optee/optee.h"
#include "vector.h"

/* What a budget says would save tables and entries. */

/* The suggestion to do that with that registration, or NULL. */
static const struct mmp_suggestion *find(const struct mmp_budget *b,
					 enum mmp_change change, size_t ordinal)
{
	for (size_t i = 0; i < b->suggestion_count; i++)
		if (b->suggestions[i].change == change &&
		    (change == MMP_CHANGE_ROUND_ALL ||
		     b->suggestions[i].ordinals[0] == ordinal))
			return &b->suggestions[i];
	return NULL;
}

static void assert_saves(const struct mmp_suggestion *s, int64_t tables, int64_t entries)
{
	assert_non_null(s);
	assert_int_equal(s->tables, tables);
	assert_int_equal(s->entries, entries);
}

/*
 * Three pages of devices, two of them in one block: each gets a block of VA and a table.
 * One of the two rounded covers the other; joined, they are one region with one table.
 */
static void devices_in_pages_are_told_to_round_or_join(void **state)
{
	struct mmp_platform *p = qemu();
	size_t a = add(p, "MEM_AREA_IO_SEC", "a", 0x10001000, 0x1000);
	size_t b = add(p, "MEM_AREA_IO_SEC", "b", 0x10003000, 0x1000);
	size_t c = add(p, "MEM_AREA_IO_SEC", "c", 0x10400000, 0x1000);
	struct mmp_budget budget;

	(void)state;
	make(&budget, p);
	assert_int_equal(budget.layout.tables.used, 5 + 3);
	assert_saves(find(&budget, MMP_CHANGE_ROUND, a), 2, 1);
	assert_saves(find(&budget, MMP_CHANGE_ROUND, b), 2, 1);
	assert_saves(find(&budget, MMP_CHANGE_ROUND, c), 1, 0);
	assert_saves(find(&budget, MMP_CHANGE_JOIN, a), 1, 1);
	assert_saves(find(&budget, MMP_CHANGE_ROUND_ALL, 0), 3, 1);
	assert_ptr_equal(find(&budget, MMP_CHANGE_ROUND_ALL, 0), &budget.suggestions[0]);
	assert_int_equal(budget.regions[budget.region_of[a]].saves, 1);
	assert_null(find(&budget, MMP_CHANGE_JOIN, b));
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* The block of two of them has both worlds in it, that of the third secure memory. */
static void nobody_is_told_to_map_what_is_another_s(void **state)
{
	struct mmp_platform *p = qemu();
	size_t a = add(p, "MEM_AREA_IO_SEC", "a", 0x10001000, 0x1000);
	size_t b = add(p, "MEM_AREA_IO_NSEC", "b", 0x10100000, 0x1000);
	size_t c = add(p, "MEM_AREA_IO_SEC", "c", 0xe001000, 0x1000);
	struct mmp_budget budget;

	(void)state;
	make(&budget, p);
	assert_null(find(&budget, MMP_CHANGE_ROUND, a));
	assert_null(find(&budget, MMP_CHANGE_ROUND, b));
	assert_null(find(&budget, MMP_CHANGE_ROUND, c));
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* 2 MiB of shared memory 1 MiB into a block: a table, which 0x42000000 does not need. */
static void memory_is_told_to_move_with_its_window(void **state)
{
	struct mmp_platform *p = qemu();
	const struct mmp_suggestion *s;
	struct mmp_budget budget;

	(void)state;
	optee_edit(&p->config)->reserved_shm.base = 0x42100000;
	for (size_t i = 0; i < p->count; i++)
		if (p->registrations[i].addr == 0x42000000)
			p->registrations[i].addr = 0x42100000;
	make(&budget, p);
	assert_int_equal(budget.layout.tables.used, 6);
	assert_int_equal(budget.suggestion_count, 1);
	s = &budget.suggestions[0];
	assert_int_equal(s->change, MMP_CHANGE_MOVE);
	assert_saves(s, 1, 0);
	assert_true(s->moves_window && s->addr == 0x42000000);
	assert_string_equal(s->but, "there must be memory that is free");
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* A smaller reserved space, or whole blocks of it, where that is a table less. */
static void the_configuration_is_told_what_it_could_save(void **state)
{
	struct mmp_platform *p = qemu();
	struct mmp_budget budget;

	(void)state;
	optee_edit(&p->config)->va_bits =
		40; /* base level 0: a level 1, and seven more for the cores */
	optee_edit(&p->config)->reserved_vaspace_size =
		0xa01000; /* a page of a block more */
	make(&budget, p);
	assert_int_equal(budget.layout.tables.used, 5 + 1 + 7 + 1);
	assert_int_equal(budget.suggestion_count, 2);
	assert_string_equal(budget.suggestions[0].key->name, "va_bits");
	assert_int_equal(budget.suggestions[0].to, 39);
	assert_saves(&budget.suggestions[0], 8, 0);
	assert_string_equal(budget.suggestions[1].key->name, "reserved_vaspace_size");
	assert_int_equal(budget.suggestions[1].to, 0xc00000);
	assert_saves(&budget.suggestions[1], 1, 0);
	assert_null(budget.suggestions[1].but); /* it has grown */
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

/* Release 3.4 does not merge neighbours: each costs an entry, of which there are 13. */
static void neighbours_are_told_to_join_where_entries_are_few(void **state)
{
	struct mmp_platform *p =
		vector_platform("optee-3.4/platforms/d026_exhaust_13_va_space");
	size_t a = add(p, "MEM_AREA_RAM_NSEC", "a", 0x90000000, 0x200000);
	size_t b = add(p, "MEM_AREA_RAM_NSEC", "b", 0x90200000, 0x200000);
	const struct mmp_suggestion *s;
	struct mmp_budget budget;

	(void)state;
	make(&budget, p);
	assert_int_equal(budget.layout.plan.count - optee_edit(&p->config)->mmap_regions,
			 mmp_budget_entries_short(&budget));
	s = find(&budget, MMP_CHANGE_JOIN, a);
	assert_saves(s, 0, 1);
	assert_int_equal(s->ordinals[1], b);
	assert_int_equal(s->size, 0x400000);
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

static void a_large_platform_says_what_was_left_out(void **state)
{
	struct mmp_platform *p = qemu();
	size_t left_out = 0, known = 0;
	struct mmp_budget budget;

	(void)state;
	for (uint64_t i = 0; i < 4000; i++)
		add(p, "MEM_AREA_IO_NSEC", "r", 0x100000000 + i * 0x400000, 0x1000);
	optee_edit(&p->config)->va_bits = 39;
	make(&budget, p);
	for (size_t n = 0; n < budget.layout.plan.count; n++) {
		left_out += budget.regions[n].price == MMP_PRICE_LEFT_OUT;
		known += budget.regions[n].price == MMP_PRICE_KNOWN;
	}
	assert_int_equal(left_out, budget.prices_left_out);
	assert_true(left_out > 0 && known > 0);
	assert_true(budget.changes_left_out > 0);
	assert_saves(find(&budget, MMP_CHANGE_ROUND_ALL, 0), 4000, 0);
	mmp_budget_done(&budget);
	mmp_platform_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_in_pages_are_told_to_round_or_join),
		cmocka_unit_test(nobody_is_told_to_map_what_is_another_s),
		cmocka_unit_test(memory_is_told_to_move_with_its_window),
		cmocka_unit_test(the_configuration_is_told_what_it_could_save),
		cmocka_unit_test(neighbours_are_told_to_join_where_entries_are_few),
		cmocka_unit_test(a_large_platform_says_what_was_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
