/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_PROGRESS_H
#define CLIENT_PROGRESS_H

#include <jansson.h>

/* A bar on stderr for a job's state, only where that is a terminal. */
void progress_draw(const json_t *job);
void progress_clear(void);

#endif
