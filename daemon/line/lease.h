/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LEASE_H
#define LEASE_H

#include "service.h"

enum { LEASE_WHAT_MAX = 32 };

/*
 * A lease on a board: one session at a time on it, and on its line. Belongs to the
 * loop.
 */
struct lease {
	struct service *service;
	struct lease *next;
	char *board, *line;        /* the line as mmp_line_key returns it */
	char what[LEASE_WHAT_MAX]; /* who uses it: "job 7" */
};

/* Take a lease. MMP_BUSY names who uses the board, or the line. */
int lease_take(struct service *service, const char *board, const char *line,
	       const char *what, struct lease **ret_lease, struct mmp_error *err);
void lease_release(struct lease *lease); /* NULL is fine */

/* Record that this job uses the board. */
void lease_for_job(struct lease *lease, uint64_t job);

/* Whether the board's line belongs to another mmpd. From any thread. */
bool lease_is_elsewhere(const struct service *service, const struct mmp_board_row *board);

/*
 * MMP_CONFLICT: the board was given another line since `line` was read, so what came
 * over that one is not about this board any more. In the store thread.
 */
int lease_check_line(struct service *service, const char *board, const char *line,
		     struct mmp_error *err);

/* Like lease_take, without taking it, and from any thread. `line` may be NULL. */
int lease_check(const struct service *service, const char *board, const char *line,
		struct mmp_error *err);

#endif
