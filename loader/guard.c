/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/guard.h"

#define PA_LIMIT   (UINT64_C(1) << 48)
#define PA_LIMIT32 (UINT64_C(1) << 32)

/* These sums cannot wrap: pool and spans end at 2^48 at most. */
bool guard_inside(uint64_t base, uint64_t size, const struct wire_span *span)
{
	return base >= span->base && base - span->base <= span->size &&
	       size <= span->size - (base - span->base);
}

static bool span_overlaps(uint64_t base, uint64_t size, const struct wire_span *span)
{
	return base < span->base + span->size && span->base < base + size;
}

static enum wire_status check_place(const struct loader_port *port, uint64_t pa,
				    uint64_t length, uint64_t limit)
{
	size_t i;

	if (pa % GUARD_PAGE)
		return WIRE_POOL_UNALIGNED;
	if (pa >= limit || length > limit - pa)
		return WIRE_POOL_WRAPS;
	for (i = 0; i < port->own_count; i++)
		if (span_overlaps(pa, length, &port->own[i]))
			return WIRE_POOL_OVER_SELF;
	for (i = 0; i < port->window_count; i++)
		if (guard_inside(pa, length, &port->windows[i]))
			return WIRE_OK;
	return WIRE_POOL_OUTSIDE;
}

/* --- base tables --- */

/* Each level uses nine bits of an address, the page 12, and the first level the rest. */
static struct guard_base long_base(uint64_t ttbr, unsigned int va_bits)
{
	struct guard_base base = { .pa = ttbr & UINT64_C(0x0000fffffffffffe) };

	while (va_bits <= 12 + 9 * (GUARD_LAST_LEVEL - base.level))
		base.level++;
	base.bytes = 8u << (va_bits - 12 - 9 * (GUARD_LAST_LEVEL - base.level));
	base.low_bits = base.bytes - 1;
	return base;
}

/*
 * A level 1 table has 16 KiB, TTBR0's less according to TTBCR.N; bits 6:0 are
 * attributes.
 */
static struct guard_base short_base(uint64_t ttbr, unsigned int n)
{
	uint32_t bytes = (16u << 10) >> n;

	return (struct guard_base){ .pa = ttbr & ~(uint64_t)0x7f,
				    .bytes = bytes,
				    .level = 1,
				    .low_bits = bytes - 1 };
}

/*
 * Fields of TCR_EL1 that a push may set: T0SZ, EPD0, the cacheability of walks, all
 * fields of TTBR1, IPS, AS, TBI. Not TG0, which would change the size of the base
 * table; and not HA and HD: with them the walker itself writes to what it takes for
 * tables, wherever that is. For TTBCR the corresponding fields.
 */
#define TCR_T0SZ      UINT64_C(0x3f)
#define TCR_EPD1      (UINT64_C(1) << 23)
#define TCR_KNOWN     UINT64_C(0x00000077ffff3fbf)
#define TTBCR_EAE     (UINT64_C(1) << 31)
#define TTBCR_T0SZ    UINT64_C(7)
#define TTBCR_LONG    UINT64_C(0xbfc73f87)
#define TTBCR_N       UINT64_C(7)
#define TTBCR_PD0     (UINT64_C(1) << 4)
#define TTBCR_PD1     (UINT64_C(1) << 5)
#define TTBCR_SHORT   UINT64_C(0x37)
#define TTBR_REGISTER UINT64_C(0xffffffff)

enum { T0SZ_LEAST = 16, T0SZ_MOST = 39 };

static enum wire_status bases64(const struct wire_begin *begin, struct guard_bases *bases)
{
	unsigned int t0sz = (unsigned int)(begin->registers[WIRE_TCR] & TCR_T0SZ);

	/* Processors differ in how they treat reserved values of T0SZ. */
	if (begin->registers[WIRE_TCR] & ~TCR_KNOWN || t0sz < T0SZ_LEAST ||
	    t0sz > T0SZ_MOST)
		return WIRE_TCR_UNKNOWN;
	bases->base[bases->count++] = long_base(begin->registers[WIRE_TTBR0], 64 - t0sz);
	return begin->registers[WIRE_TCR] & TCR_EPD1 ? WIRE_OK : WIRE_TTBR1_OPEN;
}

static enum wire_status bases_long(const struct wire_begin *begin,
				   struct guard_bases *bases)
{
	if (begin->registers[WIRE_TCR] & ~TTBCR_LONG ||
	    !(begin->registers[WIRE_TCR] & TTBCR_EAE))
		return WIRE_TCR_UNKNOWN;
	bases->base[bases->count++] =
		long_base(begin->registers[WIRE_TTBR0],
			  32 - (unsigned int)(begin->registers[WIRE_TCR] & TTBCR_T0SZ));
	return begin->registers[WIRE_TCR] & TCR_EPD1 ? WIRE_OK : WIRE_TTBR1_OPEN;
}

