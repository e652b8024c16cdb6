/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "line/board_json.h"
#include "line/driver.h"
#include "line/keys.h"
#include "line/lease.h"
#include "link/serial.h"
#include "log.h"
#include "memory.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "work/errand.h"

static json_t *kept_json(const char *board, const char *identity)
{
	return json_pack("{s:o, s:o}", "name", methods_text(board), "board",
			 methods_text(identity));
}

static json_t *key_json(const struct key *key)
{
	char id[MMP_KEY_ID_TEXT_SIZE], point[MMP_POINT_TEXT_SIZE];

	return json_pack("{s:o, s:s, s:s, s:s}", "name", methods_text(key->name), "id",
			 mmp_key_id_print(key->id, id), "public",
			 mmp_point_print(key->point, point), "kind",
			 key->by_command ? "command" : "file");
}

/* --- key.new, key.list --- */

struct new
{
	const char *name, *command, *public;
};

/* clang-format off */
static const struct mmp_param new_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct new, name), true, "name of a key", NULL },
	{ "command", MMP_PARAM_TEXT, offsetof(struct new, command), false,
	  "a shell command of the machine that mmpd runs on, which signs: it reads the SHA-256 (32 bytes) and prints the signature", NULL },
	{ "public", MMP_PARAM_TEXT, offsetof(struct new, public), false,
	  "the public key of that command: X and Y of P-256, 128 hex digits", NULL },
	{ 0 },
};
/* clang-format on */

static int new_key(struct mmp_call *call, const void *params, json_t **ret_result,
		   struct mmp_error *err)
{
	const struct new *p = params;
	struct key key;

	if (!p->command != !p->public)
		return mmp_fail(err, MMP_INVALID,
				"command and public belong together: a command that "
				"signs, and the key that it signs with");
	if (p->command ? key_new_command(call->service, p->name, p->command, p->public,
					 &key, err)
		       : key_new(call->service, p->name, &key, err))
		return -1;
	*ret_result = key_json(&key);
	return 0;
}

static int add_key(void *data, const struct key *key)
{
	json_array_append_new(data, key_json(key));
	return 0;
}

static int key_list(struct mmp_call *call, const void *params, json_t **ret_result,
		    struct mmp_error *err)
{
	json_t *keys = json_array();

	(void)params, (void)err;
	key_each(call->service, add_key, keys);
	*ret_result = json_pack("{s:o}", "keys", keys);
	return 0;
}

/*
 * --- key.trust, key.revoke, key.enroll: sessions in which the board stores something
 * ---
 */

struct order {
	const char *key, *board;
};
struct enrolling {
	const char *board, *public;
};

/* clang-format off */
static const struct mmp_param key_params[] = {
	{ "key", MMP_PARAM_TEXT, offsetof(struct order, key), true, "name of a key", NULL },
	{ "board", MMP_PARAM_TEXT, offsetof(struct order, board), true, "name of a board", NULL },
	{ 0 },
};
static const struct mmp_param enroll_params[] = {
	{ "board", MMP_PARAM_TEXT, offsetof(struct enrolling, board), true, "name of a board", NULL },
	{ "public", MMP_PARAM_TEXT, offsetof(struct enrolling, public), false,
	  "the public key that the board already has, from an enrolment that could not be recorded: it is recorded, and nothing is sent to the board", NULL },
	{ 0 },
};
/* clang-format on */

/*
 * What is known of an enrolment. A board carries it out only once, and it cannot be
 * undone.
 */
enum enrolled {
	ENROLLED_NOT,   /* not asked for, refused, or recorded */
	ENROLLED_MAYBE, /* the board was asked; its answer is missing */
	ENROLLED_FOR_GOOD,
};

