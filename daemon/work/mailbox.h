/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MAILBOX_H
#define MAILBOX_H

#include <event2/event.h>

#include "base/error.h"
#include "work/task.h"

/* How threads tell the loop that a task is done; MMP_TURN_TASKS of them per turn, or
 * fewer if that takes a millisecond. */
struct mailbox;

struct mailbox *mailbox_new(struct event_base *base, struct mmp_error *err);

/* From any thread: the loop will call task->done. */
void mailbox_post(struct mailbox *mailbox, struct task *task);

/* Drops the tasks that the loop has not received. Threads must not post any more. */
void mailbox_free(struct mailbox *mailbox);

#endif
