/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/checksum.h"

#include <endian.h>
#include <string.h>

#include "base/bytes.h"

/* Each step can be undone, so another word or another sum before it gives another one. */
static uint64_t add_word(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 32;
}

uint64_t mmp_checksum(uint64_t before, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	uint64_t sum = add_word(before, length), word;

	for (; length >= sizeof(word); at += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		sum = add_word(sum, le64toh(word));
	}
	return length ? add_word(sum, mmp_load_little(at, (unsigned)length)) : sum;
}
