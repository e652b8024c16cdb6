/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMAGE_H
#define MMP_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/expression.h"

/*
 * A linked image of any format: symbols, the bytes at an address with relocations
 * applied, and debug information. lib/import/elf.h makes one, and the importers of rule
 * sets query it.
 */
struct mmp_symbol {
	const char *name;
	uint64_t value, size;
};

struct mmp_enumerator {
	const char *name;
	uint64_t value;
};

struct mmp_linked_image {
	unsigned bits;       /* 64 or 32 */
	const char *machine; /* "AArch64", "Arm" */
	bool stripped;       /* it has no symbols */
	uint64_t entry;      /* address of the first instruction */
	size_t symbol_count;
	const struct mmp_symbol *symbols; /* by name, then by address */

	/*
	 * Read bytes at an address, as they are after relocation; -1 if the image has
	 * none there.
	 */
	int (*read)(const struct mmp_linked_image *image, uint64_t at, void *to,
		    size_t size);
	/* Find bytes. Returns the address of the first match, or 0. */
	uint64_t (*search)(const struct mmp_linked_image *image, const char *bytes,
			   size_t size);
	/*
	 * The members of an enum, borrowed from the image; returns 0 if it is not known.
	 */
	size_t (*enumeration)(const struct mmp_linked_image *image, const char *name,
			      const struct mmp_enumerator **ret_members);
	/* The source line that declares a function of a file; 0 if it is not known. */
	unsigned (*declared)(const struct mmp_linked_image *image, const char *file,
			     const char *function);
	/*
	 * The definition of a macro at the end of a source file; -1 if it is not known.
	 */
	int (*macro)(const struct mmp_linked_image *image, const char *file,
		     const char *name, struct mmp_macro *ret_macro);
};

/* The first symbol of a name, or NULL. */
const struct mmp_symbol *mmp_image_symbol(const struct mmp_linked_image *image,
					  const char *name);

/*
 * Read a little-endian number of 1, 2, 4 or 8 bytes; -1 if the image has no bytes there.
 */
int mmp_image_number(const struct mmp_linked_image *image, uint64_t at, unsigned size,
		     uint64_t *ret_value);

/*
 * Read a string of at most size - 1 bytes; -1 if the image has no terminated string
 * there.
 */
int mmp_image_string(const struct mmp_linked_image *image, uint64_t at, char *text,
		     size_t size);

#endif
