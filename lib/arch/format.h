/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_FORMAT_H
#define MMP_FORMAT_H

/*
 * A descriptor format: everything that the builder, the walker and the exporters need to
 * know about the bits of an architecture. They have no bits or shifts of their own and
 * never ask for a format's name, so a new format is one file with one of these, and a row
 * in mmp_formats[]. Level numbers are the Arm ARM's.
 */

#include <stdbool.h>
#include <stddef.h>

#include "arch/field.h"
#include "base/error.h"
#include "model/leaf.h"

enum mmp_entry { MMP_ENTRY_INVALID, MMP_ENTRY_LEAF, MMP_ENTRY_TABLE };

struct mmp_format {
	const char *name;   /* "lpae" */
	const char *source; /* manual, issue and section */
	unsigned descriptor_bytes, descriptor_digits;
	unsigned address_bits; /* of an output address */
	int first_level, last_level;
	/*
	 * The pointer to a table has the security of everything below it; the leaves
	 * there do not.
	 */
	bool security_in_pointer;

	unsigned (*shift)(int level);   /* an entry maps 1 << shift bytes */
	unsigned (*entries)(int level); /* in a full table */
	bool (*leaf_allowed)(int level);
	bool (*table_allowed)(int level);

	/* The descriptor of a leaf, and of a pointer to a table, both without address. */
	uint64_t (*leaf)(int level, const struct mmp_leaf *leaf);
	uint64_t (*pointer)(bool nonsecure);

	/*
	 * Decode a leaf, field by field. `pointer` is the entry that points to its table,
	 * 0 for a base table. Returns whether any bit is set that no firmware sets:
	 * reserved, ignored, or for hardware features that are off.
	 */
	bool (*read_leaf)(int level, uint64_t pointer, uint64_t descriptor,
			  struct mmp_leaf *ret_leaf);
	/*
	 * The same for a pointer; *ret_nonsecure is the security it gives to memory
	 * below.
	 */
	bool (*read_pointer)(int level, uint64_t descriptor, bool *ret_nonsecure);
	/* Reduce the rights of a leaf to what descriptors of this level can express. */
	void (*reduce)(int level, struct mmp_leaf *leaf);

	enum mmp_entry (*kind)(int level, uint64_t descriptor);
	/* Output or next-table address of a leaf or table. */
	uint64_t (*address)(int level, uint64_t descriptor);
	/* The fields of this kind of entry, by bit. */
	const struct mmp_field *(*fields)(int level, uint64_t descriptor,
					  size_t *ret_count);
};

enum mmp_format_id {
	MMP_FORMAT_LPAE,     /* 64-bit descriptors, 4 KiB granule, all levels */
	MMP_FORMAT_LPAE_EL2, /* the same with one privilege level: EL2 and Hyp */
	MMP_FORMAT_LPAE_EL3, /* the same for EL3 */
	MMP_FORMAT_SHORT,    /* 32-bit short descriptors, levels 1 and 2 */
	MMP_FORMAT_COUNT
};

extern const struct mmp_format *const mmp_formats[MMP_FORMAT_COUNT];

/* Find the format of a name. MMP_INVALID lists the known ones. */
int mmp_format_find(const char *name, const struct mmp_format **ret_format,
		    struct mmp_error *err);

#endif
