/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "store/sql.h"

/* --- this host's name --- */

#define NAME_LOCK "(" POSTGRES_NAMES ", hashtext(?))"

/* The server may take a moment to notice that an mmpd was killed and drop its lock. */
static int wait_for_name(struct mmp_store *store, struct mmp_error *err)
{
	static const char lock[] = "SELECT pg_advisory_lock" NAME_LOCK;
	struct mmp_error ignored;
	struct sql_query *query;
	int failed;

	if (sql_run(store, err, "SET lock_timeout = 1000", ""))
		return -1;
	query = sql_start(store, err, lock, "t", store->host);
	failed = !query;
	if (query)
		sql_end(query);
	sql_run(store, &ignored, "RESET lock_timeout", "");
	if (failed && store->is_locked)
		mmp_fail(err, MMP_BUSY,
			 "host \"%s\": another mmpd has this name; --host NAME gives "
			 "this one another",
			 store->host);
	return failed ? -1 : 0;
}

int sql_hold_name(struct mmp_store *store, struct mmp_error *err)
{
	static const char sql[] =
		"SELECT CASE WHEN pg_try_advisory_lock" NAME_LOCK " THEN 1 ELSE 0 END";
	struct sql_query *query = sql_start(store, err, sql, "t", store->host);
	uint64_t is_ours;

	if (sql_one(store, query, err))
		return -1;
	is_ours = sql_number(query, 0);
	sql_end(query);
	if (!is_ours && wait_for_name(store, err))
		return -1;
	return postgres_check_schema(store, err);
}

int mmp_store_host(struct mmp_store *store, const char *name, struct mmp_error *err)
{
	if (!store->is_shared)
		return 0;
	if (!*name || strlen(name) > MMP_HOST_MAX)
		return mmp_fail(err, MMP_INVALID,
				"host \"%.80s\": must have 1 to %d bytes", name,
				MMP_HOST_MAX);
	snprintf(store->host, sizeof(store->host), "%s", name);
	if (!sql_hold_name(store, err))
		return 0;
	*store->host = '\0';
	return -1;
}

/* --- jobs of hosts that are gone --- */

#define RECORD_INTERRUPTED                                                               \
	"INSERT INTO history (time, uid, gid, pid, user, kind, name, action, about, "    \
	"after) SELECT ?, uid, gid, pid, user, 'board', board, kind, "                   \
	"'job ' || id || ': interrupted', build FROM job "
#define OF_BOARD " AND board <> '' AND NOT (" ASKS ")"
#define INTERRUPT                                                                        \
	"UPDATE job SET state = 'interrupted', ended = ?, error_kind = 'system', "       \
	"error_text = 'mmpd ended before the job did' "
#define RUNNING "WHERE state = 'running' AND host = ?"
#define OPEN    "WHERE ended IS NULL AND host = ?"

/*
 * A host that lost the database may have told the board to activate without being able
 * to record it, so the build that it was sending may be live.
 */
static int doubt_boards(struct mmp_store *store, const char *host, struct mmp_error *err)
{
	static const char sql[] =
		"UPDATE board SET staged = (SELECT b.id FROM build b JOIN job j ON "
		"j.build = b.id WHERE j.board = board.name AND j.state = 'running' AND "
		"j.host = ?1 ORDER BY j.id DESC LIMIT 1) WHERE host = ?1 AND staged IS "
		"NULL AND name IN (SELECT "
		"board FROM job WHERE state = 'running' AND host = ?1)";

	return sql_run(store, err, sql, "t", host);
}

static int interrupt_own(struct mmp_store *store, const char *time, struct mmp_error *err)
{
	static const char history[] = RECORD_INTERRUPTED RUNNING OF_BOARD;
	static const char unread[] = "DELETE FROM job " RUNNING " AND " UNREAD;
	static const char sql[] = INTERRUPT RUNNING;

	if (store->is_shared && doubt_boards(store, store->host, err))
		return -1;
	if (sql_run(store, err, unread, "t", store->host) ||
	    sql_run(store, err, history, "tt", time, store->host))
		return -1;
	return sql_run(store, err, sql, "tt", time, store->host);
}

int mmp_store_jobs_interrupted(struct mmp_store *store, const char *time,
			       uint64_t *ret_count, struct mmp_error *err)
{
	uint64_t count;
	int failed;

	if (sql_begin(store, err))
		return -1;
	failed = interrupt_own(store, time, err);
	count = sql_changed(store);
	if (sql_finish(store, failed, err))
		return -1;
	*ret_count = count;
	return 0;
}

/* Jobs that wait for a dead host will not begin either. */
static int bury(struct mmp_store *store, const char *host, const char *time,
		uint64_t *ret_count, struct mmp_error *err)
{
	static const char away[] = "UPDATE host SET heartbeat = 0 WHERE name = ?";
	static const char history[] = RECORD_INTERRUPTED OPEN OF_BOARD;
	static const char unread[] = "DELETE FROM job " OPEN " AND " UNREAD;
	static const char sql[] = INTERRUPT OPEN;

	if (sql_run(store, err, away, "t", host) || doubt_boards(store, host, err) ||
	    sql_run(store, err, unread, "t", host) ||
	    sql_run(store, err, history, "tt", time, host) ||
	    sql_run(store, err, sql, "tt", time, host))
		return -1;
	*ret_count += sql_changed(store);
	return 0;
}

