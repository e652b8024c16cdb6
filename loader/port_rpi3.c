/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/device.h"
#include "loader/port.h"
#include "loader/timer.h"

/*
 * Raspberry Pi 3: loaded at 0 as an armstub, at EL3. No memory is protected from the
 * non-secure world; the window is where OP-TEE's port for this board is. Source:
 * BCM2835 ARM Peripherals, chapters 6 and 13; BCM2836 ARM-local peripherals (QA7), 4.6.
 */

#define MIB UINT64_C(0x100000)

#define LOCAL_BASE UINT64_C(0x40000000)

#define GPIO_SELECT_1 UINT64_C(0x3f200004) /* three bits per pin, starting with pin 10 */
#define LOCAL_CONTROL (LOCAL_BASE + 0x00)
#define LOCAL_SCALE   (LOCAL_BASE + 0x08)
#define CORE_0_TIMERS (LOCAL_BASE + 0x40)

enum { SCALE_ONE = 0x80000000, SECURE_TIMER_AS_FIQ = 1 << 4, CRYSTAL_HZ = 19200000 };
enum { SELECT_ALT_0 = 4, PIN_14 = 12, PIN_15 = 15, SELECT_MASK = 7 };
enum { TIMER_OFF = 0, TIMER_ON = 1 };

/* clang-format off */
const struct port_facts port_facts = {
	.id = "rpi3",
	.uart_base = 0x3f201000,
	.uart_clock_hz = 48000000,
	.uart_baud = 115200,
	.ranges = {
		{ 0x00000000,  2 * MIB, MMU_CODE },
		{ 0x02000000,  2 * MIB, MMU_OWN },
		{ 0x10000000, 32 * MIB, MMU_WINDOW },
		{ 0x3f000000, 16 * MIB, MMU_DEVICE }, /* the peripherals of the BCM2835 */
		{ LOCAL_BASE,  2 * MIB, MMU_DEVICE },
	},
};
/* clang-format on */

/* Connect pins 14 and 15 (8 and 10 of the header) to the PL011. */
static void connect_uart(void)
{
	uint32_t select = get32(GPIO_SELECT_1);

	select &= ~(uint32_t)(SELECT_MASK << PIN_14 | SELECT_MASK << PIN_15);
	put32(GPIO_SELECT_1, select | SELECT_ALT_0 << PIN_14 | SELECT_ALT_0 << PIN_15);
}

static void set_timer(uint64_t ms, uint64_t control)
{
	__asm__ volatile("msr cntps_tval_el1, %0\n\tmsr cntps_ctl_el1, %1\n\tisb"
			 :
			 : "r"(timer_ticks(ms)), "r"(control)
			 : "memory");
}

/*
 * The counter runs from the crystal. We are loaded in place of the armstub, which sets it
 * up.
 */
static void start_counter(void)
{
	uint64_t hz;

	put32(LOCAL_CONTROL, 0);
	put32(LOCAL_SCALE, (uint32_t)SCALE_ONE);
	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	if (!hz)
		__asm__ volatile("msr cntfrq_el0, %0" : : "r"((uint64_t)CRYSTAL_HZ));
}

void port_init(void)
{
	__asm__ volatile("msr daifset, #3" : : : "memory");
	start_counter();
	set_timer(0, TIMER_OFF);
	put32(CORE_0_TIMERS, SECURE_TIMER_AS_FIQ);
	connect_uart();
}

void port_wait(void)
{
	__asm__ volatile("msr daifset, #3" : : : "memory");
	set_timer(0, TIMER_OFF);
}

/*
 * The board's own watchdog is not used: it would also reset the VideoCore, and with it
 * everything that it has loaded.
 */
void port_watch(void)
{
	set_timer(LOADER_WATCHDOG_MS, TIMER_ON);
	__asm__ volatile("msr daifclr, #1" : : : "memory");
}
