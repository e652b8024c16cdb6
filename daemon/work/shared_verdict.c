/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/shared_verdict.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/limits.h"
#include "caller.h"
#include "memory.h"
#include "work/mailbox.h"
#include "work/store_thread.h"
#include "work/verdict.h"
#include "work/workers.h"
#include "json/text.h"

struct member;
TAILQ_HEAD(member_list, member);

enum {
	TELL_MEMBERS = 32,    /* answered in one turn of the loop */
	TELL_BYTES = 1 << 20, /* of their answers */
};

struct shared_verdict {
	atomic_size_t owners;
	struct service *service;
	struct kept_platform *one;
	struct store_closing closing; /* of the transaction */
	struct task task;             /* for a worker, then the loop */
	uint64_t group;               /* the transaction */
	size_t count;           /* registrations, and their revision: set by the store */
	uint64_t revision;      /* thread until the transaction closes, then only read */
	struct mmp_buffer text; /* the members of the verdict; for the worker, then the
				   loop */
	bool known;             /* for the loop */
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
	kept_unref(verdict->service->kept, verdict->one);
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

/* Answer those whose commit came first; the rest when it is done. */
static void on_judged(struct task *task)
{
	struct shared_verdict *verdict = container_of(task, struct shared_verdict, task);
	struct member *member;
	size_t bytes = 0;

	verdict->known = true;
	for (int i = 0; (member = TAILQ_FIRST(&verdict->waiting)); i++) {
		if (i == TELL_MEMBERS || bytes > TELL_BYTES) {
			mailbox_post(verdict->service->mailbox, task);
			return;
		}
		bytes += member->head.length + verdict->text.length;
		stop_waiting(member);
		mmp_call_answer_text(member->call, member_text(member));
	}
	shared_verdict_unref(verdict);
}

static void drop_judging(struct task *task)
{
	shared_verdict_unref(container_of(task, struct shared_verdict, task));
}

/* --- in a worker --- */

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

static void judge(struct task *task)
{
	struct shared_verdict *v = container_of(task, struct shared_verdict, task);
	struct mmp_platform copy = kept_copy(v->service->kept, v->one, v->count);
	json_t *answer;

	v->text.failed = !copy.registrations;
	if (copy.registrations) {
		answer = verdict_of(&copy);
		json_object_set_new(answer, "verdict_revision",
				    json_integer((json_int_t)v->revision));
		print_members(&v->text, answer);
		json_decref(answer);
	}
	free(copy.registrations);
}

/* --- in the store thread --- */

static void on_closing(struct store_closing *closing)
{
	struct shared_verdict *v = container_of(closing, struct shared_verdict, closing);

	v->task.is_long = v->count > MMP_COMPUTE_SHORT;
	workers_submit(v->service->workers, &v->task);
}

/* The transaction is an owner too, and then the task. */
static struct shared_verdict *new_verdict(struct mmp_call *call,
					  struct kept_platform *one, uint64_t group)
{
	struct shared_verdict *verdict = xcalloc(1, sizeof(*verdict));

	verdict->owners = 2;
	verdict->service = call->service;
	verdict->one = kept_ref(verdict->service->kept, one);
	verdict->group = group;
	verdict->closing.closing = on_closing;
	verdict->task =
		(struct task){ .work = judge,
			       .done = on_judged,
			       .drop = drop_judging,
			       .uid = ((const struct caller *)call->client)->uid };
	TAILQ_INIT(&verdict->waiting);
	store_thread_at_close(verdict->service->store_thread, &verdict->closing);
	return verdict;
}

int shared_verdict_answer(struct mmp_call *call, struct kept_platform *one,
			  struct mmp_buffer *take_head)
{
	struct service *service = call->service;
	uint64_t group = store_thread_group(service->store_thread);
	struct member *member = xcalloc(1, sizeof(*member));

	if (!one->verdict || one->verdict->group != group) {
		shared_verdict_unref(one->verdict);
		one->verdict = new_verdict(call, one, group);
	}
	member->verdict = one->verdict;
	atomic_fetch_add(&member->verdict->owners, 1);
	member->verdict->count = one->platform->count;
	member->verdict->revision = one->revision;
	member->head = *take_head;
	*take_head = MMP_BUFFER_EMPTY;
	call_keep(call, member, free_member);
	return call_then(call, IN_LOOP, wait_step);
}
