/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/optee/pipeline.h"

#include "plan/sort.h"

/* The planner: core_init_mmu_map(), step by step. */

struct mmp_predicates optee_predicates_of(const struct mmp_rules *rules,
					  const struct mmp_config *config)
{
	const struct optee_release *release = optee_release_of(rules);
	const struct mmp_widths widths = optee_widths(rules, config);
	uint64_t mask = release->predicates_pa ? widths.pa : widths.va;

	return (struct mmp_predicates){ mask, mask - release->top_is_zero };
}

static unsigned va_width(const struct optee *o)
{
	if (o->config->arch == OPTEE_ARM32)
		return 32;
	return (unsigned)(o->release->va_width_bug ? 64 - o->config->va_bits
						   : o->config->va_bits);
}

static struct optee optee_begin(struct mmp_plan *plan)
{
	const struct mmp_platform *p = plan->platform;
	struct optee o = {
		.plan = plan,
		.config = optee_config(p),
		.release = optee_release_of(p->rules),
		.types = p->rules->types,
		.widths = optee_widths(p->rules, &p->config),
		.predicates = optee_predicates_of(p->rules, &p->config),
	};

	o.lpae = o.config->arch == OPTEE_ARM64 || o.config->lpae;
	o.va_width = va_width(&o);
	return o;
}

int optee_stop(struct optee *o, enum optee_stop which, const struct mmp_region *region,
	       const char *what)
{
	return mmp_plan_stop(o->plan, optee_stop_of(o, which), region, what);
}

static int place_regions(struct optee *o)
{
	struct mmp_plan *plan = o->plan;
	size_t seen;

	if (o->release->placing == OPTEE_PLACING_FLAT ? optee_place_flat(o)
						      : optee_place_packed(o))
		return -1;
	mmp_region_sort(plan->regions, plan->count, mmp_region_by_va, NULL);
	seen = optee_end_of(o);
	plan->hidden = plan->count - seen;
	plan->count = seen;
	return 0;
}

int optee_plan(struct mmp_plan *plan)
{
	struct optee o = optee_begin(plan);

	mmp_plan_set_secure(plan);
	if (optee_begin_array(&o) || (optee_check_secure(&o) && !plan->past_tests) ||
	    optee_collect(&o) || optee_granules(&o) || optee_sort(&o) ||
	    place_regions(&o))
		return -1;
	if (optee_check_places(&o) && !plan->past_tests)
		return -1;
	if (optee_check_tables(&o) && !plan->past_tests)
		return -1;
	optee_set_mappings(&o);
	optee_set_shape(&o);
	optee_set_registers(&o);
	return 0;
}
