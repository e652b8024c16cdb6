/* SPDX-License-Identifier: BSD-2-Clause */
#include "map_space.h"

#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "base/search.h"
#include "map.h"
#include "memory.h"

enum {
	LEAST = 19, /* minimum height, for a line of text */
	MOST = 84,
	LANES = 3, /* regions over the same addresses are side by side */
};

static uint64_t address_behind(uint64_t at, uint64_t size)
{
	return at + size < at ? UINT64_MAX : at + size;
}

static int compare_shapes(const void *one, const void *other)
{
	const struct picture_shape *a = one, *b = other;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	return a->n < b->n ? -1 : a->n > b->n;
}

static int compare_marks(const void *one, const void *other)
{
	uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

	return a < b ? -1 : a > b;
}

static double height_of(uint64_t size)
{
	double height = LEAST;

	for (; size > MMP_PAGE && height < MOST; size /= 2)
		height += 3.6;
	return height < MOST ? height : MOST;
}

/*
 * Put overlapping regions side by side; a lane is free again when its region has ended.
 */
static void find_lanes(struct picture_space *s)
{
	uint64_t ends[LANES] = { 0 };
	size_t group = 0;
	unsigned lanes = 1;

	for (size_t i = 0; i <= s->count; i++) {
		uint64_t busy = 0;
		unsigned lane = 0;

		for (unsigned l = 0; l < LANES; l++)
			busy = ends[l] > busy ? ends[l] : busy;
		if (i == s->count || s->shapes[i].at >= busy) {
			for (; group < i; group++)
				s->shapes[group].lanes = lanes;
			memset(ends, 0, sizeof(ends));
			lanes = 1;
		}
		if (i == s->count)
			break;
		while (lane + 1 < LANES && ends[lane] > s->shapes[i].at)
			lane++;
		s->shapes[i].lane = lane;
		ends[lane] = s->shapes[i].end;
		lanes = lane + 1 > lanes ? lane + 1 : lanes;
	}
}

static void find_marks(struct picture_space *s)
{
	size_t kept = 0;
	uint64_t reach = 0;

	for (size_t i = 0; i < s->count; i++) {
		s->marks[2 * i] = s->shapes[i].at;
		s->marks[2 * i + 1] = s->shapes[i].end;
	}
	if (s->count)
		qsort(s->marks, 2 * s->count, sizeof(uint64_t), compare_marks);
	for (size_t i = 0; i < 2 * s->count; i++)
		if (!kept || s->marks[kept - 1] != s->marks[i])
			s->marks[kept++] = s->marks[i];
	s->marks_count = kept;
	for (size_t i = 0, m = 0; m < kept; m++) {
		for (; i < s->count && s->shapes[i].at <= s->marks[m]; i++)
			reach = s->shapes[i].end > reach ? s->shapes[i].end : reach;
		s->used[m] = reach > s->marks[m];
	}
}

static void place_boxes(struct picture_space *s)
{
	double y = MAP_TOP;

	for (size_t m = 0; m < s->marks_count; m++) {
		s->y[m] = y;
		if (m + 1 < s->marks_count)
			y += s->used[m] ? height_of(s->marks[m + 1] - s->marks[m])
					: MAP_GAP;
	}
	s->height = y;
}

double map_space_y(const struct picture_space *s, uint64_t at)
{
	size_t after = MMP_LOWER_BOUND(m, 1, s->marks_count, s->marks[m] <= at);

	return s->y[after - 1];
}

struct picture_space map_space_make(const json_t *regions, const char *key)
{
	size_t count = json_array_size(regions), i;
	struct picture_space s = { 0 };
	const json_t *region;

	s.shapes = memory_zeroed(count + 1, sizeof(*s.shapes));
	s.marks = memory_zeroed(2 * count + 1, sizeof(*s.marks));
	s.y = memory_zeroed(2 * count + 1, sizeof(*s.y));
	s.used = memory_zeroed(2 * count + 1, sizeof(*s.used));
	json_array_foreach(regions, i, region) {
		const json_t *at = json_object_get(region, key);
		uint64_t size = map_number(json_object_get(region, "size"));

		if (!json_is_null(at) && size)
			s.shapes[s.count++] = (struct picture_shape){
				map_number(at), address_behind(map_number(at), size), i,
				0, 1
			};
	}
	if (s.count)
		qsort(s.shapes, s.count, sizeof(*s.shapes), compare_shapes);
	find_lanes(&s);
	find_marks(&s);
	place_boxes(&s);
	return s;
}

void map_space_done(struct picture_space *s)
{
	free(s->shapes);
	free(s->marks);
	free(s->y);
	free(s->used);
}
