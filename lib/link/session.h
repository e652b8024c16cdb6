/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMP_SESSION_H
#define MMP_SESSION_H

/*
 * The host's side of a push, as a state machine without I/O. The owner of the line
 * passes in bytes and the time, sends what `output` holds, and calls again when bytes
 * arrive or at `deadline_ms`, whichever is first. Tests drive it with arrays, the
 * daemon with libevent:
 *
 *	state = mmp_session_step(session, now, bytes, length);
 *	output = mmp_session_output(session, &length);  write what the line takes,
 *	mmp_session_sent(session, taken);               and say how much that was
 *	if (state >= MMP_SESSION_DONE) ...              ended: see report and error
 *
 * Any monotonic clock will do (CLOCK_MONOTONIC). A session always ends: there is a
 * limit for a silent board, for one whose answers are invalid, and for a line that damages
 * every frame, and the error names the limit that was reached, in numbers.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/par.h"
#include "wire/message.h"

/*
 * One build in the form that the board takes. Everything is borrowed until the session
 * ends.
 */
struct mmp_image {
	struct mmp_digest id;     /* of the manifest: the build id */
	struct mmp_digest digest; /* of the bytes: what the board verifies */
	uint64_t pool_pa;         /* address of the pool on the board; 4 KiB aligned */
	const uint8_t *bytes;     /* the pool */
	size_t length;            /* multiple of 4096, below 4 GiB */
	enum wire_regime regime;
	uint64_t registers[WIRE_REGISTER_COUNT]; /* those of the regime; others 0 */
	const struct mmp_probe *probes;
	size_t probe_count;             /* 0: no proof */
	const struct mmp_trial *trials; /* instructions to be run */
	size_t trial_count;
};

/*
 * What the session is to do. All zero is only a hello: is there a board, and which one?
 *
 * If a signature is needed (the board takes no unsigned build, or `signs`), the session
 * waits in MMP_SESSION_SIGNING until mmp_session_signed.
 */
struct mmp_push {
	const struct mmp_image *image; /* NULL: hello only */
	const struct wire_keep *keep;  /* to be kept by the board, instead of an image */
	const uint8_t *board_point;    /* its public key, to check its answers; or NULL */
	const uint8_t *secret; /* our own, used with board_point; NULL: a new one */
	bool signs;            /* sign even if the board does not require it */
	bool force;            /* send it even if the board says that it is live */
	const char *board_id;  /* copied; any other board is refused; NULL: any will do */
	uint16_t number; /* of this session; must differ from the last one on this line */
	uint64_t patience_ms; /* time-out of a request; 0: MMP_PATIENCE_MS */
	size_t body_limit;    /* of the last report about this line; 0: none yet */
};

enum mmp_session_state {
	MMP_SESSION_GREETING,   /* hello */
	MMP_SESSION_SIGNING,    /* waits for mmp_session_signed */
	MMP_SESSION_KEEPING,    /* keep */
	MMP_SESSION_SENDING,    /* begin, writes */
	MMP_SESSION_VERIFYING,  /* finish: the board computes SHA-256 */
	MMP_SESSION_ACTIVATING, /* activate */
	MMP_SESSION_PROVING,    /* translate */
	MMP_SESSION_CANCELLING, /* abort was sent, or activate's answer is awaited */
	MMP_SESSION_DONE,       /* this and later states: ended */
	MMP_SESSION_FAILED,     /* mmp_session_error says why */
	MMP_SESSION_CANCELLED,  /* mmp_session_error says how far it had come */
	MMP_SESSION_STATE_COUNT
};

/* The name of a state for progress lines and reports: "greeting", "sending", ... */
const char *mmp_session_state_name(enum mmp_session_state state);

/* One address that the board translates differently from our walker. */
struct mmp_proof_difference {
	struct mmp_probe probe;
	struct mmp_par got;
	uint64_t got_par; /* PAR_EL1 as received */
};

/* The result of one instruction of the proof. */
enum mmp_trial_state {
	MMP_TRIAL_WAITING, /* the proof did not get that far */
	MMP_TRIAL_PROVED,
	MMP_TRIAL_DIFFERS,
	MMP_TRIAL_DEVICE, /* this and later states: not provable here, because ... */
	MMP_TRIAL_NONSECURE,
	MMP_TRIAL_OUTSIDE,
	MMP_TRIAL_IN_POOL,
	MMP_TRIAL_REGIME,
	MMP_TRIAL_BOARD,
	MMP_TRIAL_NO_BTI,
	MMP_TRIAL_UNPLANTED,
	MMP_TRIAL_STATE_COUNT
};

/* The text of a state: "device memory is never executed", ...; "proved" and the like. */
const char *mmp_trial_text(enum mmp_trial_state state);

struct mmp_trial_result {
	enum mmp_trial_state state;
	uint8_t page; /* index in struct mmp_trial, where it was tried */
	uint8_t ran;  /* enum wire_ran */
	uint32_t esr; /* ESR_EL1 as received */
};

/* Of the addresses asked for one kind of access: how many the board allows and denies. */
struct mmp_access_count {
	size_t allowed, denied, differ;
};

