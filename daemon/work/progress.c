/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/progress.h"

#include <stddef.h>

#include "base/stop.h"

void progress_begin(struct progress *progress)
{
	atomic_fetch_add(&progress->steps, 1);
	progress->has_task = true;
	mmp_stop_count(&progress->steps);
}

void progress_end(struct progress *progress)
{
	mmp_stop_count(NULL);
	progress->has_task = false;
	atomic_fetch_add(&progress->steps, 1);
}

uint64_t progress_stuck_ms(struct progress *progress, uint64_t now_ms)
{
	uint_fast64_t steps = progress->steps;

	if (!progress->has_task || steps != progress->seen) {
		progress->seen = steps;
		progress->since_ms = now_ms;
		return 0;
	}
	return now_ms - progress->since_ms;
}
