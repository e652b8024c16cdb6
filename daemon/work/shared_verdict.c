/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/shared_verdict.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "memory.h"
#include "work/store_thread.h"
#include "work/verdict.h"
#include "json/text.h"

struct member;
TAILQ_HEAD(member_list, member);

enum {
	TELL_MEMBERS = 32,    /* answered in one turn of the loop */
	TELL_BYTES = 1 << 20, /* of their answers */
};

struct shared_verdict {
	atomic_size_t owners;
	struct kept_platforms *kept;
	struct kept_platform *one;
	uint64_t group;    /* the transaction */
	size_t count;      /* registrations, and their revision: set by the store */
	uint64_t revision; /* thread until the commit, read after it */
	struct mmp_buffer
		text; /* the members of the verdict; for the worker, then the loop */
	bool known;   /* for the loop */
	struct member_list waiting; /* for the loop */
};

/* A registration that waits for its verdict. */
struct member {
	struct shared_verdict *verdict;
	struct mmp_call *call;
	struct mmp_buffer head;
	bool is_waiting;
	TAILQ_ENTRY(member) link;
};

void shared_verdict_unref(struct shared_verdict *verdict)
{
	if (!verdict || atomic_fetch_sub(&verdict->owners, 1) > 1)
		return;
	kept_unref(verdict->kept, verdict->one);
	mmp_buffer_done(&verdict->text);
	free(verdict);
}

static void free_member(void *data)
{
	struct member *member = data;

	shared_verdict_unref(member->verdict);
	mmp_buffer_done(&member->head);
	free(member);
}

/* The head and the verdict joined. NULL: out of memory. */
static struct mmp_shared *member_text(struct member *member)
{
	const struct mmp_buffer *verdict = &member->verdict->text;

	mmp_buffer_add(&member->head, verdict->bytes, verdict->length);
	mmp_buffer_text(&member->head, "}");
	return verdict->failed ? NULL : mmp_shared_new(&member->head);
}

/* --- waiting registrations, in the loop --- */

static int answer_now(struct mmp_call *call, struct member *member, struct mmp_error *err)
{
	call->text = member_text(member);
	return call->text ? 0 : mmp_fail(err, MMP_SYSTEM, "out of memory");
}

static void stop_waiting(void *data)
{
	struct member *member = data;

	if (member->is_waiting)
		TAILQ_REMOVE(&member->verdict->waiting, member, link);
	member->is_waiting = false;
}

static int wait_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct member *member = data;

	(void)ret_result;
	if (member->verdict->known)
		return answer_now(call, member, err);
	member->call = call;
	member->is_waiting = true;
	TAILQ_INSERT_TAIL(&member->verdict->waiting, member, link);
	return mmp_call_defer(call, stop_waiting, member);
}

/* --- the call that computes the verdict --- */

static int tell_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct member *member = data, *other;
	struct shared_verdict *verdict = member->verdict;
	size_t bytes = 0;

	(void)ret_result;
	verdict->known = true;
	for (int i = 0; (other = TAILQ_FIRST(&verdict->waiting)); i++) {
		if (i == TELL_MEMBERS || bytes > TELL_BYTES)
			return call_then(call, IN_LOOP, tell_step);
		bytes += other->head.length + verdict->text.length;
		stop_waiting(other);
		mmp_call_answer_text(other->call, member_text(other));
	}
	return answer_now(call, member, err);
}

/* The members of an object, each with a ',' before it. */
static void print_members(struct mmp_buffer *out, json_t *object)
{
	struct mmp_error err;
	size_t from = out->length;

	if (mmp_json_print(object, SIZE_MAX / 4, out, &err) || out->length < from + 2) {
		out->failed = true;
		return;
	}
	out->bytes[from] = ',';
	out->length--; /* without the '}' */
}

static int judge_step(struct mmp_call *call, void *data, json_t **ret_result,
		      struct mmp_error *err)
{
	struct member *member = data;
	struct shared_verdict *v = member->verdict;
	struct mmp_platform copy = kept_copy(v->kept, v->one, v->count);
	json_t *answer;

	(void)ret_result, (void)err;
	v->text.failed = !copy.registrations;
	if (copy.registrations) {
		answer = verdict_of(&copy);
		json_object_set_new(answer, "verdict_revision",
				    json_integer((json_int_t)v->revision));
		print_members(&v->text, answer);
		json_decref(answer);
	}
	free(copy.registrations);
	return call_then(call, IN_LOOP, tell_step);
}

/* --- in the store thread --- */

static struct shared_verdict *new_verdict(struct service *service,
					  struct kept_platform *one, uint64_t group)
{
	struct shared_verdict *verdict = xcalloc(1, sizeof(*verdict));

	verdict->owners = 1;
	verdict->kept = service->kept;
	verdict->one = kept_ref(service->kept, one);
	verdict->group = group;
	TAILQ_INIT(&verdict->waiting);
	return verdict;
}

int shared_verdict_answer(struct mmp_call *call, struct kept_platform *one,
			  struct mmp_buffer *take_head)
{
	struct service *service = call->service;
	uint64_t group = store_thread_group(service->store_thread);
	bool is_first = !one->verdict || one->verdict->group != group;
	struct member *member = xcalloc(1, sizeof(*member));

	if (is_first) {
		shared_verdict_unref(one->verdict);
		one->verdict = new_verdict(service, one, group);
	}
	member->verdict = one->verdict;
	atomic_fetch_add(&member->verdict->owners, 1);
	member->verdict->count = one->platform->count;
	member->verdict->revision = one->revision;
	member->head = *take_head;
	*take_head = MMP_BUFFER_EMPTY;
	call_keep(call, member, free_member);
	if (!is_first)
		return call_then(call, IN_LOOP, wait_step);
	/* The others depend on it even if its own client has gone. */
	call_must_go_on(call);
	call_then(call, IN_WORKER, judge_step);
	if (one->platform->count <= MMP_COMPUTE_SHORT)
		call_weigh(call, STEP_SHORT);
	return MMP_LATER;
}
