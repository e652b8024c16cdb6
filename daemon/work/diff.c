/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/diff.h"

#include <stdlib.h>

#include "doc/diff.h"
#include "doc/findings.h"
#include "memory.h"
#include "work/compute.h"

struct side {
	struct diff_side given;
	struct mmp_layout layout;
	json_t *answer; /* findings and verdict */
	bool stopped;
};

struct diff_work {
	struct computing computing; /* must be first */
	struct side before, after;
	const json_t *fail_on; /* borrowed from the call, which lives longer */
	json_t *result;
	struct mmp_error err;
};

static int make_side(struct side *side, struct mmp_error *err)
{
	const struct mmp_platform *platform = side->given.take_platform;

	if (mmp_layout_make(&side->layout, platform, NULL, err)) {
		if (err->code != MMP_FIRMWARE_STOP)
			return -1;
		side->stopped = true;
	}
	side->answer = json_object();
	mmp_policy_write(side->answer, platform, &side->layout);
	return 0;
}

static struct mmp_diff_side side_of(const struct side *side)
{
	return (struct mmp_diff_side){
		.platform = side->given.take_platform,
		.layout = &side->layout,
		.stopped = side->stopped,
		.findings = json_object_get(side->answer, "findings"),
	};
}

static void name_side(json_t *result, const char *key, const struct side *side)
{
	const struct mmp_platform *platform = side->given.take_platform;
	uint64_t revision = side->given.revision;
	json_t *verdict = json_object_get(side->answer, "verdict");
	json_t *name = json_pack(
		"{s:s, s:s, s:o}", "name", platform->name, "rules", platform->rules->name,
		"revision", revision ? json_integer((json_int_t)revision) : json_null());

	if (verdict)
		json_object_set(name, "verdict", verdict);
	json_object_set_new(result, key, name);
}

static void work_diff(struct computing *computing)
{
	struct diff_work *d = (struct diff_work *)(void *)computing;
	struct mmp_diff_side before, after;

	if (make_side(&d->before, &d->err) || make_side(&d->after, &d->err))
		return;
	before = side_of(&d->before);
	after = side_of(&d->after);
	if (mmp_diff_write(&before, &after, d->fail_on, &d->result, &d->err))
		return;
	name_side(d->result, "before", &d->before);
	name_side(d->result, "after", &d->after);
}

static int answer_diff(struct computing *computing, struct mmp_call *call,
		       json_t **ret_result, struct mmp_error *err)
{
	struct diff_work *d = (struct diff_work *)(void *)computing;

	(void)call;
	*ret_result = json_incref(d->result);
	if (d->result)
		return 0;
	*err = d->err;
	return -1;
}

static void free_side(struct side *side)
{
	mmp_layout_done(&side->layout);
	mmp_platform_free(side->given.take_platform);
	json_decref(side->answer);
}

static void free_diff(struct computing *computing)
{
	struct diff_work *d = (struct diff_work *)(void *)computing;

	free_side(&d->before);
	free_side(&d->after);
	json_decref(d->result);
	free(d);
}

int diff_run(struct mmp_call *call, const struct diff_side *before,
	     const struct diff_side *after, json_t *fail_on)
{
	static const struct computing_kind kind = { .work = work_diff,
						    .answer = answer_diff,
						    .free = free_diff };
	struct diff_work *d = xcalloc(1, sizeof(*d));

	d->before.given = *before;
	d->after.given = *after;
	mmp_layout_init(&d->before.layout);
	mmp_layout_init(&d->after.layout);
	d->fail_on = fail_on;
	return compute_in_thread(call, &d->computing, &kind);
}
