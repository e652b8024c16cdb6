/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_FORMAT_H
#define MMP_FORMAT_H

/*
 * A descriptor format: everything that the builder, the walker and the exporters know
 * about an architecture. They hold no bit and no shift of their own, so a new format
 * is one file with one of these, and a row in mmp_formats[]. Level numbers are the
 * Arm ARM's.
 */

#include <stdbool.h>

#include "arch/field.h"
#include "base/error.h"
#include "model/attr.h"
#include "model/encoding.h"

enum mmp_entry { MMP_ENTRY_INVALID, MMP_ENTRY_LEAF, MMP_ENTRY_TABLE };

struct mmp_format {
	const char *name;   /* "lpae" */
	const char *source; /* manual, issue and section */
	unsigned descriptor_bytes, descriptor_digits;
	int first_level, last_level;

	unsigned (*shift)(int level);   /* an entry maps 1 << shift bytes */
	unsigned (*entries)(int level); /* in a full table */
	bool (*leaf_allowed)(int level);
	bool (*table_allowed)(int level);

	/* Whether `attr` can become a descriptor at all; else say what is wrong. */
	int (*check)(const struct mmp_encoding *encoding, uint32_t attr,
		     struct mmp_error *err);
	/* The descriptor without its address; the firmware ORs the address in unmasked. */
	uint64_t (*encode)(const struct mmp_encoding *encoding, int level, uint32_t attr);
	uint32_t (*decode)(const struct mmp_encoding *encoding, int level,
			   uint64_t descriptor);

	enum mmp_entry (*kind)(int level, uint64_t descriptor);
	/* Output or next-table address of a leaf or table. */
	uint64_t (*address)(int level, uint64_t descriptor);
	/* The fields of this kind of entry, by bit. */
	const struct mmp_field *(*fields)(int level, uint64_t descriptor,
					  size_t *ret_count);
};

extern const struct mmp_format *const mmp_formats[MMP_FORMAT_COUNT];

int mmp_format_find(const char *name, enum mmp_format_id *ret_id, struct mmp_error *err);

/* What the firmware's word implies before it is encoded: PX or PW give PR, and so on. */
uint32_t mmp_attr_implied(const struct mmp_encoding *encoding, uint32_t attr);

#endif
