/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "store/revision.h"

static int new_platform(struct mmp_store *store, const char *name, struct revision *head,
			struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO platform (name, revision, removed, positions) "
		"VALUES (?, 0, 1, 0) RETURNING id";

	*head = (struct revision){ .removed = true };
	return sql_insert(store, err, &head->id, sql, "t", name);
}

/* A row that lacks what this one has is not the same. */
static int same_config(struct mmp_store *store, const struct revision *head,
		       const struct mmp_platform_row *platform, struct mmp_error *err)
{
	static const char sql[] =
		"SELECT 1 FROM platform_config WHERE id = ? AND rules = ? AND config = ? "
		"AND (encoded = ?4 OR ?4 IS NULL)";
	struct sql_query *query =
		sql_start(store, err, sql, "nttb", head->config, platform->rules,
			  platform->config, platform->encoded, platform->encoded_size);
	int same = query ? sql_row(store, query, err) : -1;

	if (same > 0)
		sql_end(query);
	return same;
}

/* Set head->config to the row that holds the platform's rules and config. */
static int put_config(struct mmp_store *store, struct revision *head,
		      const struct mmp_platform_row *platform, struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO platform_config (platform, rules, config, encoded) "
		"VALUES (?, ?, ?, ?) RETURNING id";
	int same = same_config(store, head, platform, err);

	if (same)
		return same < 0 ? -1 : 0;
	return sql_insert(store, err, &head->config, sql, "nttb", head->id,
			  platform->rules, platform->config, platform->encoded,
			  platform->encoded_size);
}

static int put_regions(struct mmp_store *store, struct revision *head,
		       const struct mmp_platform_row *platform, struct mmp_error *err)
{
	if (revision_end_regions(store, head, err))
		return -1;
	for (size_t i = 0; i < platform->regions_count; i++)
		if (revision_add_region(store, head, &platform->regions[i], NULL, err))
			return -1;
	head->regions = platform->regions_count;
	return 0;
}

static int insert_platform(struct mmp_store *store,
			   const struct mmp_platform_row *platform, uint64_t if_revision,
			   const struct mmp_signature *by, struct revision *head,
			   struct mmp_error *err)
{
	int found = revision_find(store, platform->name, head, err);
	char about[REVISION_ABOUT_MAX];

	if (found < 0 ||
	    revision_check(platform->name, found && !head->removed ? head->revision : 0,
			   if_revision, err) ||
	    (!found && new_platform(store, platform->name, head, err)))
		return -1;
	if (put_config(store, head, platform, err) ||
	    put_regions(store, head, platform, err))
		return -1;
	head->removed = false;
	snprintf(about, sizeof(about), "rules %.*s, %zu registrations",
		 sql_clip(platform->rules, 60), platform->rules, platform->regions_count);
	return revision_commit(store, head, platform->name, "platform.put",
			       platform->about ? platform->about : about, by, err);
}

int mmp_store_platform_put(struct mmp_store *store,
			   const struct mmp_platform_row *platform, uint64_t if_revision,
			   const struct mmp_signature *by, uint64_t *ret_revision,
			   struct mmp_error *err)
{
	struct revision head = { 0 };

	if (sql_begin(store, err) ||
	    sql_finish(store,
		       insert_platform(store, platform, if_revision, by, &head, err),
		       err))
		return -1;
	*ret_revision = head.revision;
	return 0;
}

static struct mmp_platform_row platform_row(struct sql_query *query)
{
	return (struct mmp_platform_row){
		.name = sql_text(query, 0),
		.revision = sql_number(query, 1),
		.regions_count = sql_number(query, 2),
		.time = sql_text(query, 3),
		.user = sql_text(query, 4),
		.rules = sql_text(query, 5),
		.config = sql_text(query, 6),
		.encoded = sql_bytes(query, 7),
		.encoded_size = sql_number(query, 8),
		.first = { .platform = sql_number(query, 9),
			   .revision = sql_number(query, 1),
			   .position = sql_number(query, 10),
			   .end = sql_number(query, 11) },
	};
}

