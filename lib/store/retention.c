/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/sql.h"

static int run_counted(struct mmp_store *store, const char *sql, const char *before,
		       uint64_t most, uint64_t *ret_count, struct mmp_error *err)
{
	if (sql_run(store, err, sql, "tn", before, most))
		return -1;
	*ret_count = sql_changed(store);
	return 0;
}

static int finish_counted(struct mmp_store *store, const char *sql, const char *before,
			  uint64_t most, uint64_t *ret_count, struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, run_counted(store, sql, before, most, ret_count, err),
			  err);
}

int mmp_store_forget_jobs(struct mmp_store *store, const char *before, uint64_t most,
			  uint64_t *ret_count, struct mmp_error *err)
{
	static const char sql[] =
		"DELETE FROM job WHERE id IN (SELECT id FROM job WHERE ended IS NOT NULL "
		"AND ended < ? ORDER BY id LIMIT ?)";

	return finish_counted(store, sql, before, most, ret_count, err);
}

int mmp_store_forget_history(struct mmp_store *store, const char *before, uint64_t most,
			     uint64_t *ret_count, struct mmp_error *err)
{
	static const char sql[] =
		"DELETE FROM history WHERE id IN (SELECT h.id FROM history h WHERE "
		"h.time < ? AND EXISTS (SELECT 1 FROM history n WHERE n.kind = h.kind "
		"AND n.name = h.name AND n.id > h.id) ORDER BY h.id LIMIT ?)";

	return finish_counted(store, sql, before, most, ret_count, err);
}

int mmp_store_unused_builds(struct mmp_store *store, const char *before, uint64_t most,
			    mmp_each_build *each, void *data, struct mmp_error *err)
{
	static const char sql[] =
		"SELECT b.id FROM build b WHERE NOT EXISTS (SELECT 1 FROM board x WHERE "
		"x.holds = b.id OR x.staged = b.id) AND NOT EXISTS (SELECT 1 FROM job j "
		"WHERE j.build = b.id) AND NOT EXISTS (SELECT 1 FROM build_origin o "
		"WHERE "
		"o.build = b.id AND o.time >= ?) ORDER BY b.id LIMIT ?";
	struct sql_query *query = sql_start(store, err, sql, "tn", before, most);
	int more;

	if (!query)
		return -1;
	while ((more = sql_row(store, query, err)) > 0) {
		struct mmp_build_row row = { .id = sql_text(query, 0) };

		if (each(data, &row, err)) {
			sql_end(query);
			return -1;
		}
	}
	return more;
}

int mmp_store_build_bytes(struct mmp_store *store, int64_t uid, uint64_t *ret_bytes,
			  struct mmp_error *err)
{
	static const char sql[] =
		"SELECT coalesce(sum(length(b.bytes) + length(b.manifest)), 0) FROM "
		"build "
		"b WHERE EXISTS (SELECT 1 FROM build_origin o WHERE o.build = b.id AND "
		"o.uid = ?)";
	struct sql_query *query = sql_start(store, err, sql, "n", (uint64_t)uid);

	if (sql_one(store, query, err))
		return -1;
	*ret_bytes = sql_number(query, 0);
	sql_end(query);
	return 0;
}
