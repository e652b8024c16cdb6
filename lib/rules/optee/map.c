/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "rules/optee/pipeline.h"

/*
 * The array of map entries, sorted by (type, PA), and the three ways it is allocated.
 *
 * Up to 4.3 it is a static array, and the firmware checks the index that it walks to, not
 * the number of entries: it detects an append to a full array, but not an insertion in
 * the middle. 4.4 checks the number. From 4.5 on the array is in boot memory and doubles.
 */

/* What the firmware's allocator takes in addition to the array. */
enum { BOOT_MEMORY_FIXED = 576, BOOT_MEMORY_FIXED_32 = 288 };
enum { MAP_ENTRY_BYTES = 40, MAP_ENTRY_BYTES_32 = 24 };

#define SHM_VASPACE_SIZE 0x2000000u

static bool is_narrow(const struct optee *o)
{
	return o->config->arch == OPTEE_ARM32;
}

static int take_boot_memory(struct optee *o, size_t entries)
{
	o->entries = entries;
	o->boot_memory_tmp +=
		entries * (is_narrow(o) ? MAP_ENTRY_BYTES_32 : MAP_ENTRY_BYTES);
	if (!o->config->boot_mem_size_given || o->plan->past_limits ||
	    o->boot_memory_tmp <= (o->config->boot_mem_size & ~UINT64_C(7)))
		return 0;
	return mmp_stop_at(&o->plan->stop, optee_stop_of(o, OPTEE_STOP_BOOT_MEMORY),
			   "the memory map of %zu entries takes 0x%" PRIx64
			   " bytes, boot_mem_size is 0x%" PRIx64,
			   o->entries, o->boot_memory_tmp, o->config->boot_mem_size);
}

int optee_begin_array(struct optee *o)
{
	const struct optee_release *release = o->release;
	size_t regions = (size_t)o->config->mmap_regions;

	o->slots = o->limit = SIZE_MAX;
	if (release->capacity == OPTEE_CAPACITY_DOUBLES) {
		o->boot_memory_tmp =
			is_narrow(o) ? BOOT_MEMORY_FIXED_32 : BOOT_MEMORY_FIXED;
		return take_boot_memory(o, 0);
	}
	if (o->plan->past_limits)
		return 0;
	o->slots = regions + 1;
	if ((release->aslr_slot && o->config->aslr) ||
	    (release->relocatable_slot && o->config->phys_relocatable))
		o->slots++;
	if (release->capacity == OPTEE_CAPACITY_FIXED)
		o->limit = o->slots - 1;
	return 0;
}

static void trace_no_entry(struct optee *o, enum optee_stop which)
{
	const char *array = "memory_map";

	if (o->release->capacity == OPTEE_CAPACITY_COUNTED)
		array = "mem_map";
	else if (which == OPTEE_STOP_NO_ENTRY_PAGER ||
		 which == OPTEE_STOP_NO_ENTRY_IDENTITY)
		array = "memory map";
	mmp_stop_trace(&o->plan->stop, "%s: Out of entries (%zu) in %s",
		       optee_stop_of(o, which)->func, o->slots, array);
}

int optee_no_entry(struct optee *o, enum optee_stop which, const struct mmp_region *added)
{
	struct mmp_plan *plan = o->plan;
	struct mmp_stop *stop = &plan->stop;

	if (plan->count > o->slots)
		snprintf(stop->undefined_before, sizeof(stop->undefined_before),
			 "writes %zu %s past the end of the map's array before this",
			 plan->count - o->slots,
			 plan->count - o->slots == 1 ? "entry" : "entries");
	trace_no_entry(o, which);
	mmp_stop_about(stop, added->type, added->pa, added->size);
	return mmp_stop_at(stop, optee_stop_of(o, which),
			   "%s at 0x%" PRIx64 " size 0x%" PRIx64
			   " finds no entry; mmap_regions is %" PRIu64
			   ", the map has %zu entries by now",
			   mmp_memtype_label(plan->platform->rules, added->type),
			   added->pa, added->size, o->config->mmap_regions, plan->count);
}

