/* SPDX-License-Identifier: BSD-2-Clause */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "arch/regime.h"
#include "base/page.h"
#include "export/exporters.h"

/*
 * One segment, the pool, at its physical address, and a symbol for each table. Tables
 * of a 64-bit regime are an ELF64 file of EM_AARCH64, those of a 32-bit regime an ELF32
 * file of EM_ARM. Written field by field in little endian, so that the byte order of
 * the host does not matter. Source: System V ABI, chapter 4 (object files); ELF for the
 * Arm Architecture, and for the Arm 64-bit Architecture.
 */

enum {
	DATA = MMP_PAGE, /* offset of the pool in the file */
	SECTIONS = 5,    /* none, .mmp_tables, .symtab, .strtab, .shstrtab */
	SYMBOLS = 2,     /* section number of .symtab */
	NAMES = 3,       /* section number of .strtab */
};

/* How the two classes differ: sizes in bytes, and a few numbers. */
struct elf_class {
	unsigned class, machine, flags;
	unsigned word; /* size of an address or an offset */
	unsigned header, segment, section, symbol;
};

static const struct elf_class elf_64 = { ELFCLASS64, EM_AARCH64, 0, 8, 64, 56, 64, 24 };
static const struct elf_class elf_32 = { ELFCLASS32, EM_ARM, EF_ARM_EABI_VER5, 4, 52, 32,
					 40,         16 };

