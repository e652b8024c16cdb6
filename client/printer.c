/* SPDX-License-Identifier: BSD-2-Clause */
#include "printer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "memory.h"

#define PAGE_COLUMNS  80
#define TABLE_COLUMNS 120
#define COLUMNS_MIN   40 /* for a narrower terminal the usual width is used */
#define FILLED_MIN    24 /* columns narrower than this are not wrapped */
#define NOTE_INDENT   4

/* clang-format off */
static const char *const inks[INK_COUNT] = {
	[INK_PLAIN]  = "",
	[INK_STRONG] = "\033[1m",
	[INK_FAINT]  = "\033[2m",
	[INK_BAD]    = "\033[31m",
	[INK_WARN]   = "\033[33m",
	[INK_GOOD]   = "\033[32m",
};
/* clang-format on */

static bool has_colour(FILE *to)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(to)) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

/* The width of the terminal, if it is one; a file has the usual width. */
static size_t columns_of(FILE *to, size_t usual)
{
	struct winsize size;

	if (isatty(fileno(to)) && !ioctl(fileno(to), TIOCGWINSZ, &size) &&
	    size.ws_col >= COLUMNS_MIN)
		return size.ws_col;
	return usual;
}

/* A byte that a terminal may interpret: C0, DEL, and C1 as encoded in UTF-8. */
static bool is_control(const unsigned char *at)
{
	return at[0] < 0x20 || at[0] == 0x7f ||
	       (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0);
}

static void put_visible(FILE *to, const char *text)
{
	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (!is_control(at))
			putc(*at, to);
		else if (*at == 0xc2)
			fprintf(to, "\\x%02x", *++at);
		else
			fprintf(to, "\\x%02x", *at);
	}
}

void printer_text(FILE *to, enum ink ink, const char *text)
{
	bool coloured = ink != INK_PLAIN && has_colour(to);

	if (coloured)
		fputs(inks[ink], to);
	put_visible(to, text);
	if (coloured)
		fputs("\033[0m", to);
}

/* The width of `text` in columns, as printer_text writes it. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (is_control(at)) {
			width += 4;
			at += *at == 0xc2;
		} else if ((*at & 0xc0) != 0x80) { /* not a continuation byte */
			width++;
		}
	}
	return width;
}

size_t printer_columns(FILE *to)
{
	return columns_of(to, SIZE_MAX);
}

void printer_cut(FILE *to, enum ink ink, const char *text, size_t columns)
{
	char *copy;
	size_t length = strlen(text);

	if (width_of(text) <= columns) {
		printer_text(to, ink, text);
		return;
	}
	copy = memory_copy(text, length);
	while (length && width_of(copy) + 3 > columns) {
		do
			length--;
		while (length && ((unsigned char)copy[length] & 0xc0) == 0x80);
		copy[length] = '\0';
	}
	printer_text(to, ink, copy);
	printer_text(to, ink, columns < 3 ? "" : "...");
	free(copy);
}

static void put_spaces(FILE *to, size_t count)
{
	fprintf(to, "%*s", (int)count, "");
}

void printer_paragraph(FILE *to, size_t indent, const char *text)
{
	printer_paragraph_after(to, indent, indent, text);
}

void printer_paragraph_after(FILE *to, size_t at, size_t indent, const char *text)
{
	size_t columns = columns_of(to, PAGE_COLUMNS);
	bool first = true; /* no space before the next word */

	while (*text) {
		size_t length = strcspn(text, " \n");
		char *word = memory_copy(text, length);
		size_t width = width_of(word);

		if (at > indent && at + !first + width > columns) {
			putc('\n', to);
			put_spaces(to, indent);
			at = indent;
		} else if (!first) {
			putc(' ', to);
			at++;
		}
		put_visible(to, word);
		first = false;
		at += width;
		free(word);
		text += length + strspn(text + length, " \n");
	}
	putc('\n', to);
}

void printer_table_add(struct printer_table *table, char *take_cell)
{
	size_t at = table->count++;

	if (at == table->capacity) {
		table->capacity = at ? at * 2 : 64;
		table->cells =
			memory_grow(table->cells, table->capacity * sizeof(char *));
	}
	table->cells[at] = take_cell;
}

/*
 * The number of bytes of `text` that fit in a line of `width` columns, at a word
 * boundary.
 */
