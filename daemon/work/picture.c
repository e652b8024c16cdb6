/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/picture.h"

#include <stdlib.h>

#include "doc/findings.h"
#include "doc/layout.h"
#include "doc/picture.h"
#include "memory.h"
#include "work/compute.h"

struct picture {
	struct computing computing; /* must be first */
	struct mmp_platform *platform;
	uint64_t revision;
	json_t *result, *data; /* one of them, or neither */
	struct mmp_error err;
};

static void work_picture(struct computing *computing)
{
	struct picture *p = (struct picture *)(void *)computing;
	struct mmp_layout layout;
	json_t *answer = NULL;

	mmp_layout_init(&layout);
	if (!mmp_layout_make(&layout, p->platform, NULL, &p->err)) {
		if (!mmp_picture_write(&layout, &p->result, &p->err))
			answer = p->result;
	} else if (p->err.code == MMP_FIRMWARE_STOP) {
		p->data = answer = mmp_layout_stop_write(&layout);
	}
	if (answer)
		mmp_policy_write(answer, p->platform, &layout);
	if (p->result)
		json_object_set_new(p->result, "revision",
				    p->revision ? json_integer((json_int_t)p->revision)
						: json_null());
	mmp_layout_done(&layout);
}

static int answer_picture(struct computing *computing, struct mmp_call *call,
			  json_t **ret_result, struct mmp_error *err)
{
	struct picture *p = (struct picture *)(void *)computing;

	call->data = json_incref(p->data);
	*ret_result = json_incref(p->result);
	if (p->result)
		return 0;
	*err = p->err;
	return -1;
}

static void free_picture(struct computing *computing)
{
	struct picture *p = (struct picture *)(void *)computing;

	mmp_platform_free(p->platform);
	json_decref(p->result);
	json_decref(p->data);
	free(p);
}

int picture_run(struct mmp_call *call, struct mmp_platform *take_platform,
		uint64_t revision, json_t **ret_result, struct mmp_error *err)
{
	static const struct computing_kind kind = { .work = work_picture,
						    .answer = answer_picture,
						    .free = free_picture };
	struct picture *p = xcalloc(1, sizeof(*p));

	p->platform = take_platform;
	p->revision = revision;
	return compute_run(call, &p->computing, &kind, take_platform, ret_result, err);
}
