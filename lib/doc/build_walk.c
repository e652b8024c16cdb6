/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/build_private.h"

#include "doc/descriptor.h"
#include "doc/layout.h"
#include "doc/platform.h"
#include "json/number.h"

static json_t *write_steps(const struct mmp_build *build, const struct mmp_walk *walk)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < walk->count; i++) {
		const struct mmp_walk_step *s = &walk->steps[i];

		json_array_append_new(
			list, json_pack("{s:i, s:o, s:i, s:o, s:o}", "level", s->level,
					"table_pa", mmp_json_hex(s->table_pa, 1), "index",
					(int)s->index, "descriptor",
					mmp_json_hex(s->descriptor,
						     (int)build->layout.tables.format
							     ->descriptor_digits),
					"fields",
					mmp_fields_write(build->platform->rules,
							 build->layout.tables.format,
							 s->level, s->descriptor)));
	}
	return list;
}

static json_t *region_at(const struct mmp_build *build, uint64_t va)
{
	const struct mmp_plan *plan = &build->layout.plan;

	for (size_t n = 0; n < plan->count; n++)
		if (va - plan->regions[n].va < plan->regions[n].size)
			return mmp_region_write(build->platform->rules,
						&plan->regions[n]);
	return json_null();
}

static const char *why_not(const struct mmp_walk *walk)
{
	switch (walk->end) {
	case MMP_WALK_MAPPED:
		return NULL;
	case MMP_WALK_NO_ENTRY:
		return "the entry is invalid: translation fault";
	case MMP_WALK_BEYOND:
		return "the address is beyond the base table: translation fault";
	case MMP_WALK_NOT_IN_MEMORY:
		return "the next table is outside the build";
	case MMP_WALK_ADDRESS_SIZE:
		return "the output address is too wide: address size fault";
	case MMP_WALK_RESERVED:
		return "the entry has a reserved encoding: translation fault";
	}
	return NULL;
}

static void write_mapping(json_t *out, const struct mmp_rules *rules,
			  const struct mmp_config *config, const struct mmp_walk *walk)
{
	uint32_t attr = rules->attr_of(rules, config, &walk->leaf);
	char text[MMP_WORDS_SIZE];

	json_object_set_new(out, "pa", mmp_json_hex(walk->pa.at, 1));
	json_object_set_new(out, "attr", mmp_json_hex(attr, 8));
	json_object_set_new(out, "attributes", mmp_attr_words_write(rules, attr));
	json_object_set_new(out, "text",
			    json_string(rules->attr_text(rules, attr, text)));
}

json_t *mmp_build_walk_write(const struct mmp_build *build, uint64_t va)
{
	struct mmp_memory memory = mmp_build_memory(build);
	struct mmp_walker walker = mmp_layout_walker(&build->layout, &memory, 0);
	struct mmp_walk walk = mmp_walk(&walker, (struct mmp_va){ va });
	bool mapped = walk.end == MMP_WALK_MAPPED;
	json_t *out = json_pack("{s:o, s:b, s:o, s:o}", "va", mmp_json_hex(va, 1),
				"mapped", (int)mapped, "path", write_steps(build, &walk),
				"region", region_at(build, va));

	if (mapped) {
		json_object_set_new(out, "base_va", mmp_json_hex(walk.base.at, 1));
		json_object_set_new(out, "size", mmp_json_hex(walk.size, 1));
		write_mapping(out, build->platform->rules, &build->platform->config,
			      &walk);
	} else {
		json_object_set_new(out, "level", json_integer(walk.level));
		json_object_set_new(out, "reason", json_string(why_not(&walk)));
	}
	return out;
}