/* With N = 0 TTBR1 is not used; PD0 and PD1 disable walks. */
static enum wire_status bases_short(const struct wire_begin *begin,
				    struct guard_bases *bases)
{
	unsigned int n = (unsigned int)(begin->registers[WIRE_TCR] & TTBCR_N);

	if (begin->registers[WIRE_TCR] & ~TTBCR_SHORT)
		return WIRE_TCR_UNKNOWN;
	if (!(begin->registers[WIRE_TCR] & TTBCR_PD0))
		bases->base[bases->count++] = short_base(begin->registers[WIRE_TTBR0], n);
	if (n && !(begin->registers[WIRE_TCR] & TTBCR_PD1))
		bases->base[bases->count++] = short_base(begin->registers[WIRE_TTBR1], 0);
	return (begin->registers[WIRE_TTBR0] | begin->registers[WIRE_TTBR1]) &
			       ~TTBR_REGISTER
		       ? WIRE_TTBR0_OUTSIDE
		       : WIRE_OK;
}

typedef enum wire_status regime_bases(const struct wire_begin *begin,
				      struct guard_bases *bases);

static regime_bases *const regimes[WIRE_REGIME_COUNT] = {
	[WIRE_AARCH64] = bases64,
	[WIRE_AARCH32_LONG] = bases_long,
	[WIRE_AARCH32_SHORT] = bases_short,
};

enum wire_status guard_bases_of(const struct wire_begin *begin,
				struct guard_bases *ret_bases)
{
	*ret_bases = (struct guard_bases){ 0 };
	return regimes[begin->regime](begin, ret_bases);
}

static enum wire_status registers(const struct wire_begin *begin)
{
	struct wire_span pool = { begin->pool_pa, begin->length };
	struct guard_bases bases;
	enum wire_status status = guard_bases_of(begin, &bases);

	if (status == WIRE_TCR_UNKNOWN)
		return status;
	for (unsigned int i = 0; i < bases.count; i++) {
		const struct guard_base *base = &bases.base[i];

		if (base->pa & base->low_bits)
			return WIRE_TTBR0_UNALIGNED;
		if (!guard_inside(base->pa, base->bytes, &pool))
			return WIRE_TTBR0_OUTSIDE;
	}
	return status;
}

enum wire_status loader_guard(const struct loader_port *port,
			      const struct wire_begin *begin)
{
	uint64_t limit = begin->regime == WIRE_AARCH64 ? PA_LIMIT : PA_LIMIT32;
	enum wire_status status;

	if (begin->regime >= WIRE_REGIME_COUNT ||
	    (begin->regime != WIRE_AARCH64 && !port->has_aarch32))
		return WIRE_REGIME_UNKNOWN;
	if (begin->length == 0 || begin->length % GUARD_PAGE)
		return WIRE_LENGTH_BAD;
	if (begin->length > loader_staging(port))
		return WIRE_LENGTH_OVER;
	status = check_place(port, begin->pool_pa, begin->length, limit);
	return status == WIRE_OK ? registers(begin) : status;
}

uint32_t loader_staging(const struct loader_port *port)
{
	const uint32_t most = LOADER_PAGES_MAX * GUARD_PAGE;
	uint32_t bytes = port->staging_bytes < most ? port->staging_bytes : most;

	return bytes - bytes % GUARD_PAGE;
}

#define PAR_F    UINT64_C(1)
#define PAR_NS   (UINT64_C(1) << 9)
#define PAR_PA   UINT64_C(0x0000fffffffff000)
#define PAR_ATTR 56

/* Device memory is never executed; bits 7:4 of its attribute are zero. */
bool loader_may_plant(const struct loader *loader, uint64_t par, uint64_t va,
		      uint64_t *ret_pa)
{
	const struct loader_port *port = loader->port;
	uint64_t pa = (par & PAR_PA) | (va & (GUARD_PAGE - 4));
	const struct wire_span *pool = &(struct wire_span){ loader->live_begin.pool_pa,
							    loader->live_begin.length };

	if (par & (PAR_F | PAR_NS) || !(par >> PAR_ATTR >> 4) || va % 4 ||
	    span_overlaps(pa, 4, pool))
		return false;
	*ret_pa = pa;
	return check_place(port, par & PAR_PA, GUARD_PAGE, PA_LIMIT) == WIRE_OK;
}
