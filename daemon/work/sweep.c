/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/sweep.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/container.h"
#include "caller.h"
#include "doc/sweep.h"
#include "memory.h"
#include "policy/policy.h"
#include "work/errand.h"
#include "work/jobs.h"
#include "work/verdict.h"
#include "work/workers.h"

/*
 * Chunks are computed in any order, two per thread at a time, and joined in order: one
 * that is finished early waits in `ready` for those before it.
 */

/*
 * A thread cannot be stopped within a chunk, so a chunk should take a few milliseconds:
 * the most seeds if a layout takes some microseconds, and fewer for slower layouts.
 */
enum {
	CHUNK_MAX = 4096,
	REGISTRATIONS_A_SHARE = 16,
	BYTES_A_SHARE = 16 << 20, /* 8 tables of pages */
};

struct part {
	struct task task;
	struct sweep *sweep;
	uint64_t index;
	struct mmp_sweep result;
	json_t *verdict; /* of the platform as it is; set by the first part */
	struct mmp_error err;
	double cpu_s;
	bool failed;
	TAILQ_ENTRY(part) link; /* of `ready`, by index */
};

struct sweep {
	struct job_start start;
	struct service *service;
	LIST_ENTRY(sweep) link;
	struct job *job; /* NULL: not started */
	uid_t uid;       /* whose share of the threads it uses */
	struct mmp_platform *platform;
	uint64_t revision;
	struct mmp_seeds seeds;
	bool sampled;
	atomic_bool ended;    /* no more chunks are begun; read by the threads too */
	struct mmp_error why; /* if it ended early */
	struct mmp_sweep total;
	json_t *verdict; /* of the platform as it is, with its own seed */
	TAILQ_HEAD(, part) ready;
	uint64_t chunk, chunks, begun,
		joined; /* chunk: seeds of one chunk; the last one has the rest */
	unsigned at_work;
	double cpu_s;
};

static void free_part(struct part *part)
{
	mmp_sweep_done(&part->result);
	json_decref(part->verdict);
	free(part);
}

static void free_sweep(struct sweep *sweep)
{
	struct part *part;

	if (sweep->job)
		LIST_REMOVE(sweep, link);
	while ((part = TAILQ_FIRST(&sweep->ready))) {
		TAILQ_REMOVE(&sweep->ready, part, link);
		free_part(part);
	}
	mmp_sweep_done(&sweep->total);
	json_decref(sweep->verdict);
	mmp_platform_free(sweep->platform);
	free(sweep);
}

/*
 * The verdict of layout.compute, unless a seed stops where the platform's own does not.
 */
static void add_verdict(json_t *report, const struct sweep *sweep)
{
	const json_t *failure = json_array_get(json_object_get(report, "failures"), 0);

	json_object_update(report, sweep->verdict);
	if (!sweep->total.failed || json_object_get(report, "stops_at"))
		return;
	json_object_set_new(report, "verdict", json_string(mmp_verdict_names[MMP_STOPS]));
	json_object_set_new(report, "stops_at",
			    json_pack("{s:O*, s:O*, s:O*, s:O*, s:O*}", "id",
				      json_object_get(failure, "id"), "kind",
				      json_object_get(failure, "kind"), "message",
				      json_object_get(failure, "message"), "func",
				      json_object_get(failure, "func"), "seed",
				      json_object_get(failure, "first")));
}

static json_t *report_of(const struct sweep *sweep)
{
	json_t *out = mmp_sweep_write(&sweep->total, &sweep->seeds, sweep->sampled);

	json_object_set_new(out, "platform", json_string(sweep->platform->name));
	json_object_set_new(out, "revision",
			    sweep->revision ? json_integer((json_int_t)sweep->revision)
					    : json_null());
	json_object_set_new(out, "cpu_seconds", json_real(sweep->cpu_s));
	add_verdict(out, sweep);
	return out;
}

static void finish_sweep(struct sweep *sweep)
{
	bool whole = sweep->joined == sweep->chunks;

	job_end(sweep->job, whole ? NULL : &sweep->why, MMP_OUTCOME_UNKNOWN,
		whole ? report_of(sweep) : NULL);
	free_sweep(sweep);
}

static double thread_cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * In a thread: reads the platform, writes only its own part, which is not joined after
 * the end.
 */
static void sweep_part(struct task *task)
{
	struct part *part = container_of(task, struct part, task);
	const struct sweep *sweep = part->sweep;
	uint64_t from = part->index * sweep->chunk, count = sweep->seeds.count - from;

	if (sweep->ended)
		return;
	part->cpu_s = -thread_cpu_s();
	part->failed =
		mmp_sweep_chunk(&part->result, sweep->platform, &sweep->seeds, from,
				count < sweep->chunk ? count : sweep->chunk, &part->err);
	if (!part->index)
		part->verdict = verdict_of(sweep->platform);
	part->cpu_s += thread_cpu_s();
}

