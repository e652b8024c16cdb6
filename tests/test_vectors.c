/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/descriptor.h"
#include "doc/layout.h"
#include "doc/platform.h"
#include "rules/optee/attr.h"
#include "vector.h"

/*
 * The recorded output of real firmware against what the library computes. The same
 * vectors go through the socket in the end-to-end tests; here they run under valgrind
 * and the sanitizers.
 */

/* Keys that are recorded but not compared (vectors/README.md, "What is compared"). */
static const char *const passed_over[] = {
	"boot_mem_used",   "source",
	"placement",       "table_pa",
	"ttbr0_base",      "aslr_attempts",
	"core_base_va",    "dt_nsec_ddr",
	"tables_captured", "xlat_tables_used_log",
};

static bool is_passed_over(const char *key, bool seed34)
{
	for (size_t i = 0; i < COUNT(passed_over); i++)
		if (!strcmp(passed_over[i], key))
			return true;
	return seed34 &&
	       (!strcmp(key, "map_offset") || !strcmp(key, "ttbr0_core_offset"));
}

static bool same_scalar(const json_t *wanted, const json_t *got)
{
	const char *a = json_string_value(wanted), *b = json_string_value(got);

	if (a && b && !strncmp(a, "0x", 2) && !strncmp(b, "0x", 2))
		return strtoull(a, NULL, 16) == strtoull(b, NULL, 16);
	return json_equal(wanted, got);
}

static bool same(const json_t *wanted, const json_t *got, bool seed34, char *where,
		 size_t room);

static bool same_object(const json_t *wanted, const json_t *got, bool seed34, char *where,
			size_t room)
{
	void *at = json_object_iter((json_t *)(uintptr_t)wanted);

	for (; at; at = json_object_iter_next((json_t *)(uintptr_t)wanted, at)) {
		const char *key = json_object_iter_key(at);
		char inner[512];

		if (is_passed_over(key, seed34))
			continue;
		snprintf(inner, sizeof(inner), "%.400s.%s", where, key);
		if (!same(json_object_iter_value(at), json_object_get(got, key), seed34,
			  inner, sizeof(inner))) {
			snprintf(where, room, "%s", inner);
			return false;
		}
	}
	return true;
}

static bool same_array(const json_t *wanted, const json_t *got, bool seed34, char *where,
		       size_t room)
{
	for (size_t i = 0; i < json_array_size(wanted); i++) {
		char inner[512];

		snprintf(inner, sizeof(inner), "%.400s[%zu]", where, i);
		if (!same(json_array_get(wanted, i), json_array_get(got, i), seed34,
			  inner, sizeof(inner))) {
			snprintf(where, room, "%s", inner);
			return false;
		}
	}
	return json_array_size(wanted) == json_array_size(got);
}

static bool same(const json_t *wanted, const json_t *got, bool seed34, char *where,
		 size_t room)
{
	if (json_is_object(wanted) && json_is_object(got))
		return same_object(wanted, got, seed34, where, room);
	if (json_is_array(wanted) && json_is_array(got))
		return same_array(wanted, got, seed34, where, room);
	return got && same_scalar(wanted, got);
}

/* Tables are compared by id; a vector may hold only some of them (`all` false). */
static bool same_tables(const json_t *wanted, const json_t *got, bool all, bool seed34,
			char *where, size_t room)
{
	snprintf(where, room, "%zu tables recorded, %zu made", json_array_size(wanted),
		 json_array_size(got));
	if (all && json_array_size(wanted) != json_array_size(got))
		return false;
	for (size_t i = 0; i < json_array_size(wanted); i++) {
		const json_t *table = json_array_get(wanted, i);
		size_t id = (size_t)json_integer_value(json_object_get(table, "id"));

		snprintf(where, room, "tables[id %zu]", id);
		if (!same(table, json_array_get(got, id), seed34, where, room))
			return false;
	}
	return true;
}

