/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/jobs.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/limits.h"
#include "caller.h"
#include "clock.h"
#include "connections/connection.h"
#include "log.h"
#include "memory.h"
#include "methods/methods.h"
#include "peaks.h"
#include "settings.h"
#include "shares.h"
#include "work/elsewhere.h"
#include "work/errand.h"
#include "work/proof.h"
#include "work/retention.h"
#include "work/store_thread.h"
#include "work/workers.h"
#include "json/text.h"
#include "json/writer.h"

/* A call of job.watch that waits for the end of a job. */
struct watch {
	struct job *job;
	struct mmp_call *call;
	uint64_t told; /* the value of job->news that it was last sent */
	TAILQ_ENTRY(watch) link;
};

struct job {
	struct jobs *jobs;
	struct job_owner owner;
	uint64_t id;
	int64_t uid;  /* the user whose share it counts in */
	json_t *head; /* the answer of job.get without progress and end */
	const char *step;
	uint64_t done, total;
	TAILQ_HEAD(, watch) watches;     /* the least recently notified ones first */
	uint64_t news;                   /* counts changes of progress */
	uint64_t news_told;              /* the part that is visible to other hosts */
	struct mmp_shared *notification; /* of the last one */
	struct event *telling;
	/* The end of the job. */
	bool ended;
	enum mmp_job_state state;
	enum mmp_job_outcome outcome;
	char ended_at[CLOCK_TEXT_SIZE];
	struct mmp_error why;
	json_t *report;
	char *report_text;
	const char *proof;
	struct task printing; /* of the report */
	bool is_recorded;     /* the loop knows that the end was recorded, or cannot be */
	struct mmp_shared *end; /* the whole job as JSON; NULL: see end_err */
	struct mmp_error end_err;
	TAILQ_ENTRY(job) link;
};
TAILQ_HEAD(job_list, job);

struct jobs {
	struct service *service;
	struct job_list list;
	size_t count;          /* running jobs and reserved places */
	struct shares *shares; /* the same, by user */
	pthread_mutex_t lock;  /* protects list, and the progress of its jobs */
};

struct jobs *jobs_new(struct service *service)
{
	struct jobs *jobs = xcalloc(1, sizeof(*jobs));

	jobs->service = service;
	TAILQ_INIT(&jobs->list);
	jobs->shares = shares_new(MMP_JOBS_MAX);
	pthread_mutex_init(&jobs->lock, NULL);
	return jobs;
}

/* Also a job that has ended, until its end is on record and its watchers know it. */
static struct job *find_job(const struct jobs *jobs, uint64_t id)
{
	struct job *job;

	TAILQ_FOREACH(job, &jobs->list, link)
		if (job->id == id)
			return job;
	return NULL;
}

static struct job *find_running(const struct jobs *jobs, uint64_t id)
{
	struct job *job = find_job(jobs, id);

	return job && !job->ended ? job : NULL;
}

uint64_t job_id(const struct job *job)
{
	return job->id;
}

size_t jobs_count(const struct jobs *jobs)
{
	return jobs->count;
}

/* --- a job as JSON --- */

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

static json_t *own_progress(const struct job *job)
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
	job = find_running(jobs, row->id);
	progress = job ? own_progress(job) : progress_json(step, row->done, row->total);
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

/* --- watching --- */

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
	json_object_set_new(params, "progress", own_progress(job));
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
	struct job *job = find_job(jobs, id);
	struct watch *watch;

	if (!job)
		return 0;
	watch = xcalloc(1, sizeof(*watch));
	*watch = (struct watch){ .job = job, .call = call };
	TAILQ_INSERT_HEAD(&job->watches, watch, link);
	tell_one(job, watch);
	return mmp_call_defer(call, forget_watch, watch);
}

static const struct timeval at_once;

static void drop_job(struct job *job);

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

