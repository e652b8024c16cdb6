/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "store/sql.h"

static const char *const state_names[] = {
	[MMP_JOB_QUEUED] = "queued",       [MMP_JOB_RUNNING] = "running",
	[MMP_JOB_DONE] = "done",           [MMP_JOB_FAILED] = "failed",
	[MMP_JOB_CANCELLED] = "cancelled", [MMP_JOB_INTERRUPTED] = "interrupted",
};
static_assert(sizeof(state_names) / sizeof(state_names[0]) == MMP_JOB_STATE_COUNT,
	      "a state has no name");

const char *mmp_job_state_name(enum mmp_job_state state)
{
	return state_names[state];
}

static enum mmp_job_state state_of(const char *name)
{
	for (int i = 0; i < MMP_JOB_STATE_COUNT; i++)
		if (!strcmp(state_names[i], name))
			return (enum mmp_job_state)i;
	return MMP_JOB_INTERRUPTED;
}

/*
 * Remove the oldest ended jobs, with the reports of their pushes. Letters do not count, as
 * they are not kept.
 */
static int prune(struct mmp_store *store, struct mmp_error *err)
{
	static const char sql[] =
		"DELETE FROM job WHERE ended IS NOT NULL AND NOT (" LETTER ") AND id <= "
		"(SELECT id FROM job WHERE ended IS NOT NULL AND NOT (" LETTER ") "
		"ORDER BY id DESC LIMIT 1 OFFSET ?)";

	if (sql_run(store, err, sql, "n", (uint64_t)MMP_JOBS_KEPT))
		return -1;
	store->pruned_jobs += sql_changed(store);
	return 0;
}

static int check_room(struct mmp_store *store, struct mmp_error *err)
{
	static const char sql[] = "SELECT count(*) FROM job WHERE state = 'queued'";
	struct sql_query *query = sql_start(store, err, sql, "");
	uint64_t waiting;

	if (sql_one(store, query, err))
		return -1;
	waiting = sql_number(query, 0);
	sql_end(query);
	if (waiting < MMP_JOBS_WAITING_MAX)
		return 0;
	return mmp_fail(err, MMP_BUSY, "%" PRIu64 " jobs wait, which is the limit",
			waiting);
}

