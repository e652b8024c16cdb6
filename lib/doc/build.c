#include "doc/build.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "doc/descriptor.h"
#include "doc/findings.h"
#include "doc/layout.h"
#include "doc/number.h"
#include "doc/platform.h"
#include "plan/range.h"

#define PAGE UINT64_C(4096)

void mmp_build_free(struct mmp_build *build)
{
	if (!build)
		return;
	mmp_layout_done(&build->layout);
	mmp_platform_free(build->platform);
	free(build->manifest);
	free(build->bytes);
	free(build);
}

static int check_secure(const struct mmp_build *build, struct mmp_error *err)
{
	const struct mmp_plan *plan = &build->layout.plan;
	const struct mmp_range *first = &plan->secure[plan->secure_count - 1];

	for (unsigned i = 0; i < plan->secure_count; i++)
		if (mmp_range_inside(build->pool_pa, build->pool_size,
				     plan->secure[i].base, plan->secure[i].size,
				     UINT64_MAX))
			return 0;
	return mmp_fail(err, MMP_INVALID,
			"pool: 0x%" PRIx64 " size 0x%" PRIx64
			" is not inside the platform's secure memory, 0x%" PRIx64
			" size 0x%" PRIx64 "%s",
			build->pool_pa, build->pool_size, first->base, first->size,
			plan->secure_count > 1 ? " or its SRAM" : "");
}

/* Addresses of tables have 48 bits, and 32 where a 32-bit core reads them. */
static unsigned table_address_bits(const struct mmp_config *config)
{
	return config->arch == MMP_ARM64 ? 48 : 32;
}

static int misaligned(uint64_t pa, uint64_t alignment, struct mmp_error *err)
{
	return mmp_fail(err, MMP_INVALID,
			"pool: 0x%" PRIx64 " is no multiple of 0x%" PRIx64 "; 0x%" PRIx64
			" is",
			pa, alignment, (pa + alignment - 1) & ~(alignment - 1));
}

static int check_pool_range(const struct mmp_build *build, struct mmp_error *err)
{
	uint64_t pa = build->pool_pa, size = build->pool_size;
	unsigned bits = table_address_bits(&build->platform->config);

	if (!size)
		return mmp_fail(err, MMP_INVALID, "pool: its size is 0");
	if (pa + (size - 1) < pa)
		return mmp_fail(err, MMP_INVALID,
				"pool: 0x%" PRIx64 " size 0x%" PRIx64
				" wraps past 2^64; the largest size there is 0x%" PRIx64,
				pa, size, -pa);
	if ((pa + (size - 1)) >> bits)
		return mmp_fail(err, MMP_INVALID,
				"pool: 0x%" PRIx64 " size 0x%" PRIx64
				" goes past the %u bits that the address of a table has",
				pa, size, bits);
	if (pa % PAGE)
		return misaligned(pa, PAGE, err);
	return 0;
}

static int check_fits(const struct mmp_build *build, struct mmp_error *err)
{
	struct mmp_range span = mmp_runs_span(&build->runs);
	uint64_t need = span.base + span.size - build->pool_pa;

	if (span.base < build->pool_pa || (build->as_firmware && need > build->pool_size))
		return mmp_fail(err, MMP_INVALID,
				"pool: 0x%" PRIx64 " size 0x%" PRIx64
				" does not hold the firmware's tables; 0x%" PRIx64
				" size 0x%" PRIx64 " would do",
				build->pool_pa, build->pool_size, span.base, span.size);
	if (need > build->pool_size)
		return mmp_fail(err, MMP_INVALID,
				"pool: 0x%" PRIx64
				" bytes are too few; %u tables need 0x%" PRIx64,
				build->pool_size, mmp_tables_count(&build->layout.tables),
				need);
	if (need > MMP_POOL_MAX)
		return mmp_fail(err, MMP_TOO_LARGE,
				"pool: the tables need 0x%" PRIx64
				" bytes, at most 0x%x are kept",
				need, MMP_POOL_MAX);
	return 0;
}

/* Base tables of more than a page want more of a pool than page alignment. */
static int place_in_pool(struct mmp_build *build, struct mmp_error *err)
{
	const struct mmp_run *base = &build->runs.run[MMP_RUN_BASE];

	mmp_place_in_pool(&build->runs, &build->layout.tables, build->pool_pa);
	if (build->pool_pa % base->alignment)
		return misaligned(build->pool_pa, base->alignment, err);
	return 0;
}

static int place(struct mmp_build *build, const struct mmp_build_request *request,
		 struct mmp_error *err)
{
	struct mmp_range span;

