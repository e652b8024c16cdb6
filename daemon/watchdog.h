/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WATCHDOG_H
#define WATCHDOG_H

#include "service.h"

/*
 * systemd's watchdog is kept alive while everything makes progress: the loop, which looks
 * and tells, and the threads. A thread that has been at one step for the watchdog's time
 * is stuck.
 */
struct watchdog;

/*
 * Look at the threads twice per watchdog time, in the loop, and call `tell` with whether
 * everything makes progress. A loop that is stuck itself does not call it.
 */
struct watchdog *watchdog_new(struct service *service, uint64_t watchdog_us,
			      void (*tell)(void *data, bool is_alive), void *data);
void watchdog_free(struct watchdog *watchdog); /* NULL is fine */

#endif
