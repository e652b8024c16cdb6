/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "export/export.h"
#include "tables/layout.h"
#include "vector.h"

/* What end-to-end tests cannot see of the exporters: the tables themselves. */

static void every_exporter_has_a_name_in_the_list_of_names(void **state)
{
	size_t n = 0;

	(void)state;
	for (; mmp_exporters[n].name; n++) {
		assert_string_equal(mmp_exporters[n].name, mmp_exporter_names[n]);
		assert_non_null(mmp_exporters[n].about);
		assert_non_null(mmp_exporters[n].write);
	}
	assert_null(mmp_exporter_names[n]);
}

static FILE *open_log(void)
{
	const char *top = getenv("top_srcdir");
	char name[512];
	FILE *file;

	snprintf(name, sizeof(name), "%s/tests/vectors/tfa-2.15/log/qemu_bl31.log",
		 top ? top : "..");
	file = fopen(name, "r");
	assert_non_null(file);
	return file;
}

/* The next line of the log that is one of its map; false at its end. */
static bool next_line(FILE *log, char *line, size_t size)
{
	while (fgets(line, (int)size, log))
		if (!strncmp(line, " VA:", 4))
			return true;
	return false;
}

/* QEMU's BL31, booted. */
static void a_map_is_printed_as_the_log_of_a_real_boot_has_it(void **state)
{
	FILE *log = open_log();
	struct mmp_platform *platform = vector_platform("tfa-2.15/map/platform_qemu");
	struct mmp_layout layout;
	struct mmp_error err;
	char ours[MMP_LOG_SIZE], theirs[MMP_LOG_SIZE];

	(void)state;
	mmp_layout_init(&layout);
	assert_int_equal(mmp_layout_make(&layout, platform, NULL, &err), 0);
	for (size_t n = 0; n < layout.plan.count; n++) {
		assert_true(next_line(log, theirs, sizeof(theirs)));
		assert_string_equal(platform->rules->log_region(&layout.plan, n, ours),
				    theirs);
	}
	assert_false(next_line(log, theirs, sizeof(theirs)));
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	fclose(log);
}

static const struct mmp_exporter *exporter_of(const char *name)
{
	const struct mmp_exporter *exporter = mmp_exporters;

	while (strcmp(exporter->name, name) != 0)
		exporter++;
	return exporter;
}

/* Whether the C export of a vector has a text; fails if it defines one name twice. */
static bool exports(const char *vector, const char *text)
{
	struct mmp_platform *platform = vector_platform(vector);
	struct mmp_export export = { .id = "", .manifest = "{}" };
	struct mmp_buffer out = { 0 };
	struct mmp_layout layout;
	struct mmp_error err;
	char name[64];
	bool found;

	mmp_layout_init(&layout);
	assert_int_equal(mmp_layout_make(&layout, platform, NULL, &err), 0);
	export.layout = &layout;
	assert_int_equal(exporter_of("c")->write(&export, &out, &err), 0);
	for (const char *at = out.bytes; (at = strstr(at, "uint64_t mmp_")); at++) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, "=") + 1, at);
		assert_null(strstr(at + 1, name));
	}
	found = strstr(out.bytes, text);
	mmp_buffer_done(&out);
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	return found;
}

static void registers_are_exported_once_and_by_the_name_in_their_regime(void **state)
{
	static const char tfa[] = "tfa-2.15/map/platform_qemu";
	static const char el1[] = "releases/4.1.0/s006_va40";
	static const char lpae[] = "releases/4.1.0/s012_lpae32_large_pa";
	static const char short_desc[] = "releases/4.1.0/s016_short_sections";

	(void)state;
	assert_true(exports(tfa, "mmp_ttbr0_el3 = UINT64_C(0x"));
	assert_true(exports(tfa, "mmp_tcr_el3 = UINT64_C(0x"));
	assert_true(exports(tfa, "mmp_mair_el3 = UINT64_C(0x"));
	assert_true(exports(el1, "mmp_ttbr0_el1 = UINT64_C(0x"));
	assert_true(exports(short_desc, "mmp_ttbr0 = UINT64_C(0x"));
	assert_true(exports(short_desc, "mmp_ttbr1 = UINT64_C(0x"));
	assert_false(exports(short_desc, "mmp_ttbr_attr"));
	assert_true(exports(lpae, "mmp_ttbr0 = UINT64_C(0x"));
	assert_false(exports(lpae, "mmp_ttbr1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_exporter_has_a_name_in_the_list_of_names),
		cmocka_unit_test(a_map_is_printed_as_the_log_of_a_real_boot_has_it),
		cmocka_unit_test(
			registers_are_exported_once_and_by_the_name_in_their_regime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
