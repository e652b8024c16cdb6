/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_EXPORTERS_H
#define MMP_EXPORTERS_H

/* The functions in the rows of export.c, and what they share. */

#include "export/export.h"

typedef int mmp_export_write(const struct mmp_export *export, struct mmp_buffer *out,
			     struct mmp_error *err);

mmp_export_write mmp_export_raw, mmp_export_ihex, mmp_export_srec;
mmp_export_write mmp_export_c, mmp_export_asm, mmp_export_elf, mmp_export_ld;
mmp_export_write mmp_export_dts, mmp_export_json, mmp_export_log;
mmp_export_write mmp_export_gdb, mmp_export_openocd;

/* MMP_TOO_LARGE over MMP_EXPORT_MAX, MMP_SYSTEM if memory ran out; otherwise 0. */
int mmp_export_check(const struct mmp_buffer *out, struct mmp_error *err);

/*
 * MMP_INVALID if an address has more than 32 bits, which the format named by `what`
 * cannot hold.
 */
int mmp_export_32_bits(const struct mmp_export *export, const char *what,
		       struct mmp_error *err);

/* How comments name table `id`: "base table 0 of core 1, level 1, VA 0x0". */
#define MMP_TABLE_TEXT_SIZE 96
const char *mmp_export_table(const struct mmp_layout *layout, uint32_t id,
			     char text[MMP_TABLE_TEXT_SIZE]);

/* How symbols name it: "mmp_base_0_1" or "mmp_table_3". */
const char *mmp_export_symbol(const struct mmp_layout *layout, uint32_t id,
			      char text[MMP_TABLE_TEXT_SIZE]);

/*
 * Describe an entry for a comment: "table 3", or "VA 0x0e100000 PA 0x0e100000
 * TEE_RAM_RX secure P:r-x U:--- cached". "" for an empty entry.
 */
#define MMP_ENTRY_TEXT_SIZE 192
const char *mmp_export_entry(const struct mmp_layout *layout, uint32_t id, uint32_t index,
			     char text[MMP_ENTRY_TEXT_SIZE]);

/* The offset of table `id` in the bytes. */
size_t mmp_export_offset(const struct mmp_export *export, uint32_t id);

/*
 * Register number n of those to write before the MMU is turned on, by the Arm ARM's name
 * in lower case; false after the last. If the firmware has a base table for each core, the
 * translation table base register is that of core 0.
 */
bool mmp_export_register(const struct mmp_layout *layout, unsigned n, char name[32],
			 uint64_t *ret_value);

#endif
