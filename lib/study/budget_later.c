/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/page.h"
#include "study/budget_private.h"

/* Mappings after boot: shared memory in pages, devices in blocks. */

/* The first entry of a type: the firmware looks for room there at run time. */
static int64_t window_of(const struct mmp_layout *l, const char *name)
{
	for (size_t i = 0; i < l->plan.count; i++) {
		const struct mmp_region *r = &l->plan.regions[i];
		const char *type = l->platform->rules->types[r->type].name;
		struct mmp_va_extent extent;

		if (name && type && !strcmp(type, name))
			return mmp_va_extent_of(l, r->va, r->size, &extent) ? (int64_t)i
									    : -1;
	}
	return -1;
}

/* Tables of one level that pages in the extent need and that boot did not make. */
static uint64_t missing(const struct mmp_layout *l, int level,
			const struct mmp_va_extent *extent)
{
	const struct mmp_tables *t = &l->tables;
	unsigned shift = t->format->shift(level - 1);
	uint64_t count = (extent->last >> shift) - (extent->first >> shift) + 1;

	if (t->note_bytes && level == 1 && !(extent->first >> shift))
		count--; /* of the base tables; others of level 1 are for regions */
	for (uint32_t n = 0; n < t->used; n++) {
		const struct mmp_va_extent table = mmp_va_extent_of_table(l, n);

		if (t->xlat[n].level == level && t->xlat[n].region != MMP_NO_REGION &&
		    !(t->note_bytes && level == 1 && !table.first) &&
		    mmp_va_extents_meet(&table, extent))
			count--;
	}
	return count;
}

/* The tables for 4 KiB pages in the extent, whatever they map. */
static uint64_t tables_for(const struct mmp_layout *l, const struct mmp_va_extent *extent,
			   uint64_t at_most_a_level)
{
	uint64_t sum = 0;

	for (int level = (int)l->plan.shape.base_level + 1;
	     level <= l->tables.format->last_level; level++) {
		uint64_t count = missing(l, level, extent);

		sum += count < at_most_a_level ? count : at_most_a_level;
	}
	return sum;
}

/* The firmware takes the first free range of the window that is large enough. */
static void price_shm(struct mmp_budget *b, uint64_t bytes)
{
	const struct mmp_layout *l = &b->layout;
	struct mmp_shm_cost *shm = &b->shm;
	struct mmp_va_extent window, front;
	uint64_t pages = bytes / MMP_PAGE + !!(bytes % MMP_PAGE);

	*shm = (struct mmp_shm_cost){
		.region = window_of(l, l->platform->rules->pages_window),
		.bytes = bytes > UINT64_MAX - MMP_PAGE ? UINT64_MAX : pages * MMP_PAGE
	};
	if (shm->region < 0)
		return;
	mmp_va_extent_of(l, l->plan.regions[shm->region].va,
			 l->plan.regions[shm->region].size, &window);
	shm->fits = shm->bytes && shm->bytes - 1 <= window.last - window.first;
	front = window;
	if (shm->fits)
		front.last = window.first + (shm->bytes - 1);
	shm->at_once = shm->bytes ? tables_for(l, &front, UINT64_MAX) : 0;
	shm->scattered = tables_for(l, &window, pages);
	shm->window = tables_for(l, &window, UINT64_MAX);
}

/*
 * The firmware maps blocks in the table that contains the window's first address. The
 * whole mapping, and one entry after it, must be in that table.
 */
static void measure_late(struct mmp_budget *b)
{
	const struct mmp_layout *l = &b->layout;
	struct mmp_late_room *late = &b->late;
	int level = (int)l->plan.shape.base_level;
	uint64_t end = (uint64_t)l->plan.shape.base_entries
		       << l->tables.format->shift(level);
	const struct mmp_region *r;

	*late = (struct mmp_late_room){ .region = window_of(
						l, l->platform->rules->blocks_window) };
	if (late->region < 0)
		return;
	r = &l->plan.regions[late->region];
	for (uint32_t n = 0; n < l->tables.used; n++) {
		const struct mmp_va_extent table = mmp_va_extent_of_table(l, n);

		if (l->tables.xlat[n].level <= level || r->va < table.first ||
		    r->va > table.last)
			continue;
		level = l->tables.xlat[n].level;
		end = table.last + 1;
	}
	late->granule = UINT64_C(1) << l->tables.format->shift(level);
	if (r->va >= end)
		return; /* it has no table */
	late->largest = r->size & ~(late->granule - 1);
	if (end - r->va <= late->largest)
		late->largest = end - r->va - 1;
	late->count = r->size / late->granule;
	if ((end - r->va) / late->granule < late->count)
		late->count = (end - r->va) / late->granule;
}

void mmp_budget_look_ahead(struct mmp_budget *budget, uint64_t shm)
{
	price_shm(budget, shm);
	measure_late(budget);
}
