/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/sweep.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "doc/sweep.h"
#include "memory.h"
#include "policy/policy.h"
#include "work/jobs.h"
#include "work/verdict.h"
#include "work/workers.h"

/*
 * Chunks are computed in any order, two for each thread at a time, and joined in
 * theirs: one that is ready early waits in `ready` for those before it.
 */

/*
 * A thread cannot be stopped within a chunk, so that one is to take some milliseconds:
 * most seeds where a layout takes some microseconds, and fewer by what makes it longer.
 */
enum {
	CHUNK_MAX = 4096,
	REGISTRATIONS_A_SHARE = 16,
	BYTES_A_SHARE = 16 << 20, /* 8 tables of pages */
};

struct part {
	struct task task; /* first: the workers know no more */
	struct sweep *sweep;
	uint64_t index;
	struct mmp_sweep result;
	json_t *verdict; /* of the platform as it is; the first part finds it */
	struct mmp_error err;
	double cpu_s;
	bool failed;
	struct part *next; /* of `ready`, by index */
};

struct sweep {
	struct service *service;
	struct sweep *next;
	struct job *job;
	struct mmp_platform *platform;
	uint64_t revision;
	struct mmp_seeds seeds;
	bool sampled;
	atomic_bool ended;    /* no more chunks are begun; threads look at it too */
	struct mmp_error why; /* where it ended early */
	struct mmp_sweep total;
	json_t *verdict; /* of the platform as it is, with its own seed */
	struct part *ready;
	uint64_t chunk, chunks, begun,
		joined; /* chunk: seeds of one, the last has the rest */
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
	struct sweep **at = &sweep->service->sweeps;

	while (*at != sweep)
		at = &(*at)->next;
	*at = sweep->next;
	while (sweep->ready) {
		struct part *part = sweep->ready;

		sweep->ready = part->next;
		free_part(part);
	}
	mmp_sweep_done(&sweep->total);
	json_decref(sweep->verdict);
	mmp_platform_free(sweep->platform);
	free(sweep);
}

/* That of layout.compute, unless a seed stops where the platform's own does not. */
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

static json_t *report(const struct sweep *sweep)
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

static void finish(struct sweep *sweep)
{
	bool whole = sweep->joined == sweep->chunks;

	job_end(sweep->job, whole ? NULL : &sweep->why, MMP_OUTCOME_UNKNOWN,
		whole ? report(sweep) : NULL);
	free_sweep(sweep);
}

static double thread_cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* In a thread: reads the platform, writes its own part. Nobody joins it once ended. */
static void work(struct task *task)
{
	struct part *part = (struct part *)(void *)task;
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

static void drop(struct task *task)
{
	free_part((struct part *)(void *)task);
}

static void on_done(struct task *task);

static void begin_parts(struct sweep *sweep)
{
	unsigned most = 2 * workers_count(sweep->service->workers);

	while (!sweep->ended && sweep->at_work < most && sweep->begun < sweep->chunks) {
		struct part *part = xcalloc(1, sizeof(*part));

		part->task = (struct task){ .work = work, .done = on_done, .drop = drop };
		part->sweep = sweep;
		part->index = sweep->begun++;
		mmp_sweep_init(&part->result);
		sweep->at_work++;
		workers_submit(sweep->service->workers, &part->task);
	}
}

static void keep(struct sweep *sweep, struct part *part)
{
	struct part **at = &sweep->ready;

	while (*at && (*at)->index < part->index)
		at = &(*at)->next;
	part->next = *at;
	*at = part;
}

static void join_ready(struct sweep *sweep)
{
	while (!sweep->ended && sweep->ready && sweep->ready->index == sweep->joined) {
		struct part *part = sweep->ready;

		sweep->ready = part->next;
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

static void on_done(struct task *task)
{
	struct part *part = (struct part *)(void *)task;
	struct sweep *sweep = part->sweep;

	sweep->at_work--;
	keep(sweep, part);
	join_ready(sweep);
	job_progress(sweep->job, "sweeping", sweep->total.count, sweep->seeds.count);
	begin_parts(sweep);
	if (!sweep->at_work && (sweep->ended || sweep->joined == sweep->chunks))
		finish(sweep);
}

/* Chunks at work come to their end first; the last of them ends the job. */
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

static struct sweep *new_sweep(struct service *service, const struct sweep_order *order)
{
	struct sweep *sweep = xcalloc(1, sizeof(*sweep));
	uint64_t chunk = chunk_of(order->take_platform);

	*sweep = (struct sweep){ .service = service,
				 .next = service->sweeps,
				 .platform = order->take_platform,
				 .revision = order->revision,
				 .seeds = order->seeds,
				 .sampled = order->sampled,
				 .chunk = chunk,
				 .chunks = (order->seeds.count + chunk - 1) / chunk };
	mmp_sweep_init(&sweep->total);
	service->sweeps = sweep;
	return sweep;
}

int sweep_start(struct service *service, const struct sweep_order *order,
		uint64_t *ret_job, struct mmp_error *err)
{
	struct sweep *sweep = new_sweep(service, order);
	const struct job_owner owner = { .cancel = on_cancel, .owner = sweep };
	const struct mmp_job_row row = {
		.kind = "sweep", .build = "", .board = "", .by = *order->by
	};

	if (job_new(service->jobs, &row, owner, &sweep->job, err)) {
		free_sweep(sweep);
		return -1;
	}
	*ret_job = job_id(sweep->job);
	begin_parts(sweep);
	return 0;
}

void sweeps_free(struct service *service)
{
	while (service->sweeps)
		free_sweep(service->sweeps);
}
