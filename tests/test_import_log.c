/* SPDX-License-Identifier: BSD-2-Clause */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "import/import.h"
#include "tests/check.h"

/*
 * Boot logs of real boards. tests/import/logs has for each what it says, written down
 * by others (see its .json); tests/import/logs-releases are of eleven releases.
 */

static const char *top(void)
{
	const char *folder = getenv("top_srcdir");

	return folder ? folder : ".";
}

static char *file_of(const char *name, size_t *ret_size)
{
	char path[4096];
	char *bytes = malloc(1 << 20);
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/import/%s", top(), name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s is not there", path);
	*ret_size = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

static struct mmp_import *read_text(char *take_text, size_t size)
{
	const struct mmp_import_wish wish = { 0 };
	struct mmp_import *import = mmp_import_new();
	struct mmp_error err;

	if (mmp_import_add(import, "log", take_text, size, &err) ||
	    mmp_import_read(import, &wish, &err))
		fail_msg("%s", err.text);
	return import;
}

static struct mmp_import *read_file(const char *name)
{
	size_t size;
	char *bytes = file_of(name, &size);

	return read_text(bytes, size);
}

static uint64_t number(const json_t *value)
{
	return json_is_integer(value)  ? (uint64_t)json_integer_value(value)
	       : json_is_string(value) ? strtoull(json_string_value(value), NULL, 0)
				       : 0;
}

static uint64_t member(const json_t *object, const char *key)
{
	return number(json_object_get(object, key));
}

/* The nth row of a kind, or NULL. */
static const struct mmp_boot_row *row_of(const struct mmp_evidence *evidence,
					 enum mmp_boot_kind kind, size_t n)
{
	for (size_t i = 0; i < evidence->boot_count; i++)
		if (evidence->boot[i].kind == kind && n-- == 0)
			return &evidence->boot[i];
	return NULL;
}

static void check_text(const char *file, const char *what, const char *is,
		       const json_t *expected)
{
	if (strcmp(is ? is : "", json_string_value(expected)) != 0)
		fail_msg("%s: %s is %s, not %s", file, what, is,
			 json_string_value(expected));
}

/* A list of the expected reading against the rows of its kind; keys are those of a to d. */
static void check_rows(const char *file, const struct mmp_evidence *evidence,
		       const json_t *list, enum mmp_boot_kind kind, const char *a,
		       const char *b, const char *c, const char *d)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		const struct mmp_boot_row *row = row_of(evidence, kind, i);

		if (!row)
			fail_msg("%s: row %zu of kind %d is not read", file, i, kind);
		if (json_object_get(one, "type"))
			check_text(file, "type", row->type, json_object_get(one, "type"));
		if (json_object_get(one, "name"))
			check_text(file, "name", row->name, json_object_get(one, "name"));
		if ((a && row->a != member(one, a)) || (b && row->b != member(one, b)) ||
		    (c && row->c != member(one, c)) || (d && row->d != member(one, d)))
			fail_msg("%s: line %u is read as %#llx %#llx %#llx %#llx", file,
				 row->line, (unsigned long long)row->a,
				 (unsigned long long)row->b, (unsigned long long)row->c,
				 (unsigned long long)row->d);
	}
	if (row_of(evidence, kind, json_array_size(list)))
		fail_msg("%s: more than %zu rows of kind %d are read", file,
			 json_array_size(list), kind);
}

static void check_numbers(const char *file, const struct mmp_evidence *evidence,
			  const json_t *expected)
{
	json_t *one;
	size_t i;

	json_array_foreach(json_object_get(expected, "xlat_tables"), i, one) {
		const struct mmp_boot_row *row = row_of(evidence, MMP_BOOT_TABLES, i);

		assert_non_null(row);
		assert_int_equal(row->a, number(json_array_get(one, 0)));
		assert_int_equal(row->b, number(json_array_get(one, 1)));
	}
	json_array_foreach(json_object_get(expected, "merges"), i, one) {
		const struct mmp_boot_row *row = row_of(evidence, MMP_BOOT_MERGE, i);

		assert_non_null(row);
		assert_int_equal(row->a, number(json_array_get(one, 0)));
		assert_int_equal(row->d, number(json_array_get(one, 3)));
	}
	json_array_foreach(json_object_get(expected, "aslr_attempts"), i, one) {
		const struct mmp_boot_row *row = row_of(evidence, MMP_BOOT_TRIED, i);
		const char *result = json_string_value(json_object_get(one, "result"));

		assert_non_null(row);
		assert_int_equal(row->a, member(one, "base"));
		assert_int_equal(row->b, strcmp(result, "mapped") == 0);
		assert_int_equal(row->c, member(one, "offs"));
	}
	(void)file;
}

