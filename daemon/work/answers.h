/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "service.h"

/*
 * Layouts that were computed of kept platforms, by what was asked: a platform that has
 * not changed is not computed again. Anything that is written to the database ends the
 * lot, so an answer is never older than what was acknowledged before it was asked for.
 */
struct answers;

struct answer_key {
	const char *platform;
	uint64_t revision;
	int detail;
};

struct answers *answers_new(void);
void answers_free(struct answers *answers);

/* A new reference, never to be changed; NULL where it is not known. */
json_t *answers_get(struct answers *answers, const struct mmp_store *store,
		    const struct answer_key *key);

/*
 * Keep it (another reference is taken), unless it is large. The one that was asked for
 * longest ago goes.
 */
void answers_put(struct answers *answers, const struct mmp_store *store,
		 const struct answer_key *key, json_t *answer);

#endif
