/* SPDX-License-Identifier: BSD-2-Clause */
#include "work/inputs.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "base/text.h"
#include "caller.h"
#include "doc/contexts.h"
#include "doc/platform.h"
#include "memory.h"
#include "work/rows.h"
#include "work/store_thread.h"
#include "json/number.h"
#include "json/text.h"

/* A platform, what it is compared with, and the other firmwares of its board. */
enum { INPUTS_MAX = MMP_CONTEXTS_MAX + 2, BUILD_DIGITS_MIN = 8 };

enum wanted { EXACT_NAME, NAME_AT_REVISION, NAME_OR_BUILD };

/* A platform or build that is being read. */
struct input {
	char *given;
	uint64_t revision;
	enum wanted wanted;
	bool is_begun, is_read;
	struct mmp_error err; /* why it cannot be read; MMP_OK: it can */
	char *name;           /* of the platform; NULL: it is a build */
	struct platform_head head;
	struct mmp_stored stored;
	struct rows rows;
	struct mmp_buffer manifest; /* of the build */
};

struct inputs {
	struct account *account;
	uid_t uid;
	size_t charged; /* bytes */
	uint64_t changes;
	bool is_long;          /* a document has many registrations */
	call_step *asked_by;   /* the step that is run again; NULL: the handler */
	const json_t *refused; /* the document that cannot be read */
	size_t count;
	struct input list[INPUTS_MAX];
};

static struct inputs *inputs_of(struct mmp_call *call)
{
	struct inputs **inputs = call_inputs(call);
	struct service *service = call->service;

	if (!*inputs) {
		*inputs = xcalloc(1, sizeof(**inputs));
		(*inputs)->account = service->account;
		(*inputs)->uid = ((const struct caller *)call->client)->uid;
		(*inputs)->changes = store_thread_changes(service->store_thread);
	}
	return *inputs;
}

uint64_t input_changes(struct mmp_call *call)
{
	return inputs_of(call)->changes;
}

const json_t *inputs_refused(const struct inputs *inputs)
{
	return inputs ? inputs->refused : NULL;
}

void inputs_give_back(struct inputs *inputs)
{
	if (!inputs)
		return;
	account_sub(inputs->account, inputs->uid, inputs->charged);
	inputs->charged = 0;
}

void inputs_free(struct inputs *inputs)
{
	if (!inputs)
		return;
	for (size_t i = 0; i < inputs->count; i++) {
		struct input *input = &inputs->list[i];

		rows_done(&input->rows);
		mmp_buffer_done(&input->manifest);
		mmp_stored_done(&input->stored);
		free(input->name);
		free(input->given);
	}
	inputs_give_back(inputs);
	free(inputs);
}

void inputs_drop(struct mmp_call *call)
{
	struct inputs **inputs = call_inputs(call);

	inputs_free(*inputs);
	*inputs = NULL;
}

size_t input_registrations(const json_t *document)
{
	const json_t *registrations = json_object_get(document, "registrations");

	if (!registrations)
		registrations = json_object_get(json_object_get(document, "input"),
						"registrations");
	return json_array_size(registrations);
}

bool input_is_long(const json_t *document)
{
	return input_registrations(document) > MMP_COMPUTE_SHORT;
}

/* --- in the store thread: copy rows ----------------------------------------------- */

struct reading {
	struct mmp_store *store;
	struct input *input;
};

static int read_regions(const struct reading *reading, struct mmp_error *err)
{
	struct input *input = reading->input;
	int more = mmp_store_regions_some(reading->store, &input->head.first,
					  MMP_ROWS_AT_ONCE, rows_add, &input->rows, err);

	input->is_read = !more;
	return more < 0 ? -1 : 0;
}

static int take_platform(void *data, const struct mmp_platform_row *row,
			 struct mmp_error *err)
{
	const struct reading *reading = data;
	struct input *input = reading->input;

	if (service_take_head(row, &input->head, &input->stored, err))
		return -1;
	return read_regions(reading, err);
}

static int take_manifest(void *data, const struct mmp_build_row *row,
			 struct mmp_error *err)
{
	struct input *input = data;

