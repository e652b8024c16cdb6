/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/stop.h"

#include <stddef.h>

static _Thread_local const atomic_bool *watched;
static _Thread_local atomic_uint_fast64_t *counted;
static _Thread_local uint64_t looked; /* since the flag is set */

void mmp_stop_watch(const atomic_bool *flag)
{
	watched = flag;
	looked = 0;
}

uint64_t mmp_stop_looks(void)
{
	return looked;
}

void mmp_stop_count(atomic_uint_fast64_t *looks)
{
	counted = looks;
}

bool mmp_stopped(void)
{
	if (counted)
		atomic_fetch_add_explicit(counted, 1, memory_order_relaxed);
	if (!watched || !atomic_load_explicit(watched, memory_order_relaxed))
		return false;
	looked++;
	return true;
}

int mmp_stop_seen(struct mmp_error *err)
{
	if (looked)
		return mmp_fail(
			err, MMP_BUSY,
			"stopped before it was done, as nobody waits for it any more");
	return 0;
}

int mmp_stop_check(struct mmp_error *err)
{
	mmp_stopped();
	return mmp_stop_seen(err);
}
