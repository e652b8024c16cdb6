/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_MEASURE_H
#define MMP_MEASURE_H

/*
 * Internal to lib/study: what a platform needs without limits on tables, boot memory and
 * map entries, so that variants of it can be compared.
 */

#include "tables/layout.h"

enum mmp_measure_past {
	MMP_PAST_LIMITS, /* ignore limits; other stops count */
	MMP_PAST_TESTS,  /* ignore what the firmware only tests or asserts, too */
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
 * Compute the layout of the platform in this way. A stop is not an error: it is in the
 * measure. -1 is MMP_SYSTEM. plan.shape keeps the limits; in tables.shape they are
 * lifted.
 */
int mmp_measure(struct mmp_layout *layout, const struct mmp_platform *platform,
		enum mmp_measure_past past, struct mmp_measure *ret_measure,
		struct mmp_error *err);

#endif
