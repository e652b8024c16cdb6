/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/runs_private.h"

#include "wire/message.h"

enum {
	PAGE = 4096,
	PACKED_LEAST = 6 /* words of the shortest packed run */
};

static uint64_t page_of(const struct shape *shape, uint64_t word)
{
	return word >> 12 & shape->page_mask;
}

static uint64_t attributes_of(const struct shape *shape, uint64_t word)
{
	return (word & 0xfff) | word >> shape->page_bits >> 12 << 12;
}

/*
 * A difference of page numbers, which may wrap, as an unsigned number: small differences
 * of either sign become small numbers.
 */
static uint64_t folded(const struct shape *shape, uint64_t difference)
{
	uint64_t value = difference & shape->page_mask;
	uint64_t sign = value >> (shape->page_bits - 1);

	return sign ? ((~value & shape->page_mask) << 1 | 1) : value << 1;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

struct encoder {
	struct shape shape;
	struct dictionary dictionary;
	const uint8_t *words;
	size_t count;
	struct wire_writer *w;
	const struct wire_known *known; /* NULL: nothing is known */
};

static uint64_t word_at(const struct encoder *e, size_t index)
{
	const uint8_t *bytes = e->words + e->shape.width * index;
	uint64_t word = 0;

	for (size_t i = e->shape.width; i-- > 0;)
		word = word << 8 | bytes[i];
	return word;
}

/* How many words from `at` on continue with the step of the first two. */
static size_t run_length(const struct encoder *e, size_t at, uint64_t *ret_step)
{
	const struct shape *s = &e->shape;
	uint64_t first = word_at(e, at), last = first;
	size_t n = 1;

	*ret_step = 0;
	for (; at + n < e->count; n++) {
		uint64_t word = word_at(e, at + n);
		uint64_t step = (page_of(s, word) - page_of(s, last)) & s->page_mask;

		if (!word || attributes_of(s, word) != attributes_of(s, first) ||
		    (n > 1 && step != *ret_step))
			break;
		*ret_step = step;
		last = word;
	}
	return n;
}

static struct table_entry *find_entry(struct encoder *e, uint64_t attributes)
{
	for (unsigned int i = 0; i < e->dictionary.count; i++)
		if (e->dictionary.entries[i].attributes == attributes)
			return &e->dictionary.entries[i];
	return NULL;
}

/* The entry with exactly this step, else any entry with these attributes. */
static struct table_entry *best_entry(struct encoder *e, uint64_t attributes,
				      uint64_t step)
{
	for (unsigned int i = 0; i < e->dictionary.count; i++)
		if (e->dictionary.entries[i].attributes == attributes &&
		    e->dictionary.entries[i].step == step)
			return &e->dictionary.entries[i];
	return find_entry(e, attributes);
}

static void put_first(struct encoder *e, unsigned int kind, unsigned int low, size_t gap)
{
	wire_put8(e->w, (uint8_t)(kind << 5 | (gap ? GAP : 0) | low));
	if (gap)
		wire_put_varint(e->w, gap);
}

static void put_head(struct encoder *e, unsigned int kind, size_t n, size_t gap)
{
	put_first(e, kind, n <= LONG ? (unsigned int)n - 1 : LONG, gap);
	if (n > LONG)
		wire_put_varint(e->w, n - LONG - 1);
}

/*
 * How many words from `at` on have the attributes of the first one, in any order of
 * pages, and their lowest and highest page.
 */
static size_t alike(const struct encoder *e, size_t at, uint64_t *ret_low,
		    uint64_t *ret_high)
{
	const struct shape *s = &e->shape;
	uint64_t attributes = attributes_of(s, word_at(e, at)), step;
	size_t n = 0;

	*ret_low = s->page_mask;
	*ret_high = 0;
	for (; at + n < e->count; n++) {
		uint64_t word = word_at(e, at + n), page = page_of(s, word);

		if (!word || attributes_of(s, word) != attributes ||
		    run_length(e, at + n, &step) > 3)
			break;
		*ret_low = page < *ret_low ? page : *ret_low;
		*ret_high = page > *ret_high ? page : *ret_high;
	}
	return n;
}

static unsigned int width_of(uint64_t value)
{
	unsigned int bits = 0;

	while (bits < 64 && value >> bits)
		bits++;
	return bits ? bits : 1;
}

static void put_packed(struct encoder *e, size_t at, size_t n, unsigned int bits,
		       uint64_t low)
{
	uint64_t hold = 0;
	unsigned int held = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t value = page_of(&e->shape, word_at(e, at + i)) - low;

		for (unsigned int b = 0; b < bits; b++) {
			hold |= (value >> b & 1) << held++;
			if (held < 8)
				continue;
			wire_put8(e->w, (uint8_t)hold);
			hold = held = 0;
		}
	}
	if (held)
		wire_put8(e->w, (uint8_t)hold);
}

/*
 * Write pages that are in no order, as many as there is room for. Returns 0 if the words
 * are not of this kind.
 */
static size_t try_packed(struct encoder *e, size_t at, size_t gap)
{
	enum { HEAD_MAX = 30 };
	uint64_t low, high;
	size_t n = alike(e, at, &low, &high), room = e->w->capacity - e->w->at;
	unsigned int bits;

	if (n < PACKED_LEAST || room < HEAD_MAX + 8)
		return 0;
	bits = width_of(high - low);
	n = least(n, (room - HEAD_MAX) * 8 / bits);
	put_first(e, KIND_OTHER, OTHER_PACKED, gap);
	wire_put_varint(e->w, n);
	wire_put_varint(e->w, attributes_of(&e->shape, word_at(e, at)));
	wire_put_varint(e->w, low);
	wire_put8(e->w, (uint8_t)bits);
	put_packed(e, at, n, bits, low);
	return n;
}

