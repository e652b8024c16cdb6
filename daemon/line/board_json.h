/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BOARD_JSON_H
#define BOARD_JSON_H

#include <jansson.h>

#include "link/session.h"
#include "store/store.h"
#include "tables/layout.h"

/* How long, in ms, this board may take to answer a request. */
uint64_t board_patience(const struct mmp_board_row *row);

/* What a board reports about itself: board, protocol, frame, staging, build, windows. */
json_t *board_json(const struct wire_board *board);

/* The id of the build that is live on the board, as text; NULL: none. */
const char *board_live(const struct wire_board *board, char text[MMP_DIGEST_TEXT_SIZE]);

/* The report of a push of an image, for its job. */
json_t *report_json(const struct mmp_session_report *report,
		    const struct mmp_image *image, const struct mmp_layout *layout,
		    const char *key);

#endif
