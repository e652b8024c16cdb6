/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "doc/diff.h"
#include "doc/platform.h"
#include "memory.h"
#include "service.h"
#include "json/text.h"

struct mmp_region_row service_region_row(const struct mmp_rules *rules,
					 const struct mmp_registration *one)
{
	return (struct mmp_region_row){
		.section = rules->sections[one->section].name,
		.type = rules->type_count ? rules->types[one->type].name : "",
		.name = one->name,
		.origin = one->origin,
		.addr = one->addr,
		.size = one->size,
		.va = one->va,
		.attr = one->attr,
		.granularity = one->granularity,
	};
}

int service_registration(const struct mmp_rules *rules, const struct mmp_region_row *row,
			 struct mmp_registration *ret_one, struct mmp_error *err)
{
	struct mmp_registration one = { .addr = row->addr,
					.size = row->size,
					.va = row->va,
					.attr = (uint32_t)row->attr,
					.granularity = row->granularity,
					.name = row->name,
					.origin = row->origin };

	if (mmp_section_find(rules, row->section, &one.section, err) ||
	    (*row->type && mmp_memtype_find(rules, row->type, &one.type, err)))
		return -1;
	*ret_one = one;
	return 0;
}

int service_platform_put(struct service *service, const struct mmp_platform *platform,
			 const char *about, uint64_t if_revision,
			 const struct mmp_signature *by, uint64_t *ret_revision,
			 struct mmp_error *err)
{
	struct mmp_platform_row row = { .name = platform->name,
					.rules = platform->rules->name,
					.about = about,
					.regions_count = platform->count };
	struct mmp_region_row *regions;
	struct mmp_stored stored;
	int failed;

	if (mmp_stored_write(platform, &stored, err))
		return -1;
	row.config = stored.text.bytes;
	row.encoded = stored.encoded.bytes;
	row.encoded_size = stored.encoded.length;
	row.regions = regions = xcalloc(platform->count + 1, sizeof(*regions));
	for (size_t i = 0; i < platform->count; i++)
		regions[i] =
			service_region_row(platform->rules, &platform->registrations[i]);
	failed = mmp_store_platform_put(service->store, &row, if_revision, by,
					ret_revision, err);
	mmp_stored_done(&stored);
	free(regions);
	return failed;
}

/* Whether their notes say the same, in whatever order. */
static bool has_same_notes(const struct mmp_platform *one,
			   const struct mmp_platform *other)
{
	json_t *a = mmp_notes_write(one), *b = mmp_notes_write(other);
	bool same = json_equal(a, b);

	json_decref(a);
	json_decref(b);
	return same;
}

/* Print the document of the platform without its notes. */
static struct mmp_buffer print_bare(const struct mmp_platform *platform)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&text);
	struct mmp_platform bare = *platform;

	bare.notes = NULL;
	mmp_platform_print(&w, &bare);
	return text;
}

static bool is_same(const struct mmp_platform *one, const struct mmp_platform *other)
{
	struct mmp_buffer a = print_bare(one), b = print_bare(other);
	bool same = !a.failed && !b.failed && a.length == b.length &&
		    !memcmp(a.bytes, b.bytes, a.length) && has_same_notes(one, other);

	mmp_buffer_done(&a);
	mmp_buffer_done(&b);
	return same;
}

/* "MESSAGE (what changed)", or only one of them. */
static void print_about(const struct mmp_platform *before,
			const struct mmp_platform *after, const char *message,
			char text[PLATFORM_ABOUT_SIZE])
{
	char changes[PLATFORM_ABOUT_SIZE / 2] = "";
	int length;

	if (before)
		mmp_diff_summary(before, after, changes, sizeof(changes));
	else
		snprintf(changes, sizeof(changes), "new, rules %s, %zu registrations",
			 after->rules->name, after->count);
	if (!*changes)
		snprintf(changes, sizeof(changes), "notes or origins");
	length = message ? (int)strnlen(message, PLATFORM_ABOUT_SIZE / 2 - 4) : 0;
	snprintf(text, PLATFORM_ABOUT_SIZE, message ? "%.*s (%s)" : "%.*s%s", length,
		 message ? message : "", changes);
	mmp_text_mend(text);
}

