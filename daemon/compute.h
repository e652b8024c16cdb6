/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef COMPUTE_H
#define COMPUTE_H

#include "doc/layout.h"
#include "service.h"

/*
 * Compute a layout and answer the call with it: at once where the platform is small,
 * else in a worker thread, while the loop goes on. The platform moves in. Returns what
 * a handler returns.
 */
int compute_layout(struct mmp_call *call, struct mmp_platform *take_platform,
		   enum mmp_detail detail, json_t **ret_result, struct mmp_error *err);

#endif
