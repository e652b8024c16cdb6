/* SPDX-License-Identifier: BSD-2-Clause */
#include "study/measure.h"

#include <string.h>

/* Make tables for a plan that keeps its own limits. */
static int make_tables(struct mmp_layout *l, enum mmp_measure_past past,
		       struct mmp_error *err)
{
	struct mmp_plan lifted = l->plan;

	lifted.shape.max_tables = UINT32_MAX;
	lifted.shape.boot_memory = UINT64_MAX;
	if (past == MMP_PAST_TESTS)
		lifted.shape.asserts = lifted.registers.ps_stops = false;
	return mmp_tables_make(&l->tables, &lifted, NULL, err);
}

int mmp_measure(struct mmp_layout *layout, const struct mmp_platform *platform,
		enum mmp_measure_past past, struct mmp_measure *ret_measure,
		struct mmp_error *err)
{
	struct mmp_measure m = { 0 };

	layout->platform = platform;
	layout->plan.past_limits = true;
	layout->plan.past_tests = past == MMP_PAST_TESTS;
	memset(&layout->tables.stop, 0, sizeof(layout->tables.stop));
	if (mmp_plan_make(&layout->plan, platform, err) ||
	    make_tables(layout, past, err)) {
		if (err->code != MMP_FIRMWARE_STOP)
			return -1;
	} else {
		m.whole = true;
		m.tables = layout->tables.used;
		m.entries = layout->plan.count;
		if (mmp_ddr_discover(&layout->ddr, &layout->plan, err))
			return -1;
		m.ddr = layout->ddr.stop.info;
	}
	if (mmp_layout_stop(layout))
		m.stop = mmp_layout_stop(layout)->info;
	/* Merging can leave few entries, but all registrations were sorted. */
	m.work = platform->count + layout->plan.count + layout->tables.used + 1;
	*ret_measure = m;
	return 0;
}