	if (!request->as_firmware)
		return place_in_pool(build, err);
	if (mmp_place_as_firmware(&build->runs, &build->layout.tables, &request->placing,
				  err))
		return -1;
	if (request->pool_given)
		return 0;
	span = mmp_runs_span(&build->runs);
	build->pool_pa = span.base;
	build->pool_size = span.size;
	return 0;
}

static int fill_pool(struct mmp_build *build, struct mmp_error *err)
{
	struct mmp_range span = mmp_runs_span(&build->runs);

	build->length = span.base + span.size - build->pool_pa;
	build->bytes = malloc(build->length);
	if (!build->bytes)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	mmp_runs_fill(&build->runs, &build->layout.tables, build->pool_pa, build->bytes,
		      build->length);
	build->bytes_digest = mmp_digest_of(build->bytes, build->length);
	return 0;
}

static struct mmp_memory memory_of(const struct mmp_build *build)
{
	struct mmp_memory memory = { 0 };

	memory.runs[0].pa = build->pool_pa;
	memory.runs[0].bytes = build->bytes;
	memory.runs[0].size = build->length;
	return memory;
}

/* Walk the bytes as they will lie in memory, from every base table. */
static int verify(const struct mmp_build *build, struct mmp_error *err)
{
	struct mmp_memory memory = memory_of(build);

	for (uint32_t id = 0; id < build->layout.tables.base_count; id++) {
		struct mmp_walker walker = mmp_layout_walker(&build->layout, &memory, id);
		bool mapped = mmp_tables_view(&build->layout.tables, id).index == 0;

		if (mmp_walk_verify(&walker, &build->layout.plan, mapped, err))
			return mmp_while(err, "base table %u", id);
	}
	return 0;
}

static void set_registers(struct mmp_build *build)
{
	if (build->platform->config.arch != MMP_ARM64)
		return;
	build->mair_el1 = mmp_layout_register(&build->layout, "mair_el1");
	build->tcr_el1 = mmp_layout_register(&build->layout, "tcr_el1");
	build->ttbr0_el1 = mmp_tables_view(&build->layout.tables, 0).pa;
}

static json_t *write_digest(const struct mmp_digest *digest)
{
	char text[MMP_DIGEST_TEXT_SIZE];

	mmp_digest_print(digest, text);
	return json_string(text);
}

static json_t *write_tables(const struct mmp_build *build)
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

static json_t *write_registers(const struct mmp_build *build, json_t *layout)
{
	json_t *registers = json_incref(json_object_get(layout, "registers"));

	if (build->platform->config.arch == MMP_ARM64)
		json_object_set_new(registers, "ttbr0_el1",
				    mmp_json_hex(build->ttbr0_el1, 16));
	else
		json_object_set_new(
			registers, "ttbr0",
			mmp_json_hex(mmp_tables_view(&build->layout.tables, 0).pa, 8));
	return registers;
}

