/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ten thousand pushes over bad lines: the host's session against the loader's core, on a
 * simulated clock. MMP_NOISY_PUSHES is another number of them, MMP_TEST_SEED the first seed;
 * MMP_TEST_CASES, which slow builds set, makes them fewer.
 */
#include "check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/least.h"
#include "fake_board.h"
#include "link/session.h"
#include "noisy_line.h"

enum {
	PUSHES = 10000,
	IMAGES = 4,
	POOL_MAX = 8 * 4096,
	PROBES = 120,
	STEPS_MAX = 400000
};

/* What happens to a push besides noise. */
enum mishap {
	NOTHING,
	UNPLUGGED,
	DAEMON_RESTARTS,
	LOADER_RESTARTS,
	CANCELLED,
	MISHAP_COUNT
};

static const char *const mishap_names[MISHAP_COUNT] = {
	[NOTHING] = "noise only",
	[UNPLUGGED] = "unplugged and plugged in again",
	[DAEMON_RESTARTS] = "mmpd restarted",
	[LOADER_RESTARTS] = "loader restarted",
	[CANCELLED] = "cancelled",
};

static struct fake_board board;
static struct noisy_line to_board, to_host;
static struct noise noise;
static struct dice dice;
static uint64_t now_us;
static uint16_t number; /* of the last session */
static uint8_t pools[IMAGES][POOL_MAX];
static struct mmp_image images[IMAGES];
static struct mmp_probe probes[PROBES];
static const struct noise clean = { .byte_us = 87 };

static struct {
	unsigned int done, done_after_resends, silent, unanswered, lost, invalid, refused,
		cancelled;
	uint64_t spoilt, resent, seconds;
} counts[MISHAP_COUNT];

/* --- the board: nothing but a whole build ever goes live --- */

static const struct mmp_image *image_of(const uint8_t build[32])
{
	for (size_t i = 0; i < IMAGES; i++)
		if (!memcmp(images[i].id.bytes, build, 32))
			return &images[i];
	return NULL;
}

static void must_be_whole(const struct wire_begin *begin)
{
	const struct mmp_image *image = image_of(begin->build);

	assert_non_null(image);
	assert_int_equal(begin->length, image->length);
	assert_memory_equal(board.ram + (image->pool_pa - FAKE_RAM_BASE), image->bytes,
			    image->length);
	assert_memory_equal(begin->registers, image->registers, sizeof(image->registers));
}

static void (*make_live)(void *context, const struct wire_begin *begin);

static void activate(void *context, const struct wire_begin *begin)
{
	must_be_whole(begin);
	make_live(context, begin);
}

static void board_sends(void *context, const uint8_t *bytes, size_t length)
{
	(void)context;
	noisy_line_send(&to_host, &noise, &dice, now_us, bytes, length);
}

/* --- the builds: a small one, two that overlap, one of many frames --- */

static void put_word(uint8_t *pool, size_t index, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		pool[8 * index + (size_t)i] = (uint8_t)(value >> 8 * i);
}

/* A base table whose first entry leads to a table of pages, the rest pages in a row. */
static void make_image(size_t i, uint64_t pa, size_t pages, uint32_t holes)
{
	struct mmp_image *image = &images[i];

	for (size_t word = 8; word < pages * 512; word++)
		if (word >= 512 && dice_roll(&dice, 100) >= holes)
			put_word(pools[i], word,
				 UINT64_C(0x6000000e100f8f) +
					 0x1000 * (holes ? dice_roll(&dice, 65536)
							 : word));
	put_word(pools[i], 0, (pa + 0x1000) | 3);
	for (size_t page = 2; page < pages; page++)
		put_word(pools[i], 512 + page, (pa + 0x1000 * page) | 3);
	for (size_t word = 512; word < 1024; word++)
		if (word < 514 || word >= 512 + pages)
			put_word(pools[i], word, 0);
	*image = (struct mmp_image){
		.digest = mmp_digest_of(pools[i], pages * 4096),
		.pool_pa = pa,
		.bytes = pools[i],
		.length = pages * 4096,
		.registers[WIRE_MAIR] = 0xff04 + i,
		.registers[WIRE_TCR] = 0x480803f20,
		.registers[WIRE_TTBR0] = pa,
		.probes = probes,
		.probe_count = PROBES,
	};
	memset(image->id.bytes, (int)i + 1, sizeof(image->id.bytes));
}

