/* SPDX-License-Identifier: BSD-2-Clause */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link/session_private.h"

/*
 * The second half of the proof (instructions that the board runs, and the pool read
 * back) and its verdict.
 */

/* clang-format off */
static const char *const texts[MMP_TRIAL_STATE_COUNT] = {
	[MMP_TRIAL_WAITING]   = "the proof did not get that far",
	[MMP_TRIAL_PROVED]    = "proved",
	[MMP_TRIAL_DIFFERS]   = "differs",
	[MMP_TRIAL_DEVICE]    = "device memory is never executed",
	[MMP_TRIAL_NONSECURE] = "non-secure memory, which this board does not write",
	[MMP_TRIAL_OUTSIDE]   = "not in a window of RAM that this board may write",
	[MMP_TRIAL_IN_POOL]   = "the live tables are there",
	[MMP_TRIAL_REGIME]    = "instructions are run for 64-bit tables only",
	[MMP_TRIAL_BOARD]     = "this board runs no instructions",
	[MMP_TRIAL_NO_BTI]    = "the processor has no FEAT_BTI",
	[MMP_TRIAL_UNPLANTED] = "the board refused to plant an instruction there",
};
/* clang-format on */

const char *mmp_trial_text(enum mmp_trial_state state)
{
	return texts[state];
}

/* --- which instructions can be run --- */

static bool overlaps_pool(const struct mmp_image *image, uint64_t pa)
{
	return pa + WIRE_PAGE > image->pool_pa && pa < image->pool_pa + image->length;
}

static bool in_window(const struct wire_board *board, uint64_t pa)
{
	for (size_t i = 0; i < board->window_count; i++)
		if (pa >= board->windows[i].base &&
		    pa - board->windows[i].base < board->windows[i].size)
			return true;
	return false;
}

/*
 * Find a page of the region where an instruction can be planted; if no page is suitable,
 * give the reason for the first one.
 */
static enum mmp_trial_state choose_page(const struct mmp_session *session,
					const struct mmp_trial *trial, uint8_t *ret_page)
{
	enum mmp_trial_state first = MMP_TRIAL_WAITING;

	for (uint8_t page = 0; page < 2; page++) {
		uint64_t pa = trial->pages[page].pa;
		enum mmp_trial_state state = MMP_TRIAL_WAITING;

		if (!in_window(&session->report.board, pa))
			state = MMP_TRIAL_OUTSIDE;
		else if (overlaps_pool(&session->image, pa))
			state = MMP_TRIAL_IN_POOL;
		*ret_page = page;
		if (state == MMP_TRIAL_WAITING)
			return state;
		if (!page)
			first = state;
	}
	*ret_page = 0;
	return first;
}

static enum mmp_trial_state plan(const struct mmp_session *session,
				 const struct mmp_trial *trial, uint8_t *ret_page)
{
	uint8_t flags = session->report.board.flags;

	*ret_page = 0;
	if (session->image.regime != WIRE_AARCH64)
		return MMP_TRIAL_REGIME;
	if (!(flags & WIRE_BOARD_EXECUTES))
		return MMP_TRIAL_BOARD;
	if (trial->device)
		return MMP_TRIAL_DEVICE;
	if (trial->nonsecure)
		return MMP_TRIAL_NONSECURE;
	if (trial->kind == MMP_TRIAL_BRANCHED && !(flags & WIRE_BOARD_GUARDS))
		return MMP_TRIAL_NO_BTI;
	return choose_page(session, trial, ret_page);
}

void session_plan_proof(struct mmp_session *session)
{
	size_t count = session->image.trial_count;

	session->proof_planned = true;
	session->trial_results = calloc(count + 1, sizeof(*session->trial_results));
	session->trial_order = calloc(count + 1, sizeof(*session->trial_order));
	if (!session->trial_results || !session->trial_order)
		return; /* reported as not reached */
	for (size_t i = 0; i < count; i++) {
		struct mmp_trial_result *result = &session->trial_results[i];

		result->state = plan(session, &session->image.trials[i], &result->page);
		if (result->state == MMP_TRIAL_WAITING)
			session->trial_order[session->trial_order_count++] = (uint32_t)i;
	}
}

/* --- requests and their answers --- */

static uint8_t level_of(const struct mmp_trial *trial)
{
	static const uint8_t with[MMP_TRIAL_KIND_COUNT] = {
		[MMP_TRIAL_PLAIN] = 0,
		[MMP_TRIAL_BRANCHED] = WIRE_BRANCHED,
		[MMP_TRIAL_WXN] = WIRE_WXN,
	};

	return trial->level | with[trial->kind];
}

void session_put_trials(const struct mmp_session *session, struct link_request *request,
			struct session_range range, struct wire_writer *writer)
{
	size_t room = (writer->capacity - writer->at) / WIRE_TRIAL_SIZE;

	request->from = range.from;
	request->count = range.end - range.from < room ? range.end - range.from : room;
	request->answer = WIRE_RESULT_SIZE * request->count;
	for (size_t i = 0; i < request->count; i++) {
		uint32_t number = session->trial_order[range.from + i];
		const struct mmp_trial *trial = &session->image.trials[number];
		uint8_t page = session->trial_results[number].page;

		wire_put_trial(writer, &(struct wire_trial){ level_of(trial),
							     trial->pages[page].va });
	}
}

