/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "rules/tfa/attr.h"
#include "rules/tfa/tfa.h"

/*
 * What the tables map in the end, computed only from the region list and the calls. Page
 * by page, the innermost region counts, with the rights that later changes gave. It does
 * not use the builder, so that the builder's tables can be compared with it.
 */

struct piece {
	struct mmp_region region;
	uint32_t op; /* the op that added it */
};

struct cutting {
	struct piece *pieces; /* by VA, without overlaps */
	size_t count, room;
	uint64_t reach; /* bytes of VA after which a walk starts again; 0: 2^64 */
};

static uint64_t last_of(const struct tfa_region *r)
{
	return r->va + r->size - 1;
}

/* Regions that contain others come before those. */
static int by_va(const void *one, const void *other)
{
	const struct tfa_region *a = *(const struct tfa_region *const *)one;
	const struct tfa_region *b = *(const struct tfa_region *const *)other;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	return a->size > b->size ? -1 : a->size < b->size;
}

static int reserve_pieces(struct cutting *c, size_t count)
{
	struct piece *more;

	if (count <= c->room)
		return 0;
	more = realloc(c->pieces, 2 * count * sizeof(*more));
	if (!more)
		return -1;
	c->pieces = more;
	c->room = 2 * count;
	return 0;
}

/* Add the part of a region from `first` to `last`. */
static void add_part(struct cutting *c, const struct tfa_region *r, uint64_t first,
		     uint64_t last)
{
	struct piece *piece = &c->pieces[c->count];

	if (first > last)
		return;
	piece->region = tfa_region_of(r, r->attr & ~TFA_DYNAMIC);
	piece->region.pa = r->pa + (first - r->va);
	piece->region.va = first;
	piece->region.size = last - first + 1;
	piece->op = r->op;
	c->count++;
}

/*
 * Cut inner regions out of the regions around them. `open` has the regions that contain
 * the current address, the innermost last.
 */
static void cut(struct cutting *c, const struct tfa_region **sorted, size_t count,
		const struct tfa_region **open)
{
	uint64_t at = 0;
	size_t depth = 0;

	for (size_t n = 0; n <= count; n++) {
		const struct tfa_region *next = n < count ? sorted[n] : NULL;

		while (depth && (!next || last_of(open[depth - 1]) < next->va)) {
			const struct tfa_region *inner = open[--depth];

			add_part(c, inner, at, last_of(inner));
			at = last_of(inner) + 1;
		}
		if (!next)
			break;
		if (depth && at < next->va)
			add_part(c, open[depth - 1], at, next->va - 1);
		at = next->va;
		open[depth++] = next;
	}
}

/* The last init, which made new tables; -1: none. */
static int64_t last_init(const struct tfa_run *run)
{
	for (size_t n = run->context.result_count; n-- > 0;)
		if (run->ops[n].call == TFA_INIT)
			return (int64_t)n;
	return -1;
}

/*
 * A static region that a release build accepts after init is in the list, but not mapped.
 */
static bool is_mapped(const struct tfa_run *run, const struct tfa_region *r, int64_t init)
{
	enum tfa_call call = run->ops[r->op].call;

	return r->op < init || call == TFA_ADD_DYNAMIC ||
	       call == TFA_ADD_DYNAMIC_ALLOC_VA;
}

static int cut_regions(struct cutting *c, const struct tfa_run *run, int64_t init)
{
	const struct tfa_list *list = &run->context.list;
	const struct tfa_region **sorted =
		malloc((2 * (size_t)list->count + 1) * sizeof(struct tfa_region *));
	size_t count = 0;

	if (!sorted || reserve_pieces(c, 2 * (size_t)list->count + 1)) {
		free(sorted);
		return -1;
	}
	for (uint32_t n = 0; n < list->count; n++)
		if (is_mapped(run, tfa_list_at(list, n), init))
			sorted[count++] = tfa_list_at(list, n);
	qsort(sorted, count, sizeof(*sorted), by_va);
	cut(c, sorted, count, sorted + list->count);
	free(sorted);
	return 0;
}

