/* SPDX-License-Identifier: BSD-2-Clause */
#include "methods/holding.h"

#include <string.h>

#include "memory.h"
#include "methods/methods.h"
#include "work/proof.h"
#include "json/text.h"

/* --- pushes ---------------------------------------------------------------------------- */

static int add_push(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	json_t *push;

	(void)err;
	push = json_pack("{s:I, s:s, s:s, s:s, s:o, s:o}", "job", (json_int_t)row->id,
			 "build", row->build, "state", mmp_job_state_name(row->state),
			 "time", row->by.time, "ended", methods_text(row->ended), "user",
			 methods_text(row->by.user));
	if (row->proof || !row->ended)
		json_object_set_new(
			push, "proof",
			json_string(row->proof
					    ? row->proof
					    : report_proof(mmp_job_state_name(row->state),
							   NULL)));
	json_array_append_new(data, push);
	return 0;
}

/* A push by an mmpd that did not store the proof yet: look into its report. */
static int take_report(void *data, const struct mmp_job_row *row, struct mmp_error *err)
{
	json_t *report = row->report ? json_loads(row->report, 0, NULL) : NULL;

	(void)err;
	json_object_set_new(
		data, "proof",
		json_string(report_proof(mmp_job_state_name(row->state), report)));
	json_decref(report);
	return 0;
}

static void add_proof(struct service *service, json_t *push)
{
	json_int_t job = json_integer_value(json_object_get(push, "job"));
	struct mmp_error none;

	if (!json_object_get(push, "proof"))
		mmp_store_job_get(service->store, (uint64_t)job, take_report, push,
				  &none);
}

/* --- builds ---------------------------------------------------------------------------- */

static int take_origin(void *data, const struct mmp_build_row *row, struct mmp_error *err)
{
	(void)err;
	json_object_set_new(data, "platform", methods_text(row->platform));
	json_object_set_new(data, "revision",
			    row->revision ? json_integer((json_int_t)row->revision)
					  : json_null());
	return 0;
}

/* Add where the build came from; nothing for a build that is not stored. */
static void add_origin(struct service *service, json_t *object)
{
	struct mmp_error none;

	if (*mmp_json_string(object, "build"))
		mmp_store_build_get(service->store, mmp_json_string(object, "build"),
				    take_origin, object, &none);
}

/* The pushes, each with its proof. */
static int read_pushes(struct service *service, const char *board,
		       const struct mmp_page *page, json_t **ret_pushes,
		       struct mmp_error *err)
{
	json_t *pushes = json_array(), *push;
	size_t i;

	if (mmp_store_job_list(service->store, board, "push", page, add_push, pushes,
			       err)) {
		json_decref(pushes);
		return -1;
	}
	json_array_foreach(pushes, i, push)
		add_proof(service, push);
	*ret_pushes = pushes;
	return 0;
}

int holding_pushes(struct service *service, const char *board,
		   const struct mmp_page *page, json_t **ret_pushes,
		   struct mmp_error *err)
{
	json_t *push;
	size_t i;

	if (read_pushes(service, board, page, ret_pushes, err))
		return -1;
	json_array_foreach(*ret_pushes, i, push)
		add_origin(service, push);
	return 0;
}

/* --- the current build ----------------------------------------------------------------- */

/*
 * Look at the newest pushes, back to the first one of another build. The oldest of these
 * pushes says since when the build is live and who pushed it; the newest says what was
 * proved. Pushes that ended before activating anything are ignored.
 */
static void add_push_of(json_t *holding, const json_t *pushes)
{
	const char *build = mmp_json_string(holding, "build"), *proof = NULL;
	const json_t *push;
	size_t i;

	json_array_foreach(pushes, i, push) {
		const char *proved = mmp_json_string(push, "proof");

		if (!strcmp(proved, "not activated"))
			continue;
		if (strcmp(mmp_json_string(push, "build"), build) != 0)
			break;
		proof = proof ? proof : proved;
		json_object_set(holding, "job", json_object_get(push, "job"));
		json_object_set(holding, "by", json_object_get(push, "user"));
		json_object_set(holding, "since", json_object_get(push, "time"));
	}
	proof = proof ? proof : "no push of ours";
	json_object_set_new(holding, "proof", json_string(proof));
	json_object_set_new(
		holding, "held",
		json_boolean(!strcmp(proof, "proven") &&
			     json_is_true(json_object_get(holding, "certain"))));
}

int holding_add(struct service *service, json_t *board, struct mmp_error *err)
{
	const char *build = mmp_json_string(board, "build"),
		   *maybe = mmp_json_string(board, "maybe");
	const struct mmp_page newest = { .limit = HOLDING_PUSHES };
	json_t *pushes, *holding;

	if (!*build && !*maybe) {
		json_object_set_new(board, "holding", json_null());
		return 0;
	}
	if (read_pushes(service, mmp_json_string(board, "name"), &newest, &pushes, err))
		return -1;
	holding = json_pack("{s:s, s:b, s:s}", "build", *maybe ? maybe : build, "certain",
			    !*maybe, "since", mmp_json_string(board, "time"));
	add_origin(service, holding);
	add_push_of(holding, pushes);
	json_decref(pushes);
	json_object_set_new(board, "holding", holding);
	return 0;
}
