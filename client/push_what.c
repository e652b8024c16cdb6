/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "call.h"
#include "document.h"
#include "runs.h"
#include "json/text.h"

/*
 * Finds out what a push sends if that is not the id of a build, before the push begins.
 */

static struct outcome call_daemon(struct session *session, const char *method,
				  json_t *take_params)
{
	struct outcome outcome = call(session, method, take_params);

	json_decref(take_params);
	return outcome;
}

/* --- what was there before ------------------------------------------------------------- */

static bool was_live(const json_t *push)
{
	const char *proof = mmp_json_string(push, "proof");

	return strcmp(proof, "proven") == 0 || strcmp(proof, "activated") == 0;
}

static struct outcome choose_previous(struct session *session, json_t *params)
{
	const json_t *board = json_object_get(params, "board"), *push;
	struct outcome outcome;
	struct mmp_error err;
	const char *now;
	size_t i;

	if (!board) { /* the only word given is the board */
		json_object_set(params, "board", json_object_get(params, "build"));
		json_object_del(params, "build");
	}
	outcome =
		call_daemon(session, "board.history",
			    json_pack("{s:O}", "name", json_object_get(params, "board")));
	if (outcome.failure)
		return outcome;
	now = mmp_json_string(json_object_get(outcome.value, "holding"), "build");
	json_array_foreach(json_object_get(outcome.value, "pushes"), i, push) {
		if (!was_live(push) || strcmp(mmp_json_string(push, "build"), now) == 0)
			continue;
		json_object_set(params, "build", json_object_get(push, "build"));
		outcome_done(&outcome);
		return outcome;
	}
	outcome_done(&outcome);
	mmp_fail(&err, MMP_NOT_FOUND,
		 "board \"%.100s\": no other build was live there before, as far as mmpd "
		 "knows",
		 mmp_json_string(params, "board"));
	return outcome_failed(&err);
}

/* --- what the platform is now ---------------------------------------------------------- */

static bool is_build(const char *word)
{
	return strlen(word) >= 8 && strspn(word, "0123456789abcdef") == strlen(word);
}

/* Use the pool of the platform's newest build: the tables go where they went before. */
static int add_pool(struct session *session, const char *platform, json_t *create,
		    struct mmp_error *err)
{
	struct outcome list =
		call_daemon(session, "build.list",
			    json_pack("{s:s, s:i}", "platform", platform, "limit", 1));
	const json_t *newest = json_array_get(json_object_get(list.value, "builds"), 0);
	struct outcome build = { 0 };
	const json_t *pool;

	if (newest)
		build = call_daemon(
			session, "build.get",
			json_pack("{s:O}", "id", json_object_get(newest, "id")));
	pool = json_object_get(json_object_get(build.value, "manifest"), "pool");
	if (pool)
		json_object_set_new(create, "pool",
				    json_pack("{s:O, s:O}", "base",
					      json_object_get(pool, "pa"), "size",
					      json_object_get(pool, "size")));
	outcome_done(&list);
	outcome_done(&build);
	return pool ? 0
		    : mmp_fail(err, MMP_BAD_REQUEST,
			       "%.100s was never built, so --pool BASE+SIZE or "
			       "--placement must say where its tables go",
			       platform);
}

static struct outcome build_now(struct session *session, json_t *params)
{
	const char *platform = mmp_json_string(params, "build");
	json_t *create = json_pack("{s:s}", "platform", platform);
	struct outcome outcome;
	struct mmp_error err;

	json_object_set(create, "pool", json_object_get(params, "pool"));
	json_object_set(create, "placement", json_object_get(params, "placement"));
	if (!json_object_get(create, "pool") && !json_object_get(create, "placement") &&
	    add_pool(session, platform, create, &err)) {
		json_decref(create);
		return outcome_failed(&err);
	}
	outcome = call_daemon(session, "build.create", create);
	if (outcome.value)
		json_object_set(params, "build", json_object_get(outcome.value, "id"));
	return outcome;
}

/*
 * --- a board that does not answer yet
 * -------------------------------------------------
 */

enum { AGAIN_SECONDS = 1 }; /* pause between two attempts */

static bool may_come(const json_t *failure)
{
	const char *kind = mmp_json_string(json_object_get(failure, "data"), "kind");

	return strcmp(kind, "busy") == 0 || strcmp(kind, "link") == 0;
}

static struct outcome wait_for_board(struct session *session, const json_t *params)
{
	for (;;) {
		struct outcome probe = call_daemon(
			session, "board.probe",
			json_pack("{s:O}", "name", json_object_get(params, "board")));

		if (!probe.failure || !may_come(probe.failure) || call_interrupted)
			return probe;
		outcome_done(&probe);
		sleep(AGAIN_SECONDS);
	}
}

struct outcome push_choose(struct session *session, json_t *params, const json_t *local)
{
	struct outcome outcome = { 0 };
	struct mmp_error err;

	if (json_is_true(json_object_get(local, "previous")) &&
	    json_object_get(params, "build"))
		outcome = choose_previous(session, params);
	else if (json_object_get(params, "build") &&
		 !is_build(mmp_json_string(params, "build")))
		outcome = build_now(session, params);
	if (!outcome.failure &&
	    (!json_object_get(params, "build") || !json_object_get(params, "board"))) {
		outcome_done(&outcome);
		mmp_fail(&err, MMP_BAD_REQUEST,
			 "push needs a BUILD (or the name of a platform) and a BOARD, or "
			 "--previous and a BOARD");
		return outcome_failed(&err);
	}
	json_object_del(params, "pool");
	json_object_del(params, "placement");
	if (!outcome.failure && json_is_true(json_object_get(local, "wait_for_board"))) {
		outcome_done(&outcome);
		outcome = wait_for_board(session, params);
	}
	if (!outcome.failure)
		outcome_done(&outcome);
	return outcome;
}
