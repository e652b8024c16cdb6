/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/sql.h"

/* --- jobs that wait for their host, and requests from others to running ones --- */

static int collect_ids(struct mmp_store *store, struct sql_query *query, uint64_t ids[],
		       size_t most, size_t *ret_count, struct mmp_error *err)
{
	size_t count = 0;
	int more;

	if (!query)
		return -1;
	while ((more = sql_row(store, query, err)) > 0 && count < most)
		ids[count++] = sql_number(query, 0);
	if (more > 0)
		sql_end(query);
	*ret_count = count;
	return more < 0 ? -1 : 0;
}

#define WAITING                                                                          \
	"SELECT id FROM job WHERE state = 'queued' AND host = ?1 AND NOT EXISTS "        \
	"(SELECT 1 FROM job o WHERE o.board = job.board AND (o.state = 'running' OR "    \
	"(o.state = 'queued' AND o.id < job.id))) ORDER BY id LIMIT ?2"

static int claim(struct mmp_store *store, uint64_t ids[], size_t most, size_t *ret_count,
		 struct mmp_error *err)
{
	static const char waiting[] = WAITING " FOR UPDATE SKIP LOCKED";
	static const char sql[] =
		"UPDATE job SET state = 'running', attempt = attempt + 1 WHERE id = ?";

	if (collect_ids(store,
			sql_start(store, err, waiting, "tn", store->host, (uint64_t)most),
			ids, most, ret_count, err))
		return -1;
	for (size_t i = 0; i < *ret_count; i++)
		if (sql_run(store, err, sql, "n", ids[i]))
			return -1;
	return 0;
}

/* There is almost never a job to claim, so check without a transaction first. */
int mmp_store_jobs_claim(struct mmp_store *store, uint64_t ids[], size_t most,
			 size_t *ret_count, struct mmp_error *err)
{
	static const char sql[] = WAITING;

	if (collect_ids(store,
			sql_start(store, err, sql, "tn", store->host, (uint64_t)most),
			ids, most, ret_count, err))
		return -1;
	if (!*ret_count)
		return 0;
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, claim(store, ids, most, ret_count, err), err);
}

int mmp_store_job_requeue(struct mmp_store *store, uint64_t id, struct mmp_error *err)
{
	static const char sql[] =
		"UPDATE job SET state = 'queued' WHERE id = ? AND state = 'running' AND "
		"host = ?";

	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, sql_run(store, err, sql, "nt", id, store->host), err);
}

int mmp_store_job_progress(struct mmp_store *store, const struct mmp_job_row *job,
			   struct mmp_error *err)
{
	static const char sql[] =
		"UPDATE job SET step = ?, done = ?, total = ? WHERE id = ? AND "
		"ended IS NULL";

	if (sql_begin(store, err))
		return -1;
	return sql_finish(store,
			  sql_run(store, err, sql, "tnnn", job->step, job->done,
				  job->total, job->id),
			  err);
}

static int cancel(struct mmp_store *store, uint64_t id, const char *time,
		  struct mmp_error *err)
{
	static const char waits[] =
		"UPDATE job SET state = 'cancelled', ended = ? WHERE id = ? AND "
		"state = 'queued'";
	static const char runs[] =
		"UPDATE job SET cancelled = 1 WHERE id = ? AND ended IS NULL AND "
		"cancelled = 0";

	if (sql_run(store, err, waits, "tn", time, id))
		return -1;
	return sql_run(store, err, runs, "n", id);
}

int mmp_store_job_cancel(struct mmp_store *store, uint64_t id, const char *time,
			 struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, cancel(store, id, time, err), err);
}

int mmp_store_jobs_cancelled(struct mmp_store *store, uint64_t ids[], size_t most,
			     size_t *ret_count, struct mmp_error *err)
{
	static const char sql[] = "SELECT id FROM job WHERE host = ? AND state = "
				  "'running' AND cancelled > 0 ORDER BY id LIMIT ?";

	return collect_ids(store,
			   sql_start(store, err, sql, "tn", store->host, (uint64_t)most),
			   ids, most, ret_count, err);
}

/* --- letters --- */

static int leave(struct mmp_store *store, uint64_t id, const char *created,
		 struct mmp_error *err)
{
	static const char idle[] =
		"DELETE FROM job WHERE id = ? AND created = ? AND state <> 'running'";
	static const char runs[] =
		"UPDATE job SET cancelled = 2 WHERE id = ? AND created = ?";

	if (sql_run(store, err, idle, "nt", id, created))
		return -1;
	return sql_run(store, err, runs, "nt", id, created);
}

int mmp_store_letter_leave(struct mmp_store *store, uint64_t id, const char *created,
			   struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, leave(store, id, created, err), err);
}

#define FORGOTTEN                                                                        \
	"WHERE (host = ? OR host NOT IN (SELECT name FROM host WHERE heartbeat > 0)) "   \
	"AND ended < ? AND (" LETTER ")"

int mmp_store_letters_forget(struct mmp_store *store, const char *before,
			     struct mmp_error *err)
{
	static const char some[] = "SELECT id FROM job " FORGOTTEN " LIMIT 1";
	static const char sql[] = "DELETE FROM job " FORGOTTEN;
	struct sql_query *query = sql_start(store, err, some, "tt", store->host, before);
	int found = query ? sql_row(store, query, err) : -1;

	if (found <= 0)
		return found;
	sql_end(query);
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, sql_run(store, err, sql, "tt", store->host, before),
			  err);
}
