/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <string.h>

#include "wire/message.h"

static const struct wire_board sample = {
	.version = WIRE_VERSION,
	.flags = WIRE_BOARD_LIVE | WIRE_BOARD_COUNTS,
	.nonce = { 1, 2, 3, 4, 5, 6, 7, 8 },
	.key_count = 2,
	.keys = { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } },
	.counter = 0x12345,
	.body_max = 1024,
	.frames_max = 4,
	.staging_bytes = 0xc0000,
	.id_length = 9,
	.id = "qemu-virt",
	.live = true,
	.live_build = { 1, 2, 3, [31] = 0xff },
	.window_count = 2,
	.windows = { { 0xe100000, 0xf00000 }, { 0xfffff000, 0x1000 } },
};

static void hello_looks_the_same_in_every_version(void **state)
{
	const uint8_t want[] = { 1, 0x34, 0x12, 0, 0, 'm', 'm', 'p', '1', 4, 0, 0 };
	uint8_t body[32];
	struct wire_writer w = wire_writer(body, sizeof(body));

	(void)state;
	wire_put_header(&w, &(struct wire_header){ WIRE_HELLO, 0x1234, 0 });
	wire_put_hello(
		&w, &(struct wire_hello){ .magic = WIRE_MAGIC, .version = WIRE_VERSION });
	assert_int_equal(w.at, sizeof(want));
	assert_memory_equal(body, want, sizeof(want));
}

static void a_board_comes_back_as_it_was_put(void **state)
{
	uint8_t body[WIRE_BODY_MIN];
	struct wire_writer w = wire_writer(body, sizeof(body));
	struct wire_reader r;
	struct wire_board board;

	(void)state;
	wire_put_board(&w, &sample);
	assert_false(w.failed);
	r = wire_reader(body, w.at);
	wire_get_board(&r, &board);
	assert_true(wire_read_whole(&r));
	assert_memory_equal(&board, &sample, sizeof(board));
}

static void the_longest_board_fits_the_shortest_body(void **state)
{
	struct wire_board board = sample;
	uint8_t body[WIRE_BODY_MIN];
	struct wire_writer w = wire_writer(body, sizeof(body));

	(void)state;
	board.id_length = WIRE_ID_MAX;
	memset(board.id, 'x', WIRE_ID_MAX);
	board.flags = WIRE_BOARD_FLAGS;
	board.staging_bytes = UINT32_MAX;
	board.counter = UINT64_MAX;
	board.key_count = WIRE_KEYS_MAX;
	board.window_count = WIRE_WINDOWS_MAX;
	for (size_t i = 0; i < WIRE_WINDOWS_MAX; i++)
		board.windows[i] = (struct wire_span){ UINT64_C(0xfffffffff000),
						       UINT64_C(0xfffffffff000) };
	wire_put_header(&w, &(struct wire_header){ 0 });
	wire_put8(&w, WIRE_OK);
	wire_put_board(&w, &board);
	assert_false(w.failed);
	assert_true(w.at + WIRE_MAC_SIZE <= sizeof(body));
}

/* ... and so does the longest begin. */
static void the_longest_begin_fits_the_shortest_body(void **state)
{
	struct wire_begin begin = { .regime = WIRE_AARCH32_SHORT,
				    .length = UINT32_MAX,
				    .pool_pa = UINT64_MAX,
				    .registers[WIRE_MAIR] = UINT64_MAX,
				    .registers[WIRE_TCR] = UINT64_MAX,
				    .registers[WIRE_TTBR0] = UINT64_MAX,
				    .registers[WIRE_TTBR1] = UINT64_MAX,
				    .registers[WIRE_DACR] = UINT64_MAX,
				    .is_signed = true,
				    .id_length = WIRE_ID_MAX,
				    .counter = UINT64_MAX };
	uint8_t body[WIRE_BODY_MIN], statement[WIRE_STATEMENT_MAX];
	struct wire_writer w = wire_writer(body, sizeof(body));

	(void)state;
	memset(begin.id, 'x', WIRE_ID_MAX);
	wire_put_header(&w, &(struct wire_header){ 0 });
	wire_put_begin(&w, &begin);
	assert_false(w.failed);
	w = wire_writer(statement, sizeof(statement));
	wire_put_begin_statement(&w, &begin);
	assert_false(w.failed);
}

