/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/regions.h"

#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "base/search.h"
#include "rules/tfa/attr.h"

/* A region has a range in each of two address spaces. */
enum space { VA, PA };

/* A region's sort key, while many are sorted at once. */
struct tfa_sorted {
	uint64_t last, size;
	uint32_t id;
};

void tfa_list_init(struct tfa_list *list)
{
	memset(list, 0, sizeof(*list));
	tfa_list_clear(list);
}

void tfa_list_done(struct tfa_list *list)
{
	free(list->regions);
	free(list->around);
	free(list->order);
	free(list->by_pa);
	free(list->sorted);
	tfa_list_init(list);
}

void tfa_list_clear(struct tfa_list *list)
{
	list->count = list->ids = list->most = 0;
	list->free_id = TFA_NO_REGION;
	list->offset = 0;
	list->offsets_differ = false;
	list->max_pa = list->max_va = 0;
}

static inline uint64_t base_of(const struct tfa_region *r, enum space space)
{
	return space == VA ? r->va : r->pa;
}

static inline uint64_t last_of(const struct tfa_region *r, enum space space)
{
	return base_of(r, space) + r->size - 1;
}

static inline uint64_t offset_of(const struct tfa_region *r)
{
	return r->va - r->pa;
}

/* As long as all offsets are equal, the order by VA is the order by PA. */
static inline const uint32_t *order_of(const struct tfa_list *list, enum space space)
{
	return space == PA && list->offsets_differ ? list->by_pa : list->order;
}

static inline bool comes_before(const struct tfa_region *r, enum space space,
				uint64_t last, uint64_t size)
{
	uint64_t its_last = last_of(r, space);

	return its_last < last || (its_last == last && r->size < size);
}

/*
 * The first place whose region comes at or after a region with this last address and
 * size.
 */
static inline uint32_t first_place(const struct tfa_list *list, enum space space,
				   uint64_t last, uint64_t size)
{
	const uint32_t *order = order_of(list, space);

	return (uint32_t)MMP_LOWER_BOUND(
		n, 0, list->count,
		comes_before(&list->regions[order[n]], space, last, size));
}

/* The rule that two regions break whose ranges in `space` overlap. */
static enum tfa_rule judge_pair(const struct tfa_config *config,
				const struct tfa_region *r,
				const struct tfa_region *other, enum space space)
{
	bool inside = other->va >= r->va && last_of(other, VA) <= last_of(r, VA);
	bool around = other->va <= r->va && last_of(other, VA) >= last_of(r, VA);
	bool dynamic = (r->attr | other->attr) & TFA_DYNAMIC;

	if (space == PA)
		return offset_of(r) == offset_of(other) ? TFA_ACCEPTED : TFA_PA_SHARED;
	if (!inside && !around)
		return TFA_VA_PARTIAL;
	if (config->dynamic && dynamic)
		return TFA_DYNAMIC_NEST;
	if (offset_of(r) != offset_of(other))
		return TFA_OTHER_OFFSET;
	return inside && around ? TFA_SAME_RANGE : TFA_ACCEPTED;
}

/* The innermost region that contains the byte at `at` and ends after it. */
static uint32_t innermost_past(const struct tfa_list *list, enum space space,
			       uint32_t place, uint64_t at)
{
	uint32_t id;

	if (place == list->count)
		return TFA_NO_REGION;
	id = order_of(list, space)[place];
	while (id != TFA_NO_REGION && base_of(&list->regions[id], space) > at)
		id = list->around[id];
	return id;
}

/*
 * Going down from `place`: the place after the next region that can overlap a region from
 * `base` on. Regions inside the one at `place` are skipped.
 */
static uint32_t pass_inner(const struct tfa_list *list, enum space space, uint32_t place)
{
	const uint32_t *order = order_of(list, space);
	uint64_t base = base_of(&list->regions[order[place]], space);

	if (!place || last_of(&list->regions[order[place - 1]], space) < base)
		return place;
	return first_place(list, space, base, 0);
}

