/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "model/attr.h"
#include "plan/range.h"
#include "plan/sort.h"
#include "rules/optee/plan_4_10.h"

/* What the core's virtual address is counted from, and how far it may go. */
struct space {
	struct optee_4_10 *o;
	unsigned width; /* bits */
	uint64_t mask;  /* of vaddr_t */
	bool lpae;
	bool secure, shared; /* running flags of the walk */
};

static bool beyond(const struct space *s, uint64_t va)
{
	return s->width < 64 && va >= UINT64_C(1) << s->width;
}

static bool add_overflows(const struct space *s, uint64_t a, uint64_t b, uint64_t *sum)
{
	*sum = (a + b) & s->mask;
	return *sum < a;
}

static bool is_shared(const struct optee_4_10 *o, unsigned type)
{
	return o->config->ns_virtualization &&
	       (type == OPTEE_NEX_DYN_VASPACE || type == OPTEE_NEX_NSEC_SHM);
}

/* Whether the walk enters memory of another security or sharing. */
static bool flips(struct space *s, const struct mmp_region *r)
{
	if (!s->lpae && s->secure != !!(r->attr & MMP_ATTR_SECURE)) {
		s->secure = !s->secure;
		return true;
	}
	if (s->shared != is_shared(s->o, r->type)) {
		s->shared = !s->shared;
		return true;
	}
	return false;
}

static uint64_t congruence(const struct optee_4_10 *o, const struct mmp_region *r,
			   uint64_t va)
{
	return (r->pa - va) & (o->pgdir - 1);
}

/* A registered PAGER_VASPACE counts as TEE RAM here, but has the large granule. */
static int check_alignment(struct optee_4_10 *o, const struct mmp_region *r, uint64_t va)
{
	uint64_t within = (UINT64_C(1) << r->granule_shift) - 1;

	if (!o->config->core_debug)
		return 0;
	if (va & within)
		return optee_4_10_stop(
			o, OPTEE_STOP_VA_ALIGNMENT, r,
			"would not begin at a multiple of its region_size");
	if (r->size & within)
		return optee_4_10_stop(o, OPTEE_STOP_VA_SIZE, r,
				       "is no multiple of its region_size");
	return 0;
}

/* Returns 1 placed, 0 no room, -1 the firmware stops. */
static int place_tee_ram(struct space *s, uint64_t core)
{
	struct optee_4_10 *o = s->o;
	uint64_t va = (core + o->initial_offset) & s->mask;

	for (size_t n = 0; n < o->plan->count; n++) {
		struct mmp_region *r = &o->plan->regions[n];

		if (!optee_4_10_is_tee_ram(r->type) && r->type != OPTEE_PAGER_VASPACE)
			continue;
		if (check_alignment(o, r, va))
			return -1;
		r->va = va;
		if (add_overflows(s, va, r->size, &va) || beyond(s, va))
			return 0;
	}
	return 1;
}

static int set_attr(struct optee_4_10 *o, struct mmp_region *r)
{
	if (mmp_optee_4_10.types[r->type].panics)
		return optee_4_10_stop(o, OPTEE_STOP_INVALID_TYPE, r,
				       "has a type that cannot be mapped");
	r->attr = optee_4_10_attr(o, r->type);
	return 0;
}

static int place_downward(struct space *s, uint64_t va)
{
	struct optee_4_10 *o = s->o;

	for (size_t n = 0; n < o->plan->count; n++) {
		struct mmp_region *r = &o->plan->regions[n];

		if (set_attr(o, r))
			return -1;
		if (r->va)
			continue;
		if (flips(s, r))
			va &= ~(o->pgdir - 1);
		if (r->size > va)
			return 0;
		va -= r->size;
		va &= ~((UINT64_C(1) << r->granule_shift) - 1);
		if (r->size > 2 * o->pgdir) {
			if (va < o->pgdir)
				return 0;
			va -= o->pgdir;
			va += congruence(o, r, va);
		}
		r->va = va;
	}
	return 1;
}

static bool round_up_overflows(const struct space *s, uint64_t va, uint64_t to,
			       uint64_t *rounded)
{
	bool overflow = add_overflows(s, va, to - 1, rounded);

	*rounded &= ~(to - 1);
	return overflow;
}

static int place_upward(struct space *s, uint64_t va)
{
	struct optee_4_10 *o = s->o;

	for (size_t n = 0; n < o->plan->count; n++) {
		struct mmp_region *r = &o->plan->regions[n];
		uint64_t granule = UINT64_C(1) << r->granule_shift;

		if (set_attr(o, r))
			return -1;
		if (r->va)
			continue;
		if (flips(s, r) && round_up_overflows(s, va, o->pgdir, &va))
			return 0;
		if (round_up_overflows(s, va, granule, &va))
			return 0;
		if (r->size > 2 * o->pgdir &&
		    add_overflows(s, va, congruence(o, r, va), &va))
			return 0;
		r->va = va;
		if (add_overflows(s, va, r->size, &va) || beyond(s, va))
			return 0;
	}
	return 1;
}

