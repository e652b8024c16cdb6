/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/number.h"

enum { LIMBS = sizeof(((struct wire_number *)0)->limbs) / sizeof(uint32_t) };

void wire_number_clear(struct wire_number *number)
{
	for (size_t i = 0; i < LIMBS; i++)
		number->limbs[i] = 0;
	number->used = 0;
}

void wire_number_add(struct wire_number *number, uint8_t digit)
{
	uint64_t carry = digit;

	for (size_t i = 0; i < number->used; i++) {
		carry += (uint64_t)number->limbs[i] * WIRE_BASE;
		number->limbs[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry && number->used < LIMBS)
		number->limbs[number->used++] = (uint32_t)carry;
}

uint32_t wire_number_take_four(struct wire_number *number)
{
	uint64_t rest = 0;

	for (size_t i = number->used; i-- > 0;) {
		rest = rest << 32 | number->limbs[i];
		number->limbs[i] = (uint32_t)(rest / WIRE_FOUR_DIGITS);
		rest %= WIRE_FOUR_DIGITS;
	}
	while (number->used && !number->limbs[number->used - 1])
		number->used--;
	return (uint32_t)rest;
}

uint8_t wire_number_byte(const struct wire_number *number, size_t at)
{
	return at / 4 < LIMBS ? (uint8_t)(number->limbs[at / 4] >> 8 * (at % 4)) : 0;
}

void wire_number_set_byte(struct wire_number *number, size_t at, uint8_t byte)
{
	number->limbs[at / 4] |= (uint32_t)byte << 8 * (at % 4);
	if (byte && number->used <= at / 4)
		number->used = at / 4 + 1;
}
