/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "plan/planner.h"
#include "rules/tfa/attr.h"
#include "rules/tfa/tfa.h"

/* Convert a platform's registrations to calls, and the result of the calls to a plan. */

static void run_done(void *data)
{
	struct tfa_run *run = data;

	tfa_context_done(&run->context);
	free(run->ops);
	free(run);
}

struct tfa_run *tfa_run_of(const struct mmp_plan *plan)
{
	return plan->own;
}

/* The run of a plan. Data that another rule set left in the plan is freed. */
static struct tfa_run *new_run(struct mmp_plan *plan)
{
	struct tfa_run *run;

	if (plan->own && plan->own_done == run_done)
		return plan->own;
	if (plan->own)
		plan->own_done(plan->own);
	plan->own = run = calloc(1, sizeof(*run));
	plan->own_done = run_done;
	if (run)
		tfa_context_init(&run->context);
	return run;
}

void tfa_read_ops(struct tfa_op *ops, const struct mmp_platform *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct mmp_registration *r = &p->registrations[i];

		ops[i] = (struct tfa_op){ .call = (enum tfa_call)r->section,
					  .pa = r->addr,
					  .va = r->va,
					  .size = r->size,
					  .granularity = r->granularity,
					  .attr = r->attr };
	}
}

static int take_ops(struct tfa_run *run, const struct mmp_platform *p)
{
	if (p->count > run->room) {
		free(run->ops);
		run->ops = malloc(p->count * sizeof(*run->ops));
		run->room = run->ops ? p->count : 0;
		if (!run->ops)
			return -1;
	}
	tfa_read_ops(run->ops, p);
	run->count = p->count;
	return 0;
}

void tfa_run_again(struct tfa_run *run, uint64_t base_pa, uint64_t xlat_pa)
{
	run->tables_taken = false;
	run->failed = tfa_context_run(&run->context, &run->config, run->ops,
				      (uint32_t)run->count, base_pa, xlat_pa, &run->err);
}

static void set_shape(struct mmp_plan *plan, const struct tfa_config *c)
{
	plan->shape = (struct mmp_table_shape){
		.regime = plan->shape.regime,
		.va_bits = tfa_va_bits(c),
		.base_level = (unsigned)tfa_base_level(c),
		.base_entries = tfa_base_entries(c),
		.cores = 1,
		.per_core = 1,
		.limited = true,
		.max_tables = (uint32_t)c->max_xlat_tables,
		.boot_memory = UINT64_MAX,
		.fixed = !c->dynamic,
		.asserts = c->debug,
		.pa_mask = UINT64_MAX,
		.va_mask = c->arch == TFA_ARM32 ? UINT32_MAX : UINT64_MAX,
		.places = { .known = true,
			    .base_pa = c->base_table,
			    .xlat_pa = c->xlat_tables },
	};
	plan->map = (struct mmp_map_room){ .limited = true,
					   .entries = c->max_mmap_regions,
					   .allocated = c->max_mmap_regions };
}

struct mmp_region tfa_region_of(const struct tfa_region *r, uint32_t attr)
{
	unsigned shift = (unsigned)__builtin_ctzll(r->granularity);

	return (struct mmp_region){ .pa = r->pa,
				    .va = r->va,
				    .size = r->size,
				    .attr = attr,
				    .type = (uint8_t)tfa_type(NULL, attr),
				    .granule_shift = (uint8_t)shift,
				    .max_block_shift = (uint8_t)shift,
				    .mapping = MMP_MAP_BLOCKS };
}

static int take_regions(struct mmp_plan *plan, const struct tfa_list *list)
{
	if (mmp_plan_reserve(plan, list->count))
		return -1;
	for (uint32_t n = 0; n < list->count; n++) {
		const struct tfa_region *r = tfa_list_at(list, n);

		plan->regions[n] = tfa_region_of(r, r->attr);
	}
	plan->count = list->count;
	plan->collected = true;
	plan->max_pa = list->max_pa;
	return 0;
}

static int take_results(struct mmp_plan *plan, const struct tfa_run *run)
{
	uint32_t count = run->context.result_count;

	/* At least one, as having no results differs from not having run. */
	if (mmp_plan_reserve_results(plan, count + 1))
		return -1;
	for (uint32_t n = 0; n < count; n++) {
		const struct tfa_result *r = &run->context.results[n];
		enum tfa_call call = run->ops[n].call;

		plan->results[n] = (struct mmp_result){
			.code = tfa_code_name(r->rule),
			.has_va = call == TFA_ADD_ALLOC_VA ||
				  call == TFA_ADD_DYNAMIC_ALLOC_VA,
			.va = r->va,
			.has_attr = call == TFA_GET_ATTRIBUTES && !r->rule,
			.attr = r->attr,
			.level = r->level,
		};
	}
	plan->result_count = count;
	return 0;
}

/*
 * Run all calls here. How the tables are reported, including a stop in them, is up to
 * tfa_make_tables().
 */
int tfa_plan(struct mmp_plan *plan)
{
	const struct mmp_platform *p = plan->platform;
	struct tfa_run *run = new_run(plan);

	if (!run || take_ops(run, p))
		return -1;
	run->platform = p;
	run->config = *tfa_config(p);
	if (plan->past_limits) {
		run->config.max_xlat_tables = MMP_TABLES_MAX;
		run->config.max_mmap_regions = UINT32_MAX;
	}
	set_shape(plan, tfa_config(p));
	tfa_run_again(run, run->config.base_table, run->config.xlat_tables);
	if (take_regions(plan, &run->context.list) || take_results(plan, run))
		return -1;
	if (run->context.stop == TFA_NO_STOP || tfa_stops_at_tables(run->context.stop))
		return 0;
	return tfa_note_stop(&plan->stop, run);
}

unsigned tfa_facts(const struct mmp_plan *plan, const struct mmp_ddr *ddr,
		   struct mmp_register *facts)
{
	const struct tfa_context *x = &tfa_run_of(plan)->context;

	(void)ddr;
	facts[0] = (struct mmp_register){ "max_pa", MMP_REGISTER_HEX, x->list.max_pa,
					  MMP_REGISTER_OTHER };
	facts[1] = (struct mmp_register){ "max_va", MMP_REGISTER_HEX, x->list.max_va,
					  MMP_REGISTER_OTHER };
	facts[2] = (struct mmp_register){ "initialized", MMP_REGISTER_FLAG,
					  x->initialized, MMP_REGISTER_OTHER };
	return 3;
}
