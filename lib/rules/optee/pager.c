/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "rules/optee/pipeline.h"

/* add_pager_vaspace(): the part of the core's virtual space that is not resident. */

static size_t behind_tee_ram(const struct optee *o)
{
	size_t at = 0, end = optee_end_of(o);

	for (size_t n = 0; n < end; n++)
		if (optee_is_tee_ram(o->plan->regions[n].type))
			at = n + 1;
	return at;
}

static struct mmp_region pager_space(const struct optee *o, uint64_t size, uint64_t va)
{
	return (struct mmp_region){ .type = OPTEE_PAGER_VASPACE,
				    .va = va,
				    .size = size & o->widths.size,
				    .attr = o->types[OPTEE_PAGER_VASPACE].attr,
				    .granule_shift = 12 };
}

static int check_room(struct optee *o, const struct mmp_region *new)
{
	if (o->release->capacity == OPTEE_CAPACITY_FIXED && o->plan->count >= o->limit)
		return optee_no_entry(o, OPTEE_STOP_NO_ENTRY_PAGER, new);
	return optee_grow(o, OPTEE_STOP_NO_ENTRY_PAGER, new);
}

int optee_put_pager_space(struct optee *o, uint64_t size, uint64_t va)
{
	const struct mmp_region new = pager_space(o, size, va);

	if (check_room(o, &new))
		return -1;
	mmp_plan_insert(o->plan,
			o->release->pager_space == OPTEE_PAGER_APPENDED
				? o->plan->count
				: behind_tee_ram(o),
			&new);
	return 0;
}

/* From the first byte of the core that is not at PA 0 to the end of its last entry. */
static uint64_t core_span(const struct optee *o)
{
	const struct mmp_region *last = NULL;
	uint64_t begin = 0;
	size_t end = optee_end_of(o);

	for (size_t n = 0; n < end; n++) {
		const struct mmp_region *r = &o->plan->regions[n];

		if (!optee_is_tee_ram(r->type))
			continue;
		if (!begin)
			begin = r->pa;
		last = r;
	}
	return last ? (last->pa + last->size - begin) & o->widths.pa : 0;
}

/*
 * 3.8 to 3.21 check for room first, with or without the pager, and add the gap that there
 * is.
 */
static int insert_gap(struct optee *o, uint64_t size)
{
	const struct mmp_region new = pager_space(o, size, 0);

	if (check_room(o, &new))
		return -1;
	return new.size ? optee_put_pager_space(o, size, 0) : 0;
}

int optee_insert_pager_space(struct optee *o)
{
	uint64_t span, size = o->config->tee_ram.va_size;

	if (o->release->pager_space != OPTEE_PAGER_GAP && !o->config->pager)
		return 0;
	span = core_span(o);
	if (o->release->pager_space == OPTEE_PAGER_GAP)
		return insert_gap(o, size - span);
	if (o->release->capacity == OPTEE_CAPACITY_FIXED && o->plan->count >= o->limit)
		return optee_put_pager_space(o, size - span, 0);
	if (span >= size && o->config->core_debug)
		return mmp_stop_at(&o->plan->stop,
				   optee_stop_of(o, OPTEE_STOP_PAGER_SPACE),
				   "the core spans 0x%" PRIx64
				   " bytes, tee_ram.va_size is 0x%" PRIx64,
				   span, size);
	return optee_put_pager_space(o, size - span, 0);
}
