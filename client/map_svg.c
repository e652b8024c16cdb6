/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "map.h"
#include "map_space.h"
#include "memory.h"
#include "json/text.h"

/* Two columns, virtual and physical, with a band from each region to its memory. */

enum {
	WIDTH = 1100,
	COLUMN = 270, /* width of a space */
	VIRTUAL_X = 160,
	PHYSICAL_X = 670,
	HATCH = 11, /* from one stripe to the next */
};

/* --- drawing --------------------------------------------------------------------------- */

static void put_xml(FILE *to, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '&':
			fputs("&amp;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		default:
			fputc((unsigned char)*text < 0x20 ? '?' : *text, to);
		}
}

static void put_style(FILE *to)
{
	fputs("<style>.mmp{--secure:#cfe3ff;--execute:#cdeccf;--nonsecure:#ffe3b3;--both:"
	      "#ffc9c4;"
	      "--none:#eceff2;--edge:#59636e;--text:#16191d;--soft:#59636e;--paper:#"
	      "ffffff;--new:#0a7a33;--gone:#b3261e;--moved:#6f2dbd}"
	      "@media(prefers-color-scheme:dark){.mmp{--secure:#1f3b63;--execute:#1f4a2b;"
	      "--nonsecure:#5b4212;--both:#6b1f1b;--none:#262d34;--edge:#8b96a1;--text:#"
	      "eef1f4;"
	      "--soft:#a3adb7;--paper:#14181d;--new:#6fdc8c;--gone:#ff8a80;--moved:#"
	      "8ab4f8}}"
	      "@media print{.mmp{--secure:#dbe9ff;--execute:#dcf2dd;--nonsecure:#ffecc9;"
	      "--both:#ffd8d4;--none:#f3f4f6;--edge:#444;--text:#000;--soft:#333;--paper:"
	      "#fff;--new:#0a7a33;--gone:#b3261e;--moved:#6f2dbd}}"
	      ".mmp text{font:12px system-ui,sans-serif;fill:var(--text)}"
	      ".mmp .a{font:11px ui-monospace,'DejaVu Sans "
	      "Mono',monospace;fill:var(--soft)}"
	      ".mmp .h{font:600 15px system-ui,sans-serif}.mmp .s{fill:var(--soft)}"
	      ".mmp rect{stroke:var(--edge);stroke-width:1}"
	      ".mmp .secure rect,.mmp .secure path{fill:var(--secure)}"
	      ".mmp .x rect,.mmp .x path{fill:var(--execute)}"
	      ".mmp .nonsecure rect,.mmp .nonsecure path{fill:var(--nonsecure)}"
	      ".mmp .wx rect,.mmp .wx path{fill:var(--both)}"
	      ".mmp .none rect{fill:var(--none);stroke-dasharray:4 3}.mmp .none "
	      "path{fill:var(--none)}"
	      ".mmp path.band{fill-opacity:.55;stroke:none}"
	      ".mmp .new>rect{stroke:var(--new);stroke-width:3}"
	      ".mmp .gone>rect{stroke:var(--gone);stroke-width:3;stroke-dasharray:9 "
	      "4;fill:var(--paper)}"
	      ".mmp .moved>rect{stroke:var(--moved);stroke-width:3;stroke-dasharray:3 3}"
	      ".mmp .changed>rect{stroke:var(--moved);stroke-width:3}"
	      ".mmp .hatch{fill:none!important;stroke-width:1.5;stroke-opacity:.55}"
	      ".mmp .new .hatch{stroke:var(--new)}.mmp .gone .hatch{stroke:var(--gone)}"
	      ".mmp .new>text,.mmp "
	      ".gone>text{paint-order:stroke;stroke:var(--paper);stroke-width:3px}"
	      ".mmp .gap{stroke:var(--edge);fill:none;stroke-dasharray:2 4}"
	      "</style>",
	      to);
}

