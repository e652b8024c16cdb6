/* SPDX-License-Identifier: BSD-2-Clause */
#include "store/revision.h"

#include <inttypes.h>
#include <stdio.h>

/* 1: it exists; 0: the name was never used; -1 with *err. */
int revision_find(struct mmp_store *store, const char *name, struct revision *head,
		  struct mmp_error *err)
{
	static const char sql[] =
		"SELECT p.id, p.revision, p.positions, p.removed, coalesce(r.config, 0), "
		"r.regions FROM platform p JOIN platform_revision r "
		"ON r.platform = p.id AND r.revision = p.revision WHERE p.name = ?";
	struct sql_query *query = sql_start(store, err, sql, "t", name);
	int found = query ? sql_row(store, query, err) : -1;

	if (found <= 0)
		return found;
	*head = (struct revision){
		.id = sql_number(query, 0),
		.revision = sql_number(query, 1),
		.positions = sql_number(query, 2),
		.removed = sql_number(query, 3),
		.config = sql_number(query, 4),
		.regions = sql_number(query, 5),
	};
	sql_end(query);
	return 1;
}

int revision_no_platform(const char *name, struct mmp_error *err)
{
	return mmp_fail(err, MMP_NOT_FOUND, "no such platform: \"%.100s\"", name);
}

int revision_was_removed(const char *name, uint64_t revision, struct mmp_error *err)
{
	return mmp_fail(err, MMP_NOT_FOUND,
			"platform \"%.100s\": was removed by its revision %" PRIu64, name,
			revision);
}

/* Like revision_find, for changes that require the platform. */
int revision_need(struct mmp_store *store, const char *name, struct revision *head,
		  struct mmp_error *err)
{
	int found = revision_find(store, name, head, err);

	if (found < 0)
		return -1;
	if (!found)
		return revision_no_platform(name, err);
	return head->removed ? revision_was_removed(name, head->revision, err) : 0;
}

/* `now` is the newest revision, 0 for none. */
int revision_check(const char *name, uint64_t now, uint64_t wanted, struct mmp_error *err)
{
	if (wanted == MMP_ANY_REVISION || wanted == now)
		return 0;
	if (!now)
		return mmp_fail(err, MMP_CONFLICT,
				"platform \"%.100s\": if_revision is %" PRIu64
				", but the platform does not exist",
				name, wanted);
	return mmp_fail(err, MMP_CONFLICT,
			"platform \"%.100s\": if_revision is %" PRIu64
			", but revision %" PRIu64 " is the newest",
			name, wanted, now);
}

/* The region exists from the next revision on, at the next position. */
int revision_add_region(struct mmp_store *store, struct revision *head,
			const struct mmp_region_row *region, struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO region (platform, position, since, until, section, type, "
		"name, addr, size, origin, va, attr, granularity) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

	return sql_run(store, err, sql, "nnnntttnntnnn", head->id, head->positions++,
		       head->revision + 1, REVISION_NO_END, region->section, region->type,
		       region->name, region->addr, region->size, region->origin,
		       region->va, region->attr, region->granularity);
}

static int write_revision(struct mmp_store *store, const struct revision *head,
			  const struct mmp_signature *by, struct mmp_error *err)
{
	static const char revision[] = "INSERT INTO platform_revision (platform, "
				       "revision, config, regions, time, "
				       "user) VALUES (?, ?, nullif(?, 0), ?, ?, ?)";
	static const char newest[] = "UPDATE platform SET revision = ?, removed = ?, "
				     "positions = ? WHERE id = ?";

	if (sql_run(store, err, revision, "nnnntt", head->id, head->revision,
		    head->config, head->regions, by->time, by->user))
		return -1;
	return sql_run(store, err, newest, "nnnn", head->revision,
		       (uint64_t)head->removed, head->positions, head->id);
}

/* Complete the next revision from what was written, and add a row to history. */
int revision_commit(struct mmp_store *store, struct revision *head, const char *name,
		    const char *action, const char *about, const struct mmp_signature *by,
		    struct mmp_error *err)
{
	char before[24], after[24];

	snprintf(before, sizeof(before), "%" PRIu64, head->revision);
	snprintf(after, sizeof(after), "%" PRIu64, ++head->revision);
	if (write_revision(store, head, by, err))
		return -1;
	return sql_history(store, by, "platform", name, action, about,
			   head->revision > 1 ? before : NULL, after, err);
}
