/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/findings.h"
#include "doc/layout.h"
#include "methods.h"

struct compute {
	json_t *platform;
	uint64_t revision;
	int detail;
};

/* clang-format off */
static const struct mmp_param compute_params[] = {
	{ "platform", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct compute, platform), true,
	  "its name, or a document, or a recorded vector", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct compute, revision), false,
	  "an earlier one of that name; else the newest", NULL },
	{ "detail", MMP_PARAM_CHOICE, offsetof(struct compute, detail), false,
	  "full, or map: without the tables", mmp_detail_names },
	{ 0 },
};
/* clang-format on */

/* Findings come with a result and with an error alike. */
static int write_layout(struct mmp_call *call, const struct mmp_platform *platform,
			int detail, json_t **ret_result, struct mmp_error *err)
{
	struct mmp_layout layout;
	json_t *answer = NULL;
	int failed;

	mmp_layout_init(&layout);
	failed = mmp_layout_make(&layout, platform, NULL, err);
	if (!failed)
		*ret_result = answer = mmp_layout_write(&layout, (enum mmp_detail)detail);
	else if (err->code == MMP_FIRMWARE_STOP)
		call->data = answer = mmp_layout_stop_write(&layout);
	if (answer)
		json_object_set_new(answer, "findings",
				    mmp_policy_write(platform, &layout));
	mmp_layout_done(&layout);
	return failed;
}

static int compute(struct mmp_call *call, const void *params, json_t **ret_result,
		   struct mmp_error *err)
{
	const struct compute *p = params;
	struct mmp_platform *platform;
	uint64_t revision;
	int failed;

	if (service_platform_given(call->service, p->platform, p->revision, &platform,
				   &revision, err))
		return -1;
	failed = write_layout(call, platform, p->detail, ret_result, err);
	mmp_platform_free(platform);
	return failed;
}

/* clang-format off */
const struct mmp_method methods_layout[] = {
	{ "layout.compute", "The memory map and the tables that the firmware will make",
	  compute_params, sizeof(struct compute),
	  "memory_map, tables, registers, nsec_ddr: what a vector's output holds", MMP_READ, compute },
	{ 0 },
};
/* clang-format on */