static const char *class_of(const json_t *region)
{
	const char *security = mmp_json_string(region, "security");
	bool write = json_is_true(json_object_get(region, "write"));
	bool execute = json_is_true(json_object_get(region, "execute"));

	if (write && execute)
		return "wx";
	if (strcmp(security, "secure") == 0 && execute)
		return "x";
	return security;
}

static double x_of(const struct picture_shape *shape, double x)
{
	return x + (double)COLUMN * shape->lane / shape->lanes;
}

static const char *member_or_nothing(const json_t *region, const char *key)
{
	const char *text = json_string_value(json_object_get(region, key));

	return text ? text : "";
}

static bool is_gone(const json_t *region)
{
	return strcmp(member_or_nothing(region, "change"), "gone") == 0;
}

/* As many letters as fit into the width, with "..." where some are left out. */
static void put_fitting(FILE *to, const char *text, double width)
{
	size_t most = (size_t)(width / 6.9), length = strlen(text);
	char *cut;

	if (length <= most) {
		put_xml(to, text);
		return;
	}
	cut = memory_copy(text, most > 3 ? most - 3 : 0);
	mmp_text_mend(cut);
	put_xml(to, cut);
	fputs(most > 3 ? "..." : "", to);
	free(cut);
}

/* "IO_SEC UART0 2M rw-": the type, the first registration with a name, and more. */
static char *caption_of(const json_t *region)
{
	const char *name =
		json_string_value(json_array_get(json_object_get(region, "names"), 0));
	char size[MMP_SIZE_TEXT_SIZE];
	const char *rights = mmp_json_string(region, "rights");
	const char *modes = strstr(rights, "P:");
	bool nonsecure = strncmp(rights, "non-secure", 10) == 0;

	mmp_size_print(map_number(json_object_get(region, "size")), size);
	return memory_print("%s%s%s  %s%s%.3s%s", mmp_json_string(region, "label"),
			    name && *name ? " " : "", name ? name : "", size,
			    modes ? "  " : "", modes ? modes + 2 : "",
			    nonsecure ? " NS" : "");
}

/* Stripes mark what is new or gone, so that it does not take colour to see it. */
static void put_hatch(FILE *to, const char *change, double x, double y, double width,
		      double height)
{
	bool rising = strcmp(change, "new") == 0;

	if (!rising && strcmp(change, "gone") != 0)
		return;
	fputs("<path class=\"hatch\" d=\"", to);
	for (double at = HATCH; at < width + height; at += HATCH) {
		double right = at < width ? at : width;
		double left = at > height ? at - height : 0;

		if (rising)
			fprintf(to, "M%.1f %.1fL%.1f %.1f", x + right, y + at - right,
				x + left, y + at - left);
		else
			fprintf(to, "M%.1f %.1fL%.1f %.1f", x + right,
				y + height - at + right, x + left,
				y + height - at + left);
	}
	fputs("\"/>", to);
}

static const char *sign_of(const char *change)
{
	static const char *const signs[][2] = { { "new", "+ " },
						{ "gone", "\xe2\x88\x92 " },
						{ "moved", "\xe2\x86\x92 " },
						{ "changed", "~ " } };

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strcmp(signs[i][0], change) == 0)
			return signs[i][1];
	return "";
}

/* The change as a space shows it: a region that moves in one may stay in the other. */
static const char *change_in(const json_t *region, const char *space)
{
	const char *here = member_or_nothing(region, "change");
	const char *stays = json_string_value(json_object_get(region, "stays"));

	if (!stays || strcmp(stays, space) != 0)
		return here;
	return json_is_true(json_object_get(region, "other")) ? "changed" : "";
}

