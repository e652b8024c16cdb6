/* SPDX-License-Identifier: BSD-2-Clause */
#include "stored_jobs.h"

#include "check.h"

#include <stdio.h>

#include "database.h"
#include "store_file.h"

const struct mmp_signature eva = { 1000, 1000, 7, "eva", NOW };
struct mmp_store *store, *other;
struct mmp_error err;

void check(int failed)
{
	if (failed)
		fail_msg("%s", err.text);
}

int set_up(void **state)
{
	struct mmp_build_row build = { .id = BUILD,
				       .manifest = "{}",
				       .bytes = "tables",
				       .bytes_size = 6,
				       .platform = "virt",
				       .revision = 1 };
	struct mmp_board_row board = { .name = "desk",
				       .line = "unix:/x",
				       .options = "{}" };
	bool is_new;

	make_folder(state);
	check(mmp_store_open(test_database(path), &store, &err));
	check(mmp_store_host(store, "one", &err));
	if (test_server()) {
		check(mmp_store_open(test_server(), &other, &err));
		check(mmp_store_host(other, "two", &err));
	}
	check(mmp_store_build_put(store, &build, &eva, &is_new, &err));
	check(mmp_store_board_put(store, &board, &eva, &err));
	return 0;
}

int tear_down(void **state)
{
	mmp_store_close(store);
	mmp_store_close(other);
	other = NULL;
	return remove_folder(state);
}

uint64_t new_of(const char *kind, struct mmp_store *by, const char *host,
		enum mmp_job_state state, const char *board)
{
	struct mmp_job_row row = { .kind = kind,
				   .state = state,
				   .build = BUILD,
				   .board = board,
				   .by = eva,
				   .host = host,
				   .orders = "{\"force\":true}" };
	uint64_t id = 0;

	if (mmp_store_job_new(by, &row, &id, &err))
		return 0;
	return id;
}

const char *own(void)
{
	return test_server() ? "one" : "";
}

uint64_t new_job(struct mmp_store *by, const char *host, enum mmp_job_state state,
		 const char *board)
{
	return new_of("push", by, host, state, board);
}

int see(void *data, const struct mmp_job_row *row, struct mmp_error *ret_err)
{
	struct seen *seen = data;

	(void)ret_err;
	*seen = (struct seen){ row->state, row->attempt,      row->done,
			       row->total, row->is_cancelled, "" };
	snprintf(seen->step, sizeof(seen->step), "%s", row->step ? row->step : "");
	return 0;
}

struct seen job(uint64_t id)
{
	struct seen seen = { 0 };

	check(mmp_store_job_get(store, id, see, &seen, &err));
	return seen;
}

void end(uint64_t id)
{
	const struct mmp_job_row row = { .id = id, .state = MMP_JOB_DONE, .ended = NOW };

	check(mmp_store_job_end(store, &row, MMP_OUTCOME_UNKNOWN, &err));
}

uint64_t beat(struct mmp_store *by, uint64_t now_ms)
{
	uint64_t count;

	check(mmp_store_beat(by, NOW, now_ms, &count, &err));
	return count;
}
