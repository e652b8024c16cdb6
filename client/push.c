/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "call.h"
#include "progress.h"
#include "runs.h"

/* The first Ctrl-C asks the daemon to cancel; the wait continues to the job's end. */
static int cancel(struct session *session, json_t *params, struct mmp_error *err)
{
	int64_t id;

	call_interrupted = 0;
	progress_clear();
	fputs("mmpctl: cancelling the job; press Ctrl-C again to stop waiting\n", stderr);
	return call_send(session, "job.cancel", params, &id, err);
}

static void draw(void *owner, const char *method, const json_t *params)
{
	(void)owner;
	if (strcmp(method, "job.progress") == 0)
		progress_draw(params);
}

static int watch(struct session *session, json_t *params, struct outcome *ret_outcome,
		 struct mmp_error *err)
{
	bool cancelled = false;
	int64_t id;

	call_deadline(session, 0);
	if (call_send(session, "job.watch", params, &id, err))
		return -1;
	while (call_answer(session, id, draw, NULL, ret_outcome, err)) {
		if (!call_interrupted || cancelled || cancel(session, params, err))
			return -1;
		cancelled = true;
	}
	return 0;
}

/*
 * A sweep that found seeds at which the firmware stops is not a failure, but a negative
 * answer.
 */
static bool has_failures(const json_t *job)
{
	const json_t *report = json_object_get(job, "report");

	return json_integer_value(json_object_get(report, "failed")) > 0 ||
	       outcome_is_bad(report);
}

/*
 * A job that failed makes the command fail with the job's error; the job is in the
 * error's data.
 */
static struct outcome push_outcome(struct outcome outcome)
{
	json_t *job = outcome.value, *error = json_object_get(job, "error");
	const char *state = json_string_value(json_object_get(job, "state"));
	struct outcome failed = { 0 };
	struct mmp_error err;
	json_t *data;

	if (outcome.failure)
		return outcome;
	if (state && strcmp(state, "done") == 0) {
		if (has_failures(job))
			outcome.status = MMP_EXIT_NO;
		return outcome;
	}
	mmp_fail(&err, MMP_SYSTEM, "the job is %.32s",
		 state ? state : "in an unknown state");
	failed = outcome_failed(&err);
	if (json_is_object(error)) {
		/*
		 * Copy the error: it is part of the job, and the job is added to it
		 * below.
		 */
		error = json_deep_copy(error);
		json_object_update(failed.failure, error);
		json_decref(error);
	}
	data = json_object_get(failed.failure, "data");
	json_object_set(data, "job", job);
	outcome_done(&outcome);
	return failed;
}

/* The database of the daemon went away, for example: that does not end the job. */
static void tell_of_job(const json_t *failure, const json_t *params)
{
	const char *kind = json_string_value(
		json_object_get(json_object_get(failure, "data"), "kind"));
	json_int_t job = json_integer_value(json_object_get(params, "job"));

	if (kind && strcmp(kind, "busy") == 0)
		fprintf(stderr,
			"mmpctl: job %" JSON_INTEGER_FORMAT
			" may go on; `mmpctl job watch %" JSON_INTEGER_FORMAT
			"` follows it\n",
			job, job);
}

static struct outcome follow(struct session *session, json_t *params)
{
	struct outcome outcome = { 0 };
	struct mmp_error err;
	int failed = watch(session, params, &outcome, &err);

	progress_clear();
	if (failed)
		return outcome_failed(&err);
	tell_of_job(outcome.failure, params);
	return push_outcome(outcome);
}

struct outcome watch_run(struct session *session, const struct command *command,
			 json_t *params, json_t *local)
{
	(void)command, (void)local;
	return follow(session, params);
}

/* The job has the recording, whether it is done or has failed. */
static struct outcome save_recording(struct outcome outcome, const json_t *local)
{
	const char *path = json_string_value(json_object_get(local, "record_to"));
	json_t *data = json_object_get(outcome.failure, "data");
	json_t *job = outcome.failure ? json_object_get(data, "job") : outcome.value;
	struct mmp_error err;

	if (!path || !job || !recording_save(job, path, &err))
		return outcome;
	if (outcome.failure) { /* the failure of the push is more important */
		fprintf(stderr, "mmpctl: %s\n", err.text);
		return outcome;
	}
	outcome_done(&outcome);
	return outcome_failed(&err);
}

struct outcome push_run(struct session *session, const struct command *command,
			json_t *params, json_t *local)
{
	struct outcome outcome = { 0 };
	json_t *job;

	if (strcmp(command->noun, "push") == 0)
		outcome = push_choose(session, params, local);
	if (json_object_get(local, "record_to"))
		json_object_set_new(params, "record", json_true());
	if (!outcome.failure)
		outcome = call(session, command->method, params);
	if (outcome.failure || json_is_true(json_object_get(local, "no_wait")))
		return outcome;
	job = json_pack("{s:O}", "job", json_object_get(outcome.value, "job"));
	outcome_done(&outcome);
	outcome = follow(session, job);
	json_decref(job);
	return save_recording(outcome, local);
}
