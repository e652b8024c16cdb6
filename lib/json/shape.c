/* SPDX-License-Identifier: BSD-2-Clause */
#include "json/shape.h"

#include <assert.h>
#include <stdbool.h>

/* clang-format off */
/* For each kind, JSON Schema's type and further members. */
static const struct shape_kind {
	const char *type; /* NULL: any */
	const char *more; /* members of the schema, as JSON; NULL: none */
} kinds[] = {
	[MMP_SHAPE_TEXT]    = { "string", NULL },
	[MMP_SHAPE_HEX]     = { "string", "{\"pattern\":\"^0x[0-9a-f]+$\"}" },
	[MMP_SHAPE_NUMBER]  = { "integer", NULL },
	[MMP_SHAPE_REAL]    = { "number", NULL },
	[MMP_SHAPE_FLAG]    = { "boolean", NULL },
	[MMP_SHAPE_OBJECT]  = { "object", NULL },
	[MMP_SHAPE_LIST]    = { "array", NULL },
	[MMP_SHAPE_MAP]     = { "object", NULL },
	[MMP_SHAPE_TEXTS]   = { "array", "{\"items\":{\"type\":\"string\"}}" },
	[MMP_SHAPE_NUMBERS] = { "array", "{\"items\":{\"type\":\"integer\"}}" },
	[MMP_SHAPE_TUPLES]  = { "array", "{\"items\":{\"type\":\"array\",\"items\":"
					 "{\"type\":[\"integer\",\"string\",\"null\"]}}}" },
	[MMP_SHAPE_EITHER]  = { "object", NULL },
	[MMP_SHAPE_ANY]     = { NULL, NULL },
	[MMP_SHAPE_MEMBERS] = { NULL, NULL },
};
/* clang-format on */
static_assert(sizeof(kinds) / sizeof(kinds[0]) == MMP_SHAPE_KIND_COUNT,
	      "a kind of value has no row");

static enum mmp_shape_kind shape_kind(const struct mmp_shape *row)
{
	return (enum mmp_shape_kind)(row->kind & 0xff);
}

static json_t *type_of(const struct mmp_shape *row, const struct shape_kind *kind)
{
	if (row->kind & MMP_SHAPE_NULL)
		return json_pack("[s, s]", kind->type, "null");
	return json_string(kind->type);
}

static json_t *either_schema(const struct mmp_shape *rows)
{
	json_t *all = json_array();

	for (; rows->key; rows++)
		json_array_append_new(all, mmp_shape_schema(rows->of));
	return all;
}

/* Add the schema of what an object or an array contains. */
static void add_inside(json_t *schema, const struct mmp_shape *row)
{
	enum mmp_shape_kind kind = shape_kind(row);

	if (kind == MMP_SHAPE_LIST)
		json_object_set_new(schema, "items", mmp_shape_schema(row->of));
	else if (kind == MMP_SHAPE_MAP)
		json_object_set_new(schema, "additionalProperties",
				    mmp_shape_schema(row->of));
	else if (kind == MMP_SHAPE_EITHER)
		json_object_set_new(schema, "anyOf", either_schema(row->of));
}

static json_t *member_schema(const struct mmp_shape *row)
{
	const struct shape_kind *kind = &kinds[shape_kind(row)];
	json_t *schema = row->of && shape_kind(row) == MMP_SHAPE_OBJECT
				 ? mmp_shape_schema(row->of)
				 : json_object();
	json_t *more = kind->more ? json_loads(kind->more, 0, NULL) : NULL;

	if (kind->type)
		json_object_set_new(schema, "type", type_of(row, kind));
	json_object_update(schema, more);
	json_decref(more);
	if (row->of)
		add_inside(schema, row);
	if (row->about)
		json_object_set_new(schema, "description", json_string(row->about));
	return schema;
}

static void add_members(const struct mmp_shape *members, json_t *properties,
			json_t *required)
{
	for (const struct mmp_shape *row = members; row->key; row++) {
		if (shape_kind(row) == MMP_SHAPE_MEMBERS) {
			add_members(row->of, properties, required);
			continue;
		}
		json_object_set_new(properties, row->key, member_schema(row));
		if (!(row->kind & MMP_SHAPE_MAYBE))
			json_array_append_new(required, json_string(row->key));
	}
}

json_t *mmp_shape_schema(const struct mmp_shape *members)
{
	json_t *properties = json_object(), *required = json_array();

	add_members(members, properties, required);
	return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties",
			 properties, "required", required, "additionalProperties", 0);
}
