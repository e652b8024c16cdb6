/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef POLICY_ROWS_H
#define POLICY_ROWS_H

/*
 * Every kind of finding has a platform that shows it, made from one that shows none by
 * the change in its row; or its row says why no platform can.
 */

#include "rules/optee/releases.h"

/* A registration of the map, as one of the JSON arrays in `more`. */
/* clang-format off */
#define AREA(type, name, addr, size) "['phys_mem_map','" type "','" name "','" addr "','" size "']"
/* clang-format on */

struct row {
	const char *id;
	const char *config; /* over the quiet one's, object by object; NULL: as it is */
	const char *more;   /* registrations to add: [section, type, name, addr, size] */
	const char *less;   /* the name of one that is taken out; NULL: none */
	const char *never;  /* why no platform shows it */
	/* Its neighbour: nearly the same change, and the finding is not there. */
	struct {
		const char *config, *more, *less;
	} near;
};

/* Of 4.10-257 and of 3.4; each ends with a row without an id. */
extern const struct row rows_4_10[], rows_3_4[];

/* What neither of these two releases has: each under one that has it. Ends likewise. */
struct between {
	enum optee_version version;
	struct row row;
};
extern const struct between rows_between[];

/* The platforms that show none, of 4.5 on, 3.22 on and before: config, registrations. */
extern const char *const quiet_4_10[2], *const quiet_3_22[2], *const quiet_3_4[2];

#endif