struct keeping {
	struct mmp_call *call;
	struct service *service;
	struct wire_keep keep;
	enum enrolled enrolled;
	uint8_t own_point[WIRE_POINT_SIZE]; /* the board's new key if it was enrolled */
	char *board, *line;
	char *identity; /* the board's known identity; NULL: any board */
	bool has_point;
	uint8_t point[WIRE_POINT_SIZE]; /* the board's own key */
	uint64_t patience_ms;
	struct lease *lease;
	struct driver *driver;
	struct signer *signer;
	struct mmp_session_report report;
	LIST_ENTRY(keeping) link; /* in the list of the service while it holds a lease */
};

/*
 * Close the line as soon as the session has ended. The lease stays until its result is
 * recorded, so that the board is the same one until then.
 */
static void close_line(void *data)
{
	struct keeping *keeping = data;

	signer_free(keeping->signer);
	if (keeping->driver)
		driver_free(keeping->driver);
	keeping->signer = NULL;
	keeping->driver = NULL;
}

/*
 * The call is about to be answered. If it has failed after the board was enrolled, the
 * error also gives the board's public key, and the command that records it.
 */
static void tell_point(void *data, struct mmp_error *err)
{
	struct keeping *keeping = data;
	const char *has = keeping->enrolled == ENROLLED_MAYBE ? "may have" : "has";
	char point[MMP_POINT_TEXT_SIZE];
	struct mmp_error why;

	if (err && keeping->enrolled != ENROLLED_NOT) {
		why = *err;
		mmp_point_print(keeping->own_point, point);
		log_error(
			"board \"%s\": it %s the public key %s for good, which is not on "
			"record: %s",
			keeping->board, has, point, why.text);
		mmp_fail(err, why.code,
			 "the board %s its own key for good, not on record: mmpctl key "
			 "enroll BOARD --public %s: %s",
			 has, point, why.text);
	}
	keeping->enrolled = ENROLLED_NOT;
}

static void keeping_free(void *data)
{
	struct keeping *keeping = data;
	struct mmp_error err;

	mmp_fail(&err, MMP_SYSTEM, "mmpd has ended");
	tell_point(keeping, &err);
	close_line(keeping);
	if (keeping->lease)
		LIST_REMOVE(keeping, link);
	lease_release(keeping->lease);
	explicit_bzero(&keeping->keep, sizeof(keeping->keep));
	free(keeping->board);
	free(keeping->line);
	free(keeping->identity);
	free(keeping);
}

static void on_signed(void *data, const uint8_t *signature, const struct mmp_error *err)
{
	struct keeping *keeping = data;

	if (signature)
		driver_signed(keeping->driver, signature);
	else
		driver_go_on(keeping->driver, err);
}

/* The board is about to be asked, so its answer must be waited for and recorded. */
static void ask_for_good(struct keeping *keeping)
{
	call_must_go_on(keeping->call);
	if (keeping->keep.kind == WIRE_KEEP_OWN)
		keeping->enrolled = ENROLLED_MAYBE;
}

static int on_changed(void *data, enum mmp_session_state state, struct mmp_error *err)
{
	struct keeping *keeping = data;
	struct mmp_session_report report;
	struct mmp_digest digest;
	struct key key;

	if (state == MMP_SESSION_KEEPING)
		ask_for_good(keeping);
	if (state != MMP_SESSION_SIGNING)
		return 0;
	driver_report(keeping->driver, &report);
	if (key_for_board(keeping->service, &report.board, &key, err))
		return -1;
	digest = driver_statement(keeping->driver, key.id);
	keeping->signer =
		signer_new(keeping->service, &key, &digest, on_signed, keeping, err);
	return keeping->signer ? 1 : -1;
}

static void on_progress(void *data, const char *step, uint64_t done, uint64_t total)
{
	(void)data, (void)step, (void)done, (void)total;
}

