/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "doc/descriptor.h"
#include "doc/layout.h"
#include "doc/platform.h"
#include "rules/tfa/tfa.h"

/*
 * Every recording of TF-A's own code, next to what mmp says of the same document: the whole
 * answer of layout.compute, and of attribute words the descriptors and what is read back.
 */

#ifndef VECTORS
#define VECTORS "tests/vectors/tfa-2.15"
#endif

enum { MAPS = 132, ATTRS = 7 };

static const char *folder(void)
{
	static char path[512];
	const char *top = getenv("top_srcdir");

	snprintf(path, sizeof(path), "%s/%s", top ? top : ".", VECTORS);
	return path;
}

/* Keys of a recording that inform: where in the firmware's sources, and its log. */
static bool informs(const char *key)
{
	static const char *const keys[] = { "file", "line", "stage" };

	for (size_t i = 0; i < COUNT(keys); i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

static bool is_hex(const json_t *value)
{
	return json_is_string(value) && !strncmp(json_string_value(value), "0x", 2);
}

static bool same(const json_t *want, const json_t *got, char *where, size_t size);

static bool same_object(const json_t *want, const json_t *got, char *where, size_t size)
{
	size_t length = strlen(where);
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)want, key, value) {
		if (informs(key))
			continue;
		snprintf(where + length, size - length, ".%s", key);
		if (!same(value, json_object_get(got, key), where, size))
			return false;
		where[length] = '\0';
	}
	return true;
}

static bool same_array(const json_t *want, const json_t *got, char *where, size_t size)
{
	size_t length = strlen(where);

	if (json_array_size(want) != json_array_size(got))
		return false;
	for (size_t i = 0; i < json_array_size(want); i++) {
		snprintf(where + length, size - length, "[%zu]", i);
		if (!same(json_array_get(want, i), json_array_get(got, i), where, size))
			return false;
		where[length] = '\0';
	}
	return true;
}

static bool same(const json_t *want, const json_t *got, char *where, size_t size)
{
	if (is_hex(want) && is_hex(got))
		return strtoull(json_string_value(want), NULL, 0) ==
		       strtoull(json_string_value(got), NULL, 0);
	if (!got || json_typeof(want) != json_typeof(got))
		return false;
	if (json_is_object(want))
		return same_object(want, got, where, size);
	if (json_is_array(want))
		return same_array(want, got, where, size);
	return json_equal(want, got);
}

static void expect_same(const char *name, const json_t *want, const json_t *got)
{
	char where[256] = "";

	if (same(want, got, where, sizeof(where)))
		return;
	print_error("%s: differs at output%s\n", name, where);
	fail();
}

/* The answer for a document; of a stop, shaped as recordings have it. */
static json_t *answer_for(const json_t *document, struct mmp_layout *layout)
{
	struct mmp_platform *platform;
	struct mmp_error err;
	json_t *out;

	if (mmp_platform_read(document, &platform, &err))
		fail_msg("%s", err.text);
	if (!mmp_layout_make(layout, platform, NULL, &err)) {
		out = mmp_layout_write(layout, MMP_DETAIL_FULL);
	} else {
		assert_int_equal(err.code, MMP_FIRMWARE_STOP);
		out = mmp_layout_stop_write(layout);
		json_object_set(out, "error", json_object_get(out, "firmware"));
		json_object_set(out, "xlat_tables_used_at_error",
				json_object_get(out, "xlat_tables_used"));
	}
	mmp_platform_free(platform);
	return out;
}

/* What was printed before a stop has no place of its own in an answer. */
static void drop_log_of_stop(json_t *output)
{
	json_object_del(json_object_get(output, "error"), "log");
}

typedef void each_file(const char *path, const char *name, void *data);

static unsigned for_each(const char *sub, each_file *each, void *data)
{
	struct dirent **entries;
	char path[1024];
	unsigned count = 0;
	int n;

	snprintf(path, sizeof(path), "%s/%s", folder(), sub);
	n = scandir(path, &entries, NULL, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		if (strstr(name, ".json")) {
			char file[1536];

			snprintf(file, sizeof(file), "%s/%s", path, name);
			each(file, name, data);
			count++;
		}
		free(entries[i]);
	}
	free(entries);
	return count;
}

static json_t *load(const char *path)
{
	json_error_t at;
	json_t *document = json_load_file(path, 0, &at);

	if (!document)
		fail_msg("%s: %s", path, at.text);
	return document;
}

static void check_map(const char *path, const char *name, void *data)
{
	json_t *document = load(path), *output = json_object_get(document, "output");
	json_t *answer = answer_for(document, data);

	drop_log_of_stop(output);
	expect_same(name, output, answer);
	json_decref(answer);
	json_decref(document);
}

