/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_PORT_H
#define LOADER_PORT_H

/*
 * What the bare-metal loader wants to know of a board. A port is one port_<board>.c that
 * defines what is declared here, a linker script, and a UART driver where there is none
 * yet for its kind.
 */

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

void port_init(void); /* interrupt controller, clocks; before the UART */
void port_wait(void); /* until the UART may have received something */

#endif
