/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SEARCH_H
#define MMP_SEARCH_H

#include <stddef.h>

/*
 * Binary search: the first n of [low, high) for which `before` is false, or `high`.
 * `before` is an expression that may use n; it must be true up to some n and false from
 * there on.
 *
 *	first = MMP_LOWER_BOUND(n, 0, count, sorted[n] < wanted);
 */
#define MMP_LOWER_BOUND(n, low, high, before)                                            \
	({                                                                               \
		size_t mmp_low_ = (low), mmp_high_ = (high);                             \
                                                                                         \
		while (mmp_low_ < mmp_high_) {                                           \
			size_t n = mmp_low_ + (mmp_high_ - mmp_low_) / 2;                \
                                                                                         \
			if (before)                                                      \
				mmp_low_ = n + 1;                                        \
			else                                                             \
				mmp_high_ = n;                                           \
		}                                                                        \
		mmp_low_;                                                                \
	})

#endif
