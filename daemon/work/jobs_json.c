/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/jobs_private.h"

#include <inttypes.h>
#include <string.h>

#include "base/limits.h"
#include "methods/methods.h"
#include "json/text.h"
#include "json/writer.h"

static json_t *error_json(const struct mmp_job_row *row)
{
	enum mmp_code code = mmp_code_find(row->error_kind);

	return json_pack("{s:i, s:o, s:{s:s}}", "code", mmp_code_info(code)->rpc,
			 "message", methods_text(row->error_text), "data", "kind",
			 row->error_kind);
}

static json_t *progress_json(const char *step, uint64_t done, uint64_t total)
{
	return json_pack("{s:s, s:I, s:I}", "step", step, "done", (json_int_t)done,
			 "total", (json_int_t)total);
}

json_t *job_own_progress(const struct job *job)
{
	return progress_json(job->step, job->done, job->total);
}

/* The progress of a job that runs here, or what the job's host has told. */
static void put_progress(struct mmp_writer *w, struct jobs *jobs,
			 const struct mmp_job_row *row)
{
	const char *step = row->state == MMP_JOB_QUEUED ? "waiting"
			   : row->step                  ? row->step
							: "starting";
	const struct job *job;
	json_t *progress;

	pthread_mutex_lock(&jobs->lock);
	job = job_find_running(jobs, row->id);
	progress =
		job ? job_own_progress(job) : progress_json(step, row->done, row->total);
	pthread_mutex_unlock(&jobs->lock);
	mmp_member_take(w, "progress", progress);
}

static void put_end(struct mmp_writer *w, const struct mmp_job_row *row)
{
	mmp_member_text(w, "ended", row->ended);
	if (row->error_kind)
		mmp_member_take(w, "error", error_json(row));
}

static void put_state(struct mmp_writer *w, const void *row)
{
	mmp_writer_text(w, mmp_job_state_name(((const struct mmp_job_row *)row)->state));
}

static void put_host(struct mmp_writer *w, const void *row)
{
	const char *host = ((const struct mmp_job_row *)row)->host;

	if (host && *host)
		mmp_member_text(w, "host", host);
}

/* clang-format off */
static const struct mmp_column job_columns[] = {
	{ "job",     MMP_COLUMN_UNSIGNED, MMP_AT(struct mmp_job_row, id) },
	{ "kind",    MMP_COLUMN_TEXT, MMP_AT(struct mmp_job_row, kind) },
	{ "state",   .write = put_state },
	{ "build",   MMP_COLUMN_FILLED, MMP_AT(struct mmp_job_row, build) },
	{ "board",   MMP_COLUMN_FILLED, MMP_AT(struct mmp_job_row, board) }, /* a sweep has neither */
	{ "started", MMP_COLUMN_TEXT, MMP_AT(struct mmp_job_row, by.time) },
	{ "user",    MMP_COLUMN_TEXT, MMP_AT(struct mmp_job_row, by.user) },
	{ "uid",     MMP_COLUMN_INT,  MMP_AT(struct mmp_job_row, by.uid) },
	{ "pid",     MMP_COLUMN_INT,  MMP_AT(struct mmp_job_row, by.pid) },
	{ "",        MMP_COLUMN_MEMBERS, .write = put_host },
	{ "idempotency_key", MMP_COLUMN_GIVEN, MMP_AT(struct mmp_job_row, idempotency_key) },
	{ 0 },
};
/* clang-format on */

static void put_job(struct mmp_writer *w, struct jobs *jobs,
		    const struct mmp_job_row *row)
{
	mmp_writer_columns(w, job_columns, row);
	if (row->ended)
		put_end(w, row);
	else if (row->id)
		put_progress(w, jobs, row);
}

json_t *job_row_json(struct jobs *jobs, const struct mmp_job_row *row)
{
	struct mmp_writer w = MMP_BUILDER;

	mmp_writer_begin(&w, '{');
	put_job(&w, jobs, row);
	mmp_writer_end(&w, '}');
	return mmp_writer_done(&w);
}

struct job_question {
	struct jobs *jobs;
	json_t *value;
	struct mmp_buffer text; /* with the report, which may be long and is not parsed */
};

static int print_row(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct job_question *asking = data;
	struct mmp_writer w = MMP_WRITER(&asking->text);

	mmp_writer_begin(&w, '{');
	put_job(&w, asking->jobs, row);
	if (row->ended && row->report) {
		mmp_writer_key(&w, "report");
		mmp_writer_json(&w, row->report, strlen(row->report));
	}
	mmp_writer_end(&w, '}');
	if (asking->text.length > MMP_ANSWER_MAX)
		return mmp_fail(err, MMP_TOO_LARGE,
				"job %" PRIu64 ": with its report it is over %u bytes",
				row->id, MMP_ANSWER_MAX);
	return 0;
}

int job_text(struct jobs *jobs, uint64_t id, struct mmp_shared **ret_text,
	     struct mmp_error *err)
{
	struct job_question asking = { .jobs = jobs };

	if (mmp_store_job_get(jobs->service->store, id, print_row, &asking, err)) {
		mmp_buffer_done(&asking.text);
		return -1;
	}
	*ret_text = mmp_shared_new(&asking.text);
	return *ret_text ? 0 : mmp_fail(err, MMP_SYSTEM, "out of memory");
}

int job_answer(struct mmp_call *call, uint64_t id, struct mmp_error *err)
{
	struct service *service = call->service;

	return job_text(service->jobs, id, &call->text, err);
}

static int take_row(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct job_question *asking = data;

	(void)err;
	asking->value = job_row_json(asking->jobs, row);
	return 0;
}

int job_json(struct jobs *jobs, uint64_t id, json_t **ret_value, struct mmp_error *err)
{
	struct job_question asking = { .jobs = jobs };

	if (mmp_store_job_get(jobs->service->store, id, take_row, &asking, err))
		return -1;
	*ret_value = asking.value;
	return 0;
}
