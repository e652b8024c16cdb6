/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#include "base/stop.h"
#include "plan/planner.h"
#include "study/budget_private.h"

void mmp_try_reset(struct mmp_trying *t)
{
	struct mmp_registration *all = t->copy.registrations;

	for (size_t i = 0; i < t->changed_count; i++)
		all[t->changed[i]] = t->platform->registrations[t->changed[i]];
	t->changed_count = 0;
	t->copy = *t->platform;
	t->copy.registrations = all;
}

struct mmp_registration *mmp_try_change(struct mmp_trying *t, size_t ordinal)
{
	t->changed[t->changed_count++] = ordinal;
	return &t->copy.registrations[ordinal];
}

/* The firmware skips registrations of size 0, so the ordinals do not change. */
void mmp_try_without(struct mmp_trying *t, size_t ordinal)
{
	mmp_try_change(t, ordinal)->size = 0;
}

bool mmp_try_may_go_on(const struct mmp_trying *t)
{
	return t->work < t->most && !mmp_stop_looks() && !mmp_stopped();
}

static int start_trying(struct mmp_trying *t)
{
	const struct mmp_widths widths =
		mmp_widths_of(t->platform->rules, &t->platform->config);
	size_t count = t->platform->count;

	t->mask = widths.pa;
	t->pgdir = widths.pgdir;
	t->copy = *t->platform;
	t->copy.registrations = malloc((count + 1) * sizeof(*t->copy.registrations));
	t->changed = malloc((count + 1) * sizeof(*t->changed));
	t->claims = mmp_claims_new(t->platform, t->mask);
	mmp_layout_init(&t->layout);
	if (!t->copy.registrations || !t->changed || !t->claims)
		return mmp_fail(t->err, MMP_SYSTEM, "out of memory");
	if (count)
		memcpy(t->copy.registrations, t->platform->registrations,
		       count * sizeof(*t->copy.registrations));
	return 0;
}

static void finish_trying(struct mmp_trying *t)
{
	mmp_layout_done(&t->layout);
	free(t->copy.registrations);
	free(t->changed);
	free(t->claims);
}

static int measure(struct mmp_trying *t, enum mmp_measure_past past,
		   struct mmp_measure *ret_measure)
{
	if (mmp_stop_check(t->err) ||
	    mmp_measure(&t->layout, &t->copy, past, ret_measure, t->err))
		return -1;
	t->work += ret_measure->work;
	return 0;
}

/* --- the price of a region ---------------------------------------------------------- */

static int price(struct mmp_trying *t, size_t n)
{
	struct mmp_region_cost *cost = &t->budget->regions[n];
	struct mmp_measure without;

	cost->price = MMP_PRICE_LEFT_OUT;
	if (!mmp_try_may_go_on(t)) {
		t->budget->prices_left_out++;
		return 0;
	}
	mmp_try_reset(t);
	for (size_t i = 0; i < cost->registrations; i++)
		mmp_try_without(t, t->budget->origins[cost->first_registration + i]);
	if (measure(t, MMP_PAST_TESTS, &without))
		return -1;
	cost->price = without.whole ? MMP_PRICE_KNOWN : MMP_PRICE_STOPS;
	cost->saves = (int64_t)t->now.tables - without.tables;
	return 0;
}

/* Regions with tables of their own first, as users ask about them. */
static int price_regions(struct mmp_trying *t)
{
	const struct mmp_budget *b = t->budget;
	int failed = 0;

	for (unsigned pass = 0; pass < 2; pass++)
		for (size_t n = 0; !failed && n < b->layout.plan.count; n++) {
			bool made = b->regions[n].made > 0;

			if (b->regions[n].registrations && made == (pass == 0))
				failed = price(t, n);
		}
	return failed;
}

/* --- whether a change saves ---------------------------------------------------------- */

static bool same_stops(const struct mmp_measure *a, const struct mmp_measure *b)
{
	return a->whole == b->whole && a->stop == b->stop && a->ddr == b->ddr;
}

static bool saves(const struct mmp_trying *t, const struct mmp_measure *then)
{
	const struct mmp_map_room *map = &t->budget->layout.plan.map;

	if (!then->whole || then->tables > t->now.tables)
		return false;
	return then->tables < t->now.tables ||
	       (map->limited && then->entries < t->now.entries);
}

int mmp_try_suggest(struct mmp_trying *t, struct mmp_suggestion *suggestion,
		    bool *ret_taken)
{
	struct mmp_measure then, strict;

	*ret_taken = false;
	if (!mmp_try_may_go_on(t) || t->budget->suggestion_count == MMP_SUGGESTIONS_MAX) {
		t->budget->changes_left_out++;
		return 0;
	}
	if (measure(t, MMP_PAST_TESTS, &then))
		return -1;
	if (!saves(t, &then) || !same_stops(&t->now, &then))
		return 0;
	if (measure(t, MMP_PAST_LIMITS, &strict))
		return -1;
	if (!same_stops(&t->strict, &strict))
		return 0;
	suggestion->tables = (int64_t)t->now.tables - then.tables;
	suggestion->entries = (int64_t)t->now.entries - (int64_t)then.entries;
	t->budget->suggestions[t->budget->suggestion_count++] = *suggestion;
	*ret_taken = true;
	return 0;
}

/* --- all of it ----------------------------------------------------------------------- */

/* At most half of the work is for prices. */
static int try_all(struct mmp_trying *t)
{
	t->most = MMP_BUDGET_WORK / 2;
	if (measure(t, MMP_PAST_TESTS, &t->now) ||
	    measure(t, MMP_PAST_LIMITS, &t->strict) || price_regions(t))
		return -1;
	t->most = MMP_BUDGET_WORK;
	return mmp_try_changes(t);
}

int mmp_budget_try(struct mmp_budget *budget, struct mmp_error *err)
{
	struct mmp_trying t = { .budget = budget,
				.platform = budget->as_is.platform,
				.err = err };
	int failed = start_trying(&t) || try_all(&t);

	finish_trying(&t);
	return failed ? -1 : 0;
}
