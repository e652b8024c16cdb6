/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "line/board_json.h"
#include "line/driver.h"
#include "line/lease.h"
#include "link/serial.h"
#include "memory.h"
#include "methods/methods.h"
#include "model/platform.h"
#include "json/text.h"

enum { PATIENCE_MAX_MS = 3600 * 1000 };

static json_t *row_json(const struct mmp_board_row *row)
{
	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:I}", "name", row->name, "line",
			 row->line, "build", methods_text(row->holds), "maybe",
			 methods_text(row->staged), "time", row->time, "patience_ms",
			 (json_int_t)board_patience(row));
}

/* --- board.put --- */

struct put {
	const char *name, *line;
	struct mmp_optional patience_ms;
};

/* clang-format off */
static const struct mmp_param put_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct put, name), true, "of the board", NULL },
	{ "line", MMP_PARAM_TEXT, offsetof(struct put, line), true,
	  "serial:/dev/ttyUSB0?baud=115200, unix:/path or tcp:host:port", NULL },
	{ "patience_ms", MMP_PARAM_OPTIONAL, offsetof(struct put, patience_ms), false,
	  "how long it may leave a request unanswered; else the limit", NULL },
	{ 0 },
};
/* clang-format on */

static int set_value(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	(void)err;
	*(json_t **)data = row_json(row);
	return 0;
}

static int keep(struct mmp_call *call, const struct put *p, struct mmp_error *err)
{
	struct service *service = call->service;
	char options[64] = "{}";
	struct mmp_board_row row = { .name = p->name,
				     .line = p->line,
				     .options = options };

	if (p->patience_ms.given)
		snprintf(options, sizeof(options), "{\"patience_ms\":%" PRIu64 "}",
			 p->patience_ms.value);
	return mmp_store_board_put(service->store, &row, methods_by(call), err);
}

static int put(struct mmp_call *call, const void *params, json_t **ret_result,
	       struct mmp_error *err)
{
	struct service *service = call->service;
	const struct put *p = params;
	struct mmp_line line;

	if (mmp_name_check("name", p->name, err) || mmp_line_parse(p->line, &line, err))
		return -1;
	if (p->patience_ms.given &&
	    (!p->patience_ms.value || p->patience_ms.value > PATIENCE_MAX_MS))
		return mmp_fail(err, MMP_INVALID,
				"patience_ms: %" PRIu64 ", but 1 to %d are possible",
				p->patience_ms.value, PATIENCE_MAX_MS);
	if (keep(call, p, err))
		return -1;
	return mmp_store_board_get(service->store, p->name, set_value, ret_result, err);
}

/* --- board.get, board.remove, board.list --- */

struct one {
	const char *name;
};

/* clang-format off */
static const struct mmp_param one_params[] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct one, name), true, "of the board", NULL },
	{ 0 },
};
/* clang-format on */

static int get(struct mmp_call *call, const void *params, json_t **ret_result,
	       struct mmp_error *err)
{
	struct service *service = call->service;
	const struct one *p = params;

	return mmp_store_board_get(service->store, p->name, set_value, ret_result, err);
}

static int remove_board(struct mmp_call *call, const void *params, json_t **ret_result,
			struct mmp_error *err)
{
	struct service *service = call->service;
	const struct one *p = params;

	if (lease_check(service, p->name, NULL, err) ||
	    mmp_store_board_remove(service->store, p->name, methods_by(call), err))
		return -1;
	*ret_result = json_pack("{s:s}", "name", p->name);
	return 0;
}

static int add_board(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	(void)err;
	json_array_append_new(data, row_json(row));
	return 0;
}

static int list(struct mmp_call *call, const void *params, json_t **ret_result,
		struct mmp_error *err)
{
	struct service *service = call->service;
	json_t *all = json_array();

	(void)params;
	if (mmp_store_board_list(service->store, add_board, all, err)) {
		json_decref(all);
		return -1;
	}
	*ret_result = json_pack("{s:o}", "boards", all);
	return 0;
}

/* --- board.probe: a session of one question --- */

struct probe {
	struct mmp_call *call;
	struct service *service;
	struct lease *lease;
	struct driver *driver;
};

static void probe_free(void *data)
{
	struct probe *probe = data;

	if (probe->driver)
		driver_free(probe->driver);
	lease_release(probe->lease);
	free(probe);
}

static int on_changed(void *data, enum mmp_session_state state, struct mmp_error *err)
{
	(void)data, (void)state, (void)err;
	return 0;
}

static void on_progress(void *data, const char *step, uint64_t done, uint64_t total)
{
	(void)data, (void)step, (void)done, (void)total;
}

/* What the board says is live there is what it holds. */
static int note(struct probe *probe, const struct wire_board *board,
		struct mmp_error *err)
{
	char live[MMP_DIGEST_TEXT_SIZE], now[CLOCK_TEXT_SIZE];

	clock_text(now);
	return mmp_store_board_holds(probe->service->store, probe->lease->board,
				     board_live(board, live), now, err);
}

static void on_ended(void *data, enum mmp_session_state state)
{
	struct probe *probe = data;
	struct mmp_call *call = probe->call;
	struct mmp_session_report report;
	struct mmp_error err = *driver_error(probe->driver);
	json_t *result = NULL;

	driver_report(probe->driver, &report);
	if (state == MMP_SESSION_DONE && !note(probe, &report.board, &err)) {
		result = board_json(&report.board);
		json_object_set_new(result, "name", methods_text(probe->lease->board));
	}
	probe_free(probe);
	mmp_call_answer(call, result, &err);
}

static int begin(void *data, const struct mmp_board_row *row, struct mmp_error *err)
{
	struct probe *probe = data;
	struct driver_owner owner = { on_changed, on_progress, on_ended, probe };
	struct mmp_push hello = { .number = ++probe->service->sessions,
				  .patience_ms = board_patience(row) };

	if (lease_take(probe->service, row->name, row->line, "board.probe", &probe->lease,
		       err))
		return -1;
	probe->driver = driver_new(probe->service->base, row->line, &hello, &owner, err);
	return probe->driver ? 0 : -1;
}

static int probe_board(struct mmp_call *call, const void *params, json_t **ret_result,
		       struct mmp_error *err)
{
	struct service *service = call->service;
	const struct one *p = params;
	struct probe *probe = xcalloc(1, sizeof(*probe));

	(void)ret_result;
	*probe = (struct probe){ .call = call, .service = service };
	if (!mmp_store_board_get(service->store, p->name, begin, probe, err))
		return mmp_call_defer(call, probe_free, probe);
	probe_free(probe);
	return -1;
}

/* clang-format off */
const struct mmp_method methods_board[] = {
	{ "board.put", "Keep a board and the line that leads to it",
	  put_params, sizeof(struct put), "name, line, build, maybe, time, patience_ms", MMP_WRITE, put },
	{ "board.get", "A board, and the build that it holds",
	  one_params, sizeof(struct one), "name, line, build, maybe, time, patience_ms", MMP_READ, get },
	{ "board.list", "The boards",
	  NULL, 0, "boards: name, line, build, maybe, time, patience_ms", MMP_READ, list },
	{ "board.remove", "Forget a board",
	  one_params, sizeof(struct one), "name", MMP_WRITE, remove_board },
	{ "board.probe", "Ask a board who it is and what is live there",
	  one_params, sizeof(struct one), "name, board, protocol, frame, staging, build, windows",
	  MMP_DRIVE, probe_board },
	{ 0 },
};
/* clang-format on */
