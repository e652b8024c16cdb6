/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rpc/line.h"

/* Feed `text` in pieces of `piece` bytes; what comes out, each line in [], "!" for too long. */
static void run(const char *text, size_t piece, size_t max, char *out, size_t out_size)
{
	struct mmp_line_reader line;
	size_t length = strlen(text), used = 0, got_length;
	enum mmp_line_event event;
	const char *got;

	mmp_line_reader_init(&line, max);
	out[0] = '\0';
	for (size_t at = 0; at < length; at += piece) {
		size_t part = length - at < piece ? length - at : piece;

		assert_int_equal(mmp_line_reader_feed(&line, text + at, part), 0);
		while ((event = mmp_line_reader_next(&line, &got, &got_length)) ==
		       MMP_LINE_WHOLE) {
			assert_int_equal(strlen(got), got_length);
			used += (size_t)snprintf(out + used, out_size - used, "[%s]",
						 got);
		}
		if (event == MMP_LINE_LONG) {
			snprintf(out + used, out_size - used, "!");
			goto done;
		}
	}
	while ((event = mmp_line_reader_last(&line, &got, &got_length)) == MMP_LINE_WHOLE)
		used += (size_t)snprintf(out + used, out_size - used, "[%s]", got);
	if (event == MMP_LINE_LONG)
		snprintf(out + used, out_size - used, "!");
done:
	mmp_line_reader_done(&line);
}

static void bytes_in_any_pieces_become_the_same_lines(void **state)
{
	static const struct {
		const char *text, *lines;
	} rows[] = {
		{ "", "" },
		{ "one\n", "[one]" },
		{ "one\ntwo\n", "[one][two]" },
		{ "one\r\ntwo\r\n", "[one][two]" },
		{ "\n\n  \r\n one\n\n\ntwo\n\n", "[one][two]" },
		{ "one\ntwo", "[one][two]" },
		{ "one\rtwo\n", "[one\rtwo]" },
		{ "12345678\n", "[12345678]" },
		{ "12345678\r\n", "[12345678]" },
		{ "12345678", "[12345678]" },
		{ "a\n123456789\nb\n", "[a]!" },
		{ "123456789", "!" },
		{ "1234567890123", "!" },
		{ "            a\n", "[a]" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t piece = 1; piece < 12; piece++) {
			char out[128];

			run(rows[i].text, piece, 8, out, sizeof(out));
			if (strcmp(out, rows[i].lines))
				fail_msg("row %zu by %zu: %s", i, piece, out);
		}
}

static void a_long_line_in_small_pieces_takes_linear_time(void **state)
{
	enum { SIZE = 8 << 20, PIECE = 512 };
	struct mmp_line_reader line;
	char piece[PIECE];
	const char *text;
	size_t length;

	(void)state;
	memset(piece, 'x', sizeof(piece));
	mmp_line_reader_init(&line, SIZE);
	for (size_t at = 0; at < SIZE; at += PIECE) {
		assert_int_equal(mmp_line_reader_next(&line, &text, &length),
				 MMP_LINE_MORE);
		assert_int_equal(mmp_line_reader_feed(&line, piece, PIECE), 0);
		assert_int_equal(line.scanned + PIECE, line.buffer.length);
	}
	assert_int_equal(mmp_line_reader_feed(&line, "\n", 1), 0);
	assert_true(mmp_line_reader_ready(&line));
	assert_int_equal(mmp_line_reader_next(&line, &text, &length), MMP_LINE_WHOLE);
	assert_int_equal(length, SIZE);
	assert_false(mmp_line_reader_ready(&line));
	mmp_line_reader_done(&line);
}

static void the_end_of_a_line_over_the_limit_is_known(void **state)
{
	struct mmp_line_reader line;
	const char *text;
	size_t length;

	(void)state;
	mmp_line_reader_init(&line, 4);
	mmp_line_reader_feed(&line, "123456", 6);
	assert_int_equal(mmp_line_reader_next(&line, &text, &length), MMP_LINE_LONG);
	assert_false(mmp_line_reader_ended(&line));
	mmp_line_reader_feed(&line, "7\n", 2);
	assert_int_equal(mmp_line_reader_next(&line, &text, &length), MMP_LINE_LONG);
	assert_true(mmp_line_reader_ended(&line));
	mmp_line_reader_done(&line);
}

static void many_lines_fed_at_once_come_out_in_order(void **state)
{
	enum { LINES = 100000 };
	struct mmp_buffer all = MMP_BUFFER_EMPTY;
	struct mmp_line_reader line;
	const char *text;
	size_t length;

	(void)state;
	for (int i = 0; i < LINES; i++)
		mmp_buffer_printf(&all, "%d\n", i);
	mmp_line_reader_init(&line, 100);
	assert_int_equal(mmp_line_reader_feed(&line, all.bytes, all.length), 0);
	for (int i = 0; i < LINES; i++) {
		assert_int_equal(mmp_line_reader_next(&line, &text, &length),
				 MMP_LINE_WHOLE);
		assert_int_equal(atoi(text), i);
	}
	assert_int_equal(mmp_line_reader_next(&line, &text, &length), MMP_LINE_MORE);
	mmp_line_reader_done(&line);
	mmp_buffer_done(&all);
}

static void memory_is_told_and_freed_once_all_lines_are_out(void **state)
{
	struct mmp_line_reader line;
	const char *text;
	size_t length;

	(void)state;
	mmp_line_reader_init(&line, 100);
	assert_int_equal(mmp_line_reader_feed(&line, "one\ntw", 6), 0);
	assert_int_equal(mmp_line_reader_next(&line, &text, &length), MMP_LINE_WHOLE);
	assert_int_equal(mmp_line_length(&line), 2);
	assert_int_equal(mmp_line_reader_bytes(&line), 6);
	mmp_line_reader_shrink(&line, 0);
	assert_int_equal(mmp_line_length(&line), 2);
	assert_int_equal(mmp_line_reader_feed(&line, "o\n", 2), 0);
	assert_int_equal(mmp_line_reader_next(&line, &text, &length), MMP_LINE_WHOLE);
	assert_string_equal(text, "two");
	assert_int_equal(mmp_line_reader_bytes(&line), 0);
	mmp_line_reader_shrink(&line, line.buffer.capacity);
	assert_non_null(line.buffer.bytes);
	mmp_line_reader_shrink(&line, line.buffer.capacity - 1);
	assert_null(line.buffer.bytes);
	assert_int_equal(mmp_line_reader_feed(&line, "x\n", 2), 0);
	assert_int_equal(mmp_line_reader_next(&line, &text, &length), MMP_LINE_WHOLE);
	mmp_line_reader_done(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_in_any_pieces_become_the_same_lines),
		cmocka_unit_test(a_long_line_in_small_pieces_takes_linear_time),
		cmocka_unit_test(the_end_of_a_line_over_the_limit_is_known),
		cmocka_unit_test(many_lines_fed_at_once_come_out_in_order),
		cmocka_unit_test(memory_is_told_and_freed_once_all_lines_are_out),
	};

	return cmocka_run_group_tests_name("line", tests, NULL, NULL);
}
