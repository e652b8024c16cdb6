/* SPDX-License-Identifier: BSD-2-Clause */
/* What the loader refuses, so that no request makes it write or walk where it must not. */
#include "check.h"

#include <bearssl.h>
#include <string.h>

#include "loader_talk.h"
#include "wire/runs.h"

#define GOOD_POOL (FAKE_RAM_BASE + 0x20000)
#define EPD1      (UINT64_C(1) << 23)

#define TCR(t0sz) (UINT64_C(0x480803f00) | (t0sz))

static const struct {
	const char *what;
	enum wire_status status;
	uint64_t pa, length, ttbr0, tcr; /* 0: as it was */
} refused_pools[] = {
	{ "a length that is no page", WIRE_LENGTH_BAD, GOOD_POOL, 100, 0, 0 },
	{ "longer than the staging area", WIRE_LENGTH_OVER, GOOD_POOL,
	  FAKE_STAGING + PAGE, 0, 0 },
	{ "the longest of all", WIRE_LENGTH_OVER, GOOD_POOL, 0xfffff000, 0, 0 },
	{ "not on a page", WIRE_POOL_UNALIGNED, GOOD_POOL + 8, 0, 0, 0 },
	{ "past 2^48", WIRE_POOL_WRAPS, (UINT64_C(1) << 48) - PAGE, 2 * PAGE, 0, 0 },
	{ "past 2^64", WIRE_POOL_WRAPS, UINT64_MAX - PAGE + 1, 2 * PAGE, 0, 0 },
	{ "no RAM there", WIRE_POOL_OUTSIDE, 0x40000000, 0, 0, 0 },
	{ "the first pages of memory", WIRE_POOL_OUTSIDE, PAGE, 0, 0, 0 },
	{ "just under the window", WIRE_POOL_OVER_SELF, FAKE_WINDOW - PAGE, 0, 0, 0 },
	{ "the last page sticks out", WIRE_POOL_OUTSIDE, FAKE_WINDOW_END - PAGE, 2 * PAGE,
	  0, 0 },
	{ "in the window, but over us", WIRE_POOL_OVER_SELF,
	  FAKE_RAM_BASE + FAKE_OWN_SIZE - PAGE, 0, 0, 0 },
	{ "its end over us", WIRE_POOL_OVER_SELF,
	  FAKE_RAM_BASE + FAKE_OWN_SIZE - 2 * PAGE, 2 * PAGE, 0, 0 },
	{ "ttbr0 before the pool", WIRE_TTBR0_OUTSIDE, GOOD_POOL, 0, GOOD_POOL - 32, 0 },
	{ "ttbr0 after the pool", WIRE_TTBR0_OUTSIDE, GOOD_POOL, 0, GOOD_POOL + PAGE, 0 },
	{ "ttbr0 within a table", WIRE_TTBR0_UNALIGNED, GOOD_POOL, 0, GOOD_POOL + 8, 0 },
	{ "a whole page of base table, not on a page", WIRE_TTBR0_UNALIGNED, GOOD_POOL, 0,
	  GOOD_POOL + 32, TCR(16) },
	{ "a base table of 128 bytes, not on 128", WIRE_TTBR0_UNALIGNED, GOOD_POOL, 0,
	  GOOD_POOL + 64, TCR(39) },
	{ "a base table that begins past the pool", WIRE_TTBR0_OUTSIDE, GOOD_POOL, 0,
	  GOOD_POOL + PAGE, TCR(25) },
	{ "addresses of fewer bits than there may be", WIRE_TCR_UNKNOWN, GOOD_POOL, 0, 0,
	  TCR(40) },
	{ "addresses of more bits than there may be", WIRE_TCR_UNKNOWN, GOOD_POOL, 0, 0,
	  TCR(15) },
	{ "ttbr1 in use", WIRE_TTBR1_OPEN, GOOD_POOL, 0, 0, TCR(32) & ~EPD1 },
	{ "hardware sets the access flag", WIRE_TCR_UNKNOWN, GOOD_POOL, 0, 0,
	  TCR(32) | UINT64_C(1) << 39 },
	{ "hardware sets the dirty state", WIRE_TCR_UNKNOWN, GOOD_POOL, 0, 0,
	  TCR(32) | UINT64_C(1) << 40 },
	{ "granules of 64 KiB", WIRE_TCR_UNKNOWN, GOOD_POOL, 0, 0, TCR(32) | 1 << 14 },
	{ "granules of 16 KiB", WIRE_TCR_UNKNOWN, GOOD_POOL, 0, 0, TCR(32) | 2 << 14 },
	{ "addresses of 52 bits", WIRE_TCR_UNKNOWN, GOOD_POOL, 0, 0,
	  TCR(32) | UINT64_C(1) << 59 },
	{ "every bit", WIRE_TCR_UNKNOWN, GOOD_POOL, 0, 0, UINT64_MAX },
};

