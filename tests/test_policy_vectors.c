/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/platform.h"
#include "policy/policy.h"
#include "rules/optee/optee.h"
#include "vector.h"

/* What is true of the findings of every recorded platform, whether it boots or not. */

static bool boots(const json_t *vector)
{
	const json_t *output = json_object_get(vector, "output");

	return !json_object_get(output, "error") &&
	       !json_object_get(output, "nsec_ddr_error");
}

static bool is_real(const json_t *vector, const char *folder)
{
	const char *class = json_string_value(json_object_get(vector, "class"));

	return !strcmp(folder, "real") || (class && !strcmp(class, "platform"));
}

static void assert_found(const struct mmp_findings *findings,
			 const struct mmp_layout *layout)
{
	const struct mmp_stop *stop = mmp_layout_stop(layout);
	unsigned stops = 0;

	if (!stop && layout->ddr.stop.info)
		stop = &layout->ddr.stop;
	for (size_t i = 0; i < findings->count; i++) {
		const struct mmp_finding *f = &findings->items[i];

		stops += f->stops;
		assert_non_null(f->id);
		assert_true(f->text[0]);
		assert_in_range(f->region_count, 0, MMP_FINDING_REGIONS);
		for (unsigned k = 0; k < f->region_count; k++)
			assert_true(f->regions[k].ordinal <
				    (int64_t)findings->platform->count);
		/* the worst first */
		assert_true(!i || f[-1].stops ||
			    (!f->stops && f[-1].severity >= f->severity));
		for (size_t k = 0; k < i; k++) /* nothing is told twice */
			assert_true(strcmp(findings->items[k].id, f->id) ||
				    strcmp(findings->items[k].text, f->text));
	}
	if (!stop) /* a later user of the map may stop the boot; the recordings end before */
		assert_in_range(stops, 0, 1);
	else
		assert_int_equal(stops, 1);
	if (stop && !findings->items[0].step) {
		assert_true(findings->items[0].stops);
		assert_string_equal(findings->items[0].id, stop->info->id);
		assert_int_equal(findings->items[0].severity, MMP_ERROR);
	}
}

static void assert_same_finding(const struct mmp_finding *a, const struct mmp_finding *b)
{
	assert_string_equal(a->id, b->id);
	assert_string_equal(a->text, b->text);
	assert_string_equal(a->fix, b->fix);
	assert_int_equal(a->stops, b->stops);
	assert_int_equal(!a->because_of, !b->because_of);
	if (a->because_of)
		assert_string_equal(a->because_of, b->because_of);
}

/* A run that is only for the errors finds the same ones, with the same causes. */
static void assert_same_errors(const struct mmp_findings *all,
			       const struct mmp_layout *layout)
{
	struct mmp_findings errors;
	size_t i;

	mmp_findings_init(&errors);
	errors.errors_only = true;
	mmp_policy_run(&errors, all->platform, layout);
	for (i = 0; i < all->count && all->items[i].severity == MMP_ERROR; i++) {
		assert_true(i < errors.count);
		assert_same_finding(&all->items[i], &errors.items[i]);
	}
	assert_true(i == errors.count || errors.items[i].severity != MMP_ERROR);
	assert_int_equal(mmp_verdict_of(all, NULL), mmp_verdict_of(&errors, NULL));
	mmp_findings_done(&errors);
}

/* True where it is as it must be; says what is not. */
static bool check_vector(const json_t *vector, const char *folder, const char *file)
{
	struct mmp_findings findings;
	struct mmp_platform *platform;
	struct mmp_layout layout;
	struct mmp_error err;
	bool good = true;

	assert_int_equal(mmp_platform_read(vector, &platform, &err), 0);
	mmp_layout_init(&layout);
	mmp_findings_init(&findings);
	mmp_layout_make(&layout, platform, NULL, &err);
	mmp_policy_run(&findings, platform, &layout);
	assert_found(&findings, &layout);
	assert_same_errors(&findings, &layout);
	for (size_t i = 0; i < findings.count; i++) {
		const struct mmp_finding *f = &findings.items[i];

		if (getenv("MMP_SHOW_FINDINGS"))
			print_message("%s: %s %s%s: %s [fix: %s]\n", file,
				      mmp_severity_names[f->severity], f->id,
				      f->stops ? " STOPS" : "", f->text, f->fix);
		if (f->severity != MMP_ERROR || !boots(vector) ||
		    !is_real(vector, folder))
			continue;
		/* Recordings off the board had boot memory enough, whatever was left. */
		if (f->step == MMP_STEP_BOOT_MEMORY && strcmp(folder, "real"))
			continue;
		/* A platform that maps all of its core once more, writable. It boots. */
		if (!strcmp(f->id, "write-execute-alias") && strstr(file, "dra7xx"))
			continue;
		/* 3.0 boots with it, and maps another address than it says. */
		if (!strcmp(f->id, "mapped-below"))
			continue;
		print_message("%s/%s: %s: %s\n", folder, file, f->id, f->text);
		good = false;
	}
	mmp_findings_done(&findings);
	mmp_layout_done(&layout);
	mmp_platform_free(platform);
	return good;
}

struct folder {
	const char *name;
	unsigned wrong;
};

static void check_one(void *data, const char *name, const json_t *vector)
{
	struct folder *folder = data;

	folder->wrong += !check_vector(vector, folder->name, name);
}

static void check_folder(const char *name)
{
	struct folder folder = { .name = name };

	vector_each(name, 1, check_one, &folder);
	assert_int_equal(folder.wrong, 0);
}

static void platforms_that_boot_have_no_error(void **state)
{
	(void)state;
	check_folder("optee-4.10/lpae");
	check_folder("optee-4.10/short");
	check_folder("real");
}

static void platforms_of_3_4_that_boot_have_no_error(void **state)
{
	(void)state;
	check_folder("optee-3.4/lpae");
	check_folder("optee-3.4/short");
	check_folder("optee-3.4/platforms");
	check_folder("optee-3.4/platforms-short");
}

static void platforms_of_every_release_that_boot_have_no_error(void **state)
{
	char folder[64];

	(void)state;
	check_folder("corners");
	for (unsigned v = V3_0; v < V4_10_257; v++) {
		if (v == V3_4)
			continue;
		snprintf(folder, sizeof(folder), "releases/%s.0",
			 strchr(optee_rules[v].name, '-') + 1);
		check_folder(folder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(platforms_that_boot_have_no_error),
		cmocka_unit_test(platforms_of_3_4_that_boot_have_no_error),
		cmocka_unit_test(platforms_of_every_release_that_boot_have_no_error),
	};
	return cmocka_run_group_tests_name("policy of vectors", tests, NULL, NULL);
}
