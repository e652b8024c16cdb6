/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "service.h"

/* Answer the call with an explanation of `what` on the platform, which is taken. */
int explain_run(struct mmp_call *call, struct mmp_platform *take_platform,
		uint64_t revision, const char *what, json_t **ret_result,
		struct mmp_error *err);

#endif