static void every_recorded_map_is_computed_word_for_word(void **unused)
{
	struct mmp_layout layout;

	mmp_layout_init(&layout);
	assert_int_equal(for_each("map", check_map, &layout), MAPS);
	mmp_layout_done(&layout);
}

/* Walked page by page, except one whose PA of 49 bits no descriptor can hold. */
static void check_walk(const char *path, const char *name, void *data)
{
	json_t *document = load(path);
	struct mmp_layout *layout = data;
	struct mmp_platform *platform;
	struct mmp_error err;

	assert_int_equal(mmp_platform_read(document, &platform, &err), 0);
	if (!mmp_layout_make(layout, platform, NULL, &err) &&
	    mmp_layout_verify(layout, &err) && err.code != MMP_INVALID)
		fail_msg("%s: %s", name, err.text);
	mmp_platform_free(platform);
	json_decref(document);
}

static void the_tables_of_every_recorded_map_walk_to_what_its_list_says(void **unused)
{
	struct mmp_layout layout;

	mmp_layout_init(&layout);
	for_each("map", check_walk, &layout);
	mmp_layout_done(&layout);
}

/* --- documents --- */

static void check_round_trip(const char *path, const char *name, void *data)
{
	json_t *document = load(path), *written, *again;
	struct mmp_platform *platform;
	struct mmp_error err;

	(void)data;
	if (mmp_platform_read(document, &platform, &err))
		fail_msg("%s: %s", name, err.text);
	written = mmp_platform_write(platform);
	mmp_platform_free(platform);
	expect_same(name, json_object_get(document, "config"),
		    json_object_get(written, "config"));
	expect_same(name, json_object_get(document, "registrations"),
		    json_object_get(written, "registrations"));
	if (mmp_platform_read(written, &platform, &err))
		fail_msg("%s: %s", name, err.text);
	again = mmp_platform_write(platform);
	mmp_platform_free(platform);
	assert_true(json_equal(written, again));
	json_decref(again);
	json_decref(written);
	json_decref(document);
}

static void a_document_reads_back_as_it_was_written(void **unused)
{
	for_each("map", check_round_trip, NULL);
}

/* --- attribute words --- */

static struct tfa_config config_of(const json_t *document)
{
	struct mmp_config config;
	struct mmp_error err;

	if (mmp_config_read_some(&tfa_2_15, json_object_get(document, "config"), &config,
				 &err))
		fail_msg("%s", err.text);
	return *tfa_config_of(&config);
}

static uint64_t hex(const json_t *value)
{
	return strtoull(json_string_value(value), NULL, 0);
}

static void check_row(const struct tfa_config *c, const char *name, const json_t *row)
{
	uint32_t attr = (uint32_t)hex(json_array_get(row, 0));
	uint64_t word = 0;

	for (int level = 1; level <= 3; level++) {
		assert_int_equal(tfa_descriptor(c, attr, level, &word), TFA_NO_STOP);
		if (word != hex(json_array_get(row, (size_t)level)))
			fail_msg("%s: attr 0x%x at level %d", name, attr, level);
	}
	assert_int_equal(tfa_read_back(c, word), hex(json_array_get(row, 4)));
}

static void check_stop(const struct tfa_config *c, const json_t *stop)
{
	size_t i;
	json_t *attr;

	json_array_foreach(json_object_get(stop, "attrs"), i, attr) {
		uint64_t word;
		enum tfa_stop got = tfa_descriptor(c, (uint32_t)hex(attr), 3, &word);

		assert_int_not_equal(got, TFA_NO_STOP);
		assert_string_equal(tfa_stops[got].message,
				    json_string_value(json_object_get(stop, "message")));
		assert_string_equal(tfa_stops[got].func,
				    json_string_value(json_object_get(stop, "func")));
	}
}

static void check_attrs(const char *path, const char *name, void *data)
{
	json_t *document = load(path), *row;
	struct tfa_config c = config_of(document);
	size_t i;

	(void)data;
	json_array_foreach(json_object_get(document, "rows"), i, row)
		check_row(&c, name, row);
	json_array_foreach(json_object_get(document, "stops"), i, row)
		check_stop(&c, row);
	json_decref(document);
}

static void every_recorded_attribute_word_becomes_its_descriptors(void **unused)
{
	assert_int_equal(for_each("attr", check_attrs, NULL), ATTRS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recorded_map_is_computed_word_for_word),
		cmocka_unit_test(
			the_tables_of_every_recorded_map_walk_to_what_its_list_says),
		cmocka_unit_test(a_document_reads_back_as_it_was_written),
		cmocka_unit_test(every_recorded_attribute_word_becomes_its_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
