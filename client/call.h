/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include <signal.h>
#include <stdint.h>

#include "command.h"
#include "rpc/line.h"

/*
 * A connection to mmpd: one request at a time, its notifications, its answer. Every
 * wait ends: with bytes, with the deadline, or with the person's Ctrl-C.
 */
struct session {
	const char *socket;   /* path of mmpd's socket */
	uint64_t timeout_ms;  /* of one answer; 0: the command's own */
	int fd;               /* -1: not connected yet */
	int child;            /* process of our own mmpd (local.h); 0: there is none */
	int64_t next_id;      /* of the next request */
	uint64_t deadline_ms; /* of the wait under way, monotonic; 0: none */
	struct mmp_line_reader line;
};

#define CALL_TIMEOUT_MS 60000u /* of an answer, where --timeout says nothing */

/* Told of each notification that comes while an answer is awaited. */
typedef void (*call_notified)(void *owner, const char *method, const json_t *params);

void session_init(struct session *session, const char *socket, uint64_t timeout_ms);
void session_done(struct session *session);

/* Set by Ctrl-C: a wait that is under way ends with MMP_SYSTEM. */
extern volatile sig_atomic_t call_interrupted;

/* Let the waits from here on end together: after --timeout, else `usual_ms`; 0 is never. */
void call_deadline(struct session *session, uint64_t usual_ms);

/* Send a request, connecting first where that is due. -1 with *err. */
int call_send(struct session *session, const char *method, json_t *params,
	      int64_t *ret_id, struct mmp_error *err);

/*
 * Wait for the answer to `id`, with `notified` told of what comes before it. What the
 * daemon answered is *ret_outcome; -1 with *err where there is no answer.
 */
int call_answer(struct session *session, int64_t id, call_notified notified, void *owner,
		struct outcome *ret_outcome, struct mmp_error *err);

/* Both of them, with the usual deadline; local errors become the outcome too. */
struct outcome call(struct session *session, const char *method, json_t *params);

#endif
