#include <inttypes.h>

#include "tables/walk.h"

/*
 * The plan, said again from its attribute words without the encoder, against what
 * the walker reads. Goes through the address space in the walker's own steps.
 */

static bool wants(uint32_t attr, uint32_t bits)
{
	return (attr & bits) != 0;
}

static const char *difference(const struct mmp_walk *walk, const struct mmp_plan *plan,
			      const struct mmp_region *r, uint64_t va)
{
	const struct mmp_encoding *e = &plan->shape.encoding;
	bool sections = e->format == MMP_FORMAT_SHORT;
	bool write = wants(r->attr, MMP_ATTR_PW | MMP_ATTR_UW);
	bool read =
		wants(r->attr, MMP_ATTR_PR | MMP_ATTR_UR | MMP_ATTR_UX | MMP_ATTR_PX) ||
		write;
	bool px = wants(r->attr, MMP_ATTR_PX), ux = wants(r->attr, MMP_ATTR_UX);
	bool user = wants(r->attr, MMP_ATTR_UR | MMP_ATTR_UW | MMP_ATTR_UX);
	bool guarded = e->guarded && e->cpu_bti &&
		       ((px && e->px_is_guarded) || wants(r->attr, MMP_ATTR_GUARDED));

	if (walk->end != MMP_WALK_MAPPED)
		return "is not mapped";
	if (walk->pa.at != r->pa + (va - r->va))
		return "has another physical address";
	if (walk->nonsecure == wants(r->attr, MMP_ATTR_SECURE))
		return "has the other security";
	if (walk->read_only == write)
		return "has other write access";
	if (walk->accessed != read)
		return "has another access flag";
	if (walk->user != user)
		return "has other access for user mode";
	if (walk->uxn == (px || ux))
		return "has other execute rights";
	if (!sections && walk->pxn == px)
		return "has other privileged execute rights";
	if (walk->kind != mmp_attr_kind(r->attr))
		return "has another memory type";
	if (walk->not_global == wants(r->attr, MMP_ATTR_GLOBAL))
		return "is global where it should not be, or the other way round";
	if (!sections && walk->guarded != guarded)
		return "has another guard bit";
	return NULL;
}

static int differs(uint64_t va, const char *what, const struct mmp_plan *plan,
		   const struct mmp_region *r, struct mmp_error *err)
{
	if (!r)
		return mmp_fail(err, MMP_SYSTEM,
				"walking the tables: virtual 0x%" PRIx64
				" is mapped, but no region is there",
				va);
	return mmp_fail(err, MMP_SYSTEM,
			"walking the tables: virtual 0x%" PRIx64
			" %s than %s at 0x%" PRIx64 " size 0x%" PRIx64 " asks for",
			va, what, mmp_memtype_label(plan->platform->rules, r->type),
			r->pa, r->size);
}

/* From `va` to `end`, every entry must be what the region says. */
static int verify_region(const struct mmp_walker *walker, const struct mmp_plan *plan,
			 const struct mmp_region *r, struct mmp_error *err)
{
	uint64_t va = r->va, end = r->va + r->size;

	while (va < end) {
		struct mmp_walk walk = mmp_walk(walker, (struct mmp_va){ va });
		const char *what = difference(&walk, plan, r, va);

		if (what)
			return differs(va, what, plan, r, err);
		if (walk.base.at < r->va || walk.base.at + walk.size > end)
			return differs(walk.base.at, "shares a block with other memory",
				       plan, r, err);
		va = walk.base.at + walk.size;
	}
	return 0;
}

/* From `va` to `end`, nothing may be mapped. */
static int verify_hole(const struct mmp_walker *walker, uint64_t va, uint64_t end,
		       struct mmp_error *err)
{
	while (va < end) {
		struct mmp_walk walk = mmp_walk(walker, (struct mmp_va){ va });

		if (walk.end != MMP_WALK_NO_ENTRY)
			return differs(va, "", NULL, NULL, err);
		va = walk.base.at + walk.size;
	}
	return 0;
}

int mmp_walk_verify(const struct mmp_walker *walker, const struct mmp_plan *plan,
		    bool mapped, struct mmp_error *err)
{
	uint64_t va = 0;
	uint64_t end = (uint64_t)walker->base_entries
		       << walker->format->shift(walker->base_level);

	for (size_t n = 0; mapped && n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (r->mapping != MMP_MAP_BLOCKS || !r->size)
			continue;
		if (r->va < va)
			return differs(r->va, "overlaps another region rather", plan, r,
				       err);
		if (verify_hole(walker, va, r->va, err) ||
		    verify_region(walker, plan, r, err))
			return -1;
		va = r->va + r->size;
	}
	return verify_hole(walker, va, end, err);
}
