/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "export/exporters.h"

/* Records of hex digits, each with a checksum. */

enum { ROW = 32 }; /* bytes of data in a record, a size that every reader accepts */

static void put_hex(struct mmp_buffer *out, const uint8_t *bytes, size_t count)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < count; i++) {
		char two[2] = { digits[bytes[i] >> 4], digits[bytes[i] & 15] };

		mmp_buffer_add(out, two, 2);
	}
}

static uint8_t sum_of(const uint8_t *bytes, size_t count)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum;
}

/* Intel, Hexadecimal Object File Format Specification, revision A, 1988. */

static void put_ihex(struct mmp_buffer *out, uint16_t address, uint8_t type,
		     const uint8_t *bytes, size_t count)
{
	uint8_t head[4] = { (uint8_t)count, (uint8_t)(address >> 8), (uint8_t)address,
			    type };
	uint8_t sum = (uint8_t)(-(sum_of(head, 4) + sum_of(bytes, count)));

	mmp_buffer_text(out, ":");
	put_hex(out, head, 4);
	put_hex(out, bytes, count);
	put_hex(out, &sum, 1);
	mmp_buffer_text(out, "\n");
}

int mmp_export_ihex(const struct mmp_export *export, struct mmp_buffer *out,
		    struct mmp_error *err)
{
	int64_t segment = -1;

	if (mmp_export_32_bits(export, "Intel HEX", err))
		return -1;
	for (size_t at = 0; at < export->length; at += ROW) {
		uint64_t pa = export->pa + at;
		size_t count = export->length - at < ROW ? export->length - at : ROW;
		uint8_t high[2] = { (uint8_t)(pa >> 24), (uint8_t)(pa >> 16) };

		if ((int64_t)(pa >> 16) != segment)
			put_ihex(out, 0, 4, high, 2);
		segment = (int64_t)(pa >> 16);
		put_ihex(out, (uint16_t)pa, 0, export->bytes + at, count);
		if (mmp_export_check(out, err))
			return -1;
	}
	put_ihex(out, 0, 1, NULL, 0);
	return 0;
}

/* Motorola, M68000 Family Programmer's Reference Manual, appendix C. */

static void put_srec(struct mmp_buffer *out, char type, uint32_t address,
		     unsigned address_bytes, const uint8_t *bytes, size_t count)
{
	uint8_t head[5] = { (uint8_t)(count + address_bytes + 1) };
	uint8_t sum;

	for (unsigned i = 0; i < address_bytes; i++)
		head[1 + i] = (uint8_t)(address >> (8 * (address_bytes - 1 - i)));
	sum = (uint8_t) ~(sum_of(head, 1 + address_bytes) + sum_of(bytes, count));
	mmp_buffer_printf(out, "S%c", type);
	put_hex(out, head, 1 + address_bytes);
	put_hex(out, bytes, count);
	put_hex(out, &sum, 1);
	mmp_buffer_text(out, "\n");
}

int mmp_export_srec(const struct mmp_export *export, struct mmp_buffer *out,
		    struct mmp_error *err)
{
	if (mmp_export_32_bits(export, "S-records", err))
		return -1;
	put_srec(out, '0', 0, 2, (const uint8_t *)"mmp", 3);
	for (size_t at = 0; at < export->length; at += ROW) {
		size_t count = export->length - at < ROW ? export->length - at : ROW;

		put_srec(out, '3', (uint32_t)(export->pa + at), 4, export->bytes + at,
			 count);
		if (mmp_export_check(out, err))
			return -1;
	}
	put_srec(out, '7', (uint32_t) export->pa, 4, NULL, 0);
	return 0;
}