static uint64_t end_of_tee_ram(const struct mmp_plan *plan, uint64_t core)
{
	uint64_t end = core;

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (optee_4_10_is_tee_ram(r->type) || r->type == OPTEE_PAGER_VASPACE)
			end = r->va + r->size;
	}
	return end;
}

/* assign_mem_va_dir(). */
static int assign_direction(struct space *s, uint64_t core, bool at_top)
{
	struct mmp_plan *plan = s->o->plan;
	int placed;

	if (!core)
		return 0;
	for (size_t n = 0; n < plan->count; n++)
		plan->regions[n].va = 0;
	s->secure = true;
	s->shared = false;
	placed = place_tee_ram(s, core);
	if (placed <= 0)
		return placed;
	if (at_top)
		return place_downward(s, core);
	return place_upward(
		s, end_of_tee_ram(plan, (core + s->o->initial_offset) & s->mask));
}

/*
 * core_mmu_prefer_tee_ram_at_top(): one base level entry for the whole mapping. Short
 * descriptors have no such preference.
 */
static bool prefers_top(const struct space *s, uint64_t core, bool at_top)
{
	uint64_t block = UINT64_C(1) << (s->width < 40 ? 30 : 39);

	return s->lpae ? (core & (block - 1)) > block / 2 : at_top;
}

/* assign_mem_va(). */
static int assign(struct space *s, uint64_t core)
{
	bool at_top = core > UINT64_C(1) << (s->width - 1);

	if (!s->lpae && core < OPTEE_SHORT_USER_VA_END)
		return 0;
	if (s->o->config->pager && prefers_top(s, core, at_top) != at_top) {
		int placed = assign_direction(s, core, !at_top);

		if (placed)
			return placed;
	}
	return assign_direction(s, core, at_top);
}

struct identity {
	uint64_t start, size; /* whole pages */
};

static bool touches(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return mmp_range_intersects(a, a_size, b, b_size, UINT64_MAX);
}

/* LPAE: user mode needs one of [1G,2G), [2G,3G), [3G,4G) untouched. */
static bool leaves_user_va(const struct space *s, const struct identity *id)
{
	const struct mmp_plan *plan = s->o->plan;

	for (unsigned slot = 1; slot < 4; slot++) {
		uint64_t base = (uint64_t)slot << 30, size = UINT64_C(1) << 30;
		bool used = touches(base, size, id->start, id->size);

		for (size_t n = 0; !used && n < plan->count; n++)
			used = touches(base, size, plan->regions[n].va,
				       plan->regions[n].size);
		if (!used)
			return true;
	}
	return false;
}

static bool clashes(const struct mmp_plan *plan, const struct identity *id)
{
	for (size_t n = 0; n < plan->count; n++)
		if (touches(id->start, id->size, plan->regions[n].va,
			    plan->regions[n].size))
			return true;
	return false;
}

static int append_identity(struct optee_4_10 *o, const struct identity *id)
{
	const struct mmp_region region = {
		.pa = id->start,
		.va = id->start,
		.size = id->size,
		.attr = optee_4_10_attr(o, OPTEE_IDENTITY_MAP_RX),
		.type = OPTEE_IDENTITY_MAP_RX,
		.granule_shift = 12,
		.max_block_shift = 12,
	};

	if (optee_4_10_grow(o))
		return -1;
	mmp_plan_insert(o->plan, o->plan->count, &region);
	return 1;
}

/* One candidate base. Returns 1 taken, 0 not, -1 the firmware stops. */
static int try_candidate(struct space *s, uint64_t base, const struct identity *id,
			 enum mmp_attempt_result *result)
{
	int placed = assign(s, base);

	*result = MMP_ATTEMPT_NO_VA;
	if (placed <= 0)
		return placed;
	*result = MMP_ATTEMPT_NO_USER_VA;
	if (s->lpae && !leaves_user_va(s, id))
		return 0;
	*result = MMP_ATTEMPT_IDENTITY_CLASH;
	if (clashes(s->o->plan, id))
		return 0;
	*result = MMP_ATTEMPT_MAPPED;
	return append_identity(s->o, id);
}

static struct identity identity_of(const struct optee_config *c)
{
	uint64_t start = c->layout.identity_map.start & ~UINT64_C(0xfff);
	uint64_t end = (c->layout.identity_map.end + 0xfff) & ~UINT64_C(0xfff);

	return (struct identity){ start, end - start };
}

