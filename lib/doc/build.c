/* SPDX-License-Identifier: BSD-2-Clause */
#include "doc/build_private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "arch/regime.h"
#include "base/limits.h"
#include "base/text.h"
#include "doc/findings.h"
#include "doc/layout.h"
#include "doc/platform.h"
#include "json/number.h"
#include "json/text.h"

void mmp_build_free(struct mmp_build *build)
{
	if (!build)
		return;
	mmp_layout_done(&build->layout);
	mmp_platform_free(build->platform);
	json_decref(build->accepted);
	free(build->manifest);
	free(build->bytes);
	free(build);
}

struct mmp_memory mmp_build_memory(const struct mmp_build *build)
{
	struct mmp_memory memory = { 0 };

	memory.runs[0].pa = build->pool_pa;
	memory.runs[0].bytes = build->bytes;
	memory.runs[0].size = build->length;
	return memory;
}

/* A region that wraps is mapped somewhere else than its registration says. */
static int check_wraps(const struct mmp_build *build, struct mmp_error *err)
{
	const struct mmp_plan *plan = &build->layout.plan;

	for (size_t n = 0; n < plan->count; n++) {
		const struct mmp_region *r = &plan->regions[n];

		if (r->size && r->pa + (r->size - 1) < r->pa)
			return mmp_fail(
				err, MMP_INVALID,
				"%s at 0x%" PRIx64 " size 0x%" PRIx64
				" wraps past 2^64; the largest size there is "
				"0x%" PRIx64,
				mmp_memtype_label(build->platform->rules, r->type), r->pa,
				r->size, -r->pa);
	}
	return 0;
}

/* Walk the bytes as they will be in memory. */
static int verify_build(const struct mmp_build *build, struct mmp_error *err)
{
	struct mmp_memory memory = mmp_build_memory(build);

	return mmp_layout_verify_in(&build->layout, &memory, err);
}

static void set_registers(struct mmp_build *build)
{
	const struct mmp_layout *layout = &build->layout;
	const struct mmp_regime *regime = layout->plan.shape.regime;
	bool has_base = false;

	for (unsigned i = 0; i < layout->register_count; i++) {
		build->registers[i] = layout->registers[i];
		has_base |= !strcmp(layout->registers[i].name, regime->base_register);
	}
	build->register_count = layout->register_count;
	if (!has_base)
		build->registers[build->register_count++] = (struct mmp_register){
			.name = regime->base_register,
			.form = regime->base_form,
			.value = mmp_tables_view(&layout->tables, 0).pa,
		};
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
 * Compute the layout twice: first anywhere, to learn how many tables there are and
 * whether they fit the place they are meant for, then at that place.
 */
static int compute_layout(struct mmp_build *build,
			  const struct mmp_build_request *request, struct mmp_error *err)
{
	struct mmp_placement placement;

	if (mmp_layout_make(&build->layout, build->platform, NULL, err) ||
	    mmp_pool_place(build, request, err))
		return -1;
	placement = mmp_runs_placement(&build->runs);
	return mmp_layout_make(&build->layout, build->platform, &placement, err);
}

static json_t *errors_of(const json_t *findings)
{
	json_t *errors = json_array(), *finding;
	size_t i;

	json_array_foreach(findings, i, finding) {
		const char *severity =
			json_string_value(json_object_get(finding, "severity"));

		if (severity && !strcmp(severity, mmp_severity_names[MMP_ERROR]))
			json_array_append(errors, finding);
	}
	return errors;
}

static const char *finding_text(const json_t *finding, const char *key)
{
	const char *text = json_string_value(json_object_get(finding, key));

	return text ? text : "";
}

static bool is_named(const json_t *names, const char *id)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
		if (!strcmp(json_string_value(name), id))
			return true;
	return false;
}

/* The first finding that the request does not accept, or NULL. */
static const json_t *not_accepted(const json_t *errors, const json_t *accept)
{
	const json_t *finding;
	size_t i;

	json_array_foreach(errors, i, finding)
		if (!json_is_true(accept) &&
		    !is_named(accept, finding_text(finding, "id")))
			return finding;
	return NULL;
}

