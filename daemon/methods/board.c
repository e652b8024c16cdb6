/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "caller.h"
#include "line/board_json.h"
#include "line/lease.h"
#include "line/talk.h"
#include "link/scan.h"
#include "link/serial.h"
#include "memory.h"
#include "methods/holding.h"
#include "methods/listing.h"
#include "methods/methods.h"
#include "methods/shapes.h"
#include "model/platform.h"
#include "work/errand.h"
#include "json/text.h"
#include "json/writer.h"

enum { PATIENCE_MAX_MS = 3600 * 1000 };

static void write_rest(struct mmp_writer *w, const void *data)
{
	const struct mmp_board_row *row = data;

	mmp_member_flag(w, "enrolled", row->key != NULL);
	mmp_member_text(w, "time", row->time);
	mmp_member_number(w, "patience_ms", (int64_t)board_patience(row));
	/* The time of the board's last report about itself, if there was one. */
	mmp_member_text(w, "seen", row->identity ? row->time : NULL);
	if (!*row->host)
		return;
	mmp_member_text(w, "host", row->host);
	mmp_member_flag(w, "away", row->is_away);
}

/* clang-format off */
static const struct mmp_column board_columns[] = {
	{ "name",     MMP_COLUMN_TEXT, MMP_AT(struct mmp_board_row, name) },
	{ "line",     MMP_COLUMN_TEXT, MMP_AT(struct mmp_board_row, line) },
	{ "identity", MMP_COLUMN_TEXT, MMP_AT(struct mmp_board_row, identity) },
	{ "build",    MMP_COLUMN_TEXT, MMP_AT(struct mmp_board_row, holds) },
	{ "maybe",    MMP_COLUMN_TEXT, MMP_AT(struct mmp_board_row, staged) },
	{ "",         MMP_COLUMN_MEMBERS, .write = write_rest },
	{ 0 },
};
/* clang-format on */

static json_t *row_json(const struct mmp_board_row *row)
{
	return mmp_row_json(board_columns, row);
}

/* --- board.put --- */

struct board_put_params {
	const char *name, *line;
	struct mmp_optional patience_ms;
};

/* clang-format off */
static const struct mmp_param put_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct board_put_params, name), true, "name of a board", NULL },
	{ "line", MMP_PARAM_TEXT, offsetof(struct board_put_params, line), true,
	  "serial:/dev/ttyUSB0?baud=115200, unix:/path, tcp:host:port or rfc2217://host:port?baud=115200", NULL },
	{ "patience_ms", MMP_PARAM_OPTIONAL, offsetof(struct board_put_params, patience_ms), false,
	  "how long the board may take to answer a request, in milliseconds; by default the limit", NULL },
	{ 0 },
};
/* clang-format on */

static int set_value(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	(void)err;
	*(json_t **)data = row_json(row);
	return 0;
}

/*
 * A network address is the same for all hosts, unless it is the machine's own (loopback).
 */
static bool is_same_line(const char *one, const char *other)
{
	char key[MMP_LINE_KEY_SIZE], other_key[MMP_LINE_KEY_SIZE];
	struct mmp_error none;
	struct mmp_line line;

	if (mmp_line_parse(one, &line, &none) ||
	    strncmp(mmp_line_key(&line, key), "tcp ", 4) ||
	    !strncmp(key, "tcp 127.", 8) || !strncmp(key, "tcp ::1:", 8))
		return false;
	return !mmp_line_parse(other, &line, &none) &&
	       !strcmp(key, mmp_line_key(&line, other_key));
}

static int keep_board(struct mmp_call *call, const struct board_put_params *p,
		      struct mmp_error *err)
{
	struct service *service = call->service;
	char options[64] = "{}";
	struct mmp_board_row row = { .name = p->name,
				     .line = p->line,
				     .options = options,
				     .is_same_line = is_same_line };

	if (p->patience_ms.given)
		snprintf(options, sizeof(options), "{\"patience_ms\":%" PRIu64 "}",
			 p->patience_ms.value);
	return mmp_store_board_put(service->store, &row, methods_by(call), err);
}

static int board_put(struct mmp_call *call, const void *params, json_t **ret_result,
		     struct mmp_error *err)
{
	struct service *service = call->service;
	const struct board_put_params *p = params;
	struct mmp_line line;

