/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_BYTES_H
#define MMP_BYTES_H

#include <stdint.h>

/* Load a little-endian number of `count` bytes, at most 8. */
static inline uint64_t mmp_load_little(const void *at, unsigned count)
{
	const unsigned char *bytes = at;
	uint64_t value = 0;

	while (count--)
		value = value << 8 | bytes[count];
	return value;
}

#endif