	if (mmp_buffer_text(&input->manifest, row->manifest))
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	snprintf(input->head.time, sizeof(input->head.time), "%.12s", row->id);
	input->is_read = true;
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

static bool may_be_build(const char *given)
{
	return strlen(given) >= BUILD_DIGITS_MIN &&
	       strspn(given, "0123456789abcdef") == strlen(given);
}

static int find_platform(struct reading *reading, struct mmp_error *err)
{
	struct input *input = reading->input;
	uint64_t behind;
	size_t length;

	if (!mmp_store_platform_get(reading->store, input->given, input->revision,
				    take_platform, reading, err))
		return 0;
	length = input->wanted == EXACT_NAME || input->revision ||
				 err->code != MMP_NOT_FOUND
			 ? 0
			 : at_revision(input->given, &behind);
	if (!length)
		return -1;
	input->name[length] = '\0';
	return mmp_store_platform_get(reading->store, input->name, behind, take_platform,
				      reading, err);
}

/* If no platform has the name, it may be a build's. */
static int find_input(struct reading *reading, struct mmp_error *err)
{
	struct input *input = reading->input;
	struct mmp_error no_build;

	input->name = xstrdup(input->given);
	if (!find_platform(reading, err))
		return 0;
	free(input->name);
	input->name = NULL;
	if (err->code != MMP_NOT_FOUND || input->wanted != NAME_OR_BUILD ||
	    input->revision || !may_be_build(input->given) ||
	    mmp_store_build_get(reading->store, input->given, take_manifest, input,
				&no_build))
		return -1;
	return 0;
}

static size_t bytes_of(const struct input *input)
{
	return rows_bytes(&input->rows) + input->stored.text.capacity +
	       input->stored.encoded.capacity + input->manifest.capacity;
}

/* Read the next part. */
static void read_some(struct mmp_store *store, struct inputs *inputs, struct input *input)
{
	struct reading reading = { store, input };
	size_t before = bytes_of(input), now;
	int busy = account_check(inputs->account, inputs->uid, 0, &input->err);
	int failed = busy;

	if (!busy)
		failed = input->is_begun ? read_regions(&reading, &input->err)
					 : find_input(&reading, &input->err);
	input->is_begun = true;
	if (failed)
		input->is_read = true;
	else
		input->err.code = MMP_OK;
	now = bytes_of(input);
	account_add(inputs->account, inputs->uid, now - before);
	inputs->charged += now - before;
	if (busy)
		inputs_give_back(inputs);
}

static call_step read_step;

/* The next input to be read; NULL: all are read, or the call ends as busy. */
static struct input *unread(struct inputs *inputs)
{
	for (size_t i = 0; i < inputs->count; i++) {
		if (!inputs->list[i].is_read)
			return &inputs->list[i];
		if (inputs->list[i].err.code == MMP_BUSY)
			return NULL;
	}
	return NULL;
}

static bool are_long(const struct inputs *inputs)
{
	size_t rows = 0;

	for (size_t i = 0; i < inputs->count; i++)
		rows += rows_count(&inputs->list[i].rows);
	return inputs->is_long || rows > MMP_COMPUTE_SHORT;
}

/* Go on with the next part, or return to the handler if everything is read. */
static int read_on(struct mmp_call *call, struct inputs *inputs)
{
	if (unread(inputs)) {
		call_then(call, IN_STORE, read_step);
		call_weigh(call, STEP_GOES_ON);
	} else {
		call_then(call, IN_WORKER, inputs->asked_by);
		call_weigh(call, are_long(inputs) ? STEP_LONG : STEP_SHORT);
	}
	return MMP_LATER;
}

static int read_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct service *service = call->service;
	struct inputs *inputs = inputs_of(call);

	(void)data, (void)ret_result, (void)err;
	read_some(service->store, inputs, unread(inputs));
	return read_on(call, inputs);
}

/* --- in a worker: make platforms of them ------------------------------------------ */

struct making {
	const struct mmp_rules *rules;
	struct mmp_platform *platform;
};

static int take_region(void *data, const struct mmp_region_row *row,
		       struct mmp_error *err)
{
	const struct making *making = data;
	struct mmp_registration one;

	if (service_registration(making->rules, row, &one, err))
		return -1;
	return mmp_platform_add(making->platform, &one, err);
}

static int make_platform(const struct input *input, struct mmp_platform **ret_platform,
			 struct mmp_error *err)
{
	struct making making = { .rules = input->head.rules };

	making.platform = mmp_platform_new(input->name, making.rules);
	if (!making.platform)
		return mmp_fail(err, MMP_SYSTEM, "out of memory");
	if (mmp_stored_read(&input->stored, making.platform, err)) {
		mmp_while(err, "platform \"%.100s\"", input->name);
	} else if (!rows_each(&input->rows, take_region, &making, err)) {
		*ret_platform = making.platform;
		return 0;
	}
	mmp_platform_free(making.platform);
	return -1;
}

static int make_from_build(const struct input *input, struct mmp_platform **ret_platform,
			   struct mmp_error *err)
{
	struct mmp_parsed *manifest = mmp_json_read(
		input->manifest.bytes, input->manifest.length, SIZE_MAX, err);
	int failed = !manifest ||
		     mmp_platform_read(json_object_get(manifest->root, "platform"),
				       ret_platform, err);

