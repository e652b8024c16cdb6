/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/flash_cfi.h"
#include "loader/gic_v2.h"
#include "loader/port.h"

/*
 * qemu-system-aarch64 -M virt,secure=on: code in the first flash at 0, where reset
 * begins; 16 MiB of secure RAM at 0xe000000, of which the first MiB is ours
 * (loader.ld).
 */

#define MIB UINT64_C(0x100000)

#define FLASH_BASE  UINT64_C(0x00000000)
#define FLASH_SIZE  (64 * MIB)
#define KEPT_BASE   UINT64_C(0x04000000)  /* the second flash: keys and the counter */
#define KEPT_BLOCK  (UINT64_C(256) << 10) /* size of an erase block */
#define DEVICE_BASE UINT64_C(0x08000000)  /* GIC, UARTs */
#define DEVICE_SIZE (32 * MIB)
#define RAM_BASE    UINT64_C(0x0e000000)
#define RAM_SIZE    (16 * MIB)
#define OWN_SIZE    (1 * MIB)

/* The second PL011, which is visible only to the secure world. */
#define UART_BASE     UINT64_C(0x09040000)
#define UART_CLOCK_HZ 24000000
#define UART_BAUD     115200

#define GICD UINT64_C(0x08000000)
#define GICC UINT64_C(0x08010000)
enum { UART_INTERRUPT = 40 }; /* SPI 8: the second UART */

static const struct mmu_range ranges[] = {
	{ FLASH_BASE, FLASH_SIZE, MMU_CODE },
	{ KEPT_BASE, 2 * MIB, MMU_DEVICE },
	{ DEVICE_BASE, DEVICE_SIZE, MMU_DEVICE },
	{ RAM_BASE, RAM_SIZE, MMU_RAM },
};

static const struct wire_span window = { RAM_BASE + OWN_SIZE, RAM_SIZE - OWN_SIZE };
static const struct wire_span ram = { RAM_BASE, OWN_SIZE };

const struct port_facts port_facts = {
	.id = "qemu-virt",
	.ranges = ranges,
	.range_count = sizeof(ranges) / sizeof(ranges[0]),
	.windows = &window,
	.window_count = 1,
	.ram = &ram,
	.uart_base = UART_BASE,
	.uart_clock_hz = UART_CLOCK_HZ,
	.uart_baud = UART_BAUD,
};

const struct port_gic port_gic = { GICD, GICC, UART_INTERRUPT };

/* The first block of the second flash is for keys, the second block for the counter. */
static const struct flash keys = { KEPT_BASE, KEPT_BASE, KEPT_BLOCK };
static const struct flash counter = { KEPT_BASE, KEPT_BASE + KEPT_BLOCK, KEPT_BLOCK };

/* The watchdog may have ended a program command: then no key could be read. */
void port_init(void)
{
	flash_init(&keys);
	gic_init();
}

const uint8_t *port_kept(size_t *ret_bytes)
{
	*ret_bytes = KEPT_BLOCK - 4;
	return flash_is_there(&keys) ? (const uint8_t *)KEPT_BASE : NULL;
}

bool port_keep(size_t at, const uint8_t *bytes, size_t length)
{
	return flash_write(&keys, at, bytes, length);
}

bool port_counts(void)
{
	return flash_is_there(&counter);
}

uint64_t port_count(void)
{
	return flash_count(&counter);
}

bool port_count_to(uint64_t value)
{
	return flash_count_to(&counter, value);
}
