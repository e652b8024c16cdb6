/* SPDX-License-Identifier: BSD-2-Clause */
#include "map.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "call.h"
#include "findings.h"
#include "memory.h"
#include "printer.h"
#include "runs.h"
#include "json/text.h"

uint64_t map_number(const json_t *value)
{
	const char *text = json_string_value(value);

	return text ? strtoull(text, NULL, 0) : 0;
}

enum {
	HEAD = 24,  /* columns of address and size */
	BAR = 20,   /* of the longest bar */
	WIDE = 100, /* width from which a terminal has room for bars */
};

/* --- the terminal ---------------------------------------------------------------------- */

static bool is(const json_t *region, const char *key)
{
	return json_is_true(json_object_get(region, key));
}

/* Colour shows security and rights; so does the letter, for output without colour. */
static enum ink ink_of(const json_t *region, char *letter)
{
	const char *security = mmp_json_string(region, "security");

	*letter = strcmp(security, "none") == 0        ? '.'
		  : strcmp(security, "nonsecure") == 0 ? '='
						       : '#';
	if (is(region, "write") && is(region, "execute"))
		return INK_BAD;
	if (*letter != '#')
		return *letter == '=' ? INK_WARN : INK_FAINT;
	return is(region, "execute") ? INK_GOOD : INK_PLAIN;
}

/* The bar grows by one for each doubling: pages are short, gigabytes are long. */
static unsigned bar_of(uint64_t size)
{
	unsigned length = 1;

	while (size > 4096 && length < BAR) {
		size /= 2;
		length++;
	}
	return length;
}

struct drawn {
	const json_t *region;
	uint64_t at, size;
};

static int compare_drawn(const void *one, const void *other)
{
	const struct drawn *a = one, *b = other;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return a->size > b->size ? -1 : a->size < b->size;
}

/* " GICD_BASE, GICC_BASE", or "". The caller frees it. */
static char *names_text(const json_t *region)
{
	char *text = memory_print("%s", "");
	const json_t *name;
	size_t i;

	json_array_foreach(json_object_get(region, "names"), i, name) {
		char *longer;

		if (!*json_string_value(name))
			continue;
		longer = memory_print("%s%s%s", text, *text ? ", " : "  ",
				      json_string_value(name));
		free(text);
		text = longer;
	}
	return text;
}

/* "IO_SEC, secure P:rw- U:--- device, PA 0x9000000". The caller frees it. */
static char *region_text(const json_t *region, bool virtual)
{
	const char *label = mmp_json_string(region, "label");
	const json_t *pa = json_object_get(region, "pa");

	if (json_is_null(pa))
		return memory_print("%s, nothing mapped yet", label);
	return memory_print("%s, %s, %s 0x%" PRIx64, label,
			    mmp_json_string(region, "rights"), virtual ? "PA" : "VA",
			    map_number(virtual ? pa : json_object_get(region, "va")));
}

/* Sizes only in K, M and G, so that a column is easy to read; never "0x7f97000". */
static const char *pages_text(uint64_t size, char text[MMP_SIZE_TEXT_SIZE])
{
	mmp_size_print(size, text);
	if (!strncmp(text, "0x", 2) && !(size & 1023))
		snprintf(text, MMP_SIZE_TEXT_SIZE, "%" PRIu64 "K", size >> 10);
	return text;
}

static void print_gap(FILE *to, uint64_t from, uint64_t to_address)
{
	char size[MMP_SIZE_TEXT_SIZE];

	if (to_address > from)
		fprintf(to, "  %-10s  %8s  not used\n", "...",
			pages_text(to_address - from, size));
}

/* In a narrow terminal the bar is one letter, to leave room for the text. */
static void print_drawn(FILE *to, const struct drawn *d, bool virtual)
{
	size_t columns = printer_columns(to), bar_columns = columns < WIDE ? 2 : BAR + 1;
	size_t used = HEAD + bar_columns, room = columns > used ? columns - used : 0;
	char letter, bar[BAR + 1], size[MMP_SIZE_TEXT_SIZE];
	enum ink ink = ink_of(d->region, &letter);
	unsigned length = columns < WIDE ? 1 : bar_of(d->size);
	char *text = region_text(d->region, virtual), *names = names_text(d->region);

	memset(bar, letter, length);
	bar[length] = '\0';
	fprintf(to, "  0x%08" PRIx64 "  %8s  ", d->at, pages_text(d->size, size));
	printer_text(to, ink, bar);
	fprintf(to, "%*s", (int)(bar_columns - length), "");
	printer_cut(to, ink, text, room);
	if (strlen(text) < room)
		printer_cut(to, INK_FAINT, names, room - strlen(text));
	putc('\n', to);
	free(text);
	free(names);
}

