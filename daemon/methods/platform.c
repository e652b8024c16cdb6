/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "doc/platform.h"
#include "log.h"
#include "memory.h"
#include "methods/listing.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "work/errand.h"
#include "work/inputs.h"
#include "work/verdict.h"

/* --- platform.put --- */

struct platform_put_params {
	json_t *document;
	const char *message;
	struct mmp_optional if_revision;
};

/* clang-format off */
static const struct mmp_param put_params[] = {
	{ "document", MMP_PARAM_OBJECT, offsetof(struct platform_put_params, document), true,
	  "platform document, or a recorded vector", NULL },
	{ "message", MMP_PARAM_TEXT, offsetof(struct platform_put_params, message), false,
	  "the reason for the change, one line for the history", NULL },
	IF_REVISION(struct platform_put_params),
	{ 0 },
};
/* clang-format on */

static json_t *revision_json(const char *name, uint64_t revision)
{
	return json_pack("{s:s, s:I}", "name", name, "revision", (json_int_t)revision);
}

/*
 * To store a platform: read the newest revision, compare, write. A long one, or one with
 * long texts, is read and compared outside of the database's thread, and again if another
 * revision was made in the meantime. Short ones are stored at once, so that the changes of
 * a client that does not wait for answers are made in their order.
 */
struct putting {
	struct mmp_platform *platform;
	char *message;
	uint64_t if_revision; /* given by the caller */
	uint64_t newest;      /* that it was compared with; 0: none */
	unsigned tries;
	bool has_long_texts; /* or the newest revision has */
	struct platform_change change;
};

enum { KEEP_TRIES = 3 }; /* then it is stored whatever the newest revision is */

static void free_putting(void *data)
{
	struct putting *k = data;

	mmp_platform_free(k->platform);
	free(k->message);
	free(k);
}

static int answer_kept(struct mmp_call *call, struct putting *k, uint64_t revision,
		       json_t **ret_result, struct mmp_error *err)
{
	struct mmp_platform *platform = k->platform;
	json_t *result = revision_json(platform->name, revision);

	json_object_set_new(result, "changed", json_boolean(k->change.changed));
	k->platform = NULL;
	call_replace(call);
	return verdict_answer(call, platform, result, ret_result, err);
}

static call_step newest_step;

/* The newest revision; 0 if there is no such platform. */
static int newest_head(struct service *service, const char *name,
		       struct platform_head *ret_head, struct mmp_error *err)
{
	*ret_head = (struct platform_head){ 0 };
	return service_platform_head(service, name, 0, ret_head, err) &&
			       err->code != MMP_NOT_FOUND
		       ? -1
		       : 0;
}

/* If the given revision is not the newest, the store refuses it. */
static int put_step(struct mmp_call *call, void *data, json_t **ret_result,
		    struct mmp_error *err)
{
	struct putting *k = data;
	bool any = k->if_revision == MMP_ANY_REVISION;
	uint64_t wanted = any && k->tries < KEEP_TRIES ? k->newest : k->if_revision,
		 revision;
	struct platform_head head;

	if (!k->change.changed) {
		if (newest_head(call->service, k->platform->name, &head, err))
			return -1;
		return head.revision == k->newest
			       ? answer_kept(call, k, k->newest, ret_result, err)
			       : call_then(call, IN_STORE, newest_step);
	}
	if (!service_platform_put(call->service, k->platform, k->change.about, wanted,
				  methods_by(call), &revision, err))
		return answer_kept(call, k, revision, ret_result, err);
	if (err->code == MMP_CONFLICT && any)
		return call_then(call, IN_STORE, newest_step);
	return -1;
}

static bool is_short(const struct putting *k, const struct platform_head *newest)
{
	return !k->has_long_texts && k->platform->count <= MMP_STORE_AT_ONCE &&
	       newest->registrations <= MMP_STORE_AT_ONCE;
}

static void compare(struct putting *k, struct mmp_platform *take_newest)
{
	bool is_meant = k->if_revision == MMP_ANY_REVISION || k->if_revision == k->newest;

	service_platform_compare(take_newest, k->platform, k->message, &k->change);
	k->change.changed |= !is_meant;
	mmp_platform_free(take_newest);
}

