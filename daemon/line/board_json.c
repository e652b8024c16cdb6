/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/board_json.h"

#include <string.h>

#include "base/limits.h"
#include "line/rights_json.h"
#include "link/trust.h"
#include "methods/methods.h"
#include "json/number.h"
#include "json/writer.h"

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

static json_t *keys_json(const struct wire_board *board)
{
	json_t *all = json_array();

	for (size_t i = 0; i < board->key_count; i++) {
		char id[MMP_KEY_ID_TEXT_SIZE];

		json_array_append_new(all,
				      json_string(mmp_key_id_print(board->keys[i], id)));
	}
	return all;
}

/* Which keys the board trusts, and whether it can prove its identity. */
static void add_trust(json_t *out, const struct wire_board *board)
{
	json_object_set_new(out, "takes_unsigned",
			    json_boolean(board->flags & WIRE_BOARD_UNSIGNED));
	json_object_set_new(out, "trusts", keys_json(board));
	json_object_set_new(out, "has_key",
			    json_boolean(board->flags & WIRE_BOARD_HAS_KEY));
	json_object_set_new(out, "counter",
			    board->flags & WIRE_BOARD_COUNTS
				    ? json_integer((json_int_t)board->counter)
				    : json_null());
	json_object_set_new(out, "aarch32",
			    json_boolean(board->flags & WIRE_BOARD_AARCH32));
}

json_t *board_json(const struct wire_board *board)
{
	char live[MMP_DIGEST_TEXT_SIZE];
	json_t *out = json_pack(
		"{s:o, s:i, s:i, s:I, s:o, s:o}", "board", methods_text(board->id),
		"protocol", board->version, "frame", board->body_max, "staging",
		(json_int_t)board->staging_bytes, "build",
		methods_text(board_live(board, live)), "windows", windows_json(board));

	add_trust(out, board);
	return out;
}

/* How far signatures and answers of this push can be trusted, in words. */
static json_t *trust_json(const struct mmp_session_report *report, const char *key)
{
	const struct wire_board *board = &report->board;
	const char *build = report->skipped ? "nothing was sent"
			    : report->is_signed
				    ? "the build was signed, and the board checked that"
				    : "the build is not signed: this loader is for "
				      "development and accepts unsigned builds";
	const char *answers = report->authentic
				      ? "each answer proved that it is this board's"
				      : "the board's answers are not authenticated: "
					"anybody on the line could have sent them";
	const char *back = board->flags & WIRE_BOARD_COUNTS
				   ? "an older build is refused by its counter"
				   : "the board has no counter, so an older build could "
				     "come back";
	char id[MMP_KEY_ID_TEXT_SIZE];
	json_t *out = json_pack("{s:o, s:o, s:b, s:I}", "signed_by",
				methods_text(report->is_signed ? key : NULL), "key",
				methods_text(report->is_signed
						     ? mmp_key_id_print(report->key, id)
						     : NULL),
				"authentic", report->authentic, "signature_bytes",
				(json_int_t)report->signature_bytes);

	if (report->greeted)
		json_object_set_new(out, "words",
				    json_sprintf("%s; %s; %s", build, answers, back));
	return out;
}

static json_t *difference_json(const struct mmp_proof_difference *difference)
{
	char expected[MMP_PAR_TEXT_SIZE], got[MMP_PAR_TEXT_SIZE];

	return json_pack("{s:o, s:s, s:s, s:s, s:o}", "va",
			 mmp_json_hex(difference->probe.va, 1), "access",
			 mmp_probe_access_name(difference->probe.access), "expected",
			 mmp_par_print(&difference->probe.expected, expected), "got",
			 mmp_par_print(&difference->got, got), "par",
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

#define REPORT(member) MMP_AT(struct mmp_session_report, member)

/* clang-format off */
static const struct mmp_column frame_columns[] = {
	{ "sent",     MMP_COLUMN_UNSIGNED, REPORT(frames_sent) },
	{ "received", MMP_COLUMN_UNSIGNED, REPORT(frames_received) },
	{ "resent",   MMP_COLUMN_UNSIGNED, REPORT(frames_resent) },
	{ "broken",   MMP_COLUMN_UNSIGNED, REPORT(frames_broken) },
	{ "foreign",  MMP_COLUMN_UNSIGNED, REPORT(answers_foreign) },
	{ 0 },
};

static const struct mmp_column page_columns[] = {
	{ "all",  MMP_COLUMN_UNSIGNED, REPORT(pages) },
	{ "kept", MMP_COLUMN_UNSIGNED, REPORT(pages_kept) },
	{ 0 },
};
/* clang-format on */

/* Advice on the line for a person; NULL if it is fine. */
static const char *advice_of(const struct mmp_session_report *report)
{
	if (report->greeted && report->shortened)
		return "long frames are lost on this line and shorter ones were sent: a "
		       "lower speed, or a shorter cable, would lose fewer";
	return NULL;
}

json_t *report_json(const struct mmp_session_report *report,
		    const struct mmp_image *image, const struct mmp_layout *layout,
		    const char *key)
{
	struct mmp_writer w = MMP_BUILDER;

	mmp_writer_begin(&w, '{');
	mmp_member_flag(&w, "activated", report->activated);
	mmp_member_flag(&w, "skipped", report->skipped);
	mmp_member_take(&w, "trust", trust_json(report, key));
	mmp_member_number(&w, "bytes_sent", (int64_t)report->bytes_sent);
	mmp_member_number(&w, "bytes_received", (int64_t)report->bytes_received);
	mmp_writer_key(&w, "pages");
	mmp_writer_row(&w, page_columns, report);
	mmp_member_number(&w, "resent", (int64_t)report->frames_resent);
	mmp_member_text(&w, "advice", advice_of(report));
	mmp_writer_key(&w, "frames");
	mmp_writer_row(&w, frame_columns, report);
	mmp_member_number(&w, "round_trip_ms", (int64_t)report->round_trip_ms);
	mmp_member_number(&w, "elapsed_ms", (int64_t)report->elapsed_ms);
	mmp_member_take(&w, "proof", proof_json(report, image->probe_count));
	mmp_member_take(&w, "rights", rights_json(report, image, layout));
	mmp_member_take(&w, "board",
			report->greeted ? board_json(&report->board) : json_null());
	mmp_writer_end(&w, '}');
	return mmp_writer_done(&w);
}
