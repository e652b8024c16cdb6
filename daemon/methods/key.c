/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/keys.h"
#include "line/talk.h"
#include "methods/methods.h"
#include "methods/shapes.h"

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

/* A key that we have by name, and the board that it is about. */
static int keep_key(struct mmp_call *call, enum talk_kind kind, const struct order *p,
		    json_t **ret_result, struct mmp_error *err)
{
	struct talk_order order = { kind, p->board };
	struct key key;

	if (key_find(call->service, p->key, &key, err))
		return -1;
	order.point = key.point;
	return talk_begin(call, &order, ret_result, err);
}

static int trust(struct mmp_call *call, const void *params, json_t **ret_result,
		 struct mmp_error *err)
{
	return keep_key(call, TALK_TRUST, params, ret_result, err);
}

static int revoke(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	return keep_key(call, TALK_REVOKE, params, ret_result, err);
}

static int enroll(struct mmp_call *call, const void *params, json_t **ret_result,
		  struct mmp_error *err)
{
	const struct enrolling *p = params;
	struct talk_order order = { TALK_ENROLL, p->board };
	uint8_t point[WIRE_POINT_SIZE];

	if (p->public && mmp_point_parse(p->public, point, err))
		return -1;
	order.point = p->public ? point : NULL;
	return talk_begin(call, &order, ret_result, err);
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
