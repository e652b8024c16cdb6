/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "doc/platform.h"
#include "policy/policy.h"
#include "rules/tfa/tfa.h"

/* Every finding of TF-A's rules has a platform that shows it, and sound ones show none. */

#define REGION(op, pa, va, size, attr)                                                   \
	"{\"op\": \"" op "\", \"pa\": \"" pa "\", \"va\": \"" va "\", \"size\": \"" size \
	"\", \"attr\": \"" attr "\"}"
#define ADD(pa, size)     REGION("add", pa, pa, size, "0xa")
#define DYNAMIC(pa, size) REGION("add_dynamic", pa, pa, size, "0xa")
#define ALLOC(pa, size)                                                                  \
	"{\"op\": \"add_alloc_va\", \"pa\": \"" pa "\", \"size\": \"" size               \
	"\", \"attr\": \"0xa\"}"
#define INIT "{\"op\": \"init\"}"

struct row {
	const char *id, *config, *calls;
	const char *near_config, *near_calls; /* a neighbour that does not show it */
};

/* clang-format off */
static const struct row rows[] = {
	{ "tfa-add-after-init", "", INIT "," ADD("0x1000", "0x1000"),
	  "", ADD("0x1000", "0x1000") "," INIT },
	{ "tfa-region-refused", "", ADD("0x1000", "0x2000") "," ADD("0x2000", "0x2000") "," INIT,
	  "", ADD("0x1000", "0x1000") "," ADD("0x2000", "0x2000") "," INIT },
	{ "tfa-alloc-size-zero", "", ALLOC("0x1000", "0x0"),
	  "", ADD("0x1000", "0x1000") "," ALLOC("0x2000", "0x1000") "," INIT },
	{ "tfa-alloc-va-wraps", "\"arch\": \"arm32\", \"regime\": \"el1\"", ADD("0xfffff000", "0x1000") "," ALLOC("0x1000", "0x1000"),
	  "\"arch\": \"arm32\", \"regime\": \"el1\"", ADD("0xffffe000", "0x1000") "," ALLOC("0x1000", "0x1000") "," INIT },
	{ "tfa-init-twice", "", INIT "," INIT,
	  "", INIT },
	{ "tfa-va-space-small", "\"va_space\": \"0x1000000\"", INIT,
	  "\"va_space\": \"0x2000000\"", INIT },
	{ "tfa-va-space-large", "\"va_space\": \"0x2000000000000\"", INIT,
	  "\"va_space\": \"0x1000000000000\", \"pa_space\": \"0x100000000\"", INIT },
	{ "tfa-va-space-power", "\"va_space\": \"0xc0000000\"", INIT,
	  "\"va_space\": \"0x80000000\"", INIT },
	{ "tfa-tables-exhausted", "\"max_xlat_tables\": 1", ADD("0x1000", "0x1000") "," INIT,
	  "\"max_xlat_tables\": 2", ADD("0x1000", "0x1000") "," INIT },
	{ "tfa-physical-space", "", REGION("add", "0x1000", "0x1000", "0x1000", "0x3a") "," INIT,
	  "", REGION("add", "0x1000", "0x1000", "0x1000", "0x1a") "," INIT },
	{ "tfa-rme-regime", "\"rme\": true, \"regime\": \"el1\"", ADD("0x1000", "0x1000") "," INIT,
	  "\"rme\": true", ADD("0x1000", "0x1000") "," INIT },
	{ "tfa-rme-secure", "\"rme\": true, \"cpu\": {\"sel2\": false}", ADD("0x1000", "0x1000") "," INIT,
	  "\"rme\": true, \"cpu\": {\"sel2\": true}", ADD("0x1000", "0x1000") "," INIT },
	{ "tfa-memory-type", "", REGION("add", "0x1000", "0x1000", "0x1000", "0xb") "," INIT,
	  "", REGION("add", "0x1000", "0x1000", "0x1000", "0xa") "," INIT },
	{ "tfa-cpu-pa-range", "\"pa_space\": \"0x1000000000\", \"cpu\": {\"parange\": 0}", INIT,
	  "\"pa_space\": \"0x100000000\", \"cpu\": {\"parange\": 0}", INIT },
	{ "tfa-change-before-init", "", "{\"op\": \"change_attributes\", \"va\": \"0x0\", \"size\": \"0x1000\", \"attr\": \"0x0\"}",
	  "", ADD("0x1000", "0x1000") "," INIT "," "{\"op\": \"change_attributes\", \"va\": \"0x1000\", \"size\": \"0x1000\", \"attr\": \"0x40\"}" },
	{ "tfa-get-before-init", "", "{\"op\": \"get_attributes\", \"va\": \"0x0\"}",
	  "", ADD("0x1000", "0x1000") "," INIT "," "{\"op\": \"get_attributes\", \"va\": \"0x1000\"}" },
	{ "tfa-pa-48-bits", "\"pa_space\": \"0x4000000000000\", \"cpu\": {\"parange\": 7}", REGION("add", "0x1000000000000", "0x0", "0x1000", "0xa") "," INIT,
	  "\"pa_space\": \"0x1000000000000\", \"cpu\": {\"parange\": 5}", REGION("add", "0xfffffffff000", "0x0", "0x1000", "0xa") "," INIT },
	{ "tfa-tables-exhausted-dynamic", "\"max_xlat_tables\": 1, \"dynamic\": true", ADD("0x1000", "0x1000") "," INIT,
	  "\"max_xlat_tables\": 4, \"dynamic\": true", ADD("0x1000", "0x1000") "," INIT },
	{ "tfa-realm-without-rmm", "\"rme\": true", REGION("add", "0x1000", "0x1000", "0x1000", "0x3a") "," INIT,
	  "\"rme\": true", REGION("add", "0x1000", "0x1000", "0x1000", "0x2a") "," INIT },
	{ "tfa-tables-past-array", "\"max_xlat_tables\": 1, \"debug\": false", ADD("0x1000", "0x1000") "," INIT,
	  "\"max_xlat_tables\": 2, \"debug\": false", ADD("0x1000", "0x1000") "," INIT },
	{ "tfa-region-dropped", "\"debug\": false", ADD("0x1000", "0x2000") "," ADD("0x2000", "0x2000") "," INIT,
	  "\"debug\": false", ADD("0x1000", "0x1000") "," ADD("0x2000", "0x2000") "," INIT },
	{ "tfa-dynamic-refused", "\"dynamic\": true", ADD("0x1000", "0x2000") "," INIT "," DYNAMIC("0x2000", "0x2000"),
	  "\"dynamic\": true", ADD("0x1000", "0x1000") "," INIT "," DYNAMIC("0x2000", "0x2000") },
	{ "tfa-dynamic-no-table", "\"max_xlat_tables\": 2, \"dynamic\": true", INIT "," DYNAMIC("0x1000", "0x1000") "," DYNAMIC("0x40001000", "0x1000"),
	  "\"max_xlat_tables\": 4, \"dynamic\": true", INIT "," DYNAMIC("0x1000", "0x1000") "," DYNAMIC("0x40001000", "0x1000") },
	{ "tfa-table-leaked", "\"max_xlat_tables\": 3, \"dynamic\": true", INIT "," DYNAMIC("0x1000", "0x1000") "," DYNAMIC("0x40001000", "0x1000"),
	  "\"max_xlat_tables\": 4, \"dynamic\": true", INIT "," DYNAMIC("0x1000", "0x1000") "," DYNAMIC("0x40001000", "0x1000") },
	{ "tfa-call-refused", "", INIT "," "{\"op\": \"get_attributes\", \"va\": \"0x0\"}",
	  "", ADD("0x1000", "0x1000") "," INIT "," "{\"op\": \"get_attributes\", \"va\": \"0x1000\"}" },
	{ "tfa-repeated", "", ADD("0x1000", "0x2000") "," ADD("0x2000", "0x1000") "," INIT,
	  "", ADD("0x1000", "0x2000") "," ADD("0x3000", "0x1000") "," INIT },
	{ "tfa-no-init", "", ADD("0x1000", "0x2000"),
	  "", ADD("0x1000", "0x2000") "," INIT },
};
/* clang-format on */