/* In the database's thread, and again in a worker if the newest revision is long. */
static int newest_step(struct mmp_call *call, void *data, json_t **ret_result,
		       struct mmp_error *err)
{
	struct mmp_platform *newest = NULL;
	struct platform_head head;
	struct putting *k = data;
	int outcome;

	if (call_place(call) == IN_STORE) {
		inputs_drop(call);
		if (newest_head(call->service, k->platform->name, &head, err))
			return -1;
		k->newest = head.revision;
		/* A step asks for the rows of a long one: it is what runs again. */
		if (head.revision && !is_short(k, &head) &&
		    call_current(call) != newest_step)
			return call_then(call, IN_STORE, newest_step);
		if (!head.revision || is_short(k, &head)) {
			if (head.revision &&
			    service_platform_load(call->service, k->platform->name,
						  head.revision, &newest, &head, err)) {
				k->has_long_texts = err->code == MMP_TOO_LARGE;
				return k->has_long_texts
					       ? call_then(call, IN_STORE, newest_step)
					       : -1;
			}
			k->tries++;
			compare(k, newest);
			return put_step(call, k, ret_result, err);
		}
		k->tries++;
	}
	outcome = input_revision(call, k->platform->name, k->newest, &newest, &head, err);
	if (outcome)
		return outcome;
	compare(k, newest);
	return call_then(call, IN_STORE, put_step);
}

/* About the bytes of its text, counted up to `most` and a little more. */
static size_t text_bytes(const json_t *value, size_t most)
{
	size_t bytes = json_string_length(value) + sizeof("\"\":\"\"") - 1, i;
	const char *key;
	json_t *one;

	json_array_foreach(value, i, one) {
		if (bytes > most)
			break;
		bytes += text_bytes(one, most - bytes);
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, one) {
		if (bytes > most)
			break;
		bytes += strlen(key) + text_bytes(one, most - bytes);
	}
	return bytes;
}

/* A document is never longer than the line that it is in, which may have others too. */
static bool has_long_texts(const struct mmp_call *call, const json_t *document)
{
	return call->bytes > MMP_STORE_BYTES_AT_ONCE &&
	       text_bytes(document, MMP_STORE_BYTES_AT_ONCE) > MMP_STORE_BYTES_AT_ONCE;
}

/* Answers with the revision and the verdict. */
static int keep_platform(struct mmp_call *call, struct mmp_platform *take_platform,
			 bool is_long, const struct mmp_optional *if_revision,
			 const char *message, json_t **ret_result, struct mmp_error *err)
{
	struct putting *k = xcalloc(1, sizeof(*k));

	k->platform = take_platform;
	k->message = xstrdup(message);
	k->has_long_texts = is_long;
	k->if_revision = methods_if_revision(if_revision);
	call_keep(call, k, free_putting);
	return call_place(call) == IN_STORE ? newest_step(call, k, ret_result, err)
					    : call_then(call, IN_STORE, newest_step);
}

static int platform_put(struct mmp_call *call, const void *params, json_t **ret_result,
			struct mmp_error *err)
{
	const struct platform_put_params *p = params;
	bool is_long = has_long_texts(call, p->document);
	struct mmp_platform *platform;

	if (call_place(call) == IN_STORE &&
	    (input_registrations(p->document) > MMP_STORE_AT_ONCE || is_long))
		return call_again(call, IN_WORKER);
	if (mmp_platform_read(p->document, &platform, err))
		return -1;
	return keep_platform(call, platform, is_long, &p->if_revision, p->message,
			     ret_result, err);
}

/* --- platform.revert --- */

struct revert {
	const char *name, *message;
	uint64_t revision;
	struct mmp_optional if_revision;
};

/* clang-format off */
static const struct mmp_param revert_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct revert, name), true, "name of a platform", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct revert, revision), true,
	  "the revision to make the newest again; it may be of a platform that was removed", NULL },
	{ "message", MMP_PARAM_TEXT, offsetof(struct revert, message), false,
	  "the reason for the change, one line for the history", NULL },
	IF_REVISION(struct revert),
	{ 0 },
};
/* clang-format on */

