/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "wire/runs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 4096, GUARD = 64 };

/* What was written as words comes back the same, in frames of 100 bytes. */
static void there_and_back(const uint8_t *data, size_t size, enum wire_word width)
{
	size_t words = size / width, at = 0;
	uint8_t *back = calloc(words + 1, width), runs[100];

	while (at < words) {
		struct wire_writer w = wire_writer(runs, sizeof(runs));
		size_t n =
			wire_runs_encode(data + width * at, words - at, width, true, &w);

		if (n == 0 || n > words - at || w.failed ||
		    wire_runs_decode(runs, w.at, width, back + width * at, n) !=
			    (int64_t)n)
			abort();
		at += n;
	}
	if (memcmp(back, data, width * words) != 0)
		abort();
	free(back);
}

/* Any bytes as runs: counted and written alike, and never past the room. */
static void read_any(const uint8_t *data, size_t size, enum wire_word width)
{
	static uint8_t out[8 * ROOM + GUARD];
	size_t room = size ? data[0] * 16u : 0;
	int64_t counted = wire_runs_decode(data, size, width, NULL, room), written;

	memset(out, 0xa5, sizeof(out));
	written = wire_runs_decode(data, size, width, out, room);
	if (counted != written || counted > (int64_t)room)
		abort();
	for (size_t i = width * room; i < sizeof(out); i++)
		if (out[i] != 0xa5)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	there_and_back(data, size, WIRE_LONG_WORD);
	there_and_back(data, size, WIRE_SHORT_WORD);
	read_any(data, size, WIRE_LONG_WORD);
	read_any(data, size, WIRE_SHORT_WORD);
	return 0;
}
