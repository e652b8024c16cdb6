/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TRIM_H
#define TRIM_H

#include "service.h"

/*
 * Gives freed memory back to the system. The allocator keeps what threads have freed, so
 * that after a flood the process would stay as large as at its peak. Once for each fall of
 * the account (account_on_fall), and when it has stayed low for TRIM_WAIT_S: what was
 * charged is freed a little later, and the next request may come at once.
 */
struct trim;

enum { TRIM_WAIT_S = 1 };

struct trim *trim_new(struct service *service);

/* The threads have ended: the account tells it of no more falls. */
void trim_end(struct trim *trim);
void trim_free(struct trim *trim);

/* In the loop: how often it was done since the start. */
uint64_t trim_count(const struct trim *trim);

#endif