static bool same_error(const json_t *wanted, const json_t *got)
{
	static const char *const keys[] = { "kind", "message", "func" };
	const char *kind = json_string_value(json_object_get(wanted, "kind"));
	size_t count = kind && !strcmp(kind, "undefined") ? 1 : COUNT(keys);

	for (size_t i = 0; i < count; i++)
		if (!json_equal(json_object_get(wanted, keys[i]),
				json_object_get(got, keys[i])))
			return false;
	return true;
}

static bool same_stop(const json_t *output, const struct mmp_layout *layout,
		      const struct mmp_error *err, char *where, size_t room)
{
	const json_t *wanted = json_object_get(output, "error");
	const json_t *used = json_object_get(output, "xlat_tables_used_at_error");
	json_t *got;
	bool agrees;

	snprintf(where, room, "%s", err->text);
	if (!mmp_layout_stop(layout) || !wanted)
		return false;
	got = mmp_layout_stop_write(layout);
	agrees = same_error(wanted, json_object_get(got, "firmware")) &&
		 (!used || json_equal(used, json_object_get(got, "xlat_tables_used")));
	json_decref(got);
	return agrees;
}

static bool same_output(const json_t *output, const struct mmp_layout *layout,
			bool seed34, char *where, size_t room)
{
	json_t *got = mmp_layout_write(layout, MMP_DETAIL_FULL);
	json_t *rest = json_deep_copy(output);
	bool agrees = false;

	snprintf(where, room, "the firmware stops, the library does not");
	if (!json_object_get(output, "error")) {
		agrees = same_tables(
			json_object_get(output, "tables"), json_object_get(got, "tables"),
			!json_object_get(output, "tables_captured"), seed34, where, room);
		json_object_del(rest, "tables");
		if (agrees && json_object_get(output, "nsec_ddr_error")) {
			snprintf(where, room, "nsec_ddr_error");
			agrees = same_error(json_object_get(output, "nsec_ddr_error"),
					    json_object_get(got, "nsec_ddr_error"));
			json_object_del(rest, "nsec_ddr_error");
		}
		if (agrees) {
			snprintf(where, room, "output");
			agrees = same(rest, got, seed34, where, room);
		}
	}
	json_decref(rest);
	json_decref(got);
	return agrees;
}

/*
 * The words for what a walk finds are those of the map that the tables were made of; but
 * not for "guarded", which the encoding adds. Whether all is mapped is asked elsewhere.
 */
static bool walks_read_alike(const struct mmp_layout *layout, char *where, size_t room)
{
	struct mmp_memory memory = mmp_layout_memory(layout);
	struct mmp_walker walker = mmp_layout_walker(layout, &memory, 0);
	const struct mmp_rules *rules = layout->platform->rules;
	struct mmp_pieces pieces;
	bool alike = true;

	assert_int_equal(mmp_pieces_make(&pieces, &layout->plan), 0);
	for (size_t n = 0; alike && n < pieces.count; n++) {
		const struct mmp_region *r = &pieces.pieces[n];
		char want[MMP_WORDS_SIZE], got[MMP_WORDS_SIZE];
		struct mmp_walk walk = mmp_walk(&walker, (struct mmp_va){ r->va });

		if (!r->size || walk.end != MMP_WALK_MAPPED)
			continue;
		rules->attr_text(rules, r->attr & ~MMP_ATTR_GUARDED, want);
		rules->attr_text(
			rules,
			rules->attr_of(rules, &layout->platform->config, &walk.leaf) &
				~MMP_ATTR_GUARDED,
			got);
		alike = !strcmp(want, got);
		snprintf(where, room, "region %zu is %s and walks as %s", n, want, got);
	}
	mmp_pieces_done(&pieces);
	return alike;
}

/* Every table is what the plan says, unless the firmware's own arithmetic is at fault. */
static bool walks_as_planned(const struct mmp_layout *layout, char *where, size_t room)
{
	struct mmp_error err;

	if (!mmp_layout_verify(layout, &err) || err.code == MMP_INVALID)
		return true;
	snprintf(where, room, "%s", err.text);
	return false;
}