static int insert_job(struct mmp_store *store, const struct mmp_job_row *job,
		      uint64_t *ret_id, struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO job (kind, state, build, board, idempotency_key, created, "
		"uid, gid, pid, user, host, orders, attempt) VALUES (?, ?, ?, ?, ?, ?, "
		"?, ?, ?, ?, ?, ?, ?) RETURNING id";
	const char *host = job->host ? job->host : store->host;

	if ((job->state == MMP_JOB_QUEUED && check_room(store, err)) || prune(store, err))
		return -1;
	return sql_insert(store, err, ret_id, sql, "ttttttnnntttn", job->kind,
			  mmp_job_state_name(job->state), job->build, job->board,
			  job->idempotency_key, job->by.time, job->by.uid, job->by.gid,
			  job->by.pid, job->by.user, host, job->orders,
			  (uint64_t)(job->state != MMP_JOB_QUEUED));
}

uint64_t mmp_store_pruned_jobs(const struct mmp_store *store)
{
	return store->pruned_jobs;
}

int mmp_store_job_new(struct mmp_store *store, const struct mmp_job_row *job,
		      uint64_t *ret_id, struct mmp_error *err)
{
	uint64_t id = 0;

	if (sql_begin(store, err) ||
	    sql_finish(store, insert_job(store, job, &id, err), err))
		return -1;
	*ret_id = id;
	return 0;
}

#define JOB_ROW(report)                                                                  \
	"SELECT id, kind, state, build, board, idempotency_key, created, uid, gid, "     \
	"pid, user, ended, error_kind, error_text, " report                              \
	", host, attempt, step, done, "                                                  \
	"total, cancelled, orders, proof FROM job "

static struct mmp_job_row job_row(struct sql_query *query)
{
	return (struct mmp_job_row){
		.id = sql_number(query, 0),
		.kind = sql_text(query, 1),
		.state = state_of(sql_text(query, 2)),
		.build = sql_text(query, 3),
		.board = sql_text(query, 4),
		.idempotency_key = sql_text(query, 5),
		.by = { .time = sql_text(query, 6),
			.uid = (int64_t)sql_number(query, 7),
			.gid = (int64_t)sql_number(query, 8),
			.pid = (int64_t)sql_number(query, 9),
			.user = sql_text(query, 10) },
		.ended = sql_text(query, 11),
		.error_kind = sql_text(query, 12),
		.error_text = sql_text(query, 13),
		.report = sql_text(query, 14),
		.host = sql_text(query, 15),
		.attempt = sql_number(query, 16),
		.step = sql_text(query, 17),
		.done = sql_number(query, 18),
		.total = sql_number(query, 19),
		.is_cancelled = sql_number(query, 20),
		.orders = sql_text(query, 21),
		.proof = sql_text(query, 22),
	};
}

/*
 * Record what is known of the job's board, unless another host has taken the board
 * over.
 */
static int settle(struct mmp_store *store, uint64_t id, enum mmp_job_outcome outcome,
		  const char *time, struct mmp_error *err)
{
	static const char unchanged[] =
		"UPDATE board SET staged = NULL, time = ?1 WHERE name = "
		"(SELECT board FROM job WHERE id = ?2) AND host = ?3";
	static const char live[] =
		"UPDATE board SET staged = NULL, time = ?1, holds = (SELECT b.id FROM "
		"build b "
		"JOIN job j ON j.build = b.id WHERE j.id = ?2) WHERE name = "
		"(SELECT board FROM job WHERE id = ?2) AND host = ?3";

	if (outcome == MMP_OUTCOME_UNKNOWN)
		return 0;
	return sql_run(store, err, outcome == MMP_OUTCOME_LIVE ? live : unchanged, "tnt",
		       time, id, store->host);
}

/*
 * A change of a board gets a row in its history, in the name of the job's owner; to ask
 * the board changes nothing.
 */
static int record_end(struct mmp_store *store, const struct mmp_job_row *end,
		      struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO history (time, uid, gid, pid, user, kind, name, action, "
		"about, "
		"after) SELECT ?, uid, gid, pid, user, 'board', board, kind, "
		"'job ' || id || ': ' || state, build FROM job WHERE id = ? AND board <> "
		"'' AND NOT (" ASKS ")";

	return sql_run(store, err, sql, "tn", end->ended, end->id);
}

/* 1: there is a job with that id, created then; 0: none; -1 with *err. */
static int find_created(struct mmp_store *store, uint64_t id, const char *created,
			struct mmp_error *err)
{
	static const char sql[] = "SELECT 1 FROM job WHERE id = ? AND created = ?";
	struct sql_query *query = sql_start(store, err, sql, "nt", id, created);
	int found = query ? sql_row(store, query, err) : -1;

	if (found > 0)
		sql_end(query);
	return found;
}

/*
 * If other hosts ended the job because this host seemed dead, it stays as they left it.
 */
static int finish_job(struct mmp_store *store, const struct mmp_job_row *end,
		      enum mmp_job_outcome outcome, struct mmp_error *err)
{
	static const char sql[] =
		"UPDATE job SET state = ?, ended = ?, error_kind = ?, "
		"error_text = ?, report = ?, proof = ? WHERE id = ? AND ended IS NULL";
	static const char unread[] = "DELETE FROM job WHERE id = ? AND " UNREAD;
	bool is_first;

	if (sql_run(store, err, sql, "ttttttn", mmp_job_state_name(end->state),
		    end->ended, end->error_kind, end->error_text, end->report, end->proof,
		    end->id))
		return -1;
	is_first = sql_changed(store);
	if (settle(store, end->id, outcome, end->ended, err) ||
	    (is_first && record_end(store, end, err)))
		return -1;
	return sql_run(store, err, unread, "n", end->id);
}

int mmp_store_job_end(struct mmp_store *store, const struct mmp_job_row *job,
		      enum mmp_job_outcome outcome, struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, finish_job(store, job, outcome, err), err);
}

static int finish_created(struct mmp_store *store, const struct mmp_job_row *end,
			  struct mmp_error *err)
{
	int found = find_created(store, end->id, end->by.time, err);

	return found > 0 ? finish_job(store, end, MMP_OUTCOME_UNKNOWN, err) : found;
}

int mmp_store_job_end_created(struct mmp_store *store, const struct mmp_job_row *job,
			      struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, finish_created(store, job, err), err);
}

/* Pass each row of a query to the caller; returns their number, or -1. */
static int each_row(struct mmp_store *store, struct sql_query *query, mmp_each_job *each,
		    void *data, struct mmp_error *err)
{
	int more, count = 0;

	if (!query)
		return -1;
	while ((more = sql_row(store, query, err)) > 0) {
		struct mmp_job_row row = job_row(query);

		count++;
		if (each(data, &row, err)) {
			sql_end(query);
			return -1;
		}
	}
	return more < 0 ? -1 : count;
}

int mmp_store_job_get(struct mmp_store *store, uint64_t id, mmp_each_job *row, void *data,
		      struct mmp_error *err)
{
	static const char sql[] = JOB_ROW("report") "WHERE id = ?";
	int found = each_row(store, sql_start(store, err, sql, "n", id), row, data, err);

	if (found)
		return found < 0 ? -1 : 0;
	return mmp_fail(err, MMP_NOT_FOUND, "no such job: %" PRIu64, id);
}

int mmp_store_job_by_key(struct mmp_store *store, const char *key, mmp_each_job *row,
			 void *data, struct mmp_error *err)
{
	static const char sql[] = JOB_ROW("report") "WHERE idempotency_key = ?";

	return each_row(store, sql_start(store, err, sql, "t", key), row, data, err);
}

int mmp_store_job_list(struct mmp_store *store, const char *board, const char *kind,
		       const struct mmp_page *page, mmp_each_job *each, void *data,
		       struct mmp_error *err)
{
	static const char sql[] = JOB_ROW("NULL") "WHERE (?1 IS NULL OR board = ?1) AND "
						  "(?2 = 0 OR id < ?2) AND (?4 IS NULL "
						  "OR kind = ?4) ORDER BY id DESC "
						  "LIMIT ?3";
	int count = each_row(store,
			     sql_start(store, err, sql, "tnnt", board, page->after,
				       sql_limit(page), kind),
			     each, data, err);

	return count < 0 ? -1 : 0;
}
