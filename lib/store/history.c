/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/sql.h"

static struct mmp_history_row history_row(struct sql_query *query)
{
	return (struct mmp_history_row){
		.by = { .time = sql_text(query, 0),
			.uid = (int64_t)sql_number(query, 1),
			.gid = (int64_t)sql_number(query, 2),
			.pid = (int64_t)sql_number(query, 3),
			.user = sql_text(query, 4) },
		.kind = sql_text(query, 5),
		.name = sql_text(query, 6),
		.action = sql_text(query, 7),
		.about = sql_text(query, 8),
		.before = sql_text(query, 9),
		.after = sql_text(query, 10),
		.number = sql_number(query, 11),
	};
}

int mmp_store_history(struct mmp_store *store, const char *kind, const char *name,
		      const struct mmp_page *page, mmp_each_history *each, void *data,
		      struct mmp_error *err)
{
	static const char sql[] = "SELECT time, uid, gid, pid, user, kind, name, action, "
				  "about, before, after, id FROM history WHERE kind = ? "
				  "AND name = ? AND id > ? ORDER BY id LIMIT ?";
	struct sql_query *query = sql_start(store, err, sql, "ttnn", kind, name,
					    page->after, sql_limit(page));
	int more;

	if (!query)
		return -1;
	while ((more = sql_row(store, query, err)) > 0) {
		struct mmp_history_row row = history_row(query);

		if (each(data, &row, err)) {
			sql_end(query);
			return -1;
		}
	}
	return more;
}
