/* SPDX-License-Identifier: BSD-2-Clause */
#include "study/rights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/regime.h"

static unsigned memory_of(const struct mmp_layout *layout, const struct mmp_leaf *leaf)
{
	const struct mmp_rules *rules = layout->platform->rules;

	if (leaf->memory >= rules->memory_count || rules->memory[leaf->memory].device)
		return MMP_RIGHT_DEVICE;
	return rules->memory[leaf->memory].cached ? MMP_RIGHT_CACHED : MMP_RIGHT_UNCACHED;
}

static unsigned rights_of_leaf(const struct mmp_layout *layout,
			       const struct mmp_leaf *leaf)
{
	const struct mmp_regime *regime = layout->plan.shape.regime;
	unsigned rights = memory_of(layout, leaf) | MMP_RIGHT_READ;
	bool never =
		regime->has_user ? leaf->pxn : leaf->uxn; /* one XN without user mode */

	/* If NSE is set, NS selects realm or root, neither of which is non-secure. */
	rights |= leaf->nonsecure && !leaf->nse ? MMP_RIGHT_NONSECURE : MMP_RIGHT_SECURE;
	rights |= leaf->read_only ? 0 : MMP_RIGHT_WRITE;
	rights |= never ? 0 : MMP_RIGHT_EXECUTE;
	if (regime->has_user && leaf->user) {
		rights |= MMP_RIGHT_USER_READ;
		rights |= leaf->read_only ? 0 : MMP_RIGHT_USER_WRITE;
		rights |= leaf->uxn ? 0 : MMP_RIGHT_USER_EXECUTE;
	}
	return rights;
}

/* What the tables allow at the first address of a region or of a part of one. */
static unsigned rights_at_va(const struct mmp_layout *layout, uint64_t va)
{
	struct mmp_memory memory = mmp_layout_memory(layout);
	struct mmp_walker walker = mmp_layout_walker(layout, &memory, 0);
	struct mmp_walk walk = mmp_walk(&walker, (struct mmp_va){ va });

	return walk.end == MMP_WALK_MAPPED ? rights_of_leaf(layout, &walk.leaf) : 0;
}

/*
 * The first address of region n that is not in a smaller region inside it. Regions are
 * sorted by VA, so all of them take one pass.
 */
static uint64_t own_va(const struct mmp_plan *plan, size_t n)
{
	const struct mmp_region *r = &plan->regions[n];
	uint64_t va = r->va;

	for (size_t m = 0; plan->platform->rules->pieces && m < plan->count; m++) {
		const struct mmp_region *other = &plan->regions[m];

		if (m != n && other->size < r->size && va - other->va < other->size)
			va = other->va + other->size;
	}
	return va - r->va < r->size ? va : r->va;
}

unsigned mmp_rights_of_region(const struct mmp_layout *layout, size_t n)
{
	const struct mmp_region *region = &layout->plan.regions[n];

	if (region->mapping != MMP_MAP_BLOCKS || !region->size)
		return 0;
	return rights_at_va(layout, own_va(&layout->plan, n));
}

const char *mmp_rights_print(unsigned rights, char text[MMP_RIGHTS_TEXT_SIZE])
{
	static const char *const worlds[] = { "nowhere", "secure", "non-secure",
					      "secure and non-secure" };

	if (!rights) {
		snprintf(text, MMP_RIGHTS_TEXT_SIZE, "not mapped");
		return text;
	}
	snprintf(text, MMP_RIGHTS_TEXT_SIZE, "%s P:%c%c%c U:%c%c%c%s%s%s",
		 worlds[rights & (MMP_RIGHT_SECURE | MMP_RIGHT_NONSECURE)],
		 rights & MMP_RIGHT_READ ? 'r' : '-',
		 rights & MMP_RIGHT_WRITE ? 'w' : '-',
		 rights & MMP_RIGHT_EXECUTE ? 'x' : '-',
		 rights & MMP_RIGHT_USER_READ ? 'r' : '-',
		 rights & MMP_RIGHT_USER_WRITE ? 'w' : '-',
		 rights & MMP_RIGHT_USER_EXECUTE ? 'x' : '-',
		 rights & MMP_RIGHT_DEVICE ? " device" : "",
		 rights & MMP_RIGHT_CACHED ? " cached" : "",
		 rights & MMP_RIGHT_UNCACHED ? " uncached" : "");
	return text;
}

/* --- two layouts ----------------------------------------------------------------------- */

/* A point where a mapping begins or has ended. */
struct edge {
	uint64_t pa;
	unsigned type;
	unsigned rights;
	uint8_t side; /* 0: before, 1: after */
	bool begins;
};

struct edges {
	size_t count;
	struct edge *items;
};

/* How many mappings allow what, at one point of the sweep through physical memory. */
struct table_level {
	uint32_t bits[MMP_RIGHT_BITS];
	int type; /* of the last mapping that began; -1: none is open */
	uint32_t open;
};

