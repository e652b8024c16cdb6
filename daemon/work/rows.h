/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ROWS_H
#define ROWS_H

#include "base/buffer.h"
#include "store/store.h"

/*
 * Copies of the regions that the store passes to a callback. The store thread only makes
 * the copies; a worker turns them into registrations.
 */
struct rows {
	struct mmp_buffer list;  /* the rows, without texts */
	struct mmp_buffer texts; /* of all rows, each ended by a NUL */
};

/* For mmp_store_regions_some, with `data` a struct rows. */
int rows_add(void *data, const struct mmp_region_row *row, struct mmp_error *err);

size_t rows_count(const struct rows *rows);
size_t rows_bytes(const struct rows *rows);

/* Pass each row to the callback, whose -1 ends it. The texts are those of `rows`. */
int rows_each(const struct rows *rows, mmp_each_region *each, void *data,
	      struct mmp_error *err);

void rows_done(struct rows *rows); /* frees; empty afterwards */

#endif
