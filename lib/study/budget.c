/* SPDX-License-Identifier: BSD-2-Clause */
#include "study/budget.h"

#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "study/budget_private.h"

const char *const mmp_table_reason_names[MMP_TABLE_REASON_COUNT] = {
	[MMP_TABLE_OF_CORE] = "core",    [MMP_TABLE_UNITS] = "units",
	[MMP_TABLE_SHIFTED] = "shifted", [MMP_TABLE_PART] = "part",
	[MMP_TABLE_BEGINS] = "begins",   [MMP_TABLE_ENDS] = "ends",
};

const char *const mmp_price_names[MMP_PRICE_COUNT] = {
	[MMP_PRICE_KNOWN] = "known",
	[MMP_PRICE_CORE] = "core",
	[MMP_PRICE_STOPS] = "stops",
	[MMP_PRICE_LEFT_OUT] = "left-out",
};

void mmp_budget_init(struct mmp_budget *budget)
{
	memset(budget, 0, sizeof(*budget));
}

void mmp_budget_done(struct mmp_budget *budget)
{
	mmp_layout_done(&budget->as_is);
	mmp_layout_done(&budget->layout);
	free(budget->tables);
	free(budget->regions);
	free(budget->region_of);
	free(budget->origins);
	mmp_budget_init(budget);
}

/* --- limits -------------------------------------------------------------------------- */

/*
 * The number of tables for which boot memory has room, after what comes before the first.
 */
static uint64_t boot_memory_limit(const struct mmp_layout *l)
{
	const struct mmp_table_shape *shape = &l->plan.shape;
	uint64_t size = l->tables.xlat_size, used = l->tables.used * size;
	uint64_t before = (l->tables.boot_memory_used - used + size - 1) / size * size;
	uint64_t there;

	before += mmp_boot_memory_needed(shape, &l->tables) - l->tables.boot_memory_used;
	there = mmp_boot_memory_there(shape);
	return there > before ? (there - before) / size : 0;
}

uint64_t mmp_budget_limit(const struct mmp_budget *budget)
{
	const struct mmp_table_shape *shape = &budget->layout.plan.shape;

	if (shape->limited)
		return shape->max_tables;
	if (mmp_boot_memory_there(shape) == UINT64_MAX)
		return UINT64_MAX;
	return boot_memory_limit(&budget->layout);
}

uint64_t mmp_budget_spare(const struct mmp_budget *budget)
{
	uint64_t limit = mmp_budget_limit(budget), used = budget->layout.tables.used;

	if (limit == UINT64_MAX)
		return UINT64_MAX;
	return limit > used ? limit - used : 0;
}

uint64_t mmp_budget_short(const struct mmp_budget *budget)
{
	uint64_t limit = mmp_budget_limit(budget), used = budget->layout.tables.used;

	return used > limit ? used - limit : 0;
}

size_t mmp_budget_entries_short(const struct mmp_budget *budget)
{
	const struct mmp_map_room *map = &budget->layout.plan.map;
	size_t used = budget->layout.plan.count;

	return map->limited && used > map->entries ? used - map->entries : 0;
}

uint64_t mmp_budget_bytes_short(const struct mmp_budget *budget)
{
	const struct mmp_table_shape *shape = &budget->layout.plan.shape;
	uint64_t needed = mmp_boot_memory_needed(shape, &budget->layout.tables);
	uint64_t there = mmp_boot_memory_there(shape);

	return needed > there ? needed - there : 0;
}

uint64_t mmp_budget_bytes_spare(const struct mmp_budget *budget)
{
	const struct mmp_table_shape *shape = &budget->layout.plan.shape;
	uint64_t needed = mmp_boot_memory_needed(shape, &budget->layout.tables);
	uint64_t there = mmp_boot_memory_there(shape);

	if (there == UINT64_MAX)
		return UINT64_MAX;
	return there > needed ? there - needed : 0;
}

/* After boot, tables without their own limit come from the core's memory. */
bool mmp_budget_has(const struct mmp_budget *budget, uint64_t tables)
{
	return !budget->layout.plan.shape.limited || tables <= mmp_budget_spare(budget);
}

/* --- what each table is for ---------------------------------------------------------- */

static bool region_extent(const struct mmp_layout *l, size_t n,
			  struct mmp_va_extent *ret_extent)
{
	const struct mmp_region *r = &l->plan.regions[n];

	return mmp_va_extent_of(l, r->va, r->size, ret_extent) &&
	       r->mapping != MMP_MAP_NOTHING;
}

