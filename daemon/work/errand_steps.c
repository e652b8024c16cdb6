/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/errand_private.h"

#include <assert.h>

#include "base/container.h"

static struct errand *errand_of(const struct mmp_call *call)
{
	return container_of((struct mmp_call *)call, struct errand, call);
}

void call_keep(struct mmp_call *call, void *take_data, void (*free_data)(void *data))
{
	struct errand *e = errand_of(call);

	assert(!e->free_data);
	e->data = take_data;
	e->free_data = free_data;
}

int call_then(struct mmp_call *call, enum place place, call_step *step)
{
	struct errand *e = errand_of(call);

	e->has_next = true;
	e->place = place;
	e->step = step;
	return MMP_LATER;
}

int call_again(struct mmp_call *call, enum place place)
{
	return call_then(call, place, NULL);
}

enum place call_place(const struct mmp_call *call)
{
	return errand_of(call)->running;
}

void call_weigh(struct mmp_call *call, enum step_weight weight)
{
	errand_of(call)->weight = weight;
}

void call_only_reads(struct mmp_call *call)
{
	errand_of(call)->task.writes = false;
}

void call_charge(struct mmp_call *call, size_t bytes)
{
	errand_charge(errand_of(call), bytes);
}

bool call_is_long(const struct mmp_call *call)
{
	return errand_of(call)->task.is_long;
}

call_step *call_current(const struct mmp_call *call)
{
	return errand_of(call)->current;
}

struct inputs **call_inputs(const struct mmp_call *call)
{
	return &errand_of(call)->inputs;
}

void call_replace(struct mmp_call *call)
{
	struct errand *e = errand_of(call);

	if (e->free_data)
		e->free_data(e->data);
	e->data = NULL;
	e->free_data = NULL;
}

void *call_kept(const struct mmp_call *call)
{
	return errand_of(call)->data;
}

void call_go_on(struct mmp_call *call, enum place place, call_step *step)
{
	struct errand *e = errand_of(call);

	call->forget = NULL;
	call->deferred = NULL;
	e->is_deferred = e->deferred = false;
	e->has_waited = true;
	call_then(call, place, step);
	errand_hand_on(&e->task);
}

void call_must_go_on(struct mmp_call *call)
{
	errand_of(call)->must_go_on = true;
}

void call_on_end(struct mmp_call *call, void (*ending)(void *data, struct mmp_error *err))
{
	errand_of(call)->ending = ending;
}

void call_drop(struct mmp_call *call)
{
	errand_drop_deferred(errand_of(call));
}
