/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_UART_H
#define LOADER_UART_H

/* The line to the host. A port brings one file that implements these. */

#include <stddef.h>
#include <stdint.h>

void uart_init(void);
uint8_t uart_read(void); /* waits */
void uart_write(const uint8_t *bytes, size_t length);

#endif
