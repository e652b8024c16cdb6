/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"
#include "store/revision.h"

static struct mmp_region_row region_row(struct sql_query *query)
{
	return (struct mmp_region_row){
		.section = sql_text(query, 0),
		.type = sql_text(query, 1),
		.name = sql_text(query, 2),
		.addr = sql_number(query, 3),
		.size = sql_number(query, 4),
		.origin = sql_text(query, 5),
		.va = sql_number(query, 6),
		.attr = sql_number(query, 7),
		.granularity = sql_number(query, 8),
	};
}

/* Pass the rows on; *ret_count is how many there were. */
static int each_region(struct mmp_store *store, struct sql_query *query,
		       mmp_each_region *each, void *data, size_t *ret_count,
		       struct mmp_error *err)
{
	int more;

	*ret_count = 0;
	if (!query)
		return -1;
	while ((more = sql_row(store, query, err)) > 0) {
		struct mmp_region_row row = region_row(query);

		++*ret_count;
		if (each(data, &row, err)) {
			sql_end(query);
			return -1;
		}
	}
	return more;
}

#define REGION_COLUMNS                                                                   \
	"g.section, g.type, g.name, g.addr, g.size, g.origin, g.va, g.attr, "            \
	"g.granularity "
#define REGIONS                                                                          \
	"SELECT " REGION_COLUMNS                                                         \
	"FROM region g JOIN platform p ON p.id = g.platform WHERE p.name = ?1 AND "
#define IN_ORDER " ORDER BY g.position"

/*
 * The rows of the newest revision are those without an end, and none is before
 * p.live_from; those of an earlier one may be anywhere.
 */
int mmp_store_platform_regions(struct mmp_store *store, const char *name,
			       uint64_t revision, mmp_each_region *each, void *data,
			       struct mmp_error *err)
{
	static const char newest[] =
		REGIONS "p.revision = ?2 AND g.position >= p.live_from AND "
			"g.until = 9223372036854775807" IN_ORDER;
	static const char any[] = REGIONS "g.since <= ?2 AND g.until > ?2" IN_ORDER;
	size_t count;

	if (each_region(store, sql_start(store, err, newest, "tn", name, revision), each,
			data, &count, err))
		return -1;
	if (count)
		return 0;
	return each_region(store, sql_start(store, err, any, "tn", name, revision), each,
			   data, &count, err);
}

int mmp_store_regions_some(struct mmp_store *store, struct mmp_region_cursor *cursor,
			   uint64_t most, mmp_each_region *each, void *data,
			   struct mmp_error *err)
{
	static const char sql[] =
		"SELECT " REGION_COLUMNS "FROM region g "
		"WHERE g.platform = ? AND g.position >= ? AND g.position < ? "
		"AND g.since <= ? AND g.until > ? ORDER BY g.position";
	uint64_t left = cursor->end - cursor->position,
		 end = cursor->position + (left < most ? left : most);
	size_t count;

	if (each_region(store,
			sql_start(store, err, sql, "nnnnn", cursor->platform,
				  cursor->position, end, cursor->revision,
				  cursor->revision),
			each, data, &count, err))
		return -1;
	cursor->position = end;
	return end < cursor->end;
}

static void describe_region(const struct mmp_region_row *region,
			    char about[REVISION_ABOUT_MAX])
{
	snprintf(about, REVISION_ABOUT_MAX, "%.*s %.*s \"%.*s\" 0x%" PRIx64 "+0x%" PRIx64,
		 sql_clip(region->section, 40), region->section,
		 sql_clip(region->type, 40), region->type, sql_clip(region->name, 60),
		 region->name, region->addr, region->size);
}

static int check_below_limit(const char *platform, const struct revision *head,
			     struct mmp_error *err)
{
	if (head->regions < MMP_REGISTRATIONS_MAX)
		return 0;
	return mmp_fail(err, MMP_TOO_LARGE,
			"platform \"%.100s\": has %" PRIu64
			" registrations, which is the limit",
			platform, head->regions);
}

/* 1; 0: the tip is unknown or not the newest any more; -1 with *err. */
static int register_after(struct mmp_store *store, const struct mmp_platform_tip *tip,
			  const char *platform, const struct mmp_region_row *region,
			  const char *about, uint64_t if_revision,
			  const struct mmp_signature *by, struct revision *head,
			  struct mmp_error *err)
{
	*head = (struct revision){ .id = tip->platform,
				   .revision = tip->revision,
				   .positions = tip->positions,
				   .regions = tip->regions };
	if (!tip->platform || tip->regions >= MMP_REGISTRATIONS_MAX ||
	    (if_revision != MMP_ANY_REVISION && if_revision != tip->revision))
		return 0;
	return revision_register(store, head, platform, region, about, by, err);
}

