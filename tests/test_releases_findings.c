/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <string.h>

#include "doc/platform.h"
#include "doc/rules.h"
#include "policy/policy.h"
#include "quoted.h"
#include "release_pages.h"
#include "rules/optee/optee.h"
#include "rules/optee/releases.h"
#include "tables/layout.h"

/* What only some releases do to a platform, and a platform under another release. */

/* clang-format off */
#define CORE "'trusted_dram':{'base':'0xe100000','size':'0xf00000'}," \
	"'tee_ram':{'start':'0xe100000','ph_size':'0x200000','va_size':'0x200000'}," \
	"'reserved_shm':{'start':'0x42000000','size':'0x200000'}," \
	"'layout':{'unpg_rx':{'start':'0xe100000','size':'0x8d000'},'unpg_rw':{'start':'0xe18d000','size':'0x73000'}," \
	"'identity_map':{'start':'0xe100000','end':'0xe101000'}},'mmap_regions':40"
#define RX   "['TEE_RAM_RX','rx','0xe100000','0x8d000']"
#define RW   "['TEE_RAM_RW','rw','0xe18d000','0x173000']"
#define TA   "['TA_RAM','ta','0xe300000','0xd00000']"
#define SHM  "['NSEC_SHM','shm','0x42000000','0x200000']"
#define SLOT "'aslr':true,'aslr_seed':'0x1000','reserved_vaspace_size':'0x64000000'"

/* A finding, where it shows, and where it does not: releases, configuration, registrations. */
static const struct row {
	const char *id;
	enum optee_version shown[2], silent[2];
	const char *config, *registrations;
} rows[] = {
	{ "base-tables-empty", { V3_1, V3_1 }, { V3_0, V3_2 }, "'boot_core_pos':1,'nb_core':2", RX "," RW "," TA "," SHM },
	{ "mapped-below", { V3_0, V3_0 }, { V3_1, V3_2 }, "'arch':'arm32','lpae':false", RX "," RW "," TA ",['RAM_SEC','x','0x50013000','0x4000']," SHM },
	{ "va-0-used", { V3_10, V3_18 }, { V3_19, V3_20 }, "'va_bits':36,'aslr':true,'aslr_seed':'0xff1f00000'", RX "," RW "," TA "," SHM },
	{ "va-width-inverted", { V3_8, V3_9 }, { V3_5, V3_10 }, "'va_bits':33", RX "," RW "," TA "," SHM },
	{ "user-slot-by-seed", { V4_6, V4_10 }, { V3_7, V4_10_257 }, SLOT, SHM },
	{ "core-in-second-range", { V3_22, V4_5 }, { V3_21, V3_20 }, "'trusted_sram':{'base':'0x4000000','size':'0x100000'}", SHM },
	{ "pager-entry", { V3_8, V3_21 }, { V3_7, V3_22 }, "'aslr':false", RX ",['TEE_RAM_RW','rw','0xe18d000','0x2000']," TA "," SHM },
	{ "map-last-entry", { V3_8, V3_21 }, { V3_7, V3_22 }, "'mmap_regions':7,'aslr':false", RX "," RW "," TA "," SHM },
	{ "seed-byte-order", { V3_8, V4_10_257 }, { V3_0, V3_7 }, "'aslr':true,'aslr_seed':'0x1000'", RX "," RW "," TA "," SHM },
	{ "does-not-compile", { V3_0, V4_3 }, { V4_4, V4_10_257 }, "'mmap_regions':12", RX "," RW "," TA "," SHM },
	{ "does-not-compile", { V3_0, V3_11 }, { V3_12, V4_10 }, "'unmap_core_at_el0':true,'va_bits':36", SHM },
	{ "does-not-compile", { V3_12, V4_10_257 }, { V3_4, V3_11 }, "'va_bits':31,'unmap_core_at_el0':false", SHM },
	{ "does-not-compile", { V3_12, V3_15 }, { V3_16, V4_10 }, "'va_bits':48,'unmap_core_at_el0':false", SHM },
	{ "does-not-compile", { V3_5, V4_10_257 }, { V3_4, V3_0 }, "'arch':'arm32','lpae':false,'ns_virtualization':true,'layout':{'nex_rw':{'start':'0xe200000','size':'0x1000'}}", SHM },
	{ "does-not-compile", { V3_16, V4_10_257 }, { V3_14, V3_12 }, "'va_bits':40,'unmap_core_at_el0':false,'max_xlat_tables':70000,'dyn_config':false", SHM },
	{ "does-not-compile", { V4_0, V4_10_257 }, { V3_8, V3_22 }, "'kasan':true,'aslr':true,'layout':{'asan_map':{'start':'0xe2e0000','size':'0x20000'}}", SHM },
	{ "does-not-compile", { V3_18, V4_10_257 }, { V3_17, V3_12 }, "'kasan':true,'memtag':true,'layout':{'asan_map':{'start':'0xe2e0000','size':'0x20000'}}", SHM },
	{ "does-not-compile", { V3_16, V4_10_257 }, { V3_15, V3_8 }, "'bti':true,'ns_virtualization':true,'layout':{'nex_rw':{'start':'0xe200000','size':'0x1000'}}", SHM },
	{ "does-not-compile", { V3_22, V4_10_257 }, { V3_21, V3_8 }, "'phys_relocatable':true,'trusted_sram':{'base':'0x4000000','size':'0x100000'}", SHM },
};
/* clang-format on */

