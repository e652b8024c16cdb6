/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "doc/platform.h"
#include "export/export.h"
#include "tables/layout.h"

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

static FILE *open_file(const char *path)
{
	const char *top = getenv("top_srcdir");
	char name[512];
	FILE *file;

	snprintf(name, sizeof(name), "%s/tests/vectors/%s", top ? top : "..", path);
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
	FILE *vector = open_file("tfa-2.15/map/platform_qemu.json");
	FILE *log = open_file("tfa-2.15/log/qemu_bl31.log");
	json_t *document = json_loadf(vector, 0, NULL);
	struct mmp_platform *platform;
	struct mmp_layout layout;
	struct mmp_error err;
	char ours[MMP_LOG_SIZE], theirs[MMP_LOG_SIZE];

	(void)state;
	assert_int_equal(mmp_platform_read(document, &platform, &err), 0);
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
	json_decref(document);
	fclose(vector);
	fclose(log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_exporter_has_a_name_in_the_list_of_names),
		cmocka_unit_test(a_map_is_printed_as_the_log_of_a_real_boot_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
