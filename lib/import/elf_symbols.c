/* SPDX-License-Identifier: BSD-2-Clause */
#include <gelf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "import/elf_private.h"

/* The dynamic segment's own tables, used for files without section headers. */
struct dynamic {
	uint64_t symbols, strings, strings_size, hash;
	uint64_t rela, rela_size;
};

static int add_symbol(struct mmp_elf *elf, const char *name, uint64_t value,
		      uint64_t size, struct mmp_error *err)
{
	if (!name || !*name)
		return 0;
	if (elf->image.symbol_count == MMP_SYMBOLS_MAX)
		return mmp_fail(err, MMP_TOO_LARGE, "more than %u symbols",
				MMP_SYMBOLS_MAX);
	if (elf->image.symbol_count == elf->symbol_capacity) {
		size_t more = elf->symbol_capacity ? 2 * elf->symbol_capacity : 4096;
		void *grown = realloc(elf->symbols, more * sizeof(*elf->symbols));

		if (!grown)
			return mmp_fail(err, MMP_SYSTEM, "out of memory");
		elf->symbols = grown;
		elf->symbol_capacity = more;
	}
	elf->symbols[elf->image.symbol_count++] =
		(struct mmp_symbol){ name, value, size };
	return 0;
}

/*
 * Skip mapping symbols ("$x") and those of files and sections, which carry no
 * information.
 */
static bool is_worth(const GElf_Sym *symbol)
{
	unsigned type = GELF_ST_TYPE(symbol->st_info);

	return symbol->st_shndx != SHN_UNDEF && type != STT_FILE && type != STT_SECTION;
}

static int read_table(struct mmp_elf *elf, Elf_Scn *section, const GElf_Shdr *header,
		      struct mmp_error *err)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t count = header->sh_entsize ? header->sh_size / header->sh_entsize : 0;
	GElf_Sym symbol;

	if (!data)
		return mmp_fail(err, MMP_INVALID,
				"the symbol table at offset 0x%" PRIx64 ": %s",
				(uint64_t)header->sh_offset, elf_errmsg(-1));
	for (size_t i = 0; i < count && gelf_getsym(data, (int)i, &symbol); i++) {
		const char *name;

		if (!is_worth(&symbol))
			continue;
		name = elf_strptr(elf->elf, header->sh_link, symbol.st_name);
		if (name && name[0] != '$' &&
		    add_symbol(elf, name, symbol.st_value, symbol.st_size, err))
			return -1;
	}
	return 0;
}

static int read_tables(struct mmp_elf *elf, unsigned type, struct mmp_error *err)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf->elf, section)))
		if (gelf_getshdr(section, &header) && header.sh_type == type &&
		    read_table(elf, section, &header, err))
			return -1;
	return 0;
}

/* --- the dynamic segment ------------------------------------------------------------- */

static uint64_t word(const struct mmp_elf *elf, const char *at)
{
	return mmp_load_little(at, elf->image.bits / 8);
}

static uint64_t half(const char *at)
{
	return mmp_load_little(at, 4);
}

static void read_dynamic_entry(struct dynamic *d, uint64_t tag, uint64_t value)
{
	switch (tag) {
	case DT_SYMTAB:
		d->symbols = value;
		break;
	case DT_STRTAB:
		d->strings = value;
		break;
	case DT_STRSZ:
		d->strings_size = value;
		break;
	case DT_HASH:
		d->hash = value;
		break;
	case DT_RELA:
		d->rela = value;
		break;
	case DT_RELASZ:
		d->rela_size = value;
		break;
	default:
		break;
	}
}

static bool read_dynamic(const struct mmp_elf *elf, struct dynamic *ret_dynamic)
{
	size_t count = 0, step = elf->image.bits / 4;
	GElf_Phdr header;

	elf_getphdrnum(elf->elf, &count);
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getphdr(elf->elf, (int)i, &header) ||
		    header.p_type != PT_DYNAMIC || header.p_offset > elf->size ||
		    header.p_filesz > elf->size - header.p_offset)
			continue;
		memset(ret_dynamic, 0, sizeof(*ret_dynamic));
		for (uint64_t at = 0; at + step <= header.p_filesz; at += step) {
			const char *entry = elf->bytes + header.p_offset + at;

			read_dynamic_entry(ret_dynamic, word(elf, entry),
					   word(elf, entry + step / 2));
		}
		return true;
	}
	return false;
}

static int read_dynamic_symbols(struct mmp_elf *elf, const struct dynamic *d,
				struct mmp_error *err)
{
	size_t step = elf->image.bits == 64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	const char *hash = mmp_elf_at(elf, d->hash, 8);
	const char *strings = mmp_elf_at(elf, d->strings, d->strings_size);
	uint64_t count = hash ? half(hash + 4) : 0;
	const char *table = mmp_elf_at(elf, d->symbols, count * step);

