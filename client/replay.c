/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "base/limits.h"
#include "call.h"
#include "link/replay.h"
#include "loader/host/replay.h"
#include "runs.h"
#include "wire/frame.h"

/* --- push --record FILE --- */

static int write_recording(const char *path, const json_t *recording,
			   struct mmp_error *err)
{
	FILE *file = fopen(path, "we");
	int failed = !file || fwrite(json_string_value(recording), 1,
				     json_string_length(recording),
				     file) != json_string_length(recording);

	if (file && fclose(file))
		failed = 1;
	return failed ? mmp_fail(err, MMP_SYSTEM, "%s: %s", path, strerror(errno)) : 0;
}

int recording_save(json_t *job, const char *path, struct mmp_error *err)
{
	json_t *report = json_object_get(job, "report");
	json_t *recording = json_object_get(report, "recording");
	int failed;

	if (!recording)
		return mmp_fail(err, MMP_CONFLICT,
				"%s was not written: the job has no recording, as it was "
				"not begun on a line of this mmpd",
				path);
	failed = write_recording(path, recording, err);
	json_object_del(report, "recording");
	return failed;
}

/* --- replay FILE --- */

/* Read a whole file. NULL with *err. */
static char *read_text(const char *path, struct mmp_error *err)
{
	FILE *file = fopen(path, "re");
	char *text = file ? calloc(1, MMP_RECORDING_MAX + 4096) : NULL;
	size_t length = text ? fread(text, 1, MMP_RECORDING_MAX + 4095, file) : 0;

	if (!text || ferror(file)) {
		mmp_fail(err, MMP_SYSTEM, "%s: %s", path, strerror(errno));
		free(text);
		text = NULL;
	}
	if (file)
		fclose(file);
	if (text && strlen(text) != length) {
		mmp_fail(err, MMP_INVALID, "%s is not a recording: it has a zero byte",
			 path);
		free(text);
		return NULL;
	}
	return text;
}

/* The board as described in its answer to hello; false: it never answered. */
static bool find_board(const struct mmp_recording *recording,
		       struct wire_board *ret_board)
{
	uint8_t body[WIRE_BODY_MAX + 4];
	struct wire_decoder decoder;

	wire_decoder_init(&decoder, body, sizeof(body));
	for (size_t i = 0; i < recording->event_count; i++)
		for (size_t b = 0;
		     recording->events[i].kind == '<' && b < recording->events[i].length;
		     b++) {
			struct wire_reader in;
			struct wire_header header;

			if (wire_decoder_feed(&decoder, recording->events[i].bytes[b]) !=
			    WIRE_FRAME)
				continue;
			in = wire_reader(body, decoder.length);
			wire_get_header(&in, &header);
			if (header.opcode != (WIRE_HELLO | WIRE_ANSWER) ||
			    wire_get8(&in) != WIRE_OK)
				continue;
			wire_get_board(&in, ret_board);
			if (!in.failed)
				return true;
		}
	return false;
}

static json_t *side(const char *goes, const char *why)
{
	return json_pack("{s:s, s:s?}", "goes", goes, "why", why);
}

static json_t *replay_board(const struct mmp_recording *recording, bool *ret_differs)
{
	struct loader_replay_report report;
	struct loader_replay *replay;
	struct wire_board board;
	bool is_possible;
	json_t *json;

	if (!find_board(recording, &board))
		return side("left out", "the board never answered hello");
	replay = loader_replay_new(&board);
	for (size_t i = 0; i < recording->event_count; i++) {
		const struct mmp_recorded *event = &recording->events[i];

		if (event->kind == '>')
			loader_replay_sent(replay, event->bytes, event->length);
		else if (event->kind == '<')
			loader_replay_got(replay, event->bytes, event->length);
	}
	is_possible = loader_replay_report(replay, &report);
	loader_replay_free(replay);
	if (!is_possible)
		return side("left out", report.why);
	*ret_differs = report.differ > 0;
	json = side(report.differ ? "another way" : "the same way",
		    report.differ ? report.why : NULL);
	json_object_set_new(json, "same", json_integer((json_int_t)report.same));
	json_object_set_new(json, "differ", json_integer((json_int_t)report.differ));
	json_object_set_new(json, "left_out", json_integer((json_int_t)report.left_out));
	return json;
}

struct outcome replay_run(struct session *session, const struct command *command,
			  json_t *params, json_t *local)
{
	const char *path = json_string_value(json_object_get(local, "file"));
	bool host_differs = false, board_differs = false;
	struct mmp_recording *recording = NULL;
	struct outcome outcome = { 0 };
	struct mmp_error err;
	char *text;
	json_t *host;

	(void)session, (void)command, (void)params;
	text = read_text(path, &err);
	recording = text ? mmp_recording_read(text, &err) : NULL;
	free(text);
	if (!recording)
		return outcome_failed(&err);
	host_differs = mmp_replay_host(recording, &err);
	host = host_differs ? side("another way", err.text) : side("the same way", NULL);
	outcome.value = json_pack("{s:o, s:o}", "host", host, "board",
				  replay_board(recording, &board_differs));
	if (host_differs || board_differs)
		outcome.status = MMP_EXIT_FAILED;
	mmp_recording_free(recording);
	return outcome;
}
