/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VERDICT_H
#define VERDICT_H

#include "work/compute.h"

/*
 * Answer a call that changed a platform, with `take_result` and what the platform came
 * to: `verdict`, `stops_at`, and in `findings` those of severity error. The platform and
 * the result move in. Returns what a handler returns.
 */
int verdict_answer(struct mmp_call *call, struct mmp_platform *take_platform,
		   json_t *take_result, json_t **ret_result, struct mmp_error *err);

/* The verdict of a platform as a new object of those keys. In any thread. */
json_t *verdict_of(const struct mmp_platform *platform);

#endif