/* From now on the answers of the enrolled board are checked with its public key. */
static int note_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct service *service = call->service;
	struct keeping *keeping = data;
	char point[MMP_POINT_TEXT_SIZE];
	bool enrolled = keeping->enrolled == ENROLLED_FOR_GOOD;

	if (lease_check_line(service, keeping->board, keeping->line, err) ||
	    mmp_store_board_is(
		    service->store, keeping->board, keeping->report.board.id,
		    enrolled ? mmp_point_print(keeping->own_point, point) : NULL, err))
		return -1;
	*ret_result = kept_json(keeping->board, keeping->report.board.id);
	return 0;
}

/*
 * Find out whether the board was enrolled. If it refused, it has no new key, except if a
 * reset came before its answer.
 */
static void learn_enrolled(struct keeping *keeping, enum mmp_session_state state)
{
	const struct mmp_session_report *report = &keeping->report;

	if (keeping->enrolled == ENROLLED_NOT)
		return;
	if (state == MMP_SESSION_DONE) {
		keeping->enrolled = ENROLLED_FOR_GOOD;
		memcpy(keeping->own_point, report->kept_point, WIRE_POINT_SIZE);
	} else if (driver_error(keeping->driver)->code == MMP_BOARD &&
		   !report->was_reset) {
		keeping->enrolled = ENROLLED_NOT;
	}
}

static void on_keying_ended(void *data, enum mmp_session_state state)
{
	struct keeping *keeping = data;
	struct mmp_call *call = keeping->call;
	struct mmp_error err = *driver_error(keeping->driver);

	driver_report(keeping->driver, &keeping->report);
	learn_enrolled(keeping, state);
	close_line(keeping);
	if (state == MMP_SESSION_DONE)
		call_go_on(call, IN_STORE, note_step);
	else
		mmp_call_answer(call, NULL, &err);
}

static int talk_step(struct mmp_call *call, void *data, json_t **ret_result,
		     struct mmp_error *err)
{
	struct keeping *keeping = data;
	struct driver_owner owner = { on_changed, on_progress, on_keying_ended, keeping };
	struct mmp_push what = { .keep = &keeping->keep,
				 .number = ++keeping->service->sessions,
				 .patience_ms = keeping->patience_ms,
				 .board_point =
					 keeping->has_point ? keeping->point : NULL,
				 .board_id = keeping->identity };

	(void)ret_result;
	if (mmp_line_allowed(keeping->line, keeping->service->lines,
			     keeping->service->line_count, err) ||
	    lease_take(keeping->service, keeping->board, keeping->line, "a key",
		       &keeping->lease, err))
		return -1;
	LIST_INSERT_HEAD(&keeping->service->keepings, keeping, link);
	keeping->driver =
		driver_new(keeping->service->base, keeping->line, &what, &owner, err);
	if (!keeping->driver)
		return -1;
	driver_start(keeping->driver);
	return mmp_call_defer(call, close_line, keeping);
}

static int take_board(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	struct keeping *keeping = data;

	if (lease_check_host(keeping->service, row, err))
		return -1;
	keeping->has_point = row->key != NULL;
	if (row->key && mmp_point_parse(row->key, keeping->point, err))
		return -1;
	keeping->board = xstrdup(row->name);
	keeping->line = xstrdup(row->line);
	keeping->identity = xstrdup(row->identity);
	keeping->patience_ms = board_patience(row);
	return 0;
}

static int start(struct mmp_call *call, const char *board, const struct wire_keep *keep,
		 const struct mmp_key_pair *pair, struct mmp_error *err)
{
	struct service *service = call->service;
	struct keeping *keeping = xcalloc(1, sizeof(*keeping));

	*keeping = (struct keeping){ .call = call, .service = service, .keep = *keep };
	if (pair)
		memcpy(keeping->own_point, pair->point, sizeof(keeping->own_point));
	call_keep(call, keeping, keeping_free);
	call_on_end(call, tell_point);
	if (mmp_store_board_get(service->store, board, take_board, keeping, err))
		return -1;
	return call_then(call, IN_LOOP, talk_step);
}