static void put_literal(struct encoder *e, size_t at, size_t n, size_t gap)
{
	put_first(e, KIND_OTHER, OTHER_LITERAL, gap);
	wire_put_varint(e->w, n);
	wire_put_bytes(e->w, e->words + e->shape.width * at, e->shape.width * n);
}

/* Write words whose attributes appear only once, as many as there is room for. */
static size_t try_literal(struct encoder *e, size_t at, size_t gap)
{
	enum { HEAD_MAX = 16 };
	size_t n = 0, room = e->w->capacity - e->w->at;
	uint64_t step;

	while (at + n < e->count && word_at(e, at + n) &&
	       run_length(e, at + n, &step) < 2 &&
	       !find_entry(e, attributes_of(&e->shape, word_at(e, at + n))))
		n++;
	if (n < 2 || room < HEAD_MAX + e->shape.width)
		return 0;
	n = least(n, (room - HEAD_MAX) / e->shape.width);
	put_literal(e, at, n, gap);
	return n;
}

static size_t put_run(struct encoder *e, size_t at, size_t gap)
{
	uint64_t word = word_at(e, at), step;
	uint64_t attributes = attributes_of(&e->shape, word);
	uint64_t page = page_of(&e->shape, word);
	size_t n = run_length(e, at, &step);
	struct table_entry *entry = best_entry(e, attributes, step);

	if (entry && entry->step != step && n > 3)
		entry = NULL; /* better to add an entry for it */
	if (entry) {
		n = entry->step == step ? n : 1;
		put_head(e, (unsigned int)(entry - e->dictionary.entries), n, gap);
		wire_put_varint(e->w, folded(&e->shape, page - entry->next));
	} else {
		put_head(e, KIND_NEW, n, gap);
		wire_put_varint(e->w, attributes);
		wire_put_varint(e->w, folded(&e->shape, step));
		wire_put_varint(e->w, page);
		entry = add_entry(&e->dictionary,
				  &(struct table_entry){ attributes, step, 0 });
	}
	entry->next = page + n * entry->step;
	return n;
}

/*
 * Write one run from `at` on, including the `gap` zero words before it. Returns 0 if
 * there is no room.
 */
static size_t encode_one(struct encoder *e, size_t at, size_t gap)
{
	struct wire_writer before = *e->w;
	struct dictionary dictionary = e->dictionary;
	size_t n = try_packed(e, at, gap);

	if (!n)
		n = try_literal(e, at, gap);
	if (!n)
		n = put_run(e, at, gap);
	if (!e->w->failed)
		return n;
	*e->w = before;
	e->dictionary = dictionary;
	return 0;
}

static size_t put_zeros_only(struct encoder *e, size_t done, size_t gap)
{
	if (!gap || e->w->capacity - e->w->at < WIRE_RUN_ROOM / 2)
		return done;
	put_first(e, KIND_OTHER, OTHER_ZERO, gap);
	return done + gap;
}

static size_t put_skip(struct encoder *e, size_t done, size_t count)
{
	if (e->w->capacity - e->w->at < WIRE_RUN_ROOM / 2)
		return done;
	put_first(e, KIND_OTHER, OTHER_SKIP, 0);
	wire_put_varint(e->w, count);
	return done + count;
}

static bool is_known(const struct encoder *e, size_t at)
{
	return e->known &&
	       !e->known->changes[(e->known->first + at) * e->shape.width / PAGE];
}

static size_t known_from(const struct encoder *e, size_t at)
{
	size_t n = 0;

	while (at + n < e->count && is_known(e, at + n))
		n++;
	return n;
}

static size_t zeros_from(const struct encoder *e, size_t at)
{
	size_t n = 0;

	while (at + n < e->count && !word_at(e, at + n) && !is_known(e, at + n))
		n++;
	return n;
}

/* How many words are done after one more run; `done` if there is no room for it. */
static size_t go_on(struct encoder *e, size_t done, bool all)
{
	size_t known = known_from(e, done), gap = known ? 0 : zeros_from(e, done), n;

	if (done + known == e->count || (!all && done + gap == e->count))
		return e->count;
	if (known)
		return put_skip(e, done, known);
	if (done + gap == e->count || is_known(e, done + gap))
		return put_zeros_only(e, done, gap);
	n = encode_one(e, done + gap, gap);
	return n ? done + gap + n : put_zeros_only(e, done, gap);
}

/*
 * With an unfortunate order of words, the choices above could take more bytes than the
 * words themselves. Then all words become one literal.
 */
static size_t encode(struct encoder *e, bool all)
{
	enum { HEAD_MAX = 1 + 3 };
	struct wire_writer before = *e->w;
	size_t done = 0, next;

	e->dictionary = first_dictionary(&e->shape);
	while (done < e->count && (next = go_on(e, done, all)) > done)
		done = next;
	if (e->w->at - before.at <= e->shape.width * done + HEAD_MAX)
		return done;
	*e->w = before;
	done = least(e->count, (before.capacity - before.at - HEAD_MAX) / e->shape.width);
	put_literal(e, 0, done, 0);
	return done;
}

size_t wire_runs_encode(const uint8_t *words, size_t count, enum wire_word width,
			bool all, struct wire_writer *w)
{
	struct encoder e = { shape_of(width), { .count = 0 }, words, count, w, NULL };

	return encode(&e, all);
}

size_t wire_runs_encode_changes(const uint8_t *words, size_t count, enum wire_word width,
				const struct wire_known *known, struct wire_writer *w)
{
	struct encoder e = { shape_of(width), { .count = 0 }, words, count, w, known };

	return encode(&e, true);
}
