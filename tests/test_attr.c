/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/regime.h"
#include "doc/descriptor.h"
#include "doc/platform.h"

/*
 * Attribute words and descriptors, both ways, against what each release's own code
 * made of them: every combination of the bits it knows, and random words.
 */

/* How often a row goes through the JSON functions as well. */
enum { SAMPLE_EVERY = 61 };

struct file {
	const char *path, *rules;
	json_t *root, *config; /* config may be NULL */
	struct mmp_config parsed;
	const struct mmp_rules *rule_set;
	const struct mmp_format *format;
	unsigned long checked;
};

static uint64_t number(const json_t *value)
{
	return strtoull(json_string_value(value), NULL, 16);
}

static void expect(struct file *f, uint64_t got, uint64_t wanted, const char *what,
		   int level, uint64_t of)
{
	f->checked++;
	if (got == wanted)
		return;
	fail_msg("%s: %s of 0x%llx at level %d is 0x%llx, recorded 0x%llx", f->path, what,
		 (unsigned long long)of, level, (unsigned long long)got,
		 (unsigned long long)wanted);
}

static void open_file(struct file *f, const char *rules, const char *path)
{
	struct mmp_error err;
	json_t *none = json_object();

	*f = (struct file){ .path = path, .rules = rules };
	f->root = json_load_file(path, 0, NULL);
	assert_non_null(f->root);
	f->config = json_object_get(f->root, "config");
	assert_int_equal(mmp_rules_find(rules, &f->rule_set, &err), 0);
	assert_int_equal(mmp_config_read_some(f->rule_set, f->config ? f->config : none,
					      &f->parsed, &err),
			 0);
	f->format = f->rule_set->regime(f->rule_set, &f->parsed)->format;
	json_decref(none);
}

static uint64_t answered(struct file *f, json_t *answer, const char *key)
{
	uint64_t value = number(json_object_get(answer, key));

	assert_true(json_array_size(json_object_get(answer, "fields")) > 0);
	assert_non_null(json_object_get(answer, "sentence"));
	json_decref(answer);
	f->checked++;
	return value;
}

static void ask_encode(struct file *f, int level, uint64_t attr, uint64_t wanted)
{
	json_t *answer, *word = json_sprintf("0x%llx", (unsigned long long)attr);
	struct mmp_error err;

	assert_int_equal(mmp_descriptor_encode(f->rules, f->config, NULL, (uint64_t)level,
					       word, NULL, NULL, &answer, &err),
			 0);
	expect(f, answered(f, answer, "descriptor"), wanted, "answered descriptor", level,
	       attr);
	json_decref(word);
}

static void ask_decode(struct file *f, int level, uint64_t descriptor, uint64_t wanted)
{
	json_t *answer, *word = json_sprintf("0x%llx", (unsigned long long)descriptor);
	struct mmp_error err;

	assert_int_equal(mmp_descriptor_decode(f->rules, f->config, NULL, (uint64_t)level,
					       word, &answer, &err),
			 0);
	expect(f, answered(f, answer, "attr"), wanted, "answered attributes", level,
	       descriptor);
	json_decref(word);
}

static void check_encode(struct file *f, int level, uint64_t attr, uint64_t wanted,
			 bool sample)
{
	struct mmp_error err;
	uint64_t word = 0;

	assert_int_equal(f->rule_set->encode(f->rule_set, &f->parsed, f->format, level,
					     (uint32_t)attr, &word, &err),
			 0);
	expect(f, word, wanted, "descriptor", level, attr);
	if (sample)
		ask_encode(f, level, attr, wanted);
}

static void check_decode(struct file *f, int level, uint64_t descriptor, uint64_t wanted,
			 bool sample)
{
	expect(f,
	       f->rule_set->decode(f->rule_set, &f->parsed, f->format, level, descriptor),
	       wanted, "attributes", level, descriptor);
	if (sample)
		ask_decode(f, level, descriptor, wanted);
}

