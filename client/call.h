/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include <signal.h>
#include <stdint.h>

#include "command.h"
#include "rpc/line.h"

/*
 * A connection to mmpd: one request at a time, its notifications, its answer. Every
 * wait ends: with bytes, with the deadline, or with Ctrl-C.
 */
struct session {
	const char *socket;   /* path of mmpd's socket */
	uint64_t timeout_ms;  /* for one answer; 0: the command's default */
	int fd;               /* -1: not connected yet */
	int child;            /* process of a private mmpd (local.h); 0: none */
	int64_t next_id;      /* of the next request */
	uint64_t deadline_ms; /* of the current wait, monotonic; 0: none */
	struct mmp_line_reader line;
};

#define CALL_TIMEOUT_MS 60000u /* for one answer, without --timeout */

/* Called for each notification that arrives before the answer. */
typedef void (*call_notified)(void *owner, const char *method, const json_t *params);

/* Prepare a session; nothing is connected yet. `socket` is borrowed. */
void session_init(struct session *session, const char *socket, uint64_t timeout_ms);

/* Close the connection, if there is one. */
void session_done(struct session *session);

/* Set by Ctrl-C: the current wait ends with MMP_SYSTEM. */
extern volatile sig_atomic_t call_interrupted;

/* Set one deadline for the following waits: --timeout, or else `usual_ms`; 0 is never. */
void call_deadline(struct session *session, uint64_t usual_ms);

/* Send a request, connecting first if needed. -1 with *err. */
int call_send(struct session *session, const char *method, json_t *params,
	      int64_t *ret_id, struct mmp_error *err);

/*
 * Wait for the answer to `id`, calling `notified` for what comes before it. The
 * daemon's answer is stored in *ret_outcome; -1 with *err if there is no answer.
 */
int call_answer(struct session *session, int64_t id, call_notified notified, void *owner,
		struct outcome *ret_outcome, struct mmp_error *err);

/* Send and wait with the usual deadline; local errors also become the outcome. */
struct outcome call(struct session *session, const char *method, json_t *params);

#endif
