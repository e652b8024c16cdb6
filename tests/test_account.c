/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <string.h>

#include "account.h"
#include "base/limits.h"

enum { EVA = 1000, TOM = 1001 };

static struct account *account;
static int falls;

static void count(void *data)
{
	(void)data;
	falls++;
}

static int set_up(void **state)
{
	(void)state;
	account = account_new();
	account_on_fall(account, count, NULL);
	falls = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	account_free(account);
	return 0;
}

static void one_fall_is_told_of_once(void **state)
{
	(void)state;
	for (int i = 1; i <= 2; i++) {
		account_add(account, EVA, MMP_TRIM_FROM / 2);
		account_add(account, TOM, MMP_TRIM_FROM / 2);
		account_sub(account, EVA, MMP_TRIM_FROM / 2);
		assert_int_equal(falls, i - 1);
		account_sub(account, TOM, MMP_TRIM_FROM / 2);
		assert_int_equal(falls, i);
		account_add(account, EVA, MMP_TRIM_BELOW);
		account_sub(account, EVA, MMP_TRIM_BELOW);
		assert_int_equal(falls, i);
	}
}

static void a_fall_begins_at_one_limit_and_ends_below_the_other(void **state)
{
	(void)state;
	account_add(account, EVA, MMP_TRIM_FROM - 1);
	account_sub(account, EVA, MMP_TRIM_FROM - 1);
	assert_int_equal(falls, 0);
	account_add(account, EVA, MMP_TRIM_FROM);
	account_sub(account, EVA, MMP_TRIM_FROM - MMP_TRIM_BELOW);
	assert_int_equal(falls, 0);
	account_sub(account, EVA, 1);
	assert_int_equal(falls, 1);
}

static void what_has_risen_since_a_fall_falls_again(void **state)
{
	(void)state;
	account_add(account, EVA, MMP_TRIM_FROM);
	account_sub(account, EVA, MMP_TRIM_FROM);
	assert_true(account_is_low(account));
	account_add(account, EVA, MMP_TRIM_BELOW);
	assert_false(account_is_low(account));
	account_sub(account, EVA, 1);
	assert_int_equal(falls, 2);
}

static void each_user_has_a_row_and_those_beyond_share_one(void **state)
{
	struct account_row rows[ACCOUNT_USERS_MAX + 1];
	size_t alone = 0, shared = 0;

	(void)state;
	assert_int_equal(account_rows(account, rows), 0);
	for (uid_t uid = EVA; uid < EVA + ACCOUNT_USERS_MAX + 2; uid++)
		account_add(account, uid, 7);
	assert_int_equal(account_rows(account, rows), ACCOUNT_USERS_MAX + 1);
	for (size_t i = 0; i <= ACCOUNT_USERS_MAX; i++) {
		alone += rows[i].uid != (uid_t)-1 && rows[i].bytes == 7;
		shared += rows[i].uid == (uid_t)-1 && rows[i].bytes == 14;
	}
	assert_int_equal(alone, ACCOUNT_USERS_MAX);
	assert_int_equal(shared, 1);
	for (uid_t uid = EVA; uid < EVA + ACCOUNT_USERS_MAX + 2; uid++)
		account_sub(account, uid, 7);
	assert_int_equal(account_rows(account, rows), 0);
}

static void what_is_taken_never_passes_a_limit(void **state)
{
	struct mmp_error err;

	(void)state;
	account_limit(account, 150, 100);
	assert_int_equal(account_take(account, EVA, 100, &err), 0);
	assert_true(account_has_room(account, EVA));
	assert_int_equal(account_take(account, EVA, 1, &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	assert_non_null(strstr(err.text,
			       "your requests and answers take up 100 bytes of "
			       "memory, and 1 more are needed; the limit is 100"));
	assert_int_equal(account_take(account, TOM, 51, &err), -1);
	assert_non_null(strstr(err.text, "all clients"));
	assert_int_equal(account_take(account, TOM, 50, &err), 0);
	assert_int_equal(account_bytes(account, EVA), 100);
	assert_int_equal(account_bytes(account, -1), 150);
	account_add(account, EVA, 1); /* whether there is room or not */
	assert_int_equal(account_check(account, EVA, 0, &err), -1);
	assert_non_null(strstr(err.text, "take up 101 bytes of memory; the limit is"));
	assert_false(account_has_room(account, EVA));
	assert_false(account_has_room(account, TOM)); /* all together */
	account_sub(account, EVA, 101);
	assert_true(account_has_room(account, EVA));
	assert_int_equal(account_take(account, EVA, 100, &err), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(one_fall_is_told_of_once),
		TEST(a_fall_begins_at_one_limit_and_ends_below_the_other),
		TEST(what_has_risen_since_a_fall_falls_again),
		TEST(each_user_has_a_row_and_those_beyond_share_one),
		TEST(what_is_taken_never_passes_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
