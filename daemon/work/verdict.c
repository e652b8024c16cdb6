/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "doc/findings.h"
#include "memory.h"

struct judging {
	struct computing computing;
	struct mmp_platform *platform;
	json_t *result;
};

/*
 * Keep only the findings that prevent the platform from booting, as layout.compute shows
 * the rest. Errors come first in the list.
 */
static void keep_errors(struct mmp_findings *findings)
{
	size_t errors = 0;

	while (errors < findings->count && findings->items[errors].severity == MMP_ERROR)
		errors++;
	findings->count = errors;
}

json_t *verdict_of(const struct mmp_platform *platform)
{
	struct mmp_findings findings;
	struct mmp_layout layout;
	struct mmp_writer builder = MMP_BUILDER;
	struct mmp_error err;

	mmp_writer_begin(&builder, '{');
	mmp_layout_init(&layout);
	mmp_findings_init(&findings);
	findings.errors_only = true;
	if (!mmp_layout_make(&layout, platform, NULL, &err) ||
	    err.code == MMP_FIRMWARE_STOP) {
		mmp_policy_run(&findings, platform, &layout);
		keep_errors(&findings);
		mmp_verdict_members(&builder, &findings);
	}
	mmp_findings_done(&findings);
	mmp_layout_done(&layout);
	mmp_writer_end(&builder, '}');
	return mmp_writer_done(&builder);
}

static void compute_verdict(struct computing *computing)
{
	struct judging *j = container_of(computing, struct judging, computing);
	json_t *verdict = verdict_of(j->platform);

	json_object_update(j->result, verdict);
	json_decref(verdict);
}

static int answer_judged(struct computing *computing, struct mmp_call *call,
			 json_t **ret_result, struct mmp_error *err)
{
	struct judging *j = container_of(computing, struct judging, computing);

	(void)call;
	(void)err;
	*ret_result = json_incref(j->result);
	return 0;
}

static void free_judging(struct computing *computing)
{
	struct judging *j = container_of(computing, struct judging, computing);

	mmp_platform_free(j->platform);
	json_decref(j->result);
	free(j);
}

int verdict_answer(struct mmp_call *call, struct mmp_platform *take_platform,
		   json_t *take_result, json_t **ret_result, struct mmp_error *err)
{
	static const struct computing_kind kind = { .work = compute_verdict,
						    .answer = answer_judged,
						    .free = free_judging };
	struct judging *j = xcalloc(1, sizeof(*j));

	j->platform = take_platform;
	j->result = take_result;
	(void)ret_result, (void)err;
	return compute_in_thread(call, &j->computing, &kind);
}