/* Each row changes one thing of a begin that is otherwise good. */
static void a_pool_that_may_not_be_is_refused(void **state)
{
	(void)state;
	assert_int_equal(greet(SESSION), WIRE_OK);
	for (size_t i = 0; i < COUNT(refused_pools); i++) {
		struct wire_begin begin = good();
		int status;

		begin.pool_pa = refused_pools[i].pa;
		begin.registers[WIRE_TTBR0] = refused_pools[i].ttbr0
						      ? refused_pools[i].ttbr0
						      : refused_pools[i].pa;
		if (refused_pools[i].length)
			begin.length = (uint32_t)refused_pools[i].length;
		if (refused_pools[i].tcr)
			begin.registers[WIRE_TCR] = refused_pools[i].tcr;
		status = ask_begin((uint16_t)(i + 1), &begin);
		if (status != (int)refused_pools[i].status)
			fail_msg("%s: status %d instead of %d", refused_pools[i].what,
				 status, refused_pools[i].status);
		assert_int_equal(board.loader.state, LOADER_IDLE);
	}
}

static void a_base_table_may_fill_the_end_of_the_pool(void **state)
{
	const struct {
		unsigned int t0sz, bytes;
	} rows[] = { { 16, 4096 }, { 20, 256 },  { 25, 4096 }, { 32, 32 },
		     { 33, 16 },   { 34, 4096 }, { 39, 128 } };

	(void)state;
	assert_int_equal(greet(SESSION), WIRE_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct wire_begin begin = good();

		begin.registers[WIRE_TCR] = TCR(rows[i].t0sz);
		begin.registers[WIRE_TTBR0] =
			begin.pool_pa + begin.length - rows[i].bytes;
		if (ask_begin((uint16_t)(2 * i), &begin) != WIRE_OK)
			fail_msg("T0SZ %u: a base table of %u bytes", rows[i].t0sz,
				 rows[i].bytes);
		begin.registers[WIRE_TTBR0] += rows[i].bytes / 2;
		assert_int_equal(ask_begin((uint16_t)(2 * i + 1), &begin),
				 WIRE_TTBR0_UNALIGNED);
	}
}

/* Under the number of a begin that was accepted, too. */
static void nothing_of_a_begin_escapes_the_checks_when_it_is_said_again(void **state)
{
	struct wire_begin begins[] = { good(), good(), good(), good() };
	const enum wire_status status[] = { WIRE_LENGTH_OVER, WIRE_POOL_OVER_SELF,
					    WIRE_TCR_UNKNOWN, WIRE_TTBR0_OUTSIDE };
	struct wire_begin begin = good();

	(void)state;
	begins[0].length = 0xfffff000;
	begins[1].pool_pa = FAKE_RAM_BASE;
	begins[2].registers[WIRE_TCR] |= UINT64_C(1) << 39;
	begins[3].registers[WIRE_TTBR0] = 0;
	assert_int_equal(greet(SESSION), WIRE_OK);
	for (size_t i = 0; i < COUNT(begins); i++) {
		assert_int_equal(ask_begin(1, &begin), WIRE_OK);
		assert_int_equal(ask_begin(1, &begins[i]), status[i]);
	}
}

static void asid_and_cnp_of_ttbr0_are_no_part_of_its_base(void **state)
{
	struct wire_begin begin = good();

	(void)state;
	assert_int_equal(greet(SESSION), WIRE_OK);
	begin.registers[WIRE_TTBR0] |= UINT64_C(0xabcd) << 48 | 1;
	assert_int_equal(ask_begin(1, &begin), WIRE_OK);
}

