/* SPDX-License-Identifier: BSD-2-Clause */
#include "peaks.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdatomic.h>

#include "base/buffer.h"
#include "clock.h"
#include "log.h"

/*
 * Rows that are read or written in addition to a list's own: its revision, its board, a
 * build. A revision is written in one step: those that end, and those that begin.
 */
enum { ROWS_AROUND = 16 };

static const struct peak_info infos[] = {
	[PEAK_TURN_REQUESTS] = { "turn_requests", MMP_TURN_REQUESTS },
	[PEAK_TURN_ACCEPTS] = { "turn_accepts", MMP_TURN_ACCEPTS },
	[PEAK_TURN_READ] = { "turn_read", MMP_TURN_READ },
	[PEAK_TURN_SENT] = { "turn_sent", MMP_TURN_SENT },
	[PEAK_TURN_WATCHES] = { "turn_watches", MMP_TURN_WATCHES },
	[PEAK_TURN_TASKS] = { "turn_tasks", MMP_TURN_TASKS },
	[PEAK_TURN_FREED] = { "turn_freed", MMP_TURN_FREED },
	[PEAK_ROWS] = { "rows_at_once", MMP_ROWS_AT_ONCE + ROWS_AROUND },
	[PEAK_WRITES] = { "rows_written", 2 * MMP_REGISTRATIONS_MAX + ROWS_AROUND },
	[PEAK_LOOKS] = { "looks_after_stop", MMP_LOOKS_AFTER_STOP },
};

static const char *const longest_names[] = {
	[LONGEST_TURN] = "turn", [LONGEST_STEP] = "store_step"
};

static atomic_uint_fast64_t peaks[PEAK_COUNT], times[LONGEST_COUNT];

const struct peak_info *peak_info(enum peak peak)
{
	return &infos[peak];
}

const char *longest_name(enum longest longest)
{
	return longest_names[longest];
}

static void raise_to(atomic_uint_fast64_t *value, uint64_t to)
{
	uint_fast64_t before = atomic_load_explicit(value, memory_order_relaxed);

	while (to > before &&
	       !atomic_compare_exchange_weak_explicit(
		       value, &before, to, memory_order_relaxed, memory_order_relaxed))
		continue;
}

void peak_note(enum peak peak, uint64_t count)
{
	raise_to(&peaks[peak], count);
}

uint64_t peak_get(enum peak peak)
{
	return atomic_load_explicit(&peaks[peak], memory_order_relaxed);
}

void longest_note(enum longest longest, uint64_t ns)
{
	raise_to(&times[longest], ns);
}

uint64_t longest_get(enum longest longest)
{
	return atomic_load_explicit(&times[longest], memory_order_relaxed);
}

void peaks_log(void)
{
	struct mmp_buffer text = MMP_BUFFER_EMPTY;

	for (int i = 0; i < PEAK_COUNT; i++)
		mmp_buffer_printf(&text, " %s=%" PRIu64, infos[i].name,
				  peak_get((enum peak)i));
	log_info("most at a time:%s", text.bytes ? text.bytes : "");
	mmp_buffer_done(&text);
}

/* Reading a thread's clock is a system call, so it is read once a millisecond. */
enum { LOOK_NS = 1000000 };

void loop_run(struct event_base *base)
{
	uint64_t looked = clock_ns(), before = clock_thread_ns(), now;

	do {
		event_base_loop(base, EVLOOP_ONCE);
		if (clock_ns() - looked < LOOK_NS)
			continue;
		looked = clock_ns();
		now = clock_thread_ns();
		longest_note(LONGEST_TURN, now - before);
		before = now;
	} while (!event_base_got_exit(base) && !event_base_got_break(base));
}