	if (mmp_name_check("name", p->name, err) || mmp_line_parse(p->line, &line, err) ||
	    mmp_line_allowed(p->line, service->lines, service->line_count, err) ||
	    lease_check(service, p->name, p->line, err))
		return -1;
	if (p->patience_ms.given &&
	    (!p->patience_ms.value || p->patience_ms.value > PATIENCE_MAX_MS))
		return mmp_fail(err, MMP_INVALID,
				"patience_ms: %" PRIu64 " is not between 1 and %d",
				p->patience_ms.value, PATIENCE_MAX_MS);
	if (keep_board(call, p, err))
		return -1;
	return mmp_store_board_get(service->store, p->name, set_value, ret_result, err);
}

/* --- board.get, board.remove, board.list --- */

struct board_name_params {
	const char *name;
};

/* clang-format off */
static const struct mmp_param one_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct board_name_params, name), true, "name of a board", NULL },
	{ 0 },
};
/* clang-format on */

static int board_get(struct mmp_call *call, const void *params, json_t **ret_result,
		     struct mmp_error *err)
{
	struct service *service = call->service;
	const struct board_name_params *p = params;

	if (mmp_store_board_get(service->store, p->name, set_value, ret_result, err))
		return -1;
	return holding_add(service, *ret_result, err);
}

/* --- board.history --- */

struct board_history {
	const char *name;
	struct mmp_page page;
};

/* clang-format off */
static const struct mmp_param history_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct board_history, name), true, "name of a board", NULL },
	METHODS_PAGE(struct board_history, "continue after this job, which the previous page ended with"),
	{ 0 },
};
/* clang-format on */

/* For each push its build's row is read as well. */
enum { PUSHES_AT_ONCE = MMP_ROWS_AT_ONCE / 2 };

static int read_pushes(struct service *service, struct listing *listing,
		       const struct mmp_page *page, struct mmp_error *err)
{
	json_t *pushes, *last;

	if (holding_pushes(service, listing->of, page, &pushes, err))
		return -1;
	json_array_extend(listing->rows, pushes);
	json_decref(pushes);
	last = json_array_get(listing->rows, json_array_size(listing->rows) - 1);
	listing->after = (uint64_t)json_integer_value(json_object_get(last, "job"));
	return 0;
}

static int end_pushes(const struct listing *listing, json_t **ret_result,
		      struct mmp_error *err)
{
	struct service *service = listing->service;

	if (mmp_store_board_get(service->store, listing->of, set_value, ret_result,
				err) ||
	    holding_add(service, *ret_result, err))
		return -1;
	json_object_set(*ret_result, "pushes", listing->rows);
	return 0;
}

static int history(struct mmp_call *call, const void *params, json_t **ret_result,
		   struct mmp_error *err)
{
	const struct board_history *p = params;
	const struct listing pushes = { .read = read_pushes,
					.end = end_pushes,
					.of = p->name,
					.limit = p->page.limit,
					.after = p->page.after,
					.at_once = PUSHES_AT_ONCE };

	return listing_begin(call, &pushes, ret_result, err);
}

static int remove_board(struct mmp_call *call, const void *params, json_t **ret_result,
			struct mmp_error *err)
{
	struct service *service = call->service;
	const struct board_name_params *p = params;

	if (lease_check(service, p->name, NULL, err) ||
	    mmp_store_board_remove(service->store, p->name, methods_by(call), err))
		return -1;
	*ret_result = json_pack("{s:s}", "name", p->name);
	return 0;
}

/* --- board.list --- */

struct board_list_params {
	uint64_t limit;
	const char *after;
};

/* clang-format off */
static const struct mmp_param board_list_params[] = {
	METHODS_PAGE_BY_NAME(struct board_list_params),
	{ 0 },
};
/* clang-format on */

/* For each board its newest pushes and a build are read as well. */
enum { BOARDS_AT_ONCE = MMP_ROWS_AT_ONCE / (HOLDING_PUSHES + 2) };

static int add_board(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	struct listing *listing = data;

	(void)err;
	listing_at(listing, row->name);
	json_array_append_new(listing->rows, row_json(row));
	return 0;
}

static int read_boards(struct service *service, struct listing *listing,
		       const struct mmp_page *page, struct mmp_error *err)
{
	size_t first = json_array_size(listing->rows);

	if (mmp_store_board_list(service->store, listing->after_name, page->limit,
				 add_board, listing, err))
		return -1;
	for (; first < json_array_size(listing->rows); first++)
		if (holding_add(service, json_array_get(listing->rows, first), err))
			return -1;
	return 0;
}

static int board_list(struct mmp_call *call, const void *params, json_t **ret_result,
		      struct mmp_error *err)
{
	const struct board_list_params *p = params;
	const struct listing boards = { .read = read_boards,
					.key = "boards",
					.limit = p->limit,
					.after_name = p->after,
					.at_once = BOARDS_AT_ONCE };

