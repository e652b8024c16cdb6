/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_ELF_PRIVATE_H
#define MMP_IMPORT_ELF_PRIVATE_H

#include <libelf.h>

#include "import/elf.h"

/* A run of the image's memory and where its bytes are in the file. */
struct mmp_elf_segment {
	uint64_t at, size; /* in memory; zero after `filled` */
	uint64_t filled;
	const char *bytes; /* `filled` bytes */
};

/* A word that relocation changes: `value` at `at`. */
struct mmp_elf_fix {
	uint64_t at, value;
	unsigned size;
};

#define MMP_ELF_SEGMENTS_MAX 64

struct mmp_elf_debug; /* elf_debug.c */

struct mmp_elf {
	struct mmp_linked_image image; /* first: an image is cast back to its ELF file */
	const char *bytes;
	size_t size;
	Elf *elf;
	unsigned machine; /* EM_AARCH64 or EM_ARM */
	size_t segment_count;
	struct mmp_elf_segment segments[MMP_ELF_SEGMENTS_MAX];
	size_t fix_count, fix_capacity;
	struct mmp_elf_fix *fixes; /* by address */
	struct mmp_symbol *symbols;
	size_t symbol_capacity;
	struct mmp_elf_debug *debug;
};

/* elf_symbols.c: read the symbols, and the fixes that relocations require. */
int mmp_elf_read_symbols(struct mmp_elf *elf, struct mmp_error *err);
int mmp_elf_read_fixes(struct mmp_elf *elf, struct mmp_error *err);

/* The part of the file that is loaded at an address, borrowed; NULL if there is none. */
const char *mmp_elf_at(const struct mmp_elf *elf, uint64_t at, uint64_t size);

/* elf_debug.c: the image's functions that read debug information. */
size_t mmp_elf_enumeration(const struct mmp_linked_image *image, const char *name,
			   const struct mmp_enumerator **ret_members);
unsigned mmp_elf_declared(const struct mmp_linked_image *image, const char *file,
			  const char *function);
int mmp_elf_macro(const struct mmp_linked_image *image, const char *file,
		  const char *name, struct mmp_macro *ret_macro);
void mmp_elf_debug_free(struct mmp_elf_debug *debug);

#endif
