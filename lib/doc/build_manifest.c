/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/build_private.h"

#include <string.h>

#include "doc/layout.h"
#include "doc/platform.h"
#include "json/writer.h"

static void write_digest(struct mmp_writer *w, const struct mmp_digest *digest)
{
	char text[MMP_DIGEST_TEXT_SIZE];

	mmp_digest_print(digest, text);
	mmp_member_text(w, "sha256", text);
}

static void write_placed_tables(struct mmp_writer *w, const struct mmp_build *build)
{
	const struct mmp_tables *t = &build->layout.tables;

	mmp_member_begin(w, "tables", '[');
	for (uint32_t id = 0; id < mmp_tables_count(t); id++) {
		struct mmp_table_view view = mmp_tables_view(t, id);
		size_t bytes = (size_t)view.entries * t->format->descriptor_bytes;
		struct mmp_digest digest =
			mmp_digest_of(build->bytes + (view.pa - build->pool_pa), bytes);

		mmp_writer_begin(w, '{');
		mmp_member_number(w, "id", id);
		mmp_member_text(w, "kind", view.is_base ? "base" : "xlat");
		mmp_member_number(w, "level", view.level);
		mmp_member_hex(w, "pa", view.pa, 1);
		mmp_member_hex(w, "base_va", view.base_va, 1);
		mmp_member_number(w, "entries", view.entries);
		write_digest(w, &digest);
		mmp_writer_end(w, '}');
	}
	mmp_writer_end(w, ']');
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

static void write_placement(struct mmp_writer *w, const struct mmp_build *build)
{
	mmp_member_begin(w, "placement", '{');
	for (unsigned i = 0; i < MMP_RUN_COUNT; i++)
		if (build->runs.run[i].size)
			mmp_member_hex(w, mmp_run_keys[i], build->runs.run[i].pa, 1);
	mmp_writer_end(w, '}');
}

/* The map as placed. What its attribute words mean is not part of the build. */
static void write_plan(struct mmp_writer *w, const struct mmp_build *build)
{
	const struct mmp_plan *plan = &build->layout.plan;
	const struct mmp_rules *rules = build->platform->rules;

	mmp_member_begin(w, "plan", '[');
	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *region = &plan->regions[n];
		char text[MMP_WORDS_SIZE];

		mmp_writer_begin(w, '{');
		mmp_region_place_members(w, rules, region);
		if (rules->type_of)
			mmp_member_text(w, "text",
					rules->attr_text(rules, region->attr, text));
		mmp_writer_end(w, '}');
	}
	mmp_writer_end(w, ']');
}

static void write_pool(struct mmp_writer *w, const struct mmp_build *build)
{
	mmp_member_begin(w, "pool", '{');
	mmp_member_hex(w, "pa", build->pool_pa, 1);
	mmp_member_hex(w, "size", build->pool_size, 1);
	mmp_writer_end(w, '}');
}

/* A value, as its text is sorted by key. */
static json_t *write_manifest(const struct mmp_build *build)
{
	struct mmp_writer w = MMP_BUILDER;

	mmp_writer_begin(&w, '{');
	mmp_member_text(&w, "format", MMP_BUILD_FORMAT);
	mmp_member_take(&w, "platform", write_platform(build));
	mmp_member_text(&w, "rules", build->platform->rules->name);
	write_plan(&w, build);
	mmp_member_begin(&w, "registers", '{');
	mmp_registers_members(&w, build->registers, build->register_count);
	mmp_writer_end(&w, '}');
	write_pool(&w, build);
	write_placed_tables(&w, build);
	write_digest(&w, &build->bytes_digest);
	mmp_member_number(&w, "length", (int64_t)build->length);
	if (build->as_firmware)
		write_placement(&w, build);
	mmp_writer_end(&w, '}');
	return mmp_writer_done(&w);
}

int mmp_build_describe(struct mmp_build *build, struct mmp_error *err)
{
	json_t *manifest = write_manifest(build);

	build->manifest =
		manifest ? json_dumps(manifest, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	json_decref(manifest);
	if (!build->manifest)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	build->manifest_length = strlen(build->manifest);
	build->id = mmp_digest_of(build->manifest, build->manifest_length);
	return 0;
}
