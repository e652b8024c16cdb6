/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef QUALITY_H
#define QUALITY_H

#include "link/session.h"

/*
 * The quality of the line to each board: counts of its sessions since mmpd was started.
 */
struct quality {
	char board[256];
	uint64_t sessions, failed;
	uint64_t frames_sent, frames_received; /* with resent and broken ones */
	uint64_t frames_resent, frames_broken, frames_foreign;
	uint64_t round_trip_ms; /* of the last session that received an answer */
	size_t body_limit;      /* of the last session with a board; 0: none yet */
};

enum { QUALITY_BOARDS_MAX = 256 }; /* boards over this number are not counted */

struct quality_table {
	struct quality *rows;
	size_t count;
};

/* Add the counts of a session that has ended. In the loop. */
void quality_add(struct quality_table *table, const char *board,
		 const struct mmp_session_report *report, bool failed);

/* The bytes of body that frames to this board should have; 0: nothing is known. */
size_t quality_body_limit(const struct quality_table *table, const char *board);

void quality_done(struct quality_table *table);

#endif
