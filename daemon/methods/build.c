/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "export/export.h"
#include "memory.h"
#include "methods/listing.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "work/build_work.h"
#include "work/inputs.h"
#include "work/jobs.h"
#include "json/writer.h"

static void write_revision(struct mmp_writer *w, const void *data)
{
	const struct mmp_build_row *row = data;

	if (row->revision)
		mmp_writer_number(w, (int64_t)row->revision);
	else
		mmp_writer_null(w);
}

/* Texts that are JSON already. */
static void write_kept(struct mmp_writer *w, const void *data)
{
	const struct mmp_build_row *row = data;
	json_t *accepted = row->accepted ? json_loads(row->accepted, 0, NULL) : NULL;

	if (row->manifest) {
		mmp_writer_key(w, "manifest");
		mmp_writer_json(w, row->manifest, strlen(row->manifest));
	}
	if (accepted)
		mmp_member_take(w, "accepted_findings", accepted);
}

/* clang-format off */
static const struct mmp_column build_columns[] = {
	{ "id",       MMP_COLUMN_TEXT, MMP_AT(struct mmp_build_row, id) },
	{ "bytes",    MMP_COLUMN_UNSIGNED, MMP_AT(struct mmp_build_row, bytes_size) },
	{ "platform", MMP_COLUMN_TEXT, MMP_AT(struct mmp_build_row, platform) },
	{ "revision", .write = write_revision },
	{ "time",     MMP_COLUMN_TEXT, MMP_AT(struct mmp_build_row, time) },
	{ "user",     MMP_COLUMN_TEXT, MMP_AT(struct mmp_build_row, user) },
	{ "",         MMP_COLUMN_MEMBERS, .write = write_kept },
	{ 0 },
};
/* clang-format on */

/* Storage may have corrupted a bit, and the manifest is passed on as it is. */
static int check_manifest(const struct mmp_build_row *row, struct mmp_error *err)
{
	struct mmp_digest digest = mmp_digest_of(row->manifest, strlen(row->manifest));
	char id[MMP_DIGEST_TEXT_SIZE];

	mmp_digest_print(&digest, id);
	if (!strcmp(id, row->id))
		return 0;
	return mmp_fail(err, MMP_SYSTEM,
			"build %.12s: its manifest in the database is damaged: the "
			"SHA-256 of it begins with %.12s",
			row->id, id);
}

/* The members of a build, without the end of the object. */
static int print_row(void *data, const struct mmp_build_row *row, struct mmp_error *err)
{
	struct mmp_writer *w = data;

	if (check_manifest(row, err))
		return -1;
	mmp_writer_begin(w, '{');
	mmp_writer_columns(w, build_columns, row);
	return 0;
}

/* End the answer and give it to the call, unless it `failed`. Takes the text. */
static int answer_text(struct mmp_call *call, struct mmp_writer *w, int failed,
		       struct mmp_error *err)
{
	if (failed) {
		mmp_buffer_done(w->buffer);
		return -1;
	}
	mmp_writer_end(w, '}');
	call->text = mmp_shared_new(w->buffer);
	return call->text ? 0 : mmp_fail(err, MMP_SYSTEM, "out of memory");
}

/* --- build.create --- */

struct create {
	json_t *platform, *pool, *placement, *accept_findings;
	uint64_t revision;
};

/* clang-format off */
static const struct mmp_param create_params[] = {
	{ "platform", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct create, platform), true,
	  "name of a platform, or a document or recorded vector", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct create, revision), false,
	  METHODS_REVISION_ABOUT, NULL },
	{ "pool", MMP_PARAM_OBJECT, offsetof(struct create, pool), false,
	  "memory that will hold the tables: base and size; by default, with a placement, what the tables need", NULL },
	{ "placement", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct create, placement), false,
	  "\"firmware\": where the firmware puts its tables itself; or the addresses base_tables_pa and xlat_tables_pa", NULL },
	{ "accept_findings", MMP_PARAM_FLAG_OR_NAMES, offsetof(struct create, accept_findings), false,
	  "ids of findings of severity error to build with anyway; they are kept with the build. true accepts all", NULL },
	{ 0 },
};
/* clang-format on */

