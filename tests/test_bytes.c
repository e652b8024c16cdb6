/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How many bytes a push takes, both directions together, until the tables are live and
 * before they are proved: of the sets that make bench compares with files.
 */
#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "bench/platforms.h"
#include "doc/build.h"
#include "link/session.h"
#include "link/trust.h"
#include "loader/core.h"

enum { PAGE = 4096, STAGING = 1 << 20, WORDS = PAGE / 8 };

#define FAR_POOL UINT64_C(0x1000200000)

static struct {
	struct loader loader;
	struct loader_port port;
	struct wire_span window, own;
	uint8_t staging[STAGING], ram[STAGING], kept[512];
	uint8_t to_host[1 << 16];
	size_t length;
	uint64_t counter;
} board;

static void send(void *context, const uint8_t *bytes, size_t length)
{
	(void)context;
	assert_true(length <= sizeof(board.to_host) - board.length);
	memcpy(board.to_host + board.length, bytes, length);
	board.length += length;
}

static void install(void *context, uint64_t pa, const uint8_t *bytes, size_t length)
{
	(void)context;
	memcpy(board.ram + (pa - board.window.base), bytes, length);
}

static void activate(void *context, const struct wire_begin *begin)
{
	(void)context, (void)begin;
}

static const uint8_t *memory(void *context, uint64_t pa)
{
	(void)context;
	return board.ram + (pa - board.window.base);
}

static bool keep(void *context, size_t at, const uint8_t *bytes, size_t length)
{
	(void)context;
	memcpy(board.kept + at, bytes, length);
	return true;
}

static uint64_t count(void *context)
{
	(void)context;
	return board.counter;
}

static bool count_to(void *context, uint64_t value)
{
	(void)context;
	board.counter = value;
	return true;
}

static void start_board(uint64_t pool_pa)
{
	memset(&board, 0, sizeof(board));
	memset(board.kept, 0xff, sizeof(board.kept));
	board.window = (struct wire_span){ pool_pa, STAGING };
	board.own = (struct wire_span){ 0, PAGE };
	board.port = (struct loader_port){ .id = "fake",
					   .windows = &board.window,
					   .window_count = 1,
					   .own = &board.own,
					   .own_count = 1,
					   .staging = board.staging,
					   .staging_bytes = STAGING,
					   .takes_unsigned = true,
					   .kept = board.kept,
					   .kept_bytes = sizeof(board.kept),
					   .memory = memory,
					   .send = send,
					   .install = install,
					   .activate = activate,
					   .keep = keep,
					   .count = count,
					   .count_to = count_to };
	loader_init(&board.loader, &board.port);
}

