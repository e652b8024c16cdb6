/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/connection_private.h"

#include <errno.h>
#include <event2/buffer.h>
#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "peaks.h"

enum {
	NOTIFY_BYTES = 256 << 10, /* unfetched; beyond it progress is not sent */
	COPY_MAX = 4 << 10,       /* smaller pieces are copied, larger ones referred to */
};

struct account *connection_account(const struct connection *connection)
{
	return ((struct service *)connection->owner.service)->account;
}

void connection_charge(struct connection *connection)
{
	size_t now = evbuffer_get_length(connection->output) +
		     mmp_line_reader_bytes(&connection->input);

	if (now > connection->charged)
		account_add(connection_account(connection), connection->caller.uid,
			    now - connection->charged);
	else if (now < connection->charged)
		account_sub(connection_account(connection), connection->caller.uid,
			    connection->charged - now);
	connection->charged = now;
}

static void free_bytes(const void *bytes, size_t length, void *data)
{
	(void)length, (void)data;
	free((void *)bytes);
}

/* Pass the bytes on without copying them: an answer may be many megabytes long. */
void connection_put(struct connection *connection, struct mmp_buffer *take_bytes)
{
	if (take_bytes->length > COPY_MAX) {
		evbuffer_add_reference(connection->output, take_bytes->bytes,
				       take_bytes->length, free_bytes, NULL);
	} else {
		evbuffer_add(connection->output, take_bytes->bytes, take_bytes->length);
		free(take_bytes->bytes);
	}
	*take_bytes = MMP_BUFFER_EMPTY;
}

static void let_go_shared(const void *bytes, size_t length, void *shared)
{
	(void)bytes, (void)length;
	mmp_shared_unref(shared);
}

/* The same for bytes that also have other owners. */
static void put_shared(struct connection *connection, struct mmp_shared *shared)
{
	if (shared->length > COPY_MAX)
		evbuffer_add_reference(connection->output, shared->bytes, shared->length,
				       let_go_shared, mmp_shared_ref(shared));
	else
		evbuffer_add(connection->output, shared->bytes, shared->length);
}

void connection_answer(struct connection *connection, struct mmp_exchange *exchange)
{
	connection_put(connection, &exchange->answer);
	if (!exchange->body)
		return;
	put_shared(connection, exchange->body);
	evbuffer_add(connection->output, MMP_EXCHANGE_TAIL, strlen(MMP_EXCHANGE_TAIL));
}

void connection_notify(struct connection *connection, struct mmp_shared *line)
{
	if (connection->gone || evbuffer_get_length(connection->output) >= NOTIFY_BYTES)
		return;
	put_shared(connection, line);
	event_add(connection->writable, NULL);
}

/*
 * Send what the socket takes now, up to a limit; the rest waits until it is writable.
 * false: closed.
 */
bool connection_send(struct connection *connection)
{
	size_t left = MMP_TURN_SENT;

	while (left && evbuffer_get_length(connection->output)) {
		int sent = evbuffer_write_atmost(connection->output, connection->fd,
						 (ev_ssize_t)left);

		if (sent < 0)
			return errno == EAGAIN || errno == EINTR;
		left -= (size_t)sent;
		peak_note(PEAK_TURN_SENT, MMP_TURN_SENT - left);
	}
	return true;
}
