/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "store/sql.h"

enum { ID_LENGTH = MMP_DIGEST_TEXT_SIZE - 1, PREFIX_MIN = 8 };

static int is_there(struct mmp_store *store, const char *id, struct mmp_error *err)
{
	static const char sql[] = "SELECT 1 FROM build WHERE id = ?";
	struct sql_query *query = sql_start(store, err, sql, "t", id);
	int found = query ? sql_row(store, query, err) : -1;

	if (found > 0)
		sql_end(query);
	return found;
}

static int check_prefix(const char *id, struct mmp_error *err)
{
	size_t length = strspn(id, "0123456789abcdef");

	if (!id[length] && length >= PREFIX_MIN && length <= ID_LENGTH)
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"build \"%.80s\": must be %d lower-case hex digits, or at least "
			"the first %d of them",
			id, ID_LENGTH, PREFIX_MIN);
}

/* The full id of the one build whose id begins with these digits. */
static int resolve(struct mmp_store *store, const char *id, char whole[ID_LENGTH + 1],
		   struct mmp_error *err)
{
	static const char sql[] =
		"SELECT id FROM build WHERE id >= ? AND id < ? ORDER BY id LIMIT 2";
	char behind[ID_LENGTH + 2];
	struct sql_query *query;
	int more;

	if (check_prefix(id, err))
		return -1;
	snprintf(behind, sizeof(behind), "%sg", id);
	query = sql_start(store, err, sql, "tt", id, behind);
	more = query ? sql_row(store, query, err) : -1;
	if (more <= 0)
		return more ? -1 : mmp_fail(err, MMP_NOT_FOUND, "no such build: %s", id);
	snprintf(whole, ID_LENGTH + 1, "%s", sql_text(query, 0));
	more = sql_row(store, query, err);
	if (more > 0) {
		sql_end(query);
		return mmp_fail(err, MMP_INVALID,
				"build %s: more than one build begins with these digits",
				id);
	}
	return more;
}

