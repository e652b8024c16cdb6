/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "map.h"

/* Escape HTML text, and JSON in a script element, which must not contain its end tag. */
static int put_escaped(const char *bytes, size_t length, void *data)
{
	FILE *to = data;

	for (size_t i = 0; i < length; i++)
		if (bytes[i] == '<')
			fputs("\\u003c", to);
		else
			fputc(bytes[i], to);
	return 0;
}

static void put_title(FILE *to, const json_t *map)
{
	const char *name = json_string_value(json_object_get(map, "platform"));

	fputs("Memory map of ", to);
	for (; name && *name; name++)
		if (strchr("<>&\"", *name))
			fprintf(to, "&#%d;", *name);
		else
			fputc(*name, to);
}

static void put_data(FILE *to, const json_t *map, const json_t *diff)
{
	json_t *data = json_pack("{s:O, s:O*}", "map", map, "diff", diff);

	if (data)
		json_dump_callback(data, put_escaped, to, JSON_COMPACT);
	json_decref(data);
}

static void put_before(FILE *to, const json_t *before)
{
	if (!before)
		return;
	fputs("<div id=\"before\" aria-hidden=\"true\" inert>", to);
	map_svg(to, before, MAP_BEHIND);
	fputs("</div>", to);
}

static void put_page(FILE *to, const json_t *map, const json_t *before,
		     const json_t *diff)
{
	const char *at = map_page, *mark;

	while ((mark = strchr(at, '@'))) {
		fwrite(at, 1, (size_t)(mark - at), to);
		if (!strncmp(mark, "@TITLE@", 7))
			put_title(to, map), at = mark + 7;
		else if (!strncmp(mark, "@SVG@", 5))
			map_svg(to, map, MAP_PAGE), at = mark + 5;
		else if (!strncmp(mark, "@BEFORE@", 8))
			put_before(to, before), at = mark + 8;
		else if (!strncmp(mark, "@DATA@", 6))
			put_data(to, map, diff), at = mark + 6;
		else
			fputc('@', to), at = mark + 1;
	}
	fputs(at, to);
}

int map_html(FILE *to, const json_t *map, const json_t *before, const json_t *diff,
	     struct mmp_error *err)
{
	json_t *marked, *marked_before;

	(void)err;
	if (!before) {
		put_page(to, map, NULL, diff);
		return 0;
	}
	map_mark(map, before, &marked, &marked_before);
	put_page(to, marked, marked_before, diff);
	json_decref(marked);
	json_decref(marked_before);
	return 0;
}
