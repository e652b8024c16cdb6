/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "database.h"
#include "store/store.h"

/* On SQLite there is one host, without a name; on a server there are two. */

#define BUILD   "aaaaaaaa1"
#define NOW     "2026-11-29T10:00:00.000Z"
#define LATER   "2026-11-29T10:00:00.001Z" /* by the smallest step */
#define DEAD_MS (MMP_HOST_DEAD_SECONDS * UINT64_C(1000))

static const struct mmp_signature eva = { 1000, 1000, 7, "eva", NOW };
static char path[64];
static struct mmp_store *store, *other;
static struct mmp_error err;

static void check(int failed)
{
	if (failed)
		fail_msg("%s", err.text);
}

static int set_up(void **state)
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

	(void)state;
	strcpy(path, "/tmp/mmp-hosts-XXXXXX");
	close(mkstemp(path));
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

static int tear_down(void **state)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char name[80];

	(void)state;
	mmp_store_close(store);
	mmp_store_close(other);
	other = NULL;
	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		unlink(name);
	}
	return 0;
}

static uint64_t new_of(const char *kind, struct mmp_store *by, const char *host,
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

static const char *own(void)
{
	return test_server() ? "one" : "";
}

static uint64_t new_job(struct mmp_store *by, const char *host, enum mmp_job_state state,
			const char *board)
{
	return new_of("push", by, host, state, board);
}

struct seen {
	enum mmp_job_state state;
	uint64_t attempt, done, total;
	bool is_cancelled;
	char step[32];
};

static int see(void *data, const struct mmp_job_row *row, struct mmp_error *ret_err)
{
	struct seen *seen = data;

	(void)ret_err;
	*seen = (struct seen){ row->state, row->attempt,      row->done,
			       row->total, row->is_cancelled, "" };
	snprintf(seen->step, sizeof(seen->step), "%s", row->step ? row->step : "");
	return 0;
}

static struct seen job(uint64_t id)
{
	struct seen seen = { 0 };

	check(mmp_store_job_get(store, id, see, &seen, &err));
	return seen;
}

static void end(uint64_t id)
{
	const struct mmp_job_row row = { .id = id, .state = MMP_JOB_DONE, .ended = NOW };

	check(mmp_store_job_end(store, &row, MMP_OUTCOME_UNKNOWN, &err));
}

static size_t claim(struct mmp_store *by, uint64_t ids[4])
{
	size_t count;

	check(mmp_store_jobs_claim(by, ids, 4, &count, &err));
	return count;
}

static void jobs_that_wait_are_claimed_once_each_board_its_oldest(void **state)
{
	uint64_t first = new_job(store, own(), MMP_JOB_QUEUED, "desk");
	uint64_t second = new_job(store, own(), MMP_JOB_QUEUED, "desk");
	uint64_t bench = new_job(store, own(), MMP_JOB_QUEUED, "bench"), ids[4];

	(void)state;
	assert_int_equal(job(first).attempt, 0);
	assert_int_equal(claim(store, ids), 2);
	assert_int_equal(ids[0], first);
	assert_int_equal(ids[1], bench);
	assert_int_equal(job(first).state, MMP_JOB_RUNNING);
	assert_int_equal(job(first).attempt, 1);
	assert_int_equal(claim(store, ids), 0);
	end(first);
	assert_int_equal(claim(store, ids), 1);
	assert_int_equal(ids[0], second);
}

static void a_job_that_cannot_begin_waits_again(void **state)
{
	uint64_t id = new_job(store, own(), MMP_JOB_QUEUED, "desk"), ids[4];

	(void)state;
	assert_int_equal(claim(store, ids), 1);
	check(mmp_store_job_requeue(store, id, &err));
	assert_int_equal(job(id).state, MMP_JOB_QUEUED);
	assert_int_equal(claim(store, ids), 1);
	assert_int_equal(job(id).attempt, 2);
	end(id);
	check(mmp_store_job_requeue(store, id, &err));
	assert_int_equal(job(id).state, MMP_JOB_DONE);
}

static void progress_is_in_the_row_until_the_job_ends(void **state)
{
	uint64_t id = new_job(store, NULL, MMP_JOB_RUNNING, "desk");
	struct mmp_job_row told = { .id = id, .step = "sending", .done = 3, .total = 9 };

	(void)state;
	check(mmp_store_job_progress(store, &told, &err));
	assert_string_equal(job(id).step, "sending");
	assert_int_equal(job(id).done, 3);
	assert_int_equal(job(id).total, 9);
	end(id);
	told.done = 5;
	check(mmp_store_job_progress(store, &told, &err));
	assert_int_equal(job(id).done, 3);
}

static void a_job_that_waits_is_cancelled_and_one_that_runs_is_asked_to_end(void **state)
{
	uint64_t runs = new_job(store, NULL, MMP_JOB_RUNNING, "desk"), ids[4];
	uint64_t waits = new_job(store, own(), MMP_JOB_QUEUED, "desk");
	struct mmp_store *by = other ? other : store;
	size_t count;

	(void)state;
	check(mmp_store_job_cancel(by, waits, NOW, &err));
	check(mmp_store_job_cancel(by, runs, NOW, &err));
	assert_int_equal(job(waits).state, MMP_JOB_CANCELLED);
	assert_int_equal(job(runs).state, MMP_JOB_RUNNING);
	assert_true(job(runs).is_cancelled);
	check(mmp_store_jobs_cancelled(store, ids, 4, &count, &err));
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], runs);
	end(runs);
	check(mmp_store_jobs_cancelled(store, ids, 4, &count, &err));
	assert_int_equal(count, 0);
}