/* One session over a line that takes everything at once and loses nothing. */
static struct mmp_session_report run(const struct mmp_push *push,
				     const struct mmp_key_pair *pair)
{
	struct mmp_error err;
	struct mmp_session *session = mmp_session_new(push, &err);
	enum mmp_session_state state = MMP_SESSION_GREETING;
	struct mmp_session_report report;

	assert_non_null(session);
	for (uint64_t now = 1; state < MMP_SESSION_DONE; now++) {
		const uint8_t *output;
		size_t length;

		state = mmp_session_step(session, now, board.to_host, board.length);
		board.length = 0;
		if (state == MMP_SESSION_SIGNING) {
			uint8_t id[WIRE_KEY_ID_SIZE], signature[WIRE_SIGNATURE_SIZE];
			struct mmp_digest digest;

			mmp_key_id(pair->point, id);
			digest = mmp_session_statement(session, id);
			assert_int_equal(mmp_key_sign(pair, &digest, signature, &err), 0);
			mmp_session_signed(session, signature);
			continue;
		}
		output = mmp_session_output(session, &length);
		for (size_t i = 0; i < length; i++)
			loader_take(&board.loader, output[i]);
		mmp_session_sent(session, length);
	}
	if (mmp_session_error(session)->code != MMP_OK)
		fail_msg("%s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	mmp_session_free(session);
	return report;
}

static uint64_t push(const struct mmp_image *image, uint16_t number,
		     const struct mmp_key_pair *pair,
		     struct mmp_session_report *ret_report)
{
	const struct mmp_push what = { .image = image, .force = true, .number = number };

	*ret_report = run(&what, pair);
	assert_true(ret_report->activated);
	assert_memory_equal(board.ram, image->bytes, image->length);
	return ret_report->bytes_sent + ret_report->bytes_received;
}

static void a_push_takes_few_bytes(void **state)
{
	const struct {
		size_t tables;
		uint64_t most;
	} rows[] = { { 6, 256 }, { 20, 512 }, { 200, 3072 } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mmp_build *build = i ? bench_build_of_tables(rows[i].tables)
					    : bench_build(bench_qemu(0), 0xe300000);
		struct mmp_image image = bench_image(build);
		struct mmp_session_report report;
		uint64_t bytes, again;

		start_board(image.pool_pa);
		bytes = push(&image, 1, NULL, &report);
		again = push(&image, 2, NULL, &report);
		print_message("%zu tables: %u bytes, %u where the board has them\n",
			      image.length / PAGE, (unsigned int)bytes,
			      (unsigned int)again);
		assert_in_range(image.length / PAGE, rows[i].tables * 9 / 10,
				rows[i].tables * 12 / 10);
		if (bytes > rows[i].most)
			fail_msg("%zu tables take %u bytes", rows[i].tables,
				 (unsigned int)bytes);
		mmp_build_free(build);
	}
}

static void what_a_signature_takes_is_counted_apart(void **state)
{
	struct mmp_build *build = bench_build(bench_qemu(0), 0xe300000);
	struct mmp_image image = bench_image(build);
	struct wire_keep trust = { .kind = WIRE_KEEP_TRUST };
	struct mmp_session_report report;
	struct mmp_key_pair pair;
	uint64_t plain, is_signed;
	struct mmp_error err;

	(void)state;
	start_board(image.pool_pa);
	plain = push(&image, 1, NULL, &report);
	assert_int_equal(report.signature_bytes, 0);
	assert_int_equal(mmp_key_new(&pair, &err), 0);
	memcpy(trust.payload, pair.point, sizeof(pair.point));
	run(&(struct mmp_push){ .keep = &trust, .number = 2 }, &pair);
	start_board(image.pool_pa);
	run(&(struct mmp_push){ .keep = &trust, .number = 3 }, &pair);
	is_signed = push(&image, 4, &pair, &report);
	print_message("%u bytes, signed %u, of which %u are the signature's\n",
		      (unsigned int)plain, (unsigned int)is_signed,
		      (unsigned int)report.signature_bytes);
	assert_in_range(report.signature_bytes, 64, 100);
	assert_true(is_signed - plain < report.signature_bytes + 16);
	mmp_build_free(build);
}

/* Level 3 tables of pages with one kind of attributes, in no order at all. */
static void fill_with_random_frames(uint8_t *pool, size_t pages)
{
	srand(3);
	for (size_t i = 0; i < pages * WORDS; i++) {
		uint64_t frame = (uint64_t)(rand() & 0xfffff) << 12;
		uint64_t word = UINT64_C(0x60000000000703) | frame;

		for (unsigned int b = 0; b < 8; b++)
			pool[8 * i + b] = (uint8_t)(word >> 8 * b);
	}
}

/* A base table that leads nowhere, and then what nobody walks. */
static struct mmp_image image_of_bytes(const uint8_t *pool, size_t length)
{
	struct mmp_image image = { .digest = mmp_digest_of(pool, length),
				   .pool_pa = FAR_POOL,
				   .bytes = pool,
				   .length = length,
				   .registers[WIRE_TCR] = 0x480803f20,
				   .registers[WIRE_TTBR0] = FAR_POOL };

	image.id = image.digest;
	return image;
}

static void random_page_frames_take_less_than_zlib_makes_of_them(void **state)
{
	static uint8_t pool[32 * PAGE], packed[2 * sizeof(pool)];
	uLongf zlib = sizeof(packed);
	struct mmp_session_report report;
	struct mmp_image image;
	uint64_t bytes;

	(void)state;
	fill_with_random_frames(pool, 32);
	memset(pool, 0, PAGE);
	assert_int_equal(compress2(packed, &zlib, pool, sizeof(pool), 9), Z_OK);
	image = image_of_bytes(pool, sizeof(pool));
	start_board(FAR_POOL);
	bytes = push(&image, 1, NULL, &report);
	print_message("%u bytes for random frames, zlib -9 makes %u, raw %u\n",
		      (unsigned int)bytes, (unsigned int)zlib,
		      (unsigned int)sizeof(pool));
	assert_true(100 * bytes <= 85 * zlib);
}

/* Words that no run fits: at random, and of only those bytes that frames must not have. */
static void fill_without_pattern(uint8_t *pool, size_t length, bool worst)
{
	static const uint8_t bytes[] = { 0xc0, 0xdb, 0x11, 0x13 };

	for (size_t i = 0; i < length; i++)
		pool[i] = worst ? bytes[rand() % 4] : (uint8_t)rand();
}

/* Descriptors with attributes at random, every second with attributes that come back. */
static void fill_with_misleading_words(uint8_t *pool, size_t length, bool worst)
{
	for (size_t i = 0; i < length / 8; i++) {
		uint64_t frame = (uint64_t)rand() << 12 & UINT64_C(0xfffffff000);
		uint64_t word = (rand() & UINT64_C(0xfff)) | frame |
				(rand() & UINT64_C(0x7ff)) << 50 | 3;

		if (worst && i % 2)
			word = frame << 8 | 0x703;
		for (unsigned int n = 0; n < 8; n++)
			pool[8 * i + n] = (uint8_t)(word >> 8 * n);
	}
}

/*
 * What loader/README.md promises: a message of 4096 bytes carries 4080 of the pool, and
 * takes at most 4135 with its answer; hello, begin, finish and activate take the rest.
 */
static void no_tables_take_more_than_themselves_and_a_hundredth(void **state)
{
	static void (*const fills[])(uint8_t *, size_t,
				     bool) = { fill_without_pattern,
					       fill_with_misleading_words };
	static uint8_t pool[64 * PAGE];
	const uint64_t raw = sizeof(pool) - PAGE;

	(void)state;
	srand(4);
	for (int i = 0; i < 4; i++) {
		struct mmp_session_report report;
		struct mmp_image image;
		uint64_t bytes;

		fills[i / 2](pool + PAGE, raw, i % 2);
		image = image_of_bytes(pool, sizeof(pool));
		start_board(FAR_POOL);
		bytes = push(&image, 1, NULL, &report);
		print_message("%u bytes for %u without pattern\n", (unsigned int)bytes,
			      (unsigned int)raw);
		assert_true(1000 * bytes <= 1015 * raw);
		assert_true(bytes <= raw * 4135 / 4080 + 400);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_push_takes_few_bytes),
		cmocka_unit_test(what_a_signature_takes_is_counted_apart),
		cmocka_unit_test(random_page_frames_take_less_than_zlib_makes_of_them),
		cmocka_unit_test(no_tables_take_more_than_themselves_and_a_hundredth),
	};
	return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