/* Check 7 in one address space. */
static enum tfa_rule check_space(const struct tfa_list *list,
				 const struct tfa_config *config,
				 const struct tfa_region *r, enum space space,
				 uint32_t *ret_other)
{
	const uint32_t *order = order_of(list, space);
	uint64_t base = base_of(r, space), last = last_of(r, space);
	uint32_t place = first_place(list, space, last, UINT64_MAX);
	uint32_t id = innermost_past(list, space, place, last);
	enum tfa_rule rule;

	*ret_other = id;
	if (id != TFA_NO_REGION) {
		rule = judge_pair(config, r, &list->regions[id], space);
		if (rule != TFA_ACCEPTED)
			return rule;
	}
	while (place > 0) {
		const struct tfa_region *other = &list->regions[order[place - 1]];

		if (last_of(other, space) < base)
			break;
		*ret_other = order[--place];
		rule = judge_pair(config, r, other, space);
		if (rule != TFA_ACCEPTED)
			return rule;
		if (base_of(other, space) >= base)
			place = pass_inner(list, space, place);
	}
	*ret_other = TFA_NO_REGION;
	return TFA_ACCEPTED;
}

static inline enum tfa_rule check_alone(const struct tfa_config *c,
					const struct tfa_region *r)
{
	uint64_t widest = c->arch == TFA_ARM32 ? UINT32_MAX : UINT64_MAX;

	if ((r->pa | r->va | r->size) & MMP_PAGE_MASK)
		return r->pa & MMP_PAGE_MASK   ? TFA_PA_UNALIGNED
		       : r->va & MMP_PAGE_MASK ? TFA_VA_UNALIGNED
					       : TFA_SIZE_UNALIGNED;
	if (r->granularity != 0x40000000 && r->granularity != 0x200000 &&
	    r->granularity != 0x1000)
		return TFA_GRANULARITY;
	if (last_of(r, PA) < r->pa)
		return TFA_PA_WRAPS;
	if (last_of(r, VA) < r->va || last_of(r, VA) > widest)
		return TFA_VA_WRAPS;
	if (last_of(r, VA) > c->va_space - 1)
		return TFA_VA_SPACE;
	return last_of(r, PA) > c->pa_space - 1 ? TFA_PA_SPACE : TFA_ACCEPTED;
}

enum tfa_rule tfa_list_check(const struct tfa_list *list, const struct tfa_config *config,
			     const struct tfa_region *region, uint32_t *ret_other)
{
	enum tfa_rule rule = check_alone(config, region);

	*ret_other = TFA_NO_REGION;
	if (rule != TFA_ACCEPTED)
		return rule;
	if (list->count >= config->max_mmap_regions)
		return TFA_LIST_FULL;
	rule = check_space(list, config, region, VA, ret_other);
	if (rule != TFA_ACCEPTED || !list->count)
		return rule;
	if (!list->offsets_differ && offset_of(region) == list->offset)
		return TFA_ACCEPTED; /* then PA ranges overlap only as VA ranges do */
	return check_space(list, config, region, PA, ret_other);
}

/* --- inserting and removing --------------------------------------------------------- */

static int grow_array(void *array, size_t size, uint32_t capacity)
{
	void *old = *(void **)array, *more = realloc(old, size * capacity);

	if (!more)
		return -1;
	*(void **)array = more;
	return 0;
}

static int reserve_regions(struct tfa_list *list, uint32_t ids)
{
	uint32_t capacity = list->capacity ? 2 * list->capacity : 32;

	if (ids <= list->capacity)
		return 0;
	if (capacity < ids)
		capacity = ids;
	if (grow_array(&list->regions, sizeof(*list->regions), capacity) ||
	    grow_array(&list->around, sizeof(*list->around), capacity) ||
	    grow_array(&list->order, sizeof(*list->order), capacity) ||
	    grow_array(&list->by_pa, sizeof(*list->by_pa), capacity) ||
	    grow_array(&list->sorted, 2 * sizeof(*list->sorted), capacity))
		return -1;
	list->capacity = capacity;
	return 0;
}

static uint32_t take_id(struct tfa_list *list)
{
	uint32_t id = list->free_id;

	if (id == TFA_NO_REGION)
		return list->ids++;
	list->free_id = list->around[id];
	return id;
}

static void insert_at(uint32_t *order, uint32_t count, uint32_t place, uint32_t id)
{
	memmove(order + place + 1, order + place, (count - place) * sizeof(*order));
	order[place] = id;
}

