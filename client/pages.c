/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdint.h>
#include <string.h>

#include "call.h"
#include "runs.h"

/*
 * Lists that may be long are fetched a page at a time, so that no answer is large and
 * other clients get their turn in between. The pages are joined here.
 */

enum { PAGE_ROWS = 1000 };

/* clang-format off */
static const struct paged {
	const char *method;
	const char *list;   /* the member that has the list */
	const char *number; /* the member of a row that the next page continues from */
} paged[] = {
	{ "platform.list",    "platforms",     "name" },
	{ "platform.history", "history",       "number" },
	{ "region.list",      "registrations", "ordinal" },
	{ "build.list",       "builds",        "number" },
	{ "board.list",       "boards",        "name" },
	{ "job.list",         "jobs",          "job" },
};
/* clang-format on */

static const struct paged *find_paged(const char *method)
{
	size_t i = 0;

	while (strcmp(paged[i].method, method))
		i++;
	return &paged[i];
}

/* The next page begins after the last row of this one, in the same revision. */
static void ask_for_next(json_t *params, const json_t *answer, const json_t *rows,
			 const struct paged *list)
{
	const json_t *last = json_array_get(rows, json_array_size(rows) - 1);
	json_t *revision = json_object_get(answer, "revision");

	json_object_set(params, "after", json_object_get(last, list->number));
	if (revision)
		json_object_set(params, "revision", revision);
}

/* Ask for the next page: as many rows as are left of the limit, 0 for no limit. */
static size_t ask_for_page(json_t *params, uint64_t limit, uint64_t got)
{
	uint64_t left = limit ? limit - got : PAGE_ROWS;
	size_t rows = left < PAGE_ROWS ? (size_t)left : PAGE_ROWS;

	json_object_set_new(params, "limit", json_integer((json_int_t)rows));
	return rows;
}

struct outcome pages_run(struct session *session, const struct command *command,
			 json_t *params, json_t *local)
{
	const struct paged *list = find_paged(command->method);
	uint64_t limit = (uint64_t)json_integer_value(json_object_get(params, "limit"));
	size_t asked = ask_for_page(params, limit, 0), count;
	struct outcome whole, page;
	json_t *rows;

	(void)local;
	whole = call(session, command->method, params);
	rows = json_object_get(whole.value, list->list);
	count = json_array_size(rows);
	while (!whole.failure && count == asked && json_array_size(rows) != limit) {
		asked = ask_for_page(params, limit, json_array_size(rows));
		ask_for_next(params, whole.value, rows, list);
		page = call(session, command->method, params);
		if (page.failure) {
			outcome_done(&whole);
			return page;
		}
		count = json_array_size(json_object_get(page.value, list->list));
		json_array_extend(rows, json_object_get(page.value, list->list));
		outcome_done(&page);
	}
	return whole;
}