/* --- tables that lead elsewhere --- */

enum { TABLES = 4 };

/* A pool with one descriptor in it, at an index of a page. */
static int push_descriptor(uint64_t tcr, uint32_t page, uint32_t index, uint64_t value)
{
	static uint8_t bytes[TABLES * PAGE];
	uint64_t base = FAKE_RAM_BASE + 0x20000;
	struct wire_begin begin = good();
	br_sha256_context context;
	char runs[10] = { LITERAL, 1 };
	uint32_t at = page * PAGE + 8 * index;
	/* Page n is reached from page n - 1, by its last entry. */
	struct {
		uint32_t at;
		uint64_t value;
	} words[] = { { PAGE - 8, (base + PAGE) | 3 },
		      { 2 * PAGE - 8, (base + 2 * PAGE) | 3 },
		      { 3 * PAGE - 8, (base + 3 * PAGE) | 3 },
		      { at, value } };

	memset(bytes, 0, sizeof(bytes));
	begin.length = sizeof(bytes);
	begin.registers[WIRE_TCR] = tcr;
	begin.registers[WIRE_TTBR0] = base;
	for (size_t i = 0; i < COUNT(words); i++)
		for (int b = 0; b < 8; b++)
			bytes[words[i].at + (size_t)b] =
				(uint8_t)(words[i].value >> 8 * b);
	br_sha256_init(&context);
	br_sha256_update(&context, bytes, sizeof(bytes));
	br_sha256_out(&context, begin.digest);
	assert_int_equal(ask_begin(1, &begin), WIRE_OK);
	for (size_t i = 0; i < COUNT(words); i++) {
		memcpy(runs + 2, bytes + words[i].at, 8);
		assert_int_equal(ask_write(2, words[i].at, runs, sizeof(runs)), WIRE_OK);
	}
	return ask_plain(3, WIRE_FINISH);
}

static void a_table_descriptor_may_only_lead_to_a_page_of_the_pool(void **state)
{
	const uint64_t base = FAKE_RAM_BASE + 0x20000, end = base + TABLES * PAGE;
	const struct {
		const char *what;
		uint32_t page, index;
		uint64_t value;
		enum wire_status status;
	} rows[] = {
		{ "to a device", 0, 5, 0x8010003, WIRE_TABLE_LEAVES },
		{ "just below the pool", 0, 5, (base - PAGE) | 3, WIRE_TABLE_LEAVES },
		{ "just behind the pool", 0, 5, end | 3, WIRE_TABLE_LEAVES },
		{ "to the last page", 0, 5, (end - PAGE) | 3, WIRE_OK },
		{ "to itself", 0, 5, base | 3, WIRE_OK },
		{ "past 2^48", 0, 5, base | UINT64_C(1) << 48 | 3, WIRE_TABLE_LEAVES },
		{ "to non-secure memory", 0, 5, base | UINT64_C(1) << 63 | 3,
		  WIRE_TABLE_LEAVES },
		{ "with all that a table may forbid", 0, 5,
		  base | UINT64_C(15) << 59 | 0xffc | 3, WIRE_OK },
		{ "a block, wherever it is", 1, 5, 0x8000001, WIRE_OK },
		{ "nothing", 0, 5, 0x8010002, WIRE_OK },
		{ "on level 1", 1, 7, 0x8010003, WIRE_TABLE_LEAVES },
		{ "on level 2", 2, 7, 0x8010003, WIRE_TABLE_LEAVES },
		{ "a page, which is no table", 3, 7, 0x8010003, WIRE_OK },
	};

	(void)state;
	assert_int_equal(greet(SESSION), WIRE_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		int status = push_descriptor(TCR(16), rows[i].page, rows[i].index,
					     rows[i].value);
		struct wire_reader r = wire_reader(answer.body, answer.length);
		struct wire_leaving leaving;

		if (status != (int)rows[i].status)
			fail_msg("%s: status %d", rows[i].what, status);
		if (status == WIRE_OK)
			continue;
		wire_take(&r, WIRE_HEADER_SIZE + 1);
		wire_get_leaving(&r, &leaving);
		assert_true(wire_read_whole(&r));
		assert_int_equal(leaving.offset, rows[i].page * PAGE + 8 * rows[i].index);
		assert_int_equal(leaving.descriptor, rows[i].value);
		assert_int_equal(board.loader.state, LOADER_RECEIVING);
	}
}

