/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/core.h"

enum { PAGE = 4096, ENTRY = 8, T0SZ_LEAST = 16, T0SZ_MOST = 39 };

#define PA_LIMIT   (UINT64_C(1) << 48)
#define TTBR_BADDR UINT64_C(0x0000fffffffffffe) /* bits 47:1; bit 0 is CnP */

/*
 * Fields of TCR_EL1 that a push may set: T0SZ, EPD0, how walks are cached, all of TTBR1's,
 * IPS, AS, TBI. Not TG0, as the base table's size would be another; and not HA and HD:
 * with them the walker itself writes to what it takes for tables, wherever that lies.
 */
#define TCR_T0SZ  UINT64_C(0x3f)
#define TCR_EPD1  (UINT64_C(1) << 23)
#define TCR_KNOWN UINT64_C(0x00000077ffff3fbf)

/* None of these can wrap: pool and spans end at 2^48 at the latest. */
static bool inside(uint64_t base, uint64_t size, const struct wire_span *span)
{
	return base >= span->base && base - span->base <= span->size &&
	       size <= span->size - (base - span->base);
}

static bool overlap(uint64_t base, uint64_t size, const struct wire_span *span)
{
	return base < span->base + span->size && span->base < base + size;
}

static enum wire_status place(const struct loader_port *port, uint64_t pa,
			      uint64_t length)
{
	size_t i;

	if (pa % PAGE)
		return WIRE_POOL_UNALIGNED;
	if (pa >= PA_LIMIT || length > PA_LIMIT - pa)
		return WIRE_POOL_WRAPS;
	for (i = 0; i < port->own_count; i++)
		if (overlap(pa, length, &port->own[i]))
			return WIRE_POOL_OVER_SELF;
	for (i = 0; i < port->window_count; i++)
		if (inside(pa, length, &port->windows[i]))
			return WIRE_OK;
	return WIRE_POOL_OUTSIDE;
}

/*
 * Bytes of the base table: nine bits of address go to each level, what is left to the
 * first. Where T0SZ is reserved, a processor may read a whole page.
 */
static uint64_t base_table_bytes(uint64_t tcr)
{
	unsigned int t0sz = (unsigned int)(tcr & TCR_T0SZ), va_bits = 64 - t0sz;

	if (t0sz < T0SZ_LEAST || t0sz > T0SZ_MOST)
		return PAGE;
	return (uint64_t)ENTRY << ((va_bits - 13) % 9 + 1);
}

static enum wire_status registers(const struct wire_begin *begin)
{
	uint64_t base = begin->ttbr0_el1 & TTBR_BADDR;
	uint64_t size = base_table_bytes(begin->tcr_el1);
	struct wire_span pool = { begin->pool_pa, begin->length };

	if (begin->tcr_el1 & ~TCR_KNOWN)
		return WIRE_TCR_UNKNOWN;
	if (base % size)
		return WIRE_TTBR0_UNALIGNED;
	if (!inside(base, size, &pool))
		return WIRE_TTBR0_OUTSIDE;
	return begin->tcr_el1 & TCR_EPD1 ? WIRE_OK : WIRE_TTBR1_OPEN;
}

enum wire_status loader_guard(const struct loader_port *port,
			      const struct wire_begin *begin)
{
	enum wire_status status;

	if (begin->length == 0 || begin->length % PAGE)
		return WIRE_LENGTH_BAD;
	if (begin->length > port->staging_bytes)
		return WIRE_LENGTH_OVER;
	status = place(port, begin->pool_pa, begin->length);
	return status == WIRE_OK ? registers(begin) : status;
}
