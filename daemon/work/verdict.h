/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VERDICT_H
#define VERDICT_H

#include "work/compute.h"

/*
 * Answer a call that changed a platform, with `take_result` and the new verdict:
 * `verdict`, `stops_at`, and in `findings` those of severity error. Takes the platform
 * and the result. Returns like a handler.
 */
int verdict_answer(struct mmp_call *call, struct mmp_platform *take_platform,
		   json_t *take_result, json_t **ret_result, struct mmp_error *err);

/* The verdict of a platform as a new object with those keys. In any thread. */
json_t *verdict_of(const struct mmp_platform *platform);

#endif
