/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/context.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arch/registers.h"
#include "base/limits.h"
#include "rules/tfa/attr.h"

#define BYTES_2_16 (UINT64_C(1) << 16)
#define BYTES_2_25 (UINT64_C(1) << 25)
#define BYTES_2_32 (UINT64_C(1) << 32)
#define BYTES_2_48 (UINT64_C(1) << 48)

/* A run in progress. */
struct context_run {
	struct tfa_context *context;
	const struct tfa_config *config;
	const struct tfa_op *ops;
	uint32_t count, now; /* number of ops, and the current one */
	struct mmp_error *err;
};

void tfa_context_init(struct tfa_context *context)
{
	memset(context, 0, sizeof(*context));
	tfa_list_init(&context->list);
}

void tfa_context_done(struct tfa_context *context)
{
	struct tfa_tables *t = &context->tables;

	tfa_list_done(&context->list);
	free(t->base);
	free(t->words);
	free(t->counts);
	free(t->filled);
	free(t->level);
	free(t->base_va);
	free(t->made_for);
	free(context->results);
	free(context->batch);
	tfa_context_init(context);
}

uint32_t tfa_tables_used(const struct tfa_context *context)
{
	const struct tfa_tables *t = &context->tables;
	uint32_t used = 0;

	if (!context->config->dynamic)
		return t->taken;
	for (uint32_t n = 0; n < t->touched; n++)
		used += t->counts[n] > 0;
	return used;
}

/* --- results and stops ---------------------------------------------------------------- */

static struct tfa_result *result_of(struct context_run *run)
{
	struct tfa_result *result = &run->context->results[run->now];

	*result = (struct tfa_result){ .other = TFA_NO_REGION, .level = -1 };
	return result;
}

static int stop_context(struct context_run *run, enum tfa_stop which)
{
	run->context->stop = which;
	return -1;
}

/*
 * An assertion of the firmware. If `holds` is false it stops; without assertions it
 * continues.
 */
static int demand(struct context_run *run, bool holds, enum tfa_stop which)
{
	return holds || !run->config->debug ? 0 : stop_context(run, which);
}

static int no_memory(struct context_run *run)
{
	return mmp_fail(run->err, MMP_SYSTEM, "out of memory");
}

static struct tfa_region call_region(const struct context_run *run)
{
	const struct tfa_op *op = &run->ops[run->now];

	return (struct tfa_region){ op->pa,          op->va,   op->size,
				    op->granularity, op->attr, run->now };
}

/* --- registering ---------------------------------------------------------------------- */

/* mmap_add_region_check(); the result has the region that is in the way. */
static bool region_is_refused(struct context_run *run, const struct tfa_region *region,
			      struct tfa_result *result)
{
	const struct tfa_list *list = &run->context->list;
	uint32_t other;

	result->rule = tfa_list_check(list, run->config, region, &other);
	if (other != TFA_NO_REGION)
		result->other = list->regions[other].op;
	return result->rule != TFA_ACCEPTED;
}

/* mmap_add_region_ctx(). */
static int add_static(struct context_run *run, const struct tfa_region *region,
		      struct tfa_result *result)
{
	struct tfa_context *context = run->context;
	uint32_t id;

	if (!region->size)
		return 0;
	context->stop_region = *region;
	if (demand(run, !context->initialized, TFA_STOP_ADD_AFTER_INIT))
		return -1;
	if (region_is_refused(run, region, result)) {
		context->stop_reason = *result;
		return demand(run, false, TFA_STOP_REFUSED);
	}
	if (tfa_list_insert(&context->list, region, &id))
		return no_memory(run);
	tfa_list_raise(&context->list, region);
	return 0;
}

/* mmap_add_dynamic_region_ctx(). */
static int add_dynamic(struct context_run *run, struct tfa_region *region,
		       struct tfa_result *result)
{
	struct tfa_context *context = run->context;
	uint64_t failed_at;
	uint32_t id;

	if (!region->size)
		return 0;
	region->attr |= TFA_DYNAMIC;
	if (region_is_refused(run, region, result))
		return 0;
	if (tfa_list_insert(&context->list, region, &id))
		return no_memory(run);
	if (context->initialized) {
		switch (tfa_map(context, region, &failed_at, run->err)) {
		case TFA_ENDED:
			return -1;
		case TFA_TABLES_OUT:
			result->rule = TFA_NO_TABLE;
			tfa_list_remove(&context->list, id);
			if (failed_at > region->va)
				tfa_unmap(context, region->va, failed_at - region->va);
			return 0;
		case TFA_MAPPED:
			break;
		}
	}
	tfa_list_raise(&context->list, region);
	return 0;
}