/* The same word is a table, a page, or read by nobody, as TCR_EL1.T0SZ has it. */
static void what_the_walker_never_reads_may_say_anything(void **state)
{
	const struct {
		unsigned int t0sz;
		uint32_t page, index;
		enum wire_status status;
	} rows[] = {
		{ 25, 0, 511, WIRE_TABLE_LEAVES }, /* level 1, a whole page */
		{ 32, 0, 3, WIRE_TABLE_LEAVES },   /* level 1, 4 entries */
		{ 32, 0, 4, WIRE_OK },
		{ 33, 0, 2, WIRE_OK },
		{ 34, 0, 511, WIRE_TABLE_LEAVES }, /* level 2 */
		{ 39, 0, 15, WIRE_TABLE_LEAVES },
		{ 39, 0, 16, WIRE_OK },
		{ 34, 1, 7, WIRE_OK }, /* level 3 */
		{ 32, 1, 7, WIRE_OK }, /* not led to */
	};

	(void)state;
	assert_int_equal(greet(SESSION), WIRE_OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		int status = push_descriptor(TCR(rows[i].t0sz), rows[i].page,
					     rows[i].index, 0x8010003);

		if (status != (int)rows[i].status)
			fail_msg("T0SZ %u, page %u, index %u: status %d", rows[i].t0sz,
				 rows[i].page, rows[i].index, status);
	}
}

/* --- whoever owns the line, and knows the protocol --- */

static uint64_t random_state;

static uint64_t dice(uint64_t sides)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(0x2545f4914f6cdd1d) >> 20) % sides;
}

/* Near an edge of anything, on a page or not, or anywhere. */
static uint64_t sly_address(void)
{
	static const uint64_t edges[] = { 0,
					  FAKE_RAM_BASE,
					  FAKE_WINDOW,
					  FAKE_RAM_BASE + FAKE_OWN_SIZE,
					  FAKE_WINDOW_END,
					  FAKE_RAM_BASE + FAKE_RAM_SIZE,
					  UINT64_C(1) << 32,
					  UINT64_C(1) << 48,
					  UINT64_C(1) << 63 };
	uint64_t page = FAKE_RAM_BASE + PAGE * dice(FAKE_RAM_SIZE / PAGE);

	switch (dice(4)) {
	case 0:
		return edges[dice(COUNT(edges))] + PAGE * (dice(5) - 2);
	case 1:
		return edges[dice(COUNT(edges))] + dice(64) - 32;
	default:
		return page;
	}
}

static struct wire_begin sly_begin(void)
{
	struct wire_begin begin = { .pool_pa = sly_address(),
				    .length = PAGE * (uint32_t)dice(6),
				    .registers[WIRE_MAIR] = dice(UINT64_MAX),
				    .registers[WIRE_TCR] =
					    TCR(16 + (unsigned int)dice(24)) };

	if (dice(8) == 0)
		begin.length = (uint32_t)(FAKE_STAGING + PAGE * (dice(3) - 1));
	if (dice(16) == 0)
		begin.length = (uint32_t)dice(UINT32_MAX);
	if (dice(4) == 0)
		begin.registers[WIRE_TCR] ^= UINT64_C(1) << dice(64);
	begin.registers[WIRE_TTBR0] = begin.pool_pa + PAGE * dice(4);
	if (dice(4) == 0)
		begin.registers[WIRE_TTBR0] = sly_address();
	begin.build[0] = (uint8_t)dice(256);
	return begin;
}

/* The digest of what may be in the staging area, so that some of it is activated. */
static void promise(struct wire_begin *begin)
{
	static uint8_t bytes[FAKE_STAGING];
	br_sha256_context context;
	uint32_t length = begin->length < FAKE_STAGING ? begin->length : FAKE_STAGING;

	memset(bytes, 0, length);
	memcpy(bytes, first_word, length < 8 ? length : 8);
	br_sha256_init(&context);
	br_sha256_update(&context, bytes, length);
	br_sha256_out(&context, begin->digest);
}