void mmp_rights_change_done(struct mmp_rights_change *change)
{
	free(change->ranges);
	*change = (struct mmp_rights_change){ 0 };
}

static int compare_edges(const void *one, const void *other)
{
	const struct edge *a = one, *b = other;

	if (a->pa != b->pa)
		return a->pa < b->pa ? -1 : 1;
	if (a->begins != b->begins) /* ends first */
		return a->begins ? 1 : -1;
	return a->type < b->type ? -1 : a->type > b->type;
}

/* An end past 2^64 is left out: such a mapping extends to the top. */
static void add_edges(struct edges *edges, const struct mmp_layout *layout,
		      const struct mmp_pieces *pieces, uint8_t side)
{
	for (size_t n = 0; n < pieces->count; n++) {
		const struct mmp_region *r = &pieces->pieces[n];
		unsigned rights = r->mapping == MMP_MAP_BLOCKS && r->size
					  ? rights_at_va(layout, r->va)
					  : 0;

		if (!rights)
			continue;
		edges->items[edges->count++] =
			(struct edge){ r->pa, r->type, rights, side, true };
		if (r->pa + r->size > r->pa)
			edges->items[edges->count++] =
				(struct edge){ r->pa + r->size, r->type, rights, side,
					       false };
	}
}

static void pass(struct table_level *level, const struct edge *edge)
{
	for (unsigned bit = 0; bit < MMP_RIGHT_BITS; bit++)
		if (edge->rights >> bit & 1)
			level->bits[bit] += edge->begins ? 1 : UINT32_MAX;
	level->open += edge->begins ? 1 : UINT32_MAX;
	if (edge->begins)
		level->type = (int)edge->type;
	else if (!level->open)
		level->type = -1;
}

static unsigned rights_at(const struct table_level *level)
{
	unsigned rights = 0;

	for (unsigned bit = 0; bit < MMP_RIGHT_BITS; bit++)
		rights |= level->bits[bit] ? 1u << bit : 0;
	return rights;
}

static int add_range(struct mmp_rights_change *change, struct mmp_rights_range range)
{
	struct mmp_rights_range *last =
		change->count ? &change->ranges[change->count - 1] : NULL;

	if (last && last->pa + last->size == range.pa && last->before == range.before &&
	    last->after == range.after && last->type == range.type &&
	    last->other_type == range.other_type) {
		last->size += range.size;
		return 0;
	}
	if (change->count == change->capacity) {
		size_t capacity = change->capacity ? 2 * change->capacity : 16;
		struct mmp_rights_range *more =
			realloc(change->ranges, capacity * sizeof(*more));

		if (!more)
			return -1;
		change->ranges = more;
		change->capacity = capacity;
	}
	change->ranges[change->count++] = range;
	return 0;
}

static int walk_edges(struct mmp_rights_change *change, const struct edges *edges)
{
	struct table_level sides[2] = { { .type = -1 }, { .type = -1 } };

	for (size_t i = 0; i < edges->count; i++) {
		uint64_t pa = edges->items[i].pa;
		uint64_t next = i + 1 < edges->count ? edges->items[i + 1].pa : 0;
		struct mmp_rights_range range;

		pass(&sides[edges->items[i].side], &edges->items[i]);
		range = (struct mmp_rights_range){ pa,
						   next - pa,
						   rights_at(&sides[0]),
						   rights_at(&sides[1]),
						   sides[1].type,
						   sides[0].type };
		if (range.size && range.before != range.after && add_range(change, range))
			return -1;
	}
	return 0;
}

/* The pieces of both maps; a layout that is NULL has none. */
static int make_pieces(struct mmp_pieces pieces[2], const struct mmp_layout *before,
		       const struct mmp_layout *after)
{
	memset(pieces, 0, 2 * sizeof(*pieces));
	if (before && mmp_pieces_make(&pieces[0], &before->plan))
		return -1;
	return after ? mmp_pieces_make(&pieces[1], &after->plan) : 0;
}

int mmp_rights_compare(struct mmp_rights_change *ret_change,
		       const struct mmp_layout *before, const struct mmp_layout *after,
		       struct mmp_error *err)
{
	struct mmp_rights_change change = { 0 };
	struct edges edges = { 0 };
	struct mmp_pieces pieces[2];
	int failed = make_pieces(pieces, before, after);

	if (!failed)
		edges.items = calloc(2 * (pieces[0].count + pieces[1].count) + 1,
				     sizeof(struct edge));
	if (edges.items) {
		add_edges(&edges, before, &pieces[0], 0);
		add_edges(&edges, after, &pieces[1], 1);
		if (edges.count)
			qsort(edges.items, edges.count, sizeof(struct edge),
			      compare_edges);
		failed = walk_edges(&change, &edges);
	}
	failed |= !edges.items;
	free(edges.items);
	mmp_pieces_done(&pieces[0]);
	mmp_pieces_done(&pieces[1]);
	if (failed) {
		mmp_rights_change_done(&change);
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	}
	*ret_change = change;
	return 0;
}
