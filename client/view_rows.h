/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_VIEW_ROWS_H
#define CLIENT_VIEW_ROWS_H

/* Macros and tables for the rows of the files views_*.c. */

#include "views.h"

/* Used by more than one of them. */
extern const struct column view_range_columns[]; /* columns: from, to, size */
extern const struct column view_register_facts[];

#define END                                                                              \
	{                                                                                \
		0                                                                        \
	}
#define ONE_SECTION(name, ...)                                                           \
	static const struct section name##_sections[] = { __VA_ARGS__, END };            \
	const struct view name##_view = { name##_sections }
#define SECTIONS(name) const struct view name##_view = { name##_sections }

#endif
