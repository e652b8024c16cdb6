/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/core.h"

enum {
	PAGE = 4096,
	ENTRY = 8,
	ENTRIES = 512,
	LAST_LEVEL = 3,
	T0SZ_LEAST = 16,
	T0SZ_MOST = 39
};

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

/* Nine bits of an address go to each level, 12 to the page, what is left to the first. */
static unsigned int first_level(unsigned int va_bits)
{
	unsigned int level = 0;

	while (va_bits <= 12 + 9 * (LAST_LEVEL - level))
		level++;
	return level;
}

static unsigned int base_entries(unsigned int va_bits)
{
	return 1u << (va_bits - 12 - 9 * (LAST_LEVEL - first_level(va_bits)));
}

static unsigned int va_bits_of(uint64_t tcr)
{
	return 64 - (unsigned int)(tcr & TCR_T0SZ);
}

/* Where T0SZ is reserved, processors differ in what they make of it. */
static bool t0sz_reserved(uint64_t tcr)
{
	return (tcr & TCR_T0SZ) < T0SZ_LEAST || (tcr & TCR_T0SZ) > T0SZ_MOST;
}

static enum wire_status registers(const struct wire_begin *begin)
{
	uint64_t base = begin->ttbr0_el1 & TTBR_BADDR, size;
	struct wire_span pool = { begin->pool_pa, begin->length };

	if (begin->tcr_el1 & ~TCR_KNOWN || t0sz_reserved(begin->tcr_el1))
		return WIRE_TCR_UNKNOWN;
	size = ENTRY * (uint64_t)base_entries(va_bits_of(begin->tcr_el1));
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
	if (begin->length > loader_staging(port))
		return WIRE_LENGTH_OVER;
	status = place(port, begin->pool_pa, begin->length);
	return status == WIRE_OK ? registers(begin) : status;
}

uint32_t loader_staging(const struct loader_port *port)
{
	const uint32_t most = LOADER_PAGES_MAX * PAGE;

	return port->staging_bytes < most ? port->staging_bytes : most;
}

/* --- where the walker would go --- */

#define DESC_TABLE   UINT64_C(3)
#define DESC_NSTABLE (UINT64_C(1) << 63)
#define DESC_NEXT    UINT64_C(0x000ffffffffff000) /* more bits than any table may use */

static uint64_t staged_word(const struct loader *loader, uint32_t offset)
{
	const uint8_t *bytes = loader->port->staging + offset;
	uint64_t word = 0;

	for (int i = ENTRY; i-- > 0;)
		word = word << 8 | bytes[i];
	return word;
}

/* Note where the table's entries lead. False: one of them leaves the pool. */
static bool follow(struct loader *loader, uint32_t table, unsigned int entries,
		   unsigned int level, struct wire_leaving *ret_leaving)
{
	const struct wire_span pool = { loader->begin.pool_pa, loader->begin.length };

	for (uint32_t at = table; at < table + ENTRY * entries; at += ENTRY) {
		uint64_t descriptor = staged_word(loader, at);
		uint64_t next = descriptor & DESC_NEXT;

		if ((descriptor & DESC_TABLE) != DESC_TABLE)
			continue;
		if (descriptor & DESC_NSTABLE || !inside(next, PAGE, &pool)) {
			*ret_leaving = (struct wire_leaving){ at, descriptor };
			return false;
		}
		loader->reached[(next - pool.base) / PAGE] |= 1u << (level + 1);
	}
	return true;
}

static bool follow_level(struct loader *loader, unsigned int level,
			 struct wire_leaving *ret_leaving)
{
	for (uint32_t page = 0; page < loader->begin.length / PAGE; page++)
		if (loader->reached[page] >> level & 1 &&
		    !follow(loader, page * PAGE, ENTRIES, level, ret_leaving))
			return false;
	return true;
}

/* Each page once for each level: tables that lead to themselves end here, too. */
bool loader_tables_stay(struct loader *loader, struct wire_leaving *ret_leaving)
{
	const struct wire_begin *begin = &loader->begin;
	uint32_t base = (uint32_t)((begin->ttbr0_el1 & TTBR_BADDR) - begin->pool_pa);
	unsigned int va_bits = va_bits_of(begin->tcr_el1);
	unsigned int level = first_level(va_bits);

	for (size_t i = 0; i < LOADER_PAGES_MAX; i++)
		loader->reached[i] = 0;
	if (level < LAST_LEVEL &&
	    !follow(loader, base, base_entries(va_bits), level, ret_leaving))
		return false;
	while (++level < LAST_LEVEL)
		if (!follow_level(loader, level, ret_leaving))
			return false;
	return true;
}
