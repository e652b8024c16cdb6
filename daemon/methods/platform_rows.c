/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "doc/contexts.h"
#include "doc/diff.h"
#include "doc/platform.h"
#include "memory.h"
#include "service.h"
#include "json/text.h"

enum { ABOUT_SIZE = 1024 }; /* bytes of a text in history */

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

/*
 * What the store keeps of a document besides its rules and registrations: the config,
 * or, if there are notes, the notes with the config under "config".
 */
static json_t *kept_of(const struct mmp_platform *platform)
{
	json_t *config = mmp_config_write(platform->rules, &platform->config), *notes;

	if (!platform->notes)
		return config;
	notes = mmp_notes_write(platform);
	json_object_set_new(notes, "config", config);
	return notes;
}

static int put_row(struct service *service, const struct mmp_platform *platform,
		   const char *about, uint64_t if_revision,
		   const struct mmp_signature *by, uint64_t *ret_revision,
		   struct mmp_error *err)
{
	struct mmp_region_row *regions =
		xcalloc(platform->count + 1, sizeof(struct mmp_region_row));
	json_t *value = kept_of(platform);
	char *config = json_dumps(value, JSON_COMPACT);
	struct mmp_platform_row row = { .name = platform->name,
					.rules = platform->rules->name,
					.config = config,
					.about = about,
					.regions_count = platform->count,
					.regions = regions };
	int failed;

	for (size_t i = 0; i < platform->count; i++)
		regions[i] =
			service_region_row(platform->rules, &platform->registrations[i]);
	failed = mmp_store_platform_put(service->store, &row, if_revision, by,
					ret_revision, err);
	free(config);
	free(regions);
	json_decref(value);
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
			char text[ABOUT_SIZE])
{
	char changes[ABOUT_SIZE / 2] = "";
	int length;

	if (before)
		mmp_diff_summary(before, after, changes, sizeof(changes));
	else
		snprintf(changes, sizeof(changes), "new, rules %s, %zu registrations",
			 after->rules->name, after->count);
	if (!*changes)
		snprintf(changes, sizeof(changes), "notes or origins");
	length = message ? (int)strnlen(message, ABOUT_SIZE / 2 - 4) : 0;
	snprintf(text, ABOUT_SIZE, message ? "%.*s (%s)" : "%.*s%s", length,
		 message ? message : "", changes);
	mmp_text_mend(text);
}

/* The newest revision of that name; *ret_platform NULL if there is none. */
static int load_newest(struct service *service, const char *name,
		       struct mmp_platform **ret_platform, uint64_t *ret_revision,
		       struct mmp_error *err)
{
	struct platform_head head = { 0 };

	*ret_platform = NULL;
	*ret_revision = 0;
	if (service_platform_load(service, name, 0, ret_platform, &head, err)) {
		*ret_platform = NULL;
		return err->code == MMP_NOT_FOUND ? 0 : -1;
	}
	*ret_revision = head.revision;
	return 0;
}

int service_platform_put(struct service *service, const struct mmp_platform *platform,
			 uint64_t if_revision, const char *message,
			 const struct mmp_signature *by, uint64_t *ret_revision,
			 bool *ret_changed, struct mmp_error *err)
{
	struct mmp_platform *newest;
	char about[ABOUT_SIZE];
	uint64_t revision;
	int failed = 0;

	if (load_newest(service, platform->name, &newest, &revision, err))
		return -1;
	/* If the revision is not the newest, let the store refuse it. */
	if (newest && (if_revision == MMP_ANY_REVISION || if_revision == revision) &&
	    is_same(newest, platform)) {
		*ret_revision = revision;
		*ret_changed = false;
	} else {
		print_about(newest, platform, message, about);
		failed = put_row(service, platform, about, if_revision, by, ret_revision,
				 err);
		*ret_changed = true;
	}
	mmp_platform_free(newest);
	return failed;
}

/* --- from rows to documents --- */

struct loading {
	struct platform_head head;
	struct mmp_platform *platform; /* NULL if only the head is needed */
	char *config;
};

static int take_head(void *data, const struct mmp_platform_row *row,
		     struct mmp_error *err)
{
	struct loading *loading = data;
	struct platform_head *head = &loading->head;

	head->revision = row->revision;
	snprintf(head->time, sizeof(head->time), "%s", row->time);
	snprintf(head->user, sizeof(head->user), "%s", row->user);
	loading->config = xstrdup(row->config);
	return mmp_rules_find(row->rules, &head->rules, err);
}

static int take_region(void *data, const struct mmp_region_row *row,
		       struct mmp_error *err)
{
	struct loading *loading = data;
	struct mmp_registration one;

	if (service_registration(loading->head.rules, row, &one, err))
		return -1;
	return mmp_platform_add(loading->platform, &one, err);
}

/* The text of a config alone is read directly, one with notes by way of jansson. */
static int take_config(struct loading *loading, struct mmp_error *err)
{
	size_t length = strlen(loading->config);
	const json_t *config;
	json_t *kept;
	int failed;

	if (mmp_config_read_text(loading->head.rules, loading->config, length,
				 &loading->platform->config))
		return 0;
	kept = mmp_json_parse(loading->config, length, SIZE_MAX, err);
	config = json_object_get(kept, "config");
	failed = !kept || mmp_config_read(loading->head.rules, config ? config : kept,
					  &loading->platform->config, err);
	if (!failed && config)
		failed = mmp_notes_read(kept, loading->platform, err);
	json_decref(kept);
	return failed ? -1 : 0;
}