	return listing_begin(call, &boards, ret_result, err);
}

/* --- board.scan: lines that may lead to boards --- */

enum { SCANNED_MAX = 64 };

/* The lines that were found, and the known boards that use them. */
struct scan {
	size_t count;
	struct mmp_scanned found[SCANNED_MAX];
	char keys[SCANNED_MAX][MMP_LINE_KEY_SIZE]; /* "": too long for a board */
	char boards[SCANNED_MAX][MMP_NAME_MAX + 1];
};

static void scan_all(struct scan *scan)
{
	struct mmp_error none;
	struct mmp_line line;

	scan->count = mmp_scan_serial("/dev/serial", scan->found, SCANNED_MAX);
	for (size_t i = 0; i < scan->count; i++)
		if (!mmp_line_parse(scan->found[i].line, &line, &none))
			mmp_line_key(&line, scan->keys[i]);
}

static int find_board(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	struct scan *scan = data;
	char key[MMP_LINE_KEY_SIZE];
	struct mmp_line line;

	if (mmp_line_parse(row->line, &line, err))
		return 0;
	mmp_line_key(&line, key);
	for (size_t i = 0; i < scan->count; i++)
		if (!strcmp(scan->keys[i], key))
			snprintf(scan->boards[i], sizeof(scan->boards[i]), "%s",
				 row->name);
	return 0;
}

static json_t *scanned_json(struct service *service, const struct scan *scan, size_t i)
{
	const char *line = scan->found[i].line, *board = scan->boards[i];
	struct mmp_error busy;

	return json_pack(
		"{s:s, s:s, s:o, s:b, s:b}", "line", line, "device",
		scan->found[i].device, "board", methods_text(*board ? board : NULL),
		"allowed",
		!mmp_line_allowed(line, service->lines, service->line_count, &busy),
		"busy", lease_check(service, "", line, &busy));
}

static int scan_lines(struct mmp_call *call, const void *params, json_t **ret_result,
		      struct mmp_error *err)
{
	struct service *service = call->service;
	struct scan *scan = xcalloc(1, sizeof(*scan));
	json_t *lines = json_array();
	int failed;

	(void)params;
	scan_all(scan);
	failed = scan->count &&
		 mmp_store_board_list(service->store, NULL, 0, find_board, scan, err);
	for (size_t i = 0; i < scan->count; i++)
		if (*scan->keys[i])
			json_array_append_new(lines, scanned_json(service, scan, i));
	free(scan);
	*ret_result = failed ? NULL : json_pack("{s:O}", "lines", lines);
	json_decref(lines);
	return failed ? -1 : 0;
}

/* --- board.probe --- */

struct probing {
	const char *name;
	bool accept_id;
};

/* clang-format off */
static const struct mmp_param probe_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct probing, name), true, "name of a board", NULL },
	{ "accept_id", MMP_PARAM_FLAG, offsetof(struct probing, accept_id), false,
	  "accept another board on this line as this one from now on", NULL },
	{ 0 },
};
/* clang-format on */

static int probe_board(struct mmp_call *call, const void *params, json_t **ret_result,
		       struct mmp_error *err)
{
	const struct probing *p = params;
	const struct talk_order order = { TALK_PROBE, p->name,
					  .accept_id = p->accept_id };

	if (caller_may_use_board(call, p->name, err))
		return -1;
	return talk_begin(call, &order, ret_result, err);
}

/* clang-format off */
const struct mmp_method methods_board[] = {
	{ "board.put", "Store a board and the line that leads to it",
	  put_params, sizeof(struct board_put_params), shape_board, MMP_ADMIN, board_put },
	{ "board.get", "Show a board, and what is on it: since when, by whom, proven or only activated",
	  one_params, sizeof(struct board_name_params), shape_board_get, MMP_READ, board_get },
	{ "board.history", "Show what is on a board, and every push to it, the newest first",
	  history_params, sizeof(struct board_history), shape_board_history, MMP_READ, history },
	{ "board.list", "List the boards, and what is on each",
	  board_list_params, sizeof(struct board_list_params), shape_board_list, MMP_READ, board_list },
	{ "board.scan", "List the serial lines of mmpd's machine, by names that do not change",
	  NULL, 0, shape_board_scan, MMP_READ, scan_lines },
	{ "board.remove", "Remove a board",
	  one_params, sizeof(struct board_name_params), shape_name, MMP_ADMIN, remove_board },
	{ "board.probe", "Ask a board for its id and for its live build",
	  probe_params, sizeof(struct probing), shape_board_probe, MMP_DRIVE, probe_board },
	{ 0 },
};
/* clang-format on */