/* Link the new region, the region around it, and the outermost ones inside it. */
static void set_around(struct tfa_list *list, uint32_t place)
{
	uint32_t id = list->order[place];
	const struct tfa_region *r = &list->regions[id];
	uint64_t last = last_of(r, VA);
	bool shares_end = place + 1 < list->count &&
			  last_of(tfa_list_at(list, place + 1), VA) == last;

	list->around[id] = shares_end ? list->order[place + 1]
				      : innermost_past(list, VA, place + 1, last);
	while (place > 0 && last_of(tfa_list_at(list, place - 1), VA) >= r->va) {
		list->around[list->order[--place]] = id;
		place = pass_inner(list, VA, place);
	}
}

int tfa_list_insert(struct tfa_list *list, const struct tfa_region *region,
		    uint32_t *ret_id)
{
	uint64_t last = last_of(region, VA);
	uint32_t id, place;

	if (reserve_regions(list, list->ids + 1))
		return -1;
	if (!list->count && !list->offsets_differ)
		list->offset = offset_of(region);
	if (!list->offsets_differ && list->offset != offset_of(region)) {
		memcpy(list->by_pa, list->order, list->count * sizeof(*list->order));
		list->offsets_differ = true;
	}
	*ret_id = id = take_id(list);
	list->regions[id] = *region;
	place = first_place(list, VA, last, region->size);
	if (list->offsets_differ)
		insert_at(list->by_pa, list->count,
			  first_place(list, PA, last_of(region, PA), region->size), id);
	insert_at(list->order, list->count, place, id);
	list->count++;
	if (list->count > list->most)
		list->most = list->count;
	set_around(list, place);
	return 0;
}

void tfa_list_raise(struct tfa_list *list, const struct tfa_region *region)
{
	if (last_of(region, PA) > list->max_pa)
		list->max_pa = last_of(region, PA);
	if (last_of(region, VA) > list->max_va)
		list->max_va = last_of(region, VA);
}

uint32_t tfa_list_find(const struct tfa_list *list, uint64_t va, uint64_t size)
{
	uint32_t place = first_place(list, VA, va + size - 1, size);
	const struct tfa_region *r;

	if (place == list->count || !size)
		return TFA_NO_REGION;
	r = tfa_list_at(list, place);
	return r->va == va && r->size == size ? list->order[place] : TFA_NO_REGION;
}

static void remove_at(uint32_t *order, uint32_t count, uint32_t place)
{
	memmove(order + place, order + place + 1, (count - place - 1) * sizeof(*order));
}

void tfa_list_remove(struct tfa_list *list, uint32_t id)
{
	const struct tfa_region *r = &list->regions[id];

	if (list->offsets_differ)
		remove_at(list->by_pa, list->count,
			  first_place(list, PA, last_of(r, PA), r->size));
	remove_at(list->order, list->count,
		  first_place(list, VA, last_of(r, VA), r->size));
	list->count--;
	list->around[id] = list->free_id;
	list->free_id = id;
}

void tfa_list_lower(struct tfa_list *list, const struct tfa_region *removed)
{
	uint32_t n = list->count;

	if (last_of(removed, VA) == list->max_va)
		list->max_va = n ? last_of(tfa_list_at(list, n - 1), VA) : 0;
	if (last_of(removed, PA) == list->max_pa)
		list->max_pa =
			n ? last_of(&list->regions[order_of(list, PA)[n - 1]], PA) : 0;
}

/* --- many at once ------------------------------------------------------------------- */

static inline bool comes_first(const struct tfa_sorted *one,
			       const struct tfa_sorted *other)
{
	return one->last < other->last ||
	       (one->last == other->last && one->size < other->size);
}

static void sort_short_run(struct tfa_sorted *at, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		struct tfa_sorted one = at[i];
		uint32_t n = i;

		for (; n > 0 && comes_first(&one, &at[n - 1]); n--)
			at[n] = at[n - 1];
		at[n] = one;
	}
}

static void merge(struct tfa_sorted *to, const struct tfa_sorted *a,
		  const struct tfa_sorted *a_end, const struct tfa_sorted *b,
		  const struct tfa_sorted *b_end)
{
	while (a < a_end && b < b_end) {
		bool second = comes_first(b, a);

		*to++ = second ? *b : *a;
		b += second;
		a += !second;
	}
	memcpy(to, a, (size_t)(a_end - a) * sizeof(*a));
	memcpy(to + (a_end - a), b, (size_t)(b_end - b) * sizeof(*b));
}

