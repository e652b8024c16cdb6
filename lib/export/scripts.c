/* SPDX-License-Identifier: BSD-2-Clause */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "export/exporters.h"

/* Scripts for linkers and debuggers. They refer to the raw bytes by the build's id. */

static void put_comment(const struct mmp_export *export, struct mmp_buffer *out,
			const char *begin, const char *end)
{
	mmp_buffer_printf(out, "%s translation tables of platform %s, rules %s%s\n",
			  begin, export->layout->platform->name,
			  export->layout->platform->rules->name, end);
	mmp_buffer_printf(out, "%s build %s%s\n", begin, export->id, end);
}

int mmp_export_ld(const struct mmp_export *export, struct mmp_buffer *out,
		  struct mmp_error *err)
{
	char name[32];
	uint64_t value;
	const struct mmp_tables *tables = &export->layout->tables;
	char symbol[MMP_TABLE_TEXT_SIZE];

	put_comment(export, out, "/*", " */");
	mmp_buffer_printf(out,
			  "mmp_tables_pa = 0x%" PRIx64 ";\nmmp_tables_size = 0x%zx;\n",
			  export->pa, export->length);
	for (unsigned i = 0; mmp_export_register(export->layout, i, name, &value); i++)
		mmp_buffer_printf(out, "mmp_%s = 0x%" PRIx64 ";\n", name, value);
	for (uint32_t id = 0; id < mmp_tables_count(tables); id++) {
		mmp_buffer_printf(out, "%s_pa = 0x%" PRIx64 ";\n",
				  mmp_export_symbol(export->layout, id, symbol),
				  mmp_tables_view(tables, id).pa);
		if (mmp_export_check(out, err))
			return -1;
	}
	mmp_buffer_printf(out,
			  "SECTIONS\n{\n\t.mmp_tables 0x%" PRIx64
			  " : { KEEP(*(.mmp_tables)) }\n}\n",
			  export->pa);
	return 0;
}

/* The script loads the raw bytes from a file next to it. */
static void put_script_head(const struct mmp_export *export, struct mmp_buffer *out)
{
	put_comment(export, out, "#", "");
	mmp_buffer_printf(out,
			  "# first: mmpctl build export %.12s --output mmp-%.12s.bin\n",
			  export->id, export->id);
}

int mmp_export_gdb(const struct mmp_export *export, struct mmp_buffer *out,
		   struct mmp_error *err)
{
	char name[32];
	uint64_t value;

	(void)err;
	put_script_head(export, out);
	mmp_buffer_printf(out, "restore mmp-%.12s.bin binary 0x%" PRIx64 "\n", export->id,
			  export->pa);
	for (unsigned i = 0; mmp_export_register(export->layout, i, name, &value); i++) {
		mmp_buffer_text(out, "set $");
		for (const char *at = name; *at; at++)
			mmp_buffer_printf(out, "%c", toupper((unsigned char)*at));
		mmp_buffer_printf(out, " = 0x%" PRIx64 "\n", value);
	}
	return 0;
}

/* Coprocessor registers of AArch32: op1, CRn, CRm and op2 of coprocessor 15. */
struct coprocessor {
	const char *name, *where;
};

static const char *where_of(const char *name)
{
	static const struct coprocessor rows[] = {
		{ "ttbr0", "15 0 2 0 0" },  { "ttbr1", "15 0 2 0 1" },
		{ "ttbcr", "15 0 2 0 2" },  { "dacr", "15 0 3 0 0" },
		{ "prrr", "15 0 10 2 0" },  { "nmrr", "15 0 10 2 1" },
		{ "mair0", "15 0 10 2 0" }, { "mair1", "15 0 10 2 1" },
		{ "htcr", "15 4 2 0 2" },   { "hmair0", "15 4 10 2 0" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].name, name))
			return rows[i].where;
	return NULL;
}

int mmp_export_openocd(const struct mmp_export *export, struct mmp_buffer *out,
		       struct mmp_error *err)
{
	char name[32];
	uint64_t value;

	(void)err;
	put_script_head(export, out);
	mmp_buffer_printf(out,
			  "load_image mmp-%.12s.bin 0x%" PRIx64 " bin\n"
			  "verify_image mmp-%.12s.bin 0x%" PRIx64 " bin\n",
			  export->id, export->pa, export->id, export->pa);
	for (unsigned i = 0; mmp_export_register(export->layout, i, name, &value); i++) {
		const char *where = where_of(name);

		if (where)
			mmp_buffer_printf(out, "arm mcr %s 0x%" PRIx64 "\n", where,
					  value);
		else
			mmp_buffer_printf(out, "reg %s 0x%" PRIx64 "\n", name, value);
	}
	return 0;
}
