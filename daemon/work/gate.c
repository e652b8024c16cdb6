/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/gate.h"

#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "doc/findings.h"
#include "doc/layout.h"
#include "memory.h"
#include "work/compute.h"

struct gate_work {
	struct computing computing;
	struct gate_request request;
	char today[CLOCK_TEXT_SIZE];
	json_t *result;
	struct mmp_error err;
};

/* The findings of a layout, and where it stops. NULL with *err. */
static json_t *facts_of(const struct mmp_platform *platform, struct mmp_error *err)
{
	struct mmp_layout layout;
	json_t *answer = NULL;

	mmp_layout_init(&layout);
	if (!mmp_layout_make(&layout, platform, NULL, err))
		answer = json_object();
	else if (err->code == MMP_FIRMWARE_STOP)
		answer = mmp_layout_stop_write(&layout);
	if (answer)
		mmp_policy_write(answer, platform, &layout);
	mmp_layout_done(&layout);
	return answer;
}

static void name_platform(json_t *result, const char *key,
			  const struct mmp_platform *platform, uint64_t revision)
{
	json_object_set_new(
		result, key,
		json_pack("{s:s, s:s, s:o}", "name", platform->name, "rules",
			  platform->rules->name, "revision",
			  revision ? json_integer((json_int_t)revision) : json_null()));
}

/* Our answer also includes what layout.compute says about the platform. */
static void add_facts(json_t *result, const json_t *facts)
{
	static const char *const keys[] = { "verdict", "stops_at", "firmware",
					    "findings_omitted" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		json_t *value = json_object_get(facts, keys[i]);

		if (value)
			json_object_set(result, keys[i], value);
	}
}

static void work_gate(struct computing *computing)
{
	struct gate_work *g = container_of(computing, struct gate_work, computing);
	const struct gate_request *request = &g->request;
	const struct mmp_platform *platform = request->take_platform;
	struct mmp_gate_facts facts = { 0 };
	json_t *answer = facts_of(platform, &g->err), *base = NULL;
	struct mmp_budget budget;
	struct mmp_error none;

	mmp_budget_init(&budget);
	if (answer && request->take_against)
		base = facts_of(request->take_against, &g->err);
	/* If the firmware stops for another reason, no budget can be computed. */
	if (answer && request->order.min_spare &&
	    !mmp_budget_make(&budget, platform, MMP_BUDGET_SHM, &none))
		facts.budget = &budget;
	facts.answer = answer;
	facts.base = base;
	if (!answer || (request->take_against && !base) ||
	    mmp_gate_write(&request->order, platform->rules, &facts, &g->result, &g->err))
		g->result = NULL;
	if (g->result) {
		name_platform(g->result, "platform", platform, request->revision);
		if (request->take_against)
			name_platform(g->result, "against", request->take_against,
				      request->against_revision);
		add_facts(g->result, answer);
	}
	json_decref(answer);
	json_decref(base);
	mmp_budget_done(&budget);
}

static int answer_gate(struct computing *computing, struct mmp_call *call,
		       json_t **ret_result, struct mmp_error *err)
{
	struct gate_work *g = container_of(computing, struct gate_work, computing);

	(void)call;
	*ret_result = json_incref(g->result);
	if (g->result)
		return 0;
	*err = g->err;
	return -1;
}

static void free_gate(struct computing *computing)
{
	struct gate_work *g = container_of(computing, struct gate_work, computing);

	mmp_platform_free(g->request.take_platform);
	mmp_platform_free(g->request.take_against);
	json_decref(g->request.waivers);
	json_decref(g->result);
	free(g);
}

int gate_run(struct mmp_call *call, const struct gate_request *request)
{
	static const struct computing_kind kind = { .work = work_gate,
						    .answer = answer_gate,
						    .free = free_gate };
	struct gate_work *g = xcalloc(1, sizeof(*g));

	g->request = *request;
	snprintf(g->today, sizeof(g->today), "%s", request->order.today);
	g->request.order.today = g->today;
	g->request.order.waivers = request->waivers;
	return compute_in_thread(call, &g->computing, &kind);
}
