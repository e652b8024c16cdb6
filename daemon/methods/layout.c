/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "base/limits.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "work/answers.h"
#include "work/compute.h"
#include "work/inputs.h"
#include "work/jobs.h"
#include "work/store_thread.h"
#include "work/sweep.h"

struct compute {
	json_t *platform;
	uint64_t revision;
	const char *rules;
	int detail;
};

/* clang-format off */
static const struct mmp_param compute_params[] = {
	{ "platform", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct compute, platform), true,
	  "name of a platform, or a document or recorded vector", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct compute, revision), false,
	  METHODS_REVISION_ABOUT, NULL },
	{ "rules", MMP_PARAM_TEXT, offsetof(struct compute, rules), false,
	  "compute with this rule set instead of its own; what the rule set does not have is left out and reported as findings", NULL },
	{ "detail", MMP_PARAM_CHOICE, offsetof(struct compute, detail), false,
	  "full, or map: without the tables", mmp_detail_names },
	{ 0 },
};
/* clang-format on */

static struct answer_key key_of(const struct service *service, const struct compute *p)
{
	/* Results under other rules are not cached. */
	return (struct answer_key){ p->rules ? NULL : json_string_value(p->platform),
				    p->revision, p->detail,
				    store_thread_changes(service->store_thread) };
}

/* Replace *platform by the same under other rules; on failure it is freed. */
static int see_under(const char *name, struct mmp_platform **platform,
		     struct mmp_error *err)
{
	struct mmp_platform *own = *platform;
	const struct mmp_rules *rules;
	int failed = mmp_rules_find(name, &rules, err) ||
		     mmp_platform_under(own, rules, platform, err);

	mmp_platform_free(own);
	return failed ? -1 : 0;
}

static int compute_anew(struct mmp_call *call, const void *params, json_t **ret_result,
			struct mmp_error *err)
{
	struct service *service = call->service;
	const struct compute *p = params;
	struct answer_key key = key_of(service, p);
	struct mmp_platform *platform;
	uint64_t revision;
	int outcome =
		input_platform(call, p->platform, p->revision, &platform, &revision, err);

	if (outcome)
		return outcome;
	key.changes = input_changes(call);
	if (p->rules && see_under(p->rules, &platform, err))
		return -1;
	return compute_layout(call, platform, (enum mmp_detail)p->detail,
			      key.platform && !mmp_store_is_shared(service->store) ? &key
										   : NULL,
			      ret_result, err);
}

static const struct mmp_method compute_anew_row = { .name = "layout.compute",
						    .params_size = sizeof(struct compute),
						    .access = MMP_READ,
						    .answer = compute_anew };

/* In the loop: answer from the cache if the stored platform was computed before. */
static int layout_compute(struct mmp_call *call, const void *params, json_t **ret_result,
			  struct mmp_error *err)
{
	struct service *service = call->service;
	const struct compute *p = params;
	const struct answer_key key = key_of(service, p);

	(void)ret_result, (void)err;
	if (key.platform && !mmp_store_is_shared(service->store))
		call->text = answers_get(service->answers, &key);
	if (call->text)
		return 0;
	if (json_is_object(p->platform))
		return errand_begin_in_worker(call, &compute_anew_row, params,
					      input_is_long(p->platform));
	return errand_begin(call, &compute_anew_row, params);
}

struct budget {
	json_t *platform;
	uint64_t revision;
	struct mmp_optional shm;
	int detail;
};

/* clang-format off */
static const struct mmp_param budget_params[] = {
	{ "platform", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct budget, platform), true,
	  "name of a platform, or a document or recorded vector", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct budget, revision), false,
	  METHODS_REVISION_ABOUT, NULL },
	{ "shm", MMP_PARAM_OPTIONAL, offsetof(struct budget, shm), false,
	  "bytes of dynamic shared memory that must be mapped at the same time; by default 1M is computed but not required", NULL },
	{ "detail", MMP_PARAM_CHOICE, offsetof(struct budget, detail), false,
	  "full, or map: without the list of tables", mmp_detail_names },
	{ 0 },
};
/* clang-format on */

