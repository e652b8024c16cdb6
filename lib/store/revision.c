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
		"r.region_count + p.revision - r.revision, p.live_from "
		"FROM platform p " REVISION_ROW("p.revision") "WHERE p.name = ?";
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
		.live_from = sql_number(query, 6),
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

int revision_add_region(struct mmp_store *store, struct revision *head,
			const struct mmp_region_row *region,
			const struct mmp_signature *by, struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO region (platform, position, since, until, section, type, "
		"name, addr, size, origin, va, attr, granularity, time, user) "
		"VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

	return sql_run(store, err, sql, "nnnntttnntnnntt", head->id, head->positions++,
		       head->revision + 1, REVISION_NO_END, region->section, region->type,
		       region->name, region->addr, region->size, region->origin,
		       region->va, region->attr, region->granularity,
		       by ? by->time : NULL, by ? by->user : NULL);
}

int revision_end_regions(struct mmp_store *store, struct revision *head,
			 struct mmp_error *err)
{
	static const char sql[] =
		"UPDATE region SET until = ? WHERE platform = ? AND position >= ? "
		"AND position < ? AND until = ?";

	if (sql_run(store, err, sql, "nnnnn", head->revision + 1, head->id,
		    head->live_from, head->positions, REVISION_NO_END))
		return -1;
	head->live_from = head->positions;
	return 0;
}

int revision_pass_ended(struct mmp_store *store, struct revision *head,
			struct mmp_error *err)
{
	static const char sql[] =
		"INSERT INTO region (platform, position, since, until, section, type, "
		"name, addr, size, origin, va, attr, granularity) "
		"SELECT platform, ? + row_number() OVER (ORDER BY position) - 1, ?, "
		"until, section, type, name, addr, size, origin, va, attr, granularity "
		"FROM region WHERE platform = ? AND position >= ? AND until = ?";
	uint64_t ended = head->positions - head->live_from - head->regions;

	if (ended <= head->regions + MMP_ROWS_AT_ONCE)
		return 0;
	if (sql_run(store, err, sql, "nnnnn", head->positions, head->revision + 1,
		    head->id, head->live_from, REVISION_NO_END) ||
	    revision_end_regions(store, head, err))
		return -1;
	head->positions += head->regions;
	return 0;
}

static int write_revision(struct mmp_store *store, const struct revision *head,
			  const struct mmp_signature *by, struct mmp_error *err)
{
	static const char revision[] = "INSERT INTO platform_revision (platform, "
				       "revision, config, region_count, positions, time, "
				       "user) VALUES (?, ?, nullif(?, 0), ?, ?, ?, ?)";
	static const char newest[] = "UPDATE platform SET revision = ?, removed = ?, "
				     "positions = ?, live_from = ? WHERE id = ?";

	if (sql_run(store, err, revision, "nnnnntt", head->id, head->revision,
		    head->config, head->regions, head->positions, by->time, by->user))
		return -1;
	return sql_run(store, err, newest, "nnnnn", head->revision,
		       (uint64_t)head->removed, head->positions, head->live_from,
		       head->id);
}

static int write_history(struct mmp_store *store, const struct revision *head,
			 const char *name, const char *action, const char *about,
			 const struct mmp_signature *by, struct mmp_error *err)
{
	char before[24], after[24];

	snprintf(before, sizeof(before), "%" PRIu64, head->revision - 1);
	snprintf(after, sizeof(after), "%" PRIu64, head->revision);
	return sql_history(store, by, "platform", name, action, about,
			   head->revision > 1 ? before : NULL, after, err);
}

/* Complete the next revision from what was written, and add a row to history. */
int revision_commit(struct mmp_store *store, struct revision *head, const char *name,
		    const char *action, const char *about, const struct mmp_signature *by,
		    struct mmp_error *err)
{
	head->revision++;
	if (write_revision(store, head, by, err))
		return -1;
	return write_history(store, head, name, action, about, by, err);
}

/* A platform of that revision is not removed: only registrations come here. */
int revision_register(struct mmp_store *store, struct revision *head, const char *name,
		      const struct mmp_region_row *region, const char *about,
		      const struct mmp_signature *by, struct mmp_error *err)
{
	static const char next[] = "UPDATE platform SET revision = ?, positions = ? "
				   "WHERE id = ? AND revision = ?";

	if (sql_run(store, err, next, "nnnn", head->revision + 1, head->positions + 1,
		    head->id, head->revision))
		return -1;
	if (!sql_changed(store))
		return 0;
	if (revision_add_region(store, head, region, by, err))
		return -1;
	head->revision++;
	head->regions++;
	if (write_history(store, head, name, "region.register", about, by, err))
		return -1;
	return 1;
}
