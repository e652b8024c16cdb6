/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "dispatched.h"
#include "json/text.h"

static char *nested(size_t levels)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;

	mmp_buffer_text(&text, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"region.add\","
			       "\"params\":{\"name\":\"u\",\"size\":0,\"more\":{\"a\":");
	for (size_t i = 3; i < levels; i++)
		mmp_buffer_text(&text, "[");
	mmp_buffer_text(&text, "\"[[{\\\"{{\"");
	for (size_t i = 3; i < levels; i++)
		mmp_buffer_text(&text, "]");
	mmp_buffer_text(&text, "}}}");
	return text.bytes;
}

static void nesting_is_accepted_to_its_limit_and_refused_beyond(void **state)
{
	static const struct {
		size_t levels;
		int code;
	} depths[] = { { 4, 0 },
		       { MMP_DEPTH_MAX, 0 },
		       { MMP_DEPTH_MAX + 1, -32700 },
		       { 1000000, -32700 } };

	(void)state;
	for (size_t i = 0; i < COUNT(depths); i++) {
		char *line = nested(depths[i].levels), *got = ask(line, strlen(line));

		if (code_of(got) != depths[i].code)
			fail_msg("%zu levels: %.200s", depths[i].levels, got);
		free(line);
		free(got);
	}
}

/* A request of so many values: itself, its 4 members, 3 of params, 1 of more, and items. */
static struct mmp_buffer of_values(size_t values)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;

	mmp_buffer_text(&text,
			"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"region.add\","
			"\"params\":{\"name\":\",[{\",\"size\":0,\"more\":{\"a\":[0");
	for (size_t i = 10; i < values; i++)
		mmp_buffer_text(&text, ",0");
	mmp_buffer_text(&text, "]}}}");
	return text;
}

static void values_are_accepted_to_their_limit_and_refused_beyond(void **state)
{
	(void)state;
	for (size_t over = 0; over < 2; over++) {
		struct mmp_buffer line = of_values(MMP_VALUES_MAX + over);
		char *got = ask(line.bytes, line.length);

		assert_int_equal(code_of(got), over ? -32003 : 0);
		free(got);
		mmp_buffer_done(&line);
	}
}

static void a_batch_is_accepted_to_its_limit_and_refused_beyond(void **state)
{
	(void)state;
	for (int over = 0; over < 2; over++) {
		struct mmp_buffer line = MMP_BUFFER_EMPTY;
		json_t *answer;
		char *got;

		for (int i = 0; i < MMP_BATCH_MAX + over; i++)
			mmp_buffer_printf(&line,
					  "%c{\"jsonrpc\":\"2.0\",\"id\":%d,"
					  "\"method\":\"service.nothing\"}",
					  i ? ',' : '[', i);
		mmp_buffer_text(&line, "]");
		got = ask(line.bytes, line.length);
		answer = json_loads(got, 0, NULL);
		if (over)
			assert_int_equal(code_of(got), -32600);
		else
			assert_int_equal(json_array_size(answer), MMP_BATCH_MAX);
		json_decref(answer);
		free(got);
		mmp_buffer_done(&line);
	}
}

static void an_answer_over_the_limit_is_refused_in_its_place(void **state)
{
	char *line = quoted("[{'jsonrpc':'2.0','id':1,'method':'service.huge'},"
			    "{'jsonrpc':'2.0','id':2,'method':'service.nothing'}]");
	char *got = ask(line, strlen(line));
	json_t *answer = json_loads(got, 0, NULL);
	const char *kind = NULL;
	int id = 0, result = 0;

	(void)state;
	assert_int_equal(json_unpack(answer, "[{s:i, s:{s:{s:s}}}, {s:b}]", "id", &id,
				     "error", "data", "kind", &kind, "result", &result),
			 0);
	assert_int_equal(id, 1);
	assert_string_equal(kind, "too-large");
	assert_true(result);
	json_decref(answer);
	free(got);
	free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nesting_is_accepted_to_its_limit_and_refused_beyond),
		cmocka_unit_test(values_are_accepted_to_their_limit_and_refused_beyond),
		cmocka_unit_test(a_batch_is_accepted_to_its_limit_and_refused_beyond),
		cmocka_unit_test(an_answer_over_the_limit_is_refused_in_its_place),
	};

	return cmocka_run_group_tests_name("dispatch_limits", tests, NULL, NULL);
}