static int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < PROBES; i++) {
		probes[i].va = 0x10000000 + 0x1000 * i;
		probes[i].access = i % 3 ? MMP_PROBE_READ : MMP_PROBE_WRITE;
		probes[i].expected = mmp_par_of(
			fake_par(probes[i].va, i % 3 ? WIRE_READ : WIRE_WRITE_ACCESS));
	}
	dice = dice_of(1);
	make_image(0, FAKE_RAM_BASE + 0x40000, 3, 0);
	make_image(1, FAKE_RAM_BASE + 0x42000, 5, 0);
	make_image(2, FAKE_RAM_BASE + 0x42000, 5, 10);
	make_image(3, FAKE_RAM_BASE + 0x80000, 8, 50);
	fake_board_init(&board);
	board.send = board_sends;
	make_live = board.port.activate;
	board.port.activate = activate;
	return 0;
}

/* --- one session on the simulated clock --- */

static struct mmp_session *start(const struct mmp_image *image)
{
	const struct mmp_push push = { .image = image,
				       .force = true,
				       .number = ++number };
	struct mmp_error err;
	struct mmp_session *session = mmp_session_new(&push, &err);

	if (!session)
		fail_msg("%s", err.text);
	return session;
}

/* Until it ends, or until the time: whichever comes first. It always does. */
static enum mmp_session_state run(struct mmp_session *session, uint64_t until_us)
{
	enum mmp_session_state state = MMP_SESSION_GREETING;
	uint8_t bytes[512];

	for (unsigned int steps = 0; now_us < until_us; steps++) {
		uint64_t deadline_ms, next;
		const uint8_t *output;
		size_t n;

		assert_true(steps < STEPS_MAX); /* it hangs */
		n = noisy_line_take(&to_board, now_us, bytes, sizeof(bytes));
		for (size_t i = 0; i < n; i++)
			loader_take(&board.loader, bytes[i]);
		n = noisy_line_take(&to_host, now_us, bytes, sizeof(bytes));
		state = mmp_session_step(session, now_us / 1000, bytes, n);
		if (state >= MMP_SESSION_DONE)
			return state;
		output = mmp_session_output(session, &n);
		noisy_line_send(&to_board, &noise, &dice, now_us, output, n);
		mmp_session_sent(session, n);
		deadline_ms = mmp_session_deadline_ms(session);
		assert_true(deadline_ms !=
			    UINT64_MAX); /* nothing would ever happen again */
		next = mmp_least(noisy_line_next_us(&to_board),
				 noisy_line_next_us(&to_host));
		next = mmp_least(next, deadline_ms * 1000);
		now_us = mmp_greatest(next, now_us + 1000); /* the session counts in ms */
	}
	return state;
}

static void restart_loader(void)
{
	static const char words[] = "\r\nNOTICE:  BL2: v2.15\r\nmmp loader: up\r\n";

	loader_init(&board.loader, &board.port); /* nothing is live, nothing staged */
	noisy_line_cut(&to_board);
	board_sends(NULL, (const uint8_t *)words, sizeof(words) - 1);
}

/* The mishap has its time; what comes after it on the same bad line is the end. */
static enum mmp_session_state mishap_happens(enum mishap mishap,
					     struct mmp_session **session,
					     const struct mmp_image *image)
{
	const struct mmp_error gone = { MMP_LINK,
					"the other end of the line has hung up" };

	if (mishap == UNPLUGGED) {
		noisy_line_cut(&to_board);
		noisy_line_cut(&to_host);
		mmp_session_lost(*session, &gone);
		return mmp_session_step(*session, now_us / 1000, NULL, 0);
	}
	if (mishap == LOADER_RESTARTS)
		restart_loader();
	if (mishap == CANCELLED)
		mmp_session_cancel(*session, now_us / 1000);
	if (mishap == DAEMON_RESTARTS) { /* what is under way comes to the next one */
		mmp_session_free(*session);
		*session = start(image);
	}
	return run(*session, UINT64_MAX);
}

static void count_end(enum mishap mishap, enum mmp_session_state state,
		      const struct mmp_session_report *report,
		      const struct mmp_error *err)
{
	counts[mishap].resent += report->frames_resent;
	counts[mishap].done += state == MMP_SESSION_DONE;
	counts[mishap].done_after_resends +=
		state == MMP_SESSION_DONE && report->frames_resent;
	if (state == MMP_SESSION_DONE)
		return;
	counts[mishap].cancelled += state == MMP_SESSION_CANCELLED;
	if (state == MMP_SESSION_CANCELLED)
		return;
	assert_int_equal(state, MMP_SESSION_FAILED);
	assert_true(strlen(err->text) > 20);
	if (strstr(err->text, "refuses"))
		counts[mishap].refused++;
	else if (strstr(err->text, "silent"))
		counts[mishap].silent++;
	else if (strstr(err->text, "no answer"))
		counts[mishap].unanswered++;
	else if (strstr(err->text, "was lost while"))
		counts[mishap].lost++;
	else
		counts[mishap].invalid++;
	/* A board refuses only what a restart of it has made senseless. */
	assert_true(err->code == MMP_LINK ||
		    (err->code == MMP_BOARD && mishap == LOADER_RESTARTS));
}

