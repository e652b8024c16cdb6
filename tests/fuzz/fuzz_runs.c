/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "wire/runs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any words must come back; any runs must decode or be refused. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t runs[256], *back = calloc(1, size + 8);
	int64_t count = wire_runs_count(data, size);
	size_t words = size / 8, at = 0;

	while (at < words) {
		struct wire_writer w = wire_writer(runs, 11 + size % 200);
		size_t n = wire_runs_encode(data + 8 * at, words - at, &w);

		if (n == 0 || n > words - at || wire_runs_count(runs, w.at) < 0)
			abort();
		wire_runs_decode(runs, w.at, back + 8 * at);
		at += n;
	}
	if (memcmp(back, data, 8 * words) != 0)
		abort();
	free(back);
	if (count >= 0 && count < 1 << 20) {
		uint8_t *out = malloc(8 * (size_t)count + 1);

		wire_runs_decode(data, size, out);
		free(out);
	}
	return 0;
}
