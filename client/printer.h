/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_PAGE_H
#define CLIENT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Text for people: colour where supported, aligned columns, wrapped paragraphs. Text
 * from elsewhere is written so that it cannot control the terminal.
 */

enum ink { INK_PLAIN, INK_STRONG, INK_FAINT, INK_BAD, INK_WARN, INK_GOOD, INK_COUNT };

/*
 * Write text with control characters made visible. Colour is used only on a terminal,
 * and not if NO_COLOR is set (https://no-color.org).
 */
void printer_text(FILE *to, enum ink ink, const char *text);

/* The columns of the terminal; unlimited for a file. */
size_t printer_columns(FILE *to);

/* Write text, cut to `columns` if it is longer: it then ends in "...". */
void printer_cut(FILE *to, enum ink ink, const char *text, size_t columns);

/*
 * Write a paragraph wrapped to the width of the terminal, or to 80 columns, with every
 * line after the first indented.
 */
void printer_paragraph(FILE *to, size_t indent, const char *text);

/* The same, if `at` columns of the first line are already used. */
void printer_paragraph_after(FILE *to, size_t at, size_t indent, const char *text);

/*
 * Print cells row by row, NULL for an empty one, in columns. Frees the cells. If a
 * table would be wider than the terminal, or than 120 columns, its widest column is
 * wrapped. The last `notes` columns are not printed as columns: their text is below the
 * row.
 */
struct printer_table {
	size_t columns, count, capacity; /* count: of cells */
	size_t notes;
	char **cells;
	const bool *right; /* for each column: right-aligned */
};

/* Add the next cell, a text from malloc() or NULL. The table owns it. */
void printer_table_add(struct printer_table *table, char *take_cell);

/* Print the table, its first row in that colour, and free its cells. */
void printer_table_print(FILE *to, struct printer_table *table, enum ink first_row);

#endif