static int register_region(struct mmp_store *store, const char *platform,
			   const struct mmp_region_row *region, uint64_t if_revision,
			   const struct mmp_signature *by,
			   const struct mmp_platform_tip *tip, struct revision *head,
			   struct mmp_error *err)
{
	char about[REVISION_ABOUT_MAX];
	int done;

	describe_region(region, about);
	done = register_after(store, tip, platform, region, about, if_revision, by, head,
			      err);
	if (done)
		return done < 0 ? -1 : 0;
	if (revision_need(store, platform, head, err) ||
	    revision_check(platform, head->revision, if_revision, err) ||
	    check_below_limit(platform, head, err))
		return -1;
	done = revision_register(store, head, platform, region, about, by, err);
	if (!done)
		return revision_check(platform, head->revision + 1, head->revision, err);
	return done < 0 ? -1 : 0;
}

int mmp_store_region_add(struct mmp_store *store, const char *platform,
			 const struct mmp_region_row *region, uint64_t if_revision,
			 const struct mmp_signature *by, struct mmp_platform_tip *tip,
			 uint64_t *ret_revision, uint64_t *ret_ordinal,
			 struct mmp_error *err)
{
	const struct mmp_platform_tip unknown = { 0 };
	struct revision head;

	if (sql_begin_checked(store, err) ||
	    sql_finish(store,
		       register_region(store, platform, region, if_revision, by,
				       tip ? tip : &unknown, &head, err),
		       err))
		return -1;
	if (tip)
		*tip = (struct mmp_platform_tip){ .platform = head.id,
						  .revision = head.revision,
						  .positions = head.positions,
						  .regions = head.regions };
	*ret_revision = head.revision;
	*ret_ordinal = head.regions - 1;
	return 0;
}

#define NEWEST_REGIONS                                                                   \
	"SELECT " REGION_COLUMNS ", g.position FROM region g WHERE g.platform = ? AND "  \
	"g.position >= ? AND g.until = ? ORDER BY g.position "

/*
 * Find the region with that ordinal, from the end that is nearer: its position, and the
 * text for history.
 */
static int find_region(struct mmp_store *store, const struct revision *head,
		       uint64_t ordinal, mmp_each_region *row, void *data,
		       uint64_t *ret_position, char about[REVISION_ABOUT_MAX],
		       struct mmp_error *err)
{
	static const char forward[] = NEWEST_REGIONS "LIMIT 1 OFFSET ?";
	static const char back[] = NEWEST_REGIONS "DESC LIMIT 1 OFFSET ?";
	bool is_back = ordinal >= head->regions / 2;
	struct sql_query *query = sql_start(
		store, err, is_back ? back : forward, "nnnn", head->id, head->live_from,
		REVISION_NO_END, is_back ? head->regions - 1 - ordinal : ordinal);
	struct mmp_region_row region;
	int failed;

	if (sql_one(store, query, err))
		return -1;
	region = region_row(query);
	*ret_position = sql_number(query, 9);
	describe_region(&region, about);
	failed = row(data, &region, err);
	sql_end(query);
	return failed;
}

static int remove_region(struct mmp_store *store, const char *platform, uint64_t ordinal,
			 uint64_t if_revision, const struct mmp_signature *by,
			 mmp_each_region *row, void *data, struct revision *head,
			 struct mmp_error *err)
{
	static const char sql[] =
		"UPDATE region SET until = ? WHERE platform = ? AND position = ?";
	char about[REVISION_ABOUT_MAX];
	uint64_t position;

	if (revision_need(store, platform, head, err) ||
	    revision_check(platform, head->revision, if_revision, err))
		return -1;
	if (ordinal >= head->regions)
		return mmp_fail(err, MMP_NOT_FOUND,
				"platform \"%.100s\": has no region %" PRIu64
				": it has %" PRIu64 ", counted from 0",
				platform, ordinal, head->regions);
	if (find_region(store, head, ordinal, row, data, &position, about, err) ||
	    sql_run(store, err, sql, "nnn", head->revision + 1, head->id, position))
		return -1;
	if (!ordinal)
		head->live_from = position + 1;
	head->regions--;
	if (revision_pass_ended(store, head, err))
		return -1;
	return revision_commit(store, head, platform, "region.remove", about, by, err);
}

int mmp_store_region_remove(struct mmp_store *store, const char *platform,
			    uint64_t ordinal, uint64_t if_revision,
			    const struct mmp_signature *by, mmp_each_region *row,
			    void *data, uint64_t *ret_revision, struct mmp_error *err)
{
	struct revision head;

	if (sql_begin(store, err) ||
	    sql_finish(store,
		       remove_region(store, platform, ordinal, if_revision, by, row, data,
				     &head, err),
		       err))
		return -1;
	*ret_revision = head.revision;
	return 0;
}
