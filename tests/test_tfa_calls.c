/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "rules/tfa/attr.h"
#include "rules/tfa/context.h"
#include "tests/tfa_model.h"

/*
 * What must hold for any sequence of TF-A's calls, sound or broken. MMP_TEST_SEED and
 * MMP_TEST_CASES replace the defaults.
 */

enum { CASES = 20000, OPS = 40, SEED = 0x7f0a };

#define PAGE    UINT64_C(0x1000)
#define BLOCK   UINT64_C(0x200000)
#define GIB     UINT64_C(0x40000000)
#define BITS(n) (UINT64_C(1) << (n))

static uint64_t state;

static uint64_t next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t below(uint64_t end)
{
	return (next() >> 11) % end;
}

static bool one_in(uint64_t n)
{
	return below(n) == 0;
}

static uint64_t pick(const uint64_t *values, size_t count)
{
	return values[below(count)];
}

static void random_config(struct tfa_config *c)
{
	static const uint64_t spaces[] = { BITS(21), BITS(25), BITS(30), BITS(31),
					   BITS(32), BITS(32), BITS(36), BITS(40),
					   BITS(41), BITS(48) };

	*c = (struct tfa_config){
		.regime = (unsigned)below(3),
		.va_space = pick(spaces, COUNT(spaces)),
		.pa_space = one_in(4) ? BITS(36) : BITS(48),
		.max_xlat_tables = below(MODEL_TABLES + 1),
		.max_mmap_regions = one_in(4) ? below(6) : 40,
		.dynamic = !one_in(3),
		.base_table = 0xe0c0000,
		.xlat_tables = 0xe0d0000,
		.cpu = { 5, one_in(2), one_in(2), true, true },
		.debug = one_in(2),
	};
	if (one_in(4)) {
		c->arch = TFA_ARM32;
		c->regime = (unsigned)below(2);
		c->pa_space = BITS(36);
		c->va_space = one_in(2) ? BITS(32) : BITS(30);
	}
}

static uint64_t random_address(const struct tfa_config *c)
{
	uint64_t grains[] = { PAGE, PAGE, BLOCK, GIB, c->va_space / 8 };
	uint64_t at = pick(grains, COUNT(grains)) * below(9) + BLOCK * below(3) +
		      (one_in(2) ? 0 : PAGE * below(4));

	if (one_in(40))
		at += below(PAGE);
	return c->arch == TFA_ARM32 ? (uint32_t)at : at;
}

static struct tfa_op random_op(const struct tfa_config *c, const struct tfa_op *ops,
			       unsigned count)
{
	static const uint64_t sizes[] = { PAGE,  PAGE,        3 * PAGE,
					  BLOCK, 2 * BLOCK,   BLOCK + PAGE,
					  GIB,   GIB + BLOCK, 2 * GIB };
	static const uint64_t grains[] = { GIB, GIB, GIB, BLOCK, PAGE };
	struct tfa_op op = {
		.call = (enum tfa_call)below(TFA_CALL_COUNT),
		.va = random_address(c),
		.size = one_in(30) ? 0 : pick(sizes, COUNT(sizes)) * (1 + below(2)),
		.granularity = one_in(50) ? 0x10000 : pick(grains, COUNT(grains)),
		.attr = (uint32_t)(below(3) | (next() & 0x3d8)),
	};

	op.pa = one_in(3) ? random_address(c) : op.va;
	if (!c->dynamic && op.call >= TFA_ADD_DYNAMIC && op.call <= TFA_REMOVE_DYNAMIC)
		op.call = TFA_ADD;
	if (op.call == TFA_INIT && !one_in(3))
		op.call = TFA_ADD;
	if (count && one_in(3)) { /* something that is there */
		const struct tfa_op *of = &ops[below(count)];

		op.va = of->va;
		op.pa = of->pa;
		op.size = one_in(4) ? op.size : of->size;
	}
	return op;
}

static unsigned random_ops(const struct tfa_config *c, struct tfa_op *ops)
{
	unsigned count = 1 + (unsigned)below(OPS), init = (unsigned)below(count);

	for (unsigned i = 0; i < count; i++)
		ops[i] = random_op(c, ops, i);
	if (!one_in(8))
		ops[init].call = TFA_INIT;
	return count;
}

static uint64_t cases(void)
{
	state = check_setting("MMP_TEST_SEED", SEED);
	return check_setting("MMP_TEST_CASES", CASES);
}

/* --- next to the plain model ----------------------------------------------------------- */

static void compare(const struct tfa_context *x, const struct tfa_model *m)
{
	const struct tfa_tables *t = &x->tables;

	assert_int_equal(x->list.count, m->count);
	for (unsigned i = 0; i < m->count; i++) {
		const struct tfa_region *r = tfa_list_at(&x->list, i);

		assert_true(r->pa == m->list[i].pa && r->va == m->list[i].va &&
			    r->size == m->list[i].size && r->attr == m->list[i].attr);
	}
	assert_true(x->list.max_pa == m->max_pa && x->list.max_va == m->max_va);
	assert_int_equal(x->initialized, m->initialized);
	if (!m->initialized)
		return;
	assert_memory_equal(t->base, m->base, m->base_entries * sizeof(m->base[0]));
	assert_memory_equal(t->words, m->tables, t->touched * sizeof(m->tables[0]));
	for (unsigned n = 0; n < t->touched && m->config->dynamic; n++)
		assert_int_equal(t->counts[n], m->counts[n]);
}

