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

/* Only what keeps the platform from booting: the rest is what layout.compute is for. */
static void keep_errors(json_t *answer)
{
	json_t *findings = json_object_get(answer, "findings");

	for (size_t i = json_array_size(findings); i-- > 0;) {
		const char *severity = json_string_value(
			json_object_get(json_array_get(findings, i), "severity"));

		if (severity && strcmp(severity, mmp_severity_names[MMP_ERROR]) != 0)
			json_array_remove(findings, i);
	}
}

json_t *verdict_of(const struct mmp_platform *platform)
{
	struct mmp_layout layout;
	struct mmp_error err;
	json_t *answer = json_object();

	mmp_layout_init(&layout);
	if (!mmp_layout_make(&layout, platform, NULL, &err) ||
	    err.code == MMP_FIRMWARE_STOP)
		mmp_policy_write(answer, platform, &layout);
	mmp_layout_done(&layout);
	keep_errors(answer);
	return answer;
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
