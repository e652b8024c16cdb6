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

/* clang-format off */
const struct port_facts port_facts = {
	.id = "zcu102",
	.uart_base = 0xff000000,
	.uart_clock_hz = 100000000,
	.uart_baud = 115200,
	.ranges = {
		{ 0xfffea000,  88 * KIB, MMU_CODE },   /* the end of the on-chip memory */
		{ 0x5fe00000,   2 * MIB, MMU_OWN },
		{ 0x60000000, 256 * MIB, MMU_WINDOW }, /* OP-TEE's memory, and its shared memory */
		{ 0xf9000000,   2 * MIB, MMU_DEVICE }, /* the interrupt controller */
		{ 0xff000000,   4 * KIB, MMU_DEVICE }, /* the UART */
	},
};
/* clang-format on */

const struct port_gic port_gic = { 0xf9010000, 0xf9020000, 53 /* SPI 21: UART 0 */ };

void port_init(void)
{
	gic_init();
}
