/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/build_private.h"

#include <inttypes.h>
#include <stdlib.h>

#include "arch/regime.h"
#include "base/limits.h"
#include "base/page.h"
#include "plan/range.h"
#include "policy/checks.h"

/* The pool: the memory that the tables of a build are placed in. */

static int check_secure(const struct mmp_build *build, struct mmp_error *err)
{
	const struct mmp_plan *plan = &build->layout.plan;
	const struct mmp_range *first;

	if (!plan->secure_count) /* the rule set does not know of any */
		return 0;
	first = &plan->secure[plan->secure_count - 1];
	for (unsigned i = 0; i < plan->secure_count; i++)
		if (mmp_range_inside(build->pool_pa, build->pool_size,
				     plan->secure[i].base, plan->secure[i].size,
				     UINT64_MAX))
			return 0;
	return mmp_fail(err, MMP_INVALID,
			"pool: 0x%" PRIx64 " size 0x%" PRIx64
			" is not inside the platform's secure memory, 0x%" PRIx64
			" size 0x%" PRIx64 "%s",
			build->pool_pa, build->pool_size, first->base, first->size,
			plan->secure_count > 1 ? " or its SRAM" : "");
}

/*
 * Refuse a pool over code that the core runs. The firmware's own placement is not
 * checked.
 */
static int check_code(const struct mmp_build *build, struct mmp_error *err)
{
	const struct mmp_plan *plan = &build->layout.plan;

	for (size_t n = 0; !build->as_firmware && n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];
		struct mmp_leaf leaf;

		if (r->mapping != MMP_MAP_BLOCKS ||
		    !mmp_region_leaf(build->platform, r, &leaf) || !leaf.read_only ||
		    (leaf.pxn && leaf.uxn) ||
		    !mmp_range_intersects(build->pool_pa, build->pool_size, r->pa,
					  r->size, UINT64_MAX))
			continue;
		return mmp_fail(err, MMP_INVALID,
				"pool: 0x%" PRIx64 " size 0x%" PRIx64
				" is over %s at 0x%" PRIx64 " size 0x%" PRIx64
				", which the core runs from; memory after it works",
				build->pool_pa, build->pool_size,
				mmp_memtype_label(build->platform->rules, (int)r->type),
				r->pa, r->size);
	}
	return 0;
}

/* Addresses of tables have 48 bits, and 32 where a 32-bit core reads them. */
static unsigned table_address_bits(const struct mmp_platform *platform)
{
	return platform->rules->regime(platform->rules, &platform->config)->aarch64 ? 48
										    : 32;
}

static int misaligned(uint64_t pa, uint64_t alignment, struct mmp_error *err)
{
	return mmp_fail(err, MMP_INVALID,
			"pool: 0x%" PRIx64 " is not a multiple of 0x%" PRIx64
			"; 0x%" PRIx64 " is",
			pa, alignment, (pa + alignment - 1) & ~(alignment - 1));
}

int mmp_pool_check_range(const struct mmp_build *build, struct mmp_error *err)
{
	uint64_t pa = build->pool_pa, size = build->pool_size;
	unsigned bits = table_address_bits(build->platform);

	if (!size)
		return mmp_fail(err, MMP_INVALID, "pool: its size is 0");
	if (pa + (size - 1) < pa)
		return mmp_fail(err, MMP_INVALID,
				"pool: 0x%" PRIx64 " size 0x%" PRIx64
				" wraps past 2^64; the largest size there is 0x%" PRIx64,
				pa, size, -pa);
	if ((pa + (size - 1)) >> bits)
		return mmp_fail(err, MMP_INVALID,
				"pool: 0x%" PRIx64 " size 0x%" PRIx64
				" goes past the %u bits that the address of a table has",
				pa, size, bits);
	if (pa % MMP_PAGE)
		return misaligned(pa, MMP_PAGE, err);
	return 0;
}

static int check_fits(const struct mmp_build *build, struct mmp_error *err)
{
	struct mmp_range span = mmp_runs_span(&build->runs);
	uint64_t need = span.base + span.size - build->pool_pa;

	if (span.base < build->pool_pa || (build->as_firmware && need > build->pool_size))
		return mmp_fail(err, MMP_INVALID,
				"pool: 0x%" PRIx64 " size 0x%" PRIx64
				" does not hold the firmware's tables; 0x%" PRIx64
				" size 0x%" PRIx64 " is enough",
				build->pool_pa, build->pool_size, span.base, span.size);
	if (need > build->pool_size)
		return mmp_fail(err, MMP_INVALID,
				"pool: 0x%" PRIx64
				" bytes are too few; %u tables need 0x%" PRIx64,
				build->pool_size, mmp_tables_count(&build->layout.tables),
				need);
	if (need > MMP_POOL_MAX)
		return mmp_fail(err, MMP_TOO_LARGE,
				"pool: the tables need 0x%" PRIx64
				" bytes, at most 0x%x are kept",
				need, MMP_POOL_MAX);
	return 0;
}

/* A base table larger than a page needs a pool with more than page alignment. */
static int place_in_pool(struct mmp_build *build, struct mmp_error *err)
{
	const struct mmp_run *base = &build->runs.run[MMP_RUN_BASE];

	mmp_place_in_pool(&build->runs, &build->layout.tables, build->pool_pa);
	if (build->pool_pa % base->alignment)
		return misaligned(build->pool_pa, base->alignment, err);
	return 0;
}

static int place_tables(struct mmp_build *build, const struct mmp_build_request *request,
			struct mmp_error *err)
{
	struct mmp_range span;

	if (!request->as_firmware)
		return place_in_pool(build, err);
	if (mmp_place_as_firmware(&build->runs, &build->layout.tables, &request->placing,
				  err))
		return -1;
	if (request->pool_given)
		return 0;
	span = mmp_runs_span(&build->runs);
	build->pool_pa = span.base;
	build->pool_size = span.size;
	return 0;
}

int mmp_pool_place(struct mmp_build *build, const struct mmp_build_request *request,
		   struct mmp_error *err)
{
	return place_tables(build, request, err) || mmp_pool_check_range(build, err) ||
			       check_secure(build, err) || check_code(build, err) ||
			       check_fits(build, err)
		       ? -1
		       : 0;
}

int mmp_pool_fill(struct mmp_build *build, struct mmp_error *err)
{
	struct mmp_range span = mmp_runs_span(&build->runs);

	build->length = span.base + span.size - build->pool_pa;
	build->bytes = malloc(build->length);
	if (!build->bytes)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	mmp_runs_fill(&build->runs, &build->layout.tables, build->pool_pa, build->bytes,
		      build->length);
	build->bytes_digest = mmp_digest_of(build->bytes, build->length);
	return 0;
}
