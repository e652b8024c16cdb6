/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "doc/platform.h"
#include "policy/policy.h"
#include "policy_rows.h"
#include "quoted.h"
#include "rules/optee/optee.h"

static void add(json_t *registrations, json_t *take_brief)
{
	const json_t *one;
	size_t i;

	json_array_foreach(take_brief, i, one) {
		const char *section, *type, *name, *addr, *size;
		char area[64];

		assert_int_equal(json_unpack((json_t *)one, "[s, s, s, s, s]", &section,
					     &type, &name, &addr, &size),
				 0);
		snprintf(area, sizeof(area), "MEM_AREA_%s", type);
		json_array_append_new(registrations,
				      json_pack("{s:s, s:s, s:s, s:s, s:s}", "section",
						section, "type", area, "name", name,
						"addr", addr, "size", size));
	}
	json_decref(take_brief);
}

static void take_out(json_t *registrations, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(registrations, i, one)
		if (!strcmp(json_string_value(json_object_get(one, "name")), name))
			break;
	assert_int_equal(json_array_remove(registrations, i), 0);
}

/* The quiet platform of a rule set, with the change of a row (NULL: none). */
static json_t *document_of(const struct mmp_rules *rules, const struct row *row)
{
	const char *const *quiet = rules < &optee_rules[V3_22]  ? quiet_3_4
				   : rules < &optee_rules[V4_5] ? quiet_3_22
								: quiet_4_10;
	json_t *config = quoted_json("%s", quiet[0]), *registrations = json_array();

	add(registrations, quoted_json("%s", quiet[1]));
	if (row && row->config) {
		json_t *change = quoted_json("%s", row->config);

		quoted_put_over(config, change);
		json_decref(change);
	}
	if (row && row->less)
		take_out(registrations, row->less);
	if (row && row->more)
		add(registrations, quoted_json("[%s]", row->more));
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "format", MMP_PLATFORM_FORMAT,
			 "name", row ? row->id : "quiet", "rules", rules->name, "config",
			 config, "registrations", registrations);
}

static void find_in(struct mmp_findings *findings, struct mmp_platform **ret_platform,
		    json_t *take_document, const char *what)
{
	struct mmp_layout layout;
	struct mmp_error err;

	if (mmp_platform_read(take_document, ret_platform, &err))
		fail_msg("%s: %s", what, err.text);
	json_decref(take_document);
	mmp_layout_init(&layout);
	mmp_layout_make(&layout, *ret_platform, NULL, &err);
	mmp_policy_run(findings, *ret_platform, &layout);
	mmp_layout_done(&layout);
}

static void find(struct mmp_findings *findings, struct mmp_platform **ret_platform,
		 const struct mmp_rules *rules, const struct row *row)
{
	find_in(findings, ret_platform, document_of(rules, row),
		row ? row->id : "the quiet platform");
}

static const struct mmp_finding *finding_of(const struct mmp_findings *findings,
					    const char *id)
{
	for (size_t i = 0; i < findings->count; i++)
		if (!strcmp(findings->items[i].id, id))
			return &findings->items[i];
	return NULL;
}

static const struct row *row_in(const struct row *rows, const char *id)
{
	while (rows->id && strcmp(rows->id, id))
		rows++;
	return rows->id ? rows : NULL;
}

static const struct row *row_of(const struct mmp_rules *rules, const char *id)
{
	const struct row *row = rules == &optee_rules[V3_4] ? rows_3_4 : rows_4_10;

	return row_in(row, id);
}

static void show(const struct mmp_findings *findings, const char *what)
{
	print_error("%s:\n", what);
	for (size_t i = 0; i < findings->count; i++)
		print_error("  %s%s: %s\n", findings->items[i].id,
			    findings->items[i].stops ? " (stops)" : "",
			    findings->items[i].text);
}

static bool shows(const struct mmp_rules *rules, const struct mmp_finding_kind *kind,
		  const struct row *row)
{
	struct mmp_findings findings;
	struct mmp_platform *platform;
	const struct mmp_finding *finding;
	bool good;

	mmp_findings_init(&findings);
	find(&findings, &platform, rules, row);
	finding = finding_of(&findings, kind->id);
	good = finding && finding->severity == kind->severity && *finding->text &&
	       strlen(finding->text) < sizeof(finding->text) - 1 &&
	       (!kind->fix || *finding->fix);
	if (!good)
		show(&findings, kind->id);
	mmp_findings_done(&findings);
	mmp_platform_free(platform);
	return good;
}

