/* SPDX-License-Identifier: BSD-2-Clause */
#include "export/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "arch/regime.h"
#include "base/limits.h"
#include "export/exporters.h"
#include "study/rights.h"

/* clang-format off */
const struct mmp_exporter mmp_exporters[] = {
	{ "raw",     "the bytes of the pool as they are in memory", false, mmp_export_raw },
	{ "ihex",    "Intel HEX, for flash tools and debuggers", true, mmp_export_ihex },
	{ "srec",    "Motorola S-records, for boot loaders and programmers", true, mmp_export_srec },
	{ "c",       "a C array for each table, with a comment for each descriptor", true, mmp_export_c },
	{ "asm",     "GNU assembler, for gas and clang", true, mmp_export_asm },
	{ "elf",     "an ELF file with the pool as a segment and a symbol for each table", false, mmp_export_elf },
	{ "ld",      "a linker script fragment that places .mmp_tables and defines symbols", true, mmp_export_ld },
	{ "dts",     "device-tree source: the memory that the normal world must not use", true, mmp_export_dts },
	{ "json",    "every table with its descriptors, the registers and the manifest", true, mmp_export_json },
	{ "log",     "the memory map as the firmware prints it, to compare with a boot log", true, mmp_export_log },
	{ "gdb",     "a gdb script: restores the raw bytes and sets the registers", true, mmp_export_gdb },
	{ "openocd", "an OpenOCD script: loads and verifies the raw bytes, sets the registers", true, mmp_export_openocd },
	{ NULL, NULL, false, NULL },
};
/* clang-format on */

const char *const mmp_exporter_names[] = { "raw", "ihex",    "srec", "c",    "asm",
					   "elf", "ld",      "dts",  "json", "log",
					   "gdb", "openocd", NULL };

int mmp_export(const struct mmp_exporter *exporter, const struct mmp_export *export,
	       struct mmp_buffer *out, struct mmp_error *err)
{
	if (export->length > MMP_EXPORT_MAX)
		return mmp_fail(err, MMP_TOO_LARGE,
				"the pool has %zu bytes; at most %u can be exported",
				export->length, MMP_EXPORT_MAX);
	if (exporter->write(export, out, err))
		return -1;
	return mmp_export_check(out, err);
}

int mmp_export_check(const struct mmp_buffer *out, struct mmp_error *err)
{
	if (out->failed)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (out->length > MMP_EXPORT_MAX)
		return mmp_fail(
			err, MMP_TOO_LARGE,
			"over %u bytes in this form; raw and elf are the smallest",
			MMP_EXPORT_MAX);
	return 0;
}

int mmp_export_32_bits(const struct mmp_export *export, const char *what,
		       struct mmp_error *err)
{
	uint64_t last = export->pa + (export->length ? export->length - 1 : 0);

	if (last <= UINT32_MAX)
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"%s has addresses of 32 bits, and the pool ends at 0x%" PRIx64
			"; raw and elf can hold it",
			what, last);
}

const char *mmp_export_table(const struct mmp_layout *layout, uint32_t id,
			     char text[MMP_TABLE_TEXT_SIZE])
{
	struct mmp_table_view view = mmp_tables_view(&layout->tables, id);

	if (view.is_base)
		snprintf(text, MMP_TABLE_TEXT_SIZE,
			 "table %u: base table %u of core %u, level %d, VA 0x%" PRIx64,
			 id, view.index, view.core, view.level, view.base_va);
	else
		snprintf(text, MMP_TABLE_TEXT_SIZE, "table %u: level %d, VA 0x%" PRIx64,
			 id, view.level, view.base_va);
	return text;
}

const char *mmp_export_symbol(const struct mmp_layout *layout, uint32_t id,
			      char text[MMP_TABLE_TEXT_SIZE])
{
	struct mmp_table_view view = mmp_tables_view(&layout->tables, id);

	if (view.is_base)
		snprintf(text, MMP_TABLE_TEXT_SIZE, "mmp_base_%u_%u", view.core,
			 view.index);
	else
		snprintf(text, MMP_TABLE_TEXT_SIZE, "mmp_table_%u", id);
	return text;
}

