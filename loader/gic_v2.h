/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_GIC_V2_H
#define LOADER_GIC_V2_H

/*
 * For ports whose board has a GIC v2: the UART's interrupt ends the WFI of port_wait,
 * and the secure physical timer is the watchdog. gic_v2.c defines port_wait and
 * port_watch.
 */

#include <stdint.h>

struct port_gic {
	uint64_t distributor, processor; /* GICD and GICC */
	unsigned int uart_interrupt;     /* 32 and up */
};

extern const struct port_gic port_gic; /* defined by the port */

/* To be called by port_init. */
void gic_init(void);

#endif
