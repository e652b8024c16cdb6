/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_EXPLAIN_H
#define MMP_DOC_EXPLAIN_H

/*
 * What something is in a platform's map: an address, read as a virtual and as a physical
 * one; a registration by its name; a memory type; a config key.
 */

#include <jansson.h>

#include "tables/layout.h"

/*
 * `layout` was made from the platform, as far as the firmware goes; `stopped` says that it
 * stops before its map is done, and then an address has registrations and no mapping.
 *
 * *ret_answer: what, readings. A reading has `as` ("virtual address", "physical address",
 * "registration", "memory type", "config key"), `lines` (sentences for people), and by
 * its kind: mapped, va, pa, rights, path (as build.walk), region, registrations, before,
 * behind, ddr. MMP_NOT_FOUND names the nearest of all names there are.
 */
int mmp_explain_write(const struct mmp_platform *platform,
		      const struct mmp_layout *layout, bool stopped, const char *what,
		      json_t **ret_answer, struct mmp_error *err);

#endif
