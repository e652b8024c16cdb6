/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_PAGE_H
#define CLIENT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Text for people: colour where it is wanted, aligned columns, filled paragraphs. What
 * comes from elsewhere is written so that it cannot drive the terminal.
 */

enum ink { INK_PLAIN, INK_STRONG, INK_FAINT, INK_BAD, INK_WARN, INK_GOOD, INK_COUNT };

/*
 * Write text, control characters made visible; in a colour only on a terminal, and not
 * where NO_COLOR is set (https://no-color.org).
 */
void printer_text(FILE *to, enum ink ink, const char *text);

/* The columns of the terminal, or as many as there are room for: no end, in a file. */
size_t printer_columns(FILE *to);

/* Write text, cut where it would take more than `columns`: the end is "..." then. */
void printer_cut(FILE *to, enum ink ink, const char *text, size_t columns);

/* A paragraph filled to the width of the terminal, or to 80 columns, every line after the first indented. */
void printer_paragraph(FILE *to, size_t indent, const char *text);

/* The same behind something that has taken `at` columns of the first line already. */
void printer_paragraph_after(FILE *to, size_t at, size_t indent, const char *text);

/*
 * Cells row by row, NULL for an empty one, into columns. Cells are freed. A table that
 * would be wider than the terminal, or than 120 columns, has its widest column filled into lines. The last
 * `notes` columns are none: what they have is said below their row.
 */
struct printer_table {
	size_t columns, count, capacity; /* count: of cells */
	size_t notes;
	char **cells;
	const bool *right; /* of each column: flush right */
};

void printer_table_add(struct printer_table *table, char *take_cell);
void printer_table_print(FILE *to, struct printer_table *table, enum ink first_row);

#endif
