/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include "base/par.h"

static void par_is_read_field_by_field(void **state)
{
	const struct {
		uint64_t par;
		struct mmp_par want;
		const char *text;
	} rows[] = {
		{ UINT64_C(0xff0000000e100b80),
		  { .pa = 0xe100000,
		    .memory = 0xff,
		    .shareability = 3,
		    .nonsecure = true },
		  "pa 0xe100000, memory 0xff, sharing 3, non-secure" },
		{ UINT64_C(0x0400fffffffff900),
		  { .pa = 0xfffffffff000, .memory = 4, .shareability = 2 },
		  "pa 0xfffffffff000, memory 0x04, sharing 2, secure" },
		{ 0x81f,
		  { .fault = true, .fault_status = 0xf },
		  "permission fault, level 3 (status 0x0f)" },
		{ 0x80b,
		  { .fault = true, .fault_status = 5 },
		  "translation fault, level 1 (status 0x05)" },
		{ 0x801,
		  { .fault = true, .fault_status = 0 },
		  "address size fault, level 0 (status 0x00)" },
		{ 0x815,
		  { .fault = true, .fault_status = 0xa },
		  "access flag fault, level 2 (status 0x0a)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mmp_par got = mmp_par_of(rows[i].par);
		char text[MMP_PAR_TEXT_SIZE];

		assert_int_equal(got.fault, rows[i].want.fault);
		assert_int_equal(got.fault_status, rows[i].want.fault_status);
		assert_int_equal(got.pa, rows[i].want.pa);
		assert_int_equal(got.memory, rows[i].want.memory);
		assert_int_equal(got.shareability, rows[i].want.shareability);
		assert_int_equal(got.nonsecure, rows[i].want.nonsecure);
		assert_string_equal(mmp_par_print(&got, text), rows[i].text);
	}
}

static void sharing_counts_only_where_a_cache_may_hold_the_memory(void **state)
{
	const struct mmp_par cached = { .pa = 0x1000, .memory = 0xff, .shareability = 3 };
	struct mmp_par other = cached, device = cached, device2;

	(void)state;
	other.shareability = 2;
	assert_false(mmp_par_same(&cached, &other));
	device.memory = 4;
	device2 = device;
	device2.shareability = 0;
	assert_true(mmp_par_same(&device, &device2));
	device2.pa = 0x2000;
	assert_false(mmp_par_same(&device, &device2));
	assert_false(mmp_par_same(&cached, &device));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(par_is_read_field_by_field),
		cmocka_unit_test(sharing_counts_only_where_a_cache_may_hold_the_memory),
	};

	return cmocka_run_group_tests_name("par", tests, NULL, NULL);
}
