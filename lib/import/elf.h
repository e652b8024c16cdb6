/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_IMPORT_ELF_H
#define MMP_IMPORT_ELF_H

#include <stdbool.h>

#include "base/error.h"
#include "model/image.h"

/*
 * A linked ELF file as a struct mmp_linked_image: 32 or 64 bits, little endian, AArch64
 * or Arm. Symbols come from .symtab, else from .dynsym, or from the dynamic segment if
 * there are no section headers. RELATIVE and absolute relocations (REL and RELA) are
 * applied to what is read; NOBITS memory reads as zero. Debug information is read when
 * it is first asked for.
 *
 * The bytes must stay valid as long as the image. Time and memory are bounded by
 * MMP_SYMBOLS_MAX, MMP_MACROS_MAX and the size of the file.
 */
struct mmp_elf;

/* Whether the bytes begin like an ELF file. */
bool mmp_elf_probe(const char *bytes, size_t size);

/*
 * Open a file; it borrows the bytes. MMP_INVALID says what was expected and where:
 * another machine, big endian, a relocatable object or a core dump, headers that point
 * outside of the file.
 */
int mmp_elf_open(struct mmp_elf **ret_elf, const char *bytes, size_t size,
		 struct mmp_error *err);
void mmp_elf_close(struct mmp_elf *elf); /* NULL is fine */

/* The contents of the file, borrowed until it is closed. */
const struct mmp_linked_image *mmp_elf_image(const struct mmp_elf *elf);

/* Whether macros of the debug information were left out, over MMP_MACROS_MAX. */
bool mmp_elf_is_cut(const struct mmp_elf *elf);

#endif
