/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules/tfa/context.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "rules/tfa/attr.h"

#define BYTES_2_16 (UINT64_C(1) << 16)
#define BYTES_2_25 (UINT64_C(1) << 25)
#define BYTES_2_32 (UINT64_C(1) << 32)
#define BYTES_2_48 (UINT64_C(1) << 48)

/* A run in progress. */
struct run {
	struct mmp_tfa_context *context;
	const struct mmp_tfa_config *config;
	const struct mmp_tfa_op *ops;
	uint32_t count, now; /* ops; the one that runs */
	struct mmp_error *err;
};

void mmp_tfa_context_init(struct mmp_tfa_context *context)
{
	memset(context, 0, sizeof(*context));
	mmp_tfa_list_init(&context->list);
}

void mmp_tfa_context_done(struct mmp_tfa_context *context)
{
	struct mmp_tfa_tables *t = &context->tables;

	mmp_tfa_list_done(&context->list);
	free(t->base);
	free(t->words);
	free(t->counts);
	free(t->filled);
	free(t->level);
	free(t->base_va);
	free(t->made_for);
	free(context->results);
	free(context->batch);
	mmp_tfa_context_init(context);
}

uint32_t mmp_tfa_tables_used(const struct mmp_tfa_context *context)
{
	const struct mmp_tfa_tables *t = &context->tables;
	uint32_t used = 0;

	if (!context->config->dynamic)
		return t->taken;
	for (uint32_t n = 0; n < t->touched; n++)
		used += t->counts[n] > 0;
	return used;
}

/* --- results and stops ---------------------------------------------------------------- */

static struct mmp_tfa_result *result_of(struct run *run)
{
	struct mmp_tfa_result *result = &run->context->results[run->now];

	*result = (struct mmp_tfa_result){ .other = MMP_TFA_NO_REGION, .level = -1 };
	return result;
}

static int stop(struct run *run, enum mmp_tfa_stop which)
{
	run->context->stop = which;
	return -1;
}

/* Where the firmware asserts `holds` and it does not. Goes on without assertions. */
static int demand(struct run *run, bool holds, enum mmp_tfa_stop which)
{
	return holds || !run->config->debug ? 0 : stop(run, which);
}

static int no_memory(struct run *run)
{
	return mmp_fail(run->err, MMP_SYSTEM, "out of memory");
}

static struct mmp_tfa_region region_of(const struct run *run)
{
	const struct mmp_tfa_op *op = &run->ops[run->now];

	return (struct mmp_tfa_region){ op->pa,          op->va,   op->size,
					op->granularity, op->attr, run->now };
}

/* --- registering ---------------------------------------------------------------------- */

/* mmap_add_region_check(); the result says which region is in the way. */
static bool refused(struct run *run, const struct mmp_tfa_region *region,
		    struct mmp_tfa_result *result)
{
	const struct mmp_tfa_list *list = &run->context->list;
	uint32_t other;

	result->rule = mmp_tfa_list_check(list, run->config, region, &other);
	if (other != MMP_TFA_NO_REGION)
		result->other = list->regions[other].op;
	return result->rule != MMP_TFA_ACCEPTED;
}

/* mmap_add_region_ctx(). */
static int add_static(struct run *run, const struct mmp_tfa_region *region,
		      struct mmp_tfa_result *result)
{
	struct mmp_tfa_context *context = run->context;
	uint32_t id;

	if (!region->size)
		return 0;
	if (demand(run, !context->initialized, MMP_TFA_STOP_ADD_AFTER_INIT))
		return -1;
	if (refused(run, region, result)) {
		context->stop_region = *region;
		context->stop_reason = *result;
		return demand(run, false, MMP_TFA_STOP_REFUSED);
	}
	if (mmp_tfa_list_insert(&context->list, region, &id))
		return no_memory(run);
	mmp_tfa_list_raise(&context->list, region);
	return 0;
}

/* mmap_add_dynamic_region_ctx(). */
static int add_dynamic(struct run *run, struct mmp_tfa_region *region,
		       struct mmp_tfa_result *result)
{
	struct mmp_tfa_context *context = run->context;
	uint64_t failed_at;
	uint32_t id;

	if (!region->size)
		return 0;
	region->attr |= MMP_TFA_DYNAMIC;
	if (refused(run, region, result))
		return 0;
	if (mmp_tfa_list_insert(&context->list, region, &id))
		return no_memory(run);
	if (context->initialized) {
		switch (mmp_tfa_map(context, region, &failed_at, run->err)) {
		case MMP_TFA_ENDED:
			return -1;
		case MMP_TFA_TABLES_OUT:
			result->rule = MMP_TFA_NO_TABLE;
			mmp_tfa_list_remove(&context->list, id);
			if (failed_at > region->va)
				mmp_tfa_unmap(context, region->va,
					      failed_at - region->va);
			return 0;
		case MMP_TFA_MAPPED:
			break;
		}
	}
	mmp_tfa_list_raise(&context->list, region);
	return 0;
}

