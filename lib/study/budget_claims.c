/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/search.h"
#include "plan/range.h"
#include "study/budget_private.h"

/* Claims, sorted by first byte. */
struct claim {
	uint64_t first, last;
	uint64_t reach; /* the highest last byte up to and including this one */
	unsigned type;
};

struct mmp_claims {
	size_t count;
	struct claim all[];
};

static int by_first_byte(const void *one, const void *other)
{
	const struct claim *a = one, *b = other;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return a->type < b->type ? -1 : a->type > b->type;
}

static size_t collect_claims(const struct mmp_platform *p, uint64_t mask,
			     struct claim *all)
{
	size_t count = 0;

	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (p->rules->sections[r->section].claims &&
		    !mmp_range_bad(r->addr, r->size, mask))
			all[count++] = (struct claim){ r->addr, r->addr + (r->size - 1),
						       0, r->type };
	}
	return count;
}

struct mmp_claims *mmp_claims_new(const struct mmp_platform *platform, uint64_t mask)
{
	struct mmp_claims *claims =
		malloc(sizeof(*claims) + platform->count * sizeof(claims->all[0]));
	uint64_t reach = 0;

	if (!claims)
		return NULL;
	claims->count = collect_claims(platform, mask, claims->all);
	qsort(claims->all, claims->count, sizeof(claims->all[0]), by_first_byte);
	for (size_t i = 0; i < claims->count; i++) {
		if (claims->all[i].last > reach)
			reach = claims->all[i].last;
		claims->all[i].reach = reach;
	}
	return claims;
}

/* The number of claims that begin at or before `at`. */
static size_t count_up_to(const struct mmp_claims *claims, uint64_t at)
{
	return MMP_LOWER_BOUND(n, 0, claims->count, claims->all[n].first <= at);
}

bool mmp_claims_meet(const struct mmp_claims *claims, unsigned type, uint64_t addr,
		     uint64_t size, uint64_t *work)
{
	enum { IN_A_UNIT = 16 /* claims, in the time of one unit of MMP_BUDGET_WORK */ };
	size_t end = size ? count_up_to(claims, addr + (size - 1)) : 0, n = end;
	bool met = false;

	for (; !met && n && claims->all[n - 1].reach >= addr; n--)
		met = claims->all[n - 1].type != type && claims->all[n - 1].last >= addr;
	*work += (end - n) / IN_A_UNIT;
	return met;
}
