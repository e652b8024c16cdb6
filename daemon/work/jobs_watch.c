/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/jobs_private.h"

#include <stdlib.h>

#include "base/limits.h"
#include "caller.h"
#include "connections/connection.h"
#include "memory.h"
#include "peaks.h"
#include "json/text.h"

static void forget_watch(void *data)
{
	struct watch *watch = data;

	TAILQ_REMOVE(&watch->job->watches, watch, link);
	free(watch);
}

struct mmp_shared *job_notice(json_t *job)
{
	json_t *whole = json_pack("{s:s, s:s, s:O}", "jsonrpc", "2.0", "method",
				  "job.progress", "params", job);
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_shared *notice = NULL;
	struct mmp_error err;

	if (!mmp_json_print(whole, MMP_ANSWER_MAX, &text, &err) &&
	    !mmp_buffer_text(&text, "\n"))
		notice = mmp_shared_new(&text);
	mmp_buffer_done(&text);
	json_decref(whole);
	return notice;
}

/* Render once, even for a thousand watchers. */
static void render_progress(struct job *job)
{
	json_t *params;

	if (job->notification)
		return;
	params = json_copy(job->head);
	json_object_set_new(params, "progress", job_own_progress(job));
	job->notification = job_notice(params);
	json_decref(params);
}

static void tell_one(struct job *job, struct watch *watch)
{
	const struct caller *caller = watch->call->client;

	watch->told = job->news;
	render_progress(job);
	if (job->notification)
		connection_notify(caller->connection, job->notification);
	TAILQ_REMOVE(&job->watches, watch, link);
	TAILQ_INSERT_TAIL(&job->watches, watch, link);
}

/*
 * Send the current progress immediately, and then each change. A job that has ended is
 * not on record as such yet, so its watcher waits here too: the row still says that it
 * is running.
 */
int job_watch(struct jobs *jobs, uint64_t id, struct mmp_call *call)
{
	struct job *job = job_find(jobs, id);
	struct watch *watch;

	if (!job)
		return 0;
	watch = xcalloc(1, sizeof(*watch));
	*watch = (struct watch){ .job = job, .call = call };
	TAILQ_INSERT_HEAD(&job->watches, watch, link);
	tell_one(job, watch);
	return mmp_call_defer(call, forget_watch, watch);
}

static void answer_one(struct job *job, struct watch *watch)
{
	struct mmp_call *call = watch->call;

	TAILQ_REMOVE(&job->watches, watch, link);
	free(watch);
	if (job->end)
		mmp_call_answer_text(call, mmp_shared_ref(job->end));
	else
		mmp_call_answer(call, NULL, &job->end_err);
}

static const struct timeval at_once;

/* Notify some of the watchers at a time, as there may be thousands. */
void job_on_telling(evutil_socket_t fd, short what, void *data)
{
	struct job *job = data;
	bool is_recorded = job->is_recorded;
	struct watch *watch;

	(void)fd, (void)what;
	for (unsigned i = 0; i < MMP_TURN_WATCHES; i++) {
		watch = TAILQ_FIRST(&job->watches);
		if (!watch && is_recorded)
			job_drop(job);
		if (!watch || (!is_recorded && watch->told == job->news))
			return;
		if (is_recorded)
			answer_one(job, watch);
		else
			tell_one(job, watch);
		peak_note(PEAK_TURN_WATCHES, i + 1);
	}
	event_add(job->telling, &at_once);
}

void job_tell_watches(struct job *job)
{
	job->news++;
	mmp_shared_unref(job->notification);
	job->notification = NULL;
	if (!TAILQ_EMPTY(&job->watches))
		job_on_telling(-1, 0, job);
}
