/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/stop.h"

#include <stddef.h>

static _Thread_local const atomic_bool *watched;
static _Thread_local atomic_uint_fast64_t *counted;

void mmp_stop_watch(const atomic_bool *flag)
{
	watched = flag;
}

void mmp_stop_count(atomic_uint_fast64_t *looks)
{
	counted = looks;
}

bool mmp_stopped(void)
{
	if (counted)
		atomic_fetch_add_explicit(counted, 1, memory_order_relaxed);
	return watched && atomic_load_explicit(watched, memory_order_relaxed);
}

int mmp_stop_check(struct mmp_error *err)
{
	if (mmp_stopped())
		return mmp_fail(err, MMP_BUSY,
				"stopped before it was done: nobody waits for it");
	return 0;
}