#define ORPHANED                                                                         \
	"WHERE state = 'queued' AND created < ? AND host NOT IN (SELECT name FROM host)"

static int interrupt_orphans(struct mmp_store *store, const char *time,
			     const char *before, uint64_t *ret_count,
			     struct mmp_error *err)
{
	static const char history[] = RECORD_INTERRUPTED ORPHANED OF_BOARD;
	static const char sql[] = INTERRUPT ORPHANED;

	if (sql_run(store, err, history, "tt", time, before) ||
	    sql_run(store, err, sql, "tt", time, before))
		return -1;
	*ret_count = sql_changed(store);
	return 0;
}

int mmp_store_jobs_orphaned(struct mmp_store *store, const char *time, const char *before,
			    uint64_t *ret_count, struct mmp_error *err)
{
	static const char some[] = "SELECT id FROM job " ORPHANED " LIMIT 1";
	struct sql_query *query = sql_start(store, err, some, "t", before);
	int found = query ? sql_row(store, query, err) : -1;
	uint64_t count = 0;

	if (found > 0) {
		sql_end(query);
		if (sql_begin(store, err))
			return -1;
		found = sql_finish(
			store, interrupt_orphans(store, time, before, &count, err), err);
	}
	if (!found)
		*ret_count = count;
	return found;
}

/* --- which hosts are alive --- */

static struct host_seen *find_seen(struct mmp_store *store, const char *name)
{
	struct host_seen *more;

	for (size_t i = 0; i < store->seen_count; i++)
		if (!strcmp(store->seen[i].name, name))
			return &store->seen[i];
	more = realloc(store->seen, (store->seen_count + 1) * sizeof(*more));
	if (!more)
		return NULL;
	store->seen = more;
	more += store->seen_count++;
	*more = (struct host_seen){ .heartbeat = UINT64_MAX };
	snprintf(more->name, sizeof(more->name), "%s", name);
	return more;
}

static int note(struct mmp_store *store, struct sql_query *query, uint64_t now_ms,
		struct mmp_error *err)
{
	struct host_seen *one = find_seen(store, sql_text(query, 0));
	uint64_t heartbeat = sql_number(query, 1);

	if (!one)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (one->heartbeat != heartbeat)
		one->since_ms = now_ms;
	one->heartbeat = heartbeat;
	one->is_there = true;
	return 0;
}

/*
 * Heartbeats seen over another connection do not count: the server was away in between.
 */
static int look_at_others(struct mmp_store *store, uint64_t now_ms, struct mmp_error *err)
{
	static const char sql[] = "SELECT name, heartbeat FROM host WHERE name <> ?";
	struct sql_query *query = sql_start(store, err, sql, "t", store->host);
	int more = -1;

	if (store->seen_over != store->connections)
		store->seen_count = 0;
	store->seen_over = store->connections;
	for (size_t i = 0; i < store->seen_count; i++)
		store->seen[i].is_there = false;
	while (query && (more = sql_row(store, query, err)) > 0) {
		if (note(store, query, now_ms, err)) {
			sql_end(query);
			return -1;
		}
	}
	return more;
}

static bool is_dead(const struct host_seen *one, uint64_t now_ms)
{
	return one->is_there &&
	       now_ms - one->since_ms >= MMP_HOST_DEAD_SECONDS * UINT64_C(1000);
}

/*
 * Remove names that were used once, by hosts without boards, so that they do not pile
 * up.
 */
static int forget_hosts(struct mmp_store *store, struct mmp_error *err)
{
	static const char sql[] = "DELETE FROM host WHERE heartbeat = 0 AND name NOT IN "
				  "(SELECT host FROM board)";

	return sql_run(store, err, sql, "");
}

static int beat(struct mmp_store *store, const char *time, uint64_t now_ms,
		uint64_t *ret_count, struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO host (name, heartbeat) VALUES (?, DB_CLOCK_MS) "
		"ON CONFLICT (name) DO UPDATE SET heartbeat = excluded.heartbeat";

	if (sql_run(store, err, sql, "t", store->host) ||
	    look_at_others(store, now_ms, err))
		return -1;
	for (size_t i = 0; i < store->seen_count; i++)
		if (is_dead(&store->seen[i], now_ms) &&
		    bury(store, store->seen[i].name, time, ret_count, err))
			return -1;
	return forget_hosts(store, err);
}

int mmp_store_beat(struct mmp_store *store, const char *time, uint64_t now_ms,
		   uint64_t *ret_count, struct mmp_error *err)
{
	uint64_t count = 0;

	if (sql_begin(store, err) ||
	    sql_finish(store, beat(store, time, now_ms, &count, err), err))
		return -1;
	*ret_count = count;
	return 0;
}