enum { EC_BTI = 0x0d, EC_ABORT_LOWER = 0x20, EC_ABORT = 0x21, STATUS_MASK = 0x3f };

/* An abort with exactly the fault that our walk expects, or a Branch Target exception. */
static bool aborted_as_expected(const struct mmp_trial *trial,
				const struct mmp_trial_result *result)
{
	uint8_t status = trial->pages[result->page].fault_status;
	uint32_t class = result->esr >> 26;

	if (!status)
		return class == EC_BTI;
	return class == (trial->level ? EC_ABORT : EC_ABORT_LOWER) &&
	       (result->esr & STATUS_MASK) == status;
}

static enum mmp_trial_state judge(const struct mmp_trial *trial,
				  const struct mmp_trial_result *result)
{
	switch (result->ran) {
	case WIRE_NOT_PLANTED:
		return MMP_TRIAL_UNPLANTED;
	case WIRE_RAN:
		return trial->runs ? MMP_TRIAL_PROVED : MMP_TRIAL_DIFFERS;
	case WIRE_RAN_NOT:
		return !trial->runs && aborted_as_expected(trial, result)
			       ? MMP_TRIAL_PROVED
			       : MMP_TRIAL_DIFFERS;
	default:
		return MMP_TRIAL_DIFFERS;
	}
}

bool session_take_trials(struct mmp_session *session, const struct link_request *request,
			 struct wire_reader *in)
{
	if (in->length - in->at != request->count * WIRE_RESULT_SIZE)
		return false;
	for (size_t i = 0; i < request->count; i++) {
		uint32_t number = session->trial_order[request->from + i];
		struct mmp_trial_result *result = &session->trial_results[number];
		struct wire_trial_result got;

		wire_get_result(in, &got);
		result->ran = got.ran;
		result->esr = got.esr;
		result->state = judge(&session->image.trials[number], result);
		session->report.trials_proved += result->state == MMP_TRIAL_PROVED;
		session->report.trials_differ += result->state == MMP_TRIAL_DIFFERS;
	}
	return true;
}

bool session_take_read_back(struct mmp_session *session, struct wire_reader *in)
{
	struct mmp_digest digest;

	wire_get_bytes(in, digest.bytes, sizeof(digest.bytes));
	if (!wire_read_whole(in))
		return false;
	session->report.read_back =
		memcmp(digest.bytes, session->image.digest.bytes, sizeof(digest.bytes))
			? MMP_READ_BACK_DIFFERS
			: MMP_READ_BACK_SAME;
	return true;
}

/* --- the verdict --- */

static int by_va(const void *a, const void *b)
{
	const struct mmp_probe *p = &((const struct mmp_proof_difference *)a)->probe;
	const struct mmp_probe *q = &((const struct mmp_proof_difference *)b)->probe;

	if (p->va != q->va)
		return p->va < q->va ? -1 : 1;
	return (int)p->access - (int)q->access;
}

static void addresses_differ(struct mmp_session *session)
{
	struct mmp_session_report *report = &session->report;
	char want[MMP_PAR_TEXT_SIZE], got[MMP_PAR_TEXT_SIZE];
	const struct mmp_proof_difference *first = session->differences;

	if (!first) {
		mmp_fail(&session->error, MMP_SYSTEM,
			 "%zu addresses differ on the board, and there is no memory to "
			 "say which",
			 report->difference_count);
		return;
	}
	qsort(session->differences, report->differences_kept, sizeof(*first), by_va);
	mmp_fail(&session->error, MMP_BOARD,
		 "%zu of %zu addresses differ on the board; the first, %s 0x%" PRIx64
		 ": the board says %s; expected %s",
		 report->difference_count, report->proved,
		 mmp_probe_access_name(first->probe.access), first->probe.va,
		 mmp_par_print(&first->got, got),
		 mmp_par_print(&first->probe.expected, want));
}

static void rights_differ(struct mmp_session *session)
{
	size_t i = 0;
	const struct mmp_trial *trial;
	const struct mmp_trial_result *result;

	while (session->trial_results[i].state != MMP_TRIAL_DIFFERS)
		i++;
	trial = &session->image.trials[i];
	result = &session->trial_results[i];
	mmp_fail(&session->error, MMP_BOARD,
		 "%zu of %zu instructions did not run as expected; the first, at "
		 "0x%" PRIx64 " for EL%u: it %s (ESR_EL1 0x%08" PRIx32 "), and should %s",
		 session->report.trials_differ, session->trial_order_count,
		 trial->pages[result->page].va, trial->level,
		 result->ran == WIRE_RAN ? "ran" : "did not run", result->esr,
		 trial->runs ? "run" : "not");
}

/* A build that the board's MMU reads differently from our walker is a failure. */
void session_conclude(struct mmp_session *session)
{
	const struct mmp_session_report *report = &session->report;

	if (report->difference_count)
		addresses_differ(session);
	else if (report->trials_differ)
		rights_differ(session);
	else if (report->read_back == MMP_READ_BACK_DIFFERS)
		mmp_fail(&session->error, MMP_BOARD,
			 "the tables in the board's memory are not those that were sent: "
			 "the SHA-256 of the live pool differs");
	if (session->error.code != MMP_OK)
		session_failed(session);
	else
		session_end(session, MMP_SESSION_DONE);
}
