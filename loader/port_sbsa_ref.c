/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/device.h"
#include "loader/port.h"
#include "loader/timer.h"

/*
 * QEMU's sbsa-ref, the machine for server firmware: code in the first flash, 512 MiB of secure
 * RAM, the UART of the secure world, and the watchdog of the SBSA, which resets the board.
 */

#define MIB UINT64_C(0x100000)

#define FLASH_SIZE  (64 * MIB)
#define RAM_BASE    UINT64_C(0x20000000)
#define RAM_SIZE    (512 * MIB)
#define OWN_SIZE    (2 * MIB)
#define DEVICE_BASE UINT64_C(0x50000000) /* the watchdog */
#define UARTS_BASE  UINT64_C(0x60000000)
#define UART_BASE   UINT64_C(0x60030000)

static const struct mmu_range ranges[] = {
	{ 0, FLASH_SIZE, MMU_CODE },
	{ RAM_BASE, RAM_SIZE, MMU_RAM },
	{ DEVICE_BASE, 2 * MIB, MMU_DEVICE },
	{ UARTS_BASE, 2 * MIB, MMU_DEVICE },
};

static const struct wire_span window = { RAM_BASE + OWN_SIZE, RAM_SIZE - OWN_SIZE };
static const struct wire_span ram = { RAM_BASE, OWN_SIZE };

const struct port_facts port_facts = {
	.id = "sbsa-ref",
	.ranges = ranges,
	.range_count = sizeof(ranges) / sizeof(ranges[0]),
	.windows = &window,
	.window_count = 1,
	.ram = &ram,
	.uart_base = UART_BASE,
	.uart_clock_hz = 24000000,
	.uart_baud = 115200,
};

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