	if (!table || !strings || !d->strings_size ||
	    strings[d->strings_size - 1] != '\0')
		return 0;
	for (uint64_t i = 0; i < count; i++) {
		const char *at = table + i * step;
		uint64_t name = half(at), value, size;

		if (elf->image.bits == 64) {
			value = word(elf, at + 8);
			size = word(elf, at + 16);
		} else {
			value = half(at + 4);
			size = half(at + 8);
		}
		if (name < d->strings_size &&
		    add_symbol(elf, strings + name, value, size, err))
			return -1;
	}
	return 0;
}

static int symbol_by_name(const void *one, const void *other)
{
	const struct mmp_symbol *a = one, *b = other;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->value > b->value) - (a->value < b->value);
}

int mmp_elf_read_symbols(struct mmp_elf *elf, struct mmp_error *err)
{
	struct dynamic dynamic;

	if (read_tables(elf, SHT_SYMTAB, err))
		return -1;
	if (!elf->image.symbol_count && read_tables(elf, SHT_DYNSYM, err))
		return -1;
	if (!elf->image.symbol_count && read_dynamic(elf, &dynamic) &&
	    read_dynamic_symbols(elf, &dynamic, err))
		return -1;
	if (elf->image.symbol_count)
		qsort(elf->symbols, elf->image.symbol_count, sizeof(*elf->symbols),
		      symbol_by_name);
	elf->image.symbols = elf->symbols;
	return 0;
}

/* --- relocations --------------------------------------------------------------------- */

static int add_fix(struct mmp_elf *elf, uint64_t at, uint64_t value,
		   struct mmp_error *err)
{
	if (elf->fix_count == MMP_SYMBOLS_MAX)
		return mmp_fail(err, MMP_TOO_LARGE, "more than %u relocations",
				MMP_SYMBOLS_MAX);
	if (elf->fix_count == elf->fix_capacity) {
		size_t more = elf->fix_capacity ? 2 * elf->fix_capacity : 1024;
		void *grown = realloc(elf->fixes, more * sizeof(*elf->fixes));

		if (!grown)
			return mmp_fail(err, MMP_SYSTEM, "out of memory");
		elf->fixes = grown;
		elf->fix_capacity = more;
	}
	elf->fixes[elf->fix_count++] =
		(struct mmp_elf_fix){ at, value, elf->image.bits / 8 };
	return 0;
}

/* The image is read at its link address, so RELATIVE adds nothing to the addend. */
static bool is_relative(const struct mmp_elf *elf, uint64_t type)
{
	return elf->machine == EM_AARCH64 ? type == R_AARCH64_RELATIVE
					  : type == R_ARM_RELATIVE;
}

/*
 * RELA: the addend is the value. REL keeps the addend in place, where it is read
 * anyway, so there is nothing to do.
 */
static int read_rela(struct mmp_elf *elf, const char *table, uint64_t size,
		     struct mmp_error *err)
{
	size_t step = elf->image.bits == 64 ? 24 : 12, half_step = elf->image.bits / 8;

	for (uint64_t at = 0; at + step <= size; at += step) {
		uint64_t info = word(elf, table + at + half_step);
		uint64_t type =
			elf->image.bits == 64 ? info & UINT32_MAX : info & UINT8_MAX;

		if (is_relative(elf, type) &&
		    add_fix(elf, word(elf, table + at),
			    word(elf, table + at + 2 * half_step), err))
			return -1;
	}
	return 0;
}

static int read_rela_sections(struct mmp_elf *elf, struct mmp_error *err)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;

	while ((section = elf_nextscn(elf->elf, section))) {
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_RELA)
			continue;
		if (header.sh_offset > elf->size ||
		    header.sh_size > elf->size - header.sh_offset)
			return mmp_fail(err, MMP_INVALID,
					"the relocations at offset 0x%" PRIx64
					" end after the file's end 0x%zx",
					(uint64_t)header.sh_offset, elf->size);
		if (read_rela(elf, elf->bytes + header.sh_offset, header.sh_size, err))
			return -1;
	}
	return 0;
}

static int by_address(const void *one, const void *other)
{
	const struct mmp_elf_fix *a = one, *b = other;

	return (a->at > b->at) - (a->at < b->at);
}

int mmp_elf_read_fixes(struct mmp_elf *elf, struct mmp_error *err)
{
	struct dynamic dynamic;
	const char *table;

	if (read_rela_sections(elf, err))
		return -1;
	if (!elf->fix_count && read_dynamic(elf, &dynamic) && dynamic.rela_size) {
		table = mmp_elf_at(elf, dynamic.rela, dynamic.rela_size);
		if (table && read_rela(elf, table, dynamic.rela_size, err))
			return -1;
	}
	if (elf->fix_count)
		qsort(elf->fixes, elf->fix_count, sizeof(*elf->fixes), by_address);
	return 0;
}
