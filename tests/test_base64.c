/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

/* RFC 4648, section 10. */
static const struct {
	const char *bytes, *text;
} rows[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static void the_vectors_of_the_rfc_go_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *text = mmp_base64_encode(rows[i].bytes, strlen(rows[i].bytes));
		uint8_t bytes[16];

		assert_string_equal(text, rows[i].text);
		assert_int_equal(mmp_base64_decode(text, strlen(text), bytes),
				 strlen(rows[i].bytes));
		assert_memory_equal(bytes, rows[i].bytes, strlen(rows[i].bytes));
		free(text);
	}
}

static void what_no_encoder_writes_is_refused(void **state)
{
	static const char *const bad[] = { "Z",    "Zg=",  "Zg==Zg==", "Z===", "====",
					   "Zh==", "Zm9=", "Zm9v\n",   "Zm 9", "Zm9-",
					   "=m9v", "Z=9v", "Zm9vYg= " };
	uint8_t bytes[16];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_int_equal(mmp_base64_decode(bad[i], strlen(bad[i]), bytes), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_rfc_go_both_ways),
		cmocka_unit_test(what_no_encoder_writes_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
