/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "map.h"
#include "memory.h"
#include "json/text.h"

/*
 * Regions of two maps are paired by type and physical address, and what is left by type
 * and the name of a registration, so that a device that moved is one change.
 */

enum { NAME_SIZE = 256 };

/* The key by which a region is looked up; false if it has none. */
typedef bool (*key_of)(const json_t *region, char key[NAME_SIZE]);

static bool key_by_memory(const json_t *region, char key[NAME_SIZE])
{
	const char *pa = json_string_value(json_object_get(region, "pa"));

	snprintf(key, NAME_SIZE, "%s %s", mmp_json_string(region, "label"),
		 pa ? pa : "nothing");
	return true;
}

static bool key_by_name(const json_t *region, char key[NAME_SIZE])
{
	const char *name =
		json_string_value(json_array_get(json_object_get(region, "names"), 0));

	if (!name || !*name)
		return false;
	snprintf(key, NAME_SIZE, "%s %s", mmp_json_string(region, "label"), name);
	return true;
}

/* {key: [the regions that have it and no change yet]}; a new reference. */
static json_t *find_keys(const json_t *regions, key_of make_key)
{
	json_t *index = json_object(), *region;
	char key[NAME_SIZE];
	size_t i;

	json_array_foreach(regions, i, region) {
		json_t *list;

		if (json_object_get(region, "change") || !make_key(region, key))
			continue;
		list = json_object_get(index, key);
		if (!list) {
			list = json_array();
			json_object_set_new(index, key, list);
		}
		json_array_append(list, region);
	}
	return index;
}

static bool differs(const json_t *one, const json_t *other, const char *key)
{
	return !json_equal(json_object_get(one, key), json_object_get(other, key));
}

/* "VA 0x11200000, PA 0x9000000". The caller frees it. */
static char *write_place(const json_t *region)
{
	const char *pa = json_string_value(json_object_get(region, "pa"));

	return memory_print("VA %s%s%s", mmp_json_string(region, "va"), pa ? ", PA " : "",
			    pa ? pa : "");
}

/* "2M, secure P:rw- U:--- device". The caller frees it. */
static char *write_what(const json_t *region)
{
	char size[MMP_SIZE_TEXT_SIZE];

	mmp_size_print(map_number(json_object_get(region, "size")), size);
	return memory_print("%s, %s", size, mmp_json_string(region, "rights"));
}

static void note(json_t *region, const char *change, char *take_text)
{
	json_object_set_new(region, "change", json_string(change));
	json_object_set_new(region, "note", json_string(take_text));
	free(take_text);
}

static void note_pair(json_t *region, const json_t *other, const char *verb)
{
	bool moved = differs(region, other, "va") || differs(region, other, "pa");
	bool changed = differs(region, other, "size") || differs(region, other, "rights");
	char *place = write_place(other), *what = write_what(other);

	if (moved && !(differs(region, other, "va") && differs(region, other, "pa"))) {
		json_object_set_new(
			region, "stays",
			json_string(differs(region, other, "va") ? "PA" : "VA"));
		json_object_set_new(region, "other", json_boolean(changed));
	}
	if (moved)
		note(region, "moved",
		     memory_print("moved, %s at %s%s%s", verb, place, changed ? ", " : "",
				  changed ? what : ""));
	else if (changed)
		note(region, "changed", memory_print("changed, %s %s", verb, what));
	else
		note(region, "", memory_copy("", 0));
	free(place);
	free(what);
}

static void pair_up(const json_t *before, const json_t *after, key_of make_key)
{
	json_t *index = find_keys(before, make_key), *region;
	char key[NAME_SIZE];
	size_t i;

	json_array_foreach(after, i, region) {
		json_t *list, *other;

		if (json_object_get(region, "change") || !make_key(region, key))
			continue;
		list = json_object_get(index, key);
		other = json_array_get(list, 0);
		if (!other)
			continue;
		note_pair(region, other, "was");
		note_pair(other, region, "is");
		json_array_remove(list, 0);
	}
	json_decref(index);
}

/* A map with copies of its regions, so that they can be marked; a new reference. */
static json_t *copy_map(const json_t *map)
{
	json_t *copy = json_object(), *regions = json_array();
	const json_t *region;
	size_t i;

	json_object_update(copy, (json_t *)map);
	json_array_foreach(json_object_get(map, "regions"), i, region)
		json_array_append_new(regions, json_copy((json_t *)region));
	json_object_set_new(copy, "regions", regions);
	return copy;
}

/* Mark the regions that have no pair; add them to `to` if it is not NULL. */
static void note_alone(json_t *regions, const char *change, json_t *to)
{
	json_t *region;
	size_t i;

	json_array_foreach(regions, i, region) {
		if (json_object_get(region, "change"))
			continue;
		note(region, change, memory_print("%s", change));
		if (to)
			json_array_append_new(to, json_copy(region));
	}
}

void map_mark(const json_t *map, const json_t *before, json_t **ret_map,
	      json_t **ret_before)
{
	json_t *now = copy_map(map), *old = copy_map(before);
	json_t *now_regions = json_object_get(now, "regions");
	json_t *old_regions = json_object_get(old, "regions");

	pair_up(old_regions, now_regions, key_by_memory);
	pair_up(old_regions, now_regions, key_by_name);
	note_alone(now_regions, "new", NULL);
	note_alone(old_regions, "gone", now_regions);
	*ret_map = now;
	*ret_before = old;
}