/* Something is nearly as it was, so the quiet platform is none; and it does not stop. */
static bool near_is_silent(const struct mmp_rules *rules, const struct row *row)
{
	const struct row near = { .id = row->id,
				  .config = row->near.config,
				  .more = row->near.more,
				  .less = row->near.less };
	struct mmp_findings findings;
	struct mmp_platform *platform;
	bool silent;

	mmp_findings_init(&findings);
	find(&findings, &platform, rules, &near);
	silent = !finding_of(&findings, row->id) &&
		 mmp_verdict_of(&findings, NULL) != MMP_STOPS &&
		 (near.config || near.more || near.less);
	if (!silent) {
		print_error("the neighbour of ");
		show(&findings, row->id);
	}
	mmp_findings_done(&findings);
	mmp_platform_free(platform);
	return silent;
}

static void each_kind_is_shown(const struct mmp_rules *rules)
{
	struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
	size_t count = mmp_policy_kinds(rules, kinds);
	unsigned missing = 0;

	for (size_t i = 0; i < count; i++) {
		const struct row *row = row_of(rules, kinds[i].id);

		if (!row)
			print_error("%s: %s has no row\n", rules->name, kinds[i].id);
		missing += !row || (!row->never && (!shows(rules, &kinds[i], row) ||
						    !near_is_silent(rules, row)));
	}
	assert_int_equal(missing, 0);
}

static void what_other_releases_find_has_a_platform_that_shows_it(void **state)
{
	unsigned missing = 0;

	(void)state;
	for (const struct between *between = rows_between; between->row.id; between++) {
		const struct row *row = &between->row;
		const struct mmp_rules *rules = &optee_rules[between->version];
		struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
		size_t i = 0, count = mmp_policy_kinds(rules, kinds);

		while (i < count && strcmp(kinds[i].id, row->id))
			i++;
		assert_true(i < count);
		missing += !shows(rules, &kinds[i], row) || !near_is_silent(rules, row);
	}
	assert_int_equal(missing, 0);
}

/* Ids of any release, as one table of checks serves several. */
static bool is_kind(const char *id, size_t length)
{
	for (unsigned v = 0; v < OPTEE_VERSION_COUNT; v++) {
		struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
		size_t count = mmp_policy_kinds(&optee_rules[v], kinds);

		for (size_t i = 0; i < count; i++)
			if (strlen(kinds[i].id) == length &&
			    !strncmp(kinds[i].id, id, length))
				return true;
	}
	return false;
}

static void what_a_finding_leads_to_is_a_finding(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (unsigned v = 0; v < OPTEE_VERSION_COUNT; v++) {
		struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
		size_t count = mmp_policy_kinds(&optee_rules[v], kinds);

		for (size_t i = 0; i < count; i++) {
			const char *at = kinds[i].leads_to;

			for (size_t length; at && *at; at += length + !!at[length]) {
				length = strcspn(at, " ");
				if (is_kind(at, length))
					continue;
				print_error("%s leads to %.*s\n", kinds[i].id,
					    (int)length, at);
				wrong++;
			}
		}
	}
	assert_int_equal(wrong, 0);
}

static bool is_between(const char *id)
{
	for (const struct between *between = rows_between; between->row.id; between++)
		if (!strcmp(between->row.id, id))
			return true;
	return false;
}

