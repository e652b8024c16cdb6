/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_REPLAY_H
#define MMP_REPLAY_H

/*
 * Replay a recording with the current code of the host's side: the same bytes arrive at
 * the same times, and what it sends and how it ends must match the recording.
 */

#include "link/recording.h"

/*
 * 0: the replay matches. -1: MMP_CONFLICT says where it differs; other codes mean that
 * the recording is invalid.
 */
int mmp_replay_host(const struct mmp_recording *recording, struct mmp_error *err);

#endif
