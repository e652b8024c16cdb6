/* SPDX-License-Identifier: BSD-2-Clause */
#include "connections/connection_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "account.h"
#include "base/limits.h"
#include "clock.h"
#include "connections/parsing.h"
#include "log.h"
#include "memory.h"
#include "metrics.h"
#include "work/dispose.h"
#include "work/errand.h"

enum {
	ID_SIZE = 40,   /* bytes of a request's id in the log */
	WHY_SIZE = 400, /* bytes of the reason of a failure there */
};

#define SLOW_CALL_NS UINT64_C(5000000000)

static void on_resume(void *data)
{
	struct work *work = data;

	work->parked = false;
	connection_take_turn(work->connection);
}

/* The first bytes of the request's own id, as one word; "-": it has none. */
static const char *print_id(const json_t *id, char text[ID_SIZE])
{
	if (json_is_integer(id))
		snprintf(text, ID_SIZE, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	else if (json_is_real(id))
		snprintf(text, ID_SIZE, "%g", json_real_value(id));
	else
		snprintf(text, ID_SIZE, "%s",
			 json_is_string(id) ? json_string_value(id) : "-");
	for (char *at = text; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == '=' || *at == '"' || *at == 0x7f)
			*at = '_';
	return *text ? text : "-";
}

/* The pair that says why mmpd failed: error="disk full". */
static const char *print_why(const char *words, char text[WHY_SIZE])
{
	int start = snprintf(text, WHY_SIZE, " error=\"");

	snprintf(text + start, (size_t)(WHY_SIZE - start), "%.*s\"", WHY_SIZE - start - 2,
		 words);
	for (char *at = text + start; at[0] && at[1]; at++)
		if (*at == '"')
			*at = '\'';
	return text;
}

/*
 * Log a line of NAME=VALUE. Slow calls and errors of ours appear without --log-level
 * debug.
 */
static void log_call(const struct mmp_call *call, uint64_t ns, bool failed)
{
	const struct caller *caller = call->client;
	bool is_ours = failed && call->err.code == MMP_SYSTEM;
	enum log_level level = is_ours             ? LOG_LEVEL_WARNING
			       : ns > SLOW_CALL_NS ? LOG_LEVEL_INFO
						   : LOG_LEVEL_DEBUG;
	char id[ID_SIZE], why[WHY_SIZE];

	if (!log_is_on(level))
		return;
	log_line(level,
		 "call number=%" PRIu64 " id=%s method=%s uid=%ld pid=%ld ms=%.3f "
		 "bytes=%zu outcome=%s%s",
		 call->number, print_id(json_object_get(call->request, "id"), id),
		 call->method ? call->method->name : "-", (long)caller->uid,
		 (long)caller->pid, (double)ns / 1e6, call->bytes,
		 failed ? mmp_code_info(call->err.code)->name : "ok",
		 is_ours ? print_why(call->err.text, why) : "");
}

static void count_call(const struct mmp_call *call, bool failed)
{
	struct service *service = call->service;

	uint64_t ns = clock_ns() - call->begun_ns;

	if (call->method)
		metrics_call(service->metrics, (size_t)(call->method - service->methods),
			     ns, failed);
	log_call(call, ns, failed);
}

static void uncharge_call(struct mmp_call *call)
{
	const struct caller *caller = call->client;
	struct service *service = call->service;

	account_sub(service->account, caller->uid, call->charged);
}

/* For the rest of a batch that has answers already. */
static int may_go_on(const struct mmp_call *call, const struct mmp_method *method,
		     struct mmp_error *err)
{
	const struct caller *caller = call->client;
	struct service *service = call->service;

	if (account_check(service->account, caller->uid, 0, err))
		return -1;
	return caller_may(call, method, err);
}

static struct work *add_work(struct connection *connection, size_t length)
{
	const struct connection_owner *owner = &connection->owner;
	struct work *work = xcalloc(1, sizeof(*work));

	TAILQ_INSERT_TAIL(&connection->works, work, link);
	connection->works_count++;
	connection->works_bytes += length;
	work->connection = connection;
	work->bytes = length;
	mmp_exchange_init(&work->exchange, owner->methods, owner->service,
			  &connection->caller, on_resume, work);
	work->exchange.call.elsewhere = errand_begin;
	work->exchange.call.may = caller_may;
	work->exchange.call.answered = count_call;
	work->exchange.call.uncharge = uncharge_call;
	work->exchange.call.begun_ns = clock_ns();
	work->exchange.call.number = ++((struct service *)owner->service)->calls;
	work->exchange.call.bytes = length;
	return work;
}

void connection_end_work(struct connection *connection, struct work *work)
{
	struct mmp_parsed *line = NULL;

	connection->used_ms = clock_ms();
	TAILQ_REMOVE(&connection->works, work, link);
	connection->works_count--;
	connection->works_bytes -= work->bytes;
	if (work->parsing)
		parsing_forget(work->parsing);
	account_sub(connection_account(connection), connection->caller.uid,
		    work->charged);
	if (work->bytes > MMP_LINE_AT_ONCE)
		line = mmp_exchange_take_line(&work->exchange);
	mmp_exchange_done(&work->exchange);
	if (line)
		dispose_line(connection->owner.service, line);
	free(work);
}

static void on_parsed(void *data, struct mmp_parsed *take_line,
		      const struct mmp_error *why)
{
	struct work *work = data;

	work->parsing = NULL;
	work->parked = false;
	mmp_exchange_start_parsed(&work->exchange, take_line, why);
	connection_take_turn(work->connection);
}

static void begin_short(struct work *work, const char *text, size_t length)
{
	struct connection *connection = work->connection;
	struct mmp_exchange *exchange = &work->exchange;

	mmp_exchange_start(exchange, text, length);
	if (exchange->line)
		parsing_charge(connection->owner.service, connection->caller.uid,
			       exchange->line, length, 0);
}

static void begin_line(struct connection *connection, const char *text, size_t length)
{
	struct work *work = add_work(connection, length);
	struct mmp_error err;

	if (length <= MMP_LINE_AT_ONCE) {
		begin_short(work, text, length);
		return;
	}
	work->parsing = parsing_begin(connection->owner.service, connection->caller.uid,
				      text, length, on_parsed, work, &err);
	work->parked = work->parsing;
	if (!work->parsing)
		mmp_exchange_start_parsed(&work->exchange, NULL, &err);
}

struct work *connection_runnable(const struct connection *connection)
{
	struct work *work;

	TAILQ_FOREACH(work, &connection->works, link)
		if (!work->parked)
			return work;
	return NULL;
}

/*
 * Nothing is begun after a long line: its effects must come before those of later ones.
 */
static bool is_held_up(const struct connection *connection)
{
	const struct work *last = TAILQ_LAST(&connection->works, works);

	return connection->works_count >= MMP_PENDING_MAX ||
	       connection->works_bytes >= MMP_PENDING_BYTES_MAX ||
	       (last && last->bytes > MMP_LINE_AT_ONCE);
}

static enum mmp_line_event next_line(struct connection *connection, const char **text,
				     size_t *length)
{
	if (connection->draining || connection->closing)
		return MMP_LINE_MORE;
	return connection->ended ? mmp_line_reader_last(&connection->input, text, length)
				 : mmp_line_reader_next(&connection->input, text, length);
}

/* Begin with the next line if there is one and room for it. */
struct work *connection_next_work(struct connection *connection)
{
	const char *text;
	size_t length;

	if (is_held_up(connection))
		return NULL;
	switch (next_line(connection, &text, &length)) {
	case MMP_LINE_WHOLE:
		begin_line(connection, text, length);
		return connection_runnable(connection);
	case MMP_LINE_LONG:
		connection_refuse_line(connection);
		return NULL;
	case MMP_LINE_MORE:
		break;
	}
	return NULL;
}

/* The answer of a batch grows until it is complete. */
static void charge_answer(struct connection *connection, struct work *work)
{
	size_t now = work->exchange.answer.length;

	account_add(connection_account(connection), connection->caller.uid,
		    now - work->charged);
	work->charged = now;
	if (now)
		work->exchange.call.may = may_go_on;
}

void connection_step(struct connection *connection, struct work *work)
{
	switch (mmp_exchange_step(&work->exchange)) {
	case MMP_EXCHANGE_MORE:
		charge_answer(connection, work);
		break;
	case MMP_EXCHANGE_WAITING:
		work->parked = true;
		break;
	case MMP_EXCHANGE_DONE:
		connection_answer(connection, &work->exchange);
		connection_end_work(connection, work);
		break;
	}
}