static int refuse(const struct mmp_build *build, const json_t *finding,
		  struct mmp_error *err)
{
	return mmp_fail(err, MMP_FIRMWARE_STOP,
			"%s: %s, so it is not built (accept_findings with \"%s\" builds "
			"it anyway): %s",
			build->platform->name,
			build->verdict == MMP_STOPS ? "the firmware stops after the map"
						    : "it has findings of severity error",
			finding_text(finding, "id"), finding_text(finding, "message"));
}

/* Refuse the name `wrong`: no finding of severity error has it. */
static int refuse_name(const struct mmp_build *build, const json_t *findings,
		       const json_t *errors, const char *wrong, struct mmp_error *err)
{
	const char *ids[MMP_FINDINGS_MAX], *near;
	const json_t *finding;
	size_t i, count = 0;

	json_array_foreach(findings, i, finding)
		if (!strcmp(finding_text(finding, "id"), wrong))
			return mmp_fail(err, MMP_INVALID,
					"accept_findings: \"%s\" is of severity %s, and "
					"only errors refuse a build",
					wrong, finding_text(finding, "severity"));
	json_array_foreach(errors, i, finding)
		if (count < MMP_FINDINGS_MAX)
			ids[count++] = finding_text(finding, "id");
	near = mmp_nearest(wrong, ids, count);
	return mmp_fail(err, MMP_INVALID,
			"accept_findings: %s has no finding \"%.64s\"%s%s%s",
			build->platform->name, wrong,
			near    ? "; the nearest is "
			: count ? "; it has "
				: "",
			near    ? near
			: count ? ids[0]
				: "",
			near || !count ? ""
			: count > 1    ? " and others"
				       : "");
}

static int check_names(const struct mmp_build *build, const json_t *findings,
		       const json_t *errors, const json_t *accept, struct mmp_error *err)
{
	const json_t *name, *finding;
	size_t i, n;

	json_array_foreach(accept, i, name) {
		bool found = false;

		json_array_foreach(errors, n, finding)
			found |= !strcmp(finding_text(finding, "id"),
					 json_string_value(name));
		if (!found)
			return refuse_name(build, findings, errors,
					   json_string_value(name), err);
	}
	return 0;
}

/* Refuse the build for the errors of the platform's verdict that were not accepted. */
static int judge_layout(struct mmp_build *build, const struct mmp_build_request *request,
			json_t **ret_stop, struct mmp_error *err)
{
	json_t *answer = json_object(), *findings, *errors;
	const json_t *open;
	int failed;

	build->verdict = mmp_policy_write(answer, build->platform, &build->layout);
	findings = json_object_get(answer, "findings");
	errors = errors_of(findings);
	open = not_accepted(errors, request->accept);
	failed = check_names(build, findings, errors, request->accept, err);
	if (!failed && open) {
		failed = refuse(build, open, err);
		*ret_stop = json_incref(answer);
	} else if (!failed && build->verdict != MMP_BOOTS) {
		build->accepted = json_incref(errors);
	}
	json_decref(errors);
	json_decref(answer);
	return failed;
}

static int check_request(const struct mmp_build *build,
			 const struct mmp_build_request *request, struct mmp_error *err)
{
	if (request->pool_given)
		return mmp_pool_check_range(build, err);
	if (request->as_firmware)
		return 0;
	return mmp_fail(err, MMP_INVALID,
			"pool: missing; without a placement it must give base and size "
			"of the memory that will hold the tables");
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
	if (compute_layout(build, request, err)) {
		if (err->code == MMP_FIRMWARE_STOP)
			*ret_stop = stop_data(build);
		goto failed;
	}
	if (judge_layout(build, request, ret_stop, err))
		goto failed;
	set_registers(build);
	if (mmp_pool_fill(build, err) || verify_build(build, err) ||
	    check_wraps(build, err) || mmp_build_describe(build, err))
		goto failed;
	*ret_build = build;
	return 0;
failed:
	mmp_build_free(build);
	return -1;
}

