/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/device.h"
#include "loader/port.h"
#include "loader/timer.h"

/*
 * QEMU's sbsa-ref, the machine for server firmware: code in the first flash, 512 MiB of secure
 * RAM, the UART of the secure world, and the watchdog of the SBSA, which resets the board.
 */

#define MIB UINT64_C(0x100000)

/* clang-format off */
const struct port_facts port_facts = {
	.id = "sbsa-ref",
	.uart_base = 0x60030000,
	.uart_clock_hz = 24000000,
	.uart_baud = 115200,
	.ranges = {
		{ 0x00000000,  64 * MIB, MMU_CODE },   /* the first flash */
		{ 0x20000000,   2 * MIB, MMU_OWN },
		{ 0x20200000, 510 * MIB, MMU_WINDOW }, /* the rest of the secure RAM */
		{ 0x50000000,   2 * MIB, MMU_DEVICE }, /* the watchdog */
		{ 0x60000000,   2 * MIB, MMU_DEVICE }, /* UARTs */
	},
};
/* clang-format on */

/* Source: Arm Base System Architecture, DEN0094C, appendix "Generic Watchdog". */
#define WATCHDOG_WCS UINT64_C(0x50011000)
#define WATCHDOG_WOR UINT64_C(0x50011008)
enum { WATCHDOG_OFF = 0, WATCHDOG_ON = 1 };

void port_init(void)
{
	put32(WATCHDOG_WCS, WATCHDOG_OFF);
}

void port_wait(void)
{
	put32(WATCHDOG_WCS, WATCHDOG_OFF);
}

/* The first time-out only raises a signal, the second one resets. */
void port_watch(void)
{
	put32(WATCHDOG_WCS, WATCHDOG_OFF);
	put32(WATCHDOG_WOR, (uint32_t)timer_ticks(LOADER_WATCHDOG_MS / 2));
	put32(WATCHDOG_WCS, WATCHDOG_ON);
}
