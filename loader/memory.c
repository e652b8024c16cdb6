/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "loader/uart.h"

/*
 * Functions that compilers and BearSSL expect from a C library. Built with
 * -fno-builtin, otherwise the loops below would become calls of the functions
 * themselves.
 */

void *memcpy(void *to, const void *from, size_t length)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if (((uintptr_t)t | (uintptr_t)f) % 8 == 0)
		for (; length >= 8; length -= 8, t += 8, f += 8)
			*(uint64_t *)t = *(const uint64_t *)f;
	while (length--)
		*t++ = *f++;
	return to;
}

void *memmove(void *to, const void *from, size_t length)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	if (t <= f || t >= f + length)
		return memcpy(to, from, length);
	while (length--)
		t[length] = f[length];
	return to;
}

void *memset(void *to, int value, size_t length)
{
	uint8_t *t = to;

	while (length--)
		*t++ = (uint8_t)value;
	return to;
}

int memcmp(const void *a, const void *b, size_t length)
{
	const uint8_t *p = a, *q = b;

	for (; length; length--, p++, q++)
		if (*p != *q)
			return *p < *q ? -1 : 1;
	return 0;
}

/* Debian builds BearSSL with _FORTIFY_SOURCE and stack protector. */
const uintptr_t __stack_chk_guard = (uintptr_t)0x6d6d702d6c6f6164;

_Noreturn void loader_restart(void); /* in start.S */

void __stack_chk_fail(void) __attribute__((noreturn));
void __stack_chk_fail(void)
{
	static const char words[] =
		"\xc0\r\nmmp loader: stack overrun, starting again\r\n\xc0";

	uart_write((const uint8_t *)words, sizeof(words) - 1);
	loader_restart();
}

void *__memcpy_chk(void *to, const void *from, size_t length, size_t room);
void *__memcpy_chk(void *to, const void *from, size_t length, size_t room)
{
	if (length > room)
		__stack_chk_fail();
	return memcpy(to, from, length);
}

void *__memmove_chk(void *to, const void *from, size_t length, size_t room);
void *__memmove_chk(void *to, const void *from, size_t length, size_t room)
{
	if (length > room)
		__stack_chk_fail();
	return memmove(to, from, length);
}

void *__memset_chk(void *to, int value, size_t length, size_t room);
void *__memset_chk(void *to, int value, size_t length, size_t room)
{
	if (length > room)
		__stack_chk_fail();
	return memset(to, value, length);
}

size_t strlen(const char *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}
