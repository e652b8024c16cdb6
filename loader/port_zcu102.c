/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/gic_v2.h"
#include "loader/port.h"

/*
 * Zynq UltraScale+ (ZCU102 and similar boards): code at the end of the on-chip memory,
 * where the first stage boot loader otherwise puts TF-A's BL31; RAM in DDR, just below
 * OP-TEE's.
 */

#define KIB UINT64_C(0x400)
#define MIB UINT64_C(0x100000)

#define OCM_BASE    UINT64_C(0xfffea000)
#define OCM_SIZE    (88 * KIB)
#define OWN_BASE    UINT64_C(0x5fe00000)
#define OWN_SIZE    (2 * MIB)
#define WINDOW_BASE UINT64_C(0x60000000) /* OP-TEE's memory, and its shared memory */
#define WINDOW_SIZE (256 * MIB)
#define GIC_BASE    UINT64_C(0xf9000000)
#define GIC_SIZE    (2 * MIB)
#define UART_BASE   UINT64_C(0xff000000)
#define UART_SIZE   (4 * KIB)

static const struct mmu_range ranges[] = {
	{ OCM_BASE, OCM_SIZE, MMU_CODE },      { OWN_BASE, OWN_SIZE, MMU_RAM },
	{ WINDOW_BASE, WINDOW_SIZE, MMU_RAM }, { GIC_BASE, GIC_SIZE, MMU_DEVICE },
	{ UART_BASE, UART_SIZE, MMU_DEVICE },
};

static const struct wire_span window = { WINDOW_BASE, WINDOW_SIZE };
static const struct wire_span ram = { OWN_BASE, OWN_SIZE };

const struct port_facts port_facts = {
	.id = "zcu102",
	.ranges = ranges,
	.range_count = sizeof(ranges) / sizeof(ranges[0]),
	.windows = &window,
	.window_count = 1,
	.ram = &ram,
	.uart_base = UART_BASE,
	.uart_clock_hz = 100000000,
	.uart_baud = 115200,
};

const struct port_gic port_gic = { 0xf9010000, 0xf9020000, 53 /* SPI 21: UART 0 */ };

void port_init(void)
{
	gic_init();
}
