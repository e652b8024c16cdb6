/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

#define CLOCK_TEXT_SIZE 32 /* "2026-11-23T22:28:49.123Z" */

void clock_text(char text[CLOCK_TEXT_SIZE]); /* now, in UTC */
void clock_text_ago(uint64_t seconds, char text[CLOCK_TEXT_SIZE]);
uint64_t clock_ms(void);        /* monotonic */
uint64_t clock_ns(void);        /* the same in ns */
uint64_t clock_thread_ns(void); /* CPU time of this thread */

#endif