/* --- changes --------------------------------------------------------------------------- */

/* The first piece that ends at or after `va`. */
static size_t piece_from(const struct cutting *c, uint64_t va)
{
	return MMP_LOWER_BOUND(n, 0, c->count,
			       c->pieces[n].region.va + c->pieces[n].region.size - 1 <
				       va);
}

/* Split piece n at `va`; the part from there on becomes a new piece. */
static int split(struct cutting *c, size_t n, uint64_t va)
{
	struct mmp_region *r = &c->pieces[n].region;
	uint64_t size = va - r->va;

	if (va <= r->va || va - r->va >= r->size)
		return 0;
	if (reserve_pieces(c, c->count + 1))
		return -1;
	memmove(&c->pieces[n + 1], &c->pieces[n], (c->count - n) * sizeof(c->pieces[0]));
	c->count++;
	c->pieces[n].region.size = size;
	r = &c->pieces[n + 1].region;
	r->pa += size;
	r->va += size;
	r->size -= size;
	return 0;
}

/* Reading and rewriting the attributes loses shareability and reserved types. */
static void change(struct mmp_region *r, uint32_t attr)
{
	static const uint32_t changed = TFA_RW | TFA_EXECUTE_NEVER | TFA_USER;
	uint32_t type = r->attr & TFA_TYPE_MASK;

	if (type > TFA_MEMORY)
		type = TFA_NON_CACHEABLE;
	r->attr = type | (r->attr & TFA_SPACE_MASK) | (attr & changed);
	r->type = (uint8_t)tfa_type(NULL, r->attr);
}

static int change_range(struct cutting *c, uint32_t op, uint64_t first, uint64_t last,
			uint32_t attr)
{
	size_t n = piece_from(c, first);

	if (n < c->count && c->pieces[n].region.va < first) {
		if (split(c, n, first))
			return -1;
		n++;
	}
	for (; n < c->count && c->pieces[n].region.va <= last; n++) {
		if (last != UINT64_MAX && split(c, n, last + 1))
			return -1;
		if (c->pieces[n].op < op)
			change(&c->pieces[n].region, attr);
	}
	return 0;
}

/* Addresses past the reach of the base table's indices start at 0 again. */
static int apply(struct cutting *c, uint32_t op, const struct tfa_op *by)
{
	uint64_t mask = c->reach - 1, first = by->va & mask;
	uint64_t size = by->size < c->reach ? by->size : c->reach;
	uint64_t room = c->reach - first;

	if (size <= room)
		return change_range(c, op, first, first + size - 1, by->attr);
	return change_range(c, op, first, mask, by->attr) ||
			       change_range(c, op, 0, size - room - 1, by->attr)
		       ? -1
		       : 0;
}

static int apply_changes(struct cutting *c, const struct tfa_run *run, int64_t init)
{
	for (size_t n = (size_t)init + 1; n < run->context.result_count; n++)
		if (run->ops[n].call == TFA_CHANGE_ATTRIBUTES &&
		    run->context.results[n].rule == TFA_ACCEPTED &&
		    apply(c, (uint32_t)n, &run->ops[n]))
			return -1;
	return 0;
}

int tfa_pieces(const struct mmp_plan *plan, struct mmp_region **ret_pieces,
	       size_t *ret_count)
{
	const struct tfa_run *run = tfa_run_of(plan);
	int64_t init = last_init(run);
	unsigned reach = tfa_shift(run->context.tables.base_level) + 9;
	struct cutting c = { .reach = UINT64_C(1) << reach };
	struct mmp_region *pieces = NULL;

	if (init >= 0 && (cut_regions(&c, run, init) || apply_changes(&c, run, init))) {
		free(c.pieces);
		return -1;
	}
	pieces = malloc((c.count + 1) * sizeof(*pieces));
	for (size_t n = 0; pieces && n < c.count; n++)
		pieces[n] = c.pieces[n].region;
	free(c.pieces);
	*ret_pieces = pieces;
	*ret_count = c.count;
	return pieces ? 0 : -1;
}
