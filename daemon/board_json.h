/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOARD_JSON_H
#define BOARD_JSON_H

#include <jansson.h>

#include "link/session.h"

/* What a board says of itself: board, protocol, frame, staging, build, windows. */
json_t *board_json(const struct wire_board *board);

/* The id of the build that is live there, as text; NULL: none. */
const char *board_live(const struct wire_board *board, char text[MMP_DIGEST_TEXT_SIZE]);

/* How a session went, as a job's report. */
json_t *report_json(const struct mmp_session_report *report, size_t probes);

#endif
