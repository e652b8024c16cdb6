/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMAGE_H
#define MMP_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/expression.h"

/*
 * What a linked image tells, whatever its format: symbols, the bytes at an address
 * with relocations applied, and what its debug information says. lib/import/elf.h
 * makes one; rule sets' importers ask it.
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
	bool has_debug;      /* it has debug information */
	uint64_t entry;      /* address of the first instruction */
	size_t symbol_count;
	const struct mmp_symbol *symbols; /* by name, then by address */

	/* Bytes at an address as they are after relocation; -1: the image has none there. */
	int (*read)(const struct mmp_linked_image *image, uint64_t at, void *to,
		    size_t size);
	/* The address of the first such bytes, or 0. */
	uint64_t (*search)(const struct mmp_linked_image *image, const char *bytes,
			   size_t size);
	/* The members of an enum; 0 if the image does not say. Borrowed from it. */
	size_t (*enumeration)(const struct mmp_linked_image *image, const char *name,
			      const struct mmp_enumerator **ret_members);
	/* The line of source that declares a function of a file; 0: not said. */
	unsigned (*declared)(const struct mmp_linked_image *image, const char *file,
			     const char *function);
	/* A macro at the end of a source file; -1: not said. */
	int (*macro)(const struct mmp_linked_image *image, const char *file,
		     const char *name, struct mmp_macro *ret_macro);
};

/* The first symbol of that name, or NULL. */
const struct mmp_symbol *mmp_image_symbol(const struct mmp_linked_image *image,
					  const char *name);

/* A little-endian number of 1, 2, 4 or 8 bytes; -1: there is nothing. */
int mmp_image_number(const struct mmp_linked_image *image, uint64_t at, unsigned size,
		     uint64_t *ret_value);

/* A string of at most size - 1 bytes; -1: there is none that ends. */
int mmp_image_string(const struct mmp_linked_image *image, uint64_t at, char *text,
		     size_t size);

#endif