static int revert(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	const struct revert *p = params;
	struct mmp_platform *platform;
	struct platform_head head;
	char message[320];
	int outcome;

	if (!p->revision)
		return mmp_fail(err, MMP_INVALID, "revision: 0 is not a revision");
	outcome = input_revision(call, p->name, p->revision, &platform, &head, err);
	if (outcome)
		return outcome;
	mmp_text_print(message, sizeof(message), "back to revision %" PRIu64 "%s%.240s",
		       p->revision, p->message ? ": " : "", p->message ? p->message : "");
	return keep_platform(call, platform, false, &p->if_revision, message, ret_result,
			     err);
}

/* --- platform.get --- */

struct get {
	const char *name;
	uint64_t revision;
};

/* clang-format off */
static const struct mmp_param get_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct get, name), true, "name of a platform", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct get, revision), false,
	  "an earlier revision; by default the newest", NULL },
	{ 0 },
};
/* clang-format on */

static int print_platform(struct mmp_call *call, const struct mmp_platform *platform,
			  const struct platform_head *head, struct mmp_error *err)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_writer writer = MMP_WRITER(&text);

	mmp_writer_begin(&writer, '{');
	mmp_member_text(&writer, "name", platform->name);
	mmp_member_number(&writer, "revision", (int64_t)head->revision);
	mmp_member_text(&writer, "time", head->time);
	mmp_member_take(&writer, "user", methods_text(head->user));
	mmp_writer_key(&writer, "document");
	mmp_platform_print(&writer, platform);
	mmp_writer_end(&writer, '}');
	call->text = mmp_shared_new(&text);
	return call->text ? 0 : mmp_fail(err, MMP_SYSTEM, "out of memory");
}

static int platform_get(struct mmp_call *call, const void *params, json_t **ret_result,
			struct mmp_error *err)
{
	const struct get *p = params;
	struct mmp_platform *platform;
	struct platform_head head;
	int outcome = input_revision(call, p->name, p->revision, &platform, &head, err);

	(void)ret_result;
	if (outcome)
		return outcome;
	outcome = print_platform(call, platform, &head, err);
	mmp_platform_free(platform);
	return outcome;
}

/* --- platform.list --- */

struct platform_list_params {
	uint64_t limit;
	const char *after;
};

/* clang-format off */
static const struct mmp_param platform_list_params[] = {
	METHODS_PAGE_BY_NAME(struct platform_list_params),
	{ 0 },
};
/* clang-format on */

static int add_platform(void *data, const struct mmp_platform_row *row,
			struct mmp_error *err)
{
	struct listing *listing = data;

	(void)err;
	listing_at(listing, row->name);
	json_array_append_new(listing->rows,
			      json_pack("{s:s, s:I, s:s, s:I, s:s, s:o}", "name",
					row->name, "revision", (json_int_t)row->revision,
					"rules", row->rules, "registrations",
					(json_int_t)row->regions_count, "time", row->time,
					"user", methods_text(row->user)));
	return 0;
}

static int read_platforms(struct service *service, struct listing *listing,
			  const struct mmp_page *page, struct mmp_error *err)
{
	return mmp_store_platform_list(service->store, listing->after_name, page->limit,
				       add_platform, listing, err);
}

static int platform_list(struct mmp_call *call, const void *params, json_t **ret_result,
			 struct mmp_error *err)
{
	const struct platform_list_params *p = params;
	const struct listing platforms = { .read = read_platforms,
					   .key = "platforms",
					   .limit = p->limit,
					   .after_name = p->after };

	return listing_begin(call, &platforms, ret_result, err);
}

/* --- platform.remove --- */

struct platform_remove_params {
	const char *name;
	struct mmp_optional if_revision;
};

/* clang-format off */
static const struct mmp_param remove_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct platform_remove_params, name), true, "name of a platform", NULL },
	IF_REVISION(struct platform_remove_params),
	{ 0 },
};
/* clang-format on */

static int remove_platform(struct mmp_call *call, const void *params, json_t **ret_result,
			   struct mmp_error *err)
{
	struct service *service = call->service;
	const struct platform_remove_params *p = params;
	uint64_t revision;

	if (mmp_store_platform_remove(service->store, p->name,
				      methods_if_revision(&p->if_revision),
				      methods_by(call), &revision, err))
		return -1;
	*ret_result = revision_json(p->name, revision);
	return 0;
}

/* --- platform.history --- */

