/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/port.h"

/*
 * qemu-system-aarch64 -M virt,secure=on: code in the first flash at 0, where reset
 * begins; 16 MiB of secure RAM at 0xe000000, of which the first is ours (loader.ld).
 */

#define MIB UINT64_C(0x100000)

#define FLASH_BASE  UINT64_C(0x00000000)
#define FLASH_SIZE  (64 * MIB)
#define DEVICE_BASE UINT64_C(0x08000000) /* GIC, UARTs */
#define DEVICE_SIZE (32 * MIB)
#define RAM_BASE    UINT64_C(0x0e000000)
#define RAM_SIZE    (16 * MIB)
#define OWN_SIZE    (1 * MIB)

/* The second PL011, which only the secure world sees. */
#define UART_BASE     UINT64_C(0x09040000)
#define UART_CLOCK_HZ 24000000
#define UART_BAUD     115200

/* The second UART's interrupt: SPI 8. Source: Arm GIC v2, IHI 0048 issue B.b, chapter 4. */
enum { UART_INTERRUPT = 40 };

#define GICD            UINT64_C(0x08000000)
#define GICC            UINT64_C(0x08010000)
#define GICD_CTLR       (GICD + 0x000)
#define GICD_IGROUPR    (GICD + 0x080) /* one bit an interrupt; 0: group 0, secure */
#define GICD_ISENABLER  (GICD + 0x100)
#define GICD_IPRIORITYR (GICD + 0x400) /* one byte an interrupt */
#define GICD_ITARGETSR  (GICD + 0x800)
#define GICC_CTLR       (GICC + 0x000)
#define GICC_PMR        (GICC + 0x004)

static const struct mmu_range ranges[] = {
	{ FLASH_BASE, FLASH_SIZE, MMU_CODE },
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

static void put32(uint64_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

static void put8(uint64_t address, uint8_t value)
{
	*(volatile uint8_t *)address = value;
}

/* The UART's interrupt to this core, in group 0: enough to end a WFI. */
void port_init(void)
{
	volatile uint32_t *group =
		(volatile uint32_t *)(GICD_IGROUPR + 4 * (UART_INTERRUPT / 32));

	*group &= ~(1u << UART_INTERRUPT % 32);
	put8(GICD_IPRIORITYR + UART_INTERRUPT, 0);
	put8(GICD_ITARGETSR + UART_INTERRUPT, 1);
	put32(GICD_ISENABLER + 4 * (UART_INTERRUPT / 32), 1u << UART_INTERRUPT % 32);
	put32(GICD_CTLR, 1);
	put32(GICC_PMR, 0xff);
	put32(GICC_CTLR, 1);
}

/* Interrupts stay masked in PSTATE; a pending one ends the WFI all the same. */
void port_wait(void)
{
	__asm__ volatile("dsb sy\n\twfi" : : : "memory");
}
