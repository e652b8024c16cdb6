/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "plan/planner.h"
#include "plan/range.h"

void mmp_ddr_init(struct mmp_ddr *ddr)
{
	memset(ddr, 0, sizeof(*ddr));
}

void mmp_ddr_done(struct mmp_ddr *ddr)
{
	free(ddr->ranges);
	mmp_ddr_init(ddr);
}

static int mmp_ddr_reserve(struct mmp_ddr *ddr, size_t count)
{
	struct mmp_region *ranges;

	if (count <= ddr->capacity)
		return 0;
	count += count / 2 + 4;
	ranges = realloc(ddr->ranges, count * sizeof(*ranges));
	if (!ranges)
		return -1;
	ddr->ranges = ranges;
	ddr->capacity = count;
	return 0;
}

bool mmp_platform_uses(const struct mmp_platform *platform, unsigned section)
{
	for (size_t i = 0; i < platform->count; i++)
		if (platform->registrations[i].section == section)
			return true;
	return false;
}

int mmp_ddr_copy(struct mmp_ddr *ddr, const struct mmp_platform *platform,
		 unsigned section, uint64_t pa_mask)
{
	for (size_t i = 0; i < platform->count; i++) {
		const struct mmp_registration *r = &platform->registrations[i];

		if (r->section != section)
			continue;
		if (mmp_ddr_reserve(ddr, ddr->count + 1))
			return -1;
		ddr->ranges[ddr->count++] =
			(struct mmp_region){ .type = (uint8_t)r->type,
					     .pa = r->addr & pa_mask,
					     .size = r->size & pa_mask };
	}
	return 0;
}

void mmp_ddr_drop(struct mmp_ddr *ddr, size_t n)
{
	ddr->count--;
	memmove(ddr->ranges + n, ddr->ranges + n + 1,
		(ddr->count - n) * sizeof(*ddr->ranges));
}

bool mmp_ddr_is_apart(const struct mmp_ddr *ddr, uint64_t mask)
{
	for (size_t n = 0; n < ddr->count; n++) {
		const struct mmp_region *r = &ddr->ranges[n];

		if (r->pa > mask || r->size > mask || mmp_range_bad(r->pa, r->size, mask))
			return false;
		if (n && r->pa <= mmp_range_last(r[-1].pa, r[-1].size, mask))
			return false;
	}
	return true;
}

size_t mmp_ddr_reaching(const struct mmp_ddr *ddr, uint64_t pa)
{
	return MMP_LOWER_BOUND(n, 0, ddr->count,
			       ddr->ranges[n].pa + (ddr->ranges[n].size - 1) < pa);
}

int mmp_ddr_split(struct mmp_ddr *ddr, size_t n, uint64_t at, uint64_t size,
		  uint64_t pa_mask)
{
	struct mmp_region *r;

	if (mmp_ddr_reserve(ddr, ddr->count + 1))
		return -1;
	r = &ddr->ranges[n];
	memmove(r + 1, r, (ddr->count - n) * sizeof(*r));
	ddr->count++;
	r[0].size = (at - r[0].pa) & pa_mask;
	r[1].pa = (at + size) & pa_mask;
	r[1].size = (r[1].size - size - r[0].size) & pa_mask;
	return 0;
}
