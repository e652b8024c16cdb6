/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/limits.h"
#include "line/push.h"
#include "methods/methods.h"
#include "methods/shapes.h"

struct start {
	const char *build, *board, *idempotency_key, *key;
	uint64_t deadline_ms;
	bool accept_id, force, record;
};

/* clang-format off */
static const struct mmp_param start_params[] = {
	{ "build", MMP_PARAM_TEXT, offsetof(struct start, build), true,
	  "id of a build, or its first digits", NULL },
	{ "board", MMP_PARAM_TEXT, offsetof(struct start, board), true, "name of a board", NULL },
	{ "idempotency_key", MMP_PARAM_TEXT, offsetof(struct start, idempotency_key), false,
	  "any text; two requests with the same text start only one push", NULL },
	{ "key", MMP_PARAM_TEXT, offsetof(struct start, key), false,
	  "name of the key that signs it; by default, if the board requires a signature, a key that it trusts", NULL },
	{ "deadline_ms", MMP_PARAM_UINT, offsetof(struct start, deadline_ms), false,
	  "milliseconds after which the push fails; by default it continues as long as it makes progress", NULL },
	{ "force", MMP_PARAM_FLAG, offsetof(struct start, force), false,
	  "send it even if the board says that it is live already", NULL },
	{ "accept_id", MMP_PARAM_FLAG, offsetof(struct start, accept_id), false,
	  "accept another board on this line as this one from now on", NULL },
	{ "record", MMP_PARAM_FLAG, offsetof(struct start, record), false,
	  "keep a recording of the line, with times, as text in the job's report", NULL },
	{ 0 },
};
/* clang-format on */

#define DEADLINE_MAX_MS (UINT64_C(30) * 24 * 3600 * 1000)

/* The key need not be a name: "pipeline/1234" or whatever a script has will do. */
static int check_key(const char *key, struct mmp_error *err)
{
	size_t length = strlen(key);

	if (length && length <= MMP_NAME_MAX)
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"idempotency_key: has %zu bytes; 1 to %d are allowed", length,
			MMP_NAME_MAX);
}

static int check_start(const struct start *p, struct mmp_error *err)
{
	if (p->idempotency_key && check_key(p->idempotency_key, err))
		return -1;
	if (p->deadline_ms > DEADLINE_MAX_MS)
		return mmp_fail(err, MMP_INVALID, "deadline_ms: must be at most 30 days");
	return 0;
}

static int start_push(struct mmp_call *call, const void *params, json_t **ret_result,
		      struct mmp_error *err)
{
	const struct start *p = params;
	const struct push_order order = { .build = p->build,
					  .board = p->board,
					  .idempotency_key = p->idempotency_key,
					  .deadline_ms = p->deadline_ms,
					  .key = p->key,
					  .accept_id = p->accept_id,
					  .force = p->force,
					  .records = p->record };

	if (check_start(p, err))
		return -1;
	return push_start(call, &order, ret_result, err);
}

/* clang-format off */
const struct mmp_method methods_push[] = {
	{ "push.start", "Send a build to a board, make it live, and have the board prove it",
	  start_params, sizeof(struct start), shape_job, MMP_DRIVE, start_push },
	{ 0 },
};
/* clang-format on */
