/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RANGE_H
#define MMP_RANGE_H

/*
 * The firmware's own predicates on unchecked ranges (core/kernel/tee_misc.c): all three
 * are false if either range is empty or wraps. `mask` is the width of the type that the
 * firmware computes in: UINT64_MAX or UINT32_MAX.
 */

#include <stdbool.h>
#include <stdint.h>

/* Whether a range is empty or wraps. */
static inline bool mmp_range_bad(uint64_t base, uint64_t size, uint64_t mask)
{
	return !(size & mask) || ((base - 1 + size) & mask) < (base & mask);
}

/* The last byte of a range that is neither empty nor wraps. */
static inline uint64_t mmp_range_last(uint64_t base, uint64_t size, uint64_t mask)
{
	return (base + size - 1) & mask;
}

/* Whether the first range is inside the second. */
static inline bool mmp_range_inside(uint64_t base, uint64_t size, uint64_t in_base,
				    uint64_t in_size, uint64_t mask)
{
	if (mmp_range_bad(base, size, mask) || mmp_range_bad(in_base, in_size, mask))
		return false;
	return (base & mask) >= (in_base & mask) &&
	       mmp_range_last(base, size, mask) <= mmp_range_last(in_base, in_size, mask);
}

/* Whether two ranges have a byte in common. */
static inline bool mmp_range_intersects(uint64_t a, uint64_t a_size, uint64_t b,
					uint64_t b_size, uint64_t mask)
{
	if (mmp_range_bad(a, a_size, mask) || mmp_range_bad(b, b_size, mask))
		return false;
	return mmp_range_last(a, a_size, mask) >= (b & mask) &&
	       mmp_range_last(b, b_size, mask) >= (a & mask);
}

/* Whether two ranges have no byte in common; false if either is empty or wraps. */
static inline bool mmp_range_outside(uint64_t a, uint64_t a_size, uint64_t b,
				     uint64_t b_size, uint64_t mask)
{
	if (mmp_range_bad(a, a_size, mask) || mmp_range_bad(b, b_size, mask))
		return false;
	return !mmp_range_intersects(a, a_size, b, b_size, mask);
}

/*
 * How a firmware computes the predicates. A range whose last byte is above `top` meets
 * nothing: some firmware computes the end of a range at the top of the address space as
 * 0. Otherwise `top` is the mask.
 */
struct mmp_predicates {
	uint64_t mask, top;
};

/* Whether two ranges have a byte in common, as that firmware computes it. */
static inline bool mmp_ranges_meet(const struct mmp_predicates *in, uint64_t a,
				   uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return mmp_range_intersects(a, a_size, b, b_size, in->mask) &&
	       mmp_range_last(a, a_size, in->mask) <= in->top &&
	       mmp_range_last(b, b_size, in->mask) <= in->top;
}

/*
 * Not simply the opposite: an empty range, or one that wraps, is never apart from
 * another.
 */
static inline bool mmp_ranges_apart(const struct mmp_predicates *in, uint64_t a,
				    uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return !mmp_range_bad(a, a_size, in->mask) &&
	       !mmp_range_bad(b, b_size, in->mask) &&
	       !mmp_ranges_meet(in, a, a_size, b, b_size);
}

#endif