/* Whatever is still under way to the board arrives; what it answers waits for the next host. */
static void catch_up(void)
{
	uint8_t byte;

	while (noisy_line_next_us(&to_board) != UINT64_MAX) {
		now_us = mmp_greatest(now_us, noisy_line_next_us(&to_board));
		if (noisy_line_take(&to_board, now_us, &byte, 1))
			loader_take(&board.loader, byte);
	}
	now_us = mmp_greatest(now_us, to_host.busy_until_us + noise.latency_us);
}

/* On a clean line the board answers, and what it says is live is whole. */
static const struct mmp_image *look_at_board(void)
{
	struct mmp_session *session = start(NULL);
	struct mmp_session_report report;
	const struct mmp_image *live = NULL;

	catch_up();
	noise = clean;
	if (run(session, UINT64_MAX) != MMP_SESSION_DONE)
		fail_msg("the board is stranded: %s", mmp_session_error(session)->text);
	mmp_session_report(session, &report);
	if (report.board.live) {
		live = image_of(report.board.live_build);
		assert_non_null(live);
		must_be_whole(&board.live);
	}
	mmp_session_free(session);
	return live;
}

static void push_once(uint64_t seed, const struct mmp_image **live)
{
	uint64_t before_us = now_us, spoilt = to_board.spoilt + to_host.spoilt;
	const struct mmp_image *image, *before = *live;
	struct mmp_session_report report;
	enum mmp_session_state state;
	struct mmp_session *session;
	enum mishap mishap;

	dice = dice_of(seed);
	noise = noise_of(&dice);
	image = &images[dice_roll(&dice, IMAGES)];
	mishap = dice_roll(&dice, 4) ? NOTHING : 1 + dice_roll(&dice, MISHAP_COUNT - 1);
	session = start(image);
	state = run(session, mishap == NOTHING
				     ? UINT64_MAX
				     : now_us + 1000 * (uint64_t)dice_roll(&dice, 3000));
	if (state < MMP_SESSION_DONE)
		state = mishap_happens(mishap, &session, image);
	mmp_session_report(session, &report);
	count_end(mishap, state, &report, mmp_session_error(session));
	mmp_session_free(session);
	counts[mishap].spoilt += to_board.spoilt + to_host.spoilt - spoilt;
	counts[mishap].seconds += (now_us - before_us) / 1000000;

	*live = look_at_board();
	if (state == MMP_SESSION_DONE) {
		/* a loader may restart when its last answer is on its way */
		assert_true(*live == image || (!*live && mishap == LOADER_RESTARTS));
		assert_int_equal(report.proved, PROBES);
		assert_int_equal(report.difference_count, 0);
	} else {
		assert_true(*live == before || *live == image ||
			    (!*live && mishap == LOADER_RESTARTS));
	}
}

static void print_counts(uint64_t seed, uint64_t pushes)
{
	print_message("%" PRIu64 " pushes over bad lines, seeds %" PRIu64 " to %" PRIu64
		      ":\n",
		      pushes, seed, seed + pushes - 1);
	for (int m = 0; m < MISHAP_COUNT; m++)
		print_message("  %-30s verified %u (%u after resends), silent %u, "
			      "unanswered %u, "
			      "line lost %u, invalid answers %u, refused %u, cancelled "
			      "%u; %" PRIu64 " things spoilt, %" PRIu64
			      " frames resent, %" PRIu64 " s of the line's time\n",
			      mishap_names[m], counts[m].done,
			      counts[m].done_after_resends, counts[m].silent,
			      counts[m].unanswered, counts[m].lost, counts[m].invalid,
			      counts[m].refused, counts[m].cancelled, counts[m].spoilt,
			      counts[m].resent, counts[m].seconds);
}

static void every_push_ends_verified_or_in_a_clear_failure(void **state)
{
	uint64_t seed = check_setting("MMP_TEST_SEED", 20260801);
	uint64_t pushes = check_setting("MMP_NOISY_PUSHES",
					check_setting("MMP_TEST_CASES", PUSHES));
	const struct mmp_image *live = NULL;
	unsigned int done = 0;

	(void)state;
	for (uint64_t i = 0; i < pushes; i++)
		push_once(seed + i, &live);
	print_counts(seed, pushes);
	for (int m = 0; m < MISHAP_COUNT; m++)
		done += counts[m].done;
	assert_true(done > pushes * 6 / 10 && done < pushes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_push_ends_verified_or_in_a_clear_failure,
				       setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
