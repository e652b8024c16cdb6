/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "line/push.h"
#include "memory.h"
#include "methods/methods.h"
#include "work/jobs.h"

struct start {
	const char *build, *board, *idempotency_key;
	uint64_t deadline_ms;
	bool accept_id, force;
};

/* clang-format off */
static const struct mmp_param start_params[] = {
	{ "build", MMP_PARAM_TEXT, offsetof(struct start, build), true,
	  "its id, or the first digits of it", NULL },
	{ "board", MMP_PARAM_TEXT, offsetof(struct start, board), true, "its name", NULL },
	{ "idempotency_key", MMP_PARAM_TEXT, offsetof(struct start, idempotency_key), false,
	  "any text; the same key again gives the same job", NULL },
	{ "deadline_ms", MMP_PARAM_UINT, offsetof(struct start, deadline_ms), false,
	  "the push fails where it takes longer; else as long as it gets on", NULL },
	{ "force", MMP_PARAM_FLAG, offsetof(struct start, force), false,
	  "send it even where the board says that it is live", NULL },
	{ "accept_id", MMP_PARAM_FLAG, offsetof(struct start, accept_id), false,
	  "take another board behind this line for this one from now on", NULL },
	{ 0 },
};
/* clang-format on */

#define DEADLINE_MAX_MS (UINT64_C(30) * 24 * 3600 * 1000)

/* No name of anything: "pipeline/1234" and whatever else a script has at hand will do. */
static int check_key(const char *key, struct mmp_error *err)
{
	size_t length = strlen(key);

	if (length && length <= MMP_NAME_MAX)
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"idempotency_key: has %zu bytes; 1 to %d are wanted", length,
			MMP_NAME_MAX);
}

static int check(const struct start *p, struct mmp_error *err)
{
	if (p->idempotency_key && check_key(p->idempotency_key, err))
		return -1;
	if (p->deadline_ms > DEADLINE_MAX_MS)
		return mmp_fail(err, MMP_INVALID, "deadline_ms: 30 days are the most");
	return 0;
}

/* An order whose build is being read back. */
struct starting {
	struct build_work work; /* first */
	struct start order;     /* with texts of its own */
};

static struct push_order order_of(const struct start *p, const struct mmp_call *call)
{
	return (struct push_order){ .build = p->build,
				    .board = p->board,
				    .idempotency_key = p->idempotency_key,
				    .deadline_ms = p->deadline_ms,
				    .accept_id = p->accept_id,
				    .force = p->force,
				    .by = methods_by(call) };
}

static struct starting *new_starting(const struct start *p)
{
	struct starting *s = xcalloc(1, sizeof(*s));

	s->order = *p;
	s->order.build = xstrdup(p->build);
	s->order.board = xstrdup(p->board);
	s->order.idempotency_key = xstrdup(p->idempotency_key);
	return s;
}

static void free_starting(struct computing *computing)
{
	struct starting *s = (struct starting *)(void *)computing;

	free((char *)s->order.build);
	free((char *)s->order.board);
	free((char *)s->order.idempotency_key);
	build_work_free(computing);
}

/* Where the caller has gone meanwhile there is no answer, and no push. */
static int answer_start(struct computing *computing, struct mmp_call *call,
			json_t **ret_result, struct mmp_error *err)
{
	struct starting *s = (struct starting *)(void *)computing;
	struct push_order order = order_of(&s->order, call);
	struct service *service = call->service;
	uint64_t job;

	if (!s->work.build) {
		*err = s->work.err;
		return -1;
	}
	if (push_start(service, &order, &s->work, &job, err))
		return -1;
	return job_json(service->jobs, job, ret_result, err);
}

static const struct computing_kind starting_kind = { build_work_prove, answer_start,
						     free_starting };

static int read_build_and_start(struct mmp_call *call, const struct start *p,
				json_t **ret_result, struct mmp_error *err)
{
	struct starting *s = new_starting(p);
	struct computing *computing = &s->work.computing;

	if (build_work_load(&s->work, call->service, p->build, err)) {
		free_starting(computing);
		return -1;
	}
	if (s->work.bytes.length > MMP_BUILD_BYTES_AT_ONCE)
		return compute_in_thread(call, computing, &starting_kind);
	return compute_here(call, computing, &starting_kind, ret_result, err);
}

static int start(struct mmp_call *call, const void *params, json_t **ret_result,
		 struct mmp_error *err)
{
	struct service *service = call->service;
	const struct start *p = params;
	struct push_order order = order_of(p, call);
	uint64_t job;
	int earlier;

	if (check(p, err))
		return -1;
	earlier = push_earlier(service, &order, &job, err);
	if (earlier < 0)
		return -1;
	if (earlier)
		return job_json(service->jobs, job, ret_result, err);
	return read_build_and_start(call, p, ret_result, err);
}

/* clang-format off */
const struct mmp_method methods_push[] = {
	{ "push.start", "Send a build to a board, make it live, have the board prove it",
	  start_params, sizeof(struct start), "the job, which goes on by itself", MMP_DRIVE, start },
	{ 0 },
};
/* clang-format on */
