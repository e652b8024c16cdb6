/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "base/limits.h"
#include "doc/platform.h"
#include "memory.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "work/errand.h"

/* --- region.list --- */

struct region_list_params {
	const char *platform;
	uint64_t revision, limit;
	struct mmp_optional after;
};

/* clang-format off */
static const struct mmp_param list_params[] = {
	{ "platform", MMP_PARAM_TEXT, offsetof(struct region_list_params, platform), true, "name of a platform", NULL },
	{ "revision", MMP_PARAM_UINT, offsetof(struct region_list_params, revision), false,
	  "an earlier revision; by default the newest", NULL },
	{ "limit", MMP_PARAM_UINT, offsetof(struct region_list_params, limit), false,
	  "maximum number of items; by default all", NULL },
	{ "after", MMP_PARAM_OPTIONAL, offsetof(struct region_list_params, after), false,
	  "continue after this ordinal, which the previous page ended with", NULL },
	{ 0 },
};
/* clang-format on */

struct region_list {
	struct platform_head head;
	uint64_t next;        /* the ordinal of the next row */
	uint64_t first, left; /* the first ordinal that is listed, the rows left */
	struct mmp_buffer text;
	struct mmp_writer writer;
};

static void free_list(void *data)
{
	struct region_list *list = data;

	mmp_buffer_done(&list->text);
	free(list);
}

static int print_row(void *data, const struct mmp_region_row *row, struct mmp_error *err)
{
	struct region_list *list = data;
	struct mmp_registration one;
	uint64_t ordinal = list->next++;

	if (ordinal < list->first || !list->left)
		return 0;
	if (service_registration(list->head.rules, row, &one, err))
		return -1;
	mmp_registration_print(&list->writer, list->head.rules, &one, &ordinal);
	list->left--;
	if (list->text.length > MMP_ANSWER_MAX)
		return mmp_fail(
			err, MMP_TOO_LARGE,
			"the answer is over %u bytes: ask for pages with limit and "
			"after",
			MMP_ANSWER_MAX);
	return 0;
}

/* List some rows per step, so that others get their turn: a revision never changes. */
static int list_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct service *service = call->service;
	struct region_list *list = data;
	int more = mmp_store_regions_some(service->store, &list->head.first,
					  MMP_ROWS_AT_ONCE, print_row, list, err);

	(void)ret_result;
	if (more < 0)
		return -1;
	if (more && list->left) {
		call_charge(call, list->text.capacity);
		call_then(call, IN_STORE, list_step);
		call_weigh(call, STEP_GOES_ON);
		return MMP_LATER;
	}
	mmp_writer_end(&list->writer, ']');
	mmp_writer_end(&list->writer, '}');
	call->text = mmp_shared_new(&list->text);
	return call->text ? 0 : mmp_fail(err, MMP_SYSTEM, "out of memory");
}

static int list_regions(struct mmp_call *call, const void *params, json_t **ret_result,
			struct mmp_error *err)
{
	const struct region_list_params *p = params;
	struct service *service = call->service;
	struct region_list *list = xcalloc(1, sizeof(*list));

	call_keep(call, list, free_list);
	if (service_platform_head(service, p->platform, p->revision, &list->head, err))
		return -1;
	list->first = p->after.given ? p->after.value + 1 : 0;
	list->left = p->limit ? p->limit : UINT64_MAX;
	list->writer = MMP_WRITER(&list->text);
	mmp_writer_begin(&list->writer, '{');
	mmp_writer_key(&list->writer, "name");
	mmp_writer_text(&list->writer, p->platform);
	mmp_writer_key(&list->writer, "revision");
	mmp_writer_number(&list->writer, (int64_t)list->head.revision);
	mmp_writer_key(&list->writer, "registrations");
	mmp_writer_begin(&list->writer, '[');
	return list_step(call, list, ret_result, err);
}

struct region_listing {
	const struct mmp_rules *rules;
	json_t *all;
};

static int add_region(void *data, const struct mmp_region_row *row, struct mmp_error *err)
{
	struct region_listing *listing = data;
	struct mmp_registration one;

	if (service_registration(listing->rules, row, &one, err))
		return -1;
	json_array_append_new(listing->all, mmp_registration_write(listing->rules, &one));
	return 0;
}

/* --- region.remove --- */

static json_t *region_json(const char *platform, uint64_t revision, uint64_t ordinal,
			   json_t *take_registration)
{
	json_object_set_new(take_registration, "ordinal",
			    json_integer((json_int_t)ordinal));
	return json_pack("{s:s, s:I, s:o}", "name", platform, "revision",
			 (json_int_t)revision, "registration", take_registration);
}

struct region_remove_params {
	const char *platform;
	uint64_t ordinal;
	struct mmp_optional if_revision;
};

/* clang-format off */
static const struct mmp_param remove_params[] = {
	{ "platform", MMP_PARAM_TEXT, offsetof(struct region_remove_params, platform), true, "name of a platform", NULL },
	{ "ordinal", MMP_PARAM_UINT, offsetof(struct region_remove_params, ordinal), true,
	  "its number in region.list, from 0", NULL },
	IF_REVISION(struct region_remove_params),
	{ 0 },
};
/* clang-format on */

static int remove_region(struct mmp_call *call, const void *params, json_t **ret_result,
			 struct mmp_error *err)
{
	struct service *service = call->service;
	const struct region_remove_params *p = params;
	struct platform_head head;
	struct region_listing listing;
	uint64_t revision;

	if (service_platform_head(service, p->platform, 0, &head, err))
		return -1;
	listing = (struct region_listing){ .rules = head.rules, .all = json_array() };
	if (mmp_store_region_remove(service->store, p->platform, p->ordinal,
				    methods_if_revision(&p->if_revision),
				    methods_by(call), add_region, &listing, &revision,
				    err)) {
		json_decref(listing.all);
		return -1;
	}
	*ret_result = region_json(p->platform, revision, p->ordinal,
				  json_incref(json_array_get(listing.all, 0)));
	json_decref(listing.all);
	return 0;
}

/* clang-format off */
const struct mmp_method methods_region[] = {
	{ "region.list", "List the registrations of a platform in link order",
	  list_params, sizeof(struct region_list_params), shape_region_list, MMP_READ, list_regions },
	{ "region.remove", "Remove a registration",
	  remove_params, sizeof(struct region_remove_params), shape_region, MMP_WRITE, remove_region },
	{ 0 },
};
/* clang-format on */
