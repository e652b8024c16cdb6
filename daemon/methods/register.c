/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "doc/platform.h"
#include "memory.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "work/kept.h"
#include "work/shared_verdict.h"
#include "work/store_thread.h"

struct register_ {
	const char *platform, *section, *type, *name, *origin;
	struct mmp_optional addr, va, size, attr, granularity;
	struct mmp_optional if_revision;
};

/* clang-format off */
static const struct mmp_param register_params[] = {
	{ "platform", MMP_PARAM_TEXT, offsetof(struct register_, platform), true, "name of a platform", NULL },
	{ "section", MMP_PARAM_TEXT, offsetof(struct register_, section), false,
	  "section that it is registered in; by default the first of the rule set", NULL },
	{ "type", MMP_PARAM_TEXT, offsetof(struct register_, type), false,
	  "memory type, as memtype.list names it", NULL },
	{ "name", MMP_PARAM_TEXT, offsetof(struct register_, name), false,
	  "any text; by default empty. Several registrations may have the same name", NULL },
	{ "addr", MMP_PARAM_OPTIONAL, offsetof(struct register_, addr), false, "physical address", NULL },
	{ "va", MMP_PARAM_OPTIONAL, offsetof(struct register_, va), false, "virtual address, if the section has one", NULL },
	{ "size", MMP_PARAM_OPTIONAL, offsetof(struct register_, size), false, "bytes", NULL },
	{ "attr", MMP_PARAM_OPTIONAL, offsetof(struct register_, attr), false, "attribute word, if the section has one", NULL },
	{ "granularity", MMP_PARAM_OPTIONAL, offsetof(struct register_, granularity), false, "size of the largest block that may map it, in bytes, if the section has one", NULL },
	{ "origin", MMP_PARAM_TEXT, offsetof(struct register_, origin), false,
	  "the file it comes from; by default \"platform\"", NULL },
	IF_REVISION(struct register_),
	{ 0 },
};
/* clang-format on */

/* The parameter for a field of a registration; NULL: none, as the words say no more. */
static const char *param_of(enum mmp_part part)
{
	switch (part) {
	case MMP_PART_SECTION:
		return "section";
	case MMP_PART_TYPE:
		return "type";
	case MMP_PART_NAME:
		return "name";
	case MMP_PART_ORIGIN:
		return "origin";
	case MMP_PART_ADDR:
		return "addr";
	case MMP_PART_VA:
		return "va";
	case MMP_PART_SIZE:
		return "size";
	case MMP_PART_ATTR:
		return "attr";
	case MMP_PART_GRANULARITY:
		return "granularity";
	case MMP_PART_WORDS:
		break;
	}
	return NULL;
}

/* What the registration is read from. */
struct given {
	const json_t *params;
	json_t *section, *name; /* in place of params that are not given; or NULL */
};

static const json_t *given_value(const void *data, const struct mmp_registration_key *key)
{
	const struct given *given = data;
	const char *param = param_of(key->part);
	const json_t *value = param ? json_object_get(given->params, param) : NULL;

	if (value || key->part == MMP_PART_SECTION)
		return value ? value : given->section;
	return key->part == MMP_PART_NAME && key->required ? given->name : NULL;
}

static bool has_field(const struct mmp_rules *rules, unsigned part)
{
	const struct mmp_registration_key *key = rules->registration_keys;

	while (key->name && key->part != part)
		key++;
	return key->name;
}

/* -1 with *err: the rule set has no field for this parameter. */
static int refuse_param(const struct mmp_rules *rules, const char *param,
			struct mmp_error *err)
{
	char known[80];
	size_t length = 0;

	for (unsigned part = 1; part <= MMP_PART_ORIGIN; part <<= 1)
		if (param_of(part) && has_field(rules, part))
			length += (size_t)snprintf(known + length, sizeof(known) - length,
						   "%s%s", length ? ", " : "",
						   param_of(part));
	return mmp_fail(err, MMP_INVALID,
			"%s: registrations of rules %s have no such field; they have %s",
			param, rules->name, known);
}

/*
 * Every rule set has the other fields. A document with a key that the rule set does not know
 * is refused as well.
 */