static void drop_part(struct task *task)
{
	free_part(container_of(task, struct part, task));
}

static void on_part_done(struct task *task);

static void begin_parts(struct sweep *sweep)
{
	unsigned most = 2 * workers_count(sweep->service->workers);

	while (!sweep->ended && sweep->at_work < most && sweep->begun < sweep->chunks) {
		struct part *part = xcalloc(1, sizeof(*part));

		part->task = (struct task){ .work = sweep_part,
					    .done = on_part_done,
					    .drop = drop_part,
					    .uid = sweep->uid,
					    .is_long = true };
		part->sweep = sweep;
		part->index = sweep->begun++;
		mmp_sweep_init(&part->result);
		sweep->at_work++;
		workers_submit(sweep->service->workers, &part->task);
	}
}

static void keep_in_order(struct sweep *sweep, struct part *part)
{
	struct part *behind;

	TAILQ_FOREACH(behind, &sweep->ready, link)
		if (behind->index > part->index)
			break;
	if (behind)
		TAILQ_INSERT_BEFORE(behind, part, link);
	else
		TAILQ_INSERT_TAIL(&sweep->ready, part, link);
}

static void join_ready(struct sweep *sweep)
{
	struct part *part;

	while (!sweep->ended && (part = TAILQ_FIRST(&sweep->ready)) &&
	       part->index == sweep->joined) {
		TAILQ_REMOVE(&sweep->ready, part, link);
		sweep->cpu_s += part->cpu_s;
		if (part->verdict)
			sweep->verdict = json_incref(part->verdict);
		if (part->failed || mmp_sweep_join(&sweep->total, &part->result,
						   sweep->seeds.step, &part->err)) {
			sweep->ended = true;
			sweep->why = part->err;
		} else {
			sweep->joined++;
		}
		free_part(part);
	}
}

static void on_part_done(struct task *task)
{
	struct part *part = container_of(task, struct part, task);
	struct sweep *sweep = part->sweep;

	sweep->at_work--;
	keep_in_order(sweep, part);
	join_ready(sweep);
	job_progress(sweep->job, "sweeping", sweep->total.count, sweep->seeds.count);
	begin_parts(sweep);
	if (!sweep->at_work && (sweep->ended || sweep->joined == sweep->chunks))
		finish_sweep(sweep);
}

/* Let the running chunks finish; the last of them ends the job. */
static void on_cancel(void *owner, const struct mmp_error *why)
{
	struct sweep *sweep = owner;

	if (sweep->ended)
		return;
	sweep->ended = true;
	sweep->why = *why;
}

static uint64_t chunk_of(const struct mmp_platform *platform)
{
	uint64_t shares = 1 + platform->count / REGISTRATIONS_A_SHARE +
			  mmp_platform_bytes(platform) / BYTES_A_SHARE;

	return shares < CHUNK_MAX ? CHUNK_MAX / shares : 1;
}

/* For a call that did not start a sweep; one that started belongs to itself. */
static void free_start(void *data)
{
	struct sweep *sweep = container_of(data, struct sweep, start);

	job_start_done(&sweep->start);
	if (!sweep->job)
		free_sweep(sweep);
}

static void on_begun(struct job_start *start, struct job *job)
{
	struct sweep *sweep = container_of(start, struct sweep, start);

	sweep->job = job;
	LIST_INSERT_HEAD(&sweep->service->sweeps, sweep, link);
	begin_parts(sweep);
}

int sweep_start(struct mmp_call *call, const struct sweep_order *order)
{
	struct sweep *sweep = xcalloc(1, sizeof(*sweep));
	uint64_t chunk = chunk_of(order->take_platform);

	*sweep = (struct sweep){
		.start = { .row = { .kind = "sweep", .build = "", .board = "" },
			   .owner = { .cancel = on_cancel, .owner = sweep },
			   .begun = on_begun },
		.service = call->service,
		.uid = (uid_t)caller_signature(call)->uid,
		.platform = order->take_platform,
		.revision = order->revision,
		.seeds = order->seeds,
		.sampled = order->sampled,
		.chunk = chunk,
		.chunks = (order->seeds.count + chunk - 1) / chunk,
	};
	TAILQ_INIT(&sweep->ready);
	mmp_sweep_init(&sweep->total);
	call_keep(call, &sweep->start, free_start);
	return job_begin(call);
}

void sweeps_free(struct service *service)
{
	while (!LIST_EMPTY(&service->sweeps))
		free_sweep(LIST_FIRST(&service->sweeps));
}
