/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/board_json.h"

#include <string.h>

#include "base/limits.h"
#include "methods/methods.h"
#include "json/number.h"

uint64_t board_patience(const struct mmp_board_row *row)
{
	json_t *options = json_loads(row->options, 0, NULL);
	json_int_t ms = MMP_PATIENCE_MS;

	json_unpack(options, "{s?I}", "patience_ms", &ms);
	json_decref(options);
	return (uint64_t)ms;
}

const char *board_live(const struct wire_board *board, char text[MMP_DIGEST_TEXT_SIZE])
{
	struct mmp_digest id;

	if (!board->live)
		return NULL;
	memcpy(id.bytes, board->live_build, sizeof(id.bytes));
	mmp_digest_print(&id, text);
	return text;
}

static json_t *windows_json(const struct wire_board *board)
{
	json_t *all = json_array();

	for (unsigned i = 0; i < board->window_count; i++)
		json_array_append_new(
			all, json_pack("{s:o, s:o}", "addr",
				       mmp_json_hex(board->windows[i].base, 1), "size",
				       mmp_json_hex(board->windows[i].size, 1)));
	return all;
}

json_t *board_json(const struct wire_board *board)
{
	char live[MMP_DIGEST_TEXT_SIZE];

	return json_pack("{s:o, s:i, s:i, s:I, s:o, s:o}", "board",
			 methods_text(board->id), "protocol", board->version, "frame",
			 board->body_max, "staging", (json_int_t)board->staging_bytes,
			 "build", methods_text(board_live(board, live)), "windows",
			 windows_json(board));
}

static json_t *difference_json(const struct mmp_difference *difference)
{
	char expected[MMP_TRANSLATION_TEXT_SIZE], got[MMP_TRANSLATION_TEXT_SIZE];

	return json_pack("{s:o, s:s, s:s, s:s, s:o}", "va",
			 mmp_json_hex(difference->probe.va, 1), "access",
			 difference->probe.write ? "write" : "read", "expected",
			 mmp_translation_print(&difference->probe.expected, expected),
			 "got", mmp_translation_print(&difference->got, got), "par",
			 mmp_json_hex(difference->got_par, 16));
}

static json_t *proof_json(const struct mmp_session_report *report, size_t probes)
{
	json_t *differences = json_array();

	for (size_t i = 0; i < report->differences_kept; i++)
		json_array_append_new(differences,
				      difference_json(&report->differences[i]));
	return json_pack("{s:I, s:I, s:I, s:o, s:I, s:I}", "addresses",
			 (json_int_t)report->proved, "asked", (json_int_t)probes,
			 "difference_count", (json_int_t)report->difference_count,
			 "differences", differences, "bytes_sent",
			 (json_int_t)report->proof_bytes_sent, "bytes_received",
			 (json_int_t)report->proof_bytes_received);
}

static json_t *frames_json(const struct mmp_session_report *report)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "sent",
			 (json_int_t)report->frames_sent, "received",
			 (json_int_t)report->frames_received, "resent",
			 (json_int_t)report->frames_resent, "broken",
			 (json_int_t)report->frames_broken, "foreign",
			 (json_int_t)report->answers_foreign);
}

/* What a person can do about the line; NULL where it is fine. */
static const char *advice_of(const struct mmp_session_report *report)
{
	if (report->greeted && report->body_limit < MMP_FRAME_BODY &&
	    report->body_limit < report->board.body_max)
		return "long frames are lost on this line and shorter ones were sent: a "
		       "lower speed, or a shorter cable, would lose fewer";
	return NULL;
}

json_t *report_json(const struct mmp_session_report *report, size_t probes)
{
	return json_pack("{s:b, s:b, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:o, s:o}",
			 "activated", report->activated, "skipped", report->skipped,
			 "bytes_sent", (json_int_t)report->bytes_sent, "bytes_received",
			 (json_int_t)report->bytes_received, "resent",
			 (json_int_t)report->frames_resent, "advice",
			 methods_text(advice_of(report)), "frames", frames_json(report),
			 "round_trip_ms", (json_int_t)report->round_trip_ms, "elapsed_ms",
			 (json_int_t)report->elapsed_ms, "proof",
			 proof_json(report, probes), "board",
			 report->greeted ? board_json(&report->board) : json_null());
}
