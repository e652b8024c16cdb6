/* SPDX-License-Identifier: BSD-2-Clause */
#include "loader/flash_cfi.h"

#include "loader/timer.h"

/*
 * Intel command set, two 16-bit chips in parallel. Source: CFI publication 100, and
 * Intel StrataFlash 28F256J3 data sheet, section "Command set".
 */
enum { PROGRAM_MS = 1000, QUERY_AT = 0x55, QUERY_ANSWER = 0x10 };

#define BOTH(command) ((uint32_t)(command) << 16 | (command))

#define CMD_PROGRAM BOTH(0x40)
#define CMD_STATUS  BOTH(0x70)
#define CMD_CLEAR   BOTH(0x50)
#define CMD_QUERY   BOTH(0x98)
#define CMD_READ    BOTH(0xff)
#define READY       BOTH(0x80)

static volatile uint32_t *word_at(const struct flash *flash, size_t offset)
{
	return (volatile uint32_t *)(flash->base + offset);
}

void flash_init(const struct flash *flash)
{
	volatile uint32_t *chips = (volatile uint32_t *)flash->chips;

	chips[0] = CMD_CLEAR;
	chips[0] = CMD_READ;
}

bool flash_is_there(const struct flash *flash)
{
	bool answers;

	volatile uint32_t *chips = (volatile uint32_t *)flash->chips;

	chips[QUERY_AT] = CMD_QUERY;
	answers = chips[QUERY_ANSWER] == BOTH('Q');
	chips[0] = CMD_READ;
	/*
	 * The last word of the part is never written; if it is zero, the flash was not
	 * erased.
	 */
	return answers && *word_at(flash, flash->bytes - 4) == UINT32_MAX;
}

/* Bits can only be cleared. False if the result differs. */
static bool program(const struct flash *flash, size_t offset, uint32_t value)
{
	volatile uint32_t *word = word_at(flash, offset);
	uint64_t since = timer_now(), most = timer_ticks(PROGRAM_MS);

	*word = CMD_PROGRAM;
	*word = value;
	*word = CMD_STATUS;
	while ((*word & READY) != READY && !timer_over(since, most))
		;
	*word = CMD_CLEAR;
	*word = CMD_READ;
	return *word == value;
}

bool flash_write(const struct flash *flash, size_t at, const uint8_t *bytes,
		 size_t length)
{
	for (size_t i = 0; i < length;) {
		size_t offset = (at + i) & ~(size_t)3;
		uint32_t value = *word_at(flash, offset);

		for (; i < length && ((at + i) & ~(size_t)3) == offset; i++) {
			unsigned int shift = 8 * ((at + i) & 3);

			if (bytes[i] & ~(value >> shift))
				return false; /* a bit would have to be set */
			value &= ~(UINT32_C(0xff) << shift) | (uint32_t)bytes[i] << shift;
		}
		if (!program(flash, offset, value))
			return false;
	}
	return true;
}

/* The number of cleared words. They are cleared in order, so a binary search finds it. */
uint64_t flash_count(const struct flash *flash)
{
	size_t low = 0, high = flash->bytes / 4 - 1;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (*word_at(flash, 4 * middle) == 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool flash_count_to(const struct flash *flash, uint64_t value)
{
	uint64_t now = flash_count(flash);

	if (value > flash->bytes / 4 - 1)
		return false;
	for (; now < value; now++)
		if (!program(flash, 4 * (size_t)now, 0))
			return false;
	return true;
}
