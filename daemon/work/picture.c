/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/picture.h"

#include <stdlib.h>

#include "base/shared.h"
#include "doc/findings.h"
#include "doc/layout.h"
#include "doc/picture.h"
#include "memory.h"
#include "work/compute.h"

struct picture {
	struct computing computing; /* must be first */
	struct mmp_platform *platform;
	uint64_t revision;
	struct mmp_shared *text; /* the result; NULL: `err` */
	struct mmp_shared *data; /* of a stop, as members */
	struct mmp_error err;
};

static void print_picture(struct picture *p, const struct mmp_layout *layout)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&text);

	mmp_writer_begin(&w, '{');
	if (mmp_picture_members(&w, layout, &p->err)) {
		mmp_buffer_done(&text);
		return;
	}
	mmp_policy_members(&w, p->platform, layout);
	if (p->revision)
		mmp_member_number(&w, "revision", (int64_t)p->revision);
	else
		mmp_member_null(&w, "revision");
	mmp_writer_end(&w, '}');
	p->text = mmp_shared_new(&text);
	if (!p->text)
		mmp_fail(&p->err, MMP_SYSTEM, "out of memory");
}

static void work_picture(struct computing *computing)
{
	struct picture *p = (struct picture *)(void *)computing;
	struct mmp_buffer stop = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&stop);
	struct mmp_layout layout;

	mmp_layout_init(&layout);
	if (!mmp_layout_make(&layout, p->platform, NULL, &p->err)) {
		print_picture(p, &layout);
	} else if (p->err.code == MMP_FIRMWARE_STOP) {
		mmp_layout_stop_members(&w, &layout);
		mmp_policy_members(&w, p->platform, &layout);
		p->data = mmp_shared_new(&stop);
	}
	mmp_layout_done(&layout);
}

static int answer_picture(struct computing *computing, struct mmp_call *call,
			  json_t **ret_result, struct mmp_error *err)
{
	struct picture *p = (struct picture *)(void *)computing;

	call->data = mmp_shared_ref(p->data);
	call->text = mmp_shared_ref(p->text);
	(void)ret_result;
	if (p->text)
		return 0;
	*err = p->err;
	return -1;
}

static void free_picture(struct computing *computing)
{
	struct picture *p = (struct picture *)(void *)computing;

	mmp_platform_free(p->platform);
	mmp_shared_unref(p->text);
	mmp_shared_unref(p->data);
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