/* Sort at[0 .. count); at[count .. 2 * count) is scratch. Returns where the result is. */
static struct tfa_sorted *merge_sort(struct tfa_sorted *at, uint32_t count)
{
	struct tfa_sorted *to;
	uint32_t run = 8, n = 1;

	if (!count)
		return at;
	to = at + count;
	while (n < count && !comes_first(&at[n], &at[n - 1]))
		n++;
	if (n >= count)
		return at;
	for (n = 0; n < count; n += run)
		sort_short_run(at + n, count - n < run ? count - n : run);
	for (; run < count; run *= 2) {
		struct tfa_sorted *from = at;

		for (n = 0; n < count; n += 2 * run) {
			uint32_t middle = count - n < run ? count : n + run;
			uint32_t end = count - n < 2 * run ? count : n + 2 * run;

			merge(to + n, at + n, at + middle, at + middle, at + end);
		}
		at = to;
		to = from;
	}
	return at;
}

static void sort_by(struct tfa_list *list, enum space space, uint32_t count,
		    uint32_t *order)
{
	struct tfa_sorted *sorted = list->sorted;

	for (uint32_t id = 0; id < count; id++)
		sorted[id] = (struct tfa_sorted){ last_of(&list->regions[id], space),
						  list->regions[id].size, id };
	sorted = merge_sort(sorted, count);
	for (uint32_t n = 0; n < count; n++)
		order[n] = sorted[n].id;
}

/*
 * Visit the sorted regions with the outermost ones so far on a stack, which is linked
 * through `around`: a new region removes those inside it from the stack.
 */
static bool fits_together(struct tfa_list *list, const struct tfa_config *config,
			  enum space space, uint32_t count)
{
	const uint32_t *order = space == VA ? list->order : list->by_pa;
	uint32_t *stack = (uint32_t *)(void *)list->sorted, depth = 0;

	for (uint32_t n = 0; n < count; n++) {
		const struct tfa_region *r = &list->regions[order[n]];
		uint64_t base = base_of(r, space);

		while (depth > 0) {
			uint32_t id = stack[depth - 1];
			const struct tfa_region *top = &list->regions[id];

			if (last_of(top, space) < base)
				break;
			if (judge_pair(config, r, top, space) != TFA_ACCEPTED)
				return false;
			list->around[id] = order[n];
			depth--;
		}
		list->around[order[n]] = TFA_NO_REGION;
		stack[depth++] = order[n];
	}
	return true;
}

static bool fill_with(struct tfa_list *list, const struct tfa_config *config,
		      uint32_t count)
{
	list->offset = count ? offset_of(&list->regions[0]) : 0;
	list->offsets_differ = false;
	for (uint32_t id = 1; id < count; id++)
		if (offset_of(&list->regions[id]) != list->offset)
			list->offsets_differ = true;
	sort_by(list, VA, count, list->order);
	if (list->offsets_differ) {
		sort_by(list, PA, count, list->by_pa);
		if (!fits_together(list, config, PA, count))
			return false;
	}
	return fits_together(list, config, VA, count);
}

/* If `count` regions do not fit together, insert as many of the first ones as do. */
static uint32_t fill_beginning(struct tfa_list *list, const struct tfa_config *config,
			       uint32_t count)
{
	size_t bad = MMP_LOWER_BOUND(n, 1, count, fill_with(list, config, (uint32_t)n));

	fill_with(list, config, (uint32_t)bad - 1);
	return (uint32_t)bad - 1;
}

int64_t tfa_list_fill(struct tfa_list *list, const struct tfa_config *config,
		      const struct tfa_region *regions, uint32_t count)
{
	uint32_t alone = 0;

	if (reserve_regions(list, count))
		return -1;
	while (alone < count && alone < config->max_mmap_regions &&
	       check_alone(config, &regions[alone]) == TFA_ACCEPTED)
		list->regions[alone] = regions[alone], alone++;
	if (!fill_with(list, config, alone))
		alone = fill_beginning(list, config, alone);
	list->count = list->ids = list->most = alone;
	for (uint32_t id = 0; id < alone; id++)
		tfa_list_raise(list, &list->regions[id]);
	return alone;
}
