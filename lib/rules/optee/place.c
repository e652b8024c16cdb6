/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "rules/optee/attr.h"
#include "rules/optee/pipeline.h"

/*
 * Virtual addresses from 3.8 on: assign_mem_va(). The core's entries are contiguous from
 * a candidate address, and the others are above or below them.
 */
struct va_space {
	struct optee *o;
	size_t end;          /* the entries that the firmware sees */
	uint64_t mask;       /* of vaddr_t */
	bool secure, shared; /* flags of the walk */
};

/* Whether an exclusive end is too high, in releases that check it. */
static bool beyond(const struct va_space *s, uint64_t va)
{
	const struct optee *o = s->o;

	if (o->release->va_limit < OPTEE_VA_ARM64 ||
	    (o->release->va_limit == OPTEE_VA_ARM64 && o->config->arch != OPTEE_ARM64))
		return false;
	return o->va_width < 64 && va >= UINT64_C(1) << o->va_width;
}

static bool add_overflows(const struct va_space *s, uint64_t a, uint64_t b, uint64_t *sum)
{
	*sum = (a + b) & s->mask;
	return *sum < a;
}

bool optee_is_shared(const struct optee *o, unsigned type)
{
	return o->config->ns_virtualization &&
	       (type == OPTEE_NEX_DYN_VASPACE || type == OPTEE_NEX_NSEC_SHM);
}

/* Whether the walk enters memory of another security or sharing. */
static bool flips(struct va_space *s, const struct mmp_region *r)
{
	if (!s->o->lpae && s->secure != !!(r->attr & MMP_ATTR_SECURE)) {
		s->secure = !s->secure;
		return true;
	}
	if (s->o->release->shared_alignment &&
	    s->shared != optee_is_shared(s->o, r->type)) {
		s->shared = !s->shared;
		return true;
	}
	return false;
}

/* A registered PAGER_VASPACE counts as TEE RAM here, but has the large granule. */
static int check_alignment(struct optee *o, const struct mmp_region *r, uint64_t va)
{
	uint64_t within = optee_granule(r) - 1;

	if (!o->config->core_debug)
		return 0;
	if (va & within)
		return optee_stop(o, OPTEE_STOP_VA_ALIGNMENT, r,
				  "would not begin at a multiple of its region_size");
	if (r->size & within)
		return optee_stop(o, OPTEE_STOP_VA_SIZE, r,
				  "is not a multiple of its region_size");
	return 0;
}

static bool goes_first(const struct mmp_region *r)
{
	return optee_is_tee_ram(r->type) || r->type == OPTEE_PAGER_VASPACE;
}

/*
 * Returns 1 if placed, with *va after the core; 0 if there is no room; -1 if the firmware
 * stops.
 */
static int place_tee_ram(struct va_space *s, uint64_t *va)
{
	for (size_t n = 0; n < s->end; n++) {
		struct mmp_region *r = &s->o->plan->regions[n];

		if (!goes_first(r))
			continue;
		if (check_alignment(s->o, r, *va))
			return -1;
		r->va = *va;
		if (add_overflows(s, *va, r->size, va) || beyond(s, *va))
			return 0;
	}
	return 1;
}

/* Place an entry below those placed before. False if there is no room. */
static bool place_below(struct va_space *s, struct mmp_region *r, uint64_t *va)
{
	uint64_t pgdir = s->o->widths.pgdir;

	if (flips(s, r))
		*va &= ~(pgdir - 1);
	if (r->size > *va)
		return false;
	*va = (*va - r->size) & ~(optee_granule(r) - 1);
	if (r->size > 2 * pgdir) {
		if (*va < pgdir)
			return false;
		*va -= pgdir;
		*va += optee_congruence(s->o, r, *va);
	}
	r->va = *va;
	return true;
}

static bool round_up_overflows(const struct va_space *s, uint64_t to, uint64_t *va)
{
	bool overflow = add_overflows(s, *va, (to - 1) & s->mask, va);

	*va &= ~(to - 1);
	return overflow;
}

static bool place_above(struct va_space *s, struct mmp_region *r, uint64_t *va)
{
	uint64_t pgdir = s->o->widths.pgdir;

	if (flips(s, r) && round_up_overflows(s, pgdir, va))
		return false;
	if (round_up_overflows(s, optee_granule(r), va))
		return false;
	if (r->size > 2 * pgdir &&
	    add_overflows(s, *va, optee_congruence(s->o, r, *va), va))
		return false;
	r->va = *va;
	return !add_overflows(s, *va, r->size, va) && !beyond(s, *va);
}

/* Entries at VA 0 count as not placed, even those of the core. */
static int place_others(struct va_space *s, uint64_t va, bool at_top)
{
	for (size_t n = 0; n < s->end; n++) {
		struct mmp_region *r = &s->o->plan->regions[n];

		if (optee_set_attr(s->o, r))
			return -1;
		if (r->va)
			continue;
		if (!(at_top ? place_below(s, r, &va) : place_above(s, r, &va)))
			return 0;
	}
	return 1;
}

/* assign_mem_va_dir(). */
static int assign_direction(struct va_space *s, uint64_t core, bool at_top)
{
	uint64_t va = (core + s->o->initial_offset) & s->mask;
	int placed;

	if (!core && s->o->release->zero_refused)
		return 0;
	for (size_t n = 0; n < s->end; n++)
		s->o->plan->regions[n].va = 0;
	s->secure = true;
	s->shared = false;
	placed = place_tee_ram(s, &va);
	if (placed <= 0)
		return placed;
	return place_others(s, at_top ? core : va, at_top);
}

/*
 * core_mmu_prefer_tee_ram_at_top(): with one entry of the base level for the whole
 * mapping.
 */
static bool in_upper_half(const struct optee *o, uint64_t core)
{
	bool gigabytes = o->release->direction == OPTEE_DIRECTION_HALF_GIB ||
			 o->config->arch == OPTEE_ARM32 || o->config->va_bits < 40;
	uint64_t block = UINT64_C(1) << (gigabytes ? 30 : 39);

	return (core & (block - 1)) > block / 2;
}

bool optee_is_at_top(const struct optee *o, uint64_t core)
{
	if (o->release->direction == OPTEE_DIRECTION_HALF_VA)
		return core > UINT64_C(1) << (o->va_width - 1);
	return o->lpae ? in_upper_half(o, core) : core > 0x80000000u;
}

int optee_assign(struct optee *o, uint64_t core)
{
	struct va_space s = { .o = o, .end = optee_end_of(o), .mask = o->widths.va };
	bool at_top = optee_is_at_top(o, core);

	if (o->release->user_range_refused && !o->lpae && core < OPTEE_SHORT_USER_VA_END)
		return 0;
	if (o->release->direction == OPTEE_DIRECTION_HALF_VA && o->lpae &&
	    o->config->pager && in_upper_half(o, core) != at_top) {
		int placed = assign_direction(&s, core, !at_top);

		if (placed)
			return placed;
	}
	return assign_direction(&s, core, at_top);
}