/* The VA for a region that brings none: behind max_va, aligned for the largest block. */
static uint64_t allocate_va(const struct run *run, uint64_t pa, uint64_t size)
{
	const struct mmp_tfa_context *context = run->context;
	uint64_t width = run->config->arch == MMP_TFA_ARM32 ? UINT32_MAX : UINT64_MAX;
	uint64_t va = context->list.max_va + 1;

	for (int level = context->tables.base_level; level < 3; level++) {
		uint64_t within = (UINT64_C(1) << mmp_tfa_shift(level)) - 1;

		if (!((pa | size) & within)) {
			va = ((va - 1) | within) + 1;
			break;
		}
	}
	return va & width;
}

static int add_alloc_va(struct run *run, struct mmp_tfa_result *result)
{
	struct mmp_tfa_region region = region_of(run);

	if (demand(run, region.size > 0, MMP_TFA_STOP_ALLOC_SIZE))
		return -1;
	region.va = allocate_va(run, region.pa, region.size);
	result->va = region.va;
	if (demand(run, region.va > run->context->list.max_va, MMP_TFA_STOP_ALLOC_WRAPS))
		return -1;
	return add_static(run, &region, result);
}

static int add_dynamic_alloc_va(struct run *run, struct mmp_tfa_result *result)
{
	struct mmp_tfa_region region = region_of(run);
	uint64_t max_va = run->context->list.max_va;

	result->va = max_va + 1;
	if (!region.size)
		return 0;
	region.va = result->va = allocate_va(run, region.pa, region.size);
	if (region.va < max_va) {
		result->rule = MMP_TFA_NO_VA;
		return 0;
	}
	return add_dynamic(run, &region, result);
}

/* mmap_remove_dynamic_region_ctx(). */
static int remove_dynamic(struct run *run, struct mmp_tfa_result *result)
{
	const struct mmp_tfa_op *op = &run->ops[run->now];
	struct mmp_tfa_context *context = run->context;
	uint32_t id = mmp_tfa_list_find(&context->list, op->va, op->size);
	struct mmp_tfa_region region;

	result->rule = MMP_TFA_NOT_FOUND;
	if (id == MMP_TFA_NO_REGION)
		return 0;
	region = context->list.regions[id];
	result->rule = MMP_TFA_STATIC;
	if (!(region.attr & MMP_TFA_DYNAMIC))
		return 0;
	result->rule = MMP_TFA_ACCEPTED;
	if (context->initialized)
		mmp_tfa_unmap(context, region.va, region.size);
	mmp_tfa_list_remove(&context->list, id);
	mmp_tfa_list_lower(&context->list, &region);
	return 0;
}

/* --- init ------------------------------------------------------------------------------ */

static int base_level_of(const struct mmp_tfa_config *c)
{
	uint64_t last = c->va_space - 1;

	if (c->arch == MMP_TFA_ARM32)
		return last >> 30 ? 1 : 2;
	return last >> 39 ? 0 : last >> 30 ? 1 : last >> 21 ? 2 : 3;
}

static uint64_t cpu_last_pa(const struct mmp_tfa_config *c)
{
	static const unsigned bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };

	if (c->arch == MMP_TFA_ARM32)
		return (UINT64_C(1) << 40) - 1;
	return (UINT64_C(1) << bits[c->cpu.parange & 7]) - 1;
}

static int check_va_space(struct run *run)
{
	const struct mmp_tfa_config *c = run->config;
	bool arm32 = c->arch == MMP_TFA_ARM32;
	uint64_t last = c->va_space - 1;
	uint64_t least = c->cpu.ttst && !arm32 ? BYTES_2_16 : BYTES_2_25;
	uint64_t most = arm32 ? BYTES_2_32 : BYTES_2_48;

	return demand(run, last >= least - 1, MMP_TFA_STOP_VA_SMALL) ||
			       demand(run, last <= most - 1, MMP_TFA_STOP_VA_LARGE) ||
			       demand(run, !(c->va_space & last), MMP_TFA_STOP_VA_POWER)
		       ? -1
		       : 0;
}

/* init_xlat_tables_ctx(). */
static int init(struct run *run)
{
	struct mmp_tfa_context *context = run->context;
	uint64_t failed_at;

	if (demand(run, !context->initialized, MMP_TFA_STOP_INIT_TWICE) ||
	    check_va_space(run) || mmp_tfa_tables_start(context, run->err))
		return -1;
	for (uint32_t n = 0; n < context->list.count; n++) {
		const struct mmp_tfa_region *r = mmp_tfa_list_at(&context->list, n);

		switch (mmp_tfa_map(context, r, &failed_at, run->err)) {
		case MMP_TFA_ENDED:
			return -1;
		case MMP_TFA_TABLES_OUT:
			context->stop_region = *r;
			return stop(run, MMP_TFA_STOP_NOT_MAPPED);
		case MMP_TFA_MAPPED:
			break;
		}
	}
	if (demand(run, run->config->pa_space - 1 <= cpu_last_pa(run->config),
		   MMP_TFA_STOP_CPU_PA))
		return -1;
	context->initialized = true;
	return 0;
}