static void a_board_cut_short_anywhere_is_refused(void **state)
{
	uint8_t body[WIRE_BODY_MIN];
	struct wire_writer w = wire_writer(body, sizeof(body));
	struct wire_board board;

	(void)state;
	wire_put_board(&w, &sample);
	for (size_t length = 0; length < w.at; length++) {
		struct wire_reader r = wire_reader(body, length);

		wire_get_board(&r, &board);
		assert_true(r.failed);
	}
}

static void sizes_that_no_board_may_have_are_refused(void **state)
{
	const struct {
		const char *what;
		size_t at;
		uint8_t value;
	} rows[] = {
		{ "body_max below the least", 4, 0 },
		{ "body_max over the most", 4, 0x20 },
		{ "no frame at all", 5, 0 },
		{ "too many frames", 5, WIRE_FRAMES_MAX + 1 },
		{ "a varint longer than need be", 7, 0x00 },
		{ "an empty id", 16, 0 },
		{ "an id over its limit", 16, WIRE_ID_MAX + 1 },
		{ "an id with a control character", 17, 0x1b },
		{ "too many windows", 26, WIRE_WINDOWS_MAX + 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t body[WIRE_BODY_MIN];
		struct wire_writer w = wire_writer(body, sizeof(body));
		struct wire_reader r;
		struct wire_board board;

		wire_put_board(&w, &sample);
		body[rows[i].at] = rows[i].value;
		r = wire_reader(body, w.at);
		wire_get_board(&r, &board);
		if (!r.failed)
			fail_msg("accepted: %s", rows[i].what);
	}
}

static void of_another_version_only_the_version_is_read(void **state)
{
	const uint8_t body[] = { 9, 0 };
	struct wire_reader r = wire_reader(body, sizeof(body));
	struct wire_board board;

	(void)state;
	wire_get_board(&r, &board);
	assert_true(wire_read_whole(&r));
	assert_int_equal(board.version, 9);
}

static void begin_and_questions_come_back_as_they_were_put(void **state)
{
	struct wire_begin begin = { .length = 0x7000,
				    .pool_pa = 0xe1c4000,
				    .registers[WIRE_MAIR] = 0xff00ff04,
				    .registers[WIRE_TCR] = 0x480803f20,
				    .registers[WIRE_TTBR0] = 0xffff00000e1c4000 };
	struct wire_question question = { WIRE_WRITE_ACCESS, UINT64_MAX - 7 };
	uint8_t body[WIRE_BODY_MIN];
	struct wire_writer w = wire_writer(body, sizeof(body));
	struct wire_reader r;

	(void)state;
	memset(begin.build, 0xab, sizeof(begin.build));
	memset(begin.digest, 0xcd, sizeof(begin.digest));
	wire_put_begin(&w, &begin);
	wire_put_question(&w, &question);
	assert_false(w.failed);
	r = wire_reader(body, w.at);
	{
		struct wire_begin got = { 0 };
		struct wire_question asked = { 0 };

		wire_get_begin(&r, &got);
		wire_get_question(&r, &asked);
		assert_true(wire_read_whole(&r));
		assert_memory_equal(got.build, begin.build, 32);
		assert_memory_equal(got.digest, begin.digest, 32);
		assert_int_equal(got.length, begin.length);
		assert_int_equal(got.pool_pa, begin.pool_pa);
		assert_int_equal(got.registers[WIRE_MAIR], begin.registers[WIRE_MAIR]);
		assert_int_equal(got.registers[WIRE_TCR], begin.registers[WIRE_TCR]);
		assert_int_equal(got.registers[WIRE_TTBR0], begin.registers[WIRE_TTBR0]);
		assert_int_equal(asked.access, question.access);
		assert_int_equal(asked.va, question.va);
	}
}

static void varints_come_back_and_have_one_form(void **state)
{
	const struct {
		uint64_t value;
		uint8_t bytes[10];
		size_t length;
	} rows[] = {
		{ 0, { 0 }, 1 },
		{ 0x7f, { 0x7f }, 1 },
		{ 0x80, { 0x80, 0x01 }, 2 },
		{ 0xe1c4000, { 0x80, 0x80, 0xf1, 0x70 }, 4 },
		{ UINT64_MAX,
		  { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01 },
		  10 },
	};
	const struct {
		uint8_t bytes[11];
		size_t length;
	} bad[] = {
		{ { 0x80 }, 1 },
		{ { 0x80, 0x00 }, 2 },
		{ { 0x81, 0x80, 0x00 }, 3 },
		{ { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 }, 10 },
		{ { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1 }, 11 }
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t bytes[10];
		struct wire_writer w = wire_writer(bytes, sizeof(bytes));
		struct wire_reader r;

		wire_put_varint(&w, rows[i].value);
		assert_int_equal(w.at, rows[i].length);
		assert_memory_equal(bytes, rows[i].bytes, w.at);
		r = wire_reader(bytes, w.at);
		assert_int_equal(wire_get_varint(&r), rows[i].value);
		assert_true(wire_read_whole(&r));
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct wire_reader r = wire_reader(bad[i].bytes, bad[i].length);

		wire_get_varint(&r);
		assert_true(r.failed);
	}
}

static void registers_travel_as_the_regime_has_them(void **state)
{
	static const struct {
		uint8_t regime;
		unsigned int registers;
	} rows[] = { { WIRE_AARCH64, 3 },
		     { WIRE_AARCH32_LONG, 3 },
		     { WIRE_AARCH32_SHORT, 5 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct wire_begin begin = { .regime = rows[i].regime,
						  .registers[WIRE_MAIR] = 1,
						  .registers[WIRE_TCR] = 2,
						  .registers[WIRE_TTBR0] = 3,
						  .registers[WIRE_TTBR1] = 4,
						  .registers[WIRE_DACR] = 5 };
		uint8_t body[WIRE_BODY_MIN];
		struct wire_writer w = wire_writer(body, sizeof(body));
		struct wire_begin got;
		struct wire_reader r;

		wire_put_begin(&w, &begin);
		assert_int_equal(w.at, 1 + 32 + 32 + 1 + 1 + rows[i].registers);
		r = wire_reader(body, w.at);
		wire_get_begin(&r, &got);
		assert_true(wire_read_whole(&r));
		assert_int_equal(got.registers[WIRE_TTBR0], 3);
		assert_int_equal(got.registers[WIRE_TTBR1],
				 rows[i].registers > 3 ? 4 : 0);
		assert_int_equal(got.registers[WIRE_DACR], rows[i].registers > 4 ? 5 : 0);
	}
}

/* Two boards, two sessions, two counters or two builds never have the same statement. */
static void every_field_of_a_signed_begin_is_in_its_statement(void **state)
{
	struct wire_begin begins[14];
	uint8_t bytes[COUNT(begins)][WIRE_STATEMENT_MAX];

	(void)state;
	for (size_t i = 0; i < COUNT(begins); i++) {
		struct wire_begin *b = &begins[i];
		struct wire_writer w = wire_writer(bytes[i], sizeof(bytes[i]));
		uint64_t *numbers[] = { &b->pool_pa,
					&b->registers[WIRE_MAIR],
					&b->registers[WIRE_TCR],
					&b->registers[WIRE_TTBR0],
					&b->registers[WIRE_TTBR1],
					&b->registers[WIRE_DACR],
					&b->counter };

		*b = (struct wire_begin){ .length = 4096, .id_length = 2, .id = "ab" };
		memset(bytes[i], 0, sizeof(bytes[i]));
		if (i < COUNT(numbers))
			++*numbers[i];
		b->regime = i == 7;
		b->length += i == 8;
		b->id[0] = (char)(b->id[0] + (i == 9));
		b->id_length = (uint8_t)(b->id_length - (i == 10));
		b->nonce[7] = i == 11;
		b->build[31] = i == 12;
		b->digest[31] = i == 13;
		wire_put_begin_statement(&w, b);
		assert_false(w.failed);
		for (size_t other = 0; other < i; other++)
			assert_memory_not_equal(bytes[i], bytes[other],
						WIRE_STATEMENT_MAX);
	}
}

static void what_is_kept_and_tried_comes_back_as_it_was_put(void **state)
{
	static const uint8_t sizes[] = { 32, 64, 4 };

	(void)state;
	for (uint8_t kind = 0; kind < WIRE_KEEPING_COUNT; kind++)
		for (int is_signed = 0; is_signed < 2; is_signed++) {
			struct wire_keep keep = { .kind = kind, .is_signed = is_signed };
			uint8_t body[WIRE_BODY_MIN];
			struct wire_writer w = wire_writer(body, sizeof(body));
			struct wire_keep got;
			struct wire_reader r;

			memset(keep.payload, 0xaa, sizes[kind]);
			if (is_signed)
				memset(keep.signature, 0xbb, sizeof(keep.signature));
			wire_put_keep(&w, &keep);
			assert_int_equal(w.at, 1u + sizes[kind] + 1 +
						       68u * (unsigned)is_signed);
			r = wire_reader(body, w.at);
			wire_get_keep(&r, &got);
			assert_true(wire_read_whole(&r));
			assert_memory_equal(&got, &keep, sizeof(got));
		}
	{
		const struct wire_trial trial = { 1, 0x123456789abcdef0 };
		const struct wire_trial_result result = { WIRE_RAN_NOT, 0x8600000f };
		uint8_t body[WIRE_TRIAL_SIZE + WIRE_RESULT_SIZE];
		struct wire_writer w = wire_writer(body, sizeof(body));
		struct wire_trial_result got_result;
		struct wire_trial got;
		struct wire_reader r;

		wire_put_trial(&w, &trial);
		wire_put_result(&w, &result);
		assert_int_equal(w.at, sizeof(body));
		r = wire_reader(body, w.at);
		wire_get_trial(&r, &got);
		wire_get_result(&r, &got_result);
		assert_true(wire_read_whole(&r));
		assert_int_equal(got.va, trial.va);
		assert_int_equal(got_result.esr, result.esr);
	}
}

static void a_cursor_that_failed_once_stays_failed(void **state)
{
	uint8_t bytes[5] = { 1, 2, 3, 4, 5 };
	struct wire_reader r = wire_reader(bytes, sizeof(bytes));
	struct wire_writer w = wire_writer(bytes, 3);

	(void)state;
	assert_int_equal(wire_get32(&r), 0x04030201);
	assert_int_equal(wire_get16(&r), 0);
	assert_true(r.failed);
	assert_int_equal(wire_get8(&r), 0);
	wire_put32(&w, 7);
	assert_true(w.failed);
	wire_put8(&w, 7);
	assert_int_equal(w.at, 0);
	assert_int_equal(bytes[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_looks_the_same_in_every_version),
		cmocka_unit_test(a_board_comes_back_as_it_was_put),
		cmocka_unit_test(the_longest_board_fits_the_shortest_body),
		cmocka_unit_test(the_longest_begin_fits_the_shortest_body),
		cmocka_unit_test(varints_come_back_and_have_one_form),
		cmocka_unit_test(registers_travel_as_the_regime_has_them),
		cmocka_unit_test(every_field_of_a_signed_begin_is_in_its_statement),
		cmocka_unit_test(what_is_kept_and_tried_comes_back_as_it_was_put),
		cmocka_unit_test(a_board_cut_short_anywhere_is_refused),
		cmocka_unit_test(sizes_that_no_board_may_have_are_refused),
		cmocka_unit_test(of_another_version_only_the_version_is_read),
		cmocka_unit_test(begin_and_questions_come_back_as_they_were_put),
		cmocka_unit_test(a_cursor_that_failed_once_stays_failed),
	};
	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
