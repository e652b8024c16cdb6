/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_FLASH_CFI_H
#define LOADER_FLASH_CFI_H

/* A part of a parallel NOR flash that is written and never erased. For ports. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flash {
	uint64_t chips; /* start of the flash */
	uint64_t base;  /* start of this part */
	size_t bytes;   /* a multiple of 4; the last word stays erased */
};

/* Make it readable again if it was left in the middle of a command. */
void flash_init(const struct flash *flash);

/* Whether the flash exists and this part was erased before it was first used. */
bool flash_is_there(const struct flash *flash);

/*
 * Clear bits so that `bytes` are stored. False if what is stored differs from them, as a
 * cleared bit cannot be set; what comes after that word is not written.
 */
bool flash_write(const struct flash *flash, size_t at, const uint8_t *bytes,
		 size_t length);

/* A counter: its value is the number of cleared words, at most bytes / 4 - 1. */
uint64_t flash_count(const struct flash *flash);
bool flash_count_to(const struct flash *flash, uint64_t value);

#endif
