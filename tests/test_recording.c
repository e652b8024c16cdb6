/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "link/replay.h"

static uint8_t pool[2 * 4096];

static const struct mmp_probe probes[] = {
	{ .va = 0x1000,
	  .access = MMP_PROBE_READ,
	  .expected = { .fault = true, .fault_status = 7 } },
	{ .va = 0x2000,
	  .access = MMP_PROBE_USER_WRITE,
	  .expected = { .pa = 0xe100000,
			.memory = 0xff,
			.shareability = 3,
			.nonsecure = true } },
};

static const struct mmp_trial trials[] = {
	{ .region = 3,
	  .level = 1,
	  .kind = MMP_TRIAL_WXN,
	  .runs = true,
	  .pages = { { 0x1000, 0xe100000, 0 }, { 0x2000, 0xe101000, 0xf } } },
};

static const struct mmp_image image = {
	.pool_pa = 0xe200000,
	.bytes = pool,
	.length = sizeof(pool),
	.registers = { 1, 2, UINT64_MAX, 4, 5 },
	.probes = probes,
	.probe_count = COUNT(probes),
	.trials = trials,
	.trial_count = COUNT(trials),
};

static const struct mmp_push push = { .image = &image,
				      .board_id = "a board",
				      .number = 0xffff,
				      .patience_ms = 15000,
				      .force = true };

static struct mmp_recording *read_back(const struct mmp_recorder *recorder)
{
	struct mmp_error err;
	struct mmp_recording *recording = mmp_recording_read(recorder->text.bytes, &err);

	if (!recording)
		fail_msg("%s", err.text);
	return recording;
}

static void what_is_written_is_read(void **state)
{
	struct mmp_recorder recorder = { 0 };
	struct mmp_recording *recording;

	(void)state;
	pool[4095] = 0xdb;
	pool[8191] = 1;
	mmp_recorder_begin(&recorder, &push, "a comment");
	mmp_recorder_bytes(&recorder, 5000, '>', pool + 4095, 1);
	mmp_recorder_bytes(&recorder, 5001, '<', pool, 0); /* nothing came: no line */
	mmp_recorder_event(&recorder, 5007, "lost the line is gone");
	recording = read_back(&recorder);
	assert_int_equal(recording->push.number, 0xffff);
	assert_true(recording->push.force && !recording->push.signs);
	assert_string_equal(recording->push.board_id, "a board");
	assert_int_equal(recording->image.length, sizeof(pool));
	assert_memory_equal(recording->image.bytes, pool, sizeof(pool));
	assert_memory_equal(recording->image.registers, image.registers,
			    sizeof(image.registers));
	assert_int_equal(recording->image.probe_count, 2);
	assert_int_equal(recording->image.probes[0].expected.fault_status, 7);
	assert_int_equal(recording->image.probes[1].access, MMP_PROBE_USER_WRITE);
	assert_true(recording->image.probes[1].expected.nonsecure);
	assert_int_equal(recording->image.trial_count, 1);
	assert_int_equal(recording->image.trials[0].pages[1].fault_status, 0xf);
	assert_int_equal(recording->event_count, 2);
	assert_int_equal(recording->events[0].bytes[0], 0xdb);
	assert_int_equal(recording->events[1].ms, 7);
	assert_string_equal(recording->events[1].text, "the line is gone");
	mmp_recording_free(recording);
	mmp_buffer_done(&recorder.text);
}

static void a_recording_stops_at_its_limit_and_is_not_gone_through(void **state)
{
	static uint8_t bytes[1 << 16];
	struct mmp_recorder recorder = { 0 };
	struct mmp_error err;
	size_t before = 0;

	(void)state;
	mmp_recorder_begin(&recorder, &push, "long");
	for (int i = 0; i < 100; i++) {
		before = recorder.is_full ? before : recorder.text.length;
		mmp_recorder_bytes(&recorder, 0, '<', bytes, sizeof(bytes));
	}
	assert_true(recorder.is_full);
	assert_true(before + 2 * sizeof(bytes) + 400 > MMP_RECORDING_MAX);
	assert_true(recorder.text.length <= MMP_RECORDING_MAX);
	assert_int_equal(recorder.text.length, before + strlen("full\n"));
	assert_null(mmp_recording_read(recorder.text.bytes, &err));
	assert_non_null(strstr(err.text, "was cut at its limit"));
	mmp_buffer_done(&recorder.text);
}

static void a_pool_over_the_limit_is_refused(void **state)
{
	char text[200];
	struct mmp_error err;

	(void)state;
	for (unsigned int over = 0; over < 2; over++) {
		struct mmp_recording *recording;

		snprintf(text, sizeof(text),
			 MMP_RECORDING_FORMAT "\npool 0x0 %u 0\n0 cancel\n",
			 MMP_RECORDING_POOL_MAX + over);
		recording = mmp_recording_read(text, &err);
		assert_int_equal(recording == NULL, over);
		mmp_recording_free(recording);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_recording_stops_at_its_limit_and_is_not_gone_through),
		cmocka_unit_test(a_pool_over_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
