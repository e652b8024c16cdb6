/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DISPOSE_H
#define DISPOSE_H

#include <jansson.h>

#include "service.h"
#include "json/parsed.h"

/*
 * Freeing what may be large without holding up the loop: more than MMP_TURN_FREED values
 * are freed by a worker. NULL is fine.
 */
void dispose_value(struct service *service, json_t *take_value);

/* The same for an owner's hold on a line; its memory counts by pages instead of values. */
void dispose_line(struct service *service, struct mmp_parsed *take_line);

#endif
