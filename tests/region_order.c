/* SPDX-License-Identifier: BSD-2-Clause */
#include "region_order.h"

#include "plan/plan.h"

int by_type_and_place(const void *one, const void *other)
{
	const struct mmp_region *a = one, *b = other;

	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	if (a->pa != b->pa)
		return a->pa < b->pa ? -1 : 1;
	return (a->size > b->size) - (a->size < b->size);
}
