/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/build_private.h"

#include <string.h>

#include "doc/layout.h"
#include "doc/platform.h"
#include "json/number.h"

static json_t *write_digest(const struct mmp_digest *digest)
{
	char text[MMP_DIGEST_TEXT_SIZE];

	mmp_digest_print(digest, text);
	return json_string(text);
}

static json_t *write_placed_tables(const struct mmp_build *build)
{
	const struct mmp_tables *t = &build->layout.tables;
	json_t *list = json_array();

	for (uint32_t id = 0; id < mmp_tables_count(t); id++) {
		struct mmp_table_view view = mmp_tables_view(t, id);
		size_t bytes = (size_t)view.entries * t->format->descriptor_bytes;
		struct mmp_digest digest =
			mmp_digest_of(build->bytes + (view.pa - build->pool_pa), bytes);

		json_array_append_new(
			list,
			json_pack("{s:i, s:s, s:i, s:o, s:o, s:i, s:o}", "id", (int)id,
				  "kind", view.is_base ? "base" : "xlat", "level",
				  view.level, "pa", mmp_json_hex(view.pa, 1), "base_va",
				  mmp_json_hex(view.base_va, 1), "entries",
				  (int)view.entries, "sha256", write_digest(&digest)));
	}
	return list;
}

/*
 * The platform document without the origins of its registrations and without its notes
 * (such as waivers), as nothing is computed from these.
 */
static json_t *write_platform(const struct mmp_build *build)
{
	json_t *document = mmp_platform_write(build->platform), *one;
	size_t i;

	mmp_notes_remove(document);
	json_array_foreach(json_object_get(document, "registrations"), i, one)
		json_object_del(one, "origin");
	return document;
}

static json_t *write_placement(const struct mmp_build *build)
{
	json_t *out = json_object();

	for (unsigned i = 0; i < MMP_RUN_COUNT; i++)
		if (build->runs.run[i].size)
			json_object_set_new(out, mmp_run_keys[i],
					    mmp_json_hex(build->runs.run[i].pa, 1));
	return out;
}

/* The map as placed. What its attribute words mean is not part of the build. */
static json_t *write_plan(const struct mmp_rules *rules, const json_t *layout)
{
	json_t *plan = json_incref(json_object_get(layout, "memory_map")), *region;
	size_t i;

	json_array_foreach(plan, i, region) {
		json_object_del(region, "attributes");
		if (!rules->type_of)
			json_object_del(region, "text");
	}
	return plan;
}

int mmp_build_describe(struct mmp_build *build, struct mmp_error *err)
{
	json_t *layout = mmp_layout_write(&build->layout, MMP_DETAIL_MAP);
	json_t *manifest = json_pack(
		"{s:s, s:o, s:s, s:o, s:o, s:{s:o, s:o}, s:o, s:o, s:I}", "format",
		MMP_BUILD_FORMAT, "platform", write_platform(build), "rules",
		build->platform->rules->name, "plan",
		write_plan(build->platform->rules, layout), "registers",
		mmp_registers_write(build->registers, build->register_count), "pool",
		"pa", mmp_json_hex(build->pool_pa, 1), "size",
		mmp_json_hex(build->pool_size, 1), "tables", write_placed_tables(build),
		"sha256", write_digest(&build->bytes_digest), "length",
		(json_int_t)build->length);

	json_decref(layout);
	if (build->as_firmware)
		json_object_set_new(manifest, "placement", write_placement(build));
	build->manifest =
		manifest ? json_dumps(manifest, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	json_decref(manifest);
	if (!build->manifest)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	build->manifest_length = strlen(build->manifest);
	build->id = mmp_digest_of(build->manifest, build->manifest_length);
	return 0;
}