/* The result of reading the live pool back from memory at the end. */
enum mmp_read_back { MMP_READ_BACK_NONE, MMP_READ_BACK_SAME, MMP_READ_BACK_DIFFERS };

/* What is known so far; complete when the session has ended, even if it failed. */
struct mmp_session_report {
	bool greeted;            /* `board` is filled in */
	struct wire_board board; /* from the answer to hello */
	bool skipped;            /* the build was already live; only the proof was sent */
	bool authentic;          /* each answer was authenticated as the board's */
	bool is_signed;          /* what was sent was signed by `key` */
	uint8_t key[WIRE_KEY_ID_SIZE];
	uint64_t signature_bytes; /* of bytes_sent: signature, key, nonce, id, counter */
	uint8_t kept_point
		[WIRE_POINT_SIZE]; /* of the board, after it was told its secret */
	bool activated;            /* the board has confirmed that the build is live */
	bool was_reset;            /* it no longer knows the session */
	bool lacked_code; /* an answer was not authentic: it says nothing of the board */
	size_t pages,
		pages_kept; /* pages of the pool; those that the board already had */
	uint64_t bytes_sent, bytes_received; /* up to and with the answer to activate */
	uint64_t proof_bytes_sent, proof_bytes_received;
	uint64_t frames_sent, frames_received; /* of any kind; resends count */
	uint64_t frames_resent;
	uint64_t frames_broken;   /* received with a bad CRC, bad escape or too long */
	uint64_t answers_foreign; /* whole frames that answer no request of ours */
	uint64_t round_trip_ms;   /* smoothed; 0 before the first answer */
	uint64_t elapsed_ms;
	size_t body_limit; /* bytes of body that the next session should begin with */
	bool shortened;    /* long frames were lost, so shorter ones were sent */
	size_t proved;     /* addresses that the board has translated */
	size_t difference_count; /* those that differ; the first are in `differences` */
	const struct mmp_proof_difference *differences; /* borrowed from the session */
	size_t differences_kept;                        /* at most MMP_DIFFERENCES_MAX */
	struct mmp_access_count accesses[MMP_PROBE_ACCESS_COUNT];
	const struct mmp_trial_result *trials; /* one per trial of the image; borrowed */
	size_t trials_proved, trials_differ;
	enum mmp_read_back read_back;
};

struct mmp_session;

/*
 * Check the image (MMP_INVALID, for example for a length that is not a multiple of
 * 4096) and create a session that has sent nothing yet. NULL on failure.
 */
struct mmp_session *mmp_session_new(const struct mmp_push *push, struct mmp_error *err);
void mmp_session_free(struct mmp_session *session);

/*
 * In MMP_SESSION_SIGNING: the digest to be signed with the key of that id, for the
 * value that the board's counter will then have.
 */
struct mmp_digest mmp_session_statement(struct mmp_session *session,
					const uint8_t key[WIRE_KEY_ID_SIZE]);

/*
 * Pass in the signature, by the key of the last mmp_session_statement; the session goes
 * on.
 */
void mmp_session_signed(struct mmp_session *session,
			const uint8_t signature[WIRE_SIGNATURE_SIZE]);

/* Pass in the time and any received bytes. `input` may be NULL if length is 0. */
enum mmp_session_state mmp_session_step(struct mmp_session *session, uint64_t now_ms,
					const uint8_t *input, size_t length);

/* The bytes to send now. Report with mmp_session_sent how many of them the line took. */
const uint8_t *mmp_session_output(struct mmp_session *session, size_t *length);
void mmp_session_sent(struct mmp_session *session, size_t length);

/* The latest time to call step again. UINT64_MAX once it has ended. */
uint64_t mmp_session_deadline_ms(const struct mmp_session *session);

/*
 * Stop. Before activate was sent: abort is sent, the board drops what it was sent, and
 * what was live stays live. Later: the answer to activate is still awaited, as the
 * caller wants to know what is live, and the proof is left out. Call step until it
 * ends.
 */
void mmp_session_cancel(struct mmp_session *session, uint64_t now_ms);

/*
 * The line was lost (hang-up, read error): ends in MMP_SESSION_FAILED with this reason.
 */
void mmp_session_lost(struct mmp_session *session, const struct mmp_error *why);

/*
 * The caller stops before anything was sent, for a reason of its own such as a missing
 * key.
 */
void mmp_session_refused(struct mmp_session *session, const struct mmp_error *why);

/* Units done of the total: addresses while proving, bytes of the pool before. */
void mmp_session_progress(const struct mmp_session *session, uint64_t *ret_done,
			  uint64_t *ret_total);

/* What is known so far; its pointers are borrowed from the session. */
void mmp_session_report(const struct mmp_session *session,
			struct mmp_session_report *ret_report);

/*
 * Why it failed. MMP_LINK: no valid answer. MMP_BOARD: the board refused, speaks
 * another version, or its proof differs from ours. MMP_OK while there is no error.
 * Borrowed.
 */
const struct mmp_error *mmp_session_error(const struct mmp_session *session);

#endif
