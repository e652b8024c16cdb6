/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_REPLAY_H
#define MMP_REPLAY_H

/*
 * Go through a recording again with the host's side of today: the same bytes come in at
 * the same times, and what it sends, and how it ends, must be what was recorded.
 */

#include "link/recording.h"

/* 0: it goes the same way. -1: MMP_CONFLICT says where it does not, else it is invalid. */
int mmp_replay_host(const struct mmp_recording *recording, struct mmp_error *err);

#endif