/* The platform document, without where each registration came from: that is no input. */
static json_t *write_platform(const struct mmp_build *build)
{
	json_t *document = mmp_platform_write(build->platform), *one;
	size_t i;

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

static int write_manifest(struct mmp_build *build, struct mmp_error *err)
{
	json_t *layout = mmp_layout_write(&build->layout, MMP_DETAIL_MAP);
	json_t *manifest = json_pack(
		"{s:s, s:o, s:s, s:O, s:o, s:{s:o, s:o}, s:o, s:o, s:I}", "format",
		MMP_BUILD_FORMAT, "platform", write_platform(build), "rules",
		build->platform->rules->name, "plan",
		json_object_get(layout, "memory_map"), "registers",
		write_registers(build, layout), "pool", "pa",
		mmp_json_hex(build->pool_pa, 1), "size",
		mmp_json_hex(build->pool_size, 1), "tables", write_tables(build),
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

static json_t *stop_data(const struct mmp_build *build)
{
	json_t *data = mmp_layout_stop_write(&build->layout);

	mmp_policy_write(data, build->platform, &build->layout);
	return data;
}

static struct mmp_build *new_build(struct mmp_platform *take_platform,
				   const struct mmp_build_request *request)
{
	struct mmp_build *build = calloc(1, sizeof(*build));

	if (!build) {
		mmp_platform_free(take_platform);
		return NULL;
	}
	mmp_layout_init(&build->layout);
	build->platform = take_platform;
	build->pool_pa = request->pool_pa;
	build->pool_size = request->pool_size;
	build->as_firmware = request->as_firmware;
	return build;
}

/*
 * Twice: first anywhere, to know how many tables there are and whether they have room
 * where they shall lie, then there.
 */
static int compute(struct mmp_build *build, const struct mmp_build_request *request,
		   struct mmp_error *err)
{
	struct mmp_placement placement;

	if (mmp_layout_make(&build->layout, build->platform, NULL, err) ||
	    place(build, request, err) || check_pool_range(build, err) ||
	    check_secure(build, err) || check_fits(build, err))
		return -1;
	placement = mmp_runs_placement(&build->runs);
	return mmp_layout_make(&build->layout, build->platform, &placement, err);
}

static int check_request(const struct mmp_build *build,
			 const struct mmp_build_request *request, struct mmp_error *err)
{
	if (request->pool_given)
		return check_pool_range(build, err);
	if (request->as_firmware)
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"pool: wanted, where there is no placement: base and size of the "
			"memory that will hold the tables");
}

int mmp_build_make(struct mmp_platform *take_platform,
		   const struct mmp_build_request *request, struct mmp_build **ret_build,
		   json_t **ret_stop, struct mmp_error *err)
{
	struct mmp_build *build = new_build(take_platform, request);

	if (!build)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (check_request(build, request, err))
		goto failed;
	if (compute(build, request, err)) {
		if (err->code == MMP_FIRMWARE_STOP)
			*ret_stop = stop_data(build);
		goto failed;
	}
	set_registers(build);
	if (fill_pool(build, err) || verify(build, err) || write_manifest(build, err))
		goto failed;
	*ret_build = build;
	return 0;
failed:
	mmp_build_free(build);
	return -1;
}

static int read_placement(const json_t *placement, struct mmp_placing *placing,
			  struct mmp_error *err)
{
	if (json_is_string(placement) &&
	    !strcmp(json_string_value(placement), "firmware"))
		return 0;
	if (!json_is_object(placement))
		return mmp_fail(
			err, MMP_INVALID,
			"placement: \"firmware\" is wanted, or an object with the "
			"addresses base_tables_pa and xlat_tables_pa");
	if (mmp_json_known_keys(placement, "placement", mmp_run_keys, MMP_RUN_COUNT, err))
		return -1;
	for (unsigned i = 0; i < MMP_RUN_COUNT; i++) {
		const json_t *value = json_object_get(placement, mmp_run_keys[i]);

		placing->given[i] = value != NULL;
		if (value &&
		    mmp_json_number(value, mmp_run_keys[i], &placing->pa[i], err))
			return mmp_while(err, "placement");
	}
	return 0;
}

static int read_pool(const json_t *pool, struct mmp_build_request *request,
		     struct mmp_error *err)
{
	static const char *const known[] = { "base", "size" };
	const json_t *base = json_object_get(pool, "base");
	const json_t *size = json_object_get(pool, "size");

	request->pool_given = true;
	if (mmp_json_known_keys(pool, "pool", known, 2, err))
		return -1;
	if (!base || !size)
		return mmp_fail(err, MMP_INVALID, "pool: base and size are wanted");
	if (mmp_json_number(base, "pool.base", &request->pool_pa, err))
		return -1;
	return mmp_json_number(size, "pool.size", &request->pool_size, err);
}

int mmp_build_request_read(const json_t *pool, const json_t *placement,
			   struct mmp_build_request *ret_request, struct mmp_error *err)
{
	*ret_request = (struct mmp_build_request){ .as_firmware = placement != NULL };
	if (placement && read_placement(placement, &ret_request->placing, err))
		return -1;
	return pool ? read_pool(pool, ret_request, err) : 0;
}

static int read_manifest(const char *text, size_t length, json_t **ret_manifest,
			 struct mmp_build_request *ret_request, struct mmp_error *err)
{
	json_t *manifest = json_loadb(text, length, 0, NULL), *pool;

	*ret_request = (struct mmp_build_request){ .pool_given = true };
	pool = json_object_get(manifest, "pool");
	if (!manifest ||
	    mmp_build_request_read(NULL, json_object_get(manifest, "placement"),
				   ret_request, err) ||
	    mmp_json_number(json_object_get(pool, "pa"), "pool.pa", &ret_request->pool_pa,
			    err) ||
	    mmp_json_number(json_object_get(pool, "size"), "pool.size",
			    &ret_request->pool_size, err)) {
		json_decref(manifest);
		return mmp_fail(err, MMP_SYSTEM,
				"the manifest of a build cannot be read");
	}
	ret_request->pool_given = true;
	*ret_manifest = manifest;
	return 0;
}

static int keep(struct mmp_build *build, const char *manifest, size_t manifest_length,
		const uint8_t *bytes, size_t length, struct mmp_error *err)
{
	build->manifest = malloc(manifest_length + 1);
	build->bytes = malloc(length ? length : 1);
	if (!build->manifest || !build->bytes)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	memcpy(build->manifest, manifest, manifest_length);
	build->manifest[manifest_length] = '\0';
	build->manifest_length = manifest_length;
	memcpy(build->bytes, bytes, length);
	build->length = length;
	build->id = mmp_digest_of(manifest, manifest_length);
	build->bytes_digest = mmp_digest_of(bytes, length);
	return 0;
}

int mmp_build_read(const char *manifest, size_t manifest_length, const uint8_t *bytes,
		   size_t length, struct mmp_build **ret_build, struct mmp_error *err)
{
	struct mmp_build_request request;
	struct mmp_platform *platform;
	struct mmp_build *build;
	json_t *json;
	int failed;

	if (read_manifest(manifest, manifest_length, &json, &request, err))
		return -1;
	failed = mmp_platform_read(json_object_get(json, "platform"), &platform, err);
	json_decref(json);
	if (failed)
		return mmp_while(err, "the manifest of a build");
	build = new_build(platform, &request);
	if (!build)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (keep(build, manifest, manifest_length, bytes, length, err) ||
	    compute(build, &request, err)) {
		mmp_build_free(build);
		return -1;
	}
	set_registers(build);
	*ret_build = build;
	return 0;
}

static json_t *write_steps(const struct mmp_build *build, const struct mmp_walk *walk)
{
	const struct mmp_encoding *e = &build->layout.plan.shape.encoding;
	json_t *list = json_array();

	for (unsigned i = 0; i < walk->count; i++) {
		const struct mmp_walk_step *s = &walk->steps[i];

		json_array_append_new(
			list,
			json_pack("{s:i, s:o, s:i, s:o, s:o}", "level", s->level,
				  "table_pa", mmp_json_hex(s->table_pa, 1), "index",
				  (int)s->index, "descriptor",
				  mmp_json_hex(s->descriptor,
					       (int)build->layout.tables.format
						       ->descriptor_digits),
				  "fields",
				  mmp_fields_write(e->format, s->level, s->descriptor)));
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
		return "the next table lies outside the build";
	case MMP_WALK_ADDRESS_SIZE:
		return "the output address is too wide: address size fault";
	case MMP_WALK_RESERVED:
		return "the entry has a reserved encoding: translation fault";
	}
	return NULL;
}

static void write_mapping(json_t *out, const struct mmp_build *build,
			  const struct mmp_walk *walk)
{
	const struct mmp_walk_step *leaf = &walk->steps[walk->count - 1];
	const struct mmp_tables *t = &build->layout.tables;
	uint32_t attr =
		t->format->decode(&t->shape.encoding, leaf->level, leaf->descriptor);
	char text[MMP_ATTR_TEXT_SIZE];

	json_object_set_new(out, "pa", mmp_json_hex(walk->pa.at, 1));
	json_object_set_new(out, "attr", mmp_json_hex(attr, 8));
	json_object_set_new(out, "attributes", json_string(mmp_attr_print(attr, text)));
}

json_t *mmp_build_walk_write(const struct mmp_build *build, uint64_t va)
{
	struct mmp_memory memory = memory_of(build);
	struct mmp_walker walker = mmp_layout_walker(&build->layout, &memory, 0);
	struct mmp_walk walk = mmp_walk(&walker, (struct mmp_va){ va });
	bool mapped = walk.end == MMP_WALK_MAPPED;
	json_t *out = json_pack("{s:o, s:b, s:o, s:o}", "va", mmp_json_hex(va, 1),
				"mapped", (int)mapped, "path", write_steps(build, &walk),
				"region", region_at(build, va));

	if (mapped) {
		json_object_set_new(out, "base_va", mmp_json_hex(walk.base.at, 1));
		json_object_set_new(out, "size", mmp_json_hex(walk.size, 1));
		write_mapping(out, build, &walk);
	} else {
		json_object_set_new(out, "level", json_integer(walk.level));
		json_object_set_new(out, "reason", json_string(why_not(&walk)));
	}
	return out;
}

struct mmp_question *mmp_build_probes(const struct mmp_build *build, size_t *ret_count)
{
	struct mmp_memory memory = memory_of(build);

	return mmp_probe_make(&build->layout, &memory, ret_count);
}
