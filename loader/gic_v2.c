/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/gic_v2.h"

#include "loader/device.h"
#include "loader/port.h"
#include "loader/timer.h"

/* Source: Arm GIC v2, IHI 0048 issue B.b, chapter 4. */
enum {
	TIMER_INTERRUPT = 29, /* PPI: the secure physical timer */
	TIMER_PRIORITY = 0,
	UART_PRIORITY = 0xa0,
	PRIORITY_IDLE = 0xff
};

#define GICD            port_gic.distributor
#define GICC            port_gic.processor
#define UART_INTERRUPT  port_gic.uart_interrupt
#define GICD_CTLR       (GICD + 0x000)
#define GICD_IGROUPR    (GICD + 0x080) /* one bit per interrupt; 0: group 0, an FIQ */
#define GICD_ISENABLER  (GICD + 0x100)
#define GICD_ISACTIVER  (GICD + 0x300)
#define GICD_IPRIORITYR (GICD + 0x400) /* one byte per interrupt */
#define GICD_ITARGETSR  (GICD + 0x800)
#define GICC_CTLR       (GICC + 0x000)
#define GICC_PMR        (GICC + 0x004)
#define GICC_EOIR       (GICC + 0x010)
#define GICC_RPR        (GICC + 0x014)
#define GICC_AEOIR      (GICC + 0x024) /* end of interrupt, of group 1 */

enum { GROUPS_ON = 3, FIQ_ON = 1 << 3 };
enum { TIMER_ON = 1, TIMER_OFF = 0, WAIT_MS = 100 };

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
 * No code here acknowledges interrupts, but a stray read can. An interrupt left active
 * would keep the next one from ending a WFI.
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
 * Enable the UART's interrupt to this core, in group 1, where an IRQ only ends a WFI,
 * and the timer's in group 0, which also ends a WFI and is the watchdog's FIQ.
 */
void gic_init(void)
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

/* Interrupts are masked in PSTATE, but a pending one still ends the WFI. */
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
