/* SPDX-License-Identifier: BSD-2-Clause */
#include "compute.h"

#include <stdlib.h>

#include "base/limits.h"
#include "doc/findings.h"
#include "memory.h"
#include "workers.h"

/* What is computed: of the platform alone, so that any thread can. */
struct computing {
	struct task task;      /* first: the workers know no more */
	struct mmp_call *call; /* NULL: nobody waits any more */
	struct mmp_platform *platform;
	enum mmp_detail detail;
	json_t *result, *data; /* one of them, or none */
	struct mmp_error err;
};

/* Findings come with a result and with an error alike. */
static void compute(struct computing *c)
{
	struct mmp_layout layout;
	json_t *answer = NULL;

	mmp_layout_init(&layout);
	if (!mmp_layout_make(&layout, c->platform, NULL, &c->err) &&
	    !mmp_layout_write_check(&layout, c->detail, &c->err))
		c->result = answer = mmp_layout_write(&layout, c->detail);
	else if (c->err.code == MMP_FIRMWARE_STOP)
		c->data = answer = mmp_layout_stop_write(&layout);
	if (answer)
		mmp_policy_write(answer, c->platform, &layout);
	mmp_layout_done(&layout);
}

static void work(struct task *task)
{
	compute((struct computing *)(void *)task);
}

static void free_computing(struct computing *c)
{
	mmp_platform_free(c->platform);
	json_decref(c->result);
	json_decref(c->data);
	free(c);
}

static void drop(struct task *task)
{
	free_computing((struct computing *)(void *)task);
}

static void on_done(struct task *task)
{
	struct computing *c = (struct computing *)(void *)task;
	json_t *result = c->result;

	if (c->call) {
		c->call->data = c->data;
		c->result = c->data = NULL;
		mmp_call_answer(c->call, result, &c->err);
	}
	free_computing(c);
}

/* The thread cannot be stopped; what it finds is dropped. */
static void on_forget(void *deferred)
{
	struct computing *c = deferred;

	c->call = NULL;
}

static int compute_in_thread(struct mmp_call *call, struct mmp_platform *take_platform,
			     enum mmp_detail detail)
{
	struct service *service = call->service;
	struct computing *c = xcalloc(1, sizeof(*c));

	*c = (struct computing){ .task = { .work = work, .done = on_done, .drop = drop },
				 .call = call,
				 .platform = take_platform,
				 .detail = detail };
	workers_submit(service->workers, &c->task);
	return mmp_call_defer(call, on_forget, c);
}

int compute_layout(struct mmp_call *call, struct mmp_platform *take_platform,
		   enum mmp_detail detail, json_t **ret_result, struct mmp_error *err)
{
	struct computing c = { .platform = take_platform, .detail = detail };

	if (take_platform->count > MMP_COMPUTE_AT_ONCE ||
	    mmp_platform_bytes(take_platform) > MMP_COMPUTE_BYTES_AT_ONCE)
		return compute_in_thread(call, take_platform, detail);
	compute(&c);
	mmp_platform_free(take_platform);
	call->data = c.data;
	*ret_result = c.result;
	if (c.result)
		return 0;
	*err = c.err;
	return -1;
}
