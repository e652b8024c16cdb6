/* SPDX-License-Identifier: BSD-2-Clause */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/limits.h"
#include "import/import.h"
#include "import/log.h"
#include "import/settings.h"
#include "import/tree.h"
#include "tests/check.h"

/* Each limit of an import at its edge: what is just allowed, and one more. */

static void a_configuration_has_so_many_settings_and_no_more(void **state)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_settings settings;
	struct mmp_error err;

	(void)state;
	for (unsigned i = 0; i < MMP_SETTING_LINES_MAX; i++)
		mmp_buffer_printf(&text, "CFG_%u=%u\n", i, i);
	assert_int_equal(mmp_settings_read(&settings, text.bytes, text.length, &err), 0);
	assert_int_equal(settings.count, MMP_SETTING_LINES_MAX);
	assert_string_equal(mmp_setting_find(&settings, "CFG_65535")->value, "65535");
	mmp_settings_done(&settings);
	mmp_buffer_text(&text, "ONE=more\n");
	assert_int_equal(mmp_settings_read(&settings, text.bytes, text.length, &err), -1);
	assert_int_equal(err.code, MMP_TOO_LARGE);
	mmp_buffer_done(&text);
}

static void of_a_setting_that_is_given_twice_the_last_counts(void **state)
{
	static const char text[] = "# first\nA=1\nB := \"two\"\nA ?= 3\n";
	struct mmp_settings settings;
	struct mmp_error err;

	(void)state;
	assert_int_equal(mmp_settings_read(&settings, text, strlen(text), &err), 0);
	assert_int_equal(settings.count, 2);
	assert_string_equal(mmp_setting_find(&settings, "A")->value, "3");
	assert_int_equal(mmp_setting_find(&settings, "A")->line, 4);
	assert_string_equal(mmp_setting_find(&settings, "B")->value, "two");
	assert_null(mmp_setting_find(&settings, "C"));
	assert_string_equal(settings.comments[0], "# first");
	mmp_settings_done(&settings);
}

static void what_is_no_setting_is_refused_with_its_line(void **state)
{
	static const char *const texts[] = { "A=1\nnothing here\n", "A=1\n=2\n",
					     "A=1\n1A=2\n" };
	struct mmp_settings settings;
	struct mmp_error err;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_int_equal(
			mmp_settings_read(&settings, texts[i], strlen(texts[i]), &err),
			-1);
		assert_non_null(strstr(err.text, "line 2: NAME=value was expected"));
	}
	assert_int_equal(mmp_settings_read(&settings, "A=1\0B", 5, &err), -1);
	assert_non_null(strstr(err.text, "byte 3 is 0"));
}

static void a_log_has_so_many_lines_and_no_more(void **state)
{
	char *text = malloc(MMP_LOG_LINES_MAX + 1);
	struct mmp_error err;
	struct mmp_log log;

	(void)state;
	memset(text, '\n', MMP_LOG_LINES_MAX + 1);
	assert_int_equal(mmp_log_read(&log, text, MMP_LOG_LINES_MAX, &err), 0);
	assert_int_equal(log.count, MMP_LOG_LINES_MAX);
	mmp_log_done(&log);
	assert_int_equal(mmp_log_read(&log, text, MMP_LOG_LINES_MAX + 1, &err), -1);
	assert_int_equal(err.code, MMP_TOO_LARGE);
	free(text);
}

static void a_line_of_a_log_is_cut_at_its_limit(void **state)
{
	char text[MMP_LOG_LINE_MAX + 4];
	struct mmp_error err;
	struct mmp_log log;

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(mmp_log_read(&log, text, MMP_LOG_LINE_MAX, &err), 0);
	assert_int_equal(strlen(log.lines[0].text), MMP_LOG_LINE_MAX);
	mmp_log_done(&log);
	text[MMP_LOG_LINE_MAX + 1] = '\n';
	assert_int_equal(mmp_log_read(&log, text, sizeof(text), &err), 0);
	assert_int_equal(log.count, 2);
	assert_int_equal(strlen(log.lines[0].text), MMP_LOG_LINE_MAX);
	assert_string_equal(log.lines[1].text, "xx");
	mmp_log_done(&log);
}