/* The calls without those that change pages, which the model does not know. */
static unsigned without_changes(struct tfa_op *ops, unsigned count)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < count; i++)
		if (ops[i].call < TFA_CHANGE_ATTRIBUTES)
			ops[kept++] = ops[i];
	return kept;
}

static void the_lists_tables_and_codes_are_those_of_a_plain_model(void **unused)
{
	static struct tfa_model model;
	struct tfa_context x;
	uint64_t end = cases(), ran = 0;

	tfa_context_init(&x);
	for (uint64_t n = 0; n < end; n++) {
		struct tfa_op ops[OPS];
		struct tfa_config c;
		struct mmp_error err;
		unsigned count, i;

		random_config(&c);
		count = without_changes(ops, random_ops(&c, ops));
		if (!count || c.va_space < BITS(25))
			c.debug = false;
		assert_int_equal(tfa_context_run(&x, &c, ops, count, c.base_table,
						 c.xlat_tables, &err),
				 0);
		tfa_model_start(&model, &c);
		for (i = 0; i < count; i++) {
			int code = tfa_model_call(&model, &ops[i]);

			if (model.stopped)
				break;
			assert_in_range(i, 0, x.result_count - 1);
			assert_int_equal(code, tfa_rules[x.results[i].rule].code);
			if (ops[i].call == TFA_ADD_ALLOC_VA ||
			    ops[i].call == TFA_ADD_DYNAMIC_ALLOC_VA)
				assert_true(x.results[i].va == model.va);
		}
		if (model.stopped) {
			assert_true(x.stop != TFA_NO_STOP && x.stop_call == i);
			continue;
		}
		if (x.stop == TFA_NO_STOP) {
			compare(&x, &model);
			ran++;
		}
	}
	tfa_context_done(&x);
	assert_true(end < 100 || ran > end / 10); /* not all of them stop */
}

/* --- alone ----------------------------------------------------------------------------- */

/* The word that the MMU finds for a VA, and how much of the VA it covers; 0: none. */
static uint64_t walk(const struct tfa_context *x, uint64_t va, uint64_t *ret_size)
{
	const struct tfa_tables *t = &x->tables;
	const uint64_t *words = t->base;
	int level = t->base_level;

	for (;; level++) {
		uint64_t n = va >> tfa_shift(level), word;

		if (level > t->base_level)
			n &= 511;
		else if (n >= t->base_entries)
			return 0;
		word = words[n];
		*ret_size = BITS(tfa_shift(level));
		if (level == 3 || (word & 3) != 3)
			return word;
		words = t->words + (((word & ~(PAGE - 1)) - t->xlat_pa) / PAGE) * 512;
	}
}

/* The smallest region that holds a VA, or NULL. The first in the list is the innermost. */
static const struct tfa_region *region_at(const struct tfa_list *list, uint64_t va)
{
	for (unsigned i = 0; i < list->count; i++) {
		const struct tfa_region *r = tfa_list_at(list, i);

		if (va >= r->va && va - r->va < r->size)
			return r;
	}
	return NULL;
}

static void expect_page(const struct tfa_context *x, uint64_t va)
{
	const struct tfa_region *r = region_at(&x->list, va);
	uint64_t size = 0, word = walk(x, va, &size), leaf = 0;

	if (!r) {
		assert_int_equal(word, 0);
		return;
	}
	assert_int_equal(tfa_descriptor(x->config, r->attr, size == PAGE ? 3 : 2, &leaf),
			 TFA_NO_STOP);
	assert_true(word == (leaf | ((r->pa + (va - r->va)) & ~(size - 1))));
}

/* A fresh context with static regions alone: every edge of every region and its beside. */
static void the_tables_map_what_the_region_list_says(void **unused)
{
	struct tfa_context x;
	uint64_t end = cases() / 4, ran = 0;

	tfa_context_init(&x);
	for (uint64_t n = 0; n < end; n++) {
		struct tfa_op ops[OPS];
		struct tfa_config c;
		struct mmp_error err;
		unsigned count;

		random_config(&c);
		c.dynamic = c.debug = false;
		c.max_xlat_tables = 400;
		c.pa_space = BITS(47);
		count = random_ops(&c, ops);
		for (unsigned i = 0; i + 1 < count; i++)
			ops[i].call = one_in(5) ? TFA_ADD_ALLOC_VA : TFA_ADD;
		for (unsigned i = 0; i < count; i++)
			ops[i].attr &= ~TFA_ROOT;
		ops[count - 1].call = TFA_INIT;
		assert_int_equal(tfa_context_run(&x, &c, ops, count, c.base_table,
						 c.xlat_tables, &err),
				 0);
		if (x.stop != TFA_NO_STOP || !x.initialized)
			continue;
		ran++;
		for (unsigned i = 0; i < x.list.count; i++) {
			const struct tfa_region *r = tfa_list_at(&x.list, i);

			expect_page(&x, r->va);
			expect_page(&x, r->va + r->size - PAGE);
			expect_page(&x, r->va + below(r->size / PAGE) * PAGE);
			if (r->va)
				expect_page(&x, r->va - PAGE);
			if (r->va + r->size < c.va_space)
				expect_page(&x, r->va + r->size);
		}
	}
	tfa_context_done(&x);
	assert_true(end < 100 || ran > end / 2);
}

