/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/stop.h"

#include <stddef.h>

static _Thread_local const atomic_bool *watched;

void mmp_stop_watch(const atomic_bool *flag)
{
	watched = flag;
}

bool mmp_stopped(void)
{
	return watched && atomic_load_explicit(watched, memory_order_relaxed);
}

int mmp_stop_check(struct mmp_error *err)
{
	if (mmp_stopped())
		return mmp_fail(err, MMP_BUSY,
				"stopped before it was done: nobody waits for it");
	return 0;
}