static void control_characters_and_colours_are_no_part_of_a_line(void **state)
{
	static const char text[] = "\033[1;31mred\033[0m\r\n\ta\007b\rc\r\r\nd\033";
	static const char *const lines[] = { "red", " ab", "c", "d" };
	struct mmp_error err;
	struct mmp_log log;

	(void)state;
	assert_int_equal(mmp_log_read(&log, text, strlen(text), &err), 0);
	assert_int_equal(log.count, COUNT(lines));
	for (size_t i = 0; i < COUNT(lines); i++)
		assert_string_equal(log.lines[i].text, lines[i]);
	mmp_log_done(&log);
}

/* A blob with so many children of the root. */
static int read_tree_of(unsigned children, struct mmp_error *err)
{
	int size = 64 * 1024 + (int)children * 16, failed;
	char *blob = calloc(1, (size_t)size);
	struct mmp_tree tree;

	fdt_create(blob, size);
	fdt_finish_reservemap(blob);
	fdt_begin_node(blob, "");
	for (unsigned i = 0; i < children; i++) {
		fdt_begin_node(blob, "n");
		fdt_end_node(blob);
	}
	fdt_end_node(blob);
	assert_int_equal(fdt_finish(blob), 0);
	failed = mmp_tree_read(&tree, blob, (size_t)size, err);
	if (!failed)
		mmp_tree_done(&tree);
	free(blob);
	return failed;
}

static void a_device_tree_has_so_many_nodes_and_no_more(void **state)
{
	struct mmp_error err;

	(void)state;
	assert_int_equal(read_tree_of(MMP_TREE_NODES_MAX, &err), 0);
	assert_int_equal(read_tree_of(MMP_TREE_NODES_MAX + 1, &err), -1);
	assert_int_equal(err.code, MMP_TOO_LARGE);
}

static void an_import_has_so_many_files_and_no_more(void **state)
{
	struct mmp_import *import = mmp_import_new();
	struct mmp_error err;

	(void)state;
	for (unsigned i = 0; i < MMP_IMPORT_FILES_MAX; i++)
		assert_int_equal(mmp_import_add(import, "conf.mk",
						strdup("CFG_WITH_LPAE=y\n"), 16, &err),
				 0);
	assert_int_equal(
		mmp_import_add(import, "conf.mk", strdup("CFG_WITH_LPAE=y\n"), 16, &err),
		-1);
	assert_int_equal(err.code, MMP_TOO_LARGE);
	mmp_import_free(import);
}

static void a_file_over_its_limit_is_refused_before_it_is_read(void **state)
{
	struct mmp_import *import = mmp_import_new();
	struct mmp_error err;

	(void)state;
	assert_int_equal(mmp_import_add(import, "huge", strdup(""),
					(size_t)MMP_IMPORT_BYTES_MAX + 1, &err),
			 -1);
	assert_int_equal(err.code, MMP_TOO_LARGE);
	mmp_import_free(import);
}

static void evidence_takes_so_many_values_and_says_that_it_failed(void **state)
{
	const struct mmp_origin origin = { .rank = MMP_RANK_IMAGE };
	struct mmp_evidence evidence;

	(void)state;
	mmp_evidence_init(&evidence);
	for (unsigned i = 0; i < MMP_IMPORT_VALUES_MAX; i++)
		mmp_evidence_count(&evidence, &origin, "nb_core", i);
	assert_false(evidence.failed);
	mmp_evidence_count(&evidence, &origin, "nb_core", 1);
	assert_true(evidence.failed);
	mmp_evidence_done(&evidence);
	mmp_evidence_init(&evidence);
	for (unsigned i = 0; i <= MMP_REMARKS_MAX; i++)
		mmp_evidence_remark(&evidence, "remark %u", i);
	assert_int_equal(evidence.remark_count, MMP_REMARKS_MAX);
	assert_false(evidence.failed);
	mmp_evidence_done(&evidence);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configuration_has_so_many_settings_and_no_more),
		cmocka_unit_test(of_a_setting_that_is_given_twice_the_last_counts),
		cmocka_unit_test(what_is_no_setting_is_refused_with_its_line),
		cmocka_unit_test(a_log_has_so_many_lines_and_no_more),
		cmocka_unit_test(a_line_of_a_log_is_cut_at_its_limit),
		cmocka_unit_test(control_characters_and_colours_are_no_part_of_a_line),
		cmocka_unit_test(a_device_tree_has_so_many_nodes_and_no_more),
		cmocka_unit_test(an_import_has_so_many_files_and_no_more),
		cmocka_unit_test(a_file_over_its_limit_is_refused_before_it_is_read),
		cmocka_unit_test(evidence_takes_so_many_values_and_says_that_it_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
