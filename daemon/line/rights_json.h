/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef RIGHTS_JSON_H
#define RIGHTS_JSON_H

#include <jansson.h>

#include "link/session.h"
#include "tables/layout.h"

/*
 * What a proof has shown about rights: a table of read, write and execute for EL1 and
 * EL0, each region, and the tables as they were read back.
 */
json_t *rights_json(const struct mmp_session_report *report,
		    const struct mmp_image *image, const struct mmp_layout *layout);

#endif