static struct mmp_platform *platform_of(const char *id, const char *config,
					const char *calls)
{
	struct mmp_platform *platform;
	struct mmp_error err;
	char text[2048];
	json_error_t at;
	json_t *document;

	snprintf(text, sizeof(text),
		 "{\"format\": \"%s\", \"name\": \"%s\", \"rules\": \"tfa-2.15\", "
		 "\"config\": {%s}, \"registrations\": [%s]}",
		 MMP_PLATFORM_FORMAT, id, config, calls);
	document = json_loads(text, 0, &at);
	if (!document)
		fail_msg("%s: %s", id, at.text);
	if (mmp_platform_read(document, &platform, &err))
		fail_msg("%s: %s", id, err.text);
	json_decref(document);
	return platform;
}

/* The first finding of that id, or NULL; findings are the caller's. */
static const struct mmp_finding *find(struct mmp_findings *findings,
				      const struct mmp_platform *platform, const char *id)
{
	struct mmp_layout layout;
	struct mmp_error err;

	mmp_layout_init(&layout);
	mmp_layout_make(&layout, platform, NULL, &err);
	mmp_policy_run(findings, platform, &layout);
	mmp_layout_done(&layout);
	for (size_t i = 0; i < findings->count; i++)
		if (!strcmp(findings->items[i].id, id))
			return &findings->items[i];
	return NULL;
}

