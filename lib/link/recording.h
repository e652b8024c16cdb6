/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RECORDING_H
#define MMP_RECORDING_H

/*
 * The recording of a push as text: what it was asked to do, every byte in both
 * directions with its time, and how it ended. A failure on somebody's desk can then be
 * examined and replayed (replay.h) anywhere. The lines are described in
 * loader/README.md, "Recordings".
 *
 * It holds no signing keys; for an enrolled board it holds the secret that the host
 * generated for this one session.
 */

#include "base/buffer.h"
#include "link/session.h"

#define MMP_RECORDING_FORMAT "mmp-recording-1"

/* --- writing, into a buffer while the push runs --- */

struct mmp_recorder {
	struct mmp_buffer text;
	uint64_t started_ms;
	bool is_started, is_full; /* at MMP_RECORDING_MAX; later events are left out */
};

/*
 * Write the lines that say what is to be done. `push` is what the session was made
 * from.
 */
void mmp_recorder_begin(struct mmp_recorder *recorder, const struct mmp_push *push,
			const char *comment);

/* Record bytes that the line took from the session ('>'), or delivered to it ('<'). */
void mmp_recorder_bytes(struct mmp_recorder *recorder, uint64_t now_ms, char direction,
			const uint8_t *bytes, size_t length);
void mmp_recorder_signed(struct mmp_recorder *recorder, uint64_t now_ms,
			 const uint8_t key[WIRE_KEY_ID_SIZE],
			 const uint8_t signature[WIRE_SIGNATURE_SIZE]);

/* Record another event of the session: "cancel", "lost REASON", "refused REASON". */
void mmp_recorder_event(struct mmp_recorder *recorder, uint64_t now_ms, const char *what);
void mmp_recorder_end(struct mmp_recorder *recorder, uint64_t now_ms,
		      const struct mmp_session *session, enum mmp_session_state state);

/* --- reading --- */

struct mmp_recorded {
	uint64_t ms;    /* since the first event */
	char kind;      /* '>', '<', 's'igned, 'c'ancel, 'l'ost, 'r'efused, 'e'nd */
	uint8_t *bytes; /* of > and <; for signed the key's id and the signature */
	size_t length;
	char *text; /* for lost, refused: the reason; for end: state and reason */
};

struct mmp_recording {
	struct mmp_push push; /* borrows from the members below */
	struct mmp_image image;
	char board_id[WIRE_ID_MAX + 1];
	uint8_t point[WIRE_POINT_SIZE], secret[WIRE_SECRET_SIZE];
	uint8_t *pool;
	struct mmp_probe *probes;
	struct mmp_trial *trials;
	struct mmp_recorded *events;
	size_t event_count;
};

/*
 * Parse a recording. Free it with mmp_recording_free(). NULL with *err: MMP_INVALID
 * names the line. A recording that was cut at its limit is refused.
 */
struct mmp_recording *mmp_recording_read(const char *text, struct mmp_error *err);
void mmp_recording_free(struct mmp_recording *recording); /* NULL is fine */

#endif
