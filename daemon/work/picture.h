/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PICTURE_H
#define PICTURE_H

#include "service.h"

/*
 * Answer the call with the data for a picture of the platform's map; takes the
 * platform.
 */
int picture_run(struct mmp_call *call, struct mmp_platform *take_platform,
		uint64_t revision, json_t **ret_result, struct mmp_error *err);

#endif
