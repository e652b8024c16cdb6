/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_MEASURE_H
#define MMP_MEASURE_H

/*
 * Inside lib/study: what a platform needs, with no limit on tables, boot memory and map
 * entries, so that variants of one can be compared.
 */

#include "tables/layout.h"

enum mmp_measure_past {
	MMP_PAST_LIMITS, /* whatever else stops the firmware, stops it */
	MMP_PAST_TESTS,  /* nor what it only tests or asserts */
};

struct mmp_measure {
	bool whole;                       /* map and tables were made */
	const struct mmp_stop_info *stop; /* of map or tables; NULL: it boots */
	const struct mmp_stop_info *ddr;  /* of the discovery of DDR */
	uint32_t tables;
	size_t entries;
	uint64_t work; /* registrations sorted and merged, entries placed, tables made */
};

/*
 * Make `layout` of the platform so. A stop is not an error: it is in the measure. -1 is
 * MMP_SYSTEM. plan.shape keeps the limits, tables.shape has them lifted.
 */
int mmp_measure(struct mmp_layout *layout, const struct mmp_platform *platform,
		enum mmp_measure_past past, struct mmp_measure *ret_measure,
		struct mmp_error *err);

#endif
