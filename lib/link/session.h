#ifndef MMP_SESSION_H
#define MMP_SESSION_H

/*
 * The host's side of a push, as a state machine without I/O. Whoever owns the line
 * hands in bytes and the time, sends what `output` holds, and calls again at
 * `deadline_ms`. Tests drive it with arrays, the daemon with libevent.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"

/* What one address translates to, as PAR_EL1 says it. */
struct mmp_translation {
	bool fault;
	uint8_t fault_status; /* PAR_EL1.FST, where fault */
	uint64_t pa;	      /* page address, where no fault */
	uint8_t memory;	      /* PAR_EL1.ATTR: the byte of MAIR */
	uint8_t shareability; /* PAR_EL1.SH */
	bool nonsecure;	      /* PAR_EL1.NS */
};

/* One question of the proof, and what our own walker says. */
struct mmp_probe {
	uint64_t va;
	bool write; /* AT S1E1W, else AT S1E1R */
	struct mmp_translation expected;
};

/* One build as the board takes it. Everything is borrowed until the session ends. */
struct mmp_image {
	struct mmp_digest id;  /* of the manifest */
	uint64_t pool_pa;      /* where the bytes will lie; 4 KiB aligned */
	const uint8_t *bytes;  /* the pool; its SHA-256 is what the board verifies */
	size_t length;	       /* multiple of 4096 */
	uint64_t mair_el1, tcr_el1, ttbr0_el1;
	const struct mmp_probe *probes;
	size_t probe_count;
};

struct mmp_session;

enum mmp_session_state {
	MMP_SESSION_GREETING,	/* hello */
	MMP_SESSION_SENDING,	/* begin, writes */
	MMP_SESSION_VERIFYING,	/* finish: the board computes SHA-256 */
	MMP_SESSION_ACTIVATING,
	MMP_SESSION_PROVING,	/* translate */
	MMP_SESSION_DONE,
	MMP_SESSION_FAILED
};

struct mmp_session *mmp_session_new(const struct mmp_image *image);
void mmp_session_free(struct mmp_session *session);

enum mmp_session_state mmp_session_step(struct mmp_session *session, uint64_t now_ms,
					const uint8_t *input, size_t length);
const uint8_t *mmp_session_output(struct mmp_session *session, size_t *length);
uint64_t mmp_session_deadline_ms(const struct mmp_session *session);

#endif
