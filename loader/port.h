/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_PORT_H
#define LOADER_PORT_H

/*
 * What the bare-metal loader needs to know about a board. A port is one port_<board>.c
 * that defines what is declared here, a linker script, and a UART driver if there is
 * none yet for its UART.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/mmu.h"
#include "wire/message.h"

enum { PORT_RANGES_MAX = 8 };

/* In `ranges`: the code, RAM of its own, the windows, and devices. */
struct port_facts {
	const char *id;
	uint64_t uart_base;
	uint32_t uart_clock_hz, uart_baud;
	struct mmu_range ranges[PORT_RANGES_MAX + 1]; /* the one after the last is zero */
};

extern const struct port_facts port_facts;

/*
 * Memory for keys (trust.h), which can be written once: its address and size, and a
 * function that writes a part of it. NULL if the board has none. A port without such
 * memory and without a counter uses port_keeps_nothing.c.
 */
const uint8_t *port_kept(size_t *ret_bytes);
bool port_keep(size_t at, const uint8_t *bytes, size_t length);

/* Whether there is a rollback counter, which only goes up. */
bool port_counts(void);
uint64_t port_count(void);
bool port_count_to(uint64_t value);

/*
 * Set up the interrupt controller and clocks; before the UART. Repeated after an
 * exception.
 */
void port_init(void);

/* Wait until the UART may have received something. Ends after a while in any case. */
void port_wait(void);

/*
 * A request is being handled from now on: if it takes longer than LOADER_WATCHDOG_MS,
 * that ends in loader_bark, or in a reset after which hello is answered. Each call
 * restarts the time; port_wait stops it. Empty if the board has no watchdog.
 */
void port_watch(void);

/*
 * ms that a request may take: hashing a pool of 16 MiB takes two seconds without
 * caches.
 */
enum { LOADER_WATCHDOG_MS = 10000 };

#endif