/* The first region that ends after `va`, or count; regions are sorted. */
static size_t region_behind(const struct mmp_plan *plan, uint64_t va)
{
	return MMP_LOWER_BOUND(n, 0, plan->count,
			       !(plan->regions[n].va + plan->regions[n].size > va));
}

static enum mmp_table_reason reason_of(const struct mmp_layout *l, uint32_t n)
{
	const struct mmp_format *format = l->tables.format;
	const struct mmp_xlat *x = &l->tables.xlat[n];
	const struct mmp_va_extent table = mmp_va_extent_of_table(l, n);
	const struct mmp_region *r;
	unsigned block = format->shift(x->level - 1);
	bool begins, ends;

	if (x->region == MMP_NO_REGION)
		return MMP_TABLE_OF_CORE;
	r = &l->plan.regions[x->region];
	if (block > r->max_block_shift || !format->leaf_allowed(x->level - 1))
		return MMP_TABLE_UNITS;
	if (r->mapping != MMP_MAP_EMPTY && (r->va ^ r->pa) & ((UINT64_C(1) << block) - 1))
		return MMP_TABLE_SHIFTED;
	begins = r->va > table.first;
	ends = ((r->va + r->size - 1) & l->plan.shape.va_mask) < table.last;
	if (begins && ends)
		return MMP_TABLE_PART;
	return begins ? MMP_TABLE_BEGINS : MMP_TABLE_ENDS;
}

/* How many entries of `level` cover what a region and a table have in common. */
static uint64_t entries_in(const struct mmp_format *format, int level,
			   const struct mmp_va_extent *region,
			   const struct mmp_va_extent *table)
{
	unsigned shift = format->shift(level);
	uint64_t first = region->first > table->first ? region->first : table->first;
	uint64_t last = region->last < table->last ? region->last : table->last;

	return (last >> shift) - (first >> shift) + 1;
}

/*
 * Count a table for a region in it. The entry for it in the table above is a pointer, so
 * it does not count as a descriptor.
 */
static void count_in(struct mmp_budget *b, uint32_t n, size_t i,
		     const struct mmp_va_extent *region)
{
	const struct mmp_layout *l = &b->layout;
	const struct mmp_va_extent table = mmp_va_extent_of_table(l, n);

	if (!mmp_va_extents_meet(region, &table))
		return;
	b->regions[i].descriptors +=
		entries_in(l->tables.format, l->tables.xlat[n].level, region, &table) - 1;
	b->regions[i].shared += l->tables.xlat[n].region != i;
}

static void share(struct mmp_budget *b, uint32_t n)
{
	const struct mmp_plan *plan = &b->layout.plan;
	const struct mmp_va_extent table = mmp_va_extent_of_table(&b->layout, n);
	size_t first = region_behind(plan, table.first), i = first;
	struct mmp_va_extent region;

	for (; i < plan->count && plan->regions[i].va <= table.last; i++)
		if (region_extent(&b->layout, i, &region))
			count_in(b, n, i, &region);
	b->tables[n].first = first;
	b->tables[n].count = i - first;
}

static void add_table(struct mmp_budget *b, uint32_t n)
{
	const struct mmp_layout *l = &b->layout;
	const struct mmp_va_extent table = mmp_va_extent_of_table(l, n);
	uint32_t region = l->tables.xlat[n].region;

	b->tables[n] = (struct mmp_table_cost){ .reason = reason_of(l, n),
						.size = table.last - table.first + 1 };
	if (region == MMP_NO_REGION)
		return;
	if (!b->regions[region].made++)
		b->regions[region].first_table = n;
	share(b, n);
}

/* Add entries of the base table; pointers to tables are subtracted with the tables. */
static void add_base_entries(struct mmp_budget *b, size_t i,
			     const struct mmp_va_extent *region)
{
	const struct mmp_layout *l = &b->layout;
	const struct mmp_va_extent all = { 0, UINT64_MAX };

	b->regions[i].descriptors +=
		entries_in(l->tables.format, (int)l->plan.shape.base_level, region, &all);
}

/* Add one part of a region that wraps at the end of the address space. */
static void add_part(struct mmp_budget *b, size_t i, uint64_t first, uint64_t last)
{
	const struct mmp_va_extent part = { first, last };

	add_base_entries(b, i, &part);
	for (uint32_t n = 0; n < b->layout.tables.used; n++)
		if (b->layout.tables.xlat[n].region != MMP_NO_REGION)
			count_in(b, n, i, &part);
}