	mmp_parsed_unref(manifest);
	return failed ? mmp_while(err, "build %.12s", input->head.time) : 0;
}

/* --- both ------------------------------------------------------------------------- */

static struct input *find_or_add(struct inputs *inputs, const char *given,
				 uint64_t revision, enum wanted wanted)
{
	struct input *input = inputs->list;

	for (; input < &inputs->list[inputs->count]; input++)
		if (input->revision == revision && input->wanted == wanted &&
		    !strcmp(input->given, given))
			return input;
	assert(inputs->count < INPUTS_MAX);
	inputs->count++;
	*input = (struct input){ .given = xstrdup(given),
				 .revision = revision,
				 .wanted = wanted };
	return input;
}

static struct inputs *asked_by_step(struct mmp_call *call)
{
	struct inputs *inputs = inputs_of(call);

	inputs->asked_by = call_current(call);
	return inputs;
}

static int take_named(struct mmp_call *call, const char *given, uint64_t revision,
		      enum wanted wanted, struct mmp_platform **ret_platform,
		      struct platform_head *ret_head, struct mmp_error *err)
{
	struct service *service = call->service;
	struct inputs *inputs = asked_by_step(call);
	struct input *input = find_or_add(inputs, given, revision, wanted);

	/* The first input is read in this step; further ones get a step each. */
	if (!input->is_begun && call_place(call) == IN_STORE && inputs->count == 1)
		read_some(service->store, inputs, input);
	if (input->err.code != MMP_OK) {
		*err = input->err;
		return -1;
	}
	if (!input->is_read || call_place(call) == IN_STORE)
		return read_on(call, inputs);
	*ret_head = input->head;
	if (!input->name)
		ret_head->revision = 0;
	return input->name ? make_platform(input, ret_platform, err)
			   : make_from_build(input, ret_platform, err);
}

static int take_document(struct mmp_call *call, const json_t *given, uint64_t revision,
			 struct mmp_platform **ret_platform, struct mmp_error *err)
{
	struct inputs *inputs = asked_by_step(call);

	if (revision)
		return mmp_fail(err, MMP_INVALID,
				"revision: a document has no revisions; give it only "
				"with the name of a platform");
	inputs->is_long |= input_is_long(given);
	if (call_place(call) == IN_STORE)
		return read_on(call, inputs);
	if (!mmp_platform_read(given, ret_platform, err))
		return 0;
	inputs->refused = given;
	return -1;
}

static int take_given(struct mmp_call *call, const json_t *given, uint64_t revision,
		      enum wanted wanted, struct mmp_platform **ret_platform,
		      uint64_t *ret_revision, struct mmp_error *err)
{
	struct platform_head head = { 0 };
	int outcome;

	outcome = json_is_object(given)
			  ? take_document(call, given, revision, ret_platform, err)
			  : take_named(call, json_string_value(given), revision, wanted,
				       ret_platform, &head, err);
	if (!outcome)
		*ret_revision = head.revision;
	return outcome;
}

int input_platform(struct mmp_call *call, const json_t *given, uint64_t revision,
		   struct mmp_platform **ret_platform, uint64_t *ret_revision,
		   struct mmp_error *err)
{
	return take_given(call, given, revision, NAME_AT_REVISION, ret_platform,
			  ret_revision, err);
}

int input_platform_or_build(struct mmp_call *call, const json_t *given, uint64_t revision,
			    struct mmp_platform **ret_platform, uint64_t *ret_revision,
			    struct mmp_error *err)
{
	return take_given(call, given, revision, NAME_OR_BUILD, ret_platform,
			  ret_revision, err);
}

int input_revision(struct mmp_call *call, const char *name, uint64_t revision,
		   struct mmp_platform **ret_platform, struct platform_head *ret_head,
		   struct mmp_error *err)
{
	return take_named(call, name, revision, EXACT_NAME, ret_platform, ret_head, err);
}

/* Ask for all of them first, so that they are read together. */
int input_contexts(struct mmp_call *call, const struct mmp_platform *platform,
		   struct mmp_platform *others[], size_t *ret_count,
		   struct mmp_error *err)
{
	json_t *contexts = mmp_contexts_of(platform), *context;
	size_t i, count = 0;
	int outcome = 0;

	json_array_foreach(contexts, i, context) {
		uint64_t revision;
		int one =
			input_platform(call, context, 0, &others[count], &revision, err);

		count += !one;
		outcome = one < 0 ? -1 : outcome | one;
		if (one < 0) {
			mmp_while(err, "contexts[%zu]", i);
			break;
		}
	}
	json_decref(contexts);
	if (!outcome) {
		*ret_count = count;
		return 0;
	}
	while (count > 0)
		mmp_platform_free(others[--count]);
	return outcome;
}
