/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/uart.h"

#include "loader/device.h"
#include "loader/port.h"
#include "loader/timer.h"

/* Source: Zynq UltraScale+ Device Technical Reference Manual, UG1085, chapter "UART". */
enum {
	CR = 0x00,
	MR = 0x04,
	IER = 0x08,
	ISR = 0x14,
	BAUDGEN = 0x18,
	RTRIG = 0x20,
	SR = 0x2c,
	FIFO = 0x30,
	BDIV = 0x34
};
enum { CR_RESET = 3, CR_RX_ON = 1 << 2, CR_TX_ON = 1 << 4 };
enum { MR_8_N_1 = 0x20, SR_RX_EMPTY = 1 << 1, SR_TX_FULL = 1 << 4, INT_RX = 1 << 0 };
enum { DIVISOR = 6 }; /* samples per bit, minus one */

static uint64_t at(unsigned int offset)
{
	return port_facts.uart_base + offset;
}

void uart_init(void)
{
	put32(at(CR), CR_RESET);
	put32(at(MR), MR_8_N_1);
	put32(at(BAUDGEN),
	      port_facts.uart_clock_hz / (port_facts.uart_baud * (DIVISOR + 1)));
	put32(at(BDIV), DIVISOR);
	put32(at(RTRIG), 1); /* interrupt after one byte */
	put32(at(IER), INT_RX);
	put32(at(CR), CR_RX_ON | CR_TX_ON);
}

/* The interrupt is never taken, it only ends the WFI of port_wait, as does a time-out. */
uint8_t uart_read(void)
{
	put32(at(ISR), INT_RX);
	while (get32(at(SR)) & SR_RX_EMPTY) {
		port_wait();
		put32(at(ISR), INT_RX);
	}
	return (uint8_t)get32(at(FIFO));
}

void uart_write(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		uint64_t since = timer_now(), most = timer_ticks(UART_WRITE_MS);

		while (get32(at(SR)) & SR_TX_FULL)
			if (timer_over(since, most))
				return;
		put32(at(FIFO), bytes[i]);
	}
}