static bool check_vector(const json_t *vector, char *where, size_t room)
{
	const json_t *output = json_object_get(vector, "output");
	const char *version = json_string_value(json_object_get(vector, "optee_version"));
	bool seed34 = version && !strcmp(version, "3.4.0"), agrees;
	struct mmp_platform *platform;
	struct mmp_layout layout;
	struct mmp_error err;

	if (mmp_platform_read(vector, &platform, &err)) {
		snprintf(where, room, "%s", err.text);
		return false;
	}
	mmp_layout_init(&layout);
	if (mmp_layout_make(&layout, platform, NULL, &err))
		agrees = same_stop(output, &layout, &err, where, room);
	else
		agrees = same_output(output, &layout, seed34, where, room) &&
			 walks_read_alike(&layout, where, room) &&
			 walks_as_planned(&layout, where, room);
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	return agrees;
}

struct folder {
	const char *name;
	unsigned wrong;
};

static void compare_one(void *data, const char *name, const json_t *vector)
{
	struct folder *folder = data;
	char where[1024];

	if (check_vector(vector, where, sizeof(where)))
		return;
	print_message("%s/%s: %s\n", folder->name, name, where);
	folder->wrong++;
}

/* How many of a folder differ. */
static unsigned differing(const char *name)
{
	struct folder folder = { .name = name };
	unsigned read = vector_each(name, check_setting("MMP_TEST_EVERY", 1), compare_one,
				    &folder);

	print_message("%s: %u vectors, %u differ\n", name, read, folder.wrong);
	return folder.wrong;
}

static void check_folder(const char *folder)
{
	assert_int_equal(differing(folder), 0);
}

static void layouts_are_those_of_every_release(void **state)
{
	static const char *const folders[] = {
		"3.0.0",  "3.1.0",  "3.2.0",  "3.3.0",  "3.5.0",  "3.6.0",  "3.7.0",
		"3.8.0",  "3.9.0",  "3.10.0", "3.11.0", "3.12.0", "3.13.0", "3.14.0",
		"3.15.0", "3.16.0", "3.17.0", "3.18.0", "3.19.0", "3.20.0", "3.21.0",
		"3.22.0", "4.0.0",  "4.1.0",  "4.2.0",  "4.3.0",  "4.4.0",  "4.5.0",
		"4.6.0",  "4.7.0",  "4.8.0",  "4.9.0",  "4.10.0",
	};
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(folders); i++) {
		char folder[64];

		snprintf(folder, sizeof(folder), "releases/%s", folders[i]);
		wrong += differing(folder);
	}
	assert_int_equal(wrong, 0);
}

static void narrow_cases_are_those_of_the_firmware(void **state)
{
	(void)state;
	check_folder("corners");
}

static void layouts_are_those_of_the_firmware_run_on_a_host(void **state)
{
	(void)state;
	check_folder("optee-4.10/lpae");
}

static void layouts_are_those_of_short_descriptors(void **state)
{
	(void)state;
	check_folder("optee-4.10/short");
}

static void layouts_are_those_of_real_boots(void **state)
{
	(void)state;
	check_folder("real");
}

static void layouts_are_those_of_release_3_4(void **state)
{
	(void)state;
	check_folder("optee-3.4/lpae");
	check_folder("optee-3.4/platforms");
}

static void layouts_are_those_of_release_3_4_with_short_descriptors(void **state)
{
	(void)state;
	check_folder("optee-3.4/short");
	check_folder("optee-3.4/platforms-short");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts_are_those_of_the_firmware_run_on_a_host),
		cmocka_unit_test(layouts_are_those_of_short_descriptors),
		cmocka_unit_test(layouts_are_those_of_real_boots),
		cmocka_unit_test(layouts_are_those_of_release_3_4),
		cmocka_unit_test(layouts_are_those_of_release_3_4_with_short_descriptors),
		cmocka_unit_test(layouts_are_those_of_every_release),
		cmocka_unit_test(narrow_cases_are_those_of_the_firmware),
	};
	return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