struct history {
	const char *name;
	struct mmp_page page;
};

/* clang-format off */
static const struct mmp_param history_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct history, name), true, "name of a platform", NULL },
	METHODS_PAGE(struct history, "continue after this number, which the previous page ended with"),
	{ 0 },
};
/* clang-format on */

/* Revisions are numbers outside of the store. */
static void write_revision(struct mmp_writer *w, const char *text)
{
	if (text)
		mmp_writer_number(w, strtoll(text, NULL, 10));
	else
		mmp_writer_null(w);
}

static void write_after(struct mmp_writer *w, const void *row)
{
	write_revision(w, ((const struct mmp_history_row *)row)->after);
}

static void write_before(struct mmp_writer *w, const void *row)
{
	write_revision(w, ((const struct mmp_history_row *)row)->before);
}

/* clang-format off */
static const struct mmp_column history_columns[] = {
	{ "number",   MMP_COLUMN_UNSIGNED, MMP_AT(struct mmp_history_row, number) },
	{ "revision", .write = write_after },
	{ "before",   .write = write_before },
	{ "time",     MMP_COLUMN_TEXT, MMP_AT(struct mmp_history_row, by.time) },
	{ "user",     MMP_COLUMN_TEXT, MMP_AT(struct mmp_history_row, by.user) },
	{ "uid",      MMP_COLUMN_INT,  MMP_AT(struct mmp_history_row, by.uid) },
	{ "gid",      MMP_COLUMN_INT,  MMP_AT(struct mmp_history_row, by.gid) },
	{ "pid",      MMP_COLUMN_INT,  MMP_AT(struct mmp_history_row, by.pid) },
	{ "method",   MMP_COLUMN_TEXT, MMP_AT(struct mmp_history_row, action) },
	{ "what",     MMP_COLUMN_TEXT, MMP_AT(struct mmp_history_row, about) },
	{ 0 },
};
/* clang-format on */

static int add_history(void *data, const struct mmp_history_row *row,
		       struct mmp_error *err)
{
	struct listing *listing = data;

	(void)err;
	listing->after = row->number;
	json_array_append_new(listing->rows, mmp_row_json(history_columns, row));
	return 0;
}

static int read_history(struct service *service, struct listing *listing,
			const struct mmp_page *page, struct mmp_error *err)
{
	return mmp_store_history(service->store, "platform", listing->of, page,
				 add_history, listing, err);
}

static int end_history(const struct listing *listing, json_t **ret_result,
		       struct mmp_error *err)
{
	if (!json_array_size(listing->rows) && !listing->is_page)
		return mmp_fail(err, MMP_NOT_FOUND, "no such platform: \"%.100s\"",
				listing->of);
	*ret_result =
		json_pack("{s:s, s:O}", "name", listing->of, "history", listing->rows);
	return 0;
}

static int history(struct mmp_call *call, const void *params, json_t **ret_result,
		   struct mmp_error *err)
{
	const struct history *p = params;
	const struct listing rows = { .read = read_history,
				      .end = end_history,
				      .of = p->name,
				      .limit = p->page.limit,
				      .after = p->page.after };

	return listing_begin(call, &rows, ret_result, err);
}

/* clang-format off */
const struct mmp_method methods_platform[] = {
	{ "platform.put", "Store a platform: a new one, or a new revision",
	  put_params, sizeof(struct platform_put_params), shape_platform_put, MMP_WRITE, platform_put },
	{ "platform.revert", "Make an earlier revision of a platform the newest again",
	  revert_params, sizeof(struct revert), shape_platform_put, MMP_WRITE, revert },
	{ "platform.get", "Show a platform, of any revision",
	  get_params, sizeof(struct get), shape_platform_get, MMP_READ, platform_get },
	{ "platform.list", "List the platforms",
	  platform_list_params, sizeof(struct platform_list_params), shape_platform_list, MMP_READ, platform_list },
	{ "platform.remove", "Remove a platform; its revisions and its history stay",
	  remove_params, sizeof(struct platform_remove_params), shape_revision, MMP_WRITE, remove_platform },
	{ "platform.history", "Show who changed a platform, when, and how",
	  history_params, sizeof(struct history), shape_platform_history, MMP_READ, history },
	{ 0 },
};
/* clang-format on */
