/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "store/sql.h"

static struct mmp_board_row board_row(struct sql_query *query)
{
	return (struct mmp_board_row){
		.name = sql_text(query, 0),
		.line = sql_text(query, 1),
		.options = sql_text(query, 2),
		.holds = sql_text(query, 3),
		.staged = sql_text(query, 4),
		.time = sql_text(query, 5),
		.identity = sql_text(query, 6),
		.key = sql_text(query, 7),
		.host = sql_text(query, 8),
		.is_away = sql_number(query, 9),
	};
}

#define BOARD_ROW                                                                        \
	"SELECT name, line, options, holds, staged, time, identity, key, host, "         \
	"(SELECT CASE WHEN h.heartbeat < DB_CLOCK_MS - 10000 THEN 1 ELSE 0 END FROM "    \
	"host h WHERE h.name = board.host) FROM board "

static int no_such_board(const char *name, struct mmp_error *err)
{
	return mmp_fail(err, MMP_NOT_FOUND, "no such board: \"%.100s\"", name);
}

/* 1: found, and the query is on its row; 0: not found; -1 with *err. */
static int find_board(struct mmp_store *store, const char *name, struct sql_query **query,
		      struct mmp_error *err)
{
	static const char sql[] = BOARD_ROW "WHERE name = ?";

	*query = sql_start(store, err, sql, "t", name);
	return *query ? sql_row(store, *query, err) : -1;
}

#define JOB_OF_ANOTHER_HOST "SELECT id, host FROM job WHERE board = ? AND host <> ? AND "

/* MMP_BUSY: the query finds such a job. A dead host has no running jobs. */
static int check_job(struct mmp_store *store, const char *sql, const char *name,
		     struct mmp_error *err)
{
	struct sql_query *query = sql_start(store, err, sql, "tt", name, store->host);
	int found = query ? sql_row(store, query, err) : -1;

	if (found <= 0)
		return found;
	mmp_fail(err, MMP_BUSY,
		 "board \"%.100s\": in use by job %" PRIu64 " of host \"%s\"", name,
		 sql_number(query, 0), sql_text(query, 1));
	sql_end(query);
	return -1;
}

/* MMP_BUSY: a live host drives the board. */
static int check_driven(struct mmp_store *store, const char *name, struct mmp_error *err)
{
	return check_job(store, JOB_OF_ANOTHER_HOST "state = 'running' LIMIT 1", name,
			 err);
}

int mmp_store_board_unused(struct mmp_store *store, const char *name,
			   struct mmp_error *err)
{
	return check_job(store, JOB_OF_ANOTHER_HOST "ended IS NULL ORDER BY id LIMIT 1",
			 name, err);
}

/* Jobs that wait for the board now wait for the host that its line reaches. */
static int take_jobs(struct mmp_store *store, const char *name, struct mmp_error *err)
{
	static const char sql[] = "UPDATE job SET host = ?1 WHERE board = ?2 AND state = "
				  "'queued' AND host <> ?1";

	return sql_run(store, err, sql, "tt", store->host, name);
}

/* Refuse a device that another host drives: neither would see that the other uses it. */
static int check_lines(struct mmp_store *store, const struct mmp_board_row *board,
		       struct mmp_error *err)
{
	static const char sql[] =
		"SELECT name, line, host FROM board WHERE host <> ? AND name <> ?";
	struct sql_query *query;
	int more;

	if (!board->is_same_line)
		return 0;
	query = sql_start(store, err, sql, "tt", store->host, board->name);
	while ((more = query ? sql_row(store, query, err) : -1) > 0) {
		if (!board->is_same_line(board->line, sql_text(query, 1)))
			continue;
		mmp_fail(err, MMP_CONFLICT,
			 "board \"%.60s\": its line leads to board \"%.60s\" of host "
			 "\"%s\": push to that one, or remove it first",
			 board->name, sql_text(query, 0), sql_text(query, 2));
		sql_end(query);
		return -1;
	}
	return more;
}

static int insert_board(struct mmp_store *store, const struct mmp_board_row *board,
			const struct mmp_signature *by, struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO board (name, line, options, time, host) VALUES (?, ?, ?, ?, "
		"?) "
		"ON CONFLICT (name) DO UPDATE SET options = excluded.options, "
		"holds = CASE WHEN board.line = excluded.line THEN board.holds END, "
		"staged = CASE WHEN board.line = excluded.line THEN board.staged END, "
		"identity = CASE WHEN board.line = excluded.line THEN board.identity "
		"END, "
		"key = CASE WHEN board.line = excluded.line THEN board.key END, "
		"line = excluded.line, host = excluded.host";
	char about[256];

	snprintf(about, sizeof(about), "%.*s", sql_clip(board->line, 250), board->line);
	if (check_driven(store, board->name, err) || check_lines(store, board, err) ||
	    sql_run(store, err, sql, "ttttt", board->name, board->line, board->options,
		    by->time, store->host) ||
	    take_jobs(store, board->name, err))
		return -1;
	return sql_history(store, by, "board", board->name, "board.put", about, NULL,
			   NULL, err);
}

int mmp_store_board_put(struct mmp_store *store, const struct mmp_board_row *board,
			const struct mmp_signature *by, struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, insert_board(store, board, by, err), err);
}

