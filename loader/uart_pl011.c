/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/uart.h"

#include "loader/port.h"
#include "loader/timer.h"

/* Source: Arm PrimeCell UART (PL011) Technical Reference Manual, DDI 0183 issue G, 3.3. */
enum {
	DR = 0x00,
	FR = 0x18,
	IBRD = 0x24,
	FBRD = 0x28,
	LCRH = 0x2c,
	CR = 0x30,
	IMSC = 0x38
};
enum { FR_RXFE = 1 << 4, FR_TXFF = 1 << 5 };
enum { LCRH_FIFO = 1 << 4, LCRH_8_BITS = 3 << 5 };
enum { CR_ON = 1 << 0, CR_TX = 1 << 8, CR_RX = 1 << 9 };
enum { INT_RX = 1 << 4, INT_RX_TIMEOUT = 1 << 6 };

static volatile uint32_t *at(size_t offset)
{
	return (volatile uint32_t *)(port_facts.uart_base + offset);
}

void uart_init(void)
{
	/* The divisor has 6 binary places: clock / (16 * baud) = 4 * clock / baud / 64 */
	uint32_t divisor = 4 * port_facts.uart_clock_hz / port_facts.uart_baud;

	*at(CR) = 0;
	*at(IBRD) = divisor / 64;
	*at(FBRD) = divisor % 64;
	*at(LCRH) = LCRH_8_BITS | LCRH_FIFO;
	*at(IMSC) = INT_RX | INT_RX_TIMEOUT;
	*at(CR) = CR_ON | CR_TX | CR_RX;
}

/*
 * The interrupt is never taken, it only ends the WFI of port_wait. A time-out ends it
 * too, as an interrupt may be lost.
 */
uint8_t uart_read(void)
{
	while (*at(FR) & FR_RXFE)
		port_wait();
	return (uint8_t)*at(DR);
}

void uart_write(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		uint64_t since = timer_now(), most = timer_ticks(UART_WRITE_MS);

		while (*at(FR) & FR_TXFF)
			if (timer_over(since, most))
				return;
		*at(DR) = bytes[i];
	}
}