/* [attr, then a descriptor and what is read back from it for each level] */
static void check_rows(struct file *f, const json_t *rows, const json_t *levels)
{
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);
		uint64_t attr = number(json_array_get(row, 0));
		bool sample = i % SAMPLE_EVERY == 0;

		for (size_t n = 0; n < json_array_size(levels); n++) {
			int level = (int)json_integer_value(json_array_get(levels, n));
			uint64_t descriptor = number(json_array_get(row, 1 + 2 * n));

			check_encode(f, level, attr, descriptor, sample);
			check_decode(f, level, descriptor,
				     number(json_array_get(row, 2 + 2 * n)), sample);
		}
	}
}

/* [descriptor, what is read from it at `first` and the levels after it] */
static void check_inverse(struct file *f, const json_t *rows, int first)
{
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		for (size_t n = 1; n < json_array_size(row); n++)
			check_decode(
				f, first + (int)n - 1, number(json_array_get(row, 0)),
				number(json_array_get(row, n)), i % SAMPLE_EVERY == 0);
	}
}

/* The firmware's number back to ours. */
static unsigned type_of(const struct mmp_rules *rules, unsigned number)
{
	unsigned type = 0;

	while (type < rules->type_count &&
	       ((!rules->types[type].name && !rules->types[type].stops) ||
		mmp_memtype_number(rules, type) != number))
		type++;
	return type;
}

static void check_type(struct file *f, const json_t *row)
{
	unsigned number_of = (unsigned)json_integer_value(json_object_get(row, "number"));
	unsigned type = type_of(f->rule_set, number_of);
	const json_t *attr = json_object_get(row, "attr");
	const char *name = json_string_value(json_object_get(row, "type"));

	assert_true(type < f->rule_set->type_count);
	assert_int_equal(f->rule_set->types[type].stops, !attr);
	if (attr)
		expect(f, f->rule_set->attr(f->rule_set, &f->parsed, type), number(attr),
		       "type", 0, type);
	if (name)
		assert_string_equal(f->rule_set->types[type].name, name);
	else
		assert_null(f->rule_set->types[type].name);
	f->checked++;
}

static void check_types(struct file *f, const json_t *rows)
{
	json_t *list;
	struct mmp_error err;

	for (size_t i = 0; i < json_array_size(rows); i++)
		check_type(f, json_array_get(rows, i));
	assert_int_equal(mmp_memtypes_write(f->rules, f->config, &list, &err), 0);
	assert_int_equal(json_array_size(list), json_array_size(rows));
	json_decref(list);
}

static void check_file(const char *rules, const char *path)
{
	struct file f;
	const char *format;

	open_file(&f, rules, path);
	format = json_string_value(json_object_get(f.root, "format"));
	if (!strcmp(format, "optee-type-attr-1")) {
		check_types(&f, json_object_get(f.root, "rows"));
	} else if (!strcmp(format, "optee-demattr-vector-1")) {
		check_inverse(&f, json_object_get(f.root, "rows"), 0);
	} else if (!strcmp(format, "optee-demattr-v7-1")) {
		check_inverse(&f, json_object_get(f.root, "level1"), 1);
		check_inverse(&f, json_object_get(f.root, "level2"), 2);
	} else {
		const json_t *levels = json_object_get(f.root, "levels");

		assert_string_equal(format, "optee-mattr-vector-1");
		check_rows(&f, json_object_get(f.root, "rows"), levels);
		check_rows(&f, json_object_get(f.root, "rows_with_undefined_bits"),
			   levels);
	}
	assert_true(f.checked > 0);
	print_message("%s: %lu\n", strrchr(path, '/') + 1, f.checked);
	json_decref(f.root);
}

static int is_json(const struct dirent *entry)
{
	return strstr(entry->d_name, ".json") != NULL;
}