static void put_shape(FILE *to, const struct picture_space *s,
		      const struct picture_shape *shape, const json_t *region,
		      const char *space, double column, enum map_use use)
{
	const char *change = change_in(region, space);
	const char *note = member_or_nothing(region, "note");
	double y = map_space_y(s, shape->at), x = x_of(shape, column);
	double height = map_space_y(s, shape->end) - y,
	       width = (double)COLUMN / shape->lanes;
	char *caption = caption_of(region);

	fprintf(to,
		"<g class=\"region %s%s%s\" data-n=\"%zu\"%s role=\"img\" "
		"aria-label=\"",
		class_of(region), *change ? " " : "", change, shape->n,
		use == MAP_BEHIND ? "" : " tabindex=\"0\"");
	put_xml(to, note);
	fputs(*note ? ": " : "", to);
	put_xml(to, caption);
	fprintf(to, ", %s 0x%" PRIx64 " to 0x%" PRIx64 ", ", space, shape->at,
		shape->end - 1);
	put_xml(to, mmp_json_string(region, "rights"));
	fputs("\"><title>", to);
	put_xml(to, note);
	fputs(*note ? "&#10;" : "", to);
	put_xml(to, caption);
	fprintf(to, "&#10;%s 0x%08" PRIx64 " to 0x%08" PRIx64 "&#10;", space, shape->at,
		shape->end - 1);
	put_xml(to, mmp_json_string(region, "rights"));
	fprintf(to,
		"</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", x,
		y, width, height);
	put_hatch(to, change, x, y, width, height);
	fprintf(to, "<text x=\"%.1f\" y=\"%.1f\">%s", x + 6, y + 13.5, sign_of(change));
	put_fitting(to, caption, width - (*change ? 24 : 10));
	fputs("</text></g>\n", to);
	free(caption);
}

/* Print addresses next to the column, and a line through folded space. */
static void put_marks(FILE *to, const struct picture_space *s, bool virtual)
{
	double x = virtual ? VIRTUAL_X - 8 : PHYSICAL_X + COLUMN + 8;
	const char *anchor = virtual ? "end" : "start";

	for (size_t m = 0; m < s->marks_count; m++) {
		bool ends = m && s->used[m - 1], begins = s->used[m];
		double column = virtual ? VIRTUAL_X : PHYSICAL_X;
		char size[MMP_SIZE_TEXT_SIZE];

		if (begins || !ends)
			fprintf(to,
				"<text class=\"a\" x=\"%.1f\" y=\"%.1f\" "
				"text-anchor=\"%s\">0x%08" PRIx64 "</text>\n",
				x, s->y[m] + 10, anchor, s->marks[m]);
		if (begins || m + 1 == s->marks_count)
			continue;
		fprintf(to,
			"<path class=\"gap\" d=\"M%.1f %.1fv%d M%.1f %.1fv%d\"/>"
			"<text class=\"s\" x=\"%.1f\" y=\"%.1f\" "
			"text-anchor=\"middle\">%s not used</text>\n",
			column, s->y[m], MAP_GAP, column + COLUMN, s->y[m], MAP_GAP,
			column + COLUMN / 2.0, s->y[m] + 17,
			mmp_size_print(s->marks[m + 1] - s->marks[m], size));
	}
}

/* Draw a band from each region in virtual space to its memory. */
static void put_bands(FILE *to, const struct picture_space *va,
		      const struct picture_space *pa, const json_t *regions)
{
	size_t *place = memory_zeroed(json_array_size(regions) + 1, sizeof(*place));

	for (size_t i = 0; i < pa->count; i++)
		place[pa->shapes[i].n] = i + 1;
	for (size_t i = 0; i < va->count; i++) {
		const struct picture_shape *from = &va->shapes[i], *to_shape;
		double left = VIRTUAL_X + COLUMN, right = PHYSICAL_X, a, b, c, d;

		if (!place[from->n] || is_gone(json_array_get(regions, from->n)))
			continue;
		to_shape = &pa->shapes[place[from->n] - 1];
		a = map_space_y(va, from->at);
		b = map_space_y(va, from->end);
		c = map_space_y(pa, to_shape->at);
		d = map_space_y(pa, to_shape->end);
		fprintf(to,
			"<g class=\"%s\"><path class=\"band\" d=\"M%.1f %.1fC%.1f %.1f "
			"%.1f %.1f %.1f %.1fV%.1fC%.1f %.1f %.1f %.1f %.1f "
			"%.1fZ\"/></g>\n",
			class_of(json_array_get(regions, from->n)), left, a, left + 90, a,
			right - 90, c, right, c, d, right - 90, d, left + 90, b, left, b);
	}
	free(place);
}