void service_platform_compare(const struct mmp_platform *newest,
			      const struct mmp_platform *platform, const char *message,
			      struct platform_change *ret_change)
{
	ret_change->changed =
		!newest || newest->count != platform->count || !is_same(newest, platform);
	if (ret_change->changed)
		print_about(newest, platform, message, ret_change->about);
}

/* --- from rows to documents --- */

struct loading {
	struct platform_head head;
	struct mmp_platform *platform; /* NULL if only the head is needed */
	struct mmp_stored stored;
	size_t bytes; /* of its texts so far */
	size_t most;  /* that are loaded; 0: all */
};

int service_take_head(const struct mmp_platform_row *row, struct platform_head *ret_head,
		      struct mmp_stored *ret_stored, struct mmp_error *err)
{
	ret_head->revision = row->revision;
	ret_head->registrations = row->regions_count;
	ret_head->first = row->first;
	snprintf(ret_head->time, sizeof(ret_head->time), "%s", row->time);
	snprintf(ret_head->user, sizeof(ret_head->user), "%s", row->user);
	if (mmp_buffer_text(&ret_stored->text, row->config) ||
	    mmp_buffer_add(&ret_stored->encoded, row->encoded, row->encoded_size))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	return mmp_rules_find(row->rules, &ret_head->rules, err);
}

static int take_head(void *data, const struct mmp_platform_row *row,
		     struct mmp_error *err)
{
	struct loading *loading = data;

	return service_take_head(row, &loading->head, &loading->stored, err);
}

static int count_bytes(struct loading *loading, size_t bytes, struct mmp_error *err)
{
	loading->bytes += bytes;
	if (!loading->most || loading->bytes <= loading->most)
		return 0;
	return mmp_fail(err, MMP_TOO_LARGE, "its texts are over %zu bytes",
			loading->most);
}

static int take_region(void *data, const struct mmp_region_row *row,
		       struct mmp_error *err)
{
	struct loading *loading = data;
	struct mmp_registration one;

	if (count_bytes(loading, strlen(row->name) + strlen(row->origin), err) ||
	    service_registration(loading->head.rules, row, &one, err))
		return -1;
	return mmp_platform_add(loading->platform, &one, err);
}

int service_platform_head(struct service *service, const char *name, uint64_t revision,
			  struct platform_head *ret_head, struct mmp_error *err)
{
	struct loading loading = { 0 };
	int failed = mmp_store_platform_get(service->store, name, revision, take_head,
					    &loading, err);

	mmp_stored_done(&loading.stored);
	if (!failed)
		*ret_head = loading.head;
	return failed;
}

/* The head and the config, with a platform that has no registrations yet. */
static int begin(struct service *service, const char *name, uint64_t revision,
		 struct loading *loading, struct mmp_error *err)
{
	if (mmp_store_platform_get(service->store, name, revision, take_head, loading,
				   err) ||
	    count_bytes(loading, loading->stored.text.length, err))
		return -1;
	loading->platform = mmp_platform_new(name, loading->head.rules);
	if (!loading->platform)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (mmp_stored_read(&loading->stored, loading->platform, err))
		return mmp_while(err, "platform \"%.100s\"", name);
	return 0;
}

/* Hand over what was loaded, or free it. */
static int finish(struct loading *loading, int failed, struct mmp_platform **ret_platform,
		  struct platform_head *ret_head)
{
	mmp_stored_done(&loading->stored);
	if (failed) {
		mmp_platform_free(loading->platform);
		return -1;
	}
	*ret_platform = loading->platform;
	*ret_head = loading->head;
	return 0;
}

int service_platform_begin(struct service *service, const char *name,
			   struct mmp_platform **ret_platform,
			   struct platform_head *ret_head, struct mmp_error *err)
{
	struct loading loading = { 0 };
	int failed = begin(service, name, 0, &loading, err);

	return finish(&loading, failed, ret_platform, ret_head);
}

int service_platform_load(struct service *service, const char *name, uint64_t revision,
			  struct mmp_platform **ret_platform,
			  struct platform_head *ret_head, struct mmp_error *err)
{
	struct loading loading = { .most = MMP_STORE_BYTES_AT_ONCE };
	int failed =
		begin(service, name, revision, &loading, err) ||
		mmp_store_platform_regions(service->store, name, loading.head.revision,
					   take_region, &loading, err);

	return finish(&loading, failed, ret_platform, ret_head);
}