static int put_origin(struct mmp_store *store, const struct mmp_build_row *build,
		      const struct mmp_signature *by, struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO build_origin (build, platform, revision, time, uid, gid, "
		"pid, "
		"user, accepted, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, "
		"(SELECT coalesce(max(number), 0) + 1 FROM build_origin)) "
		"ON CONFLICT (build, platform, revision) DO UPDATE SET time = "
		"excluded.time, "
		"uid = excluded.uid, gid = excluded.gid, pid = excluded.pid, "
		"user = excluded.user, accepted = excluded.accepted, "
		"number = excluded.number";

	return sql_run(store, err, sql, "ttntnnntt", build->id, build->platform,
		       build->revision, by->time, by->uid, by->gid, by->pid, by->user,
		       build->accepted);
}

static int put_new(struct mmp_store *store, const struct mmp_build_row *build,
		   const struct mmp_signature *by, struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO build (id, manifest, bytes) VALUES (?, ?, ?)";
	char about[128];

	snprintf(about, sizeof(about), "%zu bytes, of %.*s revision %" PRIu64,
		 build->bytes_size, sql_clip(build->platform, 60),
		 build->revision ? build->platform : "a document", build->revision);
	if (sql_run(store, err, sql, "ttb", build->id, build->manifest, build->bytes,
		    build->bytes_size))
		return -1;
	return sql_history(store, by, "build", build->id, "build.create", about, NULL,
			   build->id, err);
}

static int insert_build(struct mmp_store *store, const struct mmp_build_row *build,
			const struct mmp_signature *by, int *ret_found,
			struct mmp_error *err)
{
	*ret_found = is_there(store, build->id, err);
	if (*ret_found < 0 || (!*ret_found && put_new(store, build, by, err)))
		return -1;
	return put_origin(store, build, by, err);
}

int mmp_store_build_put(struct mmp_store *store, const struct mmp_build_row *build,
			const struct mmp_signature *by, bool *ret_new,
			struct mmp_error *err)
{
	int found;

	if (sql_begin(store, err) ||
	    sql_finish(store, insert_build(store, build, by, &found, err), err))
		return -1;
	*ret_new = !found;
	return 0;
}

/* A build is listed with its most recent origin. */
#define BUILD_ROW(manifest, bytes)                                                       \
	"SELECT b.id, length(b.bytes), o.platform, o.revision, o.time, "                 \
	"o.user, " manifest ", " bytes ", o.accepted, o.number"                          \
	" FROM build b JOIN build_origin o ON o.build = b.id "                           \
	"WHERE NOT EXISTS (SELECT 1 FROM build_origin l WHERE l.build = o.build AND "    \
	"l.number > o.number) "

static struct mmp_build_row build_row(struct sql_query *query)
{
	return (struct mmp_build_row){
		.id = sql_text(query, 0),
		.bytes_size = sql_number(query, 1),
		.platform = sql_text(query, 2),
		.revision = sql_number(query, 3),
		.time = sql_text(query, 4),
		.user = sql_text(query, 5),
		.manifest = sql_text(query, 6),
		.bytes = sql_bytes(query, 7),
		.accepted = sql_text(query, 8),
		.number = sql_number(query, 9),
	};
}

int mmp_store_build_get(struct mmp_store *store, const char *id, mmp_each_build *row,
			void *data, struct mmp_error *err)
{
	static const char sql[] = BUILD_ROW("b.manifest", "b.bytes") "AND b.id = ?";
	char whole[ID_LENGTH + 1];
	struct mmp_build_row build;
	struct sql_query *query;
	int failed;

	if (resolve(store, id, whole, err))
		return -1;
	query = sql_start(store, err, sql, "t", whole);
	if (sql_one(store, query, err))
		return -1;
	build = build_row(query);
	failed = row(data, &build, err);
	sql_end(query);
	return failed;
}

int mmp_store_build_list(struct mmp_store *store, const char *platform,
			 const struct mmp_page *page, mmp_each_build *each, void *data,
			 struct mmp_error *err)
{
	static const char sql[] = BUILD_ROW(
		"NULL",
		"NULL") "AND (?1 IS NULL OR EXISTS (SELECT 1 FROM build_origin q "
			"WHERE q.build = b.id AND q.platform = ?1)) AND (?2 = 0 OR "
			"o.number < ?2) ORDER BY o.number DESC, b.id LIMIT ?3";
	struct sql_query *query =
		sql_start(store, err, sql, "tnn", platform, page->after, sql_limit(page));
	int more;

	if (!query)
		return -1;
	while ((more = sql_row(store, query, err)) > 0) {
		struct mmp_build_row row = build_row(query);

		if (each(data, &row, err)) {
			sql_end(query);
			return -1;
		}
	}
	return more;
}

static int check_free(struct mmp_store *store, const char *id, struct mmp_error *err)
{
	static const char sql[] =
		"SELECT name, CASE WHEN holds = ?1 THEN 1 ELSE 0 END FROM board "
		"WHERE holds = ?1 OR staged = ?1 ORDER BY name LIMIT 1";
	struct sql_query *query = sql_start(store, err, sql, "t", id);
	int found = query ? sql_row(store, query, err) : -1;

	if (found <= 0)
		return found;
	mmp_fail(err, MMP_CONFLICT, "build %.12s: board \"%.100s\" %s it", id,
		 sql_text(query, 0), sql_number(query, 1) ? "holds" : "may hold");
	sql_end(query);
	return -1;
}

static int check_no_job(struct mmp_store *store, const char *id, struct mmp_error *err)
{
	static const char sql[] = "SELECT id FROM job WHERE build = ? AND ended IS NULL "
				  "ORDER BY id LIMIT 1";
	struct sql_query *query = sql_start(store, err, sql, "t", id);
	int found = query ? sql_row(store, query, err) : -1;

	if (found <= 0)
		return found;
	mmp_fail(err, MMP_CONFLICT, "build %.12s: job %" PRIu64 " is pushing it", id,
		 sql_number(query, 0));
	sql_end(query);
	return -1;
}

static int remove_build(struct mmp_store *store, const char *id,
			const struct mmp_signature *by, struct mmp_error *err)
{
	static const char sql[] = "DELETE FROM build WHERE id = ?";
	char whole[ID_LENGTH + 1];

	if (resolve(store, id, whole, err) || check_free(store, whole, err) ||
	    check_no_job(store, whole, err) || sql_run(store, err, sql, "t", whole))
		return -1;
	return sql_history(store, by, "build", whole, "build.remove", "", whole, NULL,
			   err);
}

int mmp_store_build_remove(struct mmp_store *store, const char *id,
			   const struct mmp_signature *by, struct mmp_error *err)
{
	if (sql_begin(store, err))
		return -1;
	return sql_finish(store, remove_build(store, id, by, err), err);
}
