/* SPDX-License-Identifier: BSD-2-Clause */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "export/exporters.h"

/*
 * One segment, the pool, at its physical address; a symbol for each table. Written field
 * by field, little endian, so that the host's own order does not count.
 * Source: System V ABI, chapter 4 (object files); ELF for the Arm 64-bit Architecture.
 */

enum {
	HEADER = 64,  /* bytes of Elf64_Ehdr */
	SEGMENT = 56, /* of Elf64_Phdr */
	SECTION = 64, /* of Elf64_Shdr */
	SYMBOL = 24,  /* of Elf64_Sym */
	DATA = 4096,  /* where the pool begins in the file */
	SECTIONS = 5, /* none, .mmp_tables, .symtab, .strtab, .shstrtab */
};

static void put_number(struct mmp_buffer *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++) {
		char byte = (char)(value >> (8 * i));

		mmp_buffer_add(out, &byte, 1);
	}
}

static void put_zeros(struct mmp_buffer *out, size_t to)
{
	while (out->length < to && !out->failed)
		mmp_buffer_add(out, "\0\0\0\0\0\0\0", out->length + 8 <= to ? 8 : 1);
}

static void put_header(struct mmp_buffer *out, uint16_t machine, uint64_t sections_at)
{
	static const unsigned char ident[EI_NIDENT] = {
		0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT
	};

	mmp_buffer_add(out, ident, sizeof(ident));
	put_number(out, ET_EXEC, 2);
	put_number(out, machine, 2);
	put_number(out, EV_CURRENT, 4);
	put_number(out, 0, 8); /* no entry: it is data */
	put_number(out, HEADER, 8);
	put_number(out, sections_at, 8);
	put_number(out, 0, 4);
	put_number(out, HEADER, 2);
	put_number(out, SEGMENT, 2);
	put_number(out, 1, 2);
	put_number(out, SECTION, 2);
	put_number(out, SECTIONS, 2);
	put_number(out, SECTIONS - 1, 2);
}

static void put_segment(struct mmp_buffer *out, const struct mmp_export *export)
{
	put_number(out, PT_LOAD, 4);
	put_number(out, PF_R, 4);
	put_number(out, DATA, 8);
	put_number(out, export->pa, 8);
	put_number(out, export->pa, 8);
	put_number(out, export->length, 8);
	put_number(out, export->length, 8);
	put_number(out, DATA, 8);
}

struct elf_section {
	uint32_t name, type;
	uint64_t flags, address, offset, size;
	uint32_t link, info;
	uint64_t align, entry;
};

static void put_section(struct mmp_buffer *out, const struct elf_section *s)
{
	put_number(out, s->name, 4);
	put_number(out, s->type, 4);
	put_number(out, s->flags, 8);
	put_number(out, s->address, 8);
	put_number(out, s->offset, 8);
	put_number(out, s->size, 8);
	put_number(out, s->link, 4);
	put_number(out, s->info, 4);
	put_number(out, s->align, 8);
	put_number(out, s->entry, 8);
}

static void put_symbol(struct mmp_buffer *symbols, struct mmp_buffer *names,
		       const char *name, uint64_t value, uint64_t size)
{
	put_number(symbols, names->length, 4);
	put_number(symbols, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 1);
	put_number(symbols, STV_DEFAULT, 1);
	put_number(symbols, 1, 2); /* of .mmp_tables */
	put_number(symbols, value, 8);
	put_number(symbols, size, 8);
	mmp_buffer_add(names, name, strlen(name) + 1);
}

static void put_symbols(const struct mmp_export *export, struct mmp_buffer *symbols,
			struct mmp_buffer *names)
{
	const struct mmp_tables *tables = &export->layout->tables;
	char name[MMP_TABLE_TEXT_SIZE];

	put_zeros(symbols, SYMBOL); /* the undefined symbol */
	mmp_buffer_add(names, "", 1);
	put_symbol(symbols, names, "mmp_tables", export->pa, export->length);
	for (uint32_t id = 0; id < mmp_tables_count(tables); id++) {
		struct mmp_table_view view = mmp_tables_view(tables, id);

		put_symbol(symbols, names, mmp_export_symbol(export->layout, id, name),
			   view.pa,
			   (uint64_t)view.entries * tables->format->descriptor_bytes);
	}
}

static void put_sections(struct mmp_buffer *out, const struct mmp_export *export,
			 size_t symbols_at, size_t symbols, size_t names,
			 size_t section_names)
{
	size_t names_at = symbols_at + symbols;
	const struct elf_section sections[SECTIONS] = {
		{ 0 },
		{ 1, SHT_PROGBITS, SHF_ALLOC, export->pa, DATA, export->length, 0, 0,
		  4096, 0 },
		{ 13, SHT_SYMTAB, 0, 0, symbols_at, symbols, 3, 1, 8, SYMBOL },
		{ 21, SHT_STRTAB, 0, 0, names_at, names, 0, 0, 1, 0 },
		{ 29, SHT_STRTAB, 0, 0, names_at + names, section_names, 0, 0, 1, 0 },
	};

	for (unsigned i = 0; i < SECTIONS; i++)
		put_section(out, &sections[i]);
}

int mmp_export_elf(const struct mmp_export *export, struct mmp_buffer *out,
		   struct mmp_error *err)
{
	static const char section_names[] = "\0.mmp_tables\0.symtab\0.strtab\0.shstrtab";
	struct mmp_buffer symbols = MMP_BUFFER_EMPTY, names = MMP_BUFFER_EMPTY;
	size_t symbols_at = DATA + export->length, sections_at;

	(void)err;
	put_symbols(export, &symbols, &names);
	sections_at = symbols_at + symbols.length + names.length + sizeof(section_names);
	sections_at = (sections_at + 7) & ~(size_t)7;
	put_header(out, EM_AARCH64, sections_at);
	put_segment(out, export);
	put_zeros(out, DATA);
	mmp_buffer_add(out, export->bytes, export->length);
	mmp_buffer_add(out, symbols.bytes, symbols.length);
	mmp_buffer_add(out, names.bytes, names.length);
	mmp_buffer_add(out, section_names, sizeof(section_names));
	put_zeros(out, sections_at);
	put_sections(out, export, symbols_at, symbols.length, names.length,
		     sizeof(section_names));
	out->failed |= symbols.failed || names.failed;
	mmp_buffer_done(&symbols);
	mmp_buffer_done(&names);
	return 0;
}