/* One of the two address spaces, by address, with gaps folded into a line. */
static void print_space(FILE *to, const json_t *map, bool virtual)
{
	const json_t *regions = json_object_get(map, "regions"), *region;
	struct drawn *drawn = calloc(json_array_size(regions) + 1, sizeof(*drawn));
	size_t count = 0, i;
	uint64_t end = 0;

	printer_text(to, INK_STRONG, virtual ? "Virtual space" : "Physical space");
	fputs(virtual ? "   # secure  = non-secure  . nothing mapped\n" : "\n", to);
	json_array_foreach(regions, i, region) {
		const json_t *at = json_object_get(region, virtual ? "va" : "pa");

		if (drawn && !json_is_null(at))
			drawn[count++] = (struct drawn){ region, map_number(at),
							 map_number(json_object_get(
								 region, "size")) };
	}
	if (count)
		qsort(drawn, count, sizeof(*drawn), compare_drawn);
	for (i = 0; i < count; i++) {
		if (i)
			print_gap(to, end, drawn[i].at);
		print_drawn(to, &drawn[i], virtual);
		if (drawn[i].at + drawn[i].size > end)
			end = drawn[i].at + drawn[i].size;
	}
	free(drawn);
}

static void map_terminal(FILE *to, const json_t *map)
{
	fprintf(to, "%s, rules %s: %s\n\n", mmp_json_string(map, "platform"),
		mmp_json_string(map, "rules"), mmp_json_string(map, "verdict"));
	print_space(to, map, true);
	putc('\n', to);
	print_space(to, map, false);
	findings_print(to, map);
}

/* --- the command ----------------------------------------------------------------------- */

/* Get the map before and the changes since, if there is something to compare with. */
static struct outcome ask_before(struct session *session, json_t *params, json_t *against,
				 json_t *answer)
{
	json_t *other = json_pack("{s:O}", "platform", against), *sides;
	struct outcome before = call(session, "layout.map", other), diff;

	json_decref(other);
	if (before.failure)
		return before;
	sides = json_pack("{s:O, s:O}", "before", against, "after",
			  json_object_get(params, "platform"));
	diff = call(session, "layout.diff", sides);
	json_decref(sides);
	if (diff.value) {
		json_object_set(answer, "before", before.value);
		json_object_set(answer, "diff", diff.value);
	}
	outcome_done(&before);
	if (diff.failure)
		return diff;
	outcome_done(&diff);
	return (struct outcome){ 0 };
}

struct outcome map_run(struct session *session, const struct command *command,
		       json_t *params, json_t *local)
{
	json_t *against = json_incref(json_object_get(params, "against"));
	struct outcome outcome, other = { 0 };
	json_t *answer;

	(void)local;
	json_object_del(params, "against");
	outcome = call(session, command->method, params);
	if (outcome.failure || !against) {
		json_decref(against);
		return outcome;
	}
	answer = json_pack("{s:o}", "map", outcome.value);
	json_object_set(answer, "verdict", json_object_get(outcome.value, "verdict"));
	other = ask_before(session, params, against, answer);
	json_decref(against);
	if (other.failure) {
		json_decref(answer);
		return other;
	}
	return (struct outcome){ .value = answer };
}

static void draw_file(FILE *to, const json_t *map, const json_t *before)
{
	json_t *marked, *marked_before;

	if (!before) {
		map_svg(to, map, MAP_FILE);
		return;
	}
	map_mark(map, before, &marked, &marked_before);
	map_svg(to, marked, MAP_FILE);
	json_decref(marked);
	json_decref(marked_before);
}

static int write_file(const char *path, const json_t *map, const json_t *value, bool page,
		      struct mmp_error *err)
{
	FILE *file = fopen(path, "we");
	int failed = 0, ended;

	if (!file)
		return mmp_fail(err, MMP_SYSTEM, "%s: %s", path, strerror(errno));
	if (page)
		failed = map_html(file, map, json_object_get(value, "before"),
				  json_object_get(value, "diff"), err);
	else
		draw_file(file, map, json_object_get(value, "before"));
	if (!failed && ferror(file))
		failed = mmp_fail(err, MMP_SYSTEM, "%s: %s", path, strerror(errno));
	ended = fclose(file);
	if (!failed && ended)
		failed = mmp_fail(err, MMP_SYSTEM, "%s: %s", path, strerror(errno));
	return failed;
}

int map_show(const json_t *value, const json_t *local, struct mmp_error *err)
{
	const char *html = json_string_value(json_object_get(local, "html"));
	const char *svg = json_string_value(json_object_get(local, "svg"));
	const json_t *map = json_object_get(value, "map");

	map = map ? map : value;
	if (html && write_file(html, map, value, true, err))
		return -1;
	if (svg && write_file(svg, map, value, false, err))
		return -1;
	if (!html && !svg)
		map_terminal(stdout, map);
	return 0;
}
