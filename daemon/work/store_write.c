/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/store_thread_private.h"

#include <stdlib.h>

#include "base/container.h"
#include "clock.h"
#include "memory.h"

struct store_writing {
	struct task task;
	struct store_thread *thread;
	struct store_write write;
	bool has_failed;
	struct mmp_error err;
	TAILQ_ENTRY(store_writing) link; /* in the list of kept writes */
};

void store_thread_try_kept(struct store_thread *t)
{
	struct store_writing *w;

	while (clock_ms() >= t->kept_ms && (w = TAILQ_FIRST(&t->kept))) {
		mmp_store_group_begin(t->store);
		w->has_failed = w->write.work(t->store, w->write.data, &w->err);
		if (mmp_store_group_end(t->store, w->has_failed ? &(struct mmp_error){ 0 }
								: &w->err))
			w->has_failed = true;
		if (w->has_failed && w->err.code == MMP_BUSY) {
			t->kept_ms = clock_ms() + STORE_KEPT_MS;
			return;
		}
		TAILQ_REMOVE(&t->kept, w, link);
		mailbox_post(t->mailbox, &w->task);
	}
}

/* A write must not overtake one that waits for the database. */
static void work_write(struct task *task)
{
	struct store_writing *w = container_of(task, struct store_writing, task), *before;

	before = w->write.away ? TAILQ_FIRST(&w->thread->kept) : NULL;
	if (before)
		w->err = before->err;
	w->has_failed = before || w->write.work(w->thread->store, w->write.data, &w->err);
}

static void on_no_commit(struct task *task, const struct mmp_error *why)
{
	struct store_writing *w = container_of(task, struct store_writing, task);

	if (!w->has_failed)
		w->err = *why;
	w->has_failed = true;
}

struct notice {
	struct task task;
	struct store_write write;
	struct mmp_error err;
};

static void on_notice(struct task *task)
{
	struct notice *n = container_of(task, struct notice, task);

	n->write.away(n->write.data, &n->err);
	free(n);
}

static void drop_notice(struct task *task)
{
	free(container_of(task, struct notice, task));
}

/* In the store thread. */
static void on_tried(struct task *task)
{
	struct store_writing *w = container_of(task, struct store_writing, task);
	struct store_thread *t = w->thread;
	struct notice *notice;

	if (!w->has_failed || w->err.code != MMP_BUSY || !w->write.away) {
		mailbox_post(t->mailbox, task);
		return;
	}
	TAILQ_INSERT_TAIL(&t->kept, w, link);
	notice = xcalloc(1, sizeof(*notice));
	notice->task = (struct task){ .done = on_notice, .drop = drop_notice };
	notice->write = w->write;
	notice->err = w->err;
	mailbox_post(t->mailbox, &notice->task);
}

static void on_written(struct task *task)
{
	struct store_writing *w = container_of(task, struct store_writing, task);

	if (w->write.done)
		w->write.done(w->write.data, w->has_failed ? &w->err : NULL);
	free(w);
}

static void drop_write(struct task *task)
{
	struct store_writing *w = container_of(task, struct store_writing, task);

	if (w->write.drop)
		w->write.drop(w->write.data);
	free(w);
}

void store_thread_drop_kept(struct store_thread *t)
{
	struct store_writing *w;

	while ((w = TAILQ_FIRST(&t->kept))) {
		TAILQ_REMOVE(&t->kept, w, link);
		drop_write(&w->task);
	}
}

void store_thread_write(struct store_thread *t, const struct store_write *write)
{
	struct store_writing *w = xcalloc(1, sizeof(*w));

	w->task = (struct task){ .work = work_write,
				 .next = on_tried,
				 .failed = on_no_commit,
				 .done = on_written,
				 .drop = drop_write,
				 .uid = TASK_SYSTEM,
				 .writes = true };
	w->thread = t;
	w->write = *write;
	store_thread_submit(t, &w->task);
}