/* --- the calls in turn ----------------------------------------------------------------- */

static int call(struct run *run)
{
	const struct mmp_tfa_op *op = &run->ops[run->now];
	struct mmp_tfa_result *result = result_of(run);
	struct mmp_tfa_region region = region_of(run);

	switch (op->call) {
	case MMP_TFA_ADD:
		return add_static(run, &region, result);
	case MMP_TFA_ADD_ALLOC_VA:
		return add_alloc_va(run, result);
	case MMP_TFA_INIT:
		return init(run);
	case MMP_TFA_ADD_DYNAMIC:
		return add_dynamic(run, &region, result);
	case MMP_TFA_ADD_DYNAMIC_ALLOC_VA:
		return add_dynamic_alloc_va(run, result);
	case MMP_TFA_REMOVE_DYNAMIC:
		return remove_dynamic(run, result);
	case MMP_TFA_CHANGE_ATTRIBUTES:
		return mmp_tfa_change_attributes(run->context, op, result);
	case MMP_TFA_GET_ATTRIBUTES:
		return mmp_tfa_get_attributes(run->context, op->va, result);
	case MMP_TFA_CALL_COUNT:
		break;
	}
	return 0;
}

/* The adds that a document begins with are sorted at once, as far as none is refused. */
static int add_first(struct run *run)
{
	struct mmp_tfa_context *context = run->context;
	uint32_t count = 0, adds = 0;
	int64_t accepted;

	for (; adds < run->count && run->ops[adds].call == MMP_TFA_ADD; adds++) {
		run->now = adds;
		if (run->ops[adds].size)
			context->batch[count++] = region_of(run);
		result_of(run);
	}
	accepted = mmp_tfa_list_fill(&context->list, run->config, context->batch, count);
	run->now = accepted == count ? adds : 0;
	if (accepted >= 0 && accepted < count)
		run->now = context->batch[accepted].op;
	return accepted < 0 ? no_memory(run) : 0;
}

/* enable_mmu: what TCR says of the highest address. */
static int check_physical_size(struct run *run)
{
	const struct mmp_tfa_config *c = run->config;
	uint64_t last = c->dynamic ? c->pa_space - 1 : run->context->list.max_pa;

	if (!run->context->initialized || c->arch == MMP_TFA_ARM32)
		return 0;
	run->now = MMP_TFA_NO_CALL;
	return demand(run, !(last >> 48), MMP_TFA_STOP_PA_48);
}

static int run_all(struct run *run)
{
	if (add_first(run))
		return -1;
	for (; run->now < run->count; run->now++) {
		if (call(run))
			return -1;
		if (run->context->tables.work > MMP_TFA_WORK_MAX)
			return mmp_fail(run->err, MMP_TOO_LARGE,
					"the calls go through more than %u table "
					"entries, which is the limit",
					MMP_TFA_WORK_MAX);
	}
	run->context->result_count = run->count;
	return check_physical_size(run);
}

static int begin(struct run *run, uint64_t base_pa, uint64_t xlat_pa)
{
	struct mmp_tfa_context *context = run->context;
	struct mmp_tfa_tables *t = &context->tables;

	mmp_tfa_list_clear(&context->list);
	context->config = run->config;
	context->initialized = false;
	context->stop = MMP_TFA_NO_STOP;
	context->result_count = 0;
	context->stop_region.size = 0;
	t->base_pa = base_pa;
	t->xlat_pa = xlat_pa;
	t->base_level = base_level_of(run->config);
	t->base_entries =
		(uint32_t)(run->config->va_space >> mmp_tfa_shift(t->base_level));
	t->touched = t->taken = t->free_hint = 0;
	t->work = 0;
	if (run->count > context->room) {
		free(context->results);
		free(context->batch);
		context->results = malloc(run->count * sizeof(*context->results));
		context->batch = malloc(run->count * sizeof(*context->batch));
		context->room =
			context->results && context->batch ? run->count : 0;
		if (!context->room)
			return no_memory(run);
	}
	return 0;
}

int mmp_tfa_context_run(struct mmp_tfa_context *context,
			const struct mmp_tfa_config *config, const struct mmp_tfa_op *ops,
			uint32_t count, uint64_t base_pa, uint64_t xlat_pa,
			struct mmp_error *err)
{
	struct run run = { context, config, ops, count, 0, err };

	if (begin(&run, base_pa, xlat_pa))
		return -1;
	if (run_all(&run)) {
		if (context->stop == MMP_TFA_NO_STOP)
			return -1;
		context->stop_call = run.now;
		if (run.now != MMP_TFA_NO_CALL)
			context->result_count = run.now;
		context->stop_tables = mmp_tfa_tables_used(context);
	}
	if (config->dynamic || context->tables.taken < context->tables.touched)
		mmp_tfa_tables_find_levels(context);
	return 0;
}