int optee_take_array(struct optee *o)
{
	if (o->release->capacity != OPTEE_CAPACITY_DOUBLES)
		return 0;
	return take_boot_memory(o, (size_t)o->config->mmap_regions);
}

/* Make room for one more entry; a static array does not check. */
int optee_grow(struct optee *o, enum optee_stop full, const struct mmp_region *added)
{
	switch ((enum optee_capacity)o->release->capacity) {
	case OPTEE_CAPACITY_FIXED:
		return 0;
	case OPTEE_CAPACITY_COUNTED:
		return o->plan->count < o->slots ? 0 : optee_no_entry(o, full, added);
	case OPTEE_CAPACITY_DOUBLES:
		break;
	}
	if (o->plan->count < o->entries)
		return 0;
	return take_boot_memory(o, 2 * o->entries);
}

/* --- merging --------------------------------------------------------------------------- */

static uint64_t last_of(const struct optee *o, const struct mmp_region *r)
{
	return mmp_range_last(r->pa, r->size, o->widths.pa);
}

static bool map_overlaps(const struct optee *o, const struct mmp_region *a,
			 const struct mmp_region *b)
{
	uint64_t a_last = last_of(o, a), b_last = last_of(o, b);

	if (!o->release->overlap_wraps)
		return a->pa <= b_last && b->pa <= a_last;
	return (a->pa <= b->pa && b->pa <= a_last) || (b->pa <= a->pa && a->pa <= b_last);
}

static bool touch(const struct optee *o, const struct mmp_region *a,
		  const struct mmp_region *b)
{
	if (a->pa == b->pa)
		return true;
	if (a->pa < b->pa)
		return ((a->pa + a->size) & o->widths.pa) >= b->pa;
	return ((b->pa + b->size) & o->widths.pa) >= a->pa;
}

static inline bool mergeable(const struct optee *o, const struct mmp_region *a,
			     const struct mmp_region *b)
{
	if (a->type != b->type)
		return false;
	return o->release->merge == OPTEE_MERGE_UNION ? touch(o, a, b)
						      : map_overlaps(o, a, b);
}

/* A size that was cut to 0 counts as the longest. */
static void note_size(struct optee *o, const struct mmp_region *r)
{
	uint64_t size = r->size ? r->size : o->widths.pa;

	if (size > o->longest)
		o->longest = size;
}

/* Before 4.4 the result is not the union if the lower entry is the shorter one. */
static inline void merge(struct optee *o, struct mmp_region *into,
			 const struct mmp_region *from)
{
	uint64_t pa = from->pa < into->pa ? from->pa : into->pa, size;

	if (o->release->merge == OPTEE_MERGE_UNION) {
		uint64_t last = last_of(o, into), other = last_of(o, from);

		size = (other > last ? other : last) - pa + 1;
	} else {
		size = (from->size > into->size ? from->size : into->size) + into->pa -
		       pa;
	}
	into->pa = pa;
	into->size = size & o->widths.size;
	note_size(o, into);
}

/* Merge entry n + 1 into n. Only one neighbour on each side is ever checked. */
static inline void merge_next(struct optee *o, size_t n)
{
	struct mmp_plan *plan = o->plan;
	struct mmp_region *r = &plan->regions[n];

	if (!mergeable(o, r, r + 1))
		return;
	merge(o, r, r + 1);
	plan->count--;
	memmove(r + 1, r + 2, (plan->count - n - 1) * sizeof(*r));
}

static void merge_into(struct optee *o, size_t first, size_t n,
		       const struct mmp_region *added)
{
	merge(o, &o->plan->regions[n], added);
	if (o->release->merge != OPTEE_MERGE_UNION)
		return;
	if (n + 1 < o->plan->count)
		merge_next(o, n);
	if (n > first)
		merge_next(o, n - 1);
}

/* --- adding ---------------------------------------------------------------------------- */

/*
 * Entries past the end of a static array are never walked again, so an entry that an
 * insertion pushes out of it need not stay in order.
 */
