/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/exchange.h"
#include "rpc/requests.h"

#include <stdlib.h>

#include "base/container.h"
#include "base/limits.h"
#include "json/text.h"

struct mmp_exchange_call {
	struct mmp_call call;
	struct mmp_exchange *exchange;
	bool ready; /* its answer is there */
};

static void on_resume(void *data)
{
	struct mmp_exchange_call *one = data;

	one->ready = true;
	one->exchange->waiting--;
	one->exchange->resume(one->exchange->owner);
}

void mmp_exchange_init(struct mmp_exchange *exchange, const struct mmp_method *methods,
		       void *service, void *client, void (*resume)(void *owner),
		       void *owner)
{
	*exchange = (struct mmp_exchange){
		.methods = methods,
		.resume = resume,
		.owner = owner,
		.call = { .service = service, .client = client },
	};
}

struct mmp_parsed *mmp_exchange_take_line(struct mmp_exchange *exchange)
{
	struct mmp_parsed *line = exchange->line;

	exchange->line = NULL;
	return line;
}

void mmp_exchange_done(struct mmp_exchange *exchange)
{
	for (size_t i = exchange->answered; i < exchange->begun; i++) {
		struct mmp_call *call = &exchange->calls[i].call;

		if (call->forget)
			call->forget(call->deferred);
		mmp_dispatch_drop(call);
		mmp_shared_unref(call->data);
	}
	free(exchange->calls);
	mmp_parsed_unref(exchange->line);
	mmp_buffer_done(&exchange->answer);
	mmp_shared_unref(exchange->body);
	exchange->calls = NULL;
	exchange->line = NULL;
	exchange->body = NULL;
	exchange->count = exchange->begun = exchange->answered = exchange->waiting = 0;
}

void mmp_exchange_refuse(struct mmp_buffer *answer, const struct mmp_error *err)
{
	mmp_dispatch_refuse(err, answer);
	mmp_buffer_text(answer, "\n");
}

void mmp_exchange_start(struct mmp_exchange *exchange, const char *text, size_t length)
{
	struct mmp_error err;
	struct mmp_parsed *line = mmp_requests_parse(text, length, MMP_VALUES_MAX, &err);

	mmp_exchange_start_parsed(exchange, line, &err);
}

static json_t *line_of(const struct mmp_exchange *exchange)
{
	return mmp_parsed_root(exchange->line);
}

static bool is_batch(const struct mmp_exchange *exchange)
{
	return json_is_array(line_of(exchange));
}

static int check_line(const struct mmp_exchange *exchange, struct mmp_error *err)
{
	size_t count = json_array_size(line_of(exchange));

	if (!is_batch(exchange) || (count && count <= MMP_BATCH_MAX))
		return 0;
	if (count)
		return mmp_fail(err, MMP_BAD_REQUEST,
				"%zu requests in a batch; the limit is %d", count,
				MMP_BATCH_MAX);
	return mmp_fail(err, MMP_BAD_REQUEST, "a batch must not be empty");
}

void mmp_exchange_start_parsed(struct mmp_exchange *exchange,
			       struct mmp_parsed *take_line, const struct mmp_error *why)
{
	struct mmp_error err;

	exchange->line = take_line;
	if (!take_line) {
		mmp_exchange_refuse(&exchange->answer, why);
		return;
	}
	if (check_line(exchange, &err)) {
		mmp_exchange_refuse(&exchange->answer, &err);
		return;
	}
	exchange->count = is_batch(exchange) ? json_array_size(line_of(exchange)) : 1;
	exchange->calls = calloc(exchange->count, sizeof(*exchange->calls));
	if (exchange->calls)
		return;
	exchange->count = 0;
	mmp_fail(&err, MMP_SYSTEM, "out of memory");
	mmp_exchange_refuse(&exchange->answer, &err);
}

static json_t *request_at(const struct mmp_exchange *exchange, size_t index)
{
	return is_batch(exchange) ? json_array_get(line_of(exchange), index)
				  : line_of(exchange);
}

static void begin_next(struct mmp_exchange *exchange)
{
	struct mmp_exchange_call *one = &exchange->calls[exchange->begun];

	one->call = exchange->call;
	one->call.line = exchange->line;
	one->call.resume = on_resume;
	one->call.resumed = one;
	one->exchange = exchange;
	one->ready = !mmp_dispatch(exchange->methods, &one->call,
				   request_at(exchange, exchange->begun));
	exchange->begun++;
	exchange->waiting += !one->ready;
}

/* Add a response to the line, as an element of an array if the request was a batch. */
static void respond(struct mmp_exchange *exchange)
{
	struct mmp_buffer *answer = &exchange->answer;
	struct mmp_call *call = &exchange->calls[exchange->answered].call;
	json_t *request = request_at(exchange, exchange->answered);
	size_t before = answer->length, room;

	if (is_batch(exchange))
		mmp_buffer_text(answer, before ? "," : "[");
	room = answer->length < MMP_ANSWER_MAX ? MMP_ANSWER_MAX - answer->length : 0;
	mmp_dispatch_respond(call, request, room, answer,
			     is_batch(exchange) ? NULL : &exchange->body);
	if (is_batch(exchange) && answer->length == before + 1)
		answer->length = before; /* there was no response */
	exchange->answered++;
}

static enum mmp_exchange_state finish_answer(struct mmp_exchange *exchange)
{
	struct mmp_buffer *answer = &exchange->answer;

	if (answer->length && !exchange->body)
		mmp_buffer_text(answer, is_batch(exchange) ? "]\n" : "\n");
	return MMP_EXCHANGE_DONE;
}

enum mmp_exchange_state mmp_exchange_step(struct mmp_exchange *exchange)
{
	if (!exchange->count)
		return MMP_EXCHANGE_DONE;
	if (exchange->answered < exchange->begun &&
	    exchange->calls[exchange->answered].ready)
		respond(exchange);
	else if (exchange->begun < exchange->count &&
		 exchange->waiting < MMP_BATCH_WAITING_MAX)
		begin_next(exchange);
	else
		return MMP_EXCHANGE_WAITING;
	return exchange->answered < exchange->count ? MMP_EXCHANGE_MORE
						    : finish_answer(exchange);
}
