/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_RECORDING_H
#define MMP_RECORDING_H

/*
 * A push as it went, as text: what it was asked to do, every byte of both directions with
 * its time, and how it ended. So a failure on somebody's desk can be looked at, and gone
 * through again (replay.h), anywhere. loader/README.md, "Recordings", has the lines.
 *
 * It holds no key that signs; of an enrolled board it holds the secret that the host made
 * up for this one session.
 */

#include "base/buffer.h"
#include "link/session.h"

#define MMP_RECORDING_FORMAT "mmp-recording-1"

/* --- writing: into a buffer, as it happens --- */

struct mmp_recorder {
	struct mmp_buffer text;
	uint64_t started_ms;
	bool is_started, is_full; /* at MMP_RECORDING_MAX: the rest is left out */
};

/* The lines that say what shall be done. `push` is what the session was made of. */
void mmp_recorder_begin(struct mmp_recorder *recorder, const struct mmp_push *push,
			const char *comment);

/* Bytes that the line took from the session ('>'), or gave to it ('<'). */
void mmp_recorder_bytes(struct mmp_recorder *recorder, uint64_t now_ms, char direction,
			const uint8_t *bytes, size_t length);
void mmp_recorder_signed(struct mmp_recorder *recorder, uint64_t now_ms,
			 const uint8_t key[WIRE_KEY_ID_SIZE],
			 const uint8_t signature[WIRE_SIGNATURE_SIZE]);

/* Something that happened to the session: "cancel", "lost REASON", "refused REASON". */
void mmp_recorder_event(struct mmp_recorder *recorder, uint64_t now_ms, const char *what);
void mmp_recorder_end(struct mmp_recorder *recorder, uint64_t now_ms,
		      const struct mmp_session *session, enum mmp_session_state state);

/* --- reading --- */

struct mmp_recorded {
	uint64_t ms;    /* since the first */
	char kind;      /* '>', '<', 's'igned, 'c'ancel, 'l'ost, 'r'efused, 'e'nd */
	uint8_t *bytes; /* of > and <; of signed the key's id and the signature */
	size_t length;
	char *text; /* of lost and refused the reason, of end the state and the reason */
};

struct mmp_recording {
	struct mmp_push push; /* borrows from what follows */
	struct mmp_image image;
	char board_id[WIRE_ID_MAX + 1];
	uint8_t point[WIRE_POINT_SIZE], secret[WIRE_SECRET_SIZE];
	uint8_t *pool;
	struct mmp_probe *probes;
	struct mmp_trial *trials;
	struct mmp_recorded *events;
	size_t event_count;
};

/* MMP_INVALID names the line. A recording that was cut at its limit is refused. */
struct mmp_recording *mmp_recording_read(const char *text, struct mmp_error *err);
void mmp_recording_free(struct mmp_recording *recording); /* NULL is fine */

#endif
