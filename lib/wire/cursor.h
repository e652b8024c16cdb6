/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WIRE_CURSOR_H
#define WIRE_CURSOR_H

/*
 * Cursors that read and write little-endian integers in borrowed bytes, with a sticky
 * error: an access past the end sets `failed`, reads as 0, and stops the cursor. So ten
 * fields need one check, at the end. Freestanding.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_reader {
	const uint8_t *bytes;
	size_t length, at;
	bool failed;
};

struct wire_writer {
	uint8_t *bytes;
	size_t capacity, at;
	bool failed;
};

/* A reader of bytes[0 .. length), borrowed. */
static inline struct wire_reader wire_reader(const uint8_t *bytes, size_t length)
{
	return (struct wire_reader){ .bytes = bytes, .length = length };
}

/* A writer into bytes[0 .. capacity), borrowed. */
static inline struct wire_writer wire_writer(uint8_t *bytes, size_t capacity)
{
	return (struct wire_writer){ .bytes = bytes, .capacity = capacity };
}

/* Skip the next `length` bytes. Returns a pointer to them, or NULL. */
static inline const uint8_t *wire_take(struct wire_reader *r, size_t length)
{
	const uint8_t *bytes = r->bytes + r->at;

	if (r->failed || length > r->length - r->at) {
		r->failed = true;
		return NULL;
	}
	r->at += length;
	return bytes;
}

/* Read a little-endian value of `width` bytes. Past the end it is 0 and sets `failed`. */
static inline uint64_t wire_get(struct wire_reader *r, size_t width)
{
	const uint8_t *bytes = wire_take(r, width);
	uint64_t value = 0;

	if (bytes)
		for (size_t i = width; i-- > 0;)
			value = value << 8 | bytes[i];
	return value;
}

/* Read the next 8 bits. */
static inline uint8_t wire_get8(struct wire_reader *r)
{
	return (uint8_t)wire_get(r, 1);
}

/* Read the next 16 bits. */
static inline uint16_t wire_get16(struct wire_reader *r)
{
	return (uint16_t)wire_get(r, 2);
}

/* Read the next 32 bits. */
static inline uint32_t wire_get32(struct wire_reader *r)
{
	return (uint32_t)wire_get(r, 4);
}

/* Read the next 64 bits. */
static inline uint64_t wire_get64(struct wire_reader *r)
{
	return wire_get(r, 8);
}

/* Copy the next `length` bytes to `out`; past the end it is filled with zeros. */
static inline void wire_get_bytes(struct wire_reader *r, uint8_t *out, size_t length)
{
	const uint8_t *bytes = wire_take(r, length);

	for (size_t i = 0; i < length; i++)
		out[i] = bytes ? bytes[i] : 0;
}

/* Whether all bytes were read, without an error. */
static inline bool wire_read_whole(const struct wire_reader *r)
{
	return !r->failed && r->at == r->length;
}

/* Append a little-endian value of `width` bytes; sets `failed` if there is no room. */
static inline void wire_put(struct wire_writer *w, uint64_t value, size_t width)
{
	if (w->failed || width > w->capacity - w->at) {
		w->failed = true;
		return;
	}
	for (size_t i = 0; i < width; i++)
		w->bytes[w->at++] = (uint8_t)(value >> 8 * i);
}

/* Append 8 bits. */
static inline void wire_put8(struct wire_writer *w, uint8_t value)
{
	wire_put(w, value, 1);
}

/* Append 16 bits. */
static inline void wire_put16(struct wire_writer *w, uint16_t value)
{
	wire_put(w, value, 2);
}

/* Append 32 bits. */
static inline void wire_put32(struct wire_writer *w, uint32_t value)
{
	wire_put(w, value, 4);
}

/* Append 64 bits. */
static inline void wire_put64(struct wire_writer *w, uint64_t value)
{
	wire_put(w, value, 8);
}

/* Append `length` bytes. */
static inline void wire_put_bytes(struct wire_writer *w, const uint8_t *bytes,
				  size_t length)
{
	for (size_t i = 0; i < length; i++)
		wire_put8(w, bytes[i]);
}

#endif