static void what_has_ended_is_not_ended_again(void **state)
{
	uint64_t id = new_job(store, NULL, MMP_JOB_RUNNING, "desk"), count;

	(void)state;
	check(mmp_store_jobs_interrupted(store, NOW, &count, &err));
	assert_int_equal(count, 1);
	end(id);
	assert_int_equal(job(id).state, MMP_JOB_INTERRUPTED);
}

static void a_restart_leaves_jobs_that_wait(void **state)
{
	uint64_t waits = new_job(store, own(), MMP_JOB_QUEUED, "desk"), count;

	(void)state;
	check(mmp_store_jobs_interrupted(store, NOW, &count, &err));
	assert_int_equal(count, 0);
	assert_int_equal(job(waits).state, MMP_JOB_QUEUED);
}

static void no_more_jobs_wait_than_the_limit(void **state)
{
	(void)state;
	for (int i = 0; i < MMP_JOBS_WAITING_MAX; i++)
		assert_int_not_equal(new_job(store, own(), MMP_JOB_QUEUED, "desk"), 0);
	assert_int_equal(new_job(store, own(), MMP_JOB_QUEUED, "desk"), 0);
	assert_int_equal(err.code, MMP_BUSY);
	assert_int_not_equal(new_job(store, NULL, MMP_JOB_RUNNING, "desk"), 0);
}

/* --- two hosts ------------------------------------------------------------------------- */

static uint64_t beat(struct mmp_store *by, uint64_t now_ms)
{
	uint64_t count;

	check(mmp_store_beat(by, NOW, now_ms, &count, &err));
	return count;
}

static int see_board(void *data, const struct mmp_board_row *row,
		     struct mmp_error *ret_err)
{
	(void)ret_err;
	snprintf(data, 64, "%s %s %s", row->host, row->is_away ? "away" : "there",
		 row->staged ? row->staged : "-");
	return 0;
}

static void board_is(const char *expected)
{
	char text[64];

	check(mmp_store_board_get(store, "desk", see_board, text, &err));
	assert_string_equal(text, expected);
}