/* Each accepted finding with who accepted it. The caller frees it; NULL: none. */
static char *write_accepted(const struct mmp_build *build, const struct mmp_call *call)
{
	json_t *finding;
	size_t i;

	json_array_foreach(build->accepted, i, finding)
		json_object_set_new(finding, "accepted_by",
				    methods_text(methods_by(call)->user));
	return build->accepted ? json_dumps(build->accepted, JSON_COMPACT) : NULL;
}

/* Check that the user has room for one more build. Admins always have. */
static int check_disk(struct mmp_call *call, const struct mmp_build *build,
		      struct mmp_error *err)
{
	struct service *service = call->service;
	const struct caller *caller = call->client;
	uint64_t share = service_policy(service).user_disk, bytes;
	uint64_t more = build->length + strlen(build->manifest);

	if (!share || caller->roles & ROLE_ADMIN)
		return 0;
	if (mmp_store_build_bytes(service->store, (int64_t)caller->uid, &bytes, err))
		return -1;
	if (bytes + more <= share)
		return 0;
	return mmp_fail(err, MMP_BUSY,
			"your builds take up %" PRIu64 " bytes, this one needs %" PRIu64
			" more, and the limit of one user is %" PRIu64 ": remove some",
			bytes, more, share);
}

static int keep_build(struct mmp_call *call, const struct mmp_build *build,
		      uint64_t revision, struct mmp_error *err)
{
	struct service *service = call->service;
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&text);
	char id[MMP_DIGEST_TEXT_SIZE];
	char *accepted = write_accepted(build, call);
	struct mmp_build_row row = { .id = id,
				     .manifest = build->manifest,
				     .bytes = build->bytes,
				     .bytes_size = build->length,
				     .platform = build->platform->name,
				     .revision = revision,
				     .accepted = accepted };
	bool is_new;
	int failed;

	mmp_digest_print(&build->id, id);
	failed = check_disk(call, build, err) ||
		 mmp_store_build_put(service->store, &row, methods_by(call), &is_new,
				     err) ||
		 mmp_store_build_get(service->store, id, print_row, &w, err);
	free(accepted);
	if (!failed) {
		mmp_member_flag(&w, "new", is_new);
		mmp_member_text(&w, "verdict", mmp_verdict_names[build->verdict]);
	}
	return answer_text(call, &w, failed, err);
}

/* Fail the call with the error of the work, which made no build or no answer. */
static int tell_error(const struct build_work *work, struct mmp_call *call,
		      struct mmp_error *err)
{
	call->data = mmp_shared_ref(work->stop);
	*err = work->err;
	return -1;
}

static int answer_create(struct computing *computing, struct mmp_call *call,
			 json_t **ret_result, struct mmp_error *err)
{
	const struct build_work *work = (struct build_work *)(void *)computing;

	(void)ret_result;
	return work->build ? keep_build(call, work->build, work->revision, err)
			   : tell_error(work, call, err);
}

static int answer_result(struct computing *computing, struct mmp_call *call,
			 json_t **ret_result, struct mmp_error *err)
{
	const struct build_work *work = (struct build_work *)(void *)computing;

	(void)ret_result;
	call->text = mmp_shared_ref(work->text);
	return work->text ? 0 : tell_error(work, call, err);
}

static int read_create(struct mmp_call *call, const struct create *p,
		       struct build_work *work, struct mmp_error *err)
{
	if (mmp_build_request_read(p->pool, p->placement, &work->request, err))
		return -1;
	work->request.accept = p->accept_findings;
	return input_platform(call, p->platform, p->revision, &work->platform,
			      &work->revision, err);
}

static int create(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	static const struct computing_kind kind = { .work = build_work_make,
						    .answer = answer_create,
						    .free = build_work_free,
						    .in_store = true };
	struct build_work *work = xcalloc(1, sizeof(*work));
	int outcome = read_create(call, params, work, err);

	if (!outcome)
		return compute_run(call, &work->computing, &kind, work->platform,
				   ret_result, err);
	build_work_free(&work->computing);
	return outcome;
}

/* --- build.get, build.remove --- */

struct build_id_params {
	const char *id;
};

/* clang-format off */
static const struct mmp_param one_params[] = {
	{ "id", MMP_PARAM_TEXT, offsetof(struct build_id_params, id), true,
	  "id of a build (the SHA-256 of its manifest), or at least its first 8 digits", NULL },
	{ 0 },
};
/* clang-format on */

