/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/flash_cfi.h"
#include "loader/port.h"
#include "loader/timer.h"

/*
 * qemu-system-aarch64 -M virt,secure=on: code in the first flash at 0, where reset
 * begins; 16 MiB of secure RAM at 0xe000000, of which the first is ours (loader.ld).
 */

#define MIB UINT64_C(0x100000)

#define FLASH_BASE  UINT64_C(0x00000000)
#define FLASH_SIZE  (64 * MIB)
#define KEPT_BASE   UINT64_C(0x04000000)  /* the second flash: keys and the counter */
#define KEPT_BLOCK  (UINT64_C(256) << 10) /* of one erasure */
#define DEVICE_BASE UINT64_C(0x08000000)  /* GIC, UARTs */
#define DEVICE_SIZE (32 * MIB)
#define RAM_BASE    UINT64_C(0x0e000000)
#define RAM_SIZE    (16 * MIB)
#define OWN_SIZE    (1 * MIB)

/* The second PL011, which only the secure world sees. */
#define UART_BASE     UINT64_C(0x09040000)
#define UART_CLOCK_HZ 24000000
#define UART_BAUD     115200

/* Source: Arm GIC v2, IHI 0048 issue B.b, chapter 4. */
enum {
	TIMER_INTERRUPT = 29, /* PPI: the secure physical timer */
	UART_INTERRUPT = 40,  /* SPI 8: the second UART */
	TIMER_PRIORITY = 0,
	UART_PRIORITY = 0xa0,
	PRIORITY_IDLE = 0xff
};

#define GICD            UINT64_C(0x08000000)
#define GICC            UINT64_C(0x08010000)
#define GICD_CTLR       (GICD + 0x000)
#define GICD_IGROUPR    (GICD + 0x080) /* one bit an interrupt; 0: group 0, an FIQ */
#define GICD_ISENABLER  (GICD + 0x100)
#define GICD_ISACTIVER  (GICD + 0x300)
#define GICD_IPRIORITYR (GICD + 0x400) /* one byte an interrupt */
#define GICD_ITARGETSR  (GICD + 0x800)
#define GICC_CTLR       (GICC + 0x000)
#define GICC_PMR        (GICC + 0x004)
#define GICC_EOIR       (GICC + 0x010)
#define GICC_RPR        (GICC + 0x014)
#define GICC_AEOIR      (GICC + 0x024) /* of group 1 */

enum { GROUPS_ON = 3, FIQ_ON = 1 << 3 };
enum { TIMER_ON = 1, TIMER_OFF = 0, WAIT_MS = 100 };

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

static void put32(uint64_t address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}

static uint32_t get32(uint64_t address)
{
	return *(volatile uint32_t *)address;
}

static void put8(uint64_t address, uint8_t value)
{
	*(volatile uint8_t *)address = value;
}

static void set_timer(uint64_t ms)
{
	__asm__ volatile("msr cntps_tval_el1, %0\n\t"
			 "msr cntps_ctl_el1, %1\n\t"
			 "isb"
			 :
			 : "r"(timer_ticks(ms)), "r"((uint64_t)TIMER_ON)
			 : "memory");
}

static bool is_active(unsigned int interrupt)
{
	return get32(GICD_ISACTIVER + 4 * (interrupt / 32)) >> interrupt % 32 & 1;
}

/*
 * Nobody acknowledges interrupts here, but a stray read can: what is active then would
 * keep the next one from ending a WFI.
 */
static void end_active(void)
{
	if (get32(GICC_RPR) >= PRIORITY_IDLE)
		return;
	if (is_active(TIMER_INTERRUPT))
		put32(GICC_EOIR, TIMER_INTERRUPT);
	if (is_active(UART_INTERRUPT))
		put32(GICC_AEOIR, UART_INTERRUPT);
}

/*
 * The UART's interrupt to this core, in group 1, whose IRQ only ends a WFI; and the
 * timer's in group 0, which ends one as well, and is the watchdog's FIQ.
 */
void port_init(void)
{
	uint64_t group = GICD_IGROUPR + 4 * (UART_INTERRUPT / 32);

	__asm__ volatile("msr daifset, #3\n\tmsr cntps_ctl_el1, %0\n\tisb"
			 :
			 : "r"((uint64_t)TIMER_OFF)
			 : "memory");
	put32(group, get32(group) | 1u << UART_INTERRUPT % 32);
	put32(GICD_IGROUPR, get32(GICD_IGROUPR) & ~(1u << TIMER_INTERRUPT));
	put8(GICD_IPRIORITYR + UART_INTERRUPT, UART_PRIORITY);
	put8(GICD_IPRIORITYR + TIMER_INTERRUPT, TIMER_PRIORITY);
	put8(GICD_ITARGETSR + UART_INTERRUPT, 1);
	put32(GICD_ISENABLER, 1u << TIMER_INTERRUPT);
	put32(GICD_ISENABLER + 4 * (UART_INTERRUPT / 32), 1u << UART_INTERRUPT % 32);
	put32(GICD_CTLR, GROUPS_ON);
	put32(GICC_PMR, 0xff);
	put32(GICC_CTLR, GROUPS_ON | FIQ_ON);
	end_active();
}

/* Interrupts are masked in PSTATE; a pending one ends the WFI all the same. */
void port_wait(void)
{
	__asm__ volatile("msr daifset, #3" : : : "memory");
	end_active();
	set_timer(WAIT_MS);
	__asm__ volatile("dsb sy\n\twfi" : : : "memory");
}

void port_watch(void)
{
	set_timer(LOADER_WATCHDOG_MS);
	__asm__ volatile("msr daifclr, #1" : : : "memory");
}

/* The first block of the second flash for keys, the second block for the counter. */
static const struct flash keys = { KEPT_BASE, KEPT_BASE, KEPT_BLOCK };
static const struct flash counter = { KEPT_BASE, KEPT_BASE + KEPT_BLOCK, KEPT_BLOCK };

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