static void put_legend(FILE *to, const json_t *map)
{
	static const struct {
		const char *class, *text;
	} rows[] = { { "secure", "secure" },
		     { "x", "secure, executable" },
		     { "nonsecure", "non-secure (NS)" },
		     { "wx", "writable and executable" },
		     { "none", "nothing mapped yet" } };
	double x = 14;

	fputs("<text class=\"h\" x=\"14\" y=\"22\">", to);
	put_xml(to, mmp_json_string(map, "platform"));
	fputs("</text><text class=\"s\" x=\"14\" y=\"40\">rules ", to);
	put_xml(to, mmp_json_string(map, "rules"));
	fputs(", ", to);
	put_xml(to, mmp_json_string(map, "verdict"));
	fputs("</text>\n", to);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fprintf(to,
			"<g class=\"%s\"><rect x=\"%.0f\" y=\"50\" width=\"14\" "
			"height=\"12\"/></g><text class=\"s\" x=\"%.0f\" "
			"y=\"60\">%s</text>\n",
			rows[i].class, x, x + 20, rows[i].text);
		x += 44 + 6.6 * (double)strlen(rows[i].text);
	}
	fprintf(to,
		"<text class=\"h\" x=\"%d\" y=\"%d\">Virtual</text>"
		"<text class=\"h\" x=\"%d\" y=\"%d\">Physical</text>\n",
		VIRTUAL_X, MAP_TOP - 8, PHYSICAL_X, MAP_TOP - 8);
}

/* The four kinds of change, where a map was marked. */
static void put_change_legend(FILE *to, const json_t *regions)
{
	static const char *const changes[] = { "new", "gone", "moved", "changed" };
	double x = 640;

	if (!json_object_get(json_array_get(regions, 0), "change"))
		return;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		fprintf(to,
			"<g class=\"%s\"><rect x=\"%.0f\" y=\"11\" width=\"22\" "
			"height=\"14\" fill=\"none\"/>",
			changes[i], x);
		put_hatch(to, changes[i], x, 11, 22, 14);
		fprintf(to, "</g><text class=\"s\" x=\"%.0f\" y=\"22\">%s%s</text>\n",
			x + 28, sign_of(changes[i]), changes[i]);
		x += 64 + 6.6 * (double)strlen(changes[i]);
	}
}

void map_svg(FILE *to, const json_t *map, enum map_use use)
{
	bool standalone = use == MAP_FILE;
	const json_t *regions = json_object_get(map, "regions");
	struct picture_space va = map_space_make(regions, "va"),
			     pa = map_space_make(regions, "pa");
	double height = (va.height > pa.height ? va.height : pa.height) + 30;

	if (standalone)
		fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", to);
	fprintf(to,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"mmp\" "
		"viewBox=\"0 0 %d %.0f\" role=\"group\" aria-label=\"memory map\"%s>\n",
		WIDTH, height, "");
	put_style(to);
	if (standalone)
		fprintf(to,
			"<rect width=\"%d\" height=\"%.0f\" "
			"style=\"fill:var(--paper);stroke:none\"/>\n",
			WIDTH, height);
	put_legend(to, map);
	put_change_legend(to, regions);
	put_bands(to, &va, &pa, regions);
	for (size_t i = 0; i < va.count; i++)
		put_shape(to, &va, &va.shapes[i], json_array_get(regions, va.shapes[i].n),
			  "VA", VIRTUAL_X, use);
	for (size_t i = 0; i < pa.count; i++)
		put_shape(to, &pa, &pa.shapes[i], json_array_get(regions, pa.shapes[i].n),
			  "PA", PHYSICAL_X, use);
	put_marks(to, &va, true);
	put_marks(to, &pa, false);
	fputs("</svg>\n", to);
	map_space_done(&va);
	map_space_done(&pa);
}
