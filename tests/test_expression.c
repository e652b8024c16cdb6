/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "base/expression.h"
#include "tests/check.h"

static const struct {
	const char *name;
	struct mmp_macro macro;
} known[] = {
	{ "START", { NULL, "0x30000000" } },        { "SIZE", { NULL, "(START / 16)" } },
	{ "TWICE", { "x", "((x) * 2)" } },          { "SUM", { "a, b", "(a + b)" } },
	{ "SUFFIX", { "x", "x ## ULL" } },          { "LOOP", { NULL, "(LOOP + 1)" } },
	{ "GROW", { "x", "(GROW(x x x x) + x)" } },
};

static int find(void *owner, const char *name, struct mmp_macro *ret_macro)
{
	(void)owner;
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(known[i].name, name) == 0) {
			*ret_macro = known[i].macro;
			return 0;
		}
	return -1;
}

static void expressions_as_make_and_c_write_them_have_their_value(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} rows[] = {
		{ "13", 13 },
		{ "0x0e100000", 0x0e100000 },
		{ "(1024 * 1024 * 10)", 0xa00000 },
		{ "(0x9e800000 + 0x01400000 )", 0x9fc00000 },
		{ " 1ull<<32 ", UINT64_C(1) << 32 },
		{ "2M", 0x200000 },
		{ "64k + 1g", 0x40010000 },
		{ "UL(1) << 21", 0x200000 },
		{ "1 + 2 * 3", 7 },
		{ "(1 + 2) * 3", 9 },
		{ "16 - 4 - 2", 10 },
		{ "1 << 4 | 1", 17 },
		{ "6 & 3 | 8", 10 },
		{ "6 ^ 3", 5 },
		{ "~0", UINT64_MAX },
		{ "-1", UINT64_MAX },
		{ "!0", 1 },
		{ "7 % 4", 3 },
		{ "2 > 1 ? 5 : 6", 5 },
		{ "0 ? 5 : 1 ? 7 : 8", 7 },
		{ "1 == 1 && 2 != 2", 0 },
		{ "1 <= 1 || 0", 1 },
		{ "3 >= 4", 0 },
		{ "(unsigned long)4096", 4096 },
		{ "(size_t)(2 + 2)", 4 },
		{ "ROUNDUP(0x1001, 0x1000)", 0x2000 },
		{ "ROUNDDOWN((0x08000000 + 0x10000), 0x200000)", 0x08000000 },
		{ "START + SIZE", 0x33000000 },
		{ "TWICE(START)", 0x60000000 },
		{ "SUFFIX(5)", 5 },
		{ "1 << 64", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = 0;
		struct mmp_error err;

		if (mmp_expression(rows[i].text, find, NULL, &value, &err))
			fail_msg("%s: %s", rows[i].text, err.text);
		if (value != rows[i].value)
			fail_msg("%s is %#llx", rows[i].text, (unsigned long long)value);
	}
}

static void what_is_no_expression_is_refused_with_the_place(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "", "ends where a number was expected" },
		{ "1 +", "ends where a number was expected" },
		{ "(1", "')'" },
		{ "1 2", "character 3" },
		{ "0x10zz", "an operator or the end" },
		{ "NOWHERE", "NOWHERE is not defined" },
		{ "1 / 0", "divides by 0" },
		{ "1 % (2 - 2)", "divides by 0" },
		{ "TWICE", "'('" },
		{ "TWICE(1", "')'" },
		{ "1 ? 2", "':'" },
		{ "#", "a number" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t value = 77;
		struct mmp_error err;

		assert_int_equal(mmp_expression(rows[i].text, find, NULL, &value, &err),
				 -1);
		assert_int_equal(value, 77);
		if (!strstr(err.text, rows[i].says))
			fail_msg("\"%s\" says: %s", rows[i].text, err.text);
	}
}

static void what_would_never_end_ends(void **state)
{
	char deep[2 * MMP_EXPRESSION_DEPTH_MAX + 8];
	struct mmp_error err;
	uint64_t value;

	(void)state;
	assert_int_equal(mmp_expression("LOOP", find, NULL, &value, &err), -1);
	assert_int_equal(err.code, MMP_TOO_LARGE);
	assert_int_equal(mmp_expression("GROW(1)", find, NULL, &value, &err), -1);
	for (int levels = 0; levels < 2; levels++) {
		int depth = MMP_EXPRESSION_DEPTH_MAX + levels;

		memset(deep, '(', (size_t)depth);
		deep[depth] = '1';
		memset(deep + depth + 1, ')', (size_t)depth);
		deep[2 * depth + 1] = '\0';
		assert_int_equal(mmp_expression(deep, find, NULL, &value, &err),
				 levels ? -1 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_as_make_and_c_write_them_have_their_value),
		cmocka_unit_test(what_is_no_expression_is_refused_with_the_place),
		cmocka_unit_test(what_would_never_end_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