static bool same_tables(const struct tfa_context *one, const struct tfa_context *other)
{
	const struct tfa_tables *a = &one->tables, *b = &other->tables;

	return a->touched == b->touched &&
	       !memcmp(a->base, b->base, a->base_entries * sizeof(*a->base)) &&
	       (!a->touched || !memcmp(a->words, b->words, a->touched * PAGE));
}

static void the_same_calls_give_the_same_tables_whatever_ran_before(void **unused)
{
	struct tfa_context used, fresh;
	uint64_t end = cases() / 4;

	tfa_context_init(&used);
	for (uint64_t n = 0; n < end; n++) {
		struct tfa_op ops[OPS];
		struct tfa_config c;
		struct mmp_error err;
		unsigned count;

		random_config(&c);
		count = random_ops(&c, ops);
		tfa_context_init(&fresh);
		assert_int_equal(
			tfa_context_run(&used, &c, ops, count, 0x1000, 0x10000, &err), 0);
		assert_int_equal(
			tfa_context_run(&fresh, &c, ops, count, 0x1000, 0x10000, &err),
			0);
		assert_int_equal(used.stop, fresh.stop);
		assert_int_equal(used.result_count, fresh.result_count);
		assert_memory_equal(used.results, fresh.results,
				    used.result_count * sizeof(*used.results));
		if (used.stop == TFA_NO_STOP && used.initialized)
			assert_true(same_tables(&used, &fresh));
		tfa_context_done(&fresh);
	}
	tfa_context_done(&used);
}

static void every_result_is_one_of_the_five_codes(void **unused)
{
	static const int codes[] = { 0, -1, -12, -22, -34 };

	for (int rule = 0; rule < TFA_RULE_COUNT; rule++) {
		bool known = false;

		for (size_t i = 0; i < COUNT(codes); i++)
			known = known || tfa_rules[rule].code == codes[i];
		assert_true(known);
		assert_non_null(tfa_rules[rule].rule);
		assert_int_equal(rule == TFA_ACCEPTED, !tfa_rules[rule].name);
	}
}

/* One dynamic region of 2 GiB in pages, added and removed again and again. */
static uint32_t fill_with_large_calls(struct tfa_op *ops, uint32_t count)
{
	ops[0] = (struct tfa_op){ .call = TFA_INIT };
	for (uint32_t i = 1; i < count; i++)
		ops[i] = (struct tfa_op){ .call = i % 2 ? TFA_ADD_DYNAMIC
							: TFA_REMOVE_DYNAMIC,
					  .pa = 2 * GIB,
					  .va = 2 * GIB,
					  .size = 2 * GIB,
					  .granularity = PAGE,
					  .attr = TFA_MEMORY };
	return count;
}

static void calls_that_go_through_too_many_entries_are_refused(void **unused)
{
	enum { CALLS = 600 };
	struct tfa_config c = { .regime = TFA_EL3,
				.va_space = BITS(32),
				.pa_space = BITS(32),
				.max_xlat_tables = 2000,
				.max_mmap_regions = 8,
				.dynamic = true,
				.xlat_tables = 0x1000 };
	static struct tfa_op ops[CALLS];
	uint32_t fits = CALLS, end = fill_with_large_calls(ops, CALLS);
	struct tfa_context x;
	struct mmp_error err = { 0 };

	tfa_context_init(&x);
	assert_int_equal(tfa_context_run(&x, &c, ops, end, 0, 0x1000, &err), -1);
	assert_int_equal(err.code, MMP_TOO_LARGE);
	assert_true(x.tables.work > TFA_WORK_MAX);
	fits = (uint32_t)(TFA_WORK_MAX / (x.tables.work / x.result_count));
	assert_int_equal(tfa_context_run(&x, &c, ops, fits, 0, 0x1000, &err), 0);
	assert_in_range(x.tables.work, TFA_WORK_MAX / 2, TFA_WORK_MAX);
	tfa_context_done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lists_tables_and_codes_are_those_of_a_plain_model),
		cmocka_unit_test(the_tables_map_what_the_region_list_says),
		cmocka_unit_test(the_same_calls_give_the_same_tables_whatever_ran_before),
		cmocka_unit_test(calls_that_go_through_too_many_entries_are_refused),
		cmocka_unit_test(every_result_is_one_of_the_five_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