static void a_host_is_dead_when_its_heartbeat_stands_still_for_long_enough(void **state)
{
	uint64_t runs, waits;

	(void)state;
	if (!other)
		return;
	runs = new_job(store, NULL, MMP_JOB_RUNNING, "desk");
	waits = new_job(other, "one", MMP_JOB_QUEUED, "desk");
	beat(store, 0);
	assert_int_equal(beat(other, 1000), 0);
	assert_int_equal(beat(other, 1000 + DEAD_MS - 1), 0);
	usleep(2000); /* the heartbeat is the server's clock in ms */
	beat(store, 0);
	assert_int_equal(beat(other, 1000 + DEAD_MS), 0);
	board_is("one there -");
	assert_int_equal(beat(other, 1000 + 2 * DEAD_MS), 2);
	assert_int_equal(job(runs).state, MMP_JOB_INTERRUPTED);
	assert_int_equal(job(waits).state, MMP_JOB_INTERRUPTED);
	board_is("one away " BUILD); /* it may have been made live */
	end(runs);
	assert_int_equal(job(runs).state, MMP_JOB_INTERRUPTED);
	beat(store, 0);
	board_is("one there " BUILD);
}

static void
a_board_goes_to_another_host_with_what_waits_for_it_and_no_sooner(void **state)
{
	struct mmp_board_row board = { .name = "desk",
				       .line = "unix:/x",
				       .options = "{}" };
	uint64_t runs, waits, ids[4];

	(void)state;
	if (!other)
		return;
	runs = new_job(store, NULL, MMP_JOB_RUNNING, "desk");
	waits = new_job(other, "one", MMP_JOB_QUEUED, "desk");
	assert_int_equal(mmp_store_board_put(other, &board, &eva, &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	assert_non_null(strstr(err.text, "of host \"one\""));
	assert_int_equal(mmp_store_board_remove(other, "desk", &eva, &err), -1);
	end(runs);
	check(mmp_store_board_put(other, &board, &eva, &err));
	assert_int_equal(claim(store, ids), 0);
	assert_int_equal(claim(other, ids), 1);
	assert_int_equal(ids[0], waits);
	assert_int_equal(mmp_store_board_staged(store, "desk", BUILD, NOW, &err), -1);
	assert_int_equal(err.code, MMP_CONFLICT);
	assert_non_null(strstr(err.text, "on host \"two\" now"));
}

static void
a_board_is_unused_when_no_other_host_has_a_job_for_it_or_left_one(void **state)
{
	uint64_t runs = new_job(store, NULL, MMP_JOB_RUNNING, "desk"), waits;

	(void)state;
	check(mmp_store_board_unused(store, "desk", &err)); /* its own jobs have leases */
	if (!other)
		return;
	assert_int_equal(mmp_store_board_unused(other, "desk", &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	assert_non_null(strstr(err.text, "of host \"one\""));
	check(mmp_store_board_unused(other, "bench", &err));
	end(runs);
	check(mmp_store_board_unused(other, "desk", &err));
	waits = new_job(other, "one", MMP_JOB_QUEUED, "desk");
	assert_int_equal(mmp_store_board_unused(other, "desk", &err), -1);
	check(mmp_store_job_cancel(other, waits, NOW, &err));
	check(mmp_store_board_unused(other, "desk", &err));
}

static bool is_gone(uint64_t id)
{
	struct seen seen;

	return mmp_store_job_get(store, id, see, &seen, &err) &&
	       err.code == MMP_NOT_FOUND;
}

static void a_letter_that_nobody_waits_for_is_gone_or_goes_when_it_ends(void **state)
{
	uint64_t runs = new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk");
	uint64_t waits = new_of("board.probe", store, own(), MMP_JOB_QUEUED, "desk");
	uint64_t done = new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk");
	uint64_t left[] = { runs, waits, done }, ids[4];
	size_t count;

	(void)state;
	end(done);
	for (size_t i = 0; i < 3; i++)
		check(mmp_store_letter_leave(store, left[i], &err));
	assert_true(is_gone(waits) && is_gone(done));
	check(mmp_store_jobs_cancelled(store, ids, 4, &count, &err));
	assert_int_equal(count, 1);
	assert_int_equal(ids[0], runs);
	check(mmp_store_job_cancel(store, runs, NOW, &err)); /* changes nothing */
	end(runs);
	assert_true(is_gone(runs));
	check(mmp_store_letter_leave(store, runs, &err));
}

static void a_letter_that_nobody_waits_for_goes_when_its_host_does(void **state)
{
	uint64_t left = new_of("key.trust", store, NULL, MMP_JOB_RUNNING, "desk"), count;
	uint64_t waited_for = new_of("key.trust", store, NULL, MMP_JOB_RUNNING, "desk");

	(void)state;
	check(mmp_store_letter_leave(store, left, &err));
	check(mmp_store_jobs_interrupted(store, NOW, &count, &err));
	assert_int_equal(count, 1);
	assert_true(is_gone(left));
	assert_int_equal(job(waited_for).state, MMP_JOB_INTERRUPTED);
	if (!other)
		return;
	left = new_of("key.trust", store, NULL, MMP_JOB_RUNNING, "desk");
	check(mmp_store_letter_leave(store, left, &err));
	beat(store, 0);
	beat(other, 1000);
	beat(other, 1000 + DEAD_MS);
	assert_true(is_gone(left));
}

static void letters_to_this_host_that_ended_long_ago_are_forgotten(void **state)
{
	uint64_t letter = new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk");
	uint64_t push = new_job(store, NULL, MMP_JOB_RUNNING, "desk");
	uint64_t runs = new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "bench");

	(void)state;
	end(letter);
	end(push);
	check(mmp_store_letters_forget(store, NOW, &err));
	assert_int_equal(job(letter).state, MMP_JOB_DONE);
	if (other) {
		beat(store, 0);
		check(mmp_store_letters_forget(other, LATER, &err));
	}
	assert_int_equal(job(letter).state, MMP_JOB_DONE);
	check(mmp_store_letters_forget(store, LATER, &err));
	assert_true(is_gone(letter));
	assert_int_equal(job(push).state, MMP_JOB_DONE);
	assert_int_equal(job(runs).state, MMP_JOB_RUNNING);
}

static void letters_to_a_dead_host_end_and_are_forgotten_by_the_others(void **state)
{
	uint64_t letter, push;

	(void)state;
	if (!other)
		return;
	letter = new_of("board.probe", other, own(), MMP_JOB_QUEUED, "desk");
	push = new_job(other, own(), MMP_JOB_QUEUED, "desk");
	beat(store, 0);
	beat(other, 0);
	beat(other, DEAD_MS);
	assert_int_equal(job(letter).state, MMP_JOB_INTERRUPTED);
	check(mmp_store_letters_forget(other, NOW, &err));
	assert_int_equal(job(letter).state, MMP_JOB_INTERRUPTED);
	check(mmp_store_letters_forget(other, LATER, &err));
	assert_true(is_gone(letter));
	assert_int_equal(job(push).state, MMP_JOB_INTERRUPTED);
}

static void what_waits_for_a_host_that_nobody_knows_ends_after_a_while(void **state)
{
	uint64_t letter = new_of("key.trust", store, "gone", MMP_JOB_QUEUED, "bench");
	uint64_t push = new_job(store, "gone", MMP_JOB_QUEUED, "bench");
	uint64_t own_job = new_job(store, NULL, MMP_JOB_RUNNING, "desk"), count;

	(void)state;
	check(mmp_store_jobs_orphaned(store, NOW, NOW, &count, &err));
	assert_int_equal(count, 0);
	assert_int_equal(job(letter).state, MMP_JOB_QUEUED);
	check(mmp_store_jobs_orphaned(store, NOW, LATER, &count, &err));
	assert_int_equal(count, 2);
	assert_int_equal(job(letter).state, MMP_JOB_INTERRUPTED);
	assert_int_equal(job(push).state, MMP_JOB_INTERRUPTED);
	assert_int_equal(job(own_job).state, MMP_JOB_RUNNING);
	if (!other)
		return;
	beat(store, 0);
	push = new_job(other, own(), MMP_JOB_QUEUED, "desk");
	check(mmp_store_jobs_orphaned(other, NOW, LATER, &count, &err));
	assert_int_equal(count, 0);
	assert_int_equal(job(push).state, MMP_JOB_QUEUED);
}

static void letters_do_not_push_out_what_is_kept_of_pushes(void **state)
{
	uint64_t push = new_job(store, NULL, MMP_JOB_RUNNING, "desk"), letter = 0;

	(void)state;
	end(push);
	mmp_store_group_begin(store);
	for (int i = 0; i < MMP_JOBS_KEPT + 1; i++) {
		letter = new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk");
		end(letter);
	}
	check(mmp_store_group_end(store, &err));
	assert_int_not_equal(new_job(store, NULL, MMP_JOB_RUNNING, "desk"), 0);
	assert_int_equal(job(push).state, MMP_JOB_DONE);
	assert_int_equal(job(letter).state, MMP_JOB_DONE);
}

static int count_row(void *data, const struct mmp_history_row *row,
		     struct mmp_error *ret_err)
{
	(void)row, (void)ret_err;
	++*(int *)data;
	return 0;
}

static int history(void)
{
	const struct mmp_page all = { 0 };
	int count = 0;

	check(mmp_store_history(store, "board", "desk", &all, count_row, &count, &err));
	return count;
}

static void a_probe_leaves_no_trace_in_the_history_and_a_key_does(void **state)
{
	int before = history();
	uint64_t count;

	(void)state;
	end(new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk"));
	new_of("board.probe", store, NULL, MMP_JOB_RUNNING, "desk");
	check(mmp_store_jobs_interrupted(store, NOW, &count, &err));
	assert_int_equal(count, 1);
	assert_int_equal(history(), before);
	end(new_of("key.trust", store, NULL, MMP_JOB_RUNNING, "desk"));
	assert_int_equal(history(), before + 1);
}

/* The clock of the server goes back by an hour when a host has just died. */
static void a_clock_that_goes_back_keeps_no_host_alive(void **state)
{
	PGconn *raw;

	(void)state;
	if (!other)
		return;
	new_job(store, NULL, MMP_JOB_RUNNING, "desk");
	beat(store, 0);
	raw = PQconnectdb(test_server());
	PQclear(PQexec(raw, "UPDATE host SET heartbeat = heartbeat + 3600000"));
	PQfinish(raw);
	assert_int_equal(beat(other, 1000), 0);
	assert_int_equal(beat(other, 1000 + DEAD_MS), 1);
}

static void a_name_is_that_of_one_host(void **state)
{
	struct mmp_store *third;

	(void)state;
	if (!other)
		return;
	check(mmp_store_open(test_server(), &third, &err));
	assert_int_equal(mmp_store_host(third, "two", &err), -1);
	assert_int_equal(err.code, MMP_BUSY);
	mmp_store_close(other);
	other = NULL;
	check(mmp_store_host(third, "two", &err));
	mmp_store_close(third);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(jobs_that_wait_are_claimed_once_each_board_its_oldest),
		TEST(a_job_that_cannot_begin_waits_again),
		TEST(progress_is_in_the_row_until_the_job_ends),
		TEST(a_job_that_waits_is_cancelled_and_one_that_runs_is_asked_to_end),
		TEST(what_has_ended_is_not_ended_again),
		TEST(a_restart_leaves_jobs_that_wait),
		TEST(no_more_jobs_wait_than_the_limit),
		TEST(a_host_is_dead_when_its_heartbeat_stands_still_for_long_enough),
		TEST(a_clock_that_goes_back_keeps_no_host_alive),
		TEST(a_board_goes_to_another_host_with_what_waits_for_it_and_no_sooner),
		TEST(a_board_is_unused_when_no_other_host_has_a_job_for_it_or_left_one),
		TEST(a_letter_that_nobody_waits_for_is_gone_or_goes_when_it_ends),
		TEST(a_letter_that_nobody_waits_for_goes_when_its_host_does),
		TEST(letters_to_this_host_that_ended_long_ago_are_forgotten),
		TEST(letters_to_a_dead_host_end_and_are_forgotten_by_the_others),
		TEST(what_waits_for_a_host_that_nobody_knows_ends_after_a_while),
		TEST(letters_do_not_push_out_what_is_kept_of_pushes),
		TEST(a_probe_leaves_no_trace_in_the_history_and_a_key_does),
		TEST(a_name_is_that_of_one_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