static int check_params(const struct mmp_rules *rules, const struct register_ *p,
			struct mmp_error *err)
{
	const struct {
		bool is_given;
		enum mmp_part part;
	} some[] = {
		{ p->type, MMP_PART_TYPE },
		{ p->va.given, MMP_PART_VA },
		{ p->attr.given, MMP_PART_ATTR },
		{ p->granularity.given, MMP_PART_GRANULARITY },
	};

	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		if (some[i].is_given && !has_field(rules, some[i].part))
			return refuse_param(rules, param_of(some[i].part), err);
	return 0;
}

/* Use the checks of a document here too. */
static int read_registration(const struct mmp_rules *rules, const struct register_ *p,
			     const json_t *params, struct given *given,
			     struct mmp_registration *ret_one, struct mmp_error *err)
{
	given->params = params;
	given->section = p->section ? NULL : json_string(rules->sections[0].name);
	given->name = p->name ? NULL : json_string("");
	if (check_params(rules, p, err))
		return -1;
	return mmp_registration_read_given(rules, given_value, given, "region", ret_one,
					   err);
}

static void print_region(struct mmp_buffer *out, const char *platform, uint64_t revision,
			 const struct mmp_rules *rules,
			 const struct mmp_registration *one, uint64_t ordinal)
{
	struct mmp_writer writer = MMP_WRITER(out);

	mmp_writer_begin(&writer, '{');
	mmp_writer_key(&writer, "name");
	mmp_writer_text(&writer, platform);
	mmp_writer_key(&writer, "revision");
	mmp_writer_number(&writer, (int64_t)revision);
	mmp_writer_key(&writer, "registration");
	mmp_registration_print(&writer, rules, one, &ordinal);
}

/* Begin to cache a platform: its rows are read later. */
static int begin_kept(struct service *service, const char *name, uint64_t failures,
		      struct kept_platform **ret_one, struct mmp_error *err)
{
	struct mmp_platform *platform;
	struct platform_head head;

	if (service_platform_begin(service, name, &platform, &head, err))
		return -1;
	*ret_one = kept_put(service->kept, platform, head.revision, failures);
	(*ret_one)->cursor = head.first;
	return 0;
}

struct kept_reading {
	struct kept_platforms *kept;
	struct kept_platform *one;
};

static int take_row(void *data, const struct mmp_region_row *row, struct mmp_error *err)
{
	const struct kept_reading *reading = data;
	struct mmp_registration one;

	if (service_registration(reading->one->platform->rules, row, &one, err))
		return -1;
	return kept_read(reading->kept, reading->one, &one, err);
}

static int read_kept(struct service *service, struct kept_platform *one,
		     struct mmp_error *err)
{
	struct kept_reading reading = { service->kept, one };
	int more = mmp_store_regions_some(service->store, &one->cursor, MMP_ROWS_AT_ONCE,
					  take_row, &reading, err);

	one->is_whole = !more;
	if (more < 0)
		kept_drop(service->kept, one);
	return more < 0 ? -1 : 0;
}

/* A call that has waited for a long platform to be read. */
struct waited {
	struct kept_platforms *kept;
	struct kept_platform *one;
	int tries; /* found the platform outdated so many times since */
};

static void free_waited(void *data)
{
	struct waited *waited = data;

	waited->one->waiting--;
	kept_unref(waited->kept, waited->one);
	free(waited);
}

static int wait_for(struct mmp_call *call, struct kept_platform *one)
{
	struct service *service = call->service;
	struct waited *waited = xcalloc(1, sizeof(*waited));

	*waited = (struct waited){ service->kept, kept_ref(service->kept, one), 0 };
	one->waiting++;
	call_keep(call, waited, free_waited);
	call_again(call, IN_STORE);
	call_weigh(call, STEP_LONG);
	return MMP_LATER;
}

/*
 * The cached platform. If it is not cached, it is read from the database in parts;
 * calls for it queue as long ones then, so that they go on in their order. Returns 0,
 * -1, or MMP_LATER.
 */
static int find_kept(struct mmp_call *call, const char *name,
		     struct kept_platform **ret_one, struct mmp_error *err)
{
	struct service *service = call->service;
	uint64_t failures = store_thread_failures(service->store_thread);
	struct kept_platform *one = kept_find(service->kept, name, failures);
	bool has_waited = call_kept(call);

