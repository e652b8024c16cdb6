/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <inttypes.h>
#include <stdlib.h>

#include "doc/layout.h"
#include "doc/platform.h"
#include "random_platform.h"
#include "rules/optee/optee.h"
#include "tables/layout.h"

/*
 * Releases that answer every input alike that both take, by format; options that set them
 * apart are left off (optee-releases.md, section 1).
 */
static const struct neighbours {
	enum optee_version one, other;
	bool arm64, lpae32, shorts;
} neighbours[] = {
	{ V3_3, V3_4, true, true, true },         { V3_5, V3_6, true, true, true },
	{ V3_6, V3_7, true, true, true },         { V3_9, V3_10, false, true, true },
	{ V3_12, V3_13, true, true, true },       { V3_13, V3_14, true, true, true },
	{ V3_15, V3_16, false, true, false },     { V3_16, V3_17, false, false, true },
	{ V3_18, V3_19, false, false, true },     { V3_19, V3_20, true, true, true },
	{ V3_20, V3_21, true, true, true },       { V4_2, V4_3, true, true, true },
	{ V4_6, V4_7, false, true, true },        { V4_7, V4_8, true, true, true },
	{ V4_8, V4_9, true, true, true },         { V4_9, V4_10, false, false, true },
	{ V4_10, V4_10_257, false, false, true },
};

static void take_format(struct optee_config *c, unsigned format)
{
	c->arch = format ? OPTEE_ARM32 : OPTEE_ARM64;
	c->lpae = format < 2;
	c->kasan = c->sanitize_undefined = c->map_ext_dt_secure = false;
	c->bti = c->memtag = false;
	c->ns_virtualization = c->ns_virtualization && !format;
}

/* The same under other rules, without what only its own have. */
static struct mmp_platform *twin_of(const struct mmp_platform *p,
				    const struct mmp_rules *rules)
{
	struct mmp_platform *twin = mmp_platform_new(p->name, rules);
	struct mmp_error err;

	assert_non_null(twin);
	twin->config = p->config;
	for (size_t i = 0; i < p->count; i++)
		if (rules->types[p->registrations[i].type].name)
			assert_int_equal(
				mmp_platform_add(twin, &p->registrations[i], &err), 0);
	return twin;
}

/* What an answer says, or where the firmware stops; the function may have moved. */
static json_t *answer_of(const struct mmp_platform *p)
{
	struct mmp_layout layout;
	struct mmp_error err;
	json_t *answer, *firmware;

	mmp_layout_init(&layout);
	if (!mmp_layout_make(&layout, p, NULL, &err)) {
		answer = mmp_layout_write(&layout, MMP_DETAIL_FULL);
		firmware = json_object_get(answer, "nsec_ddr_error");
	} else {
		assert_int_equal(err.code, MMP_FIRMWARE_STOP);
		answer = mmp_layout_stop_write(&layout);
		firmware = json_object_get(answer, "firmware");
	}
	if (firmware) {
		json_object_del(firmware, "func");
		json_object_del(firmware, "line");
		json_object_del(firmware, "trace");
	}
	mmp_layout_done(&layout);
	return answer;
}

/* Returns whether the case counts: both take it. */
static bool answers_alike(const struct neighbours *n, unsigned format)
{
	const struct mmp_rules *one = &optee_rules[n->one],
			       *other = &optee_rules[n->other];
	struct mmp_platform *p = random_platform(one), *a, *b;
	struct mmp_error err;
	json_t *x, *y;
	bool taken;

	take_format(optee_edit(&p->config), format);
	b = twin_of(p, other);
	a = twin_of(b, one);
	taken = a->count == b->count && !one->check(one, &a->config, &err) &&
		!other->check(other, &b->config, &err);
	if (taken) {
		x = answer_of(a);
		y = answer_of(b);
		if (!json_equal(x, y))
			fail_msg("%s and %s differ, format %u: %s", one->name,
				 other->name, format,
				 json_dumps(mmp_platform_write(a), 0));
		json_decref(x);
		json_decref(y);
	}
	mmp_platform_free(p);
	mmp_platform_free(a);
	mmp_platform_free(b);
	return taken;
}

static void neighbours_of_one_class_answer_alike(void **state)
{
	uint64_t cases = check_setting("MMP_TEST_CASES", DEFAULT_CASES) / 20, taken = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(neighbours); i++) {
		const bool formats[] = { neighbours[i].arm64, neighbours[i].lpae32,
					 neighbours[i].shorts };

		for (unsigned format = 0; format < COUNT(formats); format++)
			for (uint64_t n = 0; formats[format] && n < cases; n++) {
				random_begin(DEFAULT_SEED, n);
				taken += answers_alike(&neighbours[i], format);
			}
	}
	print_message("%" PRIu64 " platforms under two releases each\n", taken);
	assert_true(!cases || taken > 10 * cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neighbours_of_one_class_answer_alike),
	};

	return cmocka_run_group_tests_name("neighbours", tests, NULL, NULL);
}
