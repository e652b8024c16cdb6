/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "rpc/requests.h"
#include "json/text.h"

/* Memory of trees and of jansson: counted, and made to fail. */
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

static size_t allocated, missing = SIZE_MAX; /* the allocation that fails */

void *__wrap_malloc(size_t size)
{
	return allocated++ == missing ? NULL : __real_malloc(size);
}

static const char *const bad_values[] = { "\"\\u0000\"", "\"\\ud800\"",
					  "123456789012345678901", "1e400" };

/* A batch of `count` requests, each with the bad value in its params; the caller frees it. */
static char *batch(size_t count, const char *bad)
{
	struct mmp_buffer out = MMP_BUFFER_EMPTY;

	for (size_t i = 0; i < count; i++) {
		mmp_buffer_text(&out, i ? "," : "[");
		mmp_buffer_text(&out, "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":");
		mmp_buffer_text(&out, i % 2 ? bad : "1");
		mmp_buffer_text(&out, ",\"params\":[[],[],[],[],[],");
		mmp_buffer_text(&out, bad);
		mmp_buffer_text(&out, "]}");
	}
	mmp_buffer_text(&out, "]");
	return out.bytes;
}

static size_t count_marked(const struct mmp_parsed *line)
{
	const json_t *request;
	struct mmp_error err;
	size_t i, count = 0;

	json_array_foreach(mmp_parsed_root(line), i, request) {
		count += mmp_request_check(request, &err) == -1;
	}
	return count;
}

static struct mmp_parsed *parse(const char *text, struct mmp_error *err)
{
	return mmp_requests_parse(text, strlen(text), MMP_VALUES_MAX, err);
}

/* All that a line takes is in its own memory, whose bytes are what the user is charged. */
static void a_marked_line_is_in_memory_of_its_own(void **state)
{
	(void)state;
	for (size_t b = 0; b < COUNT(bad_values); b++) {
		char *text = batch(3000, bad_values[b]);
		struct mmp_error err;
		struct mmp_parsed *line;

		line = parse(text, &err);
		assert_non_null(line);
		assert_int_equal(count_marked(line), 3000);
		assert_non_null(line->chunks);
		/* A list takes more than a hundred bytes, with its table and its place. */
		assert_true(line->bytes > (size_t)3000 * 5 * 100);
		mmp_parsed_unref(line);
		free(text);
	}
}

static void use(bool arenas)
{
	if (arenas)
		mmp_parsed_use_arenas();
	else
		json_set_alloc_funcs(malloc, free);
}

/* The kept chunks are all in use, so each chunk is allocated. */
static void hold_spares(struct mmp_parsed *held[MMP_SPARE_CHUNKS + 1], const char *text)
{
	struct mmp_error err;

	for (size_t i = 0; i <= MMP_SPARE_CHUNKS; i++)
		held[i] = mmp_json_read(text, strlen(text), MMP_VALUES_MAX, &err);
}

static void let_go(struct mmp_parsed *held[MMP_SPARE_CHUNKS + 1])
{
	for (size_t i = 0; i <= MMP_SPARE_CHUNKS; i++)
		mmp_parsed_unref(held[i]);
}

/*
 * Parse with each allocation missing in turn. Returns how many were needed. No request may
 * be left without its mark, as it would be carried out with a wrong value. Lines of
 * `filling` requests use all chunks up.
 */
static size_t fail_each(const char *text, size_t requests, size_t filling)
{
	struct mmp_parsed *held[MMP_SPARE_CHUNKS + 1], *line;
	char *filler = batch(filling, "0");
	size_t failures = 0;

	do {
		struct mmp_error err = { .code = MMP_OK };

		hold_spares(held, filler);
		allocated = 0;
		missing = failures;
		line = parse(text, &err);
		missing = SIZE_MAX;
		if (line) {
			assert_int_equal(count_marked(line), requests);
		} else if (err.code != MMP_PARSE) {
			assert_int_equal(err.code, MMP_SYSTEM);
			assert_string_equal(err.text, "out of memory");
		}
		mmp_parsed_unref(line);
		let_go(held);
		failures++;
	} while (allocated >= failures);
	free(filler);
	return failures - 1;
}

static void without_memory_no_request_is_left_unmarked(void **state)
{
	(void)state;
	for (size_t b = 0; b < COUNT(bad_values); b++) {
		char *text = batch(1000, bad_values[b]);

		assert_in_range(fail_each(text, 1000, 1000), 4, 100);
		free(text);
	}
}

/* jansson allocates each piece for itself. */
static void nor_is_one_without_memory_of_its_own(void **state)
{
	char *text = batch(2, "1e400");

	(void)state;
	use(false);
	assert_in_range(fail_each(text, 2, 1), 40, 1000);
	use(true);
	free(text);
}

/* jansson says nothing if there is no memory for the first piece. */
static void a_value_that_finds_no_memory_is_not_called_bad_json(void **state)
{
	struct mmp_error err = { .code = MMP_OK };

	(void)state;
	use(false);
	allocated = missing = 0;
	assert_null(mmp_json_parse("[1]", 3, 100, &err));
	missing = SIZE_MAX;
	use(true);
	assert_int_equal(err.code, MMP_SYSTEM);
	assert_string_equal(err.text, "out of memory");
}

static int use_arenas(void **state)
{
	(void)state;
	use(true);
	return 0;
}

static int use_malloc(void **state)
{
	(void)state;
	use(false);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_marked_line_is_in_memory_of_its_own),
		cmocka_unit_test(without_memory_no_request_is_left_unmarked),
		cmocka_unit_test(nor_is_one_without_memory_of_its_own),
		cmocka_unit_test(a_value_that_finds_no_memory_is_not_called_bad_json),
	};

	return cmocka_run_group_tests(tests, use_arenas, use_malloc);
}
