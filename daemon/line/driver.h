/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef DRIVER_H
#define DRIVER_H

#include <event2/event.h>
#include <jansson.h>

#include "link/recording.h"
#include "link/session.h"

/*
 * One session with a board, driven by the loop: the line is opened, bytes are written
 * and read as the line allows, and the session's deadlines are timers.
 */
struct driver;

struct driver_owner {
	/*
	 * The session has entered another state, and nothing of that state was sent
	 * yet. -1 with *err: the line is dropped, and the session fails with that
	 * error. 1: nothing is sent or read until driver_go_on.
	 */
	int (*changed)(void *owner, enum mmp_session_state state, struct mmp_error *err);
	void (*progress)(void *owner, const char *step, uint64_t done, uint64_t total);
	/* It has ended; see driver_report and driver_error. May free the driver. */
	void (*ended)(void *owner, enum mmp_session_state state);
	void *owner;
};

/*
 * Open the line. Fails at once if the push or the line's text is invalid, or if the
 * line cannot be opened. Everything in `push` is borrowed until driver_free.
 */
struct driver *driver_new(struct event_base *base, const char *line,
			  const struct mmp_push *push, const struct driver_owner *owner,
			  struct mmp_error *err);
void driver_free(struct driver *driver);

/*
 * Continue after `changed` returned 1; if `why` is not NULL, the session fails with it.
 */
void driver_go_on(struct driver *driver, const struct mmp_error *why);

/*
 * In MMP_SESSION_SIGNING, while it is held: see mmp_session_statement. driver_signed
 * continues with the signature.
 */
struct mmp_digest driver_statement(struct driver *driver,
				   const uint8_t key[WIRE_KEY_ID_SIZE]);
void driver_signed(struct driver *driver, const uint8_t signature[WIRE_SIGNATURE_SIZE]);

/*
 * Record what happens on the line, until it has ended; call before driver_start.
 * Borrowed.
 */
void driver_record(struct driver *driver, struct mmp_recorder *recorder);

/* Begin; until then nothing is sent on the open line. */
void driver_start(struct driver *driver);

/* Ask the session to end. The board drops what it was sent, unless it is already live. */
void driver_cancel(struct driver *driver);

/*
 * The path of a terminal that another user's program may have open without our seeing
 * it; NULL: the line is not a terminal, or everything was seen. Borrowed.
 */
const char *driver_hidden_line(const struct driver *driver);

/* A program whose command line names the device: " (tio, process 5)"; or "". */
const char *driver_named_by(const struct driver *driver);

/* What is known so far, and why it failed; both are borrowed from the driver. */
void driver_report(const struct driver *driver, struct mmp_session_report *ret_report);
const struct mmp_error *driver_error(const struct driver *driver);

#endif
