/* SPDX-License-Identifier: BSD-2-Clause */
#include "page.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"

#define PAGE_COLUMNS 80

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

bool page_has_colour(FILE *to)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fileno(to)) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

/* A byte that a terminal may take for a command: C0, DEL, and C1 as UTF-8 writes it. */
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

void page_text(FILE *to, enum ink ink, const char *text)
{
	bool coloured = ink != INK_PLAIN && page_has_colour(to);

	if (coloured)
		fputs(inks[ink], to);
	put_visible(to, text);
	if (coloured)
		fputs("\033[0m", to);
}

size_t page_width(const char *text)
{
	size_t width = 0;

	for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
		if (is_control(at)) {
			width += 4;
			at += *at == 0xc2;
		} else if ((*at & 0xc0) != 0x80) { /* not the inside of a character */
			width++;
		}
	}
	return width;
}

static void put_spaces(FILE *to, size_t count)
{
	fprintf(to, "%*s", (int)count, "");
}

void page_paragraph(FILE *to, size_t indent, const char *text)
{
	size_t at = indent;

	while (*text) {
		size_t length = strcspn(text, " \n");
		char *word = memory_copy(text, length);
		size_t width = page_width(word);

		if (at > indent && at + 1 + width > PAGE_COLUMNS) {
			putc('\n', to);
			put_spaces(to, indent);
			at = indent;
		} else if (at > indent) {
			putc(' ', to);
			at++;
		}
		put_visible(to, word);
		at += width;
		free(word);
		text += length + strspn(text + length, " \n");
	}
	putc('\n', to);
}

void page_table_add(struct page_table *table, char *take_cell)
{
	size_t at = table->count++;

	if (at == table->capacity) {
		table->capacity = at ? at * 2 : 64;
		table->cells =
			memory_grow(table->cells, table->capacity * sizeof(char *));
	}
	table->cells[at] = take_cell;
}

static void put_row(FILE *to, const struct page_table *table, const size_t *widths,
		    char **cells, enum ink ink)
{
	for (size_t c = 0; c < table->columns; c++) {
		const char *cell = cells[c] ? cells[c] : "";
		size_t pad = widths[c] - page_width(cell);
		bool right = table->right && table->right[c];

		if (right)
			put_spaces(to, pad);
		page_text(to, ink, cell);
		if (c + 1 < table->columns)
			put_spaces(to, (right ? 0 : pad) + 2);
	}
	putc('\n', to);
}

void page_table_print(FILE *to, struct page_table *table, enum ink first_row)
{
	size_t *widths = memory_zeroed(table->columns, sizeof(*widths));

	for (size_t i = 0; i < table->count; i++) {
		size_t width = table->cells[i] ? page_width(table->cells[i]) : 0;

		if (width > widths[i % table->columns])
			widths[i % table->columns] = width;
	}
	for (size_t i = 0; i < table->count; i += table->columns)
		put_row(to, table, widths, table->cells + i, i ? INK_PLAIN : first_row);
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
	free(widths);
	*table = (struct page_table){ 0 };
}
