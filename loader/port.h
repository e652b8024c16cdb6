/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_PORT_H
#define LOADER_PORT_H

/*
 * What the bare-metal loader wants to know of a board. A port is one port_<board>.c that
 * defines what is declared here, a linker script, and a UART driver where there is none
 * yet for its kind.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loader/mmu.h"
#include "wire/message.h"

struct port_facts {
	const char *id;
	const struct mmu_range *ranges; /* that the loader itself uses */
	size_t range_count;
	const struct wire_span *windows; /* secure RAM that may be written */
	size_t window_count;
	const struct wire_span *ram; /* the loader's own: data, stack, staging */
	uint64_t uart_base;
	uint32_t uart_clock_hz, uart_baud;
};

extern const struct port_facts port_facts;

/*
 * Memory that keeps keys (trust.h) and is written once: where it is, and write a part of
 * it. NULL if the board has none. A port with neither memory nor counter takes
 * port_keeps_nothing.c.
 */
const uint8_t *port_kept(size_t *ret_bytes);
bool port_keep(size_t at, const uint8_t *bytes, size_t length);

/* The counter against going back, which only goes up; false if there is none. */
bool port_counts(void);
uint64_t port_count(void);
bool port_count_to(uint64_t value);

/* Interrupt controller, clocks; before the UART. Again after an exception. */
void port_init(void);

/* Until the UART may have received something. Ends after a while in any case. */
void port_wait(void);

/*
 * From now on a request is at work: what takes longer than LOADER_WATCHDOG_MS ends in
 * loader_bark, or in a reset after which hello is answered. Each call begins the time
 * anew; port_wait ends it. Empty where the board has no watchdog.
 */
void port_watch(void);

/* ms that a request may take: a pool of 16 MiB is hashed in two seconds without caches. */
enum { LOADER_WATCHDOG_MS = 10000 };

#endif