/* Notify some of the watchers at a time, as there may be thousands. */
static void on_telling(evutil_socket_t fd, short what, void *data)
{
	struct job *job = data;
	bool is_recorded = job->is_recorded;
	struct watch *watch;

	(void)fd, (void)what;
	for (unsigned i = 0; i < MMP_TURN_WATCHES; i++) {
		watch = TAILQ_FIRST(&job->watches);
		if (!watch && is_recorded)
			drop_job(job);
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

static void tell_watches(struct job *job)
{
	job->news++;
	mmp_shared_unref(job->notification);
	job->notification = NULL;
	if (!TAILQ_EMPTY(&job->watches))
		on_telling(-1, 0, job);
}

/* --- beginning: reserve a place, write the row, start --- */

static struct job_start *start_of(struct mmp_call *call)
{
	return call_kept(call);
}

static struct job *add_job(struct jobs *jobs, const struct job_start *start)
{
	struct job *job = xcalloc(1, sizeof(*job));

	job->jobs = jobs;
	job->owner = start->owner;
	job->id = start->row.id;
	job->uid = start->row.by.uid;
	job->head = job_row_json(jobs, &start->row);
	job->step = "starting";
	job->telling = evtimer_new(jobs->service->base, on_telling, job);
	TAILQ_INIT(&job->watches);
	pthread_mutex_lock(&jobs->lock);
	TAILQ_INSERT_HEAD(&jobs->list, job, link);
	pthread_mutex_unlock(&jobs->lock);
	return job;
}

static int begun_step(struct mmp_call *call, void *data, json_t **ret_result,
		      struct mmp_error *err)
{
	struct job_start *start = data;
	struct jobs *jobs = start->jobs;
	struct job *job = add_job(jobs, start);

	(void)err;
	(void)call;
	log_info("job %" PRIu64 ": %s%s%.12s%s%s, by %s", job->id, start->row.kind,
		 *start->row.build ? " of build " : "", start->row.build,
		 *start->row.board ? " to board " : "", start->row.board,
		 start->row.by.user);
	*ret_result = json_copy(job->head);
	json_object_set_new(*ret_result, "progress", own_progress(job));
	start->jobs = NULL; /* the place belongs to the job now */
	start->begun(start, job);
	return 0;
}

/* The job that was started with the same key in the meantime. */
static int take_same_key(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	struct job_start *start = data;

	if (strcmp(row->build, start->row.build) || strcmp(row->board, start->row.board))
		return mmp_fail(err, MMP_CONFLICT,
				"idempotency_key \"%.60s\": job %" PRIu64
				" has it, for build %.12s on board \"%.60s\"",
				start->row.idempotency_key, row->id, row->build,
				row->board);
	start->row.id = row->id;
	return 0;
}

/* 1: there is one, and the call was answered with it; 0: none; -1 with *err. */
static int find_same_key(struct mmp_call *call, struct job_start *start,
			 json_t **ret_result, struct mmp_error *err)
{
	struct service *service = call->service;
	int found;

	if (!start->row.idempotency_key)
		return 0;
	found = mmp_store_job_by_key(service->store, start->row.idempotency_key,
				     take_same_key, start, err);
	if (found <= 0)
		return found;
	return job_answer(call, start->row.id, err) ? -1 : 1;
}

static int not_prepared_step(struct mmp_call *call, void *data, json_t **ret_result,
			     struct mmp_error *err)
{
	struct job_start *start = data;
	int found = find_same_key(call, start, ret_result, err);

	if (!found)
		*err = start->why;
	return found > 0 ? 0 : -1;
}

int job_row_new(struct service *service, const struct mmp_job_row *row, uint64_t *ret_id,
		struct mmp_error *err)
{
	uint64_t before = mmp_store_pruned_jobs(service->store), pruned;

	if (mmp_store_job_new(service->store, row, ret_id, err))
		return -1;
	pruned = mmp_store_pruned_jobs(service->store) - before;
	if (pruned)
		retention_pruned(service->retention, pruned);
	return 0;
}

static int record_step(struct mmp_call *call, void *data, json_t **ret_result,
		       struct mmp_error *err)
{
	struct service *service = call->service;
	struct job_start *start = data;

	int found = start->row.id ? 0 : find_same_key(call, start, ret_result, err);

	if (found)
		return found > 0 ? 0 : -1;
	if (start->check && start->check(start, err))
		return -1;
	if (!start->row.id && job_row_new(service, &start->row, &start->row.id, err))
		return -1;
	return call_then(call, IN_LOOP, begun_step);
}

static void take_place(struct jobs *jobs, int64_t uid)
{
	jobs->count++;
	shares_add(jobs->shares, (uid_t)uid);
}

static void leave_place(struct jobs *jobs, int64_t uid)
{
	jobs->count--;
	shares_sub(jobs->shares, (uid_t)uid);
}

static int check_job_place(const struct jobs *jobs, const struct caller *caller,
			   struct mmp_error *err)
{
	uint64_t share = service_policy(jobs->service).user_jobs;

	if (!(caller->roles & ROLE_ADMIN) &&
	    shares_count(jobs->shares, caller->uid) >= share)
		return mmp_fail(err, MMP_BUSY,
				"%" PRIu64 " jobs of yours are running, which is the "
				"limit of one user",
				share);
	if (jobs->count >= MMP_JOBS_MAX)
		return mmp_fail(err, MMP_BUSY, "%zu jobs are running, which is the limit",
				jobs->count);
	return 0;
}

static int reserve_step(struct mmp_call *call, void *data, json_t **ret_result,
			struct mmp_error *err)
{
	struct service *service = call->service;
	struct jobs *jobs = service->jobs;
	struct job_start *start = data;

	(void)ret_result;
	if (check_job_place(jobs, call->client, err))
		return -1;
	take_place(jobs, caller_signature(call)->uid);
	start->jobs = jobs;
	start->row.by = *caller_signature(call);
	start->row.host = service->host;
	start->row.state = MMP_JOB_RUNNING;
	if (start->prepare && start->prepare(start, &start->why))
		return call_then(call, IN_STORE, not_prepared_step);
	call_must_go_on(call);
	return call_then(call, IN_STORE, record_step);
}

int job_begin(struct mmp_call *call)
{
	assert(start_of(call));
	return call_then(call, IN_LOOP, reserve_step);
}

void job_start_done(struct job_start *start)
{
	if (start->jobs)
		leave_place(start->jobs, start->row.by.uid);
	start->jobs = NULL;
}

/* --- life --- */

static void drop_job(struct job *job)
{
	struct jobs *jobs = job->jobs;

	pthread_mutex_lock(&jobs->lock);
	TAILQ_REMOVE(&jobs->list, job, link);
	pthread_mutex_unlock(&jobs->lock);
	event_free(job->telling);
	json_decref(job->head);
	json_decref(job->report);
	free(job->report_text);
	mmp_shared_unref(job->notification);
	mmp_shared_unref(job->end);
	free(job);
}

static bool is_news(const struct job *job, const char *step, uint64_t done,
		    uint64_t total)
{
	uint64_t share = total / 100;

	return strcmp(job->step, step) || job->total != total ||
	       done - job->done > share || (done == total && done != job->done);
}

void job_progress(struct job *job, const char *step, uint64_t done, uint64_t total)
{
	if (!is_news(job, step, done, total))
		return;
	pthread_mutex_lock(&job->jobs->lock);
	job->step = step;
	job->done = done;
	job->total = total;
	pthread_mutex_unlock(&job->jobs->lock);
	tell_watches(job);
}

/* --- the end: recorded first --- */

/* In the store thread. */
static int write_end(struct mmp_store *store, void *data, struct mmp_error *err)
{
	struct job *job = data;
	struct mmp_job_row row = { .id = job->id,
				   .state = job->state,
				   .ended = job->ended_at,
				   .report = job->report_text,
				   .proof = job->proof };
	int failed;

	if (job->state == MMP_JOB_FAILED) {
		row.error_kind = mmp_code_info(job->why.code)->name;
		row.error_text = job->why.text;
	}
	failed = mmp_store_job_end(store, &row, job->outcome, err);
	if (!failed && job_text(job->jobs, job->id, &job->end, &job->end_err))
		job->end = NULL;
	return failed;
}

static void on_end_written(void *data, const struct mmp_error *why)
{
	struct job *job = data;

	if (why) {
		log_error("job %" PRIu64 ": its end is not on record: %s", job->id,
			  why->text);
		mmp_shared_unref(job->end);
		job->end = NULL;
		job->end_err = *why;
	} else if (!job->end && !job->end_err.code) {
		mmp_fail(&job->end_err, MMP_SYSTEM, "out of memory");
	}
	job->is_recorded = true;
	event_add(job->telling, &at_once);
	elsewhere_look(job->jobs->service); /* another job may wait for the board */
}

static void on_database_away(void *data, const struct mmp_error *why)
{
	struct job *job = data;

	log_warning("job %" PRIu64
		    ": its end goes on record when the database is back: %s",
		    job->id, why->text);
}

static enum mmp_job_state end_state(const struct mmp_error *why)
{
	if (!why)
		return MMP_JOB_DONE;
	return why->code == MMP_OK ? MMP_JOB_CANCELLED : MMP_JOB_FAILED;
}

/* In a worker, as the report may be long. */
static void print_report(struct task *task)
{
	struct job *job = container_of(task, struct job, printing);

	if (job->report)
		job->report_text = json_dumps(job->report, JSON_COMPACT);
	job->proof = report_proof(mmp_job_state_name(job->state), job->report);
}

/* In the loop; also if the workers have ended, as the end must not get lost. */
static void record_end(struct task *task)
{
	struct job *job = container_of(task, struct job, printing);
	struct store_write write = { write_end, on_end_written, on_database_away,
				     .data = job };

	if (!job->proof)
		print_report(task);
	store_thread_write(job->jobs->service->store_thread, &write);
}

void job_end(struct job *job, const struct mmp_error *why, enum mmp_job_outcome outcome,
	     json_t *take_report)
{
	pthread_mutex_lock(&job->jobs->lock);
	job->ended = true;
	pthread_mutex_unlock(&job->jobs->lock);
	leave_place(job->jobs, job->uid);
	job->state = end_state(why);
	job->outcome = outcome;
	job->report = take_report;
	if (why)
		job->why = *why;
	clock_text(job->ended_at);
	log_info("job %" PRIu64 ": %s%s%s", job->id, mmp_job_state_name(job->state),
		 why ? ": " : "", why ? why->text : "");
	job->printing = (struct task){ .work = print_report,
				       .done = record_end,
				       .drop = record_end,
				       .uid = TASK_SYSTEM };
	workers_submit(job->jobs->service->workers, &job->printing);
}

/* --- progress for other hosts --- */

struct telling {
	uint64_t id, done, total;
	const char *step;
};

static int write_progress(struct mmp_store *store, void *data, struct mmp_error *err)
{
	const struct telling *told = data;
	const struct mmp_job_row row = { .id = told->id,
					 .step = told->step,
					 .done = told->done,
					 .total = told->total };

	return mmp_store_job_progress(store, &row, err);
}

/* If it could not be written, the next attempt follows soon. */
static void on_progress_written(void *data, const struct mmp_error *why)
{
	(void)why;
	free(data);
}

static void tell_others(struct job *job)
{
	struct telling *told = xcalloc(1, sizeof(*told));
	const struct store_write write = { write_progress, on_progress_written,
					   .drop = free, .data = told };

	*told = (struct telling){ job->id, job->done, job->total, job->step };
	job->news_told = job->news;
	store_thread_write(job->jobs->service->store_thread, &write);
}

void jobs_tell(struct jobs *jobs)
{
	struct job *job;

	TAILQ_FOREACH(job, &jobs->list, link)
		if (!job->ended && job->news_told != job->news)
			tell_others(job);
}

bool job_cancel(struct jobs *jobs, uint64_t id)
{
	struct job *job = find_running(jobs, id);
	struct mmp_error why;

	if (!job)
		return false;
	mmp_fail(&why, MMP_OK, "cancelled");
	job->owner.cancel(job->owner.owner, &why);
	return true;
}

static void interrupt_all(struct jobs *jobs)
{
	char now[CLOCK_TEXT_SIZE];
	struct mmp_error err;
	uint64_t count;

	clock_text(now);
	if (mmp_store_jobs_interrupted(jobs->service->store, now, &count, &err))
		log_error("running jobs: %s; the next start marks them as interrupted",
			  err.text);
	else if (count)
		log_warning("%" PRIu64 " jobs are interrupted", count);
}

void jobs_free(struct jobs *jobs)
{
	struct job *job;

	if (!jobs)
		return;
	interrupt_all(jobs);
	while ((job = TAILQ_FIRST(&jobs->list))) {
		struct job_owner owner = job->owner;
		bool has_owner = !job->ended;

		drop_job(job);
		if (has_owner && owner.drop)
			owner.drop(owner.owner);
	}
	shares_free(jobs->shares);
	pthread_mutex_destroy(&jobs->lock);
	free(jobs);
}
