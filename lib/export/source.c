/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "export/exporters.h"

/* Tables as source: C for a compiler, and directives for an assembler. */

static void put_head(const struct mmp_export *export, struct mmp_buffer *out)
{
	char name[32];
	uint64_t value;

	mmp_buffer_printf(out,
			  "/*\n * Translation tables of platform %s, rules %s.\n"
			  " * Build %s\n * They belong at physical address 0x%" PRIx64
			  ", %zu bytes.\n",
			  export->layout->platform->name,
			  export->layout->platform->rules->name, export->id, export->pa,
			  export->length);
	for (unsigned i = 0; mmp_export_register(export->layout, i, name, &value); i++)
		mmp_buffer_printf(out, " * %s = 0x%" PRIx64 "\n", name, value);
	mmp_buffer_text(out, " */\n");
}

static uint64_t word_of(const struct mmp_layout *layout,
			const struct mmp_table_view *view, uint32_t n)
{
	return mmp_descriptor_at(layout->tables.format, view->bytes, n);
}

/* --- C --------------------------------------------------------------------------------- */

static void put_c_table(const struct mmp_export *export, struct mmp_buffer *out,
			uint32_t id)
{
	const struct mmp_layout *layout = export->layout;
	const struct mmp_format *format = layout->tables.format;
	struct mmp_table_view view = mmp_tables_view(&layout->tables, id);
	unsigned bits = format->descriptor_bytes * 8;
	char table[MMP_TABLE_TEXT_SIZE], symbol[MMP_TABLE_TEXT_SIZE];
	char entry[MMP_ENTRY_TEXT_SIZE];

	mmp_buffer_printf(out, "\n/* %s; at PA 0x%" PRIx64 " */\n",
			  mmp_export_table(layout, id, table), view.pa);
	mmp_buffer_printf(out,
			  "const uint%u_t %s[%u] __attribute__((aligned(%zu), "
			  "section(\".mmp_tables\"))) = {\n",
			  bits, mmp_export_symbol(layout, id, symbol), view.entries,
			  (size_t)view.entries * format->descriptor_bytes);
	for (uint32_t n = 0; n < view.entries; n++) {
		uint64_t word = word_of(layout, &view, n);

		if (word)
			mmp_buffer_printf(
				out, "\t[%u] = UINT%u_C(0x%0*" PRIx64 "), /* %s */\n", n,
				bits, (int)format->descriptor_digits, word,
				mmp_export_entry(layout, id, n, entry));
	}
	mmp_buffer_text(out, "};\n");
}

int mmp_export_c(const struct mmp_export *export, struct mmp_buffer *out,
		 struct mmp_error *err)
{
	char name[32];
	uint64_t value;

	put_head(export, out);
	mmp_buffer_printf(out,
			  "#include <stdint.h>\n\nconst uint64_t mmp_tables_pa = "
			  "UINT64_C(0x%" PRIx64 ");\n",
			  export->pa);
	for (unsigned i = 0; mmp_export_register(export->layout, i, name, &value); i++)
		mmp_buffer_printf(out,
				  "const uint64_t mmp_%s = UINT64_C(0x%" PRIx64 ");\n",
				  name, value);
	for (uint32_t id = 0; id < mmp_tables_count(&export->layout->tables); id++) {
		put_c_table(export, out, id);
		if (mmp_export_check(out, err))
			return -1;
	}
	return 0;
}

/* --- assembler ------------------------------------------------------------------------- */

/* The descriptors of a table, with runs of empty ones as one directive. */
static void put_asm_words(const struct mmp_layout *layout, struct mmp_buffer *out,
			  uint32_t id)
{
	const struct mmp_format *format = layout->tables.format;
	struct mmp_table_view view = mmp_tables_view(&layout->tables, id);
	const char *directive = format->descriptor_bytes == 8 ? ".quad" : ".long";
	char entry[MMP_ENTRY_TEXT_SIZE];
	uint32_t empty = 0;

	for (uint32_t n = 0; n < view.entries; n++) {
		uint64_t word = word_of(layout, &view, n);

		if (!word) {
			empty++;
			continue;
		}
		if (empty)
			mmp_buffer_printf(out, "\t.zero\t%u * %u\n", empty,
					  format->descriptor_bytes);
		empty = 0;
		mmp_buffer_printf(out, "\t%s\t0x%0*" PRIx64 "\t/* [%u] %s */\n",
				  directive, (int)format->descriptor_digits, word, n,
				  mmp_export_entry(layout, id, n, entry));
	}
	if (empty)
		mmp_buffer_printf(out, "\t.zero\t%u * %u\n", empty,
				  format->descriptor_bytes);
}

static void put_asm_table(const struct mmp_export *export, struct mmp_buffer *out,
			  uint32_t id)
{
	char table[MMP_TABLE_TEXT_SIZE], symbol[MMP_TABLE_TEXT_SIZE];

	mmp_export_symbol(export->layout, id, symbol);
	mmp_buffer_printf(out, "\n\t/* %s */\n\t.org\tmmp_tables + 0x%zx\n",
			  mmp_export_table(export->layout, id, table),
			  mmp_export_offset(export, id));
	mmp_buffer_printf(out, "\t.globl\t%s\n%s:\n", symbol, symbol);
	put_asm_words(export->layout, out, id);
}

/* Tables in the order of their addresses: .org only goes forward. */
static int put_asm_tables(const struct mmp_export *export, struct mmp_buffer *out,
			  struct mmp_error *err)
{
	uint32_t count = mmp_tables_count(&export->layout->tables);
	uint64_t at = 0;

	for (uint32_t done = 0; done < count; done++) {
		uint32_t next = count;
		uint64_t best = UINT64_MAX;

		for (uint32_t id = 0; id < count; id++) {
			uint64_t pa = mmp_tables_view(&export->layout->tables, id).pa;

			if (pa >= at && pa < best) {
				best = pa;
				next = id;
			}
		}
		if (next == count)
			break;
		put_asm_table(export, out, next);
		at = best + 1;
		if (mmp_export_check(out, err))
			return -1;
	}
	return 0;
}

int mmp_export_asm(const struct mmp_export *export, struct mmp_buffer *out,
		   struct mmp_error *err)
{
	put_head(export, out);
	mmp_buffer_text(out, "\t.section .mmp_tables, \"a\"\n\t.balign\t4096\n"
			     "\t.globl\tmmp_tables\nmmp_tables:\n");
	if (put_asm_tables(export, out, err))
		return -1;
	mmp_buffer_printf(out, "\t.org\tmmp_tables + 0x%zx\n", export->length);
	return 0;
}