	if (!one && (begin_kept(service, name, failures, &one, err) ||
		     read_kept(service, one, err)))
		return -1;
	if (!has_waited && (!one->is_whole || one->waiting))
		return wait_for(call, one);
	if (!one->is_whole && read_kept(service, one, err))
		return -1;
	if (!one->is_whole) {
		call_again(call, IN_STORE);
		call_weigh(call, STEP_GOES_ON);
		return MMP_LATER;
	}
	*ret_one = one;
	return 0;
}

/*
 * Write to the database as the successor of the cached revision, so that MMP_CONFLICT
 * shows if that is outdated; then update the cache. *head receives the answer without
 * the verdict.
 */
static int add_registration(struct mmp_call *call, const struct register_ *p,
			    struct kept_platform *kept, struct mmp_buffer *head,
			    struct mmp_error *err)
{
	struct service *service = call->service;
	const struct mmp_rules *rules = kept->platform->rules;
	uint64_t behind = p->if_revision.given ? methods_if_revision(&p->if_revision)
					       : kept->revision;
	struct mmp_registration one;
	struct mmp_region_row row;
	uint64_t revision, ordinal;
	struct given given;
	int failed = read_registration(rules, p, json_object_get(call->request, "params"),
				       &given, &one, err);

	if (!failed) {
		row = service_region_row(rules, &one);
		failed = mmp_store_region_add(service->store, p->platform, &row, behind,
					      methods_by(call), &kept->tip, &revision,
					      &ordinal, err) ||
			 kept_add(service->kept, kept, &one, revision, err);
	}
	if (!failed)
		print_region(head, p->platform, revision, rules, &one, ordinal);
	json_decref(given.section);
	json_decref(given.name);
	return failed ? -1 : 0;
}

/*
 * MMP_CONFLICT unless the revision that the call wants to follow is the newest. Checked
 * before the platform is read again, which a wrong revision would not be worth.
 */
static int check_newest(struct service *service, const struct register_ *p,
			struct mmp_error *err)
{
	struct platform_head head;

	if (service_platform_head(service, p->platform, 0, &head, err))
		return -1;
	if (head.revision == p->if_revision.value)
		return 0;
	return mmp_fail(err, MMP_CONFLICT,
			"platform \"%.100s\": if_revision is %" PRIu64
			", but revision %" PRIu64 " is the newest",
			p->platform, p->if_revision.value, head.revision);
}

enum { REGISTER_TRIES = 4 }; /* other hosts may register in between */

/*
 * Drop the outdated platform, so that it is read again; false if that was done often
 * enough. A call that waits for a long platform begins anew each time, so it counts in
 * what it keeps.
 */
static bool read_again(struct mmp_call *call, struct kept_platform *kept, int *tries)
{
	struct service *service = call->service;
	struct waited *waited = call_kept(call);

	kept_drop(service->kept, kept);
	return ++*(waited ? &waited->tries : tries) < REGISTER_TRIES;
}

static int register_region(struct mmp_call *call, const void *params, json_t **ret_result,
			   struct mmp_error *err)
{
	struct service *service = call->service;
	const struct register_ *p = params;
	struct mmp_buffer head = MMP_BUFFER_EMPTY;
	struct kept_platform *kept;
	int tries = 0;

	(void)ret_result;
	do {
		int outcome = find_kept(call, p->platform, &kept, err);

		if (outcome)
			return outcome;
		if (p->if_revision.given && p->if_revision.value != kept->revision) {
			if (check_newest(service, p, err))
				return -1;
			continue; /* the cached one is outdated */
		}
		if (!add_registration(call, p, kept, &head, err)) {
			call_replace(call);
			return shared_verdict_answer(call, kept, &head);
		}
		if (err->code != MMP_CONFLICT || p->if_revision.given)
			return -1;
	} while (read_again(call, kept, &tries));
	return mmp_fail(
		err, MMP_BUSY,
		"platform \"%.100s\": others changed it %d times in between: try again",
		p->platform, REGISTER_TRIES);
}

/* clang-format off */
const struct mmp_method methods_register[] = {
	{ "region.register", "Register a region at the end of a platform's list",
	  register_params, sizeof(struct register_), shape_region, MMP_WRITE, register_region },
	{ 0 },
};
/* clang-format on */
