/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_PROGRESS_H
#define CLIENT_PROGRESS_H

#include <jansson.h>

/* Draw a progress bar for a job on stderr, only if that is a terminal. */
void progress_draw(const json_t *job);
void progress_clear(void);

#endif
