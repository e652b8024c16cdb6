/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/build_work.h"

#include <stdlib.h>
#include <string.h>

#include "arch/regime.h"
#include "base/base64.h"
#include "doc/compare.h"
#include "export/export.h"

static struct build_work *build_work_of(struct computing *computing)
{
	return container_of(computing, struct build_work, computing);
}

static int take_row(void *data, const struct mmp_build_row *row, struct mmp_error *err)
{
	struct build_work *w = data;

	if (mmp_buffer_add(&w->manifest, row->manifest, strlen(row->manifest)) ||
	    mmp_buffer_add(&w->bytes, row->bytes, row->bytes_size))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	return 0;
}

int build_work_load(struct build_work *w, struct service *service, const char *id,
		    struct mmp_error *err)
{
	return mmp_store_build_get(service->store, id, take_row, w, err);
}

static void read_back(struct build_work *w)
{
	if (mmp_build_read(w->manifest.bytes, w->manifest.length,
			   (const uint8_t *)w->bytes.bytes, w->bytes.length, &w->build,
			   &w->err))
		w->build = NULL;
}

void build_work_make(struct computing *computing)
{
	struct build_work *w = build_work_of(computing);
	struct mmp_platform *platform = w->platform;
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer writer = MMP_WRITER(&text);
	json_t *stop = NULL;

	w->platform = NULL;
	if (mmp_build_make(platform, &w->request, &w->build, &stop, &w->err))
		w->build = NULL;
	if (!stop)
		return;
	mmp_writer_members(&writer, stop);
	w->stop = mmp_shared_new(&text);
}

static void make_or_read(struct build_work *w)
{
	if (w->platform)
		build_work_make(&w->computing);
	else
		read_back(w);
}

static void take_text(struct build_work *w, struct mmp_buffer *take_text)
{
	w->text = mmp_shared_new(take_text);
	if (!w->text)
		mmp_fail(&w->err, MMP_SYSTEM, "out of memory");
}

void build_work_walk(struct computing *computing)
{
	struct build_work *w = build_work_of(computing);
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer writer = MMP_WRITER(&text);

	read_back(w);
	if (!w->build)
		return;
	mmp_writer_take(&writer, mmp_build_walk_write(w->build, w->va));
	take_text(w, &text);
}

void build_work_compare(struct computing *computing)
{
	struct build_work *w = build_work_of(computing);
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer writer = MMP_WRITER(&text);
	char id[MMP_DIGEST_TEXT_SIZE];

	make_or_read(w);
	if (!w->build)
		return;
	mmp_writer_begin(&writer, '{');
	if (mmp_compare_members(&writer, w->build, w->dump, &w->err)) {
		mmp_buffer_done(&text);
		return;
	}
	mmp_digest_print(&w->build->id, id);
	mmp_member_text(&writer, "id", id);
	mmp_writer_end(&writer, '}');
	take_text(w, &text);
}

static struct mmp_export export_of(const struct mmp_build *build, const char *id)
{
	return (struct mmp_export){
		.layout = &build->layout,
		.id = id,
		.manifest = build->manifest,
		.pa = build->pool_pa,
		.bytes = build->bytes,
		.length = build->length,
	};
}

static void write_export(struct mmp_writer *w, const char *id,
			 const struct mmp_exporter *exporter,
			 const struct mmp_buffer *out)
{
	char *letters = mmp_base64_encode(out->bytes ? out->bytes : "", out->length);

	mmp_writer_begin(w, '{');
	mmp_member_text(w, "id", id);
	mmp_member_text(w, "format", exporter->name);
	mmp_member_flag(w, "text", exporter->text);
	mmp_member_text(w, "bytes", letters);
	mmp_writer_end(w, '}');
	w->buffer->failed |= !letters;
	free(letters);
}

void build_work_export(struct computing *computing)
{
	struct build_work *w = build_work_of(computing);
	const struct mmp_exporter *exporter = &mmp_exporters[w->exporter];
	struct mmp_buffer out = MMP_BUFFER_EMPTY, text = MMP_BUFFER_EMPTY;
	struct mmp_writer writer = MMP_WRITER(&text);
	char id[MMP_DIGEST_TEXT_SIZE];
	struct mmp_export export;

	make_or_read(w);
	if (!w->build)
		return;
	mmp_digest_print(&w->build->id, id);
	export = export_of(w->build, id);
	if (!mmp_export(exporter, &export, &out, &w->err)) {
		write_export(&writer, id, exporter, &out);
		take_text(w, &text);
	}
	mmp_buffer_done(&out);
}

/* A build that no board takes needs no proof. */
void build_work_prove(struct computing *computing)
{
	struct build_work *w = build_work_of(computing);

	read_back(w);
	if (!w->build || !w->build->layout.plan.shape.regime->pushable)
		return;
	w->questions = mmp_build_probes(w->build, &w->questions_count);
	w->trials = mmp_build_trials(w->build, &w->trials_count);
}

void build_work_done(struct build_work *w)
{
	mmp_platform_free(w->platform);
	mmp_buffer_done(&w->manifest);
	mmp_buffer_done(&w->bytes);
	mmp_build_free(w->build);
	free(w->questions);
	free(w->trials);
	mmp_shared_unref(w->text);
	mmp_shared_unref(w->stop);
}

void build_work_free(struct computing *computing)
{
	struct build_work *w = build_work_of(computing);

	build_work_done(w);
	free(w);
}