int service_platform_head(struct service *service, const char *name, uint64_t revision,
			  struct platform_head *ret_head, struct mmp_error *err)
{
	struct loading loading = { 0 };
	int failed = mmp_store_platform_get(service->store, name, revision, take_head,
					    &loading, err);

	free(loading.config);
	if (!failed)
		*ret_head = loading.head;
	return failed;
}

static int load(struct service *service, const char *name, uint64_t revision,
		struct loading *loading, struct mmp_error *err)
{
	if (mmp_store_platform_get(service->store, name, revision, take_head, loading,
				   err))
		return -1;
	loading->platform = mmp_platform_new(name, loading->head.rules);
	if (!loading->platform)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (take_config(loading, err))
		return mmp_while(err, "platform \"%.100s\"", name);
	return mmp_store_platform_regions(service->store, name, loading->head.revision,
					  take_region, loading, err);
}

int service_platform_load(struct service *service, const char *name, uint64_t revision,
			  struct mmp_platform **ret_platform,
			  struct platform_head *ret_head, struct mmp_error *err)
{
	struct loading loading = { 0 };
	int failed = load(service, name, revision, &loading, err);

	free(loading.config);
	if (failed) {
		mmp_platform_free(loading.platform);
		return -1;
	}
	*ret_platform = loading.platform;
	*ret_head = loading.head;
	return 0;
}

/*
 * Parse "NAME@3": returns the length of the name and sets the revision; 0 for other
 * forms.
 */
static size_t at_revision(const char *given, uint64_t *ret_revision)
{
	const char *at = strrchr(given, '@');
	struct mmp_error none;

	if (!at || at == given || !at[1] ||
	    strspn(at + 1, "0123456789") != strlen(at + 1))
		return 0;
	return mmp_number_parse(at + 1, ret_revision, &none) || !*ret_revision
		       ? 0
		       : (size_t)(at - given);
}

/* Load by name; if no platform has that name, it may be NAME@REVISION. */
static int load_named(struct service *service, const char *given, uint64_t revision,
		      struct mmp_platform **ret_platform, struct platform_head *head,
		      struct mmp_error *err)
{
	uint64_t behind;
	size_t length;
	char *name;
	int failed;

	if (!service_platform_load(service, given, revision, ret_platform, head, err))
		return 0;
	length = revision || err->code != MMP_NOT_FOUND ? 0 : at_revision(given, &behind);
	if (!length)
		return -1;
	name = xstrdup(given);
	name[length] = '\0';
	failed = service_platform_load(service, name, behind, ret_platform, head, err);
	free(name);
	return failed;
}

int service_platform_given(struct service *service, const json_t *given,
			   uint64_t revision, struct mmp_platform **ret_platform,
			   uint64_t *ret_revision, struct mmp_error *err)
{
	struct platform_head head = { 0 };

	if (json_is_object(given) && revision)
		return mmp_fail(err, MMP_INVALID,
				"revision: a document has no revisions; give it only "
				"with the name of a platform");
	if (json_is_object(given) ? mmp_platform_read(given, ret_platform, err)
				  : load_named(service, json_string_value(given),
					       revision, ret_platform, &head, err))
		return -1;
	*ret_revision = head.revision;
	return 0;
}

int service_platform_contexts(struct service *service,
			      const struct mmp_platform *platform,
			      struct mmp_platform *others[], size_t *ret_count,
			      struct mmp_error *err)
{
	json_t *contexts = mmp_contexts_of(platform), *context;
	uint64_t revision;
	size_t i;

	*ret_count = 0;
	json_array_foreach(contexts, i, context) {
		if (service_platform_given(service, context, 0, &others[i], &revision,
					   err)) {
			mmp_while(err, "contexts[%zu]", i);
			break;
		}
		++*ret_count;
	}
	if (*ret_count < json_array_size(contexts)) {
		while (*ret_count > 0)
			mmp_platform_free(others[--*ret_count]);
		json_decref(contexts);
		return -1;
	}
	json_decref(contexts);
	return 0;
}

/* --- a build instead of a platform --- */

enum { BUILD_DIGITS_MIN = 8 };

static bool may_be_build(const char *given)
{
	return given && strlen(given) >= BUILD_DIGITS_MIN &&
	       strspn(given, "0123456789abcdef") == strlen(given);
}

static int take_manifest(void *data, const struct mmp_build_row *row,
			 struct mmp_error *err)
{
	json_t *manifest =
		mmp_json_parse(row->manifest, strlen(row->manifest), SIZE_MAX, err);
	int failed = !manifest ||
		     mmp_platform_read(json_object_get(manifest, "platform"), data, err);

	json_decref(manifest);
	return failed ? mmp_while(err, "build %.12s", row->id) : 0;
}

int service_platform_or_build(struct service *service, const json_t *given,
			      uint64_t revision, struct mmp_platform **ret_platform,
			      uint64_t *ret_revision, struct mmp_error *err)
{
	const char *name = json_string_value(given);
	struct mmp_error no_build;

	if (!service_platform_given(service, given, revision, ret_platform, ret_revision,
				    err))
		return 0;
	if (err->code != MMP_NOT_FOUND || revision || !may_be_build(name) ||
	    mmp_store_build_get(service->store, name, take_manifest, ret_platform,
				&no_build))
		return -1;
	*ret_revision = 0;
	return 0;
}