static int read_manifest(const char *text, size_t length,
			 struct mmp_parsed **ret_manifest,
			 struct mmp_build_request *ret_request, struct mmp_error *err)
{
	struct mmp_parsed *parsed = mmp_json_read(text, length, SIZE_MAX, err);
	const json_t *manifest = mmp_parsed_root(parsed);
	const json_t *pool = json_object_get(manifest, "pool");

	*ret_request = (struct mmp_build_request){ .pool_given = true };
	if (!manifest ||
	    mmp_build_request_read(NULL, json_object_get(manifest, "placement"),
				   ret_request, err) ||
	    mmp_json_number(json_object_get(pool, "pa"), "pool.pa", &ret_request->pool_pa,
			    err) ||
	    mmp_json_number(json_object_get(pool, "size"), "pool.size",
			    &ret_request->pool_size, err)) {
		mmp_parsed_unref(parsed);
		return mmp_fail(err, MMP_SYSTEM,
				"the manifest of a build cannot be read");
	}
	ret_request->pool_given = true;
	*ret_manifest = parsed;
	return 0;
}

static int keep_bytes(struct mmp_build *build, const char *manifest,
		      size_t manifest_length, const uint8_t *bytes, size_t length,
		      struct mmp_error *err)
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

/* Storage may have corrupted a bit: check that the bytes are the ones made and walked. */
static int check_kept(const struct mmp_build *build, const struct mmp_digest *promised,
		      struct mmp_error *err)
{
	char id[MMP_DIGEST_TEXT_SIZE], is[MMP_DIGEST_TEXT_SIZE],
		should[MMP_DIGEST_TEXT_SIZE];

	mmp_digest_print(&build->id, id);
	mmp_digest_print(&build->bytes_digest, is);
	mmp_digest_print(promised, should);
	if (strcmp(is, should) != 0)
		return mmp_fail(err, MMP_SYSTEM,
				"build %.12s: its stored bytes are damaged: their "
				"SHA-256 is %.12s, the manifest says %.12s",
				id, is, should);
	if (verify_build(build, err))
		return mmp_while(err, "build %.12s", id);
	return 0;
}

static int read_inputs(const char *manifest, size_t length,
		       struct mmp_build_request *request, struct mmp_digest *promised,
		       struct mmp_platform **ret_platform, struct mmp_error *err)
{
	const char *sha256;
	struct mmp_parsed *parsed = NULL;
	int failed;

	if (read_manifest(manifest, length, &parsed, request, err))
		return -1;
	sha256 = json_string_value(json_object_get(parsed->root, "sha256"));
	failed = mmp_digest_parse(sha256 ? sha256 : "", promised, err) ||
		 mmp_platform_read(json_object_get(parsed->root, "platform"),
				   ret_platform, err);
	mmp_parsed_unref(parsed);
	return failed ? mmp_while(err, "the manifest of a build") : 0;
}

int mmp_build_read(const char *manifest, size_t manifest_length, const uint8_t *bytes,
		   size_t length, struct mmp_build **ret_build, struct mmp_error *err)
{
	struct mmp_build_request request;
	struct mmp_digest promised;
	struct mmp_platform *platform;
	struct mmp_build *build;

	if (read_inputs(manifest, manifest_length, &request, &promised, &platform, err))
		return -1;
	build = new_build(platform, &request);
	if (!build)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (keep_bytes(build, manifest, manifest_length, bytes, length, err) ||
	    compute_layout(build, &request, err) || check_kept(build, &promised, err)) {
		mmp_build_free(build);
		return -1;
	}
	set_registers(build);
	*ret_build = build;
	return 0;
}

struct mmp_probe *mmp_build_probes(const struct mmp_build *build, size_t *ret_count)
{
	struct mmp_memory memory = mmp_build_memory(build);

	return mmp_probe_make(&build->layout, &memory, ret_count);
}

struct mmp_trial *mmp_build_trials(const struct mmp_build *build, size_t *ret_count)
{
	struct mmp_memory memory = mmp_build_memory(build);

	return mmp_trial_make(&build->layout, &memory, ret_count);
}