static int build_get(struct mmp_call *call, const void *params, json_t **ret_result,
		     struct mmp_error *err)
{
	struct service *service = call->service;
	const struct build_id_params *p = params;
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&text);
	int failed = mmp_store_build_get(service->store, p->id, print_row, &w, err);

	(void)ret_result;
	return answer_text(call, &w, failed, err);
}

static int take_build_id(void *data, const struct mmp_build_row *row,
			 struct mmp_error *err)
{
	(void)err;
	snprintf(data, MMP_DIGEST_TEXT_SIZE, "%s", row->id);
	return 0;
}

static int remove_build(struct mmp_call *call, const void *params, json_t **ret_result,
			struct mmp_error *err)
{
	struct service *service = call->service;
	const struct build_id_params *p = params;
	char id[MMP_DIGEST_TEXT_SIZE];

	if (mmp_store_build_get(service->store, p->id, take_build_id, id, err) ||
	    mmp_store_build_remove(service->store, id, methods_by(call), err))
		return -1;
	*ret_result = json_pack("{s:s}", "id", id);
	return 0;
}

/* --- build.list --- */

struct build_list_params {
	const char *platform;
	struct mmp_page page;
};

/* clang-format off */
static const struct mmp_param list_params[] = {
	{ "platform", MMP_PARAM_TEXT, offsetof(struct build_list_params, platform), false,
	  "only builds of this platform", NULL },
	METHODS_PAGE(struct build_list_params, "continue after this number, which the previous page ended with"),
	{ 0 },
};
/* clang-format on */

static int add_build(void *data, const struct mmp_build_row *row, struct mmp_error *err)
{
	struct listing *listing = data;
	json_t *value = mmp_row_json(build_columns, row);

	(void)err;
	listing->after = row->number;
	json_object_set_new(value, "number", json_integer((json_int_t)row->number));
	json_array_append_new(listing->rows, value);
	return 0;
}

static int read_builds(struct service *service, struct listing *listing,
		       const struct mmp_page *page, struct mmp_error *err)
{
	return mmp_store_build_list(service->store, listing->of, page, add_build, listing,
				    err);
}

static int build_list(struct mmp_call *call, const void *params, json_t **ret_result,
		      struct mmp_error *err)
{
	const struct build_list_params *p = params;
	const struct listing builds = { .read = read_builds,
					.key = "builds",
					.of = p->platform,
					.limit = p->page.limit,
					.after = p->page.after };

	return listing_begin(call, &builds, ret_result, err);
}

/* --- build.walk --- */

struct build_walk_params {
	const char *id;
	uint64_t va;
};

/* clang-format off */
static const struct mmp_param walk_params[] = {
	{ "id", MMP_PARAM_TEXT, offsetof(struct build_walk_params, id), true,
	  "id of a build (the SHA-256 of its manifest), or at least its first 8 digits", NULL },
	{ "va", MMP_PARAM_ADDRESS, offsetof(struct build_walk_params, va), true, "virtual address", NULL },
	{ 0 },
};
/* clang-format on */

static int build_walk(struct mmp_call *call, const void *params, json_t **ret_result,
		      struct mmp_error *err)
{
	static const struct computing_kind kind = { .work = build_work_walk,
						    .answer = answer_result,
						    .free = build_work_free };
	const struct build_walk_params *p = params;
	struct build_work *work = xcalloc(1, sizeof(*work));

	(void)ret_result;
	work->va = p->va;
	if (!build_work_load(work, call->service, p->id, err))
		return compute_in_thread(call, &work->computing, &kind);
	build_work_free(&work->computing);
	return -1;
}

/* --- build.compare --- */

struct compare {
	const char *id;
	struct create make;
	json_t *dump;
};

/* clang-format off */
static const struct mmp_param compare_params[] = {
	{ "id", MMP_PARAM_TEXT, offsetof(struct compare, id), false,
	  "id of a build or its first digits; a platform may be given instead", NULL },
	{ "platform", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct compare, make.platform), false,
	  "instead of a build: name of a platform, or a document or recorded vector", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct compare, make.revision), false,
	  METHODS_REVISION_ABOUT, NULL },
	{ "pool", MMP_PARAM_OBJECT, offsetof(struct compare, make.pool), false,
	  "where its tables are: as for build.create", NULL },
	{ "placement", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct compare, make.placement), false,
	  "where its tables are: as for build.create", NULL },
	{ "dump", MMP_PARAM_ARRAY, offsetof(struct compare, dump), true,
	  "memory that was read out of the board: objects with an address, and the bytes in base64", NULL },
	{ 0 },
};
/* clang-format on */

