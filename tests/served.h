/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SERVED_H
#define SERVED_H

#include "service.h"

/* For the tests of the daemon: all of it except its sockets, with a loop that tests turn. */
extern struct event_base *base;
extern struct service *service;

/* For set-ups and tear-downs. The database is a path or MMP_STORE_MEMORY. */
int begin_service(const char *database);
int end_service(void **state);

#endif
