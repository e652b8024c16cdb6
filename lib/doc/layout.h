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

/* The whole answer, a new reference. The layout must not have stopped. */
json_t *mmp_layout_write(const struct mmp_layout *layout, enum mmp_detail detail);

/*
 * The same in two steps, without building the long parts in memory. The first step
 * returns everything except the memory map and the tables, which are null; more members
 * may be added to it. The second step writes the bytes.
 */
json_t *mmp_layout_write_short(const struct mmp_layout *layout, enum mmp_detail detail);
void mmp_layout_print(struct mmp_writer *writer, const struct mmp_layout *layout,
		      json_t *answer);

/* MMP_TOO_LARGE if the answer would have more than MMP_DESCRIPTORS_MAX descriptors. */
int mmp_layout_write_check(const struct mmp_layout *layout, enum mmp_detail detail,
			   struct mmp_error *err);

/* Registers as an object of names and values, a new reference. */
json_t *mmp_registers_write(const struct mmp_register *registers, unsigned count);

/* A vector's `output.error`: stage, kind, message, file, line, func, trace. */
json_t *mmp_stop_write(const struct mmp_stop *stop, const struct mmp_platform *platform);

/*
 * The error data of a layout that stopped: firmware and xlat_tables_used. A new
 * reference.
 */
json_t *mmp_layout_stop_write(const struct mmp_layout *layout);

/* One entry of a memory map, a new reference. */
json_t *mmp_region_write(const struct mmp_rules *rules, const struct mmp_region *region);

#endif
