/* SPDX-License-Identifier: BSD-2-Clause */
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

/* 1: there, and the query stands on it; 0: not; -1 with *err. */
static int find_board(struct mmp_store *store, const char *name, struct sql_query **query,
		      struct mmp_error *err)
{
	static const char sql[] = BOARD_ROW "WHERE name = ?";

	*query = sql_start(store, err, sql, "t", name);
	return *query ? sql_row(store, *query, err) : -1;
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
	if (sql_run(store, err, sql, "ttttt", board->name, board->line, board->options,
		    by->time, store->host))
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

int mmp_store_board_list(struct mmp_store *store, mmp_each_board *each, void *data,
			 struct mmp_error *err)
{
	static const char sql[] = BOARD_ROW "ORDER BY name";
	struct sql_query *query = sql_start(store, err, sql, "");
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

	if (sql_run(store, err, sql, "t", name))
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

/* The board may hold what is no longer, or was never, in our store: that is no row. */
static int holds(struct mmp_store *store, const char *name, const char *build,
		 const char *time, struct mmp_error *err)
{
	static const char sql[] = "UPDATE board SET holds = (SELECT id FROM build WHERE "
				  "id = ?), staged = NULL, "
				  "time = ? WHERE name = ?";

	if (sql_run(store, err, sql, "ttt", build, time, name))
		return -1;
	return sql_changed(store) ? 0 : no_such_board(name, err);
}

int mmp_store_board_holds(struct mmp_store *store, const char *name, const char *build,
			  const char *time, struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, holds(store, name, build, time, err), err);
}

int mmp_store_board_is(struct mmp_store *store, const char *name, const char *identity,
		       const char *key, struct mmp_error *err)
{
	static const char sql[] =
		"UPDATE board SET identity = ?, key = nullif(coalesce(?, key), '') "
		"WHERE name = ?";

	if (sql_run(store, err, sql, "ttt", identity, key, name))
		return -1;
	return sql_changed(store) ? 0 : no_such_board(name, err);
}

static int staged(struct mmp_store *store, const char *name, const char *build,
		  const char *time, struct mmp_error *err)
{
	static const char sql[] = "UPDATE board SET staged = ?, time = ? WHERE name = ?";

	if (sql_run(store, err, sql, "ttt", build, time, name))
		return -1;
	return sql_changed(store) ? 0 : no_such_board(name, err);
}

int mmp_store_board_staged(struct mmp_store *store, const char *name, const char *build,
			   const char *time, struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, staged(store, name, build, time, err), err);
}
