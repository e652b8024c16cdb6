/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/answers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "memory.h"

struct kept {
	char *platform; /* NULL: the entry is free */
	uint64_t revision, asked;
	int detail;
	struct mmp_shared *answer;
};

struct answers {
	pthread_mutex_t lock;
	uint64_t changes; /* of the store, when the answers were computed */
	uint64_t clock;   /* counts lookups */
	size_t bytes;
	struct kept kept[MMP_ANSWERS_KEPT];
};

struct answers *answers_new(void)
{
	struct answers *answers = xcalloc(1, sizeof(struct answers));

	pthread_mutex_init(&answers->lock, NULL);
	return answers;
}

static void forget_one(struct answers *answers, struct kept *kept)
{
	if (kept->answer)
		answers->bytes -= kept->answer->length;
	free(kept->platform);
	mmp_shared_unref(kept->answer);
	*kept = (struct kept){ 0 };
}

static void forget_all(struct answers *answers)
{
	for (size_t i = 0; i < MMP_ANSWERS_KEPT; i++)
		forget_one(answers, &answers->kept[i]);
}

void answers_free(struct answers *answers)
{
	if (!answers)
		return;
	forget_all(answers);
	pthread_mutex_destroy(&answers->lock);
	free(answers);
}

static struct kept *find_kept(struct answers *answers, const struct answer_key *key)
{
	for (size_t i = 0; i < MMP_ANSWERS_KEPT; i++) {
		struct kept *kept = &answers->kept[i];

		if (kept->platform && kept->revision == key->revision &&
		    kept->detail == key->detail && !strcmp(kept->platform, key->platform))
			return kept;
	}
	return NULL;
}

struct mmp_shared *answers_get(struct answers *answers, const struct answer_key *key)
{
	struct mmp_shared *answer = NULL;
	struct kept *kept;

	pthread_mutex_lock(&answers->lock);
	if (answers->changes == key->changes) {
		kept = find_kept(answers, key);
		if (kept) {
			kept->asked = ++answers->clock;
			answer = mmp_shared_ref(kept->answer);
		}
	}
	pthread_mutex_unlock(&answers->lock);
	return answer;
}

static struct kept *longest_ago(struct answers *answers)
{
	struct kept *oldest = &answers->kept[0];

	for (size_t i = 1; i < MMP_ANSWERS_KEPT; i++)
		if (answers->kept[i].asked < oldest->asked)
			oldest = &answers->kept[i];
	return oldest;
}

/* An answer that was read before the last change is outdated. */
static void keep_answer(struct answers *answers, const struct answer_key *key,
			struct mmp_shared *answer)
{
	struct kept *kept;

	if (key->changes < answers->changes || find_kept(answers, key))
		return;
	kept = longest_ago(answers);
	forget_one(answers, kept);
	*kept = (struct kept){ .platform = xstrdup(key->platform),
			       .revision = key->revision,
			       .asked = ++answers->clock,
			       .detail = key->detail,
			       .answer = mmp_shared_ref(answer) };
	answers->bytes += answer->length;
}

void answers_put(struct answers *answers, const struct answer_key *key,
		 struct mmp_shared *answer)
{
	if (answer->length > MMP_ANSWERS_KEPT_BYTES)
		return;
	pthread_mutex_lock(&answers->lock);
	if (key->changes > answers->changes) {
		forget_all(answers);
		answers->changes = key->changes;
	}
	keep_answer(answers, key, answer);
	pthread_mutex_unlock(&answers->lock);
}

size_t answers_bytes(struct answers *answers)
{
	size_t bytes;

	pthread_mutex_lock(&answers->lock);
	bytes = answers->bytes;
	pthread_mutex_unlock(&answers->lock);
	return bytes;
}