struct elf {
	const struct elf_class *class;
	const struct mmp_export *export;
	struct mmp_buffer *out, symbols, names;
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

static void put_header(const struct elf *elf, uint64_t sections_at)
{
	const struct elf_class *class = elf->class;
	const unsigned char ident[EI_NIDENT] = {
		0x7f, 'E', 'L', 'F', (unsigned char)class->class, ELFDATA2LSB, EV_CURRENT
	};

	mmp_buffer_add(elf->out, ident, sizeof(ident));
	put_number(elf->out, ET_EXEC, 2);
	put_number(elf->out, class->machine, 2);
	put_number(elf->out, EV_CURRENT, 4);
	put_number(elf->out, 0, class->word); /* no entry: it is data */
	put_number(elf->out, class->header, class->word);
	put_number(elf->out, sections_at, class->word);
	put_number(elf->out, class->flags, 4);
	put_number(elf->out, class->header, 2);
	put_number(elf->out, class->segment, 2);
	put_number(elf->out, 1, 2);
	put_number(elf->out, class->section, 2);
	put_number(elf->out, SECTIONS, 2);
	put_number(elf->out, SECTIONS - 1, 2);
}

/* The flags are at a different position in each class. */
static void put_segment(const struct elf *elf)
{
	const struct mmp_export *export = elf->export;
	bool wide = elf->class->word == 8;

	put_number(elf->out, PT_LOAD, 4);
	if (wide)
		put_number(elf->out, PF_R, 4);
	put_number(elf->out, DATA, elf->class->word);
	put_number(elf->out, export->pa, elf->class->word);
	put_number(elf->out, export->pa, elf->class->word);
	put_number(elf->out, export->length, elf->class->word);
	put_number(elf->out, export->length, elf->class->word);
	if (!wide)
		put_number(elf->out, PF_R, 4);
	put_number(elf->out, DATA, elf->class->word);
}

struct elf_section {
	uint32_t name, type;
	uint64_t flags, address, offset, size;
	uint32_t link, info;
	uint64_t align, entry;
};

static void put_section(const struct elf *elf, const struct elf_section *s)
{
	unsigned word = elf->class->word;

	put_number(elf->out, s->name, 4);
	put_number(elf->out, s->type, 4);
	put_number(elf->out, s->flags, word);
	put_number(elf->out, s->address, word);
	put_number(elf->out, s->offset, word);
	put_number(elf->out, s->size, word);
	put_number(elf->out, s->link, 4);
	put_number(elf->out, s->info, 4);
	put_number(elf->out, s->align, word);
	put_number(elf->out, s->entry, word);
}

static void put_kind_of_symbol(struct mmp_buffer *symbols)
{
	put_number(symbols, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 1);
	put_number(symbols, STV_DEFAULT, 1);
	put_number(symbols, 1, 2); /* of .mmp_tables */
}

static void put_symbol(struct elf *elf, const char *name, uint64_t value, uint64_t size)
{
	bool wide = elf->class->word == 8;

	put_number(&elf->symbols, elf->names.length, 4);
	if (wide)
		put_kind_of_symbol(&elf->symbols);
	put_number(&elf->symbols, value, elf->class->word);
	put_number(&elf->symbols, size, elf->class->word);
	if (!wide)
		put_kind_of_symbol(&elf->symbols);
	mmp_buffer_add(&elf->names, name, strlen(name) + 1);
}

static void put_symbols(struct elf *elf)
{
	const struct mmp_export *export = elf->export;
	const struct mmp_tables *tables = &export->layout->tables;
	char name[MMP_TABLE_TEXT_SIZE];

	put_zeros(&elf->symbols, elf->class->symbol); /* the undefined symbol */
	mmp_buffer_add(&elf->names, "", 1);
	put_symbol(elf, "mmp_tables", export->pa, export->length);
	for (uint32_t id = 0; id < mmp_tables_count(tables); id++) {
		struct mmp_table_view view = mmp_tables_view(tables, id);

		put_symbol(elf, mmp_export_symbol(export->layout, id, name), view.pa,
			   (uint64_t)view.entries * tables->format->descriptor_bytes);
	}
}

static void put_sections(const struct elf *elf, size_t section_names)
{
	const struct mmp_export *export = elf->export;
	size_t symbols_at = DATA + export->length;
	size_t names_at = symbols_at + elf->symbols.length;
	size_t end = names_at + elf->names.length;
	const struct elf_section sections[SECTIONS] = {
		{ 0 },
		{ 1, SHT_PROGBITS, SHF_ALLOC, export->pa, DATA, export->length, 0, 0,
		  MMP_PAGE, 0 },
		[SYMBOLS] = { 13, SHT_SYMTAB, 0, 0, symbols_at, elf->symbols.length,
			      NAMES, 1, elf->class->word, elf->class->symbol },
		[NAMES] = { 21, SHT_STRTAB, 0, 0, names_at, elf->names.length, 0, 0, 1,
			    0 },
		{ 29, SHT_STRTAB, 0, 0, end, section_names, 0, 0, 1, 0 },
	};

	for (unsigned i = 0; i < SECTIONS; i++)
		put_section(elf, &sections[i]);
}

static void put_file(struct elf *elf)
{
	static const char section_names[] = "\0.mmp_tables\0.symtab\0.strtab\0.shstrtab";
	const struct mmp_export *export = elf->export;
	size_t sections_at;

	put_symbols(elf);
	sections_at = DATA + export->length + elf->symbols.length + elf->names.length +
		      sizeof(section_names);
	sections_at = (sections_at + 7) & ~(size_t)7;
	put_header(elf, sections_at);
	put_segment(elf);
	put_zeros(elf->out, DATA);
	mmp_buffer_add(elf->out, export->bytes, export->length);
	mmp_buffer_add(elf->out, elf->symbols.bytes, elf->symbols.length);
	mmp_buffer_add(elf->out, elf->names.bytes, elf->names.length);
	mmp_buffer_add(elf->out, section_names, sizeof(section_names));
	put_zeros(elf->out, sections_at);
	put_sections(elf, sizeof(section_names));
}

int mmp_export_elf(const struct mmp_export *export, struct mmp_buffer *out,
		   struct mmp_error *err)
{
	bool wide = export->layout->plan.shape.regime->aarch64;
	struct elf elf = { .class = wide ? &elf_64 : &elf_32,
			   .export = export,
			   .out = out,
			   .symbols = MMP_BUFFER_EMPTY,
			   .names = MMP_BUFFER_EMPTY };

	(void)err; /* the pool of a 32-bit core has an address of 32 bits */
	put_file(&elf);
	out->failed |= elf.symbols.failed || elf.names.failed;
	mmp_buffer_done(&elf.symbols);
	mmp_buffer_done(&elf.names);
	return 0;
}