/* "3.16.0_lpae64.json" is of optee-3.16. */
static void rules_of_file(const char *name, char rules[32])
{
	snprintf(rules, 32, "optee-%.*s", (int)(strstr(name, ".0_") - name), name);
}

/* `rules` NULL: each file's name says which release it is of. */
static void check_folder(const char *folder, const char *rules, int files)
{
	char path[512], file[1024], of_file[32];
	struct dirent **names;
	int count;

	snprintf(path, sizeof(path), "%s/tests/vectors/%s/attr",
		 getenv("top_srcdir") ? getenv("top_srcdir") : ".", folder);
	count = scandir(path, &names, is_json, alphasort);
	assert_int_equal(count, files);
	for (int i = 0; i < count; i++) {
		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (!rules)
			rules_of_file(names[i]->d_name, of_file);
		check_file(rules ? rules : of_file, file);
		free(names[i]);
	}
	free(names);
}

static void attributes_of_4_10_are_those_of_its_own_code(void **state)
{
	(void)state;
	check_folder("optee-4.10", "optee-4.10-257", 13);
}

static void attributes_of_3_4_are_those_of_its_own_code(void **state)
{
	(void)state;
	check_folder("optee-3.4", "optee-3.4", 4);
}

static void attributes_change_with_the_releases_that_change_them(void **state)
{
	(void)state;
	check_folder("releases", NULL, 36);
}

static int encode_3_4(const json_t *config, unsigned attr, int level, uint64_t *ret)
{
	json_t *answer, *word = json_integer(attr);
	struct mmp_error err;
	int failed = mmp_descriptor_encode("optee-3.4", config, NULL, (uint64_t)level,
					   word, NULL, NULL, &answer, &err);

	json_decref(word);
	if (failed)
		return -1;
	*ret = number(json_object_get(answer, "descriptor"));
	json_decref(answer);
	return 0;
}

static void hidden_comes_before_hidden_dirty_and_both_before_all_else(void **state)
{
	uint64_t word;

	(void)state;
	assert_int_equal(encode_3_4(NULL, 0x1871 | 0xe, 2, &word), 0);
	assert_int_equal(word, 4);
	assert_int_equal(encode_3_4(NULL, 0x1871 | 0xc, 3, &word), 0);
	assert_int_equal(word, 8);
	assert_int_equal(encode_3_4(NULL, 2, 1, &word), 0);
	assert_int_equal(word, 4);
}

static void release_3_4_has_two_memory_kinds_with_long_descriptors(void **state)
{
	json_t *shorts = json_pack("{s:s, s:b}", "arch", "arm32", "lpae", 0);
	uint64_t word;

	(void)state;
	assert_int_equal(encode_3_4(NULL, 0x1831, 3, &word), 0);
	assert_int_equal(encode_3_4(NULL, 0x2831, 3, &word), -1);
	assert_int_equal(encode_3_4(NULL, 0x7831, 3, &word), -1);
	assert_int_equal(encode_3_4(NULL, 0x7833, 3, &word), 0);
	assert_int_equal(word, 4);
	assert_int_equal(encode_3_4(NULL, 0x7839, 2, &word), 0);
	assert_int_equal(word, 3);
	assert_int_equal(encode_3_4(NULL, 0x7830, 1, &word), 0);
	assert_int_equal(word, 0);
	assert_int_equal(encode_3_4(shorts, 0x7831, 2, &word), 0);
	assert_int_equal(word & 0x4c, 0x4c);
	json_decref(shorts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_of_4_10_are_those_of_its_own_code),
		cmocka_unit_test(attributes_of_3_4_are_those_of_its_own_code),
		cmocka_unit_test(attributes_change_with_the_releases_that_change_them),
		cmocka_unit_test(
			hidden_comes_before_hidden_dirty_and_both_before_all_else),
		cmocka_unit_test(release_3_4_has_two_memory_kinds_with_long_descriptors),
	};
	return cmocka_run_group_tests_name("attr", tests, NULL, NULL);
}
