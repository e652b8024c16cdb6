/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/runs_private.h"

#include "wire/message.h"

static uint64_t unfolded(uint64_t value)
{
	return value & 1 ? ~(value >> 1) : value >> 1;
}

static uint64_t word_of(const struct shape *shape, uint64_t attributes, uint64_t page)
{
	return (attributes & 0xfff) | (page & shape->page_mask) << 12 |
	       attributes >> 12 << 12 << shape->page_bits;
}

struct decoder {
	struct shape shape;
	struct dictionary dictionary;
	struct wire_reader r;
	uint8_t *out; /* NULL: count only */
	uint64_t room, at;
};

/* The only function that writes; it never writes past the room. */
static void put_word(struct decoder *d, uint64_t word)
{
	if (d->at >= d->room) {
		d->r.failed = true;
		return;
	}
	if (d->out)
		for (size_t i = 0; i < d->shape.width; i++)
			d->out[d->shape.width * d->at + i] = (uint8_t)(word >> 8 * i);
	d->at++;
}

/* Read a number of words, which must fit the room. */
static uint64_t get_count(struct decoder *d, uint64_t more)
{
	uint64_t count = wire_get_varint(&d->r);

	if (count > UINT32_MAX || count + more > d->room - d->at)
		d->r.failed = true;
	return d->r.failed ? 0 : count + more;
}

static void put_zeros(struct decoder *d)
{
	uint64_t count = get_count(d, 0);

	if (!count)
		d->r.failed = true;
	for (uint64_t i = 0; i < count; i++)
		put_word(d, 0);
}

static void skip(struct decoder *d)
{
	uint64_t count = get_count(d, 0);

	if (!count)
		d->r.failed = true;
	d->at += count;
}

static void get_literal(struct decoder *d)
{
	uint64_t count = get_count(d, 0);

	if (!count)
		d->r.failed = true;
	for (uint64_t i = 0; i < count && !d->r.failed; i++)
		put_word(d, wire_get(&d->r, d->shape.width));
}

static void get_packed(struct decoder *d)
{
	uint64_t count = get_count(d, 0), attributes = wire_get_varint(&d->r);
	uint64_t low = wire_get_varint(&d->r), hold = 0;
	unsigned int bits = wire_get8(&d->r), held = 0;

	if (!count || bits == 0 || bits > d->shape.page_bits)
		d->r.failed = true;
	for (uint64_t i = 0; i < count && !d->r.failed; i++) {
		while (held < bits) {
			hold |= (uint64_t)wire_get8(&d->r) << held;
			held += 8;
		}
		put_word(d, word_of(&d->shape, attributes,
				    low + (hold & ((UINT64_C(1) << bits) - 1))));
		hold >>= bits;
		held -= bits;
	}
}

static struct table_entry *get_entry(struct decoder *d, unsigned int kind,
				     uint64_t *ret_page)
{
	struct table_entry entry;

	if (kind == KIND_NEW) {
		entry.attributes = wire_get_varint(&d->r);
		entry.step = unfolded(wire_get_varint(&d->r));
		*ret_page = wire_get_varint(&d->r);
		return add_entry(&d->dictionary, &entry);
	}
	if (kind >= d->dictionary.count) {
		d->r.failed = true;
		return NULL;
	}
	*ret_page = d->dictionary.entries[kind].next + unfolded(wire_get_varint(&d->r));
	return &d->dictionary.entries[kind];
}

static void get_run(struct decoder *d, unsigned int kind, unsigned int low)
{
	uint64_t count = low < LONG ? low + 1 : get_count(d, LONG + 1), page = 0;
	struct table_entry *entry = d->r.failed ? NULL : get_entry(d, kind, &page);

	for (uint64_t i = 0; i < count && !d->r.failed; i++) {
		put_word(d, word_of(&d->shape, entry->attributes, page));
		page += entry->step;
	}
	if (entry)
		entry->next = page;
}

static void get_one(struct decoder *d)
{
	uint8_t first = wire_get8(&d->r);
	unsigned int kind = first >> 5, low = first & LONG;

	if (first & GAP)
		put_zeros(d);
	if (d->r.failed)
		return;
	if (kind != KIND_OTHER)
		get_run(d, kind, low);
	else if (low == OTHER_LITERAL)
		get_literal(d);
	else if (low == OTHER_PACKED)
		get_packed(d);
	else if (low == OTHER_SKIP)
		skip(d);
	else if (low != OTHER_ZERO || !(first & GAP))
		d->r.failed = true;
}

int64_t wire_runs_decode(const uint8_t *runs, size_t length, enum wire_word width,
			 uint8_t *out, size_t room)
{
	struct decoder d = {
		shape_of(width), { .count = 0 }, wire_reader(runs, length), out, room, 0
	};

	d.dictionary = first_dictionary(&d.shape);
	while (d.r.at < d.r.length && !d.r.failed)
		get_one(&d);
	return d.r.failed ? -1 : (int64_t)d.at;
}
