/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "link/telnet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* So many answers a server can get: three bytes for each option, and the port set once. */
enum { OUTPUT_MAX = 2 * 256 * 3 + 200 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* A server that says `data`, in pieces of `step` bytes; what the board is taken to have said. */
static struct mmp_telnet take(const uint8_t *data, size_t size, size_t step, uint8_t *got,
			      size_t *ret_count)
{
	struct mmp_telnet telnet;

	*ret_count = 0;
	mmp_telnet_init(&telnet, 115200);
	for (size_t i = 0; i < size; i += step)
		*ret_count += mmp_telnet_take(&telnet, data + i,
					      size - i < step ? size - i : step,
					      got + *ret_count);
	must(*ret_count <= size && telnet.output.length <= OUTPUT_MAX);
	return telnet;
}

/* Two ends that are ready: what one sends comes out of the other. */
static void come_through(const uint8_t *data, size_t size, uint8_t *got)
{
	struct mmp_telnet one, other;

	mmp_telnet_init(&one, 115200);
	mmp_telnet_init(&other, 115200);
	mmp_buffer_drop(&one.output, one.output.length);
	other.state = MMP_TELNET_READY;
	mmp_telnet_put(&one, data, size);
	must(mmp_telnet_take(&other, (const uint8_t *)one.output.bytes, one.output.length,
			     (uint8_t *)one.output.bytes) == size);
	if (size)
		memcpy(got, one.output.bytes, size);
	must(!size || !memcmp(got, data, size));
	mmp_telnet_done(&one);
	mmp_telnet_done(&other);
}

/* Any bytes from a server, whole and byte by byte; then the same bytes for the board. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *whole = malloc(size + 1), *single = malloc(size + 1);
	size_t whole_count, single_count;
	struct mmp_telnet a = take(data, size, size ? size : 1, whole, &whole_count);
	struct mmp_telnet b = take(data, size, 1, single, &single_count);

	must(a.state == b.state && whole_count == single_count);
	must(!whole_count || !memcmp(whole, single, whole_count));
	must(a.output.length == b.output.length);
	must(!memcmp(a.output.bytes, b.output.bytes, a.output.length));
	mmp_telnet_late(&a);
	must(a.state != MMP_TELNET_ASKING);
	mmp_telnet_done(&a);
	mmp_telnet_done(&b);
	come_through(data, size, whole);
	free(whole);
	free(single);
	return 0;
}