static int build_compare(struct mmp_call *call, const void *params, json_t **ret_result,
			 struct mmp_error *err)
{
	static const struct computing_kind kind = { .work = build_work_compare,
						    .answer = answer_result,
						    .free = build_work_free };
	const struct compare *p = params;
	struct create make = p->make;
	struct build_work *work;
	int outcome;

	(void)ret_result;
	if (!p->id == !p->make.platform)
		return mmp_fail(err, MMP_INVALID, "give either id or platform");
	work = xcalloc(1, sizeof(*work));
	work->dump = p->dump;
	make.accept_findings = json_true(); /* the build is only compared, not stored */
	outcome = p->id ? build_work_load(work, call->service, p->id, err)
			: read_create(call, &make, work, err);
	if (!outcome)
		return compute_in_thread(call, &work->computing, &kind);
	build_work_free(&work->computing);
	return outcome;
}

/* --- build.export --- */

struct export
{
	const char *id;
	struct create make;
	int format;
};

/* clang-format off */
static const struct mmp_param export_params[] = {
	{ "id", MMP_PARAM_TEXT, offsetof(struct export, id), false,
	  "id of a build or its first digits; a platform may be given instead", NULL },
	{ "platform", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct export, make.platform), false,
	  "instead of a build: name of a platform, or a document or recorded vector", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct export, make.revision), false,
	  METHODS_REVISION_ABOUT, NULL },
	{ "pool", MMP_PARAM_OBJECT, offsetof(struct export, make.pool), false,
	  "where its tables are: as for build.create", NULL },
	{ "placement", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct export, make.placement), false,
	  "where its tables are: as for build.create", NULL },
	{ "accept_findings", MMP_PARAM_FLAG_OR_NAMES, offsetof(struct export, make.accept_findings), false,
	  "findings of severity error to accept, as for build.create", NULL },
	{ "format", MMP_PARAM_CHOICE, offsetof(struct export, format), false,
	  "raw, ihex, srec, c, asm, elf, ld, dts, json, log, gdb or openocd", mmp_exporter_names },
	{ 0 },
};
/* clang-format on */

static int export_build(struct mmp_call *call, const void *params, json_t **ret_result,
			struct mmp_error *err)
{
	static const struct computing_kind kind = { .work = build_work_export,
						    .answer = answer_result,
						    .free = build_work_free };
	const struct export *p = params;
	struct build_work *work;
	int outcome;

	(void)ret_result;
	if (!p->id == !p->make.platform)
		return mmp_fail(err, MMP_INVALID, "either id or platform must be given");
	work = xcalloc(1, sizeof(*work));
	work->exporter = (unsigned)p->format;
	outcome = p->id ? build_work_load(work, call->service, p->id, err)
			: read_create(call, &p->make, work, err);
	if (!outcome)
		return compute_in_thread(call, &work->computing, &kind);
	build_work_free(&work->computing);
	return outcome;
}

/* clang-format off */
const struct mmp_method methods_build[] = {
	{ "build.create", "Build the tables of a platform for a pool of memory, and keep them",
	  create_params, sizeof(struct create), shape_build_create, MMP_WRITE, create },
	{ "build.get", "Show a build's manifest, and what it was made from",
	  one_params, sizeof(struct build_id_params), shape_build_get, MMP_READ, build_get },
	{ "build.list", "List the builds, the newest first",
	  list_params, sizeof(struct build_list_params), shape_build_list, MMP_READ, build_list },
	{ "build.export", "Write a build in a format of other tools: hex files, source, ELF, scripts",
	  export_params, sizeof(struct export), shape_build_export, MMP_READ, export_build },
	{ "build.walk", "Walk a build's tables from a virtual address",
	  walk_params, sizeof(struct build_walk_params), mmp_walk_shape, MMP_READ, build_walk },
	{ "build.compare", "Compare a build with memory that was read out of a board",
	  compare_params, sizeof(struct compare), shape_build_compare, MMP_READ, build_compare },
	{ "build.remove", "Remove a build that no board holds",
	  one_params, sizeof(struct build_id_params), shape_id, MMP_WRITE, remove_build },
	{ 0 },
};
/* clang-format on */
