/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_LAYOUT_H
#define MMP_DOC_LAYOUT_H

/*
 * A layout as JSON: the keys and shapes of a vector's `output`.
 */

#include <jansson.h>

#include "json/writer.h"

#include "tables/layout.h"

enum mmp_detail {
	MMP_DETAIL_FULL,
	MMP_DETAIL_MAP, /* without tables */
};

extern const char *const mmp_detail_names[]; /* ends with NULL */

/*
 * The answer: its members into the open object of a writer, or all of it as a value, a
 * new reference. The layout must not have stopped.
 */
void mmp_layout_members(struct mmp_writer *writer, const struct mmp_layout *layout,
			enum mmp_detail detail);
json_t *mmp_layout_write(const struct mmp_layout *layout, enum mmp_detail detail);

/* MMP_TOO_LARGE if the answer would have more than MMP_DESCRIPTORS_MAX descriptors. */
int mmp_layout_write_check(const struct mmp_layout *layout, enum mmp_detail detail,
			   struct mmp_error *err);

/* Write registers as members: names and values. */
void mmp_registers_members(struct mmp_writer *writer,
			   const struct mmp_register *registers, unsigned count);

/* Write a vector's `output.error`: stage, kind, message, file, line, func, trace. */
void mmp_stop_members(struct mmp_writer *writer, const struct mmp_stop *stop,
		      const struct mmp_platform *platform);

/* The same as an object: the member `key`. */
void mmp_stop_write(struct mmp_writer *writer, const char *key,
		    const struct mmp_stop *stop, const struct mmp_platform *platform);

/*
 * The error data of a layout that stopped: firmware, xlat_tables_used, and how far it
 * came. As members, or as a value, a new reference.
 */
void mmp_layout_stop_members(struct mmp_writer *writer, const struct mmp_layout *layout);
json_t *mmp_layout_stop_write(const struct mmp_layout *layout);

/* A range of memory, as an object of addr and size. */
void mmp_range_print(struct mmp_writer *writer, uint64_t base, uint64_t size);

/* Where a region is: type, pa, va, size, attr and granule, as members. */
void mmp_region_place_members(struct mmp_writer *writer, const struct mmp_rules *rules,
			      const struct mmp_region *region);

/* One entry of a memory map: its members, or a value, a new reference. */
void mmp_region_members(struct mmp_writer *writer, const struct mmp_rules *rules,
			const struct mmp_region *region);
json_t *mmp_region_write(const struct mmp_rules *rules, const struct mmp_region *region);

#endif
