/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/explain.h"

#include <stdlib.h>

#include "doc/explain.h"
#include "doc/findings.h"
#include "memory.h"
#include "work/compute.h"

struct explain_work {
	struct computing computing; /* must be first */
	struct mmp_platform *platform;
	uint64_t revision;
	char *what;
	json_t *result;
	struct mmp_error err;
};

static void name_platform(const struct explain_work *x)
{
	json_object_set_new(x->result, "platform", json_string(x->platform->name));
	json_object_set_new(x->result, "revision",
			    x->revision ? json_integer((json_int_t)x->revision)
					: json_null());
}

/* Set only the verdict; the findings are left to layout.compute. */
static void set_verdict(const struct explain_work *x, const struct mmp_layout *layout)
{
	struct mmp_writer builder = MMP_BUILDER;
	struct mmp_findings findings;
	json_t *verdict;

	mmp_findings_init(&findings);
	findings.errors_only = true;
	mmp_policy_run(&findings, x->platform, layout);
	mmp_writer_begin(&builder, '{');
	mmp_verdict_word_members(&builder, &findings);
	mmp_writer_end(&builder, '}');
	verdict = mmp_writer_done(&builder);
	json_object_update(x->result, verdict);
	json_decref(verdict);
	mmp_findings_done(&findings);
}

static void work_explain(struct computing *computing)
{
	struct explain_work *x = (struct explain_work *)(void *)computing;
	struct mmp_layout layout;
	bool stopped = false;

	mmp_layout_init(&layout);
	if (mmp_layout_make(&layout, x->platform, NULL, &x->err))
		stopped = x->err.code == MMP_FIRMWARE_STOP;
	else
		x->err.code = MMP_OK;
	if ((x->err.code == MMP_OK || stopped) &&
	    !mmp_explain_write(x->platform, &layout, stopped, x->what, &x->result,
			       &x->err)) {
		name_platform(x);
		set_verdict(x, &layout);
	}
	mmp_layout_done(&layout);
}

static int answer_explain(struct computing *computing, struct mmp_call *call,
			  json_t **ret_result, struct mmp_error *err)
{
	struct explain_work *x = (struct explain_work *)(void *)computing;

	(void)call;
	*ret_result = json_incref(x->result);
	if (x->result)
		return 0;
	*err = x->err;
	return -1;
}

static void free_explain(struct computing *computing)
{
	struct explain_work *x = (struct explain_work *)(void *)computing;

	mmp_platform_free(x->platform);
	json_decref(x->result);
	free(x->what);
	free(x);
}

int explain_run(struct mmp_call *call, struct mmp_platform *take_platform,
		uint64_t revision, const char *what, json_t **ret_result,
		struct mmp_error *err)
{
	static const struct computing_kind kind = { .work = work_explain,
						    .answer = answer_explain,
						    .free = free_explain };
	struct explain_work *x = xcalloc(1, sizeof(*x));

	x->platform = take_platform;
	x->revision = revision;
	x->what = xstrdup(what);
	return compute_run(call, &x->computing, &kind, take_platform, ret_result, err);
}