static void add_region(struct mmp_budget *b, size_t i)
{
	const struct mmp_region *r = &b->layout.plan.regions[i];
	uint64_t mask = b->layout.plan.shape.va_mask;
	struct mmp_va_extent region;

	if (region_extent(&b->layout, i, &region)) {
		add_base_entries(b, i, &region);
	} else if (r->size && r->mapping != MMP_MAP_NOTHING) {
		add_part(b, i, r->va, mask);
		add_part(b, i, 0, (r->va + r->size - 1) & mask);
	}
}

static void add_tables(struct mmp_budget *b)
{
	for (size_t i = 0; i < b->layout.plan.count; i++)
		add_region(b, i);
	for (uint32_t n = 0; n < b->layout.tables.used; n++)
		add_table(b, n);
}

/* --- which registrations an entry was made of ---------------------------------------- */

/* An entry of the map or a registration, sorted by type and PA. */
struct item {
	unsigned type;
	bool registration; /* sorts after an entry with the same address */
	size_t of;
	uint64_t pa;
};

static int by_type_and_pa(const void *one, const void *other)
{
	const struct item *a = one, *b = other;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->pa != b->pa)
		return a->pa < b->pa ? -1 : 1;
	if (a->registration != b->registration)
		return a->registration ? 1 : -1;
	return a->of < b->of ? -1 : a->of > b->of;
}

static size_t collect_items(const struct mmp_budget *b, struct item *items)
{
	const struct mmp_platform *p = b->as_is.platform;
	const struct mmp_plan *plan = &b->layout.plan;
	size_t count = 0;

	for (size_t i = 0; i < plan->count; i++)
		items[count++] = (struct item){ plan->regions[i].type, false, i,
						plan->regions[i].pa };
	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		if (p->rules->sections[r->section].maps && r->size)
			items[count++] = (struct item){ r->type, true, i,
							r->addr & plan->shape.pa_mask };
	}
	return count;
}

static void add_origin(struct mmp_budget *b, uint32_t region, size_t ordinal)
{
	struct mmp_region_cost *cost = &b->regions[region];

	b->region_of[ordinal] = region;
	if (!cost->registrations)
		cost->first_registration = b->registered;
	b->origins[b->registered++] = ordinal;
	b->merged += cost->registrations++ > 0;
}

/*
 * Find the entry of each registration: the last one of its type that begins at or before
 * it, if it extends to it.
 */
static int find_origins(struct mmp_budget *b)
{
	const struct mmp_plan *plan = &b->layout.plan;
	size_t count = plan->count + b->as_is.platform->count;
	struct item *items = malloc((count + 1) * sizeof(*items)), *entry = NULL;

	if (!items)
		return -1;
	count = collect_items(b, items);
	qsort(items, count, sizeof(*items), by_type_and_pa);
	for (size_t i = 0; i < count; i++) {
		const struct mmp_region *r;

		if (!items[i].registration) {
			entry = &items[i];
			continue;
		}
		r = entry ? &plan->regions[entry->of] : NULL;
		if (!r || entry->type != items[i].type || items[i].pa - r->pa >= r->size)
			continue;
		add_origin(b, (uint32_t)entry->of, items[i].of);
	}
	free(items);
	return 0;
}

/* --- all of it ----------------------------------------------------------------------- */

static int reserve_items(struct mmp_budget *b)
{
	size_t registrations = b->as_is.platform->count;

	b->tables = calloc(b->layout.tables.used + 1, sizeof(*b->tables));
	b->regions = calloc(b->layout.plan.count + 1, sizeof(*b->regions));
	b->region_of = malloc((registrations + 1) * sizeof(*b->region_of));
	b->origins = malloc((registrations + 1) * sizeof(*b->origins));
	if (!b->tables || !b->regions || !b->region_of || !b->origins)
		return -1;
	for (size_t i = 0; i < registrations; i++)
		b->region_of[i] = MMP_NO_REGION;
	return 0;
}

int mmp_budget_make(struct mmp_budget *budget, const struct mmp_platform *platform,
		    uint64_t shm, struct mmp_error *err)
{
	struct mmp_error stop = { 0 };
	struct mmp_measure measure;

	if (mmp_layout_make(&budget->as_is, platform, NULL, &stop) &&
	    stop.code != MMP_FIRMWARE_STOP) {
		*err = stop;
		return -1;
	}
	if (mmp_measure(&budget->layout, platform, MMP_PAST_TESTS, &measure, err))
		return -1;
	if (!measure.whole) {
		if (stop.code == MMP_FIRMWARE_STOP)
			*err = stop;
		return -1;
	}
	if (reserve_items(budget) || find_origins(budget))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	add_tables(budget);
	mmp_budget_look_ahead(budget, shm);
	return mmp_budget_try(budget, err);
}