/* Choose the VA of a region without one: after max_va, aligned for the largest block. */
static uint64_t allocate_va(const struct context_run *run, uint64_t pa, uint64_t size)
{
	const struct tfa_context *context = run->context;
	uint64_t width = run->config->arch == TFA_ARM32 ? UINT32_MAX : UINT64_MAX;
	uint64_t va = context->list.max_va + 1;

	for (int level = context->tables.base_level; level < 3; level++) {
		uint64_t within = (UINT64_C(1) << tfa_shift(level)) - 1;

		if (!((pa | size) & within)) {
			va = ((va - 1) | within) + 1;
			break;
		}
	}
	return va & width;
}

static int add_alloc_va(struct context_run *run, struct tfa_result *result)
{
	struct tfa_region region = call_region(run);

	if (demand(run, region.size > 0, TFA_STOP_ALLOC_SIZE))
		return -1;
	region.va = allocate_va(run, region.pa, region.size);
	result->va = region.va;
	if (demand(run, region.va > run->context->list.max_va, TFA_STOP_ALLOC_WRAPS))
		return -1;
	return add_static(run, &region, result);
}

static int add_dynamic_alloc_va(struct context_run *run, struct tfa_result *result)
{
	struct tfa_region region = call_region(run);
	uint64_t max_va = run->context->list.max_va;

	result->va = max_va + 1;
	if (!region.size)
		return 0;
	region.va = result->va = allocate_va(run, region.pa, region.size);
	if (region.va < max_va) {
		result->rule = TFA_NO_VA;
		return 0;
	}
	return add_dynamic(run, &region, result);
}

/* mmap_remove_dynamic_region_ctx(). */
static int remove_dynamic(struct context_run *run, struct tfa_result *result)
{
	const struct tfa_op *op = &run->ops[run->now];
	struct tfa_context *context = run->context;
	uint32_t id = tfa_list_find(&context->list, op->va, op->size);
	struct tfa_region region;

	result->rule = TFA_NOT_FOUND;
	if (id == TFA_NO_REGION)
		return 0;
	region = context->list.regions[id];
	result->rule = TFA_STATIC;
	if (!(region.attr & TFA_DYNAMIC))
		return 0;
	result->rule = TFA_ACCEPTED;
	if (context->initialized)
		tfa_unmap(context, region.va, region.size);
	tfa_list_remove(&context->list, id);
	tfa_list_lower(&context->list, &region);
	return 0;
}

/* --- init ------------------------------------------------------------------------------ */

static uint64_t cpu_last_pa(const struct tfa_config *c)
{
	if (c->arch == TFA_ARM32)
		return (UINT64_C(1) << 40) - 1;
	return (UINT64_C(1) << mmp_pa_widths[c->cpu.parange & 7]) - 1;
}

static int check_va_space(struct context_run *run)
{
	const struct tfa_config *c = run->config;
	bool arm32 = c->arch == TFA_ARM32;
	uint64_t last = c->va_space - 1;
	uint64_t least = c->cpu.ttst && !arm32 ? BYTES_2_16 : BYTES_2_25;
	uint64_t most = arm32 ? BYTES_2_32 : BYTES_2_48;

	return demand(run, last >= least - 1, TFA_STOP_VA_SMALL) ||
			       demand(run, last <= most - 1, TFA_STOP_VA_LARGE) ||
			       demand(run, !(c->va_space & last), TFA_STOP_VA_POWER)
		       ? -1
		       : 0;
}

/* init_xlat_tables_ctx(). */
static int init(struct context_run *run)
{
	struct tfa_context *context = run->context;
	uint64_t failed_at;

	if (demand(run, !context->initialized, TFA_STOP_INIT_TWICE) ||
	    check_va_space(run) || tfa_tables_start(context, run->err))
		return -1;
	for (uint32_t n = 0; n < context->list.count; n++) {
		const struct tfa_region *r = tfa_list_at(&context->list, n);

		switch (tfa_map(context, r, &failed_at, run->err)) {
		case TFA_ENDED:
			return -1;
		case TFA_TABLES_OUT:
			context->stop_region = *r;
			return stop_context(run, TFA_STOP_NOT_MAPPED);
		case TFA_MAPPED:
			break;
		}
	}
	if (demand(run, run->config->pa_space - 1 <= cpu_last_pa(run->config),
		   TFA_STOP_CPU_PA))
		return -1;
	context->initialized = true;
	return 0;
}

/* --- running the calls -------------------------------------------------------------- */

