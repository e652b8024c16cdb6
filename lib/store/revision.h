/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_REVISION_H
#define MMP_REVISION_H

#include "store/sql.h"

/*
 * A platform being changed from one revision to the next; only for platforms.c and
 * regions.c. Inside a transaction: find or need, check, write, commit.
 */
struct revision {
	uint64_t id;        /* of the platform */
	uint64_t revision;  /* the newest; commit makes it the new one */
	uint64_t positions; /* the next position for a region */
	uint64_t live_from; /* no region of the newest revision is before this position */
	bool removed;
	uint64_t config, regions; /* of the newest revision; 0 if it is removed */
};

#define REVISION_NO_END ((uint64_t)INT64_MAX) /* region.until of existing regions */

enum { REVISION_ABOUT_MAX = 256 }; /* bytes of the line in history */

/* 1: it exists, perhaps removed; 0: the name was never used; -1 with *err. */
int revision_find(struct mmp_store *store, const char *name, struct revision *head,
		  struct mmp_error *err);

/* Like revision_find, for changes that require the platform: MMP_NOT_FOUND. */
int revision_need(struct mmp_store *store, const char *name, struct revision *head,
		  struct mmp_error *err);
int revision_no_platform(const char *name, struct mmp_error *err);
int revision_was_removed(const char *name, uint64_t revision, struct mmp_error *err);

/*
 * MMP_CONFLICT unless `wanted` is `now`, the newest revision (0 for none), or
 * MMP_ANY_REVISION.
 */
int revision_check(const char *name, uint64_t now, uint64_t wanted,
		   struct mmp_error *err);

/*
 * The region exists from the next revision on, at the next position. `by` is who registers
 * it in a revision of its own; NULL: the revision has a row in platform_revision.
 */
int revision_add_region(struct mmp_store *store, struct revision *head,
			const struct mmp_region_row *region,
			const struct mmp_signature *by, struct mmp_error *err);

/* The regions of the newest revision do not exist in the next one. */
int revision_end_regions(struct mmp_store *store, struct revision *head,
			 struct mmp_error *err);

/*
 * After a removal from `head`, whose `regions` says what is left: rows that have ended are
 * passed over by all that looks for the regions of the newest revision. If there are more
 * than MMP_ROWS_AT_ONCE and one for each region, the regions move to new rows behind
 * them, as if the platform were put again. So a removal writes one row more on average.
 */
int revision_pass_ended(struct mmp_store *store, struct revision *head,
			struct mmp_error *err);

/* Complete the next revision from what was written, and add a row to history. */
int revision_commit(struct mmp_store *store, struct revision *head, const char *name,
		    const char *action, const char *about, const struct mmp_signature *by,
		    struct mmp_error *err);

/*
 * Make a revision of one more region. Returns 1; 0 if head->revision is not the newest any
 * more, and nothing was written; -1 with *err.
 */
int revision_register(struct mmp_store *store, struct revision *head, const char *name,
		      const struct mmp_region_row *region, const char *about,
		      const struct mmp_signature *by, struct mmp_error *err);

/*
 * The row r of platform_revision that tells of a revision of platform p: its own, or, if
 * the revision only registers a region, the last one before it.
 */
#define REVISION_ROW(revision)                                                           \
	"JOIN platform_revision r ON r.platform = p.id AND r.revision = (SELECT "        \
	"max(x.revision) FROM platform_revision x WHERE x.platform = p.id AND "          \
	"x.revision <= " revision ") "

#endif