/*
 * The row of one revision of platform p; `config` are the columns of its configuration. Its
 * regions are looked for from its own first one on if it is the newest: those of earlier
 * revisions, of which there may be many, are not looked at.
 */
#define PLATFORM_ROW(config, revision)                                                   \
	"SELECT p.name, " revision ", r.region_count + " revision " - r.revision, "      \
	"coalesce(g.time, r.time), coalesce(g.user, r.user), c.rules, " config ", "      \
	"p.id, CASE WHEN p.revision = " revision " THEN p.live_from ELSE 0 END, "        \
	"p.positions "                                                                   \
	"FROM platform p " REVISION_ROW(                                                 \
		revision) "LEFT JOIN region g ON r.revision < " revision                 \
			  " AND g.platform = p.id AND "                                  \
			  "g.position = r.positions + " revision " - r.revision - 1 "    \
			  "LEFT JOIN platform_config c ON c.id = r.config "

#define CONFIG "c.config, c.encoded, coalesce(length(c.encoded), 0)"

/* The platform, or its revision, does not exist. */
static int no_such_revision(struct mmp_store *store, const char *name, uint64_t revision,
			    struct mmp_error *err)
{
	struct revision head;
	int found = revision_find(store, name, &head, err);

	if (found <= 0)
		return found ? -1 : revision_no_platform(name, err);
	return mmp_fail(err, MMP_NOT_FOUND,
			"platform \"%.100s\": has no revision %" PRIu64
			", the newest is %" PRIu64,
			name, revision, head.revision);
}

int mmp_store_platform_get(struct mmp_store *store, const char *name, uint64_t revision,
			   mmp_each_platform *row, void *data, struct mmp_error *err)
{
	static const char newest[] =
		PLATFORM_ROW(CONFIG, "p.revision") "WHERE p.name = ?";
	static const char exact[] =
		PLATFORM_ROW(CONFIG, "?1") "WHERE p.name = ?2 AND p.revision >= ?1";
	struct sql_query *query =
		revision ? sql_start(store, err, exact, "nt", revision, name)
			 : sql_start(store, err, newest, "t", name);
	int found = query ? sql_row(store, query, err) : -1, failed;
	struct mmp_platform_row platform;

	if (found <= 0)
		return found ? -1 : no_such_revision(store, name, revision, err);
	platform = platform_row(query);
	failed = platform.rules ? row(data, &platform, err)
				: revision_was_removed(name, platform.revision, err);
	sql_end(query);
	return failed;
}

int mmp_store_platform_list(struct mmp_store *store, const char *after, uint64_t limit,
			    mmp_each_platform *each, void *data, struct mmp_error *err)
{
	static const char sql[] = PLATFORM_ROW(
		"NULL, NULL, 0", "p.revision") "WHERE p.removed = 0 AND p.name > ? "
					       "ORDER BY p.name LIMIT ?";
	const struct mmp_page page = { .limit = limit };
	struct sql_query *query =
		sql_start(store, err, sql, "tn", after ? after : "", sql_limit(&page));
	int more;

	if (!query)
		return -1;
	while ((more = sql_row(store, query, err)) > 0) {
		struct mmp_platform_row row = platform_row(query);

		if (each(data, &row, err)) {
			sql_end(query);
			return -1;
		}
	}
	return more;
}

static int remove_platform(struct mmp_store *store, const char *name,
			   uint64_t if_revision, const struct mmp_signature *by,
			   struct revision *head, struct mmp_error *err)
{
	if (revision_need(store, name, head, err) ||
	    revision_check(name, head->revision, if_revision, err) ||
	    revision_end_regions(store, head, err))
		return -1;
	head->config = head->regions = 0;
	head->removed = true;
	return revision_commit(store, head, name, "platform.remove", "", by, err);
}

int mmp_store_platform_remove(struct mmp_store *store, const char *name,
			      uint64_t if_revision, const struct mmp_signature *by,
			      uint64_t *ret_revision, struct mmp_error *err)
{
	struct revision head;

	if (sql_begin(store, err) ||
	    sql_finish(store, remove_platform(store, name, if_revision, by, &head, err),
		       err))
		return -1;
	*ret_revision = head.revision;
	return 0;
}
