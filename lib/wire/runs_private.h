/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef WIRE_RUNS_PRIVATE_H
#define WIRE_RUNS_PRIVATE_H

#include "wire/runs.h"

/*
 * What runs_encode.c and runs_decode.c have in common: the byte that begins a run, and the
 * dictionary, which both sides change in the same way.
 */

/*
 * The first byte of a run: bits 7:5 its kind; bit 4 whether the run begins with a number
 * of zero words; bits 3:0 its length minus one, or LONG if a number with the length
 * follows.
 */
enum {
	KIND_NEW = 6,   /* attributes that are not in the dictionary yet */
	KIND_OTHER = 7, /* bits 3:0 say which */
	GAP = 1 << 4,
	LONG = 15,
	OTHER_LITERAL = 0, /* words without compression */
	OTHER_PACKED = 1,  /* pages in any order, with the same attributes */
	OTHER_ZERO = 2,    /* only the zero words */
	OTHER_SKIP = 3     /* words that stay unchanged */
};

/* Where a word has its page number: bits 12 and up, 36 or 20 of them. */
struct shape {
	enum wire_word width;
	unsigned int page_bits;
	uint64_t page_mask;
};

/*
 * An entry of the dictionary: attributes, and what is known of the pages that have them.
 */
struct table_entry {
	uint64_t attributes, step, next;
};

enum { ENTRIES = 6 };

struct dictionary {
	struct table_entry entries[ENTRIES];
	unsigned int count, oldest;
};

/* The shape of words of this width. */
static inline struct shape shape_of(enum wire_word width)
{
	unsigned int bits = width == WIRE_LONG_WORD ? 36 : 20;

	return (struct shape){ width, bits, (UINT64_C(1) << bits) - 1 };
}

/*
 * The dictionary at the start of a message: it has the pointers to consecutive tables
 * that every set of tables has.
 */
static inline struct dictionary first_dictionary(const struct shape *shape)
{
	return (struct dictionary){
		.entries = { { shape->width == WIRE_LONG_WORD ? 3 : 1, 1, 0 } },
		.count = 1,
		.oldest = 1,
	};
}

/* A full dictionary drops its oldest entry, but never the first one. */
static inline struct table_entry *add_entry(struct dictionary *d,
					    const struct table_entry *entry)
{
	unsigned int at = d->count < ENTRIES ? d->count++ : d->oldest;

	d->oldest = at + 1 < ENTRIES ? at + 1 : 1;
	d->entries[at] = *entry;
	return &d->entries[at];
}

#endif
