/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>

#include "doc/contexts.h"
#include "doc/gate.h"
#include "vector.h"

/* The allocation of JSON that fails, and how many there were. */
static size_t missing, made;

static void *scarce(size_t size)
{
	return made++ == missing ? NULL : malloc(size);
}

static void fail_once(size_t allocation)
{
	json_set_alloc_funcs(scarce, free);
	missing = allocation;
	made = 0;
}

static void allow_all(void)
{
	json_set_alloc_funcs(malloc, free);
}

/* A waiver that matches nothing, so that the gate adds a finding of its own. */
static void a_gate_is_whole_or_an_error(void **state)
{
	struct mmp_platform *p = vector_platform("../../platforms/qemu-armv8a");
	json_t *waivers = json_pack("[{s:s, s:s, s:s, s:s}]", "finding", "no-va", "who",
				    "me", "reason", "test", "until", "2027-01-01");
	json_t *answer = json_pack("{s:[]}", "findings");
	struct mmp_gate_order order = { "2026-11-29", MMP_ERROR, waivers, NULL, NULL };
	struct mmp_gate_facts facts = { answer, NULL, NULL };
	size_t failures = 0, n = 0;
	struct mmp_error err;

	(void)state;
	do {
		json_t *gate = NULL;
		int failed;

		err.code = MMP_OK;
		fail_once(n);
		failed = mmp_gate_write(&order, p->rules, &facts, &gate, &err);
		allow_all();
		assert_true(failed ? !gate && err.code == MMP_SYSTEM : gate != NULL);
		failures += failed != 0;
		json_decref(gate);
	} while (n++ < made);
	assert_true(failures > 0);
	json_decref(answer);
	json_decref(waivers);
	mmp_platform_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gate_is_whole_or_an_error),
	};

	return cmocka_run_group_tests_name("scarce", tests, NULL, NULL);
}