/* Returns 1 with map_offset set, 0 where every candidate fails, -1 a stop. */
static int randomize(struct space *s, uint64_t first)
{
	struct mmp_plan *plan = s->o->plan;
	const struct optee_config *c = s->o->config;
	struct identity id = identity_of(c);
	uint64_t mask =
		(((UINT64_C(1) << (s->width - 1)) - 1) << 1 | 1) & ~UINT64_C(0xfff);
	uint64_t base = (first + c->aslr_seed) & s->mask;

	for (unsigned n = 0; n < MMP_ATTEMPTS_MAX; n++) {
		struct mmp_attempt *attempt = &plan->attempts[n];
		int placed;

		attempt->base = (n ? base ^ UINT64_C(1) << (s->width - n) : base) & mask;
		plan->attempt_count = n + 1;
		placed = try_candidate(s, attempt->base, &id, &attempt->result);
		if (placed > 0)
			plan->registers.map_offset = (attempt->base - first) & s->mask;
		if (placed)
			return placed;
	}
	mmp_stop_trace(&plan->stop,
		       "init_mem_map: Failed to map core with seed %#" PRIx64,
		       c->aslr_seed & s->mask);
	return 0;
}

static int no_va(const struct space *s, uint64_t core)
{
	const struct optee_4_10 *o = s->o;
	struct mmp_stop *stop = &o->plan->stop;
	const struct mmp_stop_info *info = &optee_4_10_stops[OPTEE_STOP_NO_VA];

	mmp_stop_about(stop, OPTEE_TEE_RAM, core, o->config->tee_ram.va_size);
	if (!s->lpae && core < OPTEE_SHORT_USER_VA_END)
		return mmp_stop_at(stop, info,
				   "the core begins at 0x%" PRIx64
				   ", and with short descriptors user mode has what is "
				   "below 0x%" PRIx64,
				   core, (uint64_t)OPTEE_SHORT_USER_VA_END);
	if (!core)
		return mmp_stop_at(stop, info, "the core begins at address 0");
	return mmp_stop_at(
		stop, info,
		"%zu entries do not fit into %u bits of virtual address from 0x%" PRIx64
		" %s",
		o->plan->count, s->width, core,
		core > UINT64_C(1) << (s->width - 1) ? "downward" : "upward");
}

/* From the core's first byte that is not at PA 0 to the end of its last entry. */
static uint64_t core_span(const struct optee_4_10 *o)
{
	const struct mmp_region *last = NULL;
	uint64_t begin = 0;

	for (size_t n = 0; n < o->plan->count; n++) {
		const struct mmp_region *r = &o->plan->regions[n];

		if (!optee_4_10_is_tee_ram(r->type))
			continue;
		if (!begin)
			begin = r->pa;
		last = r;
	}
	return last ? (last->pa + last->size - begin) & o->pa_mask : 0;
}

/* add_pager_vaspace(): what of the core's virtual space is not resident. */
static int append_pager_space(struct optee_4_10 *o)
{
	uint64_t span = core_span(o), size = o->config->tee_ram.va_size;
	const struct mmp_region region = { .type = OPTEE_PAGER_VASPACE,
					   .size = (size - span) & o->size_mask,
					   .granule_shift = 12,
					   .max_block_shift = 12,
					   .mapping = MMP_MAP_EMPTY };

	if (span >= size && o->config->core_debug)
		return mmp_stop_at(&o->plan->stop,
				   &optee_4_10_stops[OPTEE_STOP_PAGER_SPACE],
				   "the core spans 0x%" PRIx64
				   " bytes, tee_ram.va_size is 0x%" PRIx64,
				   span, size);
	if (optee_4_10_grow(o))
		return -1;
	mmp_plan_insert(o->plan, o->plan->count, &region);
	return 0;
}

/*
 * What core_mmu_map_region() makes of an entry. It counts down in ssize_t, so a size
 * with the sign bit maps nothing; PA 0 gets tables only; and an attribute word that is
 * not valid gives a descriptor of nothing, into which the address is ORed all the same.
 */
static enum mmp_mapping mapping_of(const struct optee_4_10 *o, const struct mmp_region *r)
{
	if (r->size > o->size_mask / 2)
		return MMP_MAP_NOTHING;
	if (!r->pa)
		return MMP_MAP_EMPTY;
	return r->attr & MMP_ATTR_VALID_BLOCK ? MMP_MAP_BLOCKS : MMP_MAP_COUNTER;
}

int optee_4_10_assign(struct optee_4_10 *o)
{
	uint64_t first = o->plan->secure[0].base & o->va_mask;
	struct space s = {
		.o = o,
		.width = o->config->arch == OPTEE_ARM64 ? (unsigned)o->config->va_bits
							: 32,
		.mask = o->va_mask,
		.lpae = o->plan->shape.encoding.format == MMP_FORMAT_LPAE,
	};
	int placed = 0;

	if (o->config->pager && append_pager_space(o))
		return -1;
	if (o->config->aslr && (o->config->aslr_seed & o->va_mask))
		placed = randomize(&s, first);
	if (!placed)
		placed = assign(&s, first);
	if (placed < 0)
		return -1;
	if (!placed)
		return no_va(&s, first);
	for (size_t n = 0; n < o->plan->count; n++)
		o->plan->regions[n].mapping =
			(uint8_t)mapping_of(o, &o->plan->regions[n]);
	mmp_region_sort(o->plan->regions, o->plan->count, mmp_region_by_va, NULL);
	return 0;
}
