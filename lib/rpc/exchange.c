/* SPDX-License-Identifier: BSD-2-Clause */
#include "rpc/exchange.h"

#include "base/limits.h"
#include "json/text.h"

static void resumed(void *data)
{
	struct mmp_exchange *exchange = data;

	exchange->answered = true;
	exchange->resume(exchange->owner);
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
	exchange->call.resume = resumed;
	exchange->call.resumed = exchange;
}

static void drop_line(struct mmp_exchange *exchange)
{
	json_decref(exchange->line);
	exchange->line = NULL;
	exchange->next = 0;
	exchange->waiting = exchange->answered = false;
}

void mmp_exchange_done(struct mmp_exchange *exchange)
{
	struct mmp_call *call = &exchange->call;

	if (call->forget)
		call->forget(call->deferred);
	json_decref(call->result);
	json_decref(call->data);
	call->forget = NULL;
	call->result = call->data = NULL;
	drop_line(exchange);
	mmp_buffer_done(&exchange->answer);
}

static const char out_of_memory[] =
	"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32603,"
	"\"message\":\"out of memory\",\"data\":{\"kind\":\"system\"}}}";

/* The answer as a whole has a limit; a refusal in the place of what is over it has not. */
static void add_response(struct mmp_buffer *answer, json_t *response)
{
	size_t room =
		answer->length < MMP_ANSWER_MAX ? MMP_ANSWER_MAX - answer->length : 0;
	struct mmp_error err;
	json_t *refusal;

	if (response && !mmp_json_print(response, room, answer, &err))
		return;
	if (!response || err.code != MMP_TOO_LARGE) {
		mmp_buffer_text(answer, out_of_memory);
		return;
	}
	mmp_fail(&err, MMP_TOO_LARGE, "the answer is over %u bytes: ask with detail map",
		 MMP_ANSWER_MAX);
	refusal = mmp_refusal(json_object_get(response, "id"), &err, NULL);
	mmp_json_print(refusal, SIZE_MAX / 4, answer, &err);
	json_decref(refusal);
}

void mmp_exchange_refuse(struct mmp_buffer *answer, const struct mmp_error *err)
{
	json_t *refusal = mmp_refusal(NULL, err, NULL);

	add_response(answer, refusal);
	mmp_buffer_text(answer, "\n");
	json_decref(refusal);
}

void mmp_exchange_start(struct mmp_exchange *exchange, const char *text, size_t length)
{
	struct mmp_error err;
	size_t count;

	exchange->line = mmp_json_parse(text, length, MMP_VALUES_MAX, &err);
	if (!exchange->line) {
		mmp_exchange_refuse(&exchange->answer, &err);
		return;
	}
	count = json_array_size(exchange->line);
	if (!json_is_array(exchange->line) || (count && count <= MMP_BATCH_MAX))
		return;
	if (count)
		mmp_fail(&err, MMP_BAD_REQUEST,
			 "%zu requests in a batch, %d are the limit", count,
			 MMP_BATCH_MAX);
	else
		mmp_fail(&err, MMP_BAD_REQUEST, "an empty batch asks for nothing");
	mmp_exchange_refuse(&exchange->answer, &err);
	drop_line(exchange);
}

static bool is_batch(const struct mmp_exchange *exchange)
{
	return json_is_array(exchange->line);
}

static json_t *request(const struct mmp_exchange *exchange)
{
	return is_batch(exchange) ? json_array_get(exchange->line, exchange->next)
				  : exchange->line;
}

static size_t requests(const struct mmp_exchange *exchange)
{
	return is_batch(exchange) ? json_array_size(exchange->line) : 1;
}

/* A response into the line: an element of the array where a batch was asked. */
static void put(struct mmp_exchange *exchange, json_t *take_response)
{
	struct mmp_buffer *answer = &exchange->answer;

	if (take_response) {
		if (is_batch(exchange))
			mmp_buffer_text(answer, answer->length ? "," : "[");
		add_response(answer, take_response);
		json_decref(take_response);
	}
	exchange->next++;
}

static enum mmp_exchange_state finish(struct mmp_exchange *exchange)
{
	struct mmp_buffer *answer = &exchange->answer;

	if (answer->length)
		mmp_buffer_text(answer, is_batch(exchange) ? "]\n" : "\n");
	drop_line(exchange);
	return MMP_EXCHANGE_DONE;
}

enum mmp_exchange_state mmp_exchange_step(struct mmp_exchange *exchange)
{
	struct mmp_call *call = &exchange->call;
	json_t *response = NULL;

	if (!exchange->line)
		return MMP_EXCHANGE_DONE;
	if (exchange->waiting && !exchange->answered)
		return MMP_EXCHANGE_WAITING;
	if (exchange->waiting) {
		exchange->waiting = exchange->answered = false;
		response = mmp_dispatch_finish(call, request(exchange));
	} else if (mmp_dispatch(exchange->methods, call, request(exchange), &response)) {
		exchange->waiting = true;
		return MMP_EXCHANGE_WAITING;
	}
	put(exchange, response);
	return exchange->next < requests(exchange) ? MMP_EXCHANGE_MORE : finish(exchange);
}