int mmp_store_board_get(struct mmp_store *store, const char *name, mmp_each_board *row,
			void *data, struct mmp_error *err)
{
	struct mmp_board_row board;
	struct sql_query *query;
	int found = find_board(store, name, &query, err), failed;

	if (found <= 0)
		return found ? -1 : no_such_board(name, err);
	board = board_row(query);
	failed = row(data, &board, err);
	sql_end(query);
	return failed;
}

int mmp_store_board_list(struct mmp_store *store, const char *after, uint64_t limit,
			 mmp_each_board *each, void *data, struct mmp_error *err)
{
	static const char sql[] = BOARD_ROW "WHERE name > ? ORDER BY name LIMIT ?";
	const struct mmp_page page = { .limit = limit };
	struct sql_query *query =
		sql_start(store, err, sql, "tn", after ? after : "", sql_limit(&page));
	int more;

	if (!query)
		return -1;
	while ((more = sql_row(store, query, err)) > 0) {
		struct mmp_board_row row = board_row(query);

		if (each(data, &row, err)) {
			sql_end(query);
			return -1;
		}
	}
	return more;
}

static int remove_board(struct mmp_store *store, const char *name,
			const struct mmp_signature *by, struct mmp_error *err)
{
	static const char sql[] = "DELETE FROM board WHERE name = ?";

	if (check_driven(store, name, err) || sql_run(store, err, sql, "t", name))
		return -1;
	if (!sql_changed(store))
		return no_such_board(name, err);
	return sql_history(store, by, "board", name, "board.remove", "", NULL, NULL, err);
}

int mmp_store_board_remove(struct mmp_store *store, const char *name,
			   const struct mmp_signature *by, struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, remove_board(store, name, by, err), err);
}

/* Refuse to record what this host learnt of a board that it does not have (any more). */
static int not_ours(struct mmp_store *store, const char *name, struct mmp_error *err)
{
	struct sql_query *query;
	int found = find_board(store, name, &query, err);

	if (found <= 0)
		return found ? -1 : no_such_board(name, err);
	mmp_fail(err, MMP_CONFLICT, "board \"%.100s\": its line is on host \"%s\" now",
		 name, sql_text(query, 8));
	sql_end(query);
	return -1;
}

/* The board may hold a build that is not in our store and so has no row. */
static int holds(struct mmp_store *store, const char *name, const char *build,
		 const char *time, struct mmp_error *err)
{
	static const char sql[] = "UPDATE board SET holds = (SELECT id FROM build WHERE "
				  "id = ?), staged = NULL, "
				  "time = ? WHERE name = ? AND host = ?";

	if (sql_run(store, err, sql, "tttt", build, time, name, store->host))
		return -1;
	return sql_changed(store) ? 0 : not_ours(store, name, err);
}

int mmp_store_board_holds(struct mmp_store *store, const char *name, const char *build,
			  const char *time, struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, holds(store, name, build, time, err), err);
}

static int note_identity(struct mmp_store *store, const char *name, const char *identity,
			 const char *key, struct mmp_error *err)
{
	static const char sql[] =
		"UPDATE board SET identity = ?, key = nullif(coalesce(?, key), '') "
		"WHERE name = ? AND host = ?";

	if (sql_run(store, err, sql, "tttt", identity, key, name, store->host))
		return -1;
	return sql_changed(store) ? 0 : not_ours(store, name, err);
}

int mmp_store_board_is(struct mmp_store *store, const char *name, const char *identity,
		       const char *key, struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, note_identity(store, name, identity, key, err), err);
}

static int staged(struct mmp_store *store, const char *name, const char *build,
		  const char *time, struct mmp_error *err)
{
	static const char sql[] =
		"UPDATE board SET staged = ?, time = ? WHERE name = ? AND host = ?";

	if (sql_run(store, err, sql, "tttt", build, time, name, store->host))
		return -1;
	return sql_changed(store) ? 0 : not_ours(store, name, err);
}

int mmp_store_board_staged(struct mmp_store *store, const char *name, const char *build,
			   const char *time, struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, staged(store, name, build, time, err), err);
}
