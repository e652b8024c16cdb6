/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_PORT_H
#define LOADER_PORT_H

/*
 * What the bare-metal loader wants to know of a board. A port is this header's facts for
 * it, one port_<board>.c, a linker script, and a UART driver where it has none yet.
 */

#include <stddef.h>
#include <stdint.h>

#include "loader/mmu.h"
#include "wire/message.h"

/* QEMU's virt machine with secure=on: the second PL011, which only the secure world sees. */
#define PORT_UART_BASE     UINT64_C(0x09040000)
#define PORT_UART_CLOCK_HZ 24000000u
#define PORT_UART_BAUD     115200u

struct port_facts {
	const char *id;
	const struct mmu_range *ranges; /* that the loader itself uses */
	size_t range_count;
	const struct wire_span *windows; /* secure RAM that may be written */
	size_t window_count;
	const struct wire_span *ram; /* the loader's own: data, stack, staging */
};

extern const struct port_facts port_facts;

void port_init(void); /* interrupt controller, clocks; before the UART */
void port_wait(void); /* until the UART may have received something */

#endif
