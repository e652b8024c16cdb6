/* SPDX-License-Identifier: BSD-2-Clause */
#include "line/driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "clock.h"
#include "link/port.h"
#include "memory.h"

enum { READ_BYTES = 4096 };

struct driver {
	struct driver_owner owner;
	struct mmp_session *session;
	enum mmp_session_state state;
	struct mmp_port port;
	bool lost;
	bool held;                     /* the owner has to record something first */
	struct mmp_recorder *recorder; /* NULL: nothing is recorded */
	uint64_t stepped_ms;           /* the time last passed to the session */
	uint8_t signing_key[WIRE_KEY_ID_SIZE];
	struct event *readable, *writable, *deadline;
};

/*
 * Pass the time and any bytes to the session, recording both so that a replay can
 * repeat it.
 */
static enum mmp_session_state step(struct driver *driver, const uint8_t *bytes,
				   size_t length)
{
	driver->stepped_ms = clock_ms();
	if (driver->recorder)
		mmp_recorder_bytes(driver->recorder, driver->stepped_ms, '<', bytes,
				   length);
	return mmp_session_step(driver->session, driver->stepped_ms, bytes, length);
}

/* Record "lost REASON" and the like. */
static void record(struct driver *driver, const char *what, const char *why)
{
	char text[sizeof(((struct mmp_error *)0)->text) + 16];

	snprintf(text, sizeof(text), "%s%s", what, why);
	if (driver->recorder)
		mmp_recorder_event(driver->recorder, clock_ms(), text);
}

/* The line is unusable from now on. */
static void lose(struct driver *driver, const struct mmp_error *why)
{
	driver->lost = true;
	event_del(driver->readable);
	event_del(driver->writable);
	record(driver, "lost ", why->text);
	mmp_session_lost(driver->session, why);
	driver->state = step(driver, NULL, 0);
}

static void lose_by_errno(struct driver *driver, const char *doing)
{
	struct mmp_error err;

	mmp_fail(&err, MMP_LINK, "the line failed while %s: %s", doing, strerror(errno));
	lose(driver, &err);
}

/* Send what the line takes now; the rest waits until it is writable. */
static void flush(struct driver *driver)
{
	const uint8_t *bytes;
	ssize_t taken = 0;
	size_t length;
	int waits;

	while ((bytes = mmp_session_output(driver->session, &length)), length) {
		taken = mmp_port_write(&driver->port, bytes, length);
		if (taken > 0 && driver->recorder)
			mmp_recorder_bytes(driver->recorder, driver->stepped_ms, '>',
					   bytes, (size_t)taken);
		if (taken > 0)
			mmp_session_sent(driver->session, (size_t)taken);
		else if (!taken || errno != EINTR)
			break;
	}
	waits = length ? errno != EAGAIN ? -1 : 1 : mmp_port_flush(&driver->port);
	if (waits < 0)
		lose_by_errno(driver, "sending");
	else if (waits)
		event_add(driver->writable, NULL);
	else
		event_del(driver->writable);
}

static void set_deadline(struct driver *driver)
{
	uint64_t deadline = mmp_session_deadline_ms(driver->session), now = clock_ms();
	uint64_t left = deadline > now ? deadline - now : 0;
	struct timeval wait = { .tv_sec = (time_t)(left / 1000),
				.tv_usec = (suseconds_t)(left % 1000 * 1000) };

	if (deadline == UINT64_MAX)
		event_del(driver->deadline);
	else
		event_add(driver->deadline, &wait);
}

static void notice_change(struct driver *driver, enum mmp_session_state state)
{
	struct mmp_error err;
	int outcome;

	if (state == driver->state)
		return;
	driver->state = state;
	outcome = driver->owner.changed(driver->owner.owner, state, &err);
	driver->held = outcome > 0;
	if (outcome < 0)
		lose(driver, &err);
}

static void tell_progress(struct driver *driver)
{
	uint64_t done, total;

	mmp_session_progress(driver->session, &done, &total);
	driver->owner.progress(driver->owner.owner, mmp_session_state_name(driver->state),
			       done, total);
}

static void end_driver(struct driver *driver)
{
	event_del(driver->readable);
	event_del(driver->writable);
	event_del(driver->deadline);
	if (driver->recorder)
		mmp_recorder_end(driver->recorder, driver->stepped_ms, driver->session,
				 driver->state);
	driver->owner.ended(driver->owner.owner, driver->state);
}

/* Must be the last call of every event handler: the driver may be freed by it. */
static void advance(struct driver *driver, const uint8_t *bytes, size_t length)
{
	if (!driver->held)
		notice_change(driver, step(driver, bytes, length));
	if (driver->held) {
		event_del(driver->readable);
		event_del(driver->writable);
		event_del(driver->deadline);
		return;
	}
	if (!driver->lost)
		flush(driver);
	if (driver->state >= MMP_SESSION_DONE) {
		end_driver(driver);
		return;
	}
	tell_progress(driver);
	set_deadline(driver);
}

