/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HELD_WORKERS_H
#define HELD_WORKERS_H

#include <event2/event.h>
#include <semaphore.h>

#include "work/workers.h"

/* Workers that are busy until a test lets them go on. */
struct held_workers {
	struct held_task {
		struct task task;
		struct held_workers *with;
		bool was_stopped; /* when it went on */
	} tasks[64];
	unsigned count, done;
	sem_t started, go_on;
};

/* Return once `count` workers are held; `is_long`: by long tasks. */
void hold_workers(struct held_workers *held, struct workers *workers, unsigned count,
		  bool is_long);

/* Let them go on; a second time changes nothing. */
void release_workers(struct held_workers *held);

/* After release_workers: run the loop until it has heard of the end of each. */
void await_held(struct held_workers *held, struct event_base *base);

#endif
