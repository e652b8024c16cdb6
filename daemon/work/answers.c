/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/answers.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "memory.h"

struct kept {
	char *platform; /* NULL: nothing is kept here */
	uint64_t revision, asked;
	int detail;
	json_t *answer;
};

struct answers {
	uint64_t changes; /* of the store, when these were computed */
	uint64_t clock;   /* counts questions */
	struct kept kept[MMP_ANSWERS_KEPT];
};

struct answers *answers_new(void)
{
	return xcalloc(1, sizeof(struct answers));
}

static void forget(struct kept *kept)
{
	free(kept->platform);
	json_decref(kept->answer);
	*kept = (struct kept){ 0 };
}

void answers_free(struct answers *answers)
{
	if (!answers)
		return;
	for (size_t i = 0; i < MMP_ANSWERS_KEPT; i++)
		forget(&answers->kept[i]);
	free(answers);
}

static void check_changes(struct answers *answers, const struct mmp_store *store)
{
	uint64_t changes = mmp_store_changes(store);

	if (answers->changes == changes)
		return;
	for (size_t i = 0; i < MMP_ANSWERS_KEPT; i++)
		forget(&answers->kept[i]);
	answers->changes = changes;
}

json_t *answers_get(struct answers *answers, const struct mmp_store *store,
		    const struct answer_key *key)
{
	check_changes(answers, store);
	for (size_t i = 0; i < MMP_ANSWERS_KEPT; i++) {
		struct kept *kept = &answers->kept[i];

		if (!kept->platform || kept->revision != key->revision ||
		    kept->detail != key->detail || strcmp(kept->platform, key->platform))
			continue;
		kept->asked = ++answers->clock;
		return json_incref(kept->answer);
	}
	return NULL;
}

static struct kept *longest_ago(struct answers *answers)
{
	struct kept *oldest = &answers->kept[0];

	for (size_t i = 1; i < MMP_ANSWERS_KEPT; i++)
		if (answers->kept[i].asked < oldest->asked)
			oldest = &answers->kept[i];
	return oldest;
}

static size_t rows_of(const json_t *answer)
{
	size_t rows = json_array_size(json_object_get(answer, "memory_map")) +
		      json_array_size(json_object_get(answer, "findings"));
	json_t *table;
	size_t i;

	json_array_foreach(json_object_get(answer, "tables"), i, table) rows +=
		json_array_size(json_object_get(table, "descriptors")) +
		json_array_size(json_object_get(table, "next_tables"));
	return rows;
}

void answers_put(struct answers *answers, const struct mmp_store *store,
		 const struct answer_key *key, json_t *answer)
{
	struct kept *kept;

	if (rows_of(answer) > MMP_ANSWERS_KEPT_ROWS)
		return;
	check_changes(answers, store);
	kept = longest_ago(answers);
	forget(kept);
	*kept = (struct kept){ .platform = xstrdup(key->platform),
			       .revision = key->revision,
			       .asked = ++answers->clock,
			       .detail = key->detail,
			       .answer = json_incref(answer) };
}
