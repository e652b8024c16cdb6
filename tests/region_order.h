/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REGION_ORDER_H
#define REGION_ORDER_H

/* For qsort: struct mmp_region by type, then by address, then by size. */
int by_type_and_place(const void *one, const void *other);

#endif
