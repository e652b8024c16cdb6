/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HOLDING_H
#define HOLDING_H

#include "service.h"

/*
 * Add "holding" to the JSON of a board: the build that is live there, or may be, with
 * its platform and revision, since when, who pushed it, and whether the board's MMU has
 * proven it or it was only activated. null if nothing is known. In the store thread,
 * and not from a callback of the store.
 */
enum { HOLDING_PUSHES = 64 }; /* pushes that are looked at for it */
int holding_add(struct service *service, json_t *board, struct mmp_error *err);

/* The pushes to a board, newest first, each with its build's platform and proof. */
int holding_pushes(struct service *service, const char *board,
		   const struct mmp_page *page, json_t **ret_pushes,
		   struct mmp_error *err);

#endif