static int trust(struct mmp_call *call, const void *params, json_t **ret_result,
		 struct mmp_error *err)
{
	struct wire_keep keep = { .kind = WIRE_KEEP_TRUST };
	const struct order *p = params;
	struct key key;

	(void)ret_result;
	if (key_find(call->service, p->key, &key, err))
		return -1;
	memcpy(keep.payload, key.point, sizeof(key.point));
	return start(call, p->board, &keep, NULL, err);
}

static int revoke(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	struct wire_keep keep = { .kind = WIRE_KEEP_REVOKE };
	const struct order *p = params;
	struct key key;

	(void)ret_result;
	if (key_find(call->service, p->key, &key, err))
		return -1;
	memcpy(keep.payload, key.id, sizeof(key.id));
	return start(call, p->board, &keep, NULL, err);
}

/* The record of a board, to which the key is added that the board already has. */
struct known {
	struct service *service;
	char *identity;
};

static int take_known(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	struct known *known = data;

	if (lease_check_host(known->service, row, err))
		return -1;
	if (row->key)
		return mmp_fail(err, MMP_CONFLICT,
				"board \"%.60s\": its public key is on record already; "
				"board probe --accept-id forgets it",
				row->name);
	known->identity = xstrdup(row->identity);
	return 0;
}

/* Record an enrolment whose result could not be recorded at the time. */
static int record_enrolled(struct mmp_call *call, const struct enrolling *p,
			   json_t **ret_result, struct mmp_error *err)
{
	struct service *service = call->service;
	struct known known = { .service = service };
	char text[MMP_POINT_TEXT_SIZE];
	uint8_t point[WIRE_POINT_SIZE];
	int failed;

	if (mmp_point_parse(p->public, point, err) ||
	    lease_check(service, p->board, NULL, err) ||
	    mmp_store_board_get(service->store, p->board, take_known, &known, err))
		return -1;
	failed = mmp_store_board_is(service->store, p->board, known.identity,
				    mmp_point_print(point, text), err);
	if (!failed)
		*ret_result = kept_json(p->board, known.identity);
	free(known.identity);
	return failed;
}

/* The secret is generated here, sent to the board once, and not stored anywhere else. */
static int enroll(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	struct wire_keep keep = { .kind = WIRE_KEEP_OWN };
	const struct enrolling *p = params;
	struct mmp_key_pair pair;
	int failed;

	if (p->public)
		return record_enrolled(call, p, ret_result, err);
	if (mmp_key_new(&pair, err))
		return -1;
	memcpy(keep.payload, pair.secret, sizeof(pair.secret));
	failed = start(call, p->board, &keep, &pair, err);
	explicit_bzero(&pair, sizeof(pair));
	explicit_bzero(&keep, sizeof(keep));
	return failed;
}

void keepings_free(struct service *service)
{
	while (!LIST_EMPTY(&service->keepings))
		call_drop(LIST_FIRST(&service->keepings)->call);
}

/* clang-format off */
const struct mmp_method methods_key[] = {
	{ "key.new", "Make a key that signs builds, or name a command that signs",
	  new_params, sizeof(struct new), shape_key, MMP_ADMIN, new_key },
	{ "key.list", "List the keys that sign builds",
	  NULL, 0, shape_key_list, MMP_READ, key_list },
	{ "key.trust", "Make a board trust a key permanently; a key that it already trusts signs the request",
	  key_params, sizeof(struct order), shape_kept, MMP_ADMIN, trust },
	{ "key.revoke", "Make a board stop trusting a key, permanently",
	  key_params, sizeof(struct order), shape_kept, MMP_ADMIN, revoke },
	{ "key.enroll", "Give a board its own key, permanently: from then on its answers prove that they come from it",
	  enroll_params, sizeof(struct enrolling), shape_kept, MMP_ADMIN, enroll },
	{ 0 },
};
/* clang-format on */