/* Keys that a release turns off are refused, or reported: they are left out for it. */
static void leave_out(json_t *config, const struct mmp_rules *rules)
{
	for (const struct mmp_config_key *key = rules->keys; key->name; key++)
		if (mmp_key_use(rules, key) == MMP_KEY_OFF)
			json_object_del(config, key->name);
}

static struct mmp_platform *platform_of(const struct row *row, enum optee_version v)
{
	json_t *config = quoted_json("{%s}", CORE),
	       *change = quoted_json("{%s}", row->config);
	json_t *list = quoted_json("[%s]", row->registrations), *all = json_array(),
	       *document;
	struct mmp_platform *platform = NULL;
	const json_t *one;
	struct mmp_error err;
	size_t i;

	quoted_put_over(config, change);
	json_decref(change);
	leave_out(config, &optee_rules[v]);
	json_array_foreach(list, i, one) {
		const char *type, *name, *addr, *size;

		assert_int_equal(json_unpack((json_t *)one, "[s, s, s, s]", &type, &name,
					     &addr, &size),
				 0);
		if (optee_releases[v].core_ranges != OPTEE_CORE_REGISTERED &&
		    (!strncmp(type, "TEE_RAM", 7) || !strcmp(type, "TA_RAM")))
			continue;
		json_array_append_new(all, json_pack("{s:s, s:s+, s:s, s:s, s:s}",
						     "section", "phys_mem_map", "type",
						     "MEM_AREA_", type, "name", name,
						     "addr", addr, "size", size));
	}
	json_decref(list);
	document = json_pack("{s:s, s:s, s:s, s:o, s:o}", "format", MMP_PLATFORM_FORMAT,
			     "name", row->id, "rules", optee_rules[v].name, "config",
			     config, "registrations", all);
	if (mmp_platform_read(document, &platform, &err))
		fail_msg("%s under %s: %s", row->id, optee_rules[v].name, err.text);
	json_decref(document);
	return platform;
}

static bool shows(const struct row *row, enum optee_version v)
{
	struct mmp_platform *platform = platform_of(row, v);
	struct mmp_findings findings;
	struct mmp_layout layout;
	struct mmp_error err;
	bool shown = false;

	mmp_layout_init(&layout);
	mmp_layout_make(&layout, platform, NULL, &err);
	mmp_findings_init(&findings);
	mmp_policy_run(&findings, platform, &layout);
	for (size_t i = 0; i < findings.count; i++)
		shown |= !strcmp(findings.items[i].id, row->id);
	mmp_findings_done(&findings);
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	return shown;
}

static void what_single_releases_do_is_found_there_and_nowhere_else(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (unsigned n = 0; n < 2; n++) {
			if (!shows(&rows[i], rows[i].shown[n])) {
				print_error("row %zu: %s is not found under %s\n", i,
					    rows[i].id, release_name(rows[i].shown[n]));
				wrong++;
			}
			if (shows(&rows[i], rows[i].silent[n])) {
				print_error("row %zu: %s is found under %s\n", i,
					    rows[i].id, release_name(rows[i].silent[n]));
				wrong++;
			}
		}
	assert_int_equal(wrong, 0);
}

/* --- one platform under another release ------------------------------------------------ */

static void a_platform_is_seen_under_a_release_that_has_less(void **state)
{
	const struct row row = { .id = "virt",
				 .config = "'bti':true",
				 .registrations = SHM ",['MANIFEST_DT','manifest','"
						      "0x50000000','0x1000']" };
	struct mmp_platform *platform = platform_of(&row, V4_10), *other = NULL;
	struct mmp_layout layout;
	struct mmp_error err;

	(void)state;
	assert_int_equal(mmp_platform_under(platform, &optee_rules[V3_4], &other, &err),
			 0);
	assert_int_equal(other->lack_count, 2);
	assert_non_null(strstr(other->lacks[0], "config.bti"));
	assert_non_null(strstr(other->lacks[1], "MANIFEST_DT"));
	mmp_layout_init(&layout);
	assert_int_equal(mmp_layout_make(&layout, other, NULL, &err), 0);
	mmp_layout_done(&layout);
	mmp_platform_free(other);
	mmp_platform_free(platform);
}

static void a_list_of_rules_says_what_each_adds_and_drops(void **state)
{
	json_t *all = mmp_rules_write(), *one, *added;
	bool found = false;
	size_t i, k;

	(void)state;
	json_array_foreach(all, i, one) {
		const char *name = json_string_value(json_object_get(one, "name"));

		if (strcmp(name, "optee-4.0"))
			continue;
		json_array_foreach(json_object_get(one, "adds"), k, added)
			found |=
				!strcmp(json_string_value(added), "MEM_AREA_MANIFEST_DT");
	}
	assert_true(json_array_size(all) >= OPTEE_VERSION_COUNT);
	assert_true(found);
	json_decref(all);
}

static void an_unknown_version_is_refused_with_the_nearest(void **state)
{
	json_t *document =
		json_pack("{s:s, s:s, s:s, s:{}, s:[]}", "format", MMP_PLATFORM_FORMAT,
			  "name", "x", "rules", "optee-4.11", "config", "registrations");
	struct mmp_platform *platform = NULL;
	struct mmp_error err;

	(void)state;
	assert_int_equal(mmp_platform_read(document, &platform, &err), -1);
	assert_non_null(strstr(err.text, "optee-4.1"));
	json_decref(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_single_releases_do_is_found_there_and_nowhere_else),
		cmocka_unit_test(a_platform_is_seen_under_a_release_that_has_less),
		cmocka_unit_test(a_list_of_rules_says_what_each_adds_and_drops),
		cmocka_unit_test(an_unknown_version_is_refused_with_the_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
