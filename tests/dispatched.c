/* SPDX-License-Identifier: BSD-2-Clause */
#include "dispatched.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "rpc/exchange.h"
#include "json/writer.h"

struct add {
	const char *name;
	uint64_t addr, size;
	struct mmp_optional revision;
	json_t *more, *platform;
	int kind;
	bool shared;
};

int calls;

static void tell_findings(struct mmp_call *call, bool empty)
{
	struct mmp_buffer data = MMP_BUFFER_EMPTY;
	struct mmp_writer w = MMP_WRITER(&data);

	if (!empty)
		mmp_member_take(&w, "findings", json_pack("[s]", "size"));
	mmp_call_data(call, &data);
}

static int add(struct mmp_call *call, const void *params, json_t **result,
	       struct mmp_error *err)
{
	const struct add *p = params;

	calls++;
	if (p->size % 4096) {
		tell_findings(call, p->size == 13);
		return mmp_fail(err, MMP_CONFLICT,
				"%s: size %#jx is not a multiple of 0x1000", p->name,
				(uintmax_t)p->size);
	}
	*result = json_pack("{s:s, s:b, s:i, s:I}", "added", p->name, "shared", p->shared,
			    "kind", p->kind, "addr", (json_int_t)p->addr);
	if (p->revision.given)
		json_object_set_new(*result, "revision",
				    json_integer((json_int_t)p->revision.value));
	if (p->platform)
		json_object_set(*result, "platform", p->platform);
	return 0;
}

static int nothing(struct mmp_call *call, const void *params, json_t **result,
		   struct mmp_error *err)
{
	(void)call, (void)params, (void)err;
	*result = json_true();
	return 0;
}

static int huge(struct mmp_call *call, const void *params, json_t **result,
		struct mmp_error *err)
{
	char *text = malloc(MMP_ANSWER_MAX);

	(void)call, (void)params, (void)err;
	memset(text, 'x', MMP_ANSWER_MAX);
	*result = json_stringn(text, MMP_ANSWER_MAX);
	free(text);
	return 0;
}

struct mmp_call *deferred[2];
int forgotten;

static void forget(void *data)
{
	assert_ptr_equal(data, &forgotten);
	forgotten++;
}

static int later(struct mmp_call *call, const void *params, json_t **result,
		 struct mmp_error *err)
{
	(void)params, (void)result, (void)err;
	deferred[1] = deferred[0];
	deferred[0] = call;
	return mmp_call_defer(call, forget, &forgotten);
}

/* clang-format off */
static const char *const kind_names[] = { "secure", "shared", NULL };

const struct mmp_param add_params[9] = {
	{ "name", MMP_PARAM_TEXT, offsetof(struct add, name), true, "its name", NULL },
	{ "addr", MMP_PARAM_ADDRESS, offsetof(struct add, addr), false, "where", NULL },
	{ "size", MMP_PARAM_UINT, offsetof(struct add, size), true, "bytes", NULL },
	{ "revision", MMP_PARAM_OPTIONAL, offsetof(struct add, revision), false, "of what", NULL },
	{ "more", MMP_PARAM_OBJECT, offsetof(struct add, more), false, "more", NULL },
	{ "platform", MMP_PARAM_TEXT_OR_OBJECT, offsetof(struct add, platform), false, "of", NULL },
	{ "kind", MMP_PARAM_CHOICE, offsetof(struct add, kind), false, "which", kind_names },
	{ "shared", MMP_PARAM_FLAG, offsetof(struct add, shared), false, "with others", NULL },
	{ 0 },
};

const struct mmp_method methods[5] = {
	{ "region.add", "Register a region", add_params, sizeof(struct add), NULL, MMP_WRITE, add },
	{ "service.nothing", "Do nothing", NULL, 0, NULL, MMP_READ, nothing },
	{ "service.huge", "Answer too much", NULL, 0, NULL, MMP_READ, huge },
	{ "service.later", "Answer later", NULL, 0, NULL, MMP_READ, later },
	{ 0 },
};
/* clang-format on */

void on_resume(void *owner)
{
	++*(int *)owner;
}

char *ask(const char *line, size_t length)
{
	struct mmp_exchange exchange;
	int resumed = 0;
	char *answer;

	mmp_exchange_init(&exchange, methods, NULL, NULL, on_resume, &resumed);
	mmp_exchange_start(&exchange, line, length);
	while (mmp_exchange_step(&exchange) == MMP_EXCHANGE_MORE)
		;
	answer = strdup(exchange.answer.length ? exchange.answer.bytes : "");
	mmp_exchange_done(&exchange);
	return answer;
}

char *quoted(const char *from)
{
	char *text = strdup(from);

	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	return text;
}

int code_of(const char *answer)
{
	json_t *value = json_loads(answer, 0, NULL);
	int code = 0;

	json_unpack(value, "{s:{s:i}}", "error", "code", &code);
	json_decref(value);
	return code;
}