static size_t line_length(const char *text, size_t width)
{
	size_t fits = strcspn(text, " ");

	while (text[fits]) {
		size_t more = fits + 1 + strcspn(text + fits + 1, " ");
		char *line = memory_copy(text, more);
		bool over = width_of(line) > width;

		free(line);
		if (over)
			break;
		fits = more;
	}
	return fits;
}

/* Print the next line of a cell and advance the cell; padded unless it ends the row. */
static void put_cell(FILE *to, const char **cell, size_t width, bool right, bool last,
		     enum ink ink)
{
	size_t length =
		width_of(*cell) > width ? line_length(*cell, width) : strlen(*cell);
	char *line = memory_copy(*cell, length);
	size_t used = width_of(line), pad = used < width ? width - used : 0;

	if (right)
		put_spaces(to, pad);
	printer_text(to, ink, line);
	if (!last)
		put_spaces(to, (right ? 0 : pad) + 2);
	free(line);
	*cell += length + ((*cell)[length] == ' ');
}

/* The number of columns up to the last one with text on this line. */
static size_t columns_left(const struct printer_table *table, const char **cells)
{
	size_t columns = table->columns - table->notes;

	while (columns && !*cells[columns - 1])
		columns--;
	return columns;
}

/* Print one line of a row; true if a cell has more lines. */
static bool put_line(FILE *to, const struct printer_table *table, const size_t *widths,
		     const char **cells, enum ink ink)
{
	size_t columns = columns_left(table, cells);

	for (size_t c = 0; c < columns; c++)
		put_cell(to, &cells[c], widths[c], table->right && table->right[c],
			 c + 1 == columns, ink);
	putc('\n', to);
	return columns_left(table, cells) > 0;
}

static void put_notes(FILE *to, const struct printer_table *table, char **cells)
{
	for (size_t c = table->columns - table->notes; c < table->columns; c++) {
		char *words;

		if (!cells[c] || !*cells[c])
			continue;
		words = memory_print("%s: %s", table->cells[c], cells[c]);
		put_spaces(to, NOTE_INDENT);
		printer_paragraph(to, NOTE_INDENT, words);
		free(words);
	}
}

static void put_row(FILE *to, const struct printer_table *table, const size_t *widths,
		    char **cells, enum ink ink)
{
	const char **rest = memory_zeroed(table->columns, sizeof(*rest));

	for (size_t c = 0; c < table->columns; c++)
		rest[c] = cells[c] ? cells[c] : "";
	while (put_line(to, table, widths, rest, ink))
		;
	free(rest);
	if (cells != table->cells)
		put_notes(to, table, cells);
}

/* The width of the longest word in a column: words are not broken. */
static size_t longest_word(const struct printer_table *table, size_t column)
{
	size_t longest = 0;

	for (size_t i = column; i < table->count; i += table->columns) {
		const char *at = table->cells[i] ? table->cells[i] : "";

		while (*at) {
			size_t length = strcspn(at, " ");
			char *word = memory_copy(at, length);
			size_t width = width_of(word);

			free(word);
			longest = width > longest ? width : longest;
			at += length + strspn(at + length, " ");
		}
	}
	return longest;
}

/*
 * Give the widest column only the space that the others leave, or what its words need.
 */
static void narrow(const struct printer_table *table, size_t *widths, size_t most)
{
	size_t columns = table->columns - table->notes, widest = 0, total = 0, word;

	for (size_t c = 0; c < columns; c++) {
		total += widths[c] + (c ? 2 : 0);
		if (widths[c] > widths[widest])
			widest = c;
	}
	if (total <= most)
		return;
	total -= widths[widest];
	if (widths[widest] > FILLED_MIN)
		widths[widest] = total + FILLED_MIN < most ? most - total : FILLED_MIN;
	word = longest_word(table, widest);
	widths[widest] = word > widths[widest] ? word : widths[widest];
}

void printer_table_print(FILE *to, struct printer_table *table, enum ink first_row)
{
	size_t *widths = memory_zeroed(table->columns, sizeof(*widths));

	for (size_t i = 0; i < table->count; i++) {
		size_t width = table->cells[i] ? width_of(table->cells[i]) : 0;

		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
	narrow(table, widths, columns_of(to, TABLE_COLUMNS));
	for (size_t i = 0; i < table->count; i += table->columns)
		put_row(to, table, widths, table->cells + i, i ? INK_PLAIN : first_row);
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(widths);
	*table = (struct printer_table){ 0 };
}