static void every_finding_of_every_release_has_a_row(void **state)
{
	unsigned missing = 0;

	(void)state;
	for (unsigned v = 0; v < OPTEE_VERSION_COUNT; v++) {
		struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
		size_t count = mmp_policy_kinds(&optee_rules[v], kinds);

		for (size_t i = 0; i < count; i++) {
			if (is_between(kinds[i].id) || row_in(rows_4_10, kinds[i].id) ||
			    row_in(rows_3_4, kinds[i].id))
				continue;
			print_error("%s: %s has no row\n", optee_rules[v].name,
				    kinds[i].id);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
}

static void every_finding_of_4_10_has_a_platform_that_shows_it(void **state)
{
	(void)state;
	each_kind_is_shown(&optee_rules[V4_10_257]);
}

static void every_finding_of_3_4_has_a_platform_that_shows_it(void **state)
{
	(void)state;
	each_kind_is_shown(&optee_rules[V3_4]);
}

static void the_quiet_platforms_show_none(void **state)
{
	(void)state;
	/* 3.0 has no section for DDR. */
	for (unsigned v = V3_1; v < OPTEE_VERSION_COUNT; v++) {
		struct mmp_findings findings;
		struct mmp_platform *platform;

		mmp_findings_init(&findings);
		find(&findings, &platform, &optee_rules[v], NULL);
		if (findings.count)
			show(&findings, optee_rules[v].name);
		assert_int_equal(findings.count, 0);
		mmp_findings_done(&findings);
		mmp_platform_free(platform);
	}
}

/* The stop, errors, warnings, info; what a passed test said clings to no other. */
static void the_worst_comes_first_and_is_told_once(void **state)
{
	static const struct row row = {
		"many",
		"{'reserved_shm':{'start':'0xe200000'},'mmap_regions':1}",
		AREA("IO_SEC", "inside", "0x9000000", "0x1000") "," AREA(
			"IO_SEC", "empty", "0x51000000",
			"0x0") "," AREA("IO_SEC", "odd", "0x50000000", "0x10800"),
		"DRAM",
		NULL,
		{ 0 },
	};
	static const char *const ids[] = {
		"secure-nsec-overlap",
		"unaligned",
		"nsec-shm-outside-window",
		"empty-range",
		"device-not-rounded",
		"device-not-rounded",
		"covered",
		"no-ddr",
		"map-grows",
	};
	const size_t count = sizeof(ids) / sizeof(ids[0]);
	struct mmp_findings findings;
	struct mmp_platform *platform;

	(void)state;
	mmp_findings_init(&findings);
	find(&findings, &platform, &optee_rules[V4_10_257], &row);
	if (findings.count != count)
		show(&findings, "many");
	assert_int_equal(findings.count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(findings.items[i].id, ids[i]);
	assert_true(findings.items[0].stops);
	assert_int_equal(findings.items[1].region_count, 1);
	assert_string_equal(
		platform->registrations[findings.items[1].regions[0].ordinal].name,
		"odd");
	mmp_findings_done(&findings);
	mmp_platform_free(platform);
}

static void every_row_is_of_a_kind_and_every_kind_has_its_words(void **state)
{
	(void)state;
	for (size_t n = 0; n < 2; n++) {
		const struct mmp_rules *r = &optee_rules[n ? V3_4 : V4_10_257];
		struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
		size_t count = mmp_policy_kinds(r, kinds), rows = 0;

		for (const struct row *row = r == &optee_rules[V3_4] ? rows_3_4
								     : rows_4_10;
		     row->id; row++)
			rows++;
		assert_int_equal(rows, count);
		for (size_t i = 0; i < count; i++) {
			assert_true(*kinds[i].about);
			assert_non_null(row_of(r, kinds[i].id));
			for (const char *at = kinds[i].id; *at; at++)
				assert_non_null(strchr(
					"abcdefghijklmnopqrstuvwxyz0123456789-", *at));
		}
	}
}

/* More than are kept that are worth knowing, before the check that finds the error runs. */
static void an_error_is_told_where_lesser_findings_fill_the_list(void **state)
{
	json_t *document =
		document_of(&optee_rules[V3_4], row_of(&optee_rules[V3_4], "va-wraps"));
	json_t *registrations = json_object_get(document, "registrations");
	struct mmp_findings findings;
	struct mmp_platform *platform;

	(void)state;
	for (size_t i = 0; i < MMP_FINDINGS_MAX + 100; i++)
		add(registrations,
		    quoted_json("[%s]", AREA("IO_SEC", "x", "0x9000000", "0x200000")));
	mmp_findings_init(&findings);
	find_in(&findings, &platform, document, "va-wraps, and more");
	assert_int_equal(findings.count, MMP_FINDINGS_MAX);
	assert_true(findings.omitted >= 101);
	assert_non_null(finding_of(&findings, "va-wraps"));
	assert_non_null(finding_of(&findings, "covered"));
	mmp_findings_done(&findings);
	mmp_platform_free(platform);
}

static void a_fix_is_tried_where_lesser_findings_fill_the_list(void **state)
{
	const struct mmp_rules *rules = &optee_rules[V4_10_257];
	json_t *document = document_of(rules, row_of(rules, "stack-space-full"));
	json_t *registrations = json_object_get(document, "registrations");
	struct mmp_findings findings;
	struct mmp_platform *platform;

	(void)state;
	for (size_t i = 0; i < MMP_FINDINGS_MAX + 100; i++)
		add(registrations,
		    quoted_json("[%s]", AREA("RAM_NSEC", "x", "0x9000000", "0x200000")));
	mmp_findings_init(&findings);
	find_in(&findings, &platform, document, "stack-space-full, and more");
	assert_true(findings.omitted > 0);
	assert_non_null(finding_of(&findings, "stack-space-full"));
	assert_true(finding_of(&findings, "stack-space-full")->proven >= 0);
	mmp_findings_done(&findings);
	mmp_platform_free(platform);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_of_a_kind_and_every_kind_has_its_words),
		cmocka_unit_test(the_quiet_platforms_show_none),
		cmocka_unit_test(the_worst_comes_first_and_is_told_once),
		cmocka_unit_test(an_error_is_told_where_lesser_findings_fill_the_list),
		cmocka_unit_test(a_fix_is_tried_where_lesser_findings_fill_the_list),
		cmocka_unit_test(every_finding_of_4_10_has_a_platform_that_shows_it),
		cmocka_unit_test(every_finding_of_3_4_has_a_platform_that_shows_it),
		cmocka_unit_test(what_other_releases_find_has_a_platform_that_shows_it),
		cmocka_unit_test(every_finding_of_every_release_has_a_row),
		cmocka_unit_test(what_a_finding_leads_to_is_a_finding),
	};
	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