/* Connect the line and have a terminal server set its port; then the session begins. */
static void greet(struct driver *driver)
{
	struct mmp_error err;
	int waits = 0;

	if (mmp_port_greet(&driver->port, &err))
		lose(driver, &err);
	else
		waits = mmp_port_flush(&driver->port);
	if (waits > 0)
		event_add(driver->writable, NULL);
	else
		event_del(driver->writable);
	if (driver->lost || driver->port.is_ready)
		advance(driver, NULL, 0);
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct driver *driver = data;
	uint8_t bytes[READ_BYTES];
	ssize_t got;

	(void)fd, (void)what;
	if (!driver->port.is_ready) {
		greet(driver);
		return;
	}
	got = mmp_port_read(&driver->port, bytes, sizeof(bytes));
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got < 0) {
		lose_by_errno(driver, "reading");
	} else if (!got) {
		struct mmp_error err;

		mmp_fail(&err, MMP_LINK, "the other end of the line has hung up");
		lose(driver, &err);
	}
	advance(driver, bytes, got > 0 ? (size_t)got : 0);
}

static void on_writable(evutil_socket_t fd, short what, void *data)
{
	struct driver *driver = data;

	(void)fd, (void)what;
	if (!driver->port.is_ready)
		greet(driver);
	else
		advance(driver, NULL, 0);
}

static void on_deadline(evutil_socket_t fd, short what, void *data)
{
	struct driver *driver = data;
	struct mmp_error err;

	(void)fd, (void)what;
	if (!driver->port.is_ready && !driver->lost) {
		mmp_port_late(&driver->port, &err);
		lose(driver, &err);
	}
	advance(driver, NULL, 0);
}

/* The owner ends the session, although the line still works. */
static void refuse(struct driver *driver, const struct mmp_error *why)
{
	if (driver->state != MMP_SESSION_SIGNING) {
		lose(driver, why);
		return;
	}
	record(driver, "refused ", why->text);
	mmp_session_refused(driver->session, why);
	driver->state = MMP_SESSION_FAILED;
}

struct mmp_digest driver_statement(struct driver *driver,
				   const uint8_t key[WIRE_KEY_ID_SIZE])
{
	memcpy(driver->signing_key, key, sizeof(driver->signing_key));
	return mmp_session_statement(driver->session, key);
}

void driver_signed(struct driver *driver, const uint8_t signature[WIRE_SIGNATURE_SIZE])
{
	if (driver->recorder)
		mmp_recorder_signed(driver->recorder, clock_ms(), driver->signing_key,
				    signature);
	mmp_session_signed(driver->session, signature);
	driver_go_on(driver, NULL);
}

void driver_go_on(struct driver *driver, const struct mmp_error *why)
{
	static const struct timeval at_once;

	driver->held = false;
	if (why)
		refuse(driver, why);
	else
		event_add(driver->readable, NULL);
	event_add(driver->deadline, &at_once);
}

void driver_record(struct driver *driver, struct mmp_recorder *recorder)
{
	driver->recorder = recorder;
}

/*
 * Take the first step from an event, so that the maker of the driver has its pointer
 * already.
 */
void driver_start(struct driver *driver)
{
	static const struct timeval at_once, patience = { .tv_sec = MMP_CONNECT_SECONDS };

	event_add(driver->readable, NULL);
	if (!driver->port.is_connected)
		event_add(driver->writable, NULL);
	event_add(driver->deadline, driver->port.is_ready ? &at_once : &patience);
}

static void make_events(struct driver *driver, struct event_base *base)
{
	driver->readable = event_new(base, driver->port.fd, EV_READ | EV_PERSIST,
				     on_readable, driver);
	driver->writable = event_new(base, driver->port.fd, EV_WRITE | EV_PERSIST,
				     on_writable, driver);
	driver->deadline = evtimer_new(base, on_deadline, driver);
}

struct driver *driver_new(struct event_base *base, const char *line,
			  const struct mmp_push *push, const struct driver_owner *owner,
			  struct mmp_error *err)
{
	struct driver *driver = xcalloc(1, sizeof(*driver));
	struct mmp_line parsed;

	driver->owner = *owner;
	driver->port = MMP_PORT_CLOSED;
	driver->session = mmp_session_new(push, err);
	if (!driver->session || mmp_line_parse(line, &parsed, err) ||
	    mmp_port_open(&driver->port, &parsed, err)) {
		driver_free(driver);
		return NULL;
	}
	make_events(driver, base);
	return driver;
}

void driver_free(struct driver *driver)
{
	struct event **events[] = { &driver->readable, &driver->writable,
				    &driver->deadline };

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (*events[i])
			event_free(*events[i]);
	mmp_port_close(&driver->port);
	mmp_session_free(driver->session);
	free(driver);
}

void driver_cancel(struct driver *driver)
{
	static const struct timeval at_once;

	driver->stepped_ms = clock_ms();
	if (driver->recorder)
		mmp_recorder_event(driver->recorder, driver->stepped_ms, "cancel");
	mmp_session_cancel(driver->session, driver->stepped_ms);
	if (!driver->held)
		event_add(driver->deadline, &at_once);
}

const char *driver_hidden_line(const struct driver *driver)
{
	return driver->port.line.is_hidden ? driver->port.line.path : NULL;
}

const char *driver_named_by(const struct driver *driver)
{
	return driver->port.line.named_by;
}

void driver_report(const struct driver *driver, struct mmp_session_report *ret_report)
{
	mmp_session_report(driver->session, ret_report);
}

const struct mmp_error *driver_error(const struct driver *driver)
{
	return mmp_session_error(driver->session);
}
