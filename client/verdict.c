/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/exit.h"
#include "call.h"
#include "runs.h"

/*
 * Commands whose answer may be "no". Their exit status is then the same as for a platform
 * whose firmware stops.
 */

static int status_of(bool good)
{
	return good ? MMP_EXIT_DONE : MMP_EXIT_NO;
}

struct outcome budget_run(struct session *session, const struct command *command,
			  json_t *params, json_t *local)
{
	struct outcome outcome = call(session, command->method, params);

	(void)local;
	if (outcome.value)
		outcome.status =
			status_of(json_is_true(json_object_get(outcome.value, "enough")));
	return outcome;
}

struct outcome compare_run(struct session *session, const struct command *command,
			   json_t *params, json_t *local)
{
	const json_t *dump = json_object_get(params, "dump");
	const json_t *last = json_array_get(dump, json_array_size(dump) - 1);
	struct outcome outcome;
	struct mmp_error err;

	(void)local;
	if (!json_object_get(params, "id") == !json_object_get(params, "platform")) {
		mmp_fail(&err, MMP_BAD_REQUEST,
			 "build compare needs either BUILD or --platform PLATFORM");
		return outcome_failed(&err);
	}
	if (!json_object_get(last, "bytes")) {
		mmp_fail(&err, MMP_BAD_REQUEST,
			 "build compare needs --file FILE after each --address");
		return outcome_failed(&err);
	}
	outcome = call(session, command->method, params);
	if (outcome.value)
		outcome.status =
			status_of(json_is_true(json_object_get(outcome.value, "same")));
	return outcome;
}