static void every_finding_has_a_neighbour_that_does_not_show_it(void **unused)
{
	unsigned wrong = 0;

	for (size_t n = 0; n < COUNT(rows); n++) {
		struct mmp_platform *platform =
			platform_of(rows[n].id, rows[n].near_config, rows[n].near_calls);
		struct mmp_findings findings;

		mmp_findings_init(&findings);
		if (find(&findings, platform, rows[n].id) ||
		    mmp_verdict_of(&findings, NULL) != MMP_BOOTS) {
			print_error("the neighbour of %s: %s: %s\n", rows[n].id,
				    findings.items[0].id, findings.items[0].text);
			wrong++;
		}
		mmp_findings_done(&findings);
		mmp_platform_free(platform);
	}
	assert_int_equal(wrong, 0);
}

static void every_finding_has_a_platform_that_shows_it(void **unused)
{
	for (size_t n = 0; n < COUNT(rows); n++) {
		struct mmp_platform *platform =
			platform_of(rows[n].id, rows[n].config, rows[n].calls);
		const struct mmp_finding *finding;
		struct mmp_findings findings;

		mmp_findings_init(&findings);
		finding = find(&findings, platform, rows[n].id);
		if (!finding)
			fail_msg("%s is not among %zu findings", rows[n].id,
				 findings.count);
		assert_true(*finding->text);
		mmp_findings_done(&findings);
		mmp_platform_free(platform);
	}
}

static void every_kind_of_its_own_has_a_row(void **unused)
{
	struct mmp_finding_kind kinds[MMP_FINDING_KINDS_MAX];
	size_t count = mmp_policy_kinds(&tfa_2_15, kinds), own = 0;

	for (size_t i = 0; i < count; i++) {
		bool found = strncmp(kinds[i].id, "tfa-", 4) != 0;

		own += !found;
		for (size_t n = 0; n < COUNT(rows); n++)
			found = found || !strcmp(rows[n].id, kinds[i].id);
		if (!found)
			fail_msg("%s has no row", kinds[i].id);
		assert_true(*kinds[i].about);
	}
	assert_int_equal(own, COUNT(rows));
}

static void the_platforms_that_come_with_mmp_show_none(void **unused)
{
	static const char *const names[] = { "qemu-bl31", "zynqmp-bl31", "fvp-bl31" };
	const char *top = getenv("top_srcdir");

	for (size_t n = 0; n < COUNT(names); n++) {
		struct mmp_findings findings;
		struct mmp_platform *platform;
		struct mmp_error err;
		char path[512];
		json_t *document;

		snprintf(path, sizeof(path), "%s/platforms/%s.json", top ? top : ".",
			 names[n]);
		document = json_load_file(path, 0, NULL);
		assert_int_equal(mmp_platform_read(document, &platform, &err), 0);
		json_decref(document);
		mmp_findings_init(&findings);
		find(&findings, platform, "none");
		assert_int_equal(findings.count, 0);
		mmp_findings_done(&findings);
		mmp_platform_free(platform);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_finding_has_a_platform_that_shows_it),
		cmocka_unit_test(every_finding_has_a_neighbour_that_does_not_show_it),
		cmocka_unit_test(every_kind_of_its_own_has_a_row),
		cmocka_unit_test(the_platforms_that_come_with_mmp_show_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
