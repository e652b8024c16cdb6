/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_UART_H
#define LOADER_UART_H

/* The line to the host. A port provides one file that implements these. */

#include <stddef.h>
#include <stdint.h>

/*
 * ms that one byte may wait for room; at 1200 baud a byte takes 9, flow control may
 * take more.
 */
enum { UART_WRITE_MS = 2000 };

/* Set up the UART; called again after an exception. */
void uart_init(void);
uint8_t uart_read(void); /* waits */

/* Write to the line. What it does not accept in time is dropped: the host asks again. */
void uart_write(const uint8_t *bytes, size_t length);

#endif
