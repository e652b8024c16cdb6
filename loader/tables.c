/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/guard.h"

/*
 * Where the walker would go in the staged tables. Source of the bits: Arm ARM, DDI
 * 0487, D8.3 (64-bit descriptors; the same in AArch32) and G5.4 (short descriptors).
 */

enum { LONG_ENTRY = 8, SHORT_ENTRY = 4, PAGE_TABLE = 1024 };

#define LONG_TABLE   UINT64_C(3)
#define LONG_NSTABLE (UINT64_C(1) << 63)
#define LONG_NEXT    UINT64_C(0x000ffffffffff000) /* more bits than any table may use */
#define SHORT_TYPE   UINT64_C(3)
#define SHORT_TABLE  UINT64_C(1)
#define SHORT_NEXT   UINT64_C(0xfffffc00)

static uint64_t staged_word(const struct loader *loader, uint32_t offset, unsigned width)
{
	const uint8_t *bytes = loader->port->staging + offset;
	uint64_t word = 0;

	for (unsigned i = width; i-- > 0;)
		word = word << 8 | bytes[i];
	return word;
}

/* Note where the table's entries point. False: one of them points outside of the pool. */
static bool follow(struct loader *loader, uint32_t table, uint32_t bytes,
		   unsigned int level, struct wire_leaving *ret_leaving)
{
	const struct wire_span pool = { loader->begin.pool_pa, loader->begin.length };

	for (uint32_t at = table; at < table + bytes; at += LONG_ENTRY) {
		uint64_t descriptor = staged_word(loader, at, LONG_ENTRY);
		uint64_t next = descriptor & LONG_NEXT;

		if ((descriptor & LONG_TABLE) != LONG_TABLE)
			continue;
		if (descriptor & LONG_NSTABLE || !guard_inside(next, GUARD_PAGE, &pool)) {
			*ret_leaving = (struct wire_leaving){ at, descriptor };
			return false;
		}
		loader->reached[(next - pool.base) / GUARD_PAGE] |= 1u << (level + 1);
	}
	return true;
}

static bool follow_level(struct loader *loader, unsigned int level,
			 struct wire_leaving *ret_leaving)
{
	for (uint32_t page = 0; page < loader->begin.length / GUARD_PAGE; page++)
		if (loader->reached[page] >> level & 1 &&
		    !follow(loader, page * GUARD_PAGE, GUARD_PAGE, level, ret_leaving))
			return false;
	return true;
}

/* Visit each page once per level, so that tables that point to themselves end too. */
static bool long_tables_stay(struct loader *loader, const struct guard_base *base,
			     struct wire_leaving *ret_leaving)
{
	uint32_t at = (uint32_t)(base->pa - loader->begin.pool_pa);

	for (uint32_t page = 0; page < loader->begin.length / GUARD_PAGE; page++)
		loader->reached[page] = 0;
	if (base->level < GUARD_LAST_LEVEL &&
	    !follow(loader, at, base->bytes, base->level, ret_leaving))
		return false;
	for (unsigned int level = base->level + 1; level < GUARD_LAST_LEVEL; level++)
		if (!follow_level(loader, level, ret_leaving))
			return false;
	return true;
}

/* Level 1 points to tables of 1 KiB, which are the last level. */
static bool short_tables_stay(struct loader *loader, const struct guard_base *base,
			      struct wire_leaving *ret_leaving)
{
	const struct wire_span pool = { loader->begin.pool_pa, loader->begin.length };
	uint32_t from = (uint32_t)(base->pa - loader->begin.pool_pa);

	for (uint32_t at = from; at < from + base->bytes; at += SHORT_ENTRY) {
		uint64_t descriptor = staged_word(loader, at, SHORT_ENTRY);

		if ((descriptor & SHORT_TYPE) != SHORT_TABLE ||
		    guard_inside(descriptor & SHORT_NEXT, PAGE_TABLE, &pool))
			continue;
		*ret_leaving = (struct wire_leaving){ at, descriptor };
		return false;
	}
	return true;
}

bool loader_tables_stay(struct loader *loader, struct wire_leaving *ret_leaving)
{
	struct guard_bases bases;

	guard_bases_of(&loader->begin, &bases);
	for (unsigned int i = 0; i < bases.count; i++) {
		const struct guard_base *base = &bases.base[i];

		if (loader->begin.regime == WIRE_AARCH32_SHORT
			    ? !short_tables_stay(loader, base, ret_leaving)
			    : !long_tables_stay(loader, base, ret_leaving))
			return false;
	}
	return true;
}