static void check_reading(const char *name)
{
	char log[256], reading[256];
	size_t size;
	char *text;
	json_t *expected;
	struct mmp_import *import;
	const struct mmp_evidence *evidence;

	snprintf(log, sizeof(log), "logs/%s.log", name);
	snprintf(reading, sizeof(reading), "logs/%s.json", name);
	text = file_of(reading, &size);
	expected = json_loadb(text, size, 0, NULL);
	free(text);
	assert_non_null(expected);
	import = read_file(log);
	evidence = mmp_import_evidence(import);
	check_rows(log, evidence, json_object_get(expected, "added"), MMP_BOOT_ADDED,
		   "addr", "size", NULL, NULL);
	check_rows(log, evidence, json_object_get(expected, "va_spaces"), MMP_BOOT_SPACE,
		   NULL, "size", NULL, NULL);
	check_rows(log, evidence, json_object_get(expected, "map"), MMP_BOOT_MAPPED, "va",
		   "pa", "size", "region_size");
	check_rows(log, evidence, json_object_get(expected, "nsec_ddr"), MMP_BOOT_DDR,
		   "addr", "size", NULL, NULL);
	check_rows(log, evidence, json_object_get(expected, "special_memory"),
		   MMP_BOOT_SPECIAL, "addr", "size", NULL, NULL);
	check_numbers(log, evidence, expected);
	json_decref(expected);
	mmp_import_free(import);
}

static const char *const names[] = {
	"aslr",
	"aslr48_seed_fffff1f00000",
	"aslr_seed_f1d00000",
	"aslr_seed_f1ef0000",
	"aslr_seed_fdf00000",
	"aslr_seed_ffd00000",
	"aslr_seed_ffeff000",
	"noaslr",
	"nodyn",
	"pager",
	"pageraslr_seed_81a0d5b3ffc6e35c",
	"pageraslr_seed_f1f00000",
	"sdp",
	"va48",
};

static void every_recorded_log_reads_as_it_was_written_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		check_reading(names[i]);
}

static void a_forced_seed_is_recovered_from_the_candidates(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		const char *seed = strstr(names[i], "_seed_");
		struct mmp_import *import;
		char log[256];
		uint64_t forced;

		if (!seed)
			continue;
		forced = strtoull(seed + 6, NULL, 16);
		/* What is above the width of virtual addresses does not show, nor do pages' insides. */
		forced &=
			strncmp(names[i], "aslr48", 6) == 0 ? 0xfffffffff000 : 0xfffff000;
		snprintf(log, sizeof(log), "logs/%s.log", names[i]);
		import = read_file(log);
		assert_int_equal(
			mmp_evidence_value(mmp_import_evidence(import), "aslr_seed", 1) &
				~UINT64_C(0xfff),
			forced);
		mmp_import_free(import);
	}
}

/*
 * Releases by the line numbers alone, as these logs have no or an unknown version. Those
 * of 3.10 and 3.11 are the same; the earlier one counts.
 */
static void logs_of_eleven_releases_say_their_release_and_map(void **state)
{
	static const struct {
		const char *file;
		unsigned version, entries;
	} rows[] = {
		{ "3.5.0", 305, 7 },  { "3.8.0", 308, 0 },   { "3.8.0-arm32", 308, 10 },
		{ "3.10.0", 310, 0 }, { "3.12.0", 312, 11 }, { "3.16.0", 316, 9 },
		{ "3.18.0", 318, 0 }, { "3.22.0", 322, 0 },  { "3.22.0-arm32", 322, 0 },
		{ "4.1.0", 401, 0 },  { "4.4.0", 404, 0 },   { "4.5.0-arm32", 405, 10 },
		{ "4.6.0", 406, 0 },  { "4.10.0", 410, 10 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct mmp_evidence *evidence;
		struct mmp_import *import;
		char log[256];
		unsigned mapped = 0;

		snprintf(log, sizeof(log), "logs-releases/%s.log", rows[i].file);
		import = read_file(log);
		evidence = mmp_import_evidence(import);
		while (row_of(evidence, MMP_BOOT_MAPPED, mapped))
			mapped++;
		if (mmp_evidence_value(evidence, ".version", 0) != rows[i].version)
			fail_msg("%s is read as release %u", log,
				 (unsigned)mmp_evidence_value(evidence, ".version", 0));
		if (mapped < 7 || (rows[i].entries && mapped != rows[i].entries))
			fail_msg("%s: %u entries", log, mapped);
		mmp_import_free(import);
	}
}

/* --- what terminals do to a log -------------------------------------------------------------- */

static void compare_maps(struct mmp_import *one, struct mmp_import *other)
{
	const struct mmp_evidence *a = mmp_import_evidence(one);
	const struct mmp_evidence *b = mmp_import_evidence(other);

	assert_int_equal(a->boot_count, b->boot_count);
	for (size_t i = 0; i < a->boot_count; i++) {
		assert_int_equal(a->boot[i].kind, b->boot[i].kind);
		assert_int_equal(a->boot[i].a, b->boot[i].a);
		assert_int_equal(a->boot[i].b, b->boot[i].b);
		assert_int_equal(a->boot[i].c, b->boot[i].c);
	}
	mmp_import_free(one);
	mmp_import_free(other);
}

/* Each line of a log in a frame; `every` is another program's line after each. */
static struct mmp_import *framed(const char *name, const char *before, const char *after)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	size_t size;
	char *bytes = file_of(name, &size), *at = bytes;

	bytes[size] = '\0';
	while (*at) {
		size_t length = strcspn(at, "\n");

		mmp_buffer_printf(&text, "%s%.*s%s", before, (int)length, at, after);
		at += length + (at[length] == '\n');
	}
	free(bytes);
	return read_text(text.bytes, text.length);
}

