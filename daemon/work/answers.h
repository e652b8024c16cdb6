/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "base/shared.h"
#include "service.h"

/*
 * Layouts that were computed of kept platforms, as printed, by what was asked: a
 * platform that has not changed is not computed again. Anything that is written to the
 * database ends the lot, so an answer is never older than what was acknowledged before
 * it was asked for. From any thread.
 */
struct answers;

struct answer_key {
	const char *platform;
	uint64_t revision;
	int detail;
	uint64_t changes; /* store_thread_changes, when the platform was read */
};

struct answers *answers_new(void);
void answers_free(struct answers *answers);

/* One owner more; NULL if it is not known. key->changes is what it is now. */
struct mmp_shared *answers_get(struct answers *answers, const struct answer_key *key);

/*
 * Keep it (one owner more), unless it is large. The one that was asked for longest ago
 * goes.
 */
void answers_put(struct answers *answers, const struct answer_key *key,
		 struct mmp_shared *answer);

/* How many bytes they take. */
size_t answers_bytes(struct answers *answers);

#endif
