/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WIRE_NUMBER_H
#define WIRE_NUMBER_H

/*
 * Long numbers, for the second form of frames (wire/frame.h): a block of bytes, read as
 * one number, is written with fewer values per byte than 256. Freestanding.
 */

#include <stddef.h>
#include <stdint.h>

#define WIRE_BASE   252u /* values of a digit */
#define WIRE_BLOCK  351u /* bytes of a block; it takes 352 digits, as 252^352 > 256^351 */
#define WIRE_DIGITS (WIRE_BLOCK + 1)

struct wire_number {
	uint32_t limbs[(WIRE_DIGITS + 3) / 4]; /* the least significant first */
	size_t used;                           /* limbs; all others are zero */
};

/* The number zero. */
void wire_number_clear(struct wire_number *number);

/* Multiply by WIRE_BASE and add the digit. At most WIRE_DIGITS times after a clear. */
void wire_number_add(struct wire_number *number, uint8_t digit);

/* Take the four lowest digits away, which is a division. Returns them as one number. */
#define WIRE_FOUR_DIGITS                                                                 \
	(WIRE_BASE * WIRE_BASE * WIRE_BASE * WIRE_BASE) /* fits 32 bits */
uint32_t wire_number_take_four(struct wire_number *number);

/* The byte with the weight 256^at. It may be set only once. */
uint8_t wire_number_byte(const struct wire_number *number, size_t at);
void wire_number_set_byte(struct wire_number *number, size_t at, uint8_t byte);

#endif