static void insert_region(struct optee *o, size_t at, const struct mmp_region *added)
{
	struct mmp_plan *plan = o->plan;
	size_t count = plan->count;

	if (count > o->slots) {
		plan->regions[count] = plan->regions[o->slots - 1];
		plan->count = o->slots - 1;
	}
	mmp_plan_insert(plan, at, added);
	plan->count = count + 1;
	plan->regions[at].size &= o->widths.size;
	note_size(o, &plan->regions[at]);
}

/*
 * The first entry that may reach the new one: those before it end before the new one and
 * have smaller addresses.
 */
static size_t first_to_reach(const struct optee *o, size_t first,
			     const struct mmp_region *added)
{
	const struct mmp_plan *plan = o->plan;
	size_t end = plan->count < o->limit ? plan->count : o->limit;
	uint64_t pa = added->pa > o->longest ? added->pa - o->longest : 0;

	return mmp_regions_from(plan->regions, first, end, added->type, pa);
}

int optee_add(void *context, size_t first, const struct mmp_region *added)
{
	struct optee *o = context;
	struct mmp_plan *plan = o->plan;
	size_t n;

	if (first == plan->count)
		o->longest = 0;
	for (n = first_to_reach(o, first, added);; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (n >= o->limit)
			return optee_no_entry(o, OPTEE_STOP_NO_ENTRY, added);
		if (n == plan->count || added->type < r->type)
			break;
		if (mergeable(o, r, added)) {
			merge_into(o, first, n, added);
			return 0;
		}
		if (added->type == r->type && added->pa < r->pa)
			break;
	}
	if (plan->count >= o->entries && optee_grow(o, OPTEE_STOP_NO_ENTRY, added))
		return -1;
	insert_region(o, n, added);
	return 0;
}

/* add_va_space(): before the first entry of a larger type; an empty one stays. */
static int add_va_space(struct optee *o, unsigned type, uint64_t size)
{
	const struct mmp_region added = { .type = (uint8_t)type,
					  .size = size & o->widths.size };
	struct mmp_plan *plan = o->plan;
	size_t n = plan->count < o->limit ? plan->count : o->limit;

	while (n && plan->regions[n - 1].type > type)
		n--;
	if (n >= o->limit)
		return optee_no_entry(o, OPTEE_STOP_NO_ENTRY_SPACE, &added);
	if (optee_grow(o, OPTEE_STOP_NO_ENTRY_SPACE, &added))
		return -1;
	mmp_plan_insert(plan, n, &added);
	return 0;
}

/*
 * END is written to the slot after the last entry, which may be past the end of the
 * array.
 */
static int check_end(struct optee *o)
{
	struct mmp_plan *plan = o->plan;

	if (o->release->capacity != OPTEE_CAPACITY_FIXED || plan->count <= o->limit)
		return 0;
	return mmp_stop_at(&plan->stop, optee_stop_of(o, OPTEE_STOP_PAST_ARRAY),
			   "%zu entries and their end do not fit into the %zu of the "
			   "map's array",
			   plan->count, o->slots);
}

static int add_dyn_va_spaces(struct optee *o)
{
	const struct optee_config *c = o->config;
	uint64_t pgdir = o->widths.pgdir;

	if (c->ns_virtualization &&
	    add_va_space(o, OPTEE_NEX_DYN_VASPACE,
			 (c->nex_dyn_vaspace_size + pgdir - 1) & ~(pgdir - 1)))
		return -1;
	return add_va_space(o, OPTEE_TEE_DYN_VASPACE, c->tee_dyn_vaspace_size);
}

int optee_add_va_spaces(struct optee *o)
{
	uint64_t reserved = o->release->fixed_res_space
				    ? 10 * o->widths.pgdir
				    : o->config->reserved_vaspace_size;

	if (add_va_space(o, OPTEE_RES_VASPACE, reserved) ||
	    add_va_space(o, OPTEE_SHM_VASPACE, SHM_VASPACE_SIZE))
		return -1;
	if (o->release->dyn_va_spaces && o->config->dyn_config && add_dyn_va_spaces(o))
		return -1;
	return check_end(o);
}