static int budget(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	const struct budget *p = params;
	struct mmp_platform *platform;
	uint64_t revision;
	int outcome;

	(void)ret_result;
	if (p->shm.given && !p->shm.value)
		return mmp_fail(err, MMP_INVALID,
				"shm: 0 bytes map nothing; give a size such as 1M");
	outcome =
		input_platform(call, p->platform, p->revision, &platform, &revision, err);
	if (outcome)
		return outcome;
	return compute_budget(call, platform, &p->shm, (enum mmp_detail)p->detail);
}

struct sweep_params {
	json_t *platform;
	uint64_t revision;
	struct mmp_optional first, step, count;
};

/* clang-format off */
static const struct mmp_param sweep_params[] = {
	{ "platform", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct sweep_params, platform), true,
	  "name of a platform, or a document", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct sweep_params, revision), false,
	  METHODS_REVISION_ABOUT, NULL },
	{ "first", MMP_PARAM_OPTIONAL, offsetof(struct sweep_params, first), false,
	  "the first seed; without first, step and count, every possible base is tried, or 2^20 of them spread evenly if there are more", NULL },
	{ "step", MMP_PARAM_OPTIONAL, offsetof(struct sweep_params, step), false,
	  "distance from one seed to the next; 0x1000 tries every base", NULL },
	{ "count", MMP_PARAM_OPTIONAL, offsetof(struct sweep_params, count), false,
	  "number of seeds", NULL },
	{ 0 },
};
/* clang-format on */

/* The seeds to sweep; missing values default to a sweep of all of them. */
static int seeds_of(const struct sweep_params *p, const struct mmp_platform *platform,
		    struct sweep_order *order, struct mmp_error *err)
{
	struct mmp_seeds all = mmp_seeds_all(platform, &order->sampled),
			 *seeds = &order->seeds;

	*seeds = all;
	if (!p->first.given && !p->step.given && !p->count.given)
		return 0;
	seeds->first = p->first.given ? p->first.value : 0;
	seeds->step = p->step.given ? p->step.value : MMP_SEED_STEP;
	seeds->count = p->count.given ? p->count.value : all.count;
	order->sampled = seeds->step != MMP_SEED_STEP;
	if ((seeds->first | seeds->step) & (MMP_SEED_STEP - 1) || !seeds->step)
		return mmp_fail(err, MMP_INVALID,
				"first 0x%" PRIx64 ", step 0x%" PRIx64
				": they must be multiples of 0x1000, as other values "
				"give the same base, and step must not be 0",
				seeds->first, seeds->step);
	if (!seeds->count || seeds->count > MMP_SWEEP_MAX)
		return mmp_fail(err, MMP_INVALID,
				"count: %" PRIu64 " seeds; it must be 1 to %u",
				seeds->count, MMP_SWEEP_MAX);
	if (seeds->count - 1 > (UINT64_MAX - seeds->first) / seeds->step)
		return mmp_fail(err, MMP_INVALID,
				"count: %" PRIu64 " seeds from 0x%" PRIx64
				" by 0x%" PRIx64 " go past 2^64; at most %" PRIu64 " fit",
				seeds->count, seeds->first, seeds->step,
				(UINT64_MAX - seeds->first) / seeds->step + 1);
	return 0;
}

static int sweep(struct mmp_call *call, const void *params, json_t **ret_result,
		 struct mmp_error *err)
{
	const struct sweep_params *p = params;
	struct sweep_order order = { 0 };
	int outcome = input_platform(call, p->platform, p->revision, &order.take_platform,
				     &order.revision, err);

	(void)ret_result;
	if (outcome)
		return outcome;
	if (!mmp_has_aslr(order.take_platform, err) ||
	    seeds_of(p, order.take_platform, &order, err)) {
		mmp_platform_free(order.take_platform);
		return -1;
	}
	return sweep_start(call, &order);
}

/* clang-format off */
const struct mmp_method methods_layout[] = {
	{ "layout.compute", "Compute the memory map and the tables that the firmware will make",
	  compute_params, sizeof(struct compute), mmp_layout_shape, MMP_READ | MMP_AT_ONCE, layout_compute },
	{ "layout.budget", "Show how many tables and map entries are needed, for what, how many are spare, and what would save some",
	  budget_params, sizeof(struct budget), mmp_budget_shape, MMP_WRITE, budget },
	{ "layout.sweep", "Compute the layout for every ASLR seed: which seeds fail, and how many tables the worst one needs",
	  sweep_params, sizeof(struct sweep_params), shape_job, MMP_WRITE, sweep },
	{ 0 },
};
/* clang-format on */
