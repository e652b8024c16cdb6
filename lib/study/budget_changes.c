/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "arch/regime.h"
#include "plan/range.h"
#include "study/budget_private.h"

/* A registration that is in the map. */
struct mapped {
	unsigned type;
	bool covered; /* it is inside an earlier one */
	uint64_t addr, size;
	size_t ordinal;
};

/* The mapped registrations by type and address, and the state of the trials. */
struct changing {
	struct mmp_trying *t;
	size_t count;
	struct mapped *sorted;
};

/* With equal addresses the longest comes first. */
static int by_type_and_address(const void *one, const void *other)
{
	const struct mapped *a = one, *b = other;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

static void sort_registrations(struct changing *c)
{
	const struct mmp_trying *t = c->t;
	const struct mapped *widest = NULL;

	for (size_t i = 0; i < t->platform->count; i++) {
		const struct mmp_registration *r = &t->platform->registrations[i];

		if (t->budget->region_of[i] != MMP_NO_REGION)
			c->sorted[c->count++] =
				(struct mapped){ r->type, false, r->addr, r->size, i };
	}
	qsort(c->sorted, c->count, sizeof(*c->sorted), by_type_and_address);
	for (size_t i = 0; i < c->count; i++) {
		struct mapped *m = &c->sorted[i];

		m->covered = widest && widest->type == m->type &&
			     mmp_range_inside(m->addr, m->size, widest->addr,
					      widest->size, t->mask);
		if (!m->covered)
			widest = m;
	}
}

/* --- changes of registrations -------------------------------------------------------- */

static bool registration_is_device(const struct mmp_trying *t,
				   const struct mmp_registration *r)
{
	const struct mmp_platform *p = t->platform;
	const struct mmp_rules *rules = p->rules;
	struct mmp_leaf leaf;

	if (rules->types[r->type].stops)
		return false;
	rules->leaf(rules, &p->config, t->budget->layout.plan.shape.regime->format,
		    rules->type_of ? r->attr : rules->attr(rules, &p->config, r->type),
		    &leaf);
	return leaf.accessed && mmp_leaf_is_device(rules, &leaf);
}

/* Whether [addr, addr + size) is in use: by another type, or as secure memory. */
static bool is_taken(struct mmp_trying *t, unsigned type, uint64_t addr, uint64_t size)
{
	const struct mmp_plan *plan = &t->budget->layout.plan;

	for (unsigned i = 0; i < plan->secure_count; i++)
		if (mmp_range_intersects(addr, size, plan->secure[i].base,
					 plan->secure[i].size, t->mask))
			return true;
	return mmp_claims_meet(t->claims, type, addr, size, &t->work);
}

/* The range rounded to whole blocks; false if it already is, or would wrap. */
static bool rounded(const struct mmp_trying *t, const struct mmp_registration *r,
		    struct mmp_range *ret_range)
{
	uint64_t base = r->addr & ~(t->pgdir - 1);
	uint64_t last = (r->addr + r->size - 1) | (t->pgdir - 1);

	*ret_range = (struct mmp_range){ base, last - base + 1, true };
	return r->size && last >= base && last <= t->mask && base &&
	       (base != r->addr || ret_range->size != r->size);
}

/* Round a registration in the copy, unless that would map memory in use by others. */
static bool round_out(struct mmp_trying *t, size_t ordinal)
{
	const struct mmp_registration *r = &t->platform->registrations[ordinal];
	uint64_t end = r->addr + r->size;
	struct mmp_registration *changed;
	struct mmp_range range;

	if (!registration_is_device(t, r) || !rounded(t, r, &range) ||
	    is_taken(t, r->type, range.base, r->addr - range.base) ||
	    is_taken(t, r->type, end, range.base + range.size - end))
		return false;
	changed = mmp_try_change(t, ordinal);
	changed->va -= r->addr - range.base; /* if regions have a VA, it moves too */
	changed->addr = range.base;
	changed->size = range.size;
	return true;
}

static struct mmp_suggestion of_one(const struct mmp_trying *t, enum mmp_change change,
				    size_t ordinal)
{
	const struct mmp_registration *r = &t->copy.registrations[ordinal];

	return (struct mmp_suggestion){ .change = change,
					.registrations = 1,
					.ordinals = { ordinal },
					.addr = r->addr,
					.size = r->size };
}

static const char whole_blocks[] = "the rest of each block is also mapped";

static int try_round(const struct changing *c, size_t at)
{
	struct mmp_trying *t = c->t;
	size_t ordinal = c->sorted[at].ordinal;
	struct mmp_suggestion suggestion;
	bool good;

	mmp_try_reset(t);
	if (!round_out(t, ordinal))
		return 0;
	suggestion = of_one(t, MMP_CHANGE_ROUND, ordinal);
	suggestion.but = whole_blocks;
	return mmp_try_suggest(t, &suggestion, &good);
}

/* Try moving memory to the boundary of a block; its window moves with it. */
static int try_move(const struct changing *c, size_t at)
{
	struct mmp_trying *t = c->t;
	size_t ordinal = c->sorted[at].ordinal;
	const struct mmp_registration *r = &t->platform->registrations[ordinal];
	const struct mmp_rules *rules = t->platform->rules;
	uint64_t below = r->addr & ~(t->pgdir - 1);
	bool good = false;

	if (registration_is_device(t, r) || below == r->addr)
		return 0;
	for (unsigned up = 0; up < 2 && !good; up++) {
		uint64_t to = below + (up ? t->pgdir : 0);
		struct mmp_registration *changed;
		struct mmp_suggestion suggestion;

		if (!to || to + (r->size - 1) < to || to + (r->size - 1) > t->mask ||
		    is_taken(t, r->type, to, r->size))
			continue;
		mmp_try_reset(t);
		changed = mmp_try_change(t, ordinal);
		changed->va += to - r->addr;
		changed->addr = to;
		suggestion = of_one(t, MMP_CHANGE_MOVE, ordinal);
		suggestion.but = "there must be memory that is free";
		suggestion.moves_window =
			rules->follow && rules->follow(rules, &t->copy.config, r, to);
		if (mmp_try_suggest(t, &suggestion, &good))
			return -1;
	}
	return 0;
}

/*
 * Try joining a registration with the next of its type, if less than a block is between
 * them.
 */
static int try_join(const struct changing *c, size_t at)
{
	struct mmp_trying *t = c->t;
	const struct mapped *one = &c->sorted[at], *other = one + 1;
	const uint32_t *region_of = t->budget->region_of;
	struct mmp_suggestion suggestion;
	uint64_t end = one->addr + one->size, gap;
	bool good, device;

	if (at + 1 == c->count || other->type != one->type || other->addr < end ||
	    region_of[one->ordinal] == region_of[other->ordinal])
		return 0;
	gap = other->addr - end;
	device = registration_is_device(t, &t->platform->registrations[one->ordinal]);
	if (gap >= (device ? t->pgdir : 1) || is_taken(t, one->type, end, gap))
		return 0;
	mmp_try_reset(t);
	mmp_try_change(t, one->ordinal)->size = other->addr + other->size - one->addr;
	mmp_try_without(t, other->ordinal);
	suggestion = of_one(t, MMP_CHANGE_JOIN, one->ordinal);
	suggestion.registrations = 2;
	if (gap)
		suggestion.but = "what is between them is also mapped";
	suggestion.ordinals[1] = other->ordinal;
	return mmp_try_suggest(t, &suggestion, &good);
}

static int try_drop(const struct changing *c, size_t at)
{
	struct mmp_trying *t = c->t;
	struct mmp_suggestion suggestion;
	bool good;

	if (!c->sorted[at].covered)
		return 0;
	mmp_try_reset(t);
	suggestion = of_one(t, MMP_CHANGE_DROP, c->sorted[at].ordinal);
	mmp_try_without(t, c->sorted[at].ordinal);
	return mmp_try_suggest(t, &suggestion, &good);
}

static int try_round_all(const struct changing *c)
{
	struct mmp_trying *t = c->t;
	struct mmp_suggestion suggestion = { .change = MMP_CHANGE_ROUND_ALL,
					     .but = whole_blocks };
	bool good;

	mmp_try_reset(t);
	for (size_t i = 0; i < c->count && mmp_try_may_go_on(t); i++) {
		if (!round_out(t, c->sorted[i].ordinal))
			continue;
		if (suggestion.registrations < 2)
			suggestion.ordinals[suggestion.registrations] =
				c->sorted[i].ordinal;
		suggestion.registrations++;
	}
	if (suggestion.registrations < 2)
		return 0;
	return mmp_try_suggest(t, &suggestion, &good);
}

/* --- changes of the configuration ---------------------------------------------------- */

/* Try values of a key in order, until one saves something. */
static int try_key(struct mmp_trying *t, const char *name, const uint64_t *values,
		   size_t count)
{
	const struct mmp_config_key *key = mmp_config_key_find(t->platform->rules, name);
	uint64_t now = mmp_platform_value(t->platform, name);
	bool good = false;

	if (!key)
		return 0; /* this firmware does not have it */
	for (size_t i = 0; i < count && !good; i++) {
		struct mmp_suggestion suggestion = { .change = MMP_CHANGE_KEY,
						     .key = key,
						     .to = values[i] };

		if (values[i] == now)
			continue;
		if (key->type == MMP_KEY_SIZE && values[i] < now)
			suggestion.but = "less room for what is mapped later";
		mmp_try_reset(t);
		mmp_config_set(&t->copy.config, key, values[i]);
		if (mmp_try_suggest(t, &suggestion, &good))
			return -1;
	}
	return 0;
}

/*
 * Try the reserved window in whole blocks, or smaller: it may then not reach into another
 * GiB.
 */
static int try_reserved_window(struct mmp_trying *t)
{
	const char *name = t->platform->rules->known.run_time_space;
	uint64_t now = mmp_platform_value(t->platform, name), values[8];
	size_t count = 0;

	if (now > UINT64_MAX - t->pgdir)
		return 0;
	values[count++] = (now + t->pgdir - 1) & ~(t->pgdir - 1);
	for (uint64_t size = UINT64_C(1) << 23; count < 5 && size >= t->pgdir; size /= 2)
		if (size < now)
			values[count++] = size;
	return try_key(t, name, values, count);
}

/* With 39 bits or fewer the base level is 1. */
static int try_va_bits(struct mmp_trying *t)
{
	static const uint64_t widths[] = { 39, 36, 32 };

	if (t->budget->layout.plan.shape.base_level ||
	    !t->budget->layout.plan.shape.regime->aarch64)
		return 0;
	return try_key(t, t->platform->rules->known.va_bits, widths,
		       sizeof(widths) / sizeof(widths[0]));
}

/* --- all of them --------------------------------------------------------------------- */

static int (*const changes[])(const struct changing *c,
			      size_t at) = { try_round, try_move, try_join, try_drop };

enum { CHANGES = sizeof(changes) / sizeof(changes[0]) };

/*
 * Whether a registration is worth trying: its region has tables of its own, or map
 * entries are limited.
 */
static bool is_worth(const struct mmp_trying *t, size_t ordinal)
{
	const struct mmp_budget *b = t->budget;

	return b->layout.plan.map.limited || b->regions[b->region_of[ordinal]].made > 0;
}

static int try_registrations(const struct changing *c)
{
	struct mmp_trying *t = c->t;

	for (size_t i = 0; i < c->count; i++) {
		if (!is_worth(t, c->sorted[i].ordinal))
			continue;
		if (!mmp_try_may_go_on(t)) {
			t->budget->changes_left_out++;
			continue;
		}
		for (unsigned k = 0; k < CHANGES; k++)
			if (changes[k](c, i))
				return -1;
	}
	return 0;
}

static int by_savings(const void *one, const void *other)
{
	const struct mmp_suggestion *a = one, *b = other;

	if (a->tables != b->tables)
		return a->tables > b->tables ? -1 : 1;
	if (a->entries != b->entries)
		return a->entries > b->entries ? -1 : 1;
	if (a->change != b->change)
		return a->change < b->change ? -1 : 1;
	return a->ordinals[0] < b->ordinals[0] ? -1 : a->ordinals[0] > b->ordinals[0];
}

/* Drop the advice to round all devices if rounding one of them saves as much. */
static void drop_idle(struct mmp_budget *b)
{
	size_t kept = 0;
	bool one = false;

	for (size_t i = 0; i < b->suggestion_count; i++) {
		const struct mmp_suggestion *s = &b->suggestions[i];

		one |= s->change == MMP_CHANGE_ROUND;
		if (s->change != MMP_CHANGE_ROUND_ALL || !one)
			b->suggestions[kept++] = *s;
	}
	b->suggestion_count = kept;
}

static int try_all(struct changing *c)
{
	struct mmp_budget *b = c->t->budget;

	sort_registrations(c);
	if (try_reserved_window(c->t) || try_va_bits(c->t) || try_round_all(c) ||
	    try_registrations(c))
		return -1;
	qsort(b->suggestions, b->suggestion_count, sizeof(*b->suggestions), by_savings);
	drop_idle(b);
	return 0;
}

int mmp_try_changes(struct mmp_trying *t)
{
	struct changing c = { .t = t };
	int failed;

	c.sorted = malloc((t->platform->count + 1) * sizeof(*c.sorted));
	if (!c.sorted)
		return mmp_fail(t->err, MMP_SYSTEM, "out of memory");
	failed = try_all(&c);
	free(c.sorted);
	return failed;
}
