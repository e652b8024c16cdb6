/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KEPT_H
#define KEPT_H

#include <stdatomic.h>
#include <sys/queue.h>

#include "model/platform.h"
#include "store/store.h"

/*
 * Cache of the newest revisions of platforms that regions were recently registered in,
 * so that one more registration does not read the whole platform from the database
 * again. Used by the store thread, unless a function says otherwise.
 *
 * A cached platform may be behind the database: another method, or another host, can
 * make a new revision. The store detects this, as each registration names the revision
 * it follows.
 */
struct kept_platforms;

struct kept_platform {
	struct mmp_platform
		*platform; /* grows; protected by kept_lock outside of the store thread */
	uint64_t revision;
	uint64_t failures;           /* of the store thread, when this was read */
	struct mmp_platform_tip tip; /* of the last registration in it */
	bool is_whole; /* false: its rows are still being read, from `cursor` on */
	struct mmp_region_cursor cursor;
	atomic_size_t waiting; /* calls that wait until it is whole, or queue behind
					   those */
	struct shared_verdict *verdict; /* for the registrations of this transaction */
	size_t owners;
	TAILQ_ENTRY(kept_platform) link;
};

struct kept_platforms *kept_new(void);
void kept_free(struct kept_platforms *kept);

/* Borrowed; NULL: not cached, or a write after it did not reach the disk. */
struct kept_platform *kept_find(struct kept_platforms *kept, const char *name,
				uint64_t failures);

/* Cache a platform in place of an older one. Takes the platform. */
struct kept_platform *kept_put(struct kept_platforms *kept,
			       struct mmp_platform *take_platform, uint64_t revision,
			       uint64_t failures);

/* Add a registration of the revision that is being read. */
int kept_read(struct kept_platforms *kept, struct kept_platform *one,
	      const struct mmp_registration *registration, struct mmp_error *err);

/* Drop an outdated one. */
void kept_drop(struct kept_platforms *kept, struct kept_platform *one);

/*
 * Add a registration, which made this revision. -1 with *err: the platform was dropped.
 */
int kept_add(struct kept_platforms *kept, struct kept_platform *one,
	     const struct mmp_registration *registration, uint64_t revision,
	     struct mmp_error *err);

/*
 * From any thread: add or remove an owner. A dropped platform lives until its last
 * owner goes.
 */
struct kept_platform *kept_ref(struct kept_platforms *kept, struct kept_platform *one);
void kept_unref(struct kept_platforms *kept, struct kept_platform *one);

/*
 * From any thread: a copy of its first `count` registrations that borrows all texts
 * from it. The caller frees `registrations`, which is NULL if memory ran out.
 */
struct mmp_platform kept_copy(struct kept_platforms *kept,
			      const struct kept_platform *one, size_t count);

#endif
