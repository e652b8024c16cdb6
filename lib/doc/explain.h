/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_EXPLAIN_H
#define MMP_DOC_EXPLAIN_H

/*
 * Explain one thing in a platform's map: an address, read as a virtual and as a
 * physical one; a registration by its name; a memory type; a config key.
 */

#include <jansson.h>

#include "tables/layout.h"

/*
 * `layout` was made from the platform, as far as the firmware gets. `stopped` means
 * that it stops before its map is complete; an address then has registrations and no
 * mapping.
 *
 * *ret_answer is a new reference: what, readings. A reading has `as` ("virtual
 * address", "physical address", "registration", "memory type", "config key"), `lines`
 * (sentences for people), and depending on its kind: mapped, va, pa, rights, path (as
 * build.walk), region, registrations, before, behind, ddr. MMP_NOT_FOUND suggests the
 * nearest of all names.
 */
int mmp_explain_write(const struct mmp_platform *platform,
		      const struct mmp_layout *layout, bool stopped, const char *what,
		      json_t **ret_answer, struct mmp_error *err);

#endif
