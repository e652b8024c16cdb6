/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DIFF_H
#define DIFF_H

#include "service.h"

/* One side of layout.diff as given by the caller. */
struct diff_side {
	struct mmp_platform *take_platform;
	uint64_t revision; /* 0: a document or a build */
};

/* Answer the call with the differences, computed in a thread; takes everything. */
int diff_run(struct mmp_call *call, const struct diff_side *before,
	     const struct diff_side *after, json_t *fail_on);

#endif