static int64_t region_at(const struct mmp_plan *plan, uint64_t va)
{
	for (size_t n = 0; n < plan->count; n++)
		if (va - plan->regions[n].va < plan->regions[n].size)
			return (int64_t)n;
	return -1;
}

const char *mmp_export_entry(const struct mmp_layout *layout, uint32_t id, uint32_t index,
			     char text[MMP_ENTRY_TEXT_SIZE])
{
	const struct mmp_format *format = layout->tables.format;
	struct mmp_table_view view = mmp_tables_view(&layout->tables, id);
	uint64_t word = mmp_descriptor_at(format, view.bytes, index), va;
	char rights[MMP_RIGHTS_TEXT_SIZE];
	int64_t n;

	text[0] = '\0';
	if (!word || view.level < 0)
		return text;
	va = view.base_va + ((uint64_t)index << format->shift(view.level));
	if (format->kind(view.level, word) == MMP_ENTRY_TABLE) {
		snprintf(text, MMP_ENTRY_TEXT_SIZE, "VA 0x%08" PRIx64 ": table %" PRId64,
			 va,
			 mmp_tables_id_at(&layout->tables,
					  format->address(view.level, word)));
		return text;
	}
	n = region_at(&layout->plan, va);
	if (n < 0)
		snprintf(text, MMP_ENTRY_TEXT_SIZE, "VA 0x%08" PRIx64, va);
	else
		snprintf(text, MMP_ENTRY_TEXT_SIZE,
			 "VA 0x%08" PRIx64 " PA 0x%08" PRIx64 " %s, %s", va,
			 format->address(view.level, word),
			 mmp_memtype_label(layout->platform->rules,
					   layout->plan.regions[n].type),
			 mmp_rights_print(mmp_rights_of_region(layout, (size_t)n),
					  rights));
	return text;
}

size_t mmp_export_offset(const struct mmp_export *export, uint32_t id)
{
	return (size_t)(mmp_tables_view(&export->layout->tables, id).pa - export->pa);
}

/* Whether a value in the list is a register to write, and not only a part of one. */
static bool is_complete(const struct mmp_register *r)
{
	return (r->form == MMP_REGISTER_64 || r->form == MMP_REGISTER_32) &&
	       r->role != MMP_REGISTER_WALK;
}

static bool has_role(const struct mmp_layout *layout, enum mmp_register_role role)
{
	for (unsigned i = 0; i < layout->register_count; i++)
		if (layout->registers[i].role == role)
			return true;
	return false;
}

/*
 * Base register n if the list has only its parts: the address of the table that the list
 * names (else table 0), and the attributes of the walk.
 */
static bool base_register(const struct mmp_layout *layout, unsigned n, char name[32],
			  uint64_t *ret_value)
{
	unsigned role = MMP_REGISTER_BASE + n;
	const char *its_name = role <= MMP_REGISTER_BASE_UPPER
				       ? layout->plan.shape.regime->names[role]
				       : NULL;
	uint64_t table = mmp_layout_register_for(layout, MMP_REGISTER_BASE_TABLE);

	if (!its_name || !layout->register_count ||
	    has_role(layout, (enum mmp_register_role)role))
		return false;
	snprintf(name, 32, "%s", its_name);
	*ret_value = mmp_tables_view(&layout->tables, (uint32_t)table).pa |
		     mmp_layout_register_for(layout, MMP_REGISTER_WALK);
	return true;
}

bool mmp_export_register(const struct mmp_layout *layout, unsigned n, char name[32],
			 uint64_t *ret_value)
{
	const struct mmp_regime *regime = layout->plan.shape.regime;

	for (unsigned i = 0; i < layout->register_count; i++) {
		const struct mmp_register *r = &layout->registers[i];
		const char *its_name = regime->names[r->role];

		if (is_complete(r) && n-- == 0) {
			snprintf(name, 32, "%s", its_name ? its_name : r->name);
			*ret_value = r->value;
			return true;
		}
	}
	return base_register(layout, n, name, ret_value);
}

int mmp_export_raw(const struct mmp_export *export, struct mmp_buffer *out,
		   struct mmp_error *err)
{
	(void)err;
	mmp_buffer_add(out, export->bytes, export->length);
	return 0;
}
