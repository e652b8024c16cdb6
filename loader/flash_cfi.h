/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LOADER_FLASH_CFI_H
#define LOADER_FLASH_CFI_H

/* A part of a parallel NOR flash that is written, and never erased. For ports. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flash {
	uint64_t chips; /* where the flash itself begins */
	uint64_t base;  /* and this part of it */
	size_t bytes;   /* a multiple of 4; the last word stays erased */
};

/* There is a flash, and this part was erased when it came. */
bool flash_is_there(const struct flash *flash);

/* Clear bits so that `bytes` are there; false if that is not how they come out. */
bool flash_write(const struct flash *flash, size_t at, const uint8_t *bytes,
		 size_t length);

/* A counter: as many words cleared as its value, at most bytes / 4 - 1. */
uint64_t flash_count(const struct flash *flash);
bool flash_count_to(const struct flash *flash, uint64_t value);

#endif