static int call(struct context_run *run)
{
	const struct tfa_op *op = &run->ops[run->now];
	struct tfa_result *result = result_of(run);
	struct tfa_region region = call_region(run);

	run->context->stop_region.size = 0;
	switch (op->call) {
	case TFA_ADD:
		return add_static(run, &region, result);
	case TFA_ADD_ALLOC_VA:
		return add_alloc_va(run, result);
	case TFA_INIT:
		return init(run);
	case TFA_ADD_DYNAMIC:
		return add_dynamic(run, &region, result);
	case TFA_ADD_DYNAMIC_ALLOC_VA:
		return add_dynamic_alloc_va(run, result);
	case TFA_REMOVE_DYNAMIC:
		return remove_dynamic(run, result);
	case TFA_CHANGE_ATTRIBUTES:
		return tfa_change_attributes(run->context, op, result);
	case TFA_GET_ATTRIBUTES:
		return tfa_get_attributes(run->context, op->va, result);
	case TFA_CALL_COUNT:
		break;
	}
	return 0;
}

/*
 * The adds at the beginning of a document are sorted together, up to the first that is
 * refused.
 */
static int add_first(struct context_run *run)
{
	struct tfa_context *context = run->context;
	uint32_t count = 0, adds = 0;
	int64_t accepted;

	for (; adds < run->count && run->ops[adds].call == TFA_ADD; adds++) {
		run->now = adds;
		if (run->ops[adds].size)
			context->batch[count++] = call_region(run);
		result_of(run);
	}
	accepted = tfa_list_fill(&context->list, run->config, context->batch, count);
	run->now = accepted == count ? adds : 0;
	if (accepted >= 0 && accepted < count)
		run->now = context->batch[accepted].op;
	return accepted < 0 ? no_memory(run) : 0;
}

/* enable_mmu: whether TCR can express the highest address. */
static int check_physical_size(struct context_run *run)
{
	const struct tfa_config *c = run->config;
	uint64_t last = c->dynamic ? c->pa_space - 1 : run->context->list.max_pa;

	if (!run->context->initialized || c->arch == TFA_ARM32)
		return 0;
	run->now = TFA_NO_CALL;
	run->context->stop_region.size = 0;
	return demand(run, !(last >> 48), TFA_STOP_PA_48);
}

static int run_all(struct context_run *run)
{
	if (add_first(run))
		return -1;
	for (; run->now < run->count; run->now++) {
		if (call(run))
			return -1;
		run->context->result_count = run->now + 1;
		if (run->context->tables.work > TFA_WORK_MAX)
			return mmp_fail(run->err, MMP_TOO_LARGE,
					"the calls go through more than %" PRIu64
					" table entries, which is the limit",
					TFA_WORK_MAX);
	}
	run->context->result_count = run->count;
	return check_physical_size(run);
}

static int start_run(struct context_run *run, uint64_t base_pa, uint64_t xlat_pa)
{
	struct tfa_context *context = run->context;
	struct tfa_tables *t = &context->tables;

	tfa_list_clear(&context->list);
	context->config = run->config;
	context->initialized = false;
	context->stop = TFA_NO_STOP;
	context->result_count = 0;
	context->stop_region.size = 0;
	t->base_pa = base_pa;
	t->xlat_pa = xlat_pa;
	t->base_level = tfa_base_level(run->config);
	t->base_entries = tfa_base_entries(run->config);
	t->touched = t->taken = t->free_hint = 0;
	t->work = 0;
	if (run->count > context->room) {
		free(context->results);
		free(context->batch);
		context->results = malloc(run->count * sizeof(*context->results));
		context->batch = malloc(run->count * sizeof(*context->batch));
		context->room = context->results && context->batch ? run->count : 0;
		if (!context->room)
			return no_memory(run);
	}
	return 0;
}

int tfa_context_run(struct tfa_context *context, const struct tfa_config *config,
		    const struct tfa_op *ops, uint32_t count, uint64_t base_pa,
		    uint64_t xlat_pa, struct mmp_error *err)
{
	struct context_run run = { context, config, ops, count, 0, err };

	if (start_run(&run, base_pa, xlat_pa))
		return -1;
	if (run_all(&run)) {
		if (context->stop == TFA_NO_STOP)
			return -1;
		context->stop_call = run.now;
		if (run.now != TFA_NO_CALL)
			context->result_count = run.now;
		context->stop_tables = tfa_tables_used(context);
	}
	if (!context->initialized && tfa_tables_start(context, err))
		return -1;
	if (config->dynamic || context->tables.taken < context->tables.touched)
		tfa_tables_find_levels(context);
	return 0;
}