static int sly_write(uint16_t sequence)
{
	static const char *const runs[] = {
		"\xf2\1",           "\xf2\xff\x07",           "\xf2\xff\x03\xf2\xff\x03",
		"\xcf\xf0\1\7\2\5", "\xe0\2................", "\xe5\1"
	};
	static const uint8_t lengths[] = { 2, 3, 6, 6, 18, 2 };
	size_t which = dice(COUNT(runs));
	uint32_t offset = (uint32_t)(8 * dice(6 * PAGE / 8));

	if (dice(4) == 0)
		offset = (uint32_t)(UINT32_MAX - dice(64));
	if (dice(4) == 0)
		offset = board.loader.begin.length - (uint32_t)dice(64);
	return ask_write(sequence, offset, runs[which], lengths[which]);
}

static int sly_request(uint16_t sequence)
{
	struct wire_begin begin;

	switch (dice(8)) {
	case 0:
		return greet(SESSION + (dice(8) == 0));
	case 1:
	case 2:
		begin = sly_begin();
		promise(&begin);
		return ask_begin((uint16_t)dice(4), &begin);
	case 3:
		return sly_write(sequence);
	case 4:
		return write_first_word(sequence);
	case 5:
	case 6:
		return ask_plain(sequence, WIRE_FINISH);
	default:
		return ask_plain(sequence, WIRE_ACTIVATE);
	}
}

static bool all_are(const uint8_t *bytes, size_t from, size_t end, uint8_t value)
{
	for (size_t i = from; i < end; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

enum { UNTOUCHED = 0x5a };

/* What must hold after any request: by address, not as the guard computes it. */
static void check_harm(uint64_t seed)
{
	const struct wire_begin *live = &board.live;
	uint64_t base = live->registers[WIRE_TTBR0] & UINT64_C(0xfffffffffffe);

	if (!all_are(board.ram, 0, FAKE_OWN_SIZE, UNTOUCHED) ||
	    !all_are(board.ram, FAKE_WINDOW_END - FAKE_RAM_BASE, FAKE_RAM_SIZE,
		     UNTOUCHED))
		fail_msg("seed %llu: written outside", (unsigned long long)seed);
	if (board.activations &&
	    (base < live->pool_pa || base >= live->pool_pa + live->length ||
	     !(live->registers[WIRE_TCR] & EPD1) || live->registers[WIRE_TCR] >> 39 & 3))
		fail_msg("seed %llu: registers", (unsigned long long)seed);
}

static void whatever_is_asked_nothing_is_written_outside_the_window(void **state)
{
	unsigned int activations = 0;
	uint32_t longest;

	for (uint64_t seed = 1; seed <= 60; seed++) {
		setup(state);
		random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
		memset(board.ram, UNTOUCHED, sizeof(board.ram));
		memset(board.staging, UNTOUCHED, sizeof(board.staging));
		longest = 0;
		greet(SESSION);
		for (uint16_t i = 4; i < 60; i++) {
			assert_in_range(sly_request(i), WIRE_OK, WIRE_STATUS_COUNT - 1);
			if (board.loader.begin.length > longest)
				longest = board.loader.begin.length;
		}
		check_harm(seed);
		assert_true(longest <= FAKE_STAGING);
		assert_true(all_are(board.staging, longest, FAKE_STAGING, UNTOUCHED));
		activations += board.activations;
	}
	print_message("%u activations by somebody sly\n", activations);
	assert_true(activations > 15);
}

#define row(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(a_pool_that_may_not_be_is_refused),
		row(a_base_table_may_fill_the_end_of_the_pool),
		row(nothing_of_a_begin_escapes_the_checks_when_it_is_said_again),
		row(asid_and_cnp_of_ttbr0_are_no_part_of_its_base),
		row(a_table_descriptor_may_only_lead_to_a_page_of_the_pool),
		row(what_the_walker_never_reads_may_say_anything),
		row(whatever_is_asked_nothing_is_written_outside_the_window),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
