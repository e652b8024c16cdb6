/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "base/shared.h"
#include "service.h"

/*
 * Cache of layouts computed for stored platforms, as printed text, by parameters: a
 * platform that has not changed is not computed again. Any write to the database clears
 * the cache, so an answer is never older than the writes that were acknowledged before
 * the request. From any thread.
 */
struct answers;

struct answer_key {
	const char *platform;
	uint64_t revision;
	int detail;
	uint64_t changes; /* store_thread_changes when the platform was read */
};

struct answers *answers_new(void);
void answers_free(struct answers *answers);

/*
 * A cached text with one more owner; NULL: not cached. key->changes must be the current
 * value.
 */
struct mmp_shared *answers_get(struct answers *answers, const struct answer_key *key);

/*
 * Cache a text (adds an owner), unless it is large. The least recently used one is
 * dropped.
 */
void answers_put(struct answers *answers, const struct answer_key *key,
		 struct mmp_shared *answer);

/* The number of bytes in the cache. */
size_t answers_bytes(struct answers *answers);

#endif
