/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_OPTEE_PIPELINE_H
#define MMP_OPTEE_PIPELINE_H

/*
 * Internal to the planner of OP-TEE: the steps of core_init_mmu_map() in order, one
 * pipeline for all releases (plan.c). Each step returns 0, or -1 with plan->stop set;
 * without a stop, memory ran out. Differences between releases are read from struct
 * optee_release.
 */

#include "plan/planner.h"
#include "plan/range.h"
#include "rules/optee/optee.h"
#include "rules/optee/releases.h"
#include "rules/optee/stops.h"

struct optee {
	struct mmp_plan *plan;
	const struct optee_config *config;
	const struct optee_release *release;
	const struct mmp_memtype *types;
	struct mmp_widths widths;
	struct mmp_predicates predicates;
	bool lpae;
	unsigned va_width;       /* bits, as the release computes them */
	uint64_t initial_offset; /* of the core after the first secure-only range */

	/* The array of map entries. */
	size_t slots;   /* fixed and counted arrays: their capacity */
	size_t limit;   /* fixed arrays: a walk that reaches this index stops the boot */
	size_t entries; /* doubling arrays: their current capacity */
	uint64_t boot_memory_tmp; /* bytes taken for the array */
	uint64_t longest;         /* no entry is longer, bytes */
};

/* How a rule set's firmware computes predicates on ranges. */
struct mmp_predicates optee_predicates_of(const struct mmp_rules *rules,
					  const struct mmp_config *config);

/* check.c */
int optee_check_secure(struct optee *o);
int optee_check_places(struct optee *o);
int optee_check_tables(struct optee *o); /* tests between the map and its tables */

/* The stop that the range of an entry causes, or OPTEE_STOP_COUNT; and why. */
enum optee_stop optee_refused(const struct mmp_plan *plan,
			      const struct mmp_region *region, uint64_t mask);
const char *optee_refused_what(enum optee_stop which);

/* Memory that may overlap entries of a type (mmp_may_meet). special.c */
mmp_may_meet optee_is_shared_memory, optee_is_test_memory;

/* registers.c: widths of physical addresses, in bits. */
unsigned optee_pa_width(const struct mmp_rules *rules, const struct mmp_config *config);
bool optee_ends_beyond(uint64_t pa, uint64_t size, uint64_t pa_mask, unsigned width);
/* TCR_EL1.IPS for the highest address; 0 .. 5. More than 48 bits: false. */
bool optee_pa_size(uint64_t max_pa, unsigned *ret_ps);

/* map.c: the array of entries */
int optee_begin_array(struct optee *o);
int optee_take_array(struct optee *o); /* in boot memory */
int optee_grow(struct optee *o, enum optee_stop full, const struct mmp_region *new);
int optee_no_entry(struct optee *o, enum optee_stop which, const struct mmp_region *new);
int optee_add(void *o, size_t first, const struct mmp_region *new); /* add_phys_mem() */
int optee_add_va_spaces(struct optee *o);

int optee_collect(struct optee *o); /* collect.c */
/* A registration as it is in the list: up to 3.4, devices are rounded out. */
struct mmp_region optee_listed(const struct optee_release *release,
			       const struct mmp_widths *widths,
			       const struct mmp_registration *registration);
int optee_verify_special(struct optee *o); /* special.c */
int optee_granules(struct optee *o);       /* granule.c */
int optee_sort(struct optee *o);
int optee_place_flat(struct optee *o);            /* flat.c */
int optee_place_packed(struct optee *o);          /* aslr.c */
int optee_assign(struct optee *o, uint64_t core); /* place.c: 1 placed, 0 not */
bool optee_is_at_top(const struct optee *o, uint64_t core);
bool optee_is_shared(const struct optee *o, unsigned type); /* between guests */
int optee_insert_pager_space(struct optee *o);              /* pager.c */
int optee_put_pager_space(struct optee *o, uint64_t size, uint64_t va);
void optee_set_mappings(struct optee *o); /* shape.c */
void optee_set_shape(struct optee *o);
/* tables_3_0.c: own tables of that release, and what they map. */
int optee_map_3_0(struct mmp_builder *builder);
int optee_pieces_3_0(const struct mmp_plan *plan, struct mmp_region **ret_pieces,
		     size_t *ret_count);
void optee_set_registers(struct optee *o);                            /* registers.c */
int optee_discover(struct mmp_ddr *ddr, const struct mmp_plan *plan); /* ddr.c */

/*
 * Up to 4.3, loops of the firmware end at the first entry of type END, which is after the
 * last entry unless a platform registers that type.
 */
static inline size_t optee_end_of(const struct optee *o)
{
	const struct mmp_plan *plan = o->plan;
	size_t n = 0;

	if (o->release->capacity != OPTEE_CAPACITY_FIXED)
		return plan->count;
	while (n < plan->count && plan->regions[n].type != OPTEE_END)
		n++;
	return n;
}

/* Set a stop that is about one region. Returns -1. */
int optee_stop(struct optee *o, enum optee_stop which, const struct mmp_region *region,
	       const char *what);

/* The row of a stop in this release. */
static inline const struct mmp_stop_info *optee_stop_of(const struct optee *o,
							enum optee_stop which)
{
	return &optee_stops[o->release->version][which];
}

/* Set the attribute word of an entry's type; a type without one stops the boot. */
int optee_set_attr(struct optee *o, struct mmp_region *region);

/* VA to region_size, which is 0 if END hid an entry from optee_granules(). */
static inline uint64_t optee_granule(const struct mmp_region *r)
{
	return r->granule_shift ? UINT64_C(1) << r->granule_shift : 0;
}

/* How far `va` is below the next address with the same offset in its PGDIR as the PA. */
static inline uint64_t optee_congruence(const struct optee *o, const struct mmp_region *r,
					uint64_t va)
{
	return (r->pa - va) & (o->widths.pgdir - 1);
}

#endif
