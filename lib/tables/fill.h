/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_FILL_H
#define MMP_FILL_H

#include <stdint.h>

/*
 * Stores of two entries at once, the widest on every 64-bit machine, eight entries per
 * iteration.
 */
typedef uint64_t mmp_pair __attribute__((vector_size(16), aligned(8), may_alias));

/* Fill at[0 .. count) with word, word + step, ... */
static inline void mmp_fill_words(uint64_t *at, uint32_t count, uint64_t word,
				  uint64_t step)
{
	mmp_pair a = { word, word + step }, two = { 2 * step, 2 * step };
	mmp_pair b = a + two, c = b + two, d = c + two, eight = { 8 * step, 8 * step };
	uint32_t i;

	for (i = 0; i + 8 <= count; i += 8) {
		mmp_pair *to = (mmp_pair *)(void *)(at + i);

		to[0] = a;
		to[1] = b;
		to[2] = c;
		to[3] = d;
		a += eight;
		b += eight;
		c += eight;
		d += eight;
	}
	for (; i < count; i++)
		at[i] = word + i * step;
}

#endif
