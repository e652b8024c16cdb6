/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN = 12 };

static const char *print_bytes(const uint8_t *bytes, size_t length,
			       char text[3 * SHOWN + 8])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < length && i < SHOWN; i++)
		used += (size_t)snprintf(text + used, 4, "%02x ", bytes[i]);
	snprintf(text + used, 8, "%s", length > SHOWN ? "..." : !length ? "nothing" : "");
	return text;
}

static size_t same_bytes(const uint8_t *one, const uint8_t *other, size_t length)
{
	size_t i = 0;

	while (i < length && one[i] == other[i])
		i++;
	return i;
}

/* What the line took in the recording must equal the output of the session now. */
static int send_recorded(struct mmp_session *session, const struct mmp_recorded *event,
			 struct mmp_error *err)
{
	char now[3 * SHOWN + 8], then[3 * SHOWN + 8];
	const uint8_t *output;
	size_t length, same;

	mmp_session_step(session, event->ms, NULL, 0);
	output = mmp_session_output(session, &length);
	same = same_bytes(output, event->bytes,
			  length < event->length ? length : event->length);
	if (same == event->length) {
		mmp_session_sent(session, event->length);
		return 0;
	}
	return mmp_fail(err, MMP_CONFLICT,
			"at %" PRIu64
			" ms, byte %zu: the host now sends %s, and sent %s then",
			event->ms, same, print_bytes(output + same, length - same, now),
			print_bytes(event->bytes + same, event->length - same, then));
}

/* The wording may have changed: only the state at the end is compared. */
static int end_recorded(struct mmp_session *session, const struct mmp_recorded *event,
			struct mmp_error *err)
{
	const char *state =
		mmp_session_state_name(mmp_session_step(session, event->ms, NULL, 0));

	if (!strncmp(state, event->text, strcspn(event->text, " ")) &&
	    strlen(state) == strcspn(event->text, " "))
		return 0;
	return mmp_fail(err, MMP_CONFLICT,
			"its end is now \"%s\" (%.100s), and was \"%.100s\" then", state,
			mmp_session_error(session)->text, event->text);
}

static int replay_event(struct mmp_session *session, const struct mmp_recorded *event,
			struct mmp_error *err)
{
	struct mmp_error why;

	switch (event->kind) {
	case '>':
		return send_recorded(session, event, err);
	case '<':
		mmp_session_step(session, event->ms, event->bytes, event->length);
		return 0;
	case 's':
		mmp_session_statement(session, event->bytes);
		mmp_session_signed(session, event->bytes + WIRE_KEY_ID_SIZE);
		return 0;
	case 'c':
		mmp_session_cancel(session, event->ms);
		return 0;
	case 'e':
		return end_recorded(session, event, err);
	default:
		mmp_fail(&why, MMP_LINK, "%s", event->text);
		if (event->kind == 'l')
			mmp_session_lost(session, &why);
		else
			mmp_session_refused(session, &why);
		return 0;
	}
}

int mmp_replay_host(const struct mmp_recording *recording, struct mmp_error *err)
{
	struct mmp_session *session = mmp_session_new(&recording->push, err);
	int failed = session ? 0 : -1;

	if (session)
		mmp_session_step(session, recording->events[0].ms, NULL, 0);
	for (size_t i = 0; i < recording->event_count && !failed; i++)
		failed = replay_event(session, &recording->events[i], err);
	mmp_session_free(session);
	return failed;
}
