/* SPDX-License-Identifier: BSD-2-Clause */
#include "clock.h"

#include <stdio.h>
#include <time.h>

void clock_text(char text[CLOCK_TEXT_SIZE])
{
	struct timespec now;
	struct tm parts;
	size_t length;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	length = strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(text + length, CLOCK_TEXT_SIZE - length, ".%03dZ",
		 (int)(now.tv_nsec / 1000000));
}

void clock_text_ago(uint64_t seconds, char text[CLOCK_TEXT_SIZE])
{
	time_t then = time(NULL) - (time_t)seconds;
	struct tm parts;

	gmtime_r(&then, &parts);
	strftime(text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
}

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t clock_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t clock_ms(void)
{
	return clock_ns() / 1000000;
}

uint64_t clock_thread_ns(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}
