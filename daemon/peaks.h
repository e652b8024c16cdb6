/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PEAKS_H
#define PEAKS_H

#include <stdint.h>

#include "base/limits.h"

/*
 * The largest amount of work that one callback of the loop, or one step of the database's
 * thread, has done since the start. Each has a bound in limits.h, which limits how long
 * others wait. Counted for the whole process, from any thread.
 */
enum peak {
	PEAK_TURN_REQUESTS, /* steps of requests of one client */
	PEAK_TURN_ACCEPTS,  /* connections that were accepted */
	PEAK_TURN_READ,     /* bytes read from one client */
	PEAK_TURN_SENT,     /* bytes sent to one client */
	PEAK_TURN_WATCHES,  /* watchers of one job that were told */
	PEAK_TURN_TASKS,    /* tasks that threads had finished */
	PEAK_TURN_FREED,    /* JSON values that were freed */
	PEAK_ROWS,          /* rows that the database's thread read */
	PEAK_WRITES,        /* rows that the database's thread wrote */
	PEAK_LOOKS,         /* checks of a task's stop flag after it was set */
	PEAK_COUNT
};

/* A peak's name, for a label, and its bound. */
struct peak_info {
	const char *name;
	uint64_t bound;
};

const struct peak_info *peak_info(enum peak peak);

/*
 * The longest processor time of a turn of the loop (to a millisecond), and of a step of
 * the database's thread. It has no bound, as it depends on the machine.
 */
enum longest { LONGEST_TURN, LONGEST_STEP, LONGEST_COUNT };

const char *longest_name(enum longest longest);
void longest_note(enum longest longest, uint64_t ns);
uint64_t longest_get(enum longest longest);

/* Run the loop to its end, and note how long its turns take. */
struct event_base;
void loop_run(struct event_base *base);

void peaks_log(void); /* all of them, as one line of NAME=VALUE */

void peak_note(enum peak peak, uint64_t count);
uint64_t peak_get(enum peak peak);

#endif
