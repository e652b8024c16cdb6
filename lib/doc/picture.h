/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_DOC_PICTURE_H
#define MMP_DOC_PICTURE_H

/*
 * A layout prepared for drawing: what each region allows, in words and bits, what it
 * was made of, and every table with its entries in runs, with each kind of entry
 * decoded once.
 */

#include "tables/layout.h"
#include "json/writer.h"

/*
 * Write the members of the picture into the open object. regions: type, label, va, pa
 * (null if nothing is mapped), size, rights, security ("secure", "nonsecure" or "none"), write, execute,
 * device, names of registrations. secure and ddr: ranges. tables: id, level, pa,
 * base_va, entries, shift, runs: [first index, count, first descriptor, last
 * descriptor, number in patterns, next table or -1]. patterns: the fields of such an
 * entry, as descriptor.decode writes them. MMP_TOO_LARGE over MMP_PICTURE_RUNS_MAX
 * runs.
 */
int mmp_picture_members(struct mmp_writer *writer, const struct mmp_layout *layout,
			struct mmp_error *err);

#endif