static void what_terminal_programs_add_does_not_matter(void **state)
{
	static const char *const frames[][2] = {
		{ "", "\r\n" },
		{ "", "\r\r\n" },
		{ "[2026-11-29 12:00:00.123] ", "\n" },
		{ "12:00:00.123 -> ", "\n" },
		{ "\033[1;32m", "\033[0m\n" },
		{ "", "\n[    0.000000] Booting Linux on physical CPU 0x0\n" },
		{ "NOTICE:  BL31: v2.15\r\n", "\nmap of nothing va 0x12 type\n" },
		{ "\007\t", "\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++)
		compare_maps(read_file("logs/aslr.log"),
			     framed("logs/aslr.log", frames[i][0], frames[i][1]));
}

static struct mmp_import *changed(const char *name, const char *from, const char *to)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	size_t size;
	char *bytes = file_of(name, &size), *at;

	bytes[size] = '\0';
	at = strstr(bytes, from);
	assert_non_null(at);
	mmp_buffer_add(&text, bytes, (size_t)(at - bytes));
	mmp_buffer_text(&text, to);
	mmp_buffer_text(&text, at + strlen(from));
	free(bytes);
	return read_text(text.bytes, text.length);
}

static void a_line_that_was_broken_in_two_is_put_together(void **state)
{
	(void)state;
	compare_maps(read_file("logs/noaslr.log"),
		     changed("logs/noaslr.log", "pa 0x0e17b000..0x0effffff",
			     "pa 0x0e17\nb000..0x0effffff"));
}

static void a_line_that_is_cut_is_left_out_and_said(void **state)
{
	struct mmp_import *import =
		changed("logs/noaslr.log",
			"0x0e17b000..0x0effffff size 0x00e85000 (pgdir)", "0x0e17");
	const struct mmp_evidence *evidence = mmp_import_evidence(import);
	bool said = false;

	(void)state;
	for (size_t i = 0; i < evidence->remark_count; i++)
		said |= strstr(evidence->remarks[i].text, "is cut") != NULL;
	assert_true(said);
	mmp_import_free(import);
}

static void of_two_boots_in_a_log_the_last_counts(void **state)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	size_t size;
	char *first = file_of("logs/aslr.log", &size);

	(void)state;
	mmp_buffer_add(&text, first, size);
	free(first);
	first = file_of("logs/noaslr.log", &size);
	mmp_buffer_add(&text, first, size);
	free(first);
	compare_maps(read_file("logs/noaslr.log"), read_text(text.bytes, text.length));
}

static void a_log_of_nobody_is_refused(void **state)
{
	const struct mmp_import_wish wish = { 0 };
	struct mmp_import *import = mmp_import_new();
	struct mmp_error err;

	(void)state;
	assert_int_equal(mmp_import_add(import, "syslog", strdup("Nov 29 host: hello\n"),
					19, &err),
			 0);
	assert_int_equal(mmp_import_read(import, &wish, &err), -1);
	assert_non_null(strstr(err.text, "not of a firmware that mmp knows"));
	mmp_import_free(import);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recorded_log_reads_as_it_was_written_down),
		cmocka_unit_test(a_forced_seed_is_recovered_from_the_candidates),
		cmocka_unit_test(logs_of_eleven_releases_say_their_release_and_map),
		cmocka_unit_test(what_terminal_programs_add_does_not_matter),
		cmocka_unit_test(a_line_that_was_broken_in_two_is_put_together),
		cmocka_unit_test(a_line_that_is_cut_is_left_out_and_said),
		cmocka_unit_test(of_two_boots_in_a_log_the_last_counts),
		cmocka_unit_test(a_log_of_nobody_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
